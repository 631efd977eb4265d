"""Frames of results made fit to leave the house: small counts withheld, others rounded, the unknown refused.

The rules, and where they are from:

- A count below the profile's least is withheld, others are rounded, and so are degrees of freedom that count people
  (OpenSAFELY, "Applying statistical disclosure control"; NHS Digital, disclosure control methodology for Hospital
  Episode Statistics, 2018; ACRO, doi:10.1109/TP.2025.3566052, thresholds 10 for counts and degrees of freedom).
- Statistics of a row that rests on too few people are withheld with its flag and verdict; those of enough people are
  shown, as all three sources do for estimates of models. A frame of statistics has to say how many people it rests on.
- What is shown must not give a withheld count by subtraction (:mod:`coprod.privacy.counts`): neither across a row, as
  in enrolled less answered, nor down the cohorts, or audiences, that make up everybody. Where a table has statistics,
  their errors and degrees of freedom give exact numbers of people, so rounding is not counted on: a cohort is not
  withheld alone, since the average over all cohorts less those shown would be its own.
- Shares are made of released counts, and a whole that stands below all its parts is their sum as shown (OpenSAFELY:
  rates from rounded counts, totals from rounded cells).
- A scenario that leaves out a withheld cohort, or differs from the plan by a few people, is withheld: the difference
  of the two results would be these people's (OpenSAFELY: secondary disclosure across tables).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from coprod.errors import DataError
from coprod.privacy.columns import COUNTED, PARTS, PEOPLE, SHARES, STATISTICS, TOTALS, check_columns
from coprod.privacy.counts import is_small, release_count, release_shares, round_to
from coprod.privacy.hidden import find_hidden, list_keys, split_rows
from coprod.privacy.profiles import WITHHELD, Profile
from coprod.privacy.words import release_words

UNIT_OF_MANY = "future_cohorts"
"""The frame whose degrees of freedom count cohorts, as far as they are no more than these."""


def release(frame: pd.DataFrame, profile: Profile, *, people: int | None = None) -> pd.DataFrame:
    """Make a frame of results fit to leave the house.

    A row that rests on fewer people than the profile shows has its counts, statistics and flag withheld; other counts
    are rounded, degrees of freedom that count people too. A cohort or audience is not withheld alone; the row of all of
    them has the sum of what is shown of them.

    Parameters
    ----------
    frame : DataFrame
        Columns of the vocabulary only (:mod:`coprod.privacy.columns`).
    profile : Profile
        The rules.
    people : int, optional
        How many people every row rests on, for a frame that does not count them itself.

    Returns
    -------
    DataFrame
        With ``"[c]"`` in place of what is withheld; missing values stay missing.

    Raises
    ------
    DataError
        If a column is not known to be harmless, such as one of single people; if there are statistics and it is not
        said how many people they rest on; or if there are shares, which only :func:`release_parts` can release.

    Examples
    --------
    >>> from coprod.privacy import find_profile
    >>> frame = pd.DataFrame({"cohort": list("ABCD"), "n_participants": [18, 6, 22, 15], "estimate": [4, 6, 5, 3]})
    >>> release(frame, find_profile("opensafely")).to_dict("list")
    {'cohort': ['A', 'B', 'C', 'D'], 'n_participants': [20, '[c]', 20, '[c]'], 'estimate': [4, '[c]', 5, '[c]']}
    """
    if profile.person_level:
        return frame.copy()
    check_columns(frame, profile)
    _check_basis(frame, people)
    for name in SHARES.intersection(frame):
        raise DataError(f"column {name!r} holds shares of people; make them from released counts, by release_parts")
    frame = frame.reset_index(drop=True)
    hidden = find_hidden(frame, profile)
    rows = _find_rows(frame, hidden, profile, people)
    released = frame.astype(object)
    for name in PEOPLE.intersection(frame):
        shown = frame[name].map(lambda count: release_count(count, profile)).astype(object)
        withheld = hidden[name] | (rows if name in COUNTED or name == "n_observations" else False)
        released[name] = shown.mask(withheld & frame[name].notna(), WITHHELD)
    for row, name, number in list(_add_up(frame, released)):
        released.at[row, name] = number
    for name in STATISTICS.intersection(frame):
        released[name] = released[name].mask(rows & frame[name].notna(), WITHHELD)
    if "df" in frame:
        released["df"] = _release_df(frame, released["df"], profile)
    if "flag" in frame:
        said = frame["flag"].map(lambda words: release_words(words, profile) if isinstance(words, str) else words)
        released["flag"] = said.astype(object).mask(rows, WITHHELD)
    return released.where(frame.notna() | (released == WITHHELD), None)


def release_parts(
    frame: pd.DataFrame, whole: str | Sequence[str], profile: Profile, *, count: str = "n"
) -> pd.DataFrame:
    """Release counts of people that part a whole, such as those who gave each answer to an item at a wave.

    Counts are withheld so that none can be worked out from the others and the whole, and else rounded. Shares are of
    the sum of the counts that are shown.

    Parameters
    ----------
    frame : DataFrame
        One row per part; columns of the vocabulary only.
    whole : str or sequence of str
        Columns that tell the wholes apart, such as ``["item", "wave"]``; none where the frame is one whole.
    profile : Profile
        The rules.
    count : str
        The column that counts people.

    Returns
    -------
    DataFrame
        With ``share``, after the count where there was none; ``"[c]"`` in place of what is withheld. A part whose
        count is missing stays so.

    Raises
    ------
    DataError
        If a column is not there or not known to be harmless.

    Examples
    --------
    >>> from coprod.privacy import find_profile
    >>> frame = pd.DataFrame({"item": ["c1"] * 3 + ["c2"] * 3, "response": [1, 2, 3] * 2, "n": [3, 19, 31, 0, 1, 52]})
    >>> release_parts(frame, "item", find_profile("opensafely"))[["n", "share"]].to_dict("list")
    {'n': ['[c]', 20, 30, '[c]', '[c]', '[c]'], 'share': ['[c]', 0.4, 0.6, '[c]', '[c]', '[c]']}
    """
    wholes = [whole] if isinstance(whole, str) else list(whole)
    for name in [*wholes, count]:
        if name not in frame:
            raise DataError(f"there is no column {name!r} to release parts of a whole by; the frame has {list(frame)}")
    if profile.person_level and "share" in frame:
        return frame.copy()
    if not profile.person_level:
        check_columns(frame, profile)
    parted = frame.reset_index(drop=True)
    counts: list[object] = parted[count].tolist()
    shares: list[object] = [None] * len(counts)
    for rows in split_rows(parted, wholes):
        known = [row for row in rows if not pd.isna(counts[row])]  # type: ignore[call-overload]
        released = release_shares([counts[row] for row in known], profile)
        for row, number, share in zip(known, *released, strict=True):
            counts[row], shares[row] = number, share
    parted[count] = pd.Series(counts, dtype=object)
    if "share" not in parted:
        parted.insert([*parted].index(count) + 1, "share", None)
    return parted.assign(share=pd.Series(shares, dtype=object))


def _check_basis(frame: pd.DataFrame, people: int | None) -> None:
    if people is None and STATISTICS.intersection(frame) and not set(COUNTED).intersection(frame):
        name = min(STATISTICS.intersection(frame))
        raise DataError(
            f"column {name!r} rests on people that the frame does not count; add n_participants, or give people="
        )


def _find_rows(frame: pd.DataFrame, hidden: pd.DataFrame, profile: Profile, people: int | None) -> pd.Series:
    """Tell which rows rest on too few people for their statistics to be shown."""
    if people is not None and is_small(people, profile):
        return pd.Series(data=True, index=frame.index)
    counted = [name for name in COUNTED if name in frame]
    rows = hidden[counted].any(axis=1)
    if "n_silent" in frame:
        rows |= hidden["n_silent"]
    if people is None and counted:
        numbers = frame[[name for name in frame if name in STATISTICS]].apply(pd.to_numeric, errors="coerce")
        rows |= frame[counted].isna().all(axis=1) & numbers.notna().any(axis=1)
    return rows.astype(bool)


def _add_up(frame: pd.DataFrame, released: pd.DataFrame) -> Iterator[tuple[int, str, int]]:
    """Find the counts of everybody that stand beside all their parts, and what the parts shown add up to.

    Where a part is withheld the whole stays rounded by itself: it was looked at with its parts, so that none can be
    worked out.
    """
    by = next((name for name in PARTS if name in frame), None)
    if by is None:
        return
    for rows in split_rows(frame, list_keys(frame)):
        wholes = [row for row in rows if frame.at[row, by] in TOTALS]
        parts = [row for row in rows if row not in wholes]
        for name in PEOPLE.intersection(frame) if parts else ():
            raw, shown = (one.loc[parts, name].tolist() for one in (frame, released))
            if any(pd.isna(count) for count in raw) or WITHHELD in shown:
                continue
            for row in wholes:
                if released.at[row, name] != WITHHELD and frame.at[row, name] == sum(raw):
                    yield row, name, sum(shown)


def _release_df(frame: pd.DataFrame, df: pd.Series, profile: Profile) -> pd.Series:
    """Round degrees of freedom that count people: all but those of cohorts, which are no more than these."""
    numbers = pd.to_numeric(df, errors="coerce")
    of_people = numbers >= profile.least
    if "cohort" in frame:
        of_people |= numbers.notna()
    if "frame" in frame:
        of_people |= numbers.notna() & (frame["frame"] != UNIT_OF_MANY)
    if "n_cohorts" in frame:
        of_people &= numbers > pd.to_numeric(frame["n_cohorts"], errors="coerce").fillna(0)
    elif "frame" in frame:
        of_people &= frame["frame"] != UNIT_OF_MANY
    rounded = [round_to(number, profile.base) if of else None for number, of in zip(numbers, of_people, strict=True)]
    return df.mask(of_people, pd.Series(rounded, index=df.index, dtype=object)) if profile.base > 1 else df
