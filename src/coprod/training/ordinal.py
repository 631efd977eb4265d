"""The change with scores taken as ordered only: log odds of a higher score, and the probability of improvement.

Distinct scores are the grades, so nothing is rounded to fit.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import pandas as pd

from coprod.errors import DataError, check_word
from coprod.training.effects import pair_scores
from coprod.training.estimates import check_level, t_test, table_rows
from coprod.training.logit import DIGITS, MOST_CELLS, fit_cumulative_logit
from coprod.training.problem import Frame
from coprod.training.strata import NO_SPREAD, average_cohorts

CUMULATIVE_LOGIT, IMPROVEMENT = "cumulative-logit", "probability-of-improvement"
Better = Literal["higher", "lower"]


def estimate_odds(scores: pd.DataFrame, before: str, after: str, *, level: float = 0.95) -> pd.DataFrame:
    r"""Estimate the change as a log odds ratio of a higher score, averaged over cohorts.

    The model is logit P(score > k) = -theta_k + cohort + cohort x wave over the participants seen at both waves, the
    thresholds the same for all cohorts; the estimate is the mean of the cohorts' log odds ratios. These cohorts:
    robust variance with participants as clusters, participants less cohorts degrees of freedom. Future cohorts:
    Student's t on the cohorts' log odds ratios.

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
        One row per frame, in the columns of :data:`coprod.training.estimates.COLUMNS`, method ``cumulative-logit``.

    Raises
    ------
    DataError
        As :func:`coprod.training.logit.fit_cumulative_logit` and :func:`coprod.training.effects.pair_scores`.

    References
    ----------
    Liu, Q., Shepherd, B. E., Li, C. and Harrell, F. E. (2017) Modeling continuous response variables using ordinal
    regression. Statistics in Medicine 36(27): 4316-4335. doi:10.1002/sim.7433

    Examples
    --------
    >>> from coprod.training.study import read_study
    >>> scores = read_study().score()
    >>> rows = estimate_odds(scores, "before", "after")
    >>> rows[["frame", "estimate", "conf_low"]].round(2).to_numpy().tolist()
    [['these_cohorts', 1.43, 1.02], ['future_cohorts', 1.43, 0.89]]
    """
    check_level(level)
    pairs = pair_scores(scores, before, after)
    names, home = np.unique(pairs["cohort"].astype(str), return_inverse=True)
    member = np.eye(len(names))[home]
    if 4 * len(pairs) * len(names) > MOST_CELLS:
        raise DataError("too many cohorts and people for the cumulative logit; read the probability of improvement")
    design = np.block([[member[:, 1:], np.zeros_like(member)], [member[:, 1:], member]])
    fit = fit_cumulative_logit([*pairs["before"], *pairs["after"]], design, [*pairs["participant"]] * 2)
    first = len(names) - 1
    odds, weights = fit.coefficients[first:], np.full(len(names), 1 / len(names))
    error = float(np.sqrt(weights @ fit.covariance[first:, first:] @ weights))
    df = max(len(pairs) - len(names), 1)
    sure = error > NO_SPREAD * max(1.0, float(np.abs(odds).max()))
    alone = {"estimate": float(odds.mean()), "flag": "no spread to judge the average by"}
    found: dict[Frame, dict[str, object]] = {
        "these_cohorts": {**t_test(float(odds.mean()), error, df, level), "flag": ""} if sure else alone,
        "future_cohorts": average_cohorts(odds, odds, odds, "future_cohorts", level),
    }
    return _finish(found, CUMULATIVE_LOGIT, pairs, f"{after} - {before}")


def estimate_improvement(
    scores: pd.DataFrame, before: str, after: str, *, better: Better = "higher", level: float = 0.95
) -> pd.DataFrame:
    r"""Estimate the probability that a participant improved, half of those who stayed the same counted in.

    Of each cohort P(after better than before) + P(equal) / 2, averaged over cohorts; one half is no change, and the
    test is against it. Ends of the interval are held at 0 and 1.

    Parameters
    ----------
    scores : DataFrame
        ``participant, cohort, wave, score`` of one scale.
    before, after : str
        Two waves.
    better : {"higher", "lower"}
        Which direction is an improvement.
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        One row per frame, in the columns of :data:`coprod.training.estimates.COLUMNS`, method
        ``probability-of-improvement``; ``estimate`` is a share, ``statistic`` and ``p_value`` are against one half.

    Raises
    ------
    DataError
        As :func:`coprod.training.effects.pair_scores`.

    References
    ----------
    Acion, L., Peterson, J. J., Temple, S. and Arndt, S. (2006) Probabilistic index: an intuitive non-parametric
    approach to measuring the size of treatment effects. Statistics in Medicine 25(4): 591-602. doi:10.1002/sim.2256

    Examples
    --------
    >>> frame = pd.DataFrame(
    ...     {
    ...         "participant": list("aabbccdd"),
    ...         "cohort": ["one"] * 4 + ["two"] * 4,
    ...         "wave": ["pre", "post"] * 4,
    ...         "score": [2, 3, 3, 3, 1, 3, 2, 3],
    ...     }
    ... )
    >>> estimate_improvement(frame, "pre", "post")["estimate"].tolist()
    [0.875, 0.875]
    """
    check_level(level)
    check_word(better, get_args(Better), "direction of better")
    pairs = pair_scores(scores, before, after)
    rise = pairs["change"].round(DIGITS) * (1 if better == "higher" else -1)
    pairs["won"] = (np.sign(rise) + 1) / 2 - 0.5
    cohorts = pairs.groupby(pairs["cohort"].astype(str))["won"].agg(["mean", "var", "size"])
    found: dict[Frame, dict[str, object]] = {}
    for frame in get_args(Frame):
        centred = average_cohorts(cohorts["mean"], cohorts["var"] / cohorts["size"], cohorts["size"] - 1, frame, level)
        moved: dict[str, object] = {
            name: min(max(float(str(centred[name])) + 0.5, 0.0), 1.0)
            for name in ("estimate", "conf_low", "conf_high")
            if name in centred
        }
        found[frame] = centred | moved
    return _finish(found, IMPROVEMENT, pairs, f"{after} - {before}")


def _finish(found: dict[Frame, dict[str, object]], method: str, pairs: pd.DataFrame, term: str) -> pd.DataFrame:
    size = {"n_observations": 2 * len(pairs), "n_participants": len(pairs), "n_cohorts": pairs["cohort"].nunique()}
    return table_rows([
        {"frame": frame, "term": term, "method": method, **numbers, **size} for frame, numbers in found.items()
    ])  # fmt: skip
