"""Joint counts, rules and readings, against enumeration."""

from itertools import product

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
