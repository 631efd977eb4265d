"""Answers as numbers, and what is wrong with those that are none."""

import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coprod.training.answers import LONGEST, list_rows, name_rows, suggest_or, to_numbers, to_word
from coprod.training.sections import ScaleEntry

SCALE = ScaleEntry(name="s", minimum=0, maximum=100, items=("q",), labels={"Strongly agree": 5, "no": 0})


def read(*cells: object, scale: ScaleEntry = SCALE, labels: dict[float, str] | None = None, missing=()):
    return to_numbers(pd.Series(cells, dtype=object), scale, "q", labels or {}, missing)


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        (4, 4), (4.5, 4.5), ("4", 4), (" 4.5 ", 4.5), ("4,5", 4.5), ("12,25", 12.25), ("007", 7),
        ("STRONGLY \t agree", 5), ("4 - Agree", 4), ("4 = agree, mostly", 4), ("4: Agree", 4), ("4. Agree", 4),
        ("4 (agree)", 4), ("4) agree", 4), ("4 – agree", 4), ("No", 0), ("agreed", 3),
    ],
)  # fmt: skip
def test_a_number_is_read_however_it_is_written(cell, number):
    numbers, faults = read(cell, labels={3: "Agreed"})
    assert (numbers.tolist(), faults) == ([number], [])


@pytest.mark.parametrize(
    "cell",
    ["four", "1-2", "4-5", "3 or 4", "10:30", "3.5.2017", "2017-03-01", "1,000", "4 -", "4.", "1e2", "inf", "nan",
     "4 5", "5 - 100 % sure", True],
)  # fmt: skip
def test_what_may_mean_two_things_is_no_number(cell):
    numbers, faults = read(cell)
    assert numbers.isna().all()
    assert [re.sub("'.*'", "X", fault.what) for fault in faults] == ["scale X is not a number"]


def test_the_protocol_s_labels_go_before_the_file_s_and_both_before_digits():
    scale = ScaleEntry(name="s", minimum=1, maximum=5, items=("q",), labels={"Agree": 4, "2": 5})
    assert read("agree", "2", "often", scale=scale, labels={1: "Agree", 3: "Often"})[0].tolist() == [4, 5, 3]
    assert read("2", True, scale=ScaleEntry(name="s", minimum=0, maximum=9, items=("q",), labels={"True": 1}))[
        0
    ].tolist() == [2, 1]


def test_what_stands_for_no_answer_is_missing():
    numbers, faults = read(-99.0, "-99", "Prefer  not to SAY", 3, None, missing=["-99", "prefer not to say"])
    assert numbers.isna().tolist() == [True, True, True, False, True]
    assert faults == []


def test_each_wrong_answer_is_said_once_with_its_rows():
    numbers, faults = read("strongly agre", 101, 3, "strongly agre", -1, 101)
    assert numbers.isna().tolist() == [True, False, False, True, False, False]
    assert [(fault.rows, fault.what) for fault in faults] == [
        ((0, 3), "scale 's': 'strongly agre' is not a number"),
        ((1, 5), "scale 's': item q has response 101, outside 0-100"),
        ((4,), "scale 's': item q has response -1, outside 0-100"),
    ]
    assert faults[0].mend.startswith("did you mean 'Strongly agree'? If not, add it to the scale's labels, or to")
    assert faults[1].mend == "recode or drop it, or add it to columns.missing if it stands for no answer"


def test_many_wrong_answers_are_taken_together():
    _, faults = read("aa", "bb", "cc", "dd", "aa")
    assert [(fault.rows, fault.what) for fault in faults] == [
        ((0, 1, 2, 3, 4), "scale 's': 4 different answers are not numbers, such as 'aa' and 'bb'")
    ]
    assert faults[0].mend.startswith("name another column, or add them to the scale's labels")
    _, faults = read(101, 102, 103, 104)
    assert faults[0].what == "scale 's': item q has 4 different responses outside 0-100, such as '101' and '102'"
    assert faults[0].mend == "name another column, or correct the scale's range"


def test_no_address_and_no_long_text_is_shown():
    _, faults = read("ann@example.org", "192.0.2.1", "x" * 100)
    shown = " ".join(fault.what + fault.mend for fault in faults)
    assert "ann@" not in shown
    assert "192" not in shown
    assert "an e-mail or IP address is not a number" in shown
    assert f"'{'x' * LONGEST}...'" in shown


def test_braces_in_names_are_only_letters():
    scale = ScaleEntry(name="{0}", minimum=0, maximum=1, items=("{q}",))
    _, faults = to_numbers(pd.Series(["{a}", 7]), scale, "{q}", {})
    assert [fault.what for fault in faults] == [
        "scale '{0}': '{a}' is not a number", "scale '{0}': item {q} has response 7, outside 0-1",
    ]  # fmt: skip


@given(st.integers(0, 100), st.sampled_from(["{}", " {} ", "{}.0", "{},0", "{} - word", "{}: a"]))
def test_whole_numbers_come_back_whatever_surrounds_them(number, form):
    assert read(form.format(number))[0].tolist() == [number]


@given(st.lists(st.one_of(st.none(), st.text(max_size=6), st.integers(), st.floats(), st.booleans()), max_size=8))
def test_anything_is_a_number_in_range_or_missing_or_a_fault(cells):
    numbers, faults = read(*cells)
    bad = {row for fault in faults for row in fault.rows}
    for row, (cell, number) in enumerate(zip(cells, numbers, strict=True)):
        if pd.isna(cell):
            assert pd.isna(number)
        else:
            assert (row in bad) == (pd.isna(number) or not 0 <= number <= 100)


@pytest.mark.parametrize(
    ("cell", "word"),
    [(1.0, "1"), (123456789012.0, "123456789012"), (0.5, "0.5"), (7, "7"), (" a ", "a"), (float("inf"), "inf")],
)
def test_a_cell_as_a_word(cell, word):
    assert to_word(cell) == word


@pytest.mark.parametrize(
    ("rows", "words"),
    [([2], "row 2"), ([2, 3], "rows 2 and 3"), ([2, 3, 4, 5], "rows 2, 3, 4 and 5"),
     ([2, 3, 4, 5, 6], "rows 2, 3, 4, 5 and 1 more")],
)  # fmt: skip
def test_rows_are_named(rows, words):
    assert list_rows(rows) == words
    assert name_rows(rows) == ("" if len(rows) == 1 else f" ({words})")


def test_the_nearest_word_is_named_or_all_of_them():
    assert suggest_or("PRE-", ["pre", "post"], "add it") == "did you mean 'pre'? If not, add it"
    assert suggest_or("x", ["pre"], "add it") == "known is 'pre'; correct it, or add it"
    assert suggest_or("x", ["a b", "cd", "ef"], "add it") == "known are 'a b', 'cd' and 'ef'; correct it, or add it"
    assert suggest_or("x", [], "add it") == "add it"
