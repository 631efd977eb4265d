"""How differently those who did not reply would have had to change to undo a result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

import numpy as np
import pandas as pd
from scipy import optimize, stats

from coprod.errors import UsageError
from coprod.training.estimates import check_level
from coprod.training.order import order_cohorts
from coprod.training.problem import Frame
from coprod.training.replies import Replies, count_replies
from coprod.training.strata import average_cohorts, find_error
from coprod.training.sums import Array

EVERYBODY = "everybody replied"
INCLUDES = "the interval includes no change as it is"
UNREACHABLE = "no change that the scale allows undoes it"
GRID = 400
"""Steps in which a tipping point is looked for, before it is closed in on."""


def find_tipping_points(
    scores: pd.DataFrame, before: str, after: str, *, minimum: float, maximum: float, level: float = 0.95,
    enrolled: Mapping[str, int] | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Find how differently the silent would have had to change for the interval to reach no change.

    Parameters
    ----------
    scores : DataFrame
        ``participant, cohort, wave, score`` of one scale.
    before, after : str
        Two waves.
    minimum, maximum : float
        Least and greatest score there can be: nobody can have changed to beyond these.
    level : float
        Confidence level.
    enrolled : mapping, optional
        How many were enrolled in each cohort, to count those who never answered among those who did not reply.

    Returns
    -------
    DataFrame
        ``frame, cohort, direction, delta, assumed, n_participants, n_silent, flag``: ``cohort`` is "all" or the only
        one that is shifted; ``direction``, "down" or "up", is that of delta, the nearest to 0 at which the interval
        of :func:`coprod.training.nonresponse.estimate_under_delta` reaches 0, and ``assumed`` is the mean change
        that those who did not reply would then have had. Where there is no such point both are missing, and
        ``flag`` says why.

    Raises
    ------
    DataError
        As :func:`coprod.training.replies.count_replies`.

    Examples
    --------
    >>> from coprod.training.study import read_study
    >>> study = read_study()
    >>> points = find_tipping_points(study.score(), "before", "later", minimum=1, maximum=5)
    >>> points[["frame", "cohort", "direction", "delta", "assumed"]].round(2).to_numpy().tolist()[0]
    ['these_cohorts', 'all', 'down', -0.32, -0.07]
    """
    check_level(level)
    if not minimum < maximum:
        raise UsageError(f"minimum {minimum:g} is not below maximum {maximum:g}; give the range of the score")
    replies = count_replies(scores, before, after, enrolled=enrolled)
    silent, rows = replies.started - replies.replied, []
    for frame in get_args(Frame):
        for cohort in (None, *order_cohorts(replies.cohort)):
            shift = replies.shift(cohort)
            for direction, reach in zip(("down", "up"), _find_reach(replies, shift, minimum, maximum), strict=True):
                delta, flag = _tip(replies, shift, frame, reach, level)
                assumed = None if delta is None else replies.assumed(delta, shift)
                counts = (int(replies.started.sum()), int(silent[shift > 0].sum()))
                rows.append((frame, cohort or "all", direction, delta, assumed, *counts, flag))
    names = ["frame", "cohort", "direction", "delta", "assumed", "n_participants", "n_silent", "flag"]
    return pd.DataFrame(rows, columns=names).astype({"delta": float, "assumed": float})


def _find_reach(replies: Replies, shift: Array, minimum: float, maximum: float) -> tuple[float, float]:
    """Return the deltas at which those who did not reply are on average at either end of the scale.

    Those without a score at the first wave may have begun at the other end, and so moved over all of the scale.
    """
    silent = (replies.started - replies.replied) * (shift > 0)
    if not silent.any():
        return 0.0, 0.0
    unseen = float((replies.unseen * (shift > 0)).sum())
    begun = float(np.nansum((silent - replies.unseen * (shift > 0)) * replies.start))
    seen = replies.assumed(0.0, shift)
    lowest, highest = ((begun + unseen * end) / silent.sum() + seen for end in (maximum, minimum))
    return min(minimum - lowest, 0.0), max(maximum - highest, 0.0)


def _tip(replies: Replies, shift: Array, frame: Frame, reach: float, level: float) -> tuple[float | None, str]:
    """Walk from 0 as far as the scale allows, until the interval reaches 0."""
    if not shift.any():
        return None, EVERYBODY
    found = average_cohorts(*replies.under(0.0, shift), frame, level)
    if found["flag"]:
        return None, str(found["flag"])
    sign = np.sign(replies.mean.mean())

    def clear(delta: float | Array) -> Array:
        """Return how far the nearer end of the interval is from 0, below 0 where it has reached it."""
        estimate, error, df = find_error(*replies.under(np.asarray(delta)[..., None], shift), frame)
        return np.asarray(sign * estimate - stats.t.ppf((1 + level) / 2, df) * error)

    if clear(0.0) <= 0:
        return None, INCLUDES
    grid = np.linspace(0, reach, GRID + 1)
    inside = clear(grid) <= 0
    if not inside.any():
        return None, UNREACHABLE
    turn = int(np.argmax(inside))
    return float(optimize.brentq(clear, grid[turn - 1], grid[turn], xtol=1e-12)), ""
