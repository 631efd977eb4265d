"""Headers as survey tools write them."""

from pathlib import Path

import pandas as pd
import pytest

from coprod.data import Sheet, read_sheet
from coprod.data.cells import from_rows
from coprod.errors import DataError
from coprod.training.layouts import arrange, strip_arm

FIXTURES = Path(__file__).parent / "fixtures"
TOOLS = {"rows": "plain", "wide": "plain", "answers": "plain", "qualtrics": "qualtrics", "jisc": "jisc",
         "microsoft_forms": "microsoft-forms", "redcap": "redcap", "surveymonkey": "surveymonkey"}  # fmt: skip


@pytest.mark.parametrize("name", TOOLS)
def test_each_tool_is_recognised_by_itself_and_can_be_named(name):
    sheet = read_sheet(FIXTURES / f"{name}.csv")
    assert arrange(sheet).layout == TOOLS[name]
    assert arrange(sheet, TOOLS[name]).sheet.header == arrange(sheet).sheet.header


@pytest.mark.parametrize(
    ("name", "first"), [("qualtrics", 4), ("surveymonkey", 3), ("jisc", 2), ("redcap", 2), ("microsoft_forms", 2)]
)
def test_rows_of_headers_are_taken_off_and_the_rest_keep_their_numbers(name, first):
    sheet = read_sheet(FIXTURES / f"{name}.csv")
    arranged = arrange(sheet).sheet
    assert arranged.first_row == first
    assert len(arranged.cells) == len(sheet.cells) - (first - 2)
    assert arranged.cells.index[0] == 0


@pytest.mark.parametrize(
    ("name", "asked", "found"),
    [
        ("qualtrics", "Q5_2", ("Q5_2",)),
        ("qualtrics", "my team shares decisions, and says so", ("Q5_2",)),
        ("qualtrics", "How far do you agree? - My team shares decisions, and says so", ("Q5_2",)),
        ("surveymonkey", "Risk is for  experts to judge", ("How far do you agree? - Risk is for experts to judge",)),
        ("surveymonkey", "please enter your code", ("Please enter your code",)),
        ("microsoft_forms", "which group are you in?", ("Which group are you in?",)),
        ("microsoft_forms", "3", ("3. Risk is for experts to judge",)),
        ("jisc", "6.3", ("6.3. Risk is for experts to judge",)),
        ("jisc", "risk is for experts to judge", ("6.3. Risk is for experts to judge",)),
        ("redcap", "Champion___1", ("champion___1",)),
        ("redcap", "champion", ()),
    ],
)  # fmt: skip
def test_columns_are_found_by_name_number_or_question(name, asked, found):
    assert arrange(read_sheet(FIXTURES / f"{name}.csv")).find(asked) == found


def test_only_the_last_part_of_a_question_of_a_table_is_a_name():
    rows = [["Q1"], ["How sure? - Today - I can talk"], ['{"ImportId":"a"}'], ["1"]]
    arranged = arrange(from_rows("a.csv", rows))
    assert arranged.find("I can talk") == arranged.find("How sure? - Today - I can talk") == ("Q1",)
    assert arranged.find("Today - I can talk") == ()


def test_a_question_asked_twice_may_be_either():
    rows = [["Q1", "Q2"], ["Sure?", "sure?"], ['{"ImportId":"a"}', '{"ImportId":"b"}'], ["1", "2"]]
    arranged = arrange(from_rows("a.csv", rows))
    assert arranged.find("SURE?") == ("Q1", "Q2")
    assert arranged.cells("Q2").tolist() == ["2"]
    assert arrange(from_rows("a.csv", [["Q1", "q1"], ["1", "2"]])).find("Q 1") == ()
    assert arrange(from_rows("a.csv", [["Q1", "q1"], ["1", "2"]])).find("q1") == ("q1",)


def test_the_questions_of_an_spss_file_are_names_too():
    sheet = Sheet("a.sav", ("v1",), pd.DataFrame({0: [1]}), questions={"v1": "I feel  sure"})
    assert arrange(sheet).find("I feel sure") == ("v1",)


@pytest.mark.parametrize(
    ("rows", "layout", "message"),
    [
        ([["Q1"], ["1"]], "qualtrics", "row 3: no ImportId, so this is not Qualtrics with three header rows"),
        ([["Q1"], ["Sure?"], ["1"]], "qualtrics", "row 3: no ImportId"),
        ([["Q1"], ["1"]], "redcap", "no column redcap_event_name"),
        ([["Q1"], ["Sure?"], ['{"ImportId":"a"}']], "auto", "headers and no answers under them"),
        ([["Q1"], ["Response"]], "surveymonkey", "headers and no answers under them"),
        ([["Q", "", "Q - a"], ["", "a", ""], ["1", "2", "3"]], "surveymonkey", "rows 1 and 2: 'Q - a' is there twice"),
    ],
)
def test_a_layout_that_the_sheet_does_not_have_is_refused(rows, layout, message):
    with pytest.raises(DataError, match=message):
        arrange(from_rows("a.csv", rows), layout)


def test_no_header_of_a_tool_is_mistaken_in_a_plain_file():
    assert arrange(from_rows("a.csv", [["code"], ["ImportId"]])).layout == "plain"
    assert arrange(from_rows("a.csv", [["code", "Start time"], ["x", "y"]])).layout == "plain"


@pytest.mark.parametrize(
    ("event", "bare"),
    [("pre_arm_1", "pre"), ("t_2_arm_12", "t_2"), ("pre_arm_1b", "pre"), ("farm_1", "farm_1"), ("pre", "pre")],
)
def test_the_arm_of_an_event_is_taken_off(event, bare):
    assert strip_arm(event) == bare
