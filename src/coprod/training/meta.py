"""The cohorts' changes put together by random effects, and what a new cohort may show."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import optimize, stats

from coprod.errors import DataError
from coprod.training.effects import pair_scores
from coprod.training.estimates import check_level, t_test, table_rows
from coprod.training.sums import Array


class Pooled(NamedTuple):
    """A mean over cohorts, its Knapp-Hartung standard error, and the variance between cohorts."""

    estimate: float
    std_error: float
    tau2: float


def pool_cohorts(estimates: ArrayLike, variances: ArrayLike) -> Pooled:
    r"""Pool estimates by random effects, tau2 by REML, the standard error after Knapp and Hartung.

    With weights w = 1 / (v + tau2) the mean is sum w y / sum w and its variance
    sum w (y - mean)^2 / ((k - 1) sum w).

    Parameters
    ----------
    estimates, variances : array_like, shape (k,)
        Of the cohorts, at least two; variances above 0.

    Returns
    -------
    Pooled
        ``estimate, std_error, tau2``.

    Raises
    ------
    DataError
        If there are fewer than two cohorts or a variance is not above 0.

    References
    ----------
    Knapp, G. and Hartung, J. (2003) Improved tests for a random effects meta-regression with a single covariate.
    Statistics in Medicine 22(17): 2693-2710. doi:10.1002/sim.1482

    Examples
    --------
    >>> [round(number, 5) for number in pool_cohorts([0.2, 0.4, 0.6], [0.01, 0.01, 0.01])]
    [0.4, 0.11547, 0.03]
    """
    y, v = np.asarray(estimates, dtype=np.float64), np.asarray(variances, dtype=np.float64)
    if len(y) < 2 or not (v > 0).all():
        raise DataError(
            f"{len(y)} cohort(s), least variance {v.min():g}: pooling needs two, each with a variance above 0"
        )
    tau2 = _between(y, v)
    weights = 1 / (v + tau2)
    mean = float((weights * y).sum() / weights.sum())
    variance = (weights * (y - mean) ** 2).sum() / ((len(y) - 1) * weights.sum())
    return Pooled(mean, float(np.sqrt(variance)), tau2)


def _between(y: Array, v: Array) -> float:
    """Return the REML variance between cohorts, the root of the score, or 0."""

    def score(tau2: float) -> float:
        weights = 1 / (v + tau2)
        mean = (weights * y).sum() / weights.sum()
        fit = (weights**2 * (y - mean) ** 2).sum()
        return float(fit - weights.sum() + (weights**2).sum() / weights.sum())

    if score(0.0) <= 0:
        return 0.0
    return float(optimize.brentq(score, 0.0, 10 * float(np.ptp(y)) ** 2 + float(v.max()), xtol=1e-14, rtol=1e-12))


def estimate_pooled_change(scores: pd.DataFrame, before: str, after: str, *, level: float = 0.95) -> pd.DataFrame:
    """Pool the cohorts' mean changes, and say where a new cohort's true change may lie.

    The prediction interval takes t with k - 1 degrees of freedom and the variance tau2 plus that of the mean,
    as metafor does with Knapp-Hartung.

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
        Rows ``reml-knapp-hartung`` and ``prediction``, in the columns of
        :data:`coprod.training.estimates.COLUMNS`; flagged where tau2 is estimated at 0.

    Raises
    ------
    DataError
        If there are fewer than two cohorts with two participants whose changes vary, or the cohorts changed alike.

    Examples
    --------
    >>> from coprod.training.study import read_study
    >>> scores = read_study().score()
    >>> rows = estimate_pooled_change(scores, "before", "after")
    >>> rows[["method", "estimate", "conf_low", "conf_high"]].round(2).to_numpy().tolist()
    [['reml-knapp-hartung', 0.47, 0.25, 0.68], ['prediction', 0.47, 0.06, 0.87]]
    """
    check_level(level)
    pairs = pair_scores(scores, before, after)
    cohorts = pairs.groupby("cohort")["change"].agg(["mean", "var", "size"])
    usable = cohorts[cohorts["var"] > 0]
    if len(usable) < 2:
        raise DataError(f"{len(usable)} cohort(s) with two participants whose changes vary; pooling needs two")
    pooled = pool_cohorts(usable["mean"], usable["var"] / usable["size"])
    if pooled.std_error <= 1e-12 * max(1.0, abs(pooled.estimate)):
        raise DataError("the cohorts' mean changes are all equal: there is no spread to judge them by")
    df = len(usable) - 1
    half = float(stats.t.ppf((1 + level) / 2, df)) * float(np.sqrt(pooled.tau2 + pooled.std_error**2))
    notes = ["variance between cohorts is estimated at 0"] * (pooled.tau2 == 0)
    notes += [f"without {', '.join(map(str, cohorts.index.difference(usable.index)))}"] * (len(usable) < len(cohorts))
    people = int(usable["size"].sum())
    shared = {
        "frame": "future_cohorts", "term": f"{after} - {before}", "n_observations": 2 * people,
        "n_participants": people, "n_cohorts": len(usable), "flag": "; ".join(notes),
    }  # fmt: skip
    test = t_test(pooled.estimate, pooled.std_error, df, level)
    ends = {"estimate": pooled.estimate, "conf_low": pooled.estimate - half, "conf_high": pooled.estimate + half}
    return table_rows([
        {**shared, "method": "reml-knapp-hartung", **test},
        {**shared, "method": "prediction", "df": df, **ends},
    ])  # fmt: skip
