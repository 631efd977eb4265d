"""Joint counts, bounds and intervals, against enumeration and published tables."""

from fractions import Fraction
from itertools import product
from math import comb

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coprod.data import read_talk
from coprod.errors import UsageError
from coprod.talk import survey as foi
from coprod.talk.rounding import ROUNDINGS, printed_percent


@pytest.fixture(scope="module")
def survey() -> pd.DataFrame:
    return read_talk()["survey"]


@pytest.mark.parametrize("rounding", ROUNDINGS)
@pytest.mark.parametrize("base", [196, 209])
def test_joint_counts_are_those_of_brute_force(survey, base, rounding):
    def printing(percent: str) -> list[int]:
        return [count for count in range(base + 1) if printed_percent(count, base, rounding) == percent]

    found = {
        (any_, more, line)
        for any_, more, line in product(printing("15"), printing("8"), printing("1"))
        if line <= more and printed_percent(196, 209, rounding) == "94"
    }
    joint = foi.joint_counts(survey, base, rounding)
    assert set(joint[["any_coproduction", "ambition_more", "ambition_in_line"]].itertuples(index=False)) == found


@settings(max_examples=40)
@given(data=st.data(), base=st.integers(5, 60), rounding=st.sampled_from(ROUNDINGS))
def test_a_true_answer_is_always_among_the_joint_counts(data, base, rounding):
    whole = data.draw(st.integers(0, base))
    part = data.draw(st.integers(0, whole))
    frame = pd.DataFrame(
        {
            "item": ["whole", "part"],
            "count": [pd.NA, pd.NA],
            "base": [pd.NA, pd.NA],
            "percent": [printed_percent(count, base, rounding) for count in (whole, part)],
            "subset_of": [pd.NA, "whole"],
        }
    )
    joint = foi.joint_counts(frame, base, rounding)
    assert ((joint["whole"] == whole) & (joint["part"] == part)).any()
    assert (joint["part"] <= joint["whole"]).all()


def test_a_part_larger_than_its_whole_has_no_solution(survey):
    swapped = survey.copy()
    swapped.loc[swapped["item"] == "ambition_in_line", "percent"] = "12"
    assert foi.joint_counts(swapped, 196).empty


def test_truncation_is_ruled_out_and_nothing_else(survey):
    rules = foi.surviving_rules(survey, (196, 209))
    assert set(rules.loc[~rules["survives"], "rounding"]) == {"truncation"}
    assert len(rules) == 8


def test_too_many_combinations_are_refused(survey):
    with pytest.raises(UsageError, match="combinations of counts"):
        foi.joint_counts(survey, 1_000_000)


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
    assert foi.population_interval(count, sample, population, level / 100) == expected


@pytest.mark.parametrize("yeses", [0, 3, 8, 15, 20])
def test_population_interval_covers_at_least_its_level(yeses):
    population, sample, level = 20, 14, 0.9
    ways = comb(population, sample)
    covered = Fraction(0)
    for count in range(max(0, sample - (population - yeses)), min(sample, yeses) + 1):
        low, high = foi.population_interval(count, sample, population, level)
        if low <= yeses <= high:
            covered += Fraction(comb(yeses, count) * comb(population - yeses, sample - count), ways)
    assert covered >= Fraction(9, 10)


def test_a_census_leaves_no_interval():
    assert foi.population_interval(30, 209, 209) == (30, 30)


@given(data=st.data(), total=st.integers(1, 300))
def test_bounds_hold_every_way_the_silent_could_have_answered(data, total):
    replied = data.draw(st.integers(0, total))
    low = data.draw(st.integers(0, replied))
    high = data.draw(st.integers(low, replied))
    lower, upper = foi.nonresponse_bounds(low, high, replied, total)
    shares = [(yes + extra) / total for yes in (low, high) for extra in (0, total - replied)]
    assert lower == min(shares)
    assert upper == max(shares)


def test_bounds_of_the_slide(survey):
    ranges = foi.answer_ranges(survey).query("base == 196 and reading == 'whatever'").set_index("item")
    shown = {row.Index: (round(100 * row.share_low, 1), round(100 * row.share_high, 1)) for row in ranges.itertuples()}
    assert shown == {
        "any_coproduction": (13.9, 20.6),
        "ambition_more": (7.2, 13.9),
        "ambition_in_line": (0.5, 7.2),
    }


def test_readings_widen_for_both_bases(survey):
    for _, rows in foi.answer_ranges(survey).groupby(["base", "item"]):
        wide = rows.set_index("reading")
        assert wide.loc["whatever", "share_low"] <= wide.loc["alike", "share_low"]
        assert wide.loc["alike", "share_high"] <= wide.loc["whatever", "share_high"]
        assert set(wide.index) == set(foi.READINGS)


def test_superpopulation_intervals_are_the_published_ones():
    # Newcombe (1998) Statistics in Medicine 17: 857-872, table I, 81 of 263;
    # doi:10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E
    wilson = foi.superpopulation_interval(81, 263, 0.95, "wilson")
    exact = foi.superpopulation_interval(81, 263, 0.95, "clopper-pearson")
    assert [round(share, 4) for share in wilson] == [0.2553, 0.3662]
    assert [round(share, 4) for share in exact] == [0.2527, 0.3676]


def test_jeffreys_is_the_beta_quantile():
    from scipy.stats import beta

    low, high = foi.superpopulation_interval(29, 196, 0.9, "jeffreys")
    assert (low, high) == pytest.approx(beta.ppf([0.05, 0.95], 29.5, 167.5), abs=1e-12)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: foi.nonresponse_bounds(30, 29, 196, 209), "does not hold"),
        (lambda: foi.nonresponse_bounds(0, 0, 0, 0), "base 0"),
        (lambda: foi.population_interval(30, 210, 209), "30 <= 210 <= 209"),
        (lambda: foi.population_interval(30, 196, 209, 95), "write 95 per cent as 0.95"),
        (lambda: foi.superpopulation_interval(1, 10, 0.95, "wald"), "unknown interval 'wald'"),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises(UsageError, match=words):
        call()
