"""Rounding inverted, against the decimal module and plain enumeration."""

import decimal
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coprod.errors import UsageError
from coprod.talk.rounding import ROUNDINGS, counts_behind, grim_power, printed_percent

DECIMAL_RULE = {
    "nearest": decimal.ROUND_HALF_UP,
    "half-even": decimal.ROUND_HALF_EVEN,
    "truncation": decimal.ROUND_DOWN,
    "ceiling": decimal.ROUND_CEILING,
}
rules = st.sampled_from(ROUNDINGS)
bases = st.integers(1, 400)
places = st.integers(0, 2)


def printed_by_decimal(count: int, base: int, rule: str, decimals: int) -> str:
    """Print a share with the standard library; 60 digits are exact enough for bases up to 400."""
    with decimal.localcontext(prec=60):
        share = Decimal(100 * count) / Decimal(base)
        return str(share.quantize(Decimal(1).scaleb(-decimals), rounding=DECIMAL_RULE[rule]))


@given(base=bases, rule=rules, decimals=places, data=st.data())
def test_printed_percent_is_what_decimal_prints(base, rule, decimals, data):
    count = data.draw(st.integers(0, base))
    assert printed_percent(count, base, rule, decimals) == printed_by_decimal(count, base, rule, decimals)


@given(base=bases, rule=rules, decimals=places, data=st.data())
def test_counts_behind_are_those_found_by_trying_every_count(base, rule, decimals, data):
    steps = data.draw(st.integers(0, 100 * 10**decimals))
    percent = f"{Decimal(steps).scaleb(-decimals):f}"
    found = [count for count in range(base + 1) if printed_by_decimal(count, base, rule, decimals) == percent]
    assert list(counts_behind(percent, base, rule)) == found


@pytest.mark.parametrize(
    ("percent", "of_196", "of_209"), [("15", [29, 30], [31, 32]), ("8", [15, 16], [16, 17]), ("1", [1, 2], [2, 3])]
)
def test_counts_of_the_slide(percent, of_196, of_209):
    assert list(counts_behind(percent, 196)) == of_196
    assert list(counts_behind(percent, 209)) == of_209


def test_half_even_takes_the_tie_the_other_way():
    # 1 of 8 is 12.5 per cent exactly
    assert list(counts_behind("13", 8)) == [1]
    assert list(counts_behind("12", 8, "half-even")) == [1]
    assert list(counts_behind("12", 8)) == []


@given(base=bases, rule=rules, decimals=st.integers(0, 1))
def test_power_is_the_share_of_percentages_without_a_count(base, rule, decimals):
    printable = [f"{Decimal(step).scaleb(-decimals):f}" for step in range(100 * 10**decimals + 1)]
    empty = sum(not counts_behind(percent, base, rule) for percent in printable)
    assert grim_power(base, rule, decimals) == pytest.approx(empty / len(printable), abs=1e-15)


@pytest.mark.parametrize("rule", ["nearest", "half-even", "truncation", "ceiling"])
def test_no_power_at_whole_percentages_from_a_hundred_groups(rule):
    assert grim_power(100, rule) == 0
    assert grim_power(209, rule) == 0
    assert grim_power(50, rule) > 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("101", 196), "not between 0 and 100"),
        (("-1", 196), "not between 0 and 100"),
        (("many", 196), "is not a percentage"),
        (("15", 0), "base 0"),
        (("15", 196, "nearset"), "did you mean 'nearest'"),
    ],
)
def test_bad_input_is_named(arguments, words):
    with pytest.raises(UsageError, match=words):
        counts_behind(*arguments)


def test_a_count_above_its_base_is_refused():
    with pytest.raises(UsageError, match="count 210 is not between 0 and its base 209"):
        printed_percent(210, 209)
