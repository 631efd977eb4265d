"""Results under other assumptions: shown unless their difference from the plan would be a few people's result."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from types import MappingProxyType

import pandas as pd

from coprod.errors import DataError
from coprod.privacy.columns import PEOPLE, STATISTICS
from coprod.privacy.counts import find_withheld, is_small, to_int
from coprod.privacy.profiles import WITHHELD, Profile
from coprod.privacy.release import release

PLANNED = "as planned"
"""The scenario that others are held against."""
WITHOUT = "without "
"""How a scenario's name begins that leaves out the cohorts named after it."""


def release_scenarios(
    frame: pd.DataFrame, sizes: Mapping[str, int] | pd.Series, profile: Profile, *,
    left_out: Mapping[str, Collection[str]] = MappingProxyType({}), planned: str = PLANNED,
    resting: Mapping[str, int] = MappingProxyType({}),
) -> pd.DataFrame:  # fmt: skip
    """Release results of several scenarios, so that none gives away a cohort, or a few people, by differing.

    Beyond what :func:`coprod.privacy.release` does, a scenario is withheld that leaves out a cohort which a table of
    cohorts would not show, since what is planned less this scenario would be that cohort's own result; one that rests
    on a few people more or less than the plan by the same method, since the difference would be theirs; and, where the
    plan does not use the method, one that puts something in place of a few missing answers (two waves of answers less
    those there are), since what it assumes is known and so is how far it moves the result.

    Parameters
    ----------
    frame : DataFrame
        ``scenario, n_participants``, ``n_observations`` of two waves, and others of the vocabulary, not released yet.
    sizes : mapping or Series
        Participants of each cohort, as the table of cohorts counts them before it is released.
    profile : Profile
        The rules.
    left_out : mapping
        Scenario and the cohorts it leaves out, beside those named "without A" or "without A, B".
    planned : str
        The scenario of the plan.
    resting : mapping
        Scenario and the fewest people that it could tell of beyond what its own counts say, such as those who were
        enrolled and never answered; withheld where these are too few.

    Returns
    -------
    DataFrame
        As of :func:`coprod.privacy.release`.

    Raises
    ------
    DataError
        If there is no scenario or no count of participants, or as :func:`coprod.privacy.release`.

    Examples
    --------
    >>> from coprod.privacy import find_profile
    >>> frame = pd.DataFrame(
    ...     {
    ...         "scenario": ["as planned", "without A", "without B", "complete cases"],
    ...         "estimate": [0.4, 0.3, 0.5, 0.4],
    ...         "n_participants": [76, 70, 46, 72],
    ...     }
    ... )
    >>> release_scenarios(frame, {"A": 6, "B": 30, "C": 40}, find_profile("opensafely"))["estimate"].tolist()
    [0.4, '[c]', '[c]', '[c]']
    """
    released = release(frame, profile)
    if profile.person_level:
        return released
    for name in ("scenario", "n_participants"):
        if name not in frame:
            raise DataError(f"there is no column {name!r} to hold scenarios against the plan by; add it")
    cohorts = [str(cohort) for cohort in sizes.keys()]  # noqa: SIM118  (a Series goes through its values)
    withheld = find_withheld([to_int(size) for size in dict(sizes).values()], profile, exact=True)
    hidden = {cohort for place, cohort in enumerate(cohorts) if place in withheld}
    frame = frame.reset_index(drop=True)
    rows = pd.Series(
        [
            is_small(resting.get(row["scenario"], profile.least), profile)
            or not hidden.isdisjoint({*left_out.get(row["scenario"], ()), *_read_left_out(row["scenario"], cohorts)})
            or (row["scenario"] != planned and _rests_on_few(row, frame[frame["scenario"] == planned], profile))
            for row in frame.to_dict("records")
        ],
        index=frame.index,
        dtype=bool,
    )
    for name in (PEOPLE | STATISTICS).intersection(frame):
        released[name] = released[name].mask(rows & frame[name].notna(), WITHHELD)
    return released.assign(flag=released["flag"].mask(rows, WITHHELD)) if "flag" in frame else released


def _read_left_out(scenario: str, cohorts: Collection[str]) -> set[str]:
    """Read from a scenario's name which cohorts it leaves out."""
    if not scenario.startswith(WITHOUT):
        return set()
    rest = scenario.removeprefix(WITHOUT)
    return {cohort for cohort in cohorts if cohort == rest or cohort in rest.split(", ")}


def _rests_on_few(row: Mapping[Hashable, object], plan: pd.DataFrame, profile: Profile) -> bool:
    """Tell whether a scenario differs from the plan by a few people, or by what it puts in place of their answers."""
    for name in ("frame", "scale", "term"):
        if name in plan:
            plan = plan[plan[name] == row[name]]
    people = pd.to_numeric(pd.Series([row["n_participants"]]), errors="coerce")
    apart = pd.to_numeric(plan["n_participants"], errors="coerce") - people.iloc[0]
    if "method" in plan and not (plan["method"] == row["method"]).any():
        apart = 2 * people - pd.to_numeric(pd.Series([row.get("n_observations")]), errors="coerce")
    elif "method" in plan:
        apart = apart[plan["method"] == row["method"]]
    return any(number > 0 and is_small(number, profile) for number in apart.abs().dropna())
