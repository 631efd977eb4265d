"""The same outcome under other assumptions, all of them reported; and what is known of those who did not reply."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache, partial
from typing import Any, NamedTuple, get_args

import numpy as np
import pandas as pd

from coprod.errors import DataError
from coprod.privacy import PLANNED
from coprod.training.estimates import COLUMNS, flag_degrees
from coprod.training.imputation import estimate_imputed_change
from coprod.training.nonresponse import PATTERN_MIXTURE, STRATIFIED, estimate_extremes, estimate_under_delta
from coprod.training.ordinal import CUMULATIVE_LOGIT, IMPROVEMENT, estimate_improvement, estimate_odds
from coprod.training.problem import Frame
from coprod.training.protocol import ScaleEntry
from coprod.training.scenarios import (
    COHORT_MEANS,
    KENWARD_ROGER,
    Outcome,
    compare_waves,
    estimate_cohort_means,
    estimate_mixed,
)
from coprod.training.silence import describe_silence, tabulate_tipping, trace_silence
from coprod.training.study import Study

__all__ = ["describe_silence", "estimate_sensitivities", "tabulate_tipping", "trace_silence"]
STAFF_ONLY = "staff only"
FRAMES: tuple[Frame, ...] = get_args(Frame)
BY_MEANS: tuple[tuple[Frame, str], ...] = (("these_cohorts", STRATIFIED), ("future_cohorts", COHORT_MEANS))
DELTAS = (-0.5, -0.25, 0.0, 0.25, 0.5)
"""On a scale from 1 to 5; on others in proportion."""
EXTREMES = ("worst case", "best case")
SUPPOSED = "those who did not reply changed"
"""With these, the scenarios that put something in place of what those gave who did not reply; where the protocol says
how many were enrolled, those who never answered are among them."""
MOST_LEFT_OUT = 40
"""Cohorts up to which each is left out in turn."""


class Scenario(NamedTuple):
    """One way of estimating: its name, the frames and methods of its rows, and how."""

    name: str
    rows: Sequence[tuple[Frame, str]]
    estimate: Callable[[], pd.DataFrame]


def fills_in(scenario: str) -> bool:
    """Tell whether a scenario puts something known in place of missing scores, so that all enrolled are counted.

    Examples
    --------
    >>> fills_in("worst case"), fills_in("complete cases")
    (True, False)
    """
    return scenario in EXTREMES or scenario.startswith(SUPPOSED)


def estimate_sensitivities(study: Study, scale: str = "", wave: str = "") -> pd.DataFrame:
    """Estimate one change under other assumptions: the rows of ``sensitivity.csv``.

    As planned; without each cohort in turn; staff only; complete cases; with codes linked in other ways; every missing
    score at the worst and at the best end; missing scores imputed; those who did not reply changed by a few steps less
    and more than those who did; scores taken as ordered only; covariance unstructured; adjusted for covariates.

    Parameters
    ----------
    study : Study
        What was asked.
    scale, wave : str
        A scale and a later wave; the primary ones by default.

    Returns
    -------
    DataFrame
        ``scenario`` and :data:`coprod.training.estimates.COLUMNS`. A scenario that cannot be estimated is a row
        without numbers whose ``flag`` says why. The cumulative logit is in log odds, the probability of improvement
        a share; all else is in points.

    Raises
    ------
    DataError, UsageError
        If there is no such scale or wave.

    Examples
    --------
    >>> from coprod.training.study import read_study
    >>> found = estimate_sensitivities(read_study())
    >>> found.loc[found["frame"] == "future_cohorts", "scenario"].drop_duplicates().tolist()[:3]
    ['as planned', 'without Cohort 1', 'without Cohort 2']
    """
    entry, after = study.find_scale(scale), study.find_wave(wave)
    waves, level = study.protocol.columns.waves, study.protocol.analysis.level
    try:
        outcome = Outcome(study.score(entry.name), waves, after, level)
        rows = [row for scenario in _list_scenarios(study, outcome, entry) for row in _run(scenario)]
    except DataError as error:
        rows = [pd.DataFrame([{"scenario": PLANNED, "flag": str(error)}])]
    found = pd.concat([row.dropna(axis=1, how="all") for row in rows], ignore_index=True)
    found = found.assign(scale=entry.name, term=f"{after} - {waves[0]}", flag=found["flag"].fillna(""))
    return flag_degrees(found.reindex(columns=["scenario", *COLUMNS]))


def _run(scenario: Scenario) -> Iterator[pd.DataFrame]:
    """Estimate a scenario, or say for each frame why it cannot be."""
    try:
        yield scenario.estimate().assign(scenario=scenario.name)
    except DataError as error:
        rows = pd.DataFrame(scenario.rows, columns=["frame", "method"])
        yield rows.assign(scenario=scenario.name, flag=str(error))


def _list_scenarios(study: Study, outcome: Outcome, entry: ScaleEntry) -> Iterator[Scenario]:
    yield from _by_plan(PLANNED, lambda: outcome)
    yield from _leave_out(outcome)
    analysis, scores = study.protocol.analysis, outcome.scores
    if analysis.staff:
        yield from _by_plan(STAFF_ONLY, lambda: outcome.keep(scores["audience"].isin(analysis.staff)))
    yield from _by_plan("complete cases", outcome.keep_complete)
    if study.protocol.columns.codes == "self-generated":
        yield from _link_otherwise(study, outcome, entry)
    yield from _fill_in(study, outcome, entry)
    ends = (scores, outcome.before, outcome.after)
    yield Scenario("ordinal", _for_both(CUMULATIVE_LOGIT), partial(estimate_odds, *ends, level=outcome.level))
    improve = partial(estimate_improvement, *ends, better=entry.better, level=outcome.level)
    yield Scenario("ordinal", _for_both(IMPROVEMENT), improve)
    for frame in FRAMES:
        free = partial(estimate_mixed, outcome, frame, covariance="unstructured")
        yield Scenario("unstructured covariance", [(frame, KENWARD_ROGER)], free)
    yield from _adjust(study, outcome)


def _by_plan(name: str, find: Callable[[], Outcome], frames: tuple[Frame, ...] = FRAMES) -> Iterator[Scenario]:
    """Estimate as planned: by the mixed model, and by t on the cohorts' means."""
    for frame in frames:
        yield Scenario(name, [(frame, KENWARD_ROGER)], partial(_fit, find, frame))
    yield Scenario(name, BY_MEANS[1:], lambda: estimate_cohort_means(find()))


def _fit(find: Callable[[], Outcome], frame: Frame) -> pd.DataFrame:
    return estimate_mixed(find(), frame)


def _leave_out(outcome: Outcome) -> Iterator[Scenario]:
    cohorts = outcome.cohorts
    if not 1 < len(cohorts) <= MOST_LEFT_OUT:
        few = len(cohorts) < 2
        reason = "one cohort only: none can be left out" if few else "too many cohorts to leave out each in turn"
        yield Scenario("without each cohort in turn", [("future_cohorts", KENWARD_ROGER)], partial(_refuse, reason))
        return
    for cohort in cohorts:
        yield from _by_plan(f"without {cohort}", partial(outcome.leave_out, cohort), FRAMES[1:])


def _link_otherwise(study: Study, outcome: Outcome, entry: ScaleEntry) -> Iterator[Scenario]:
    exact, apart = study.link("exact"), study.link("unlinked")
    yield from _by_plan("exact codes only", lambda: replace(outcome, scores=exact.score(entry.name)))
    yield Scenario("codes not linked", BY_MEANS,
                   lambda: compare_waves(replace(outcome, scores=apart.score(entry.name))))  # fmt: skip


def _fill_in(study: Study, outcome: Outcome, entry: ScaleEntry) -> Iterator[Scenario]:
    """Put something in place of missing scores; imputation has nothing to go by for those who never answered."""
    analysis, level = study.protocol.analysis, outcome.level
    ends = (outcome.scores, outcome.before, outcome.after)
    low, high = entry.range
    counted: dict[str, Any] = {"level": level, "enrolled": study.enrolled}
    bounds = cache(partial(estimate_extremes, *ends, minimum=low, maximum=high, better=entry.better, **counted))
    for name in EXTREMES:
        yield Scenario(name, BY_MEANS, partial(_pick, bounds, "scenario", name))
    draw = partial(estimate_imputed_change, *ends, waves=outcome.waves, m=analysis.imputations, level=level)
    yield Scenario("multiple imputation", _for_both("rubin"), lambda: draw(rng=np.random.default_rng(analysis.seed)))
    deltas = [round(share * (high - low) / 4, 9) for share in DELTAS]
    shifted = cache(partial(estimate_under_delta, *ends, deltas, **counted))
    for delta in deltas:
        name = f"{SUPPOSED} by {f'{delta:+g}' if delta else '0'} more"
        yield Scenario(name, _for_both(PATTERN_MIXTURE), partial(_pick, shifted, "delta", delta))


def _adjust(study: Study, outcome: Outcome) -> Iterator[Scenario]:
    known = study.covariates
    names = [str(name) for name in known.columns]
    if not names:
        return
    scores = outcome.scores[["participant", "cohort", "wave", "score"]]
    renamed = known.add_prefix("covariate ") if set(names) & set(scores) else known
    joined = replace(outcome, scores=scores.join(renamed, on="participant"))
    for frame in FRAMES:
        fit = partial(estimate_mixed, joined, frame, covariates=[str(name) for name in renamed.columns])
        yield Scenario("adjusted for covariates", [(frame, KENWARD_ROGER)], fit)


def _for_both(method: str) -> list[tuple[Frame, str]]:
    return [(frame, method) for frame in FRAMES]


def _pick(estimate: Callable[[], pd.DataFrame], column: str, value: object) -> pd.DataFrame:
    found = estimate()
    return found[found[column] == value]


def _refuse(reason: str) -> pd.DataFrame:
    raise DataError(reason)
