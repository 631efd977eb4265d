"""The sections of a protocol, each on its own; the errors are Pydantic's, worded in test_protocol."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from coprod.training.sections import Analysis, Columns, ScaleEntry, fold, refuse_twice

COLUMNS = {"participant": "code", "cohort": "group", "waves": ("pre", "post"), "wave": "time"}
SCALE = {"name": "s", "items": ("a", "b", "c"), "minimum": 1, "maximum": 5}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"wave": None}, "give either wave .* or wide"),
        ({"wide": "{item}{wave}"}, "give either wave .* or wide"),
        ({"wave": None, "wide": "{item}"}, "wide '{item}' has no {item} or no {wave}; write, say, '{item}_{wave}'"),
        ({"wave": None, "wide": "{wave}"}, "has no {item} or no {wave}"),
        ({"item": "q"}, "item and response go together"),
        ({"response": "a"}, "item and response go together"),
        ({"wave": None, "wide": "{item}{wave}", "item": "q", "response": "a"}, "and not with wide"),
        ({"waves": ("Pre", "pre ")}, "'pre' is there twice"),
        ({"cohorts": ("A", "a")}, r"cohorts \(case and space folded\): 'a' is there twice"),
        ({"cohorts": ()}, "at least 1"),
        ({"cohort": "code"}, "column names: 'code' is there twice"),
        ({"covariates": ("time",)}, "column names: 'time' is there twice"),
        ({"waves": ("pre",)}, "at least 2"),
        ({"waves": tuple("abcdefghijk")}, "at most 10"),
        ({"participant": "  "}, "at least 1 character"),
    ],
)
def test_columns_that_cannot_be_are_refused(change, message):
    with pytest.raises(ValidationError, match=message):
        Columns(**{**COLUMNS, **change})


def test_columns_know_their_names():
    columns = Columns(**COLUMNS, audience="who", item="q", response="a", covariates=["age"])
    assert columns.keys == {"participant": "code", "cohort": "group", "audience": "who", "wave": "time"}
    assert columns.named == ("code", "group", "who", "time", "q", "a", "age")
    assert columns.name_answer("q1", "pre") == "q1"


def test_braces_in_the_pattern_of_wide_columns_are_only_letters():
    columns = Columns(**{**COLUMNS, "wave": None, "wide": "{x}{item}-{wave}{0}"})
    assert columns.name_answer("a", "b") == "{x}a-b{0}"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"items": ()}, "give either items .* or column"),
        ({"column": "total"}, "give either items .* or column"),
        ({"items": ("a", "a")}, "items: 'a' is there twice"),
        ({"reverse": ("d",)}, "reverse names 'd', which is not an item; known are: a, b, c"),
        ({"wording": {"d": "?"}}, "wording names 'd', which is not an item"),
        ({"maximum": 1}, "the range 1 to 1 is empty; minimum has to be below maximum"),
        ({"minimum": True}, "valid number"),
        ({"minimum": float("nan")}, "finite number"),
        ({"labels": {"Yes": 6}}, "label 'Yes' stands for 6, outside 1 to 5; correct one of them"),
        ({"labels": {"Yes": 5, "YES ": 4}}, "'yes' is there twice"),
        ({"min_answered": 0}, "greater than 0"),
        ({"score": "median"}, "'mean' or 'sum'"),
    ],
)
def test_scales_that_cannot_be_are_refused(change, message):
    with pytest.raises(ValidationError, match=message):
        ScaleEntry(**{**SCALE, **change})


def test_a_scale_says_how_it_is_scored():
    entry = ScaleEntry(**SCALE, reverse=("b",), score="sum", min_answered=0.5)
    assert entry.scale.items == ("a", "b", "c")
    assert (entry.scale.reverse, entry.scale.score, entry.scale.min_answered) == (("b",), "sum", 0.5)
    assert entry.range == (3, 15)
    assert ScaleEntry(**SCALE).range == (1, 5)
    total = ScaleEntry(name="t", column="total", minimum=0, maximum=30, score="sum")
    assert (total.answers, total.range, total.scale.items) == (("total",), (0, 30), ("total",))


def test_staff_are_named_once():
    with pytest.raises(ValidationError, match="'nurse' is there twice"):
        Analysis(primary_scale="s", primary_wave="post", staff=("Nurse", "nurse"))


@given(st.text())
def test_folding_twice_is_folding_once(words):
    assert fold(fold(words)) == fold(words)
    assert fold(f"  {words}\t") == fold(words)


@given(st.lists(st.sampled_from("abc")))
def test_a_word_is_refused_exactly_where_it_is_there_twice(words):
    if len(set(words)) == len(words):
        refuse_twice("words", iter(words))
    else:
        with pytest.raises(ValueError, match="is there twice"):
            refuse_twice("words", iter(words))
