"""Which column is which; the faults are tested from file to message in test_intake."""

import pandas as pd
import pytest

from coprod.data import Sheet
from coprod.data.cells import from_rows
from coprod.errors import DataError
from coprod.training.columns import check_addresses, check_synthetic, find_columns
from coprod.training.layouts import Arranged, arrange
from coprod.training.protocol import Protocol


def plan(
    items: list[str], synthetic: bool = False, wording: dict[str, str] | None = None, **columns: object
) -> Protocol:
    given = {"participant": "code", "cohort": "group", "waves": ["pre", "post"], **columns}
    scale = {"name": "s", "items": items, "minimum": 1, "maximum": 5, "wording": wording or {}}
    return Protocol(
        title="T", columns=given, scale=[scale], synthetic=synthetic,
        analysis={"primary_scale": "s", "primary_wave": "post"},
    )  # fmt: skip


def sheet(*header: str) -> Arranged:
    return arrange(from_rows("a.csv", [header, ["1"] * len(header)]))


def test_each_item_has_a_column_for_each_wave_by_name_or_question():
    protocol = plan(["q1", "q2"], wording={"q2": "I feel sure"}, wide="{wave}: {item}")
    arranged = sheet("code", "Group", "pre: q1", "post: q1", "PRE: I feel  sure", "post: i feel sure")
    assert find_columns(arranged, protocol) == {
        "code": "code", "group": "Group", "pre: q1": "pre: q1", "post: q1": "post: q1",
        "pre: q2": "PRE: I feel  sure", "post: q2": "post: i feel sure",
    }  # fmt: skip


def test_a_name_goes_before_a_question():
    protocol = plan(["q1", "q2"], wording={"q2": "Q1"}, wave="t")
    with pytest.raises(DataError, match="column q2: this is the column 'q1', which is named already"):
        find_columns(sheet("code", "group", "t", "q1"), protocol)
    assert find_columns(sheet("code", "group", "t", "q1", "q2"), protocol)["q2"] == "q2"


def test_two_items_whose_columns_get_one_name_are_refused():
    protocol = plan(["a", "a_post"], wide="{item}_{wave}", waves=["post_post", "post"])
    with pytest.raises(DataError, match="column a_post_post: this is the column 'a_post_post', which is named already"):
        find_columns(sheet("code", "group", "a_post", "a_post_post", "a_post_post_post"), protocol)


def test_without_addresses_and_marks_there_is_no_fault():
    arranged, protocol = sheet("code", "group", "t", "q1"), plan(["q1"], wave="t")
    named = find_columns(arranged, protocol)
    assert list(check_addresses(arranged, protocol, named)) == []
    assert list(check_synthetic(arranged, protocol, named)) == []


@pytest.mark.parametrize(
    ("cells", "synthetic", "rows"),
    [(["yes", "Y", True, 1], True, None), (["no", "", "0", None], False, None), (["yes", "no", "", "x"], True, 3),
     (["no", None, "x", "1"], False, 4)],
)  # fmt: skip
def test_every_row_is_marked_or_none(cells, synthetic, rows):
    frame = pd.DataFrame({place: pd.Series(["1"] * 4, dtype=object) for place in range(4)})
    frame[4] = pd.Series(cells, dtype=object).where(pd.Series(cells).ne(""), None)
    arranged = Arranged(Sheet("a.csv", ("code", "group", "t", "q1", "SYNTHETIC"), frame), "plain")
    protocol = plan(["q1"], synthetic, wave="t")
    found = list(check_synthetic(arranged, protocol, find_columns(arranged, protocol)))
    assert [fault.row for fault in found] == ([rows] if rows else [])
