"""How well the items of a scale hang together, and what change is more than their error."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from coprod.errors import DataError
from coprod.training.estimates import check_level


class Alpha(NamedTuple):
    """Cronbach's alpha with Feldt's interval, from the participants who answered every item."""

    alpha: float
    conf_low: float
    conf_high: float
    n_participants: int
    n_items: int


def estimate_alpha(answers: pd.DataFrame, level: float = 0.95) -> Alpha:
    r"""Estimate Cronbach's alpha and Feldt's exact interval.

    alpha = k / (k - 1) (1 - sum of item variances / variance of the sum). Under the model of essentially
    tau-equivalent normal items (1 - rho) / (1 - alpha) has an F distribution with n - 1 and (n - 1)(k - 1)
    degrees of freedom.

    Parameters
    ----------
    answers : DataFrame
        One row per participant, one column per item, reverse-scored items turned
        (:func:`coprod.training.scoring.answer_matrix`, one wave of it). Rows with a missing answer are left out.
    level : float
        Confidence level.

    Returns
    -------
    Alpha
        ``alpha, conf_low, conf_high, n_participants, n_items``.

    Raises
    ------
    DataError
        If there are fewer than two items or three complete participants, or all have the same sum.

    References
    ----------
    Feldt, L. S. (1965) The approximate sampling distribution of Kuder-Richardson reliability coefficient
    twenty. Psychometrika 30(3): 357-370. doi:10.1007/BF02289499

    Examples
    --------
    >>> answers = pd.DataFrame({"c1": [1, 2, 4, 5], "c2": [2, 2, 4, 4], "c3": [1, 3, 3, 5]})
    >>> alpha = estimate_alpha(answers)
    >>> round(alpha.alpha, 3)
    0.931
    """
    check_level(level)
    complete = answers.dropna()
    n, k = complete.shape
    if k < 2 or n < 3:
        raise DataError(
            f"{k} item(s) answered by {n} participant(s): alpha needs two items, answered by at least three people"
        )
    whole = float(complete.sum(axis=1).var(ddof=1))
    if whole <= 0:
        raise DataError("every participant has the same sum: there is no variance for alpha to part")
    alpha = k / (k - 1) * (1 - float(complete.var(ddof=1).sum()) / whole)
    low, high = stats.f.ppf([(1 + level) / 2, (1 - level) / 2], n - 1, (n - 1) * (k - 1))
    return Alpha(alpha, float(1 - (1 - alpha) * low), float(1 - (1 - alpha) * high), n, k)


def check_items(answers: pd.DataFrame, minimum: float, maximum: float) -> pd.DataFrame:
    """Look at each item: how it goes with the rest, and how often it is at the end of its range.

    Parameters
    ----------
    answers : DataFrame
        As for :func:`estimate_alpha`.
    minimum, maximum : float
        Theoretical range of an answer.

    Returns
    -------
    DataFrame
        ``item, n, item_rest, n_floor, n_ceiling, flag``: the correlation with the sum of the other items
        (complete rows), how many are at either end, and a flag where the correlation is negative, which an
        item that is reverse-scored by mistake, or not although it should be, betrays.

    Examples
    --------
    >>> answers = pd.DataFrame({"c1": [1, 2, 4, 5], "c2": [2, 2, 4, 4], "c3": [5, 3, 3, 1]})
    >>> check_items(answers, 1, 5).round(2).to_dict("list")
    {'item': ['c1', 'c2', 'c3'], 'n': [4, 4, 4], 'item_rest': [-0.32, 0.71, -0.83], 'n_floor': [1, 0, 1], 'n_ceiling': \
[1, 0, 1], 'flag': ['goes against the rest: reverse-scored?', '', 'goes against the rest: reverse-scored?']}
    """
    complete = answers.dropna()
    rows = []
    for item in answers:
        own, rest = complete[item], complete.drop(columns=item).sum(axis=1)
        varies = len(complete) > 2 and own.nunique() > 1 and rest.nunique() > 1
        together = float(np.corrcoef(own, rest)[0, 1]) if varies else None
        given = answers[item].dropna()
        flag = "does not vary" if together is None else "goes against the rest: reverse-scored?" if together < 0 else ""
        ends = (int((given == minimum).sum()), int((given == maximum).sum()))
        rows.append((item, len(given), together, *ends, flag))
    return pd.DataFrame(rows, columns=["item", "n", "item_rest", "n_floor", "n_ceiling", "flag"])


def check_reliable_change(before: pd.Series, after: pd.Series, alpha: float, level: float = 0.95) -> pd.DataFrame:
    """Count who changed by more than the scale's error.

    The reliable change index is (after - before) / (sqrt(2) s sqrt(1 - alpha)), with s the standard deviation
    before; beyond the normal quantile of the level a change is called reliable.

    Parameters
    ----------
    before, after : Series
        Scores of the same participants, aligned by index.
    alpha : float
        Measured reliability, below 1.
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        ``change, participants, share`` for "up", "down" and "neither".

    Raises
    ------
    DataError
        If nobody has both scores, the scores before do not vary, or alpha is not below 1.

    References
    ----------
    Jacobson, N. S. and Truax, P. (1991) Clinical significance. Journal of Consulting and Clinical Psychology
    59(1): 12-19. doi:10.1037/0022-006X.59.1.12

    Examples
    --------
    >>> before, after = pd.Series([1.0, 2.0, 3.0, 4.0]), pd.Series([4.0, 2.0, 3.0, 4.0])
    >>> check_reliable_change(before, after, alpha=0.9)["participants"].tolist()
    [1, 0, 3]
    """
    check_level(level)
    both = pd.concat([before, after], axis=1, keys=["before", "after"], join="inner").dropna()
    spread = float(both["before"].std(ddof=1)) if len(both) > 1 else 0.0
    if not spread > 0 or not alpha < 1:
        raise DataError(
            f"{len(both)} participant(s) with both scores, their standard deviation {spread:g}, reliability {alpha:g}: "
            "a reliable change needs scores that vary and a reliability below 1"
        )
    index = (both["after"] - both["before"]) / (spread * np.sqrt(2 * (1 - alpha)))
    cut = float(stats.norm.ppf((1 + level) / 2))
    counts = [int((index > cut).sum()), int((index < -cut).sum()), int((index.abs() <= cut).sum())]
    shares = [count / len(both) for count in counts]
    return pd.DataFrame({"change": ["up", "down", "neither"], "participants": counts, "share": shares})
