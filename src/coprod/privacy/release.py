"""Frames of results made fit to leave the house: small counts withheld, others rounded, the unknown refused."""

from __future__ import annotations

import math
from collections.abc import Iterable

import pandas as pd

from coprod.errors import DataError
from coprod.privacy.profiles import WITHHELD, Profile

PEOPLE = frozenset({
    "n", "n_participants", "n_observations", "enrolled", "answered", "silent", "participants", "n_replied", "n_silent",
})  # fmt: skip
"""Columns that count people."""
STATISTICS = frozenset({
    "estimate", "std_error", "df", "statistic", "p_value", "p_smallest", "p_holm", "p_bh", "conf_low", "conf_high",
    "share", "mean", "sd", "alpha", "omega", "item_rest", "floor", "ceiling", "difference", "mean_replied",
    "mean_silent", "assumed", "tipping", "delta", "expected", "fmi",
})  # fmt: skip
"""Columns that rest on the people a row counts."""
LABELS = frozenset({
    "frame", "scale", "term", "method", "flag", "scenario", "cohort", "audience", "wave", "item", "wording", "role",
    "component", "boundary", "variance", "response", "label", "low", "high", "n_cohorts", "n_items", "verdict",
    "change", "synthetic", "direction", "what",
})  # fmt: skip
"""Columns that say nothing of a single person; cohorts are organisations and are counted as they are."""
UNIT_OF_MANY = "future_cohorts"
"""The frame whose degrees of freedom count cohorts, not people."""


def release(frame: pd.DataFrame, profile: Profile) -> pd.DataFrame:
    """Make a frame of results fit to leave the house.

    A row that rests on fewer people than the profile shows has its counts and statistics withheld; other counts are
    rounded. Degrees of freedom that count people are rounded too.

    Parameters
    ----------
    frame : DataFrame
        Columns of the vocabulary only.
    profile : Profile
        The rules.

    Returns
    -------
    DataFrame
        With ``"[c]"`` in place of what is withheld; missing values stay missing.

    Raises
    ------
    DataError
        If a column is not known to be harmless, such as one of single people.

    Examples
    --------
    >>> from coprod.privacy import find_profile
    >>> frame = pd.DataFrame({"cohort": ["A", "B"], "n_participants": [18, 6], "estimate": [0.4, 0.6]})
    >>> release(frame, find_profile("opensafely")).to_dict("list")
    {'cohort': ['A', 'B'], 'n_participants': [20, '[c]'], 'estimate': [0.4, '[c]']}
    """
    if profile.person_level:
        return frame.copy()
    for name in frame:
        if name not in PEOPLE | STATISTICS | LABELS:
            raise DataError(
                f"column {name!r} may not leave the house under profile {profile.name!r}: it is not known to hide "
                "single people; leave it out, or name it in privacy/release.py"
            )
    counted = [name for name in frame if name in PEOPLE]
    small = _too_few(frame[counted], profile)
    released = frame.astype(object)
    for name in counted:
        released[name] = frame[name].map(lambda count: release_count(count, profile)).astype(object)
    for name in STATISTICS.intersection(frame):
        released[name] = released[name].mask(small & frame[name].notna(), WITHHELD)
    if "df" in frame and profile.base > 1:
        of_people = frame["frame"].ne(UNIT_OF_MANY) if "frame" in frame else pd.Series(data=True, index=frame.index)
        rounded = frame["df"].map(lambda df: _round(df, profile.base), na_action="ignore").astype(object)
        released["df"] = released["df"].mask(of_people & ~small & frame["df"].notna(), rounded)
    return released.where(frame.notna() | (released == WITHHELD), None)


def release_count(count: object, profile: Profile) -> object:
    """Round a count of people, or withhold it.

    Examples
    --------
    >>> from coprod.privacy import find_profile
    >>> [release_count(n, find_profile("opensafely")) for n in (7, 8, 12, 13, 0)]
    ['[c]', 10, 10, 15, '[c]']
    """
    if count is None or pd.isna(count) or count == WITHHELD:  # type: ignore[call-overload]
        return count
    number = int(str(count)) if isinstance(count, str) else int(count)  # type: ignore[call-overload]
    if number == 0 and profile.zero:
        return 0
    return WITHHELD if number < profile.least else _round(number, profile.base)


def release_shares(counts: Iterable[int], profile: Profile) -> tuple[list[object], list[object]]:
    """Return counts of the parts of a whole, and their shares, from released counts only.

    A part that is withheld has no share; the whole is the sum of the parts that are shown.

    Examples
    --------
    >>> from coprod.privacy import find_profile
    >>> release_shares([31, 9, 3], find_profile("opensafely"))
    ([30, 10, '[c]'], [0.75, 0.25, '[c]'])
    """
    released = [release_count(count, profile) for count in counts]
    whole = sum(count for count in released if isinstance(count, int))
    return released, [count / whole if isinstance(count, int) and whole else WITHHELD for count in released]


def _too_few(counts: pd.DataFrame, profile: Profile) -> pd.Series:
    """Tell which rows rest on fewer people than are shown."""
    numbers = counts.apply(pd.to_numeric, errors="coerce")
    return numbers.lt(profile.least).any(axis=1) if len(counts.columns) else pd.Series(data=False, index=counts.index)


def _round(number: float, base: int) -> int:
    return math.floor(number / base + 0.5) * base
