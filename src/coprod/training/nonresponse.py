"""What those who did not reply could have said, and what they would have had to say to undo a result."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, get_args

import pandas as pd

from coprod.errors import check_word
from coprod.training.estimates import COLUMNS, check_level
from coprod.training.problem import Frame
from coprod.training.replies import Replies, count_all, count_replies
from coprod.training.strata import average_cohorts
from coprod.training.sums import Array

PATTERN_MIXTURE = "pattern-mixture"
STRATIFIED = "stratified-t"
"""For these cohorts, the average of the cohorts' means with Welch and Satterthwaite's degrees of freedom."""
Better = Literal["higher", "lower"]
NEWCOMERS = "those who replied later and not at the start are left out"


def estimate_under_delta(
    scores: pd.DataFrame, before: str, after: str, deltas: Iterable[float], *, level: float = 0.95,
    cohort: str | None = None, enrolled: Mapping[str, int] | None = None,
) -> pd.DataFrame:  # fmt: skip
    r"""Estimate the change of everybody, if those who did not reply changed by delta more than those who did.

    Of the N_c participants of cohort c who started, or, where that is given, were enrolled, n_c replied;
    q_c = 1 - n_c / N_c; m_c and s_c are the mean and the standard deviation of their changes. The cohort's change is
    m_c + q_c delta. Future cohorts: Student's t on these G numbers. These cohorts: their mean, with variance
    sum (s_c^2 / n_c + delta^2 q_c (1 - q_c) / N_c) / G^2, which is what multiple imputation comes to when those who
    did not reply vary as those who did, and with Welch and Satterthwaite's degrees of freedom. Delta 0 takes no
    account of the score before: where those who scored low left and would have risen by more, the mixed model and
    multiple imputation see it, and delta has to.

    Parameters
    ----------
    scores : DataFrame
        ``participant, cohort, wave, score`` of one scale.
    before, after : str
        Two waves.
    deltas : iterable of float
        In points; 0 is "changed as those of their cohort who replied".
    level : float
        Confidence level.
    cohort : str, optional
        The only cohort whose silent participants differ; all by default.
    enrolled : mapping, optional
        How many were enrolled in each cohort: all of them are counted, those who never answered among those who did
        not reply. Without it whoever has a score at the first wave is.

    Returns
    -------
    DataFrame
        ``delta, assumed`` (the mean change assumed of those who did not reply; missing where everybody did),
        ``n_silent`` and :data:`coprod.training.estimates.COLUMNS`, one row per delta and frame. ``n_participants``
        counts all who started, or were enrolled; in the first case who replied at the later wave only is not among
        them, and ``flag`` says if there are such.

    Raises
    ------
    DataError
        As :func:`coprod.training.replies.count_replies`; or if the cohort is not there.

    References
    ----------
    Little, R. J. A. (1993) Pattern-mixture models for multivariate incomplete data. Journal of the American
    Statistical Association 88(421): 125-134. doi:10.1080/01621459.1993.10594302

    Examples
    --------
    >>> frame = pd.DataFrame(
    ...     {
    ...         "participant": list("aabbcddeef"),
    ...         "cohort": ["one"] * 5 + ["two"] * 5,
    ...         "wave": ["pre", "post", "pre", "post", "pre"] * 2,
    ...         "score": [2, 3, 2, 2, 3, 1, 2, 2, 4, 2],
    ...     }
    ... )
    >>> estimate_under_delta(frame, "pre", "post", [0, -1])["estimate"].round(6).tolist()
    [1.0, 1.0, 0.666667, 0.666667]
    """
    check_level(level)
    replies = count_replies(scores, before, after, enrolled=enrolled)
    shift = replies.shift(cohort)
    note = "" if shift.any() else "everybody replied"
    silent = int((replies.started - replies.replied)[shift > 0].sum())
    rows = [
        {"delta": delta, "assumed": replies.assumed(delta, shift), "n_silent": silent, "term": f"{after} - {before}",
         "method": PATTERN_MIXTURE, **_average(replies, shift, delta, frame, level, note)}
        for delta in map(float, deltas) for frame in get_args(Frame)
    ]  # fmt: skip
    return pd.DataFrame(rows).reindex(columns=["delta", "assumed", "n_silent", *COLUMNS])


def estimate_extremes(
    scores: pd.DataFrame, before: str, after: str, *, minimum: float, maximum: float, better: Better = "higher",
    level: float = 0.95, enrolled: Mapping[str, int] | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Bound the change: every missing score at the worst, then at the best, end of the scale.

    Of those with a score at the first wave it is the later score that is missing. Where all enrolled are counted,
    those without a score at the first wave are put at its best end in the worst case, and at its worst in the best.

    Parameters
    ----------
    scores : DataFrame
        ``participant, cohort, wave, score`` of one scale.
    before, after : str
        Two waves.
    minimum, maximum : float
        Least and greatest score there can be.
    better : {"higher", "lower"}
        Which end is the best.
    level : float
        Confidence level.
    enrolled : mapping, optional
        How many were enrolled in each cohort, all of whom are counted; without it those with a score at the first
        wave are.

    Returns
    -------
    DataFrame
        ``scenario`` ("worst case", "best case") and :data:`coprod.training.estimates.COLUMNS`; methods
        ``stratified-t`` for these cohorts and ``cohort-means-t`` for future ones.

    Raises
    ------
    DataError
        As :func:`coprod.training.effects.pair_scores`.

    References
    ----------
    Horowitz, J. L. and Manski, C. F. (2000) Nonparametric analysis of randomized experiments with missing covariate
    and outcome data. Journal of the American Statistical Association 95(449): 77-84.
    doi:10.1080/01621459.2000.10473902
    """
    check_word(better, get_args(Better), "direction of better")
    low, high = (minimum, maximum) if better == "higher" else (maximum, minimum)
    methods: dict[Frame, str] = {"these_cohorts": STRATIFIED, "future_cohorts": "cohort-means-t"}
    rows = []
    for scenario, ends in (("worst case", (high, low)), ("best case", (low, high))):
        filled, seen = _fill_ends(scores, {before: ends[0], after: ends[1]}, enrolled)
        replies = count_replies(filled, before, after)
        note = "everybody replied" if seen == 2 * replies.started.sum() else ""
        for frame, method in methods.items():
            numbers = _average(replies, replies.silent, 0.0, frame, level, note)
            rows.append({"scenario": scenario, "term": f"{after} - {before}", "method": method, **numbers,
                         "n_observations": seen})  # fmt: skip
    return pd.DataFrame(rows).reindex(columns=["scenario", *COLUMNS])


def _fill_ends(
    scores: pd.DataFrame, ends: Mapping[str, float], enrolled: Mapping[str, int] | None
) -> tuple[pd.DataFrame, int]:
    """Put an end of the scale in place of each missing score of two waves; say how many of those used were given.

    Those who started have their later score filled in; where all enrolled are counted, newcomers their first, and as
    many people are added to each cohort as never gave a score at either wave.
    """
    before, after = ends
    given = scores.loc[scores["score"].notna(), ["participant", "cohort", "wave", "score"]]
    given = given.astype({"participant": object, "cohort": str, "wave": str})
    given = given[given["wave"].isin(list(ends))]
    first, later = (given[given["wave"] == wave] for wave in ends)
    silent = first[~first["participant"].isin(later["participant"])]
    parts = [given, silent.assign(wave=after, score=float(ends[after]))]
    if enrolled is None:
        return pd.concat(parts), len(first) + int(later["participant"].isin(first["participant"]).sum())
    newcomers = later[~later["participant"].isin(first["participant"])]
    never = (count_all(given, enrolled) - given.groupby("cohort")["participant"].nunique()).fillna(0)
    unseen = [(f"{cohort}\0{number}", cohort) for cohort, count in enrolled.items()
              for number in range(int(never.get(cohort, count)))]  # fmt: skip
    added = pd.DataFrame(unseen, columns=["participant", "cohort"])
    parts.append(newcomers.assign(wave=before, score=float(ends[before])))
    parts += [added.assign(wave=wave, score=float(end)) for wave, end in ends.items()]
    return pd.concat([part for part in parts if len(part)]), len(given)


def _average(replies: Replies, shift: Array, delta: float, frame: Frame, level: float, note: str) -> dict[str, object]:
    """Average the cohorts' changes under delta, with the counts that every row has."""
    found = average_cohorts(*replies.under(delta, shift), frame, level)
    flags = (str(found["flag"]), NEWCOMERS if replies.newcomers.any() else "", note)
    return {
        **found, "frame": frame, "n_observations": replies.scores,
        "n_participants": int(replies.started.sum()), "n_cohorts": len(replies.cohort),
        "flag": "; ".join(filter(None, flags)),
    }  # fmt: skip
