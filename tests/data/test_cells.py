"""Rows of cells as a sheet."""

from datetime import date
from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coprod.data.cells import MOST_LISTED, from_frame, from_rows, refuse_faults
from coprod.errors import DataError
from coprod.faults import Fault


def test_rows_keep_their_numbers_and_text_its_words():
    sheet = from_rows("a.csv", [["code ", "c1"], [" x", ""], [], ["", " "], ["y", 3], ["", None], []], ["a note"])
    assert sheet.header == ("code", "c1")
    assert sheet.cells.values.tolist() == [["x", None], [None, None], [None, None], ["y", 3]]
    assert (sheet.first_row, sheet.notes) == (2, ("a note",))


def test_columns_without_name_or_cell_are_left_out_at_the_end():
    rows = [["code", "", "c1", "", "", ""], ["x", "1", "2", "", "3", ""], ["y", "", "4", "", "", ""]]
    sheet = from_rows("a.csv", rows)
    assert sheet.header == ("code", "", "c1", "", "")
    assert sheet.cells[4].tolist() == ["3", None]
    assert from_rows("a.csv", [["code", ""], ["x", ""]]).header == ("code",)
    assert from_rows("a.csv", [["code", ""]]).header == ("code",)


@pytest.mark.parametrize("rows", [[], [[]], [["", " "], ["x", "y"]], [[None], ["x"]]])
def test_no_header_is_no_sheet(rows):
    assert from_rows("a.csv", rows).header == ()


def test_every_ragged_row_is_named():
    rows = [["a", "b", "c"], ["1", "2"], ["1", "2", "3", ""], ["1", "2", "3", "4"], [""], ["1", "2", "3"]]
    with pytest.raises(DataError) as caught:
        from_rows("a.csv", rows)
    first, *listed = str(caught.value).splitlines()
    assert first == "a.csv has 2 faults:"
    assert listed[0].startswith("  a.csv, row 2: 2 cells under a header of 3; add the missing cells, or put")
    assert listed[1].startswith("  a.csv, row 4: 4 cells under a header of 3; put a cell that holds a comma or a line")


def test_long_lists_of_faults_end_and_those_of_the_file_come_first():
    faults = [Fault("a.csv", row, None, "wrong") for row in range(30, 0, -1)] + [Fault("a.csv", None, None, "all")]
    with pytest.raises(DataError) as caught:
        refuse_faults([*faults, faults[0]], "a.csv")
    lines = str(caught.value).splitlines()
    assert lines[:3] == ["a.csv has 31 faults:", "  a.csv: all", "  a.csv, row 1: wrong"]
    assert lines[-1] == f"  and {31 - MOST_LISTED} more"
    refuse_faults([], "a.csv")


def test_a_frame_keeps_numbers_and_dates_and_writes_the_rest_as_words():
    frame = pd.DataFrame({" a ": [1, None], "b": [[1, 2], "x "], "c": [date(2017, 3, 1), Decimal(2)]})
    sheet = from_frame("a.parquet", frame.set_index(pd.Index([7, 8])))
    assert sheet.header == ("a", "b", "c")
    assert sheet.cells.values.tolist() == [[1.0, "[1, 2]", date(2017, 3, 1)], [None, "x", Decimal(2)]]


cell = st.one_of(st.none(), st.text(max_size=4), st.integers(), st.floats(allow_nan=False))


@given(st.lists(st.lists(cell, max_size=5), max_size=6))
def test_rows_of_anything_are_a_sheet_or_an_error(rows):
    try:
        sheet = from_rows("a.csv", rows)
    except DataError:
        return
    assert sheet.cells.shape[1] == len(sheet.header)
    assert not sheet.cells.map(lambda value: isinstance(value, str) and value != value.strip()).to_numpy().any()
