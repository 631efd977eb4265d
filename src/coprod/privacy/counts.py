"""Counts of people: which are withheld, how others are rounded, and what could be worked out from the rest.

A withheld part of a whole can be worked out where the whole and the other parts are known well enough (secondary
disclosure). So every withheld part is bounded by what is shown, as a reader could: a rounded count stands for all
counts that round to it, a withheld one for 1 (or 0) up to one less than the least that is shown. As long as a withheld
part could only have been one number, the smallest part still shown is withheld too, with all of its size; and where
two or more are withheld, a single one is not left standing. Rounding leaves that rarely to do,
which is why both OpenSAFELY ("Updated disclosure control guidance") and NHS Digital (disclosure control methodology
for Hospital Episode Statistics, 2018) round; without rounding a part is never withheld alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import pandas as pd

from coprod.privacy.profiles import WITHHELD, Profile

Range = tuple[float, float]


def release_count(count: object, profile: Profile) -> object:
    """Round a count of people, or withhold it.

    Parameters
    ----------
    count : object
        A whole number; what is missing or withheld already stays so.
    profile : Profile
        The rules.

    Returns
    -------
    object
        The rounded count, ``"[c]"``, or what is missing.

    Examples
    --------
    >>> from coprod.privacy import find_profile
    >>> [release_count(n, find_profile("opensafely")) for n in (7, 8, 12, 13, 0)]
    ['[c]', 10, 10, 15, '[c]']
    """
    if count is None or pd.isna(count) or count == WITHHELD:  # type: ignore[call-overload]
        return count
    number = to_int(count)
    if is_small(number, profile):
        return WITHHELD
    return round_to(number, profile.base)


def release_shares(counts: Iterable[object], profile: Profile) -> tuple[list[object], list[object]]:
    """Return counts of the parts of a whole, and their shares, from released counts only.

    A part that is withheld has no share; the whole is the sum of the parts that are shown. Where only one is shown
    its share would say nothing and is withheld; where there is nobody, shares are missing.

    Parameters
    ----------
    counts : iterable of int
        Of all parts. Where one is withheld already, all have been released before and stay as they are.
    profile : Profile
        The rules.

    Returns
    -------
    tuple of list
        Released counts, and shares.

    Examples
    --------
    >>> from coprod.privacy import find_profile
    >>> release_shares([31, 9, 3], find_profile("opensafely"))
    ([30, 10, '[c]'], [0.75, 0.25, '[c]'])
    >>> release_shares([30, 20, 12, 3], find_profile("acro-10"))
    ([30, 20, '[c]', '[c]'], [0.6, 0.4, '[c]', '[c]'])
    """
    released = list(counts)
    if WITHHELD not in released:
        numbers = [to_int(count) for count in released]
        withheld = find_withheld(numbers, profile)
        rounded = [round_to(number, profile.base) for number in numbers]
        released = [WITHHELD if place in withheld else number for place, number in enumerate(rounded)]
    shown = [to_int(count) for count in released if count != WITHHELD]
    if len(shown) < len(released) and sum(count > 0 for count in shown) < 2:
        return released, [WITHHELD] * len(released)
    whole = sum(shown)
    return released, [count if count == WITHHELD else to_int(count) / whole if whole else None for count in released]


def release_share(count: object, n: object, profile: Profile) -> object:
    """Return the share ``count / n`` of people from rounded counts, or withhold it.

    It is withheld where those inside or those outside are too few to be shown: a share of nearly all says as much
    of the few as a share of nearly none. Give counts that are released already where several parts of the same whole
    are shown, so that a share does not tell what was withheld of them.

    Parameters
    ----------
    count, n : int or "[c]"
        People inside, and all.
    profile : Profile
        The rules.

    Returns
    -------
    float or str
        The share, or ``"[c]"``; None where a count is missing or there is nobody.

    Examples
    --------
    >>> from coprod.privacy import find_profile
    >>> [release_share(count, 40, find_profile("opensafely")) for count in (3, 19, 36, "[c]")]
    ['[c]', 0.5, '[c]', '[c]']
    """
    if WITHHELD in (count, n):
        return WITHHELD
    if pd.isna(count) or pd.isna(n):  # type: ignore[call-overload]
        return None
    inside, everybody = to_int(count), to_int(n)
    if any(is_small(number, profile) for number in (inside, everybody - inside, everybody)):
        return WITHHELD
    return round_to(inside, profile.base) / round_to(everybody, profile.base) if everybody else None


def tells_rest(whole: int, part: int, profile: Profile) -> bool:
    """Tell whether a whole and a part of it, shown beside each other, give away how few are left over.

    Examples
    --------
    >>> from coprod.privacy import find_profile
    >>> [tells_rest(40, part, find_profile("acro-10")) for part in (40, 39, 30, 3)]
    [False, True, False, False]
    >>> tells_rest(40, 39, find_profile("opensafely"))
    False
    """
    rest = whole - part
    if rest <= 0 or not is_small(rest, profile) or is_small(part, profile):
        return False
    return 0 in find_withheld([part, rest], profile)


def to_int(count: object) -> int:
    """Read a count, from text too."""
    return int(float(str(count)))


def is_small(count: float, profile: Profile) -> bool:
    """Tell whether a count is one that the profile does not show."""
    return count < profile.least and not (count == 0 and profile.zero)


def round_to(number: float, base: int) -> int:
    """Round to the nearest multiple, halves up."""
    return math.floor(number / base + 0.5) * base


def find_withheld(counts: Sequence[int], profile: Profile, *, exact: bool = False) -> set[int]:
    """Find which parts of a whole are withheld, so that none of them can be worked out.

    Parameters
    ----------
    counts : sequence of int
        Of all parts.
    profile : Profile
        The rules.
    exact : bool
        Whether the whole and the parts shown may be known exactly, whatever their rounding.

    Returns
    -------
    set of int
        Positions. Everything is withheld where the whole itself is too small to be shown.

    Examples
    --------
    >>> from coprod.privacy import find_profile
    >>> sorted(find_withheld([30, 12, 3], find_profile("opensafely")))
    [2]
    >>> sorted(find_withheld([30, 20, 12, 3], find_profile("opensafely"), exact=True))
    [2, 3]
    """
    if is_small(sum(counts), profile):
        return set(range(len(counts)))
    small = {index for index, count in enumerate(counts) if is_small(count, profile)}
    withheld = set(small)
    shown = {index for index, count in enumerate(counts) if index not in small and count > 0}
    while shown and _can_be_known(counts, small, withheld, profile, exact=exact):
        least = min(counts[index] for index in shown)
        withheld |= {index for index in shown if counts[index] == least}
        shown -= withheld
    return withheld | shown if len(shown) == 1 and len(small) > 1 else withheld


def _can_be_known(counts: Sequence[int], small: set[int], withheld: set[int], profile: Profile, *, exact: bool) -> bool:
    """Tell whether a reader who knows which parts were too small could work one of them out."""
    base = 1 if exact else profile.base
    ranges: list[Range] = [
        (float(profile.zero), profile.least - 1) if index in small
        else (profile.least, math.inf) if index in withheld
        else _behind(count, base, profile)
        for index, count in enumerate(counts)
    ]  # fmt: skip
    low, high = _behind(sum(counts), base, profile)
    for index in small:
        rest = ranges[:index] + ranges[index + 1 :]
        first = max(ranges[index][0], low - sum(most for _, most in rest))
        last = min(ranges[index][1], high - sum(least for least, _ in rest))
        if last <= first:
            return True
    return False


def _behind(count: int, base: int, profile: Profile) -> Range:
    """Return the counts that a shown count may stand for."""
    if count == 0:
        return (0, 0)
    shown = round_to(count, base)
    return (max(profile.least, math.ceil(shown - base / 2)), math.ceil(shown + base / 2) - 1)
