import pandas as pd
import pytest

from coprod.data import Talk
from coprod.reproduce.changed import Datum, change_cell, change_table, is_valid
from coprod.schemas import TALK, TRAINING


@pytest.mark.parametrize(
    ("table", "column", "value", "little"),
    [
        ("survey", "count", 196, [197, 195]),
        ("survey", "percent", "94.5", ["94.6", "94.4"]),
        ("survey", "percent", "100", ["99"]),
        ("timeline", "day", "2017-01-01", ["2017-01-02", "2016-12-31"]),
        ("timeline", "lane", "Evidence", ["Law and policy", "This work"]),
        ("record", "value", "2017", ["2017 (changed)"]),
        ("survey", "item", "replied", ["replied_changed"]),
        ("survey", "base", pd.NA, [1]),
        ("cohorts", "first_day", pd.NA, ["2017-01-01"]),
        ("partnership", "university", pd.NA, []),
    ],
)
def test_a_cell_is_changed_a_little_by_what_its_column_holds(
    table: str, column: str, value: object, little: list[object]
) -> None:
    changes = change_cell(value, TALK[table].to_schema().columns[column])
    assert [after for size, after in changes if size == "little"] == little


def test_an_answer_stays_on_its_scale() -> None:
    column = TRAINING["synthetic_responses"].to_schema().columns["c1"]
    assert {after for _, after in change_cell(5, column) if not pd.isna(after)} == {4, 2}


def test_every_change_of_a_table_leaves_all_tables_valid_and_changes_one_thing(talk: Talk) -> None:
    changes = list(change_table(dict(talk), "survey", TALK, ["little", "large"]))
    for change in changes:
        assert is_valid({**talk, "survey": change.frame}, "survey", TALK)
        after, before = (frame.astype("string").fillna("") for frame in (change.frame, talk["survey"]))
        differs = (after != before).sum()
        assert differs.sum() == 1
        assert differs[change.datum.column] == 1
    changed = {change.datum for change in changes}
    assert Datum("survey", 2, "count") in changed
    assert Datum("survey", 2, "item") not in changed  # other rows point to it
    assert Datum("survey", 2, "origin") not in changed  # an outside row would have to name its source


def test_rows_and_columns_are_changed_together_where_the_tables_stay_valid(talk: Talk) -> None:
    changes = {str(c.datum): c for c in change_table(dict(talk), "abbreviations", TALK, ["together"])}
    assert len(changes["abbreviations.csv, row 3"].frame) == len(talk["abbreviations"]) - 1
