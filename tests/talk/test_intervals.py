"""Bounds and intervals, against enumeration, fractions and published tables."""

from fractions import Fraction
from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta

from coprod.errors import UsageError
from coprod.talk import intervals


def exact_interval(count: int, sample: int, population: int, level: Fraction) -> tuple[int, int]:
    """Invert both tails in fractions, for every population count there could be."""
    tail = (1 - level) / 2
    ways = comb(population, sample)

    def probability(yeses: int, seen: range) -> Fraction:
        return Fraction(sum(comb(yeses, k) * comb(population - yeses, sample - k) for k in seen), ways)

    inside = [
        yeses
        for yeses in range(population + 1)
        if probability(yeses, range(count, sample + 1)) > tail and probability(yeses, range(count + 1)) > tail
    ]
    return min(inside), max(inside)


@settings(max_examples=60)
@given(data=st.data(), population=st.integers(1, 40), level=st.sampled_from([80, 90, 95, 99]))
def test_population_interval_is_the_exact_one(data, population, level):
    sample = data.draw(st.integers(1, population))
    count = data.draw(st.integers(0, sample))
    expected = exact_interval(count, sample, population, Fraction(level, 100))
    assert intervals.population_interval(count, sample, population, level / 100) == expected


@pytest.mark.parametrize("yeses", [0, 3, 8, 15, 20])
def test_population_interval_covers_at_least_its_level(yeses):
    population, sample, level = 20, 14, 0.9
    ways = comb(population, sample)
    covered = Fraction(0)
    for count in range(max(0, sample - (population - yeses)), min(sample, yeses) + 1):
        low, high = intervals.population_interval(count, sample, population, level)
        if low <= yeses <= high:
            covered += Fraction(comb(yeses, count) * comb(population - yeses, sample - count), ways)
    assert covered >= Fraction(9, 10)


def test_a_census_leaves_no_interval():
    assert intervals.population_interval(30, 209, 209) == (30, 30)


@given(data=st.data(), total=st.integers(1, 300))
def test_bounds_hold_every_way_the_silent_could_have_answered(data, total):
    replied = data.draw(st.integers(0, total))
    low = data.draw(st.integers(0, replied))
    high = data.draw(st.integers(low, replied))
    lower, upper = intervals.nonresponse_bounds(low, high, replied, total)
    shares = [(yes + extra) / total for yes in (low, high) for extra in (0, total - replied)]
    assert lower == min(shares)
    assert upper == max(shares)


def test_superpopulation_intervals_are_the_published_ones():
    # Newcombe (1998) Statistics in Medicine 17: 857-872, table I, 81 of 263;
    # doi:10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E
    wilson = intervals.superpopulation_interval(81, 263, 0.95, "wilson")
    exact = intervals.superpopulation_interval(81, 263, 0.95, "clopper-pearson")
    assert [round(share, 4) for share in wilson] == [0.2553, 0.3662]
    assert [round(share, 4) for share in exact] == [0.2527, 0.3676]


def test_jeffreys_is_the_beta_quantile():
    low, high = intervals.superpopulation_interval(29, 196, 0.9, "jeffreys")
    assert (low, high) == pytest.approx(beta.ppf([0.05, 0.95], 29.5, 167.5), abs=1e-12)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: intervals.nonresponse_bounds(30, 29, 196, 209), "does not hold"),
        (lambda: intervals.nonresponse_bounds(0, 0, 0, 0), "base 0"),
        (lambda: intervals.population_interval(30, 210, 209), "30 <= 210 <= 209"),
        (lambda: intervals.population_interval(30, 196, 209, 95), "write 95 per cent as 0.95"),
        (lambda: intervals.superpopulation_interval(1, 10, 0.95, "wald"), "unknown interval 'wald'"),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises(UsageError, match=words):
        call()
