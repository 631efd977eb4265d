"""Who answered when; the faults are tested from file to message in test_intake."""

import pandas as pd
import pytest

from coprod.data.cells import from_rows
from coprod.training.keys import fill_events, find_clashes, find_variants, read_keys, read_words, tag_cohort
from coprod.training.layouts import Arranged, arrange
from coprod.training.protocol import Protocol

PLAN = {
    "title": "T",
    "columns": {"participant": "code", "cohort": "group", "wave": "time", "waves": ["pre", "post"]},
    "scale": [{"name": "s", "items": ["q"], "minimum": 1, "maximum": 5}],
    "analysis": {"primary_scale": "s", "primary_wave": "post"},
}
NAMED = {"code": "code", "group": "group", "time": "time"}


def sheet(*rows: list[object]) -> Arranged:
    return arrange(from_rows("a.csv", [["code", "group", "time", "q"], *rows]))


def test_keys_keep_the_rows_of_the_spreadsheet():
    keys, faults = read_keys(sheet(["a", "x", "pre", "1"], [], [7.0, "x", "POST", ""]), Protocol(**PLAN), NAMED)
    assert faults == []
    assert keys.to_dict("list") == {
        "row": [2, 4], "participant": ["a", "7"], "cohort": ["x", "x"], "wave": ["pre", "post"],
        "audience": ["all", "all"],
    }  # fmt: skip
    assert keys.index.tolist() == [0, 2]


def test_long_numbers_are_different_people():
    """Written with six figures, 12345678 and 12345679 would be one."""
    keys, faults = read_keys(
        sheet([12345678.0, "x", "pre", "1"], [12345679.0, "x", "pre", "1"]), Protocol(**PLAN), NAMED
    )
    assert keys["participant"].tolist() == ["12345678", "12345679"]
    assert faults == []


def test_words_take_the_file_s_labels_and_leave_out_what_means_nothing():
    arranged = sheet([1.0, "x", "pre", "1"], [2.0, "x", "pre", "1"], [9.0, "x", "pre", None])
    arranged.sheet.labels["code"] = {1.0: "one", 9.0: "nine"}
    assert read_words(arranged, "code").tolist() == ["one", "2", "nine"]
    words = read_words(arranged, "code", ["9", "2 "])
    assert words.isna().tolist() == [False, True, True]


def test_only_redcap_gives_things_once():
    rows = pd.DataFrame({"row": [2, 3, 4], "participant": ["a", "a", "b"], "wave": ["pre", None, "pre"],
                         "cohort": ["x", None, None]})  # fmt: skip
    plain = Arranged(from_rows("a.csv", [["q"], ["1"]]), "plain")
    assert fill_events(rows, plain) is rows
    filled = fill_events(rows, Arranged(plain.sheet, "redcap"))
    assert filled["cohort"].tolist()[:2] == ["x", "x"]
    assert filled["cohort"].isna().tolist() == [False, False, True]
    assert filled["wave"].isna().tolist() == [False, True, False]
    assert rows["cohort"].isna().tolist() == [False, True, True]


def test_variants_are_named_once_each_and_missing_ones_not_at_all():
    words = pd.Series(["North", "north", None, "NORTH ", "North", "north"])
    found = [str(fault) for fault in find_variants(words, pd.Series(range(2, 8)), "cohort", "group", "a.csv")]
    assert found == [
        "a.csv, row 3, column group: cohort 'north' and 'North' (row 2) differ in case or space only; write one",
        "a.csv, row 5, column group: cohort 'NORTH ' and 'North' (row 2) differ in case or space only; write one",
    ]
    hidden = find_variants(words, pd.Series(range(2, 8)), "participant", "code", "a.csv", hidden=True)
    assert all("orth" not in str(fault) for fault in hidden)


def test_one_in_three_cohorts_is_one_fault():
    long = pd.DataFrame({"participant": "a", "cohort": list("xyzx"), "audience": "all", "wave": list("1234"),
                         "item": "q", "row": [2, 3, 4, 5]})  # fmt: skip
    (fault,) = find_clashes(long, "a.csv", by_item=False, nameless=False)
    assert str(fault) == (
        "a.csv, row 2: participant 'a' has cohort 'x' (row 2) and 'y' (row 3) and 'z' (row 4); correct one, or give "
        "one of them another code"
    )


@pytest.mark.parametrize("code", ["an 07", "AN-07", "An07"])
def test_self_generated_codes_are_capitals_without_signs(code):
    plan = Protocol(**{**PLAN, "columns": {**PLAN["columns"], "codes": "self-generated"}})
    keys, faults = read_keys(
        sheet([code, "x", "pre", "1"], ["É1", "y", "pre", "1"], [code, "y", "pre", "1"]), plan, NAMED
    )
    assert keys["participant"].tolist() == ["AN07" + tag_cohort("x"), "É1", "AN07 (y)"]
    assert faults == []


def test_cohorts_are_matched_before_codes_are_told_apart():
    plan = Protocol(**{**PLAN, "columns": {**PLAN["columns"], "codes": "self-generated", "cohorts": ["One"]}})
    keys, faults = read_keys(sheet(["a", "one", "pre", "1"], ["A", "ONE", "post", "1"]), plan, NAMED)
    assert keys["participant"].tolist() == ["A", "A"]
    assert faults == []
