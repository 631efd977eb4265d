import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coprod.faults import Fault, check_frame, dangling_keys, references
from coprod.schemas import TALK, Press, Survey


def survey(**cells: object) -> pd.DataFrame:
    """One good row of the survey as text, with some cells replaced."""
    good = {
        "slide": "S5", "origin": "document", "source": None, "item": "replied", "label": "Replied",
        "statement": "Groups that answered", "count": None, "base": None, "percent": "94", "subset_of": None,
    }  # fmt: skip
    return pd.DataFrame({name: [value] for name, value in {**good, **cells}.items()}, dtype="string")


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (Fault("a.csv", None, None, "gone"), "a.csv: gone"),
        (Fault("a.csv", 3, None, "odd"), "a.csv, row 3: odd"),
        (Fault("a.csv", 3, "x", "odd"), "a.csv, row 3, column x: odd"),
    ],
)
def test_a_fault_is_a_sentence_that_begins_with_its_place(fault: Fault, sentence: str) -> None:
    assert str(fault) == sentence


@given(st.one_of(st.integers(0, 10**6).map(str), st.text(min_size=1, max_size=8), st.floats().map(str)))
def test_a_cell_is_a_whole_number_or_a_fault(text: str) -> None:
    frame, faults = check_frame(survey(base=text), Survey, "survey.csv")
    if re.fullmatch(r"\s*\+?0*[1-9][0-9]*(\.0*)?\s*", text):
        assert faults == []
        assert frame.loc[0, "base"] == int(float(text))
    else:
        assert [fault[:3] for fault in faults] == [("survey.csv", 2, "base")]


@given(st.decimals(min_value=-200, max_value=200, places=2))
def test_a_percentage_is_from_0_to_100(percent: object) -> None:
    _, faults = check_frame(survey(percent=f"{percent:f}"), Survey, "survey.csv")
    assert (faults == []) == (0 <= percent <= 100 and not str(percent).startswith("-"))


def test_a_valid_frame_keeps_percentages_as_printed() -> None:
    frame, faults = check_frame(survey(count="196", base="209", percent="93.80"), Survey, "survey.csv")
    assert faults == []
    assert (frame.loc[0, "percent"], frame.loc[0, "count"]) == ("93.80", 196)


def test_checking_leaves_the_frame_given_as_it_was() -> None:
    given_frame = survey(base="209")
    before = given_frame.copy(deep=True)
    check_frame(given_frame, Survey, "survey.csv")
    pd.testing.assert_frame_equal(given_frame, before)


def test_a_table_that_could_not_be_read_leaves_no_key_dangling() -> None:
    press = pd.DataFrame({"item": ["nothing"], "slide": ["S5"], "source": [None]})
    assert dangling_keys({"press": press}, {"press": Press}) == []
    (fault,) = dangling_keys({"press": press, "survey": survey()}, {"press": Press, "survey": Survey})
    assert fault[:3] == ("press.csv", 2, "item")


def test_every_reference_points_to_a_column_that_exists() -> None:
    for model in TALK.values():
        for table, column in references(model).values():
            assert column in TALK[table].to_schema().columns
