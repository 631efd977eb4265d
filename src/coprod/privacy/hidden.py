"""Which counts of a frame are hidden: those too small, and those that would give a small one away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from coprod.privacy.columns import COUNTED, KEYS, PARTS, PEOPLE, STATISTICS, TOTALS, WHOLES
from coprod.privacy.counts import find_withheld, is_small, release_count, to_int
from coprod.privacy.profiles import WITHHELD, Profile


def find_hidden(frame: pd.DataFrame, profile: Profile) -> pd.DataFrame:
    """Tell which counts are too small, or would give a small one away.

    Parameters
    ----------
    frame : DataFrame
        Columns of the vocabulary, rows numbered from 0.
    profile : Profile
        The rules.

    Returns
    -------
    DataFrame
        True where a count is hidden; the columns are those that count people.

    Examples
    --------
    >>> from coprod.privacy import find_profile
    >>> frame = pd.DataFrame({"cohort": ["A", "B"], "enrolled": [18, 22], "answered": [18, 3]})
    >>> find_hidden(frame, find_profile("opensafely")).to_dict("list")
    {'enrolled': [False, False], 'answered': [False, True]}
    """
    hidden = pd.DataFrame(index=frame.index)
    for name in (name for name in frame if name in PEOPLE):
        hidden[name] = [isinstance(release_count(count, profile), str) for count in frame[name]]
    _hide_across(frame, hidden, profile)
    _hide_down(frame, hidden, profile)
    if profile.base == 1 and {"n_participants", "n_observations"}.issubset(frame):
        pairs = zip(frame["n_participants"], frame["n_observations"], strict=True)
        telling = pd.Series([_tells_few(_read_counts(pair), profile) for pair in pairs], index=frame.index, dtype=bool)
        hidden["n_observations"] |= telling
    return hidden


def list_keys(frame: pd.DataFrame) -> list[str]:
    """Name the columns that tell apart tables put below each other; a delta that was looked for is a result."""
    return [key for key in KEYS if key in frame and not (key == "delta" and "direction" in frame)]


def split_rows(frame: pd.DataFrame, names: Sequence[str]) -> Iterator[list[int]]:
    """Go through groups of rows that agree in columns; without columns they are one group."""
    groups = frame.groupby([*names], observed=True, sort=False, dropna=False) if names else ((None, frame),)
    for _, rows in groups:
        yield [int(row) for row in rows.index]


def _hide_across(frame: pd.DataFrame, hidden: pd.DataFrame, profile: Profile) -> None:
    """Hide what would give away what is left over of a whole that a row counts.

    Of enrolled people it is the whole that is hidden, at all waves of a cohort, since statistics rest on the part.
    """
    for whole, parts in _list_wholes(frame):
        small = hidden[parts].to_numpy().tolist()
        for row, cells in enumerate(zip(*(frame[name] for name in (whole, *parts)), strict=True)):
            counts = _read_counts(cells)
            if not counts or sum(counts[1:]) > counts[0]:
                continue
            found = find_withheld([*counts[1:], counts[0] - sum(counts[1:])], profile)
            telling = [name for place, name in enumerate(parts) if place in found and not small[row][place]]
            if telling and whole == "enrolled":
                same = frame["cohort"] == frame.at[row, "cohort"] if "cohort" in frame else frame.index == row
                hidden.loc[same, whole] = True
            elif telling:
                hidden.loc[row, telling] = True


def _list_wholes(frame: pd.DataFrame) -> list[tuple[str, list[str]]]:
    found = [
        (whole, [name for name in family if name in frame])
        for whole, families in WHOLES.items() if whole in frame for family in families
    ]  # fmt: skip
    return [(whole, parts) for whole, parts in found if parts]


def _hide_down(frame: pd.DataFrame, hidden: pd.DataFrame, profile: Profile) -> None:
    """Hide what would give away a cohort's count, or an audience's, by what all of them add up to."""
    by = next((name for name in PARTS if name in frame), None)
    if by is None:
        return
    exact = bool(STATISTICS.intersection(frame))
    several = frame[~frame[by].isin(TOTALS) & frame[by].notna()]
    for rows in split_rows(several, list_keys(frame)):
        for name in hidden:
            known = [row for row in rows if frame[name].notna()[row]]
            counts = _read_counts([frame.at[row, name] for row in known])
            for place in find_withheld(counts, profile, exact=exact and name in COUNTED) if counts else ():
                hidden.loc[known[place], name] = True


def _tells_few(counts: Sequence[int], profile: Profile) -> bool:
    """Tell whether answers less people, wave by wave, leave only a few who were not always there."""
    if not counts or not counts[0]:
        return False
    over = counts[1] % counts[0]
    return over > 0 and (is_small(over, profile) or is_small(counts[0] - over, profile))


def _read_counts(cells: Sequence[object]) -> list[int]:
    """Return counts as numbers; none where one is missing or withheld already."""
    if any(cell == WITHHELD or pd.isna(cell) for cell in cells):  # type: ignore[call-overload]
        return []
    return [to_int(cell) for cell in cells]
