"""What is withheld is held against a reader who knows the rules and goes through every table there could be."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coprod.privacy import PROFILES, WITHHELD, Profile, find_profile, release_count, release_share, release_shares
from coprod.privacy.counts import find_withheld

PROTECTING = [profile for profile in PROFILES.values() if not profile.person_level]
BY_PROFILE = pytest.mark.parametrize("profile", PROTECTING, ids=lambda profile: profile.name)
OPEN, HES, ACRO, INTERNAL = map(find_profile, ("opensafely", "nhs-hes", "acro-10", "internal"))
Counts = tuple[int, ...]
Seen = tuple[object, tuple[object, ...]]


def parts_of(limit: int, parts: int) -> Iterator[Counts]:
    """Go through all counts of so many parts whose whole is at most the limit."""
    if parts == 0:
        yield ()
        return
    for first in range(limit + 1):
        for rest in parts_of(limit - first, parts - 1):
            yield first, *rest


def look(counts: Sequence[int], profile: Profile, *, exact: bool) -> Seen:
    """Return what is seen of a table: the whole and the parts, exact or as released."""
    hidden = find_withheld(counts, profile, exact=exact)
    whole = release_count(sum(counts), profile)
    if exact:
        seen = tuple(WITHHELD if place in hidden else count for place, count in enumerate(counts))
        return (WITHHELD if whole == WITHHELD else sum(counts)), seen
    return whole, tuple(release_shares(counts, profile)[0])


@BY_PROFILE
@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize(("parts", "limit"), [(2, 60), (3, 36), (4, 22), (5, 14)])
def test_no_withheld_part_can_be_worked_out(profile: Profile, exact: bool, parts: int, limit: int) -> None:
    tables: dict[Seen, list[Counts]] = defaultdict(list)
    for counts in parts_of(limit, parts):
        tables[look(counts, profile, exact=exact)].append(counts)
    for (_, seen), possible in tables.items():
        if sum(possible[0]) > limit - profile.base:
            continue  # others that look the same lie beyond the limit
        for place, shown in enumerate(seen):
            if shown == WITHHELD:
                assert len({counts[place] for counts in possible}) > 1, (seen, possible)


def bounds(seen: Seen, profile: Profile, *, exact: bool) -> list[tuple[float, float]]:
    """Bound every withheld part from what is seen alone: the others, the whole, and the rules."""
    base = 1 if exact else profile.base

    def behind(shown: object) -> tuple[float, float]:
        if shown == WITHHELD:
            return (1 if profile.zero else 0), float("inf")
        if shown == 0:
            return 0, 0
        return max(profile.least, int(str(shown)) - base // 2), int(str(shown)) + base // 2

    whole, parts = seen
    ranges = np.array([behind(part) for part in parts], dtype=float)
    low, high = (0, profile.least - 1) if whole == WITHHELD else behind(whole)
    found = []
    for place in (place for place, part in enumerate(parts) if part == WITHHELD):
        rest = np.delete(ranges, place, axis=0).sum(axis=0)
        alone = [part for part in parts if part == WITHHELD] == [WITHHELD]
        most = min(high - rest[0], profile.least - 1 if alone else np.inf)
        found.append((max(ranges[place, 0], low - rest[1]), most))
    return found


@BY_PROFILE
@pytest.mark.parametrize("exact", [False, True])
@given(counts=st.lists(st.integers(0, 60), min_size=2, max_size=9))
def test_arithmetic_leaves_at_least_two_numbers(profile: Profile, exact: bool, counts: list[int]) -> None:
    for first, last in bounds(look(counts, profile, exact=exact), profile, exact=exact):
        assert last > first


@BY_PROFILE
@given(counts=st.lists(st.integers(0, 99), min_size=1, max_size=7))
def test_shown_parts_are_large_and_rounded(profile: Profile, counts: list[int]) -> None:
    released, shares = release_shares(counts, profile)
    shown = [(count, number) for count, number in zip(counts, released, strict=True) if number != WITHHELD]
    for count, number in shown:
        assert number % profile.base == 0
        assert abs(number - count) * 2 <= profile.base
        assert count >= profile.least or (count == 0 and profile.zero)
    given_shares = [share for share in shares if share not in (WITHHELD, None)]
    assert not given_shares or sum(given_shares) == pytest.approx(1)


@BY_PROFILE
@given(counts=st.lists(st.integers(0, 99), min_size=1, max_size=7), data=st.data())
def test_order_does_not_matter(profile: Profile, counts: list[int], data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(counts))))
    released, _ = release_shares(counts, profile)
    turned, _ = release_shares([counts[place] for place in order], profile)
    assert turned == [released[place] for place in order]


@BY_PROFILE
@given(counts=st.lists(st.integers(0, 99), min_size=1, max_size=7))
def test_releasing_parts_twice_is_releasing_them_once(profile: Profile, counts: list[int]) -> None:
    once = release_shares(counts, profile)
    assert release_shares(once[0], profile) == once


@pytest.mark.parametrize(
    ("counts", "profile", "exact", "hidden"),
    [
        ([30, 12, 3], OPEN, False, {2}),  # 45 shown, 30 and 10: the third may be 0 to 7
        ([30, 20, 12, 3], OPEN, True, {2, 3}),  # the whole less the others would be 3
        ([30, 12, 12, 3], OPEN, True, {1, 2, 3}),  # equal parts go together
        ([8, 8, 1], HES, False, {0, 1, 2}),  # 15 shown, 10 and 10: the third could only be 1
        ([30, 20, 0], HES, True, set()),
        ([30, 20, 0], OPEN, True, {1, 2}),
        ([0, 3], HES, False, {0, 1}),  # the whole is too small to be parted at all
        ([0, 0], HES, False, set()),
        ([0, 0], OPEN, False, {0, 1}),
        ([30, 3, 2], OPEN, False, {0, 1, 2}),  # one is not left standing
        ([3, 2], INTERNAL, True, set()),
    ],
)
def test_what_is_withheld(counts: list[int], profile: Profile, exact: bool, hidden: set[int]) -> None:
    assert find_withheld(counts, profile, exact=exact) == hidden


@pytest.mark.parametrize(
    ("count", "shown"),
    [(np.int64(12), 10), ("13", 15), (22.0, 20), (WITHHELD, WITHHELD), (None, None), (7, WITHHELD)],
)
def test_counts_are_read_whatever_they_are_kept_as(count: object, shown: object) -> None:
    assert release_count(count, OPEN) == shown


def test_a_missing_count_stays_missing() -> None:
    assert pd.isna(release_count(pd.NA, OPEN))
    assert release_share(None, 20, OPEN) is None


@pytest.mark.parametrize(
    ("count", "n", "profile", "share"),
    [
        (17, 33, OPEN, 15 / 35), (33, 33, OPEN, WITHHELD), (0, 33, HES, 0.0), (33, 33, HES, 1.0),
        (3, 33, HES, WITHHELD),
        (30, 33, ACRO, WITHHELD), (10, 20, ACRO, 0.5), (2, 4, INTERNAL, 0.5), (0, 0, INTERNAL, None),
        (10, WITHHELD, OPEN, WITHHELD), (4, 7, OPEN, WITHHELD),
    ],
)  # fmt: skip
def test_a_share_needs_enough_people_on_both_sides(count: int, n: int, profile: Profile, share: object) -> None:
    assert release_share(count, n, profile) == share


def test_nobody_has_no_share() -> None:
    assert release_shares([0, 0], HES) == ([0, 0], [None, None])


def test_the_share_of_a_part_that_stands_alone_is_withheld() -> None:
    assert release_shares([24, 1], OPEN) == ([25, WITHHELD], [WITHHELD, WITHHELD])


def test_internal_counts_are_as_they_are() -> None:
    assert release_shares([3, 1], INTERNAL) == ([3, 1], [0.75, 0.25])
