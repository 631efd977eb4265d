"""The change between two waves with cohorts as the unit, and its size in standard deviations.

Everything here takes the participants seen at both waves; the mixed model takes everybody. The two
are printed together, since neither is chosen after the fact.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy import optimize, special, stats

from coprod.errors import DataError
from coprod.training.estimates import check_level, t_test, table_rows
from coprod.training.resampling import check_bootstrap, check_sign_flip
from coprod.training.robust import estimate_robust
from coprod.training.sums import sum_scores

FEW_FLIPS = 18


def pair_scores(scores: pd.DataFrame, before: str, after: str) -> pd.DataFrame:
    """Put the two scores of each participant side by side.

    Parameters
    ----------
    scores : DataFrame
        ``participant, cohort, wave, score`` of one scale.
    before, after : str
        Two waves.

    Returns
    -------
    DataFrame
        ``participant, cohort, before, after, change``, one row per participant seen at both waves,
        sorted by cohort and participant.

    Raises
    ------
    DataError
        If the scores are not valid (:func:`coprod.training.sums.sum_scores`), or fewer than two
        participants were seen at both waves.

    Examples
    --------
    >>> frame = pd.DataFrame(
    ...     {
    ...         "participant": list("aabbc"),
    ...         "cohort": "one",
    ...         "score": [1, 3, 2, 2, 5],
    ...         "wave": ["pre", "post", "pre", "post", "pre"],
    ...     }
    ... )
    >>> pair_scores(frame, "pre", "post")["change"].tolist()
    [2.0, 0.0]
    """
    waves = [str(wave) for wave in dict.fromkeys([before, after, *scores["wave"].dropna()])]
    sum_scores(scores, waves)  # refuses what cannot be paired, naming the row
    keys = ["cohort", "participant"]
    ends = [scores[scores["wave"] == wave].dropna(subset="score").set_index(keys)["score"] for wave in (before, after)]
    wide = pd.concat(ends, axis=1, keys=["before", "after"], join="inner").astype(float).sort_index().reset_index()
    if len(wide) < 2:
        raise DataError(
            f"{len(wide)} participant(s) with scores at both {before!r} and {after!r}; at least two are needed"
        )
    wide["change"] = wide["after"] - wide["before"]
    return wide[["participant", "cohort", "before", "after", "change"]]


def estimate_cohort_change(
    scores: pd.DataFrame, before: str, after: str, *, level: float = 0.95, rng: np.random.Generator | None = None
) -> pd.DataFrame:
    """Estimate the mean change with cohorts as the unit, by four methods.

    ``cr2-satterthwaite`` and ``wild-webb`` weigh participants alike, ``cohort-means-t`` and
    ``sign-flip`` weigh cohorts alike, so that their estimates differ when cohorts differ in size.

    Parameters
    ----------
    scores : DataFrame
        ``participant, cohort, wave, score`` of one scale.
    before, after : str
        Two waves.
    level : float
        Confidence level.
    rng : numpy.random.Generator, optional
        For the bootstrap, where there are too many cohorts to go through every draw.

    Returns
    -------
    DataFrame
        One row per method, in the columns of :data:`coprod.training.estimates.COLUMNS`.

    Raises
    ------
    DataError
        If there are fewer than two cohorts, or their mean changes do not vary.

    Examples
    --------
    >>> from coprod.training.study import read_study
    >>> scores = read_study().score()
    >>> rows = estimate_cohort_change(scores, "before", "after")
    >>> rows[["method", "estimate", "p_value"]].round(3).to_numpy().tolist()[:2]
    [['cr2-satterthwaite', 0.464, 0.008], ['cohort-means-t', 0.501, 0.003]]
    """
    check_level(level)
    pairs = pair_scores(scores, before, after)
    means = pairs.groupby("cohort")["change"].mean().to_numpy()
    if len(means) < 2:
        raise DataError(f"{len(means)} cohort with scores at both waves says nothing of future cohorts")
    if np.ptp(means) <= 1e-12 * max(1.0, float(np.abs(means).max())):
        raise DataError("the cohorts' mean changes are all equal: there is no spread to judge them by")
    changes, cohort = pairs["change"].to_numpy(), pairs["cohort"].to_numpy()
    robust = estimate_robust(np.ones((len(pairs), 1)), changes, cohort, [1])
    bootstrap = check_bootstrap(changes, cohort, rng=rng)
    error = float(means.std(ddof=1) / np.sqrt(len(means)))
    rows: list[dict[str, object]] = [
        {"method": "cr2-satterthwaite", **t_test(robust.estimate, robust.std_error, robust.df, level)},
        {"method": "cohort-means-t", **t_test(float(means.mean()), error, len(means) - 1, level)},
        {"method": "wild-webb", "estimate": robust.estimate, **bootstrap._asdict()},
    ]
    if len(means) <= FEW_FLIPS:
        rows.append({"method": "sign-flip", "estimate": float(means.mean()), **check_sign_flip(means)._asdict()})
    return _finish(rows, pairs, "future_cohorts", f"{after} - {before}")


def estimate_effect_size(scores: pd.DataFrame, before: str, after: str, *, level: float = 0.95) -> pd.DataFrame:
    r"""Express the mean change in standard deviations, in two ways that are always named.

    ``d-z`` divides by the standard deviation of the changes, ``d-av`` by the root of the mean of the two
    waves' variances; both are corrected for small samples by Hedges' J(n - 1). The interval of d_z inverts
    the noncentral t; that of d_av scales it by sqrt(2 (s1^2 + s2^2 - 2 s12) / (n (s1^2 + s2^2))), before
    the same correction. Participants are the unit: the interval speaks of these cohorts.

    Parameters
    ----------
    scores : DataFrame
        ``participant, cohort, wave, score`` of one scale.
    before, after : str
        Two waves.
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        Rows ``d-av`` and ``d-z``, in the columns of :data:`coprod.training.estimates.COLUMNS`.

    Raises
    ------
    DataError
        If the changes or the scores do not vary.

    References
    ----------
    Algina, J. and Keselman, H. J. (2003) Approximate confidence intervals for effect sizes. Educational and
    Psychological Measurement 63(4): 537-553. doi:10.1177/0013164403256358

    Hedges, L. V. (1981) Distribution theory for Glass's estimator of effect size. Journal of Educational
    Statistics 6(2): 107-128. doi:10.3102/10769986006002107

    Examples
    --------
    >>> from coprod.training.study import read_study
    >>> scores = read_study().score()
    >>> rows = estimate_effect_size(scores, "before", "after")
    >>> rows[["method", "estimate"]].round(2).to_numpy().tolist()
    [['d-av', 0.71], ['d-z', 0.74]]
    """
    check_level(level)
    pairs = pair_scores(scores, before, after)
    n, spread = len(pairs), float(pairs["change"].std(ddof=1))
    average = float(np.sqrt((pairs["before"].var(ddof=1) + pairs["after"].var(ddof=1)) / 2))
    if min(spread, average) <= 1e-12 * max(1.0, float(pairs[["before", "after"]].abs().to_numpy().max())):
        raise DataError("the scores or their changes do not vary: there is no standard deviation to divide by")
    mean, correction = float(pairs["change"].mean()), hedges_correction(n - 1)
    low, high = _noncentral_t_interval(mean / spread * np.sqrt(n), n - 1, level)
    rows: list[dict[str, object]] = [
        {
            "method": method,
            "estimate": correction * mean / unit,
            "conf_low": correction * low * spread / (unit * np.sqrt(n)),
            "conf_high": correction * high * spread / (unit * np.sqrt(n)),
        }
        for method, unit in (("d-av", average), ("d-z", spread))
    ]
    return _finish(rows, pairs, "these_cohorts", f"{after} - {before}")


def hedges_correction(df: int) -> float:
    """Return Hedges' J = Gamma(df / 2) / (sqrt(df / 2) Gamma((df - 1) / 2)), 0 at one degree of freedom.

    Examples
    --------
    >>> round(hedges_correction(20), 3)
    0.962
    """
    if df < 2:
        return 0.0
    return float(np.exp(special.gammaln(df / 2) - special.gammaln((df - 1) / 2)) / np.sqrt(df / 2))


def _noncentral_t_interval(statistic: float, df: int, level: float) -> tuple[float, float]:
    """Return the noncentralities at which the statistic is at the end of either tail."""
    if statistic < 0:  # scipy's noncentral t loses its way in the far left tail
        low, high = _noncentral_t_interval(-statistic, df, level)
        return -high, -low
    tail = (1 - level) / 2
    reach = 6 * float(np.sqrt(1 + statistic**2 / (2 * df)))  # standard errors of the noncentrality

    def solve(distance: Callable[[float], float]) -> float:
        return float(optimize.brentq(distance, statistic - reach, statistic + reach, xtol=1e-10))

    # far below the statistic scipy may give no number: there sf is 0 and cdf 1
    low = solve(lambda shift: float(np.nan_to_num(stats.nct.sf(statistic, df, shift), nan=0.0)) - tail)
    return low, solve(lambda shift: float(np.nan_to_num(stats.nct.cdf(statistic, df, shift), nan=1.0)) - tail)


def _finish(rows: list[dict[str, object]], pairs: pd.DataFrame, frame: str, term: str) -> pd.DataFrame:
    size = {"n_observations": 2 * len(pairs), "n_participants": len(pairs), "n_cohorts": pairs["cohort"].nunique()}
    return table_rows([{"frame": frame, "term": term, **row, **size, "flag": ""} for row in rows])
