import csv
import io
import tempfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coprod.errors import DataError, EnvironmentProblem
from coprod.reproduce.collect import Displayed, collect, data_csv
from coprod.reproduce.expected import Comparison, compare, first_difference, store
from coprod.reproduce.folders import replace_tree
from coprod.results import Table, Value

WORDS = {"title": "Groups", "answer": "Most.", "slide": "S5", "source": "survey.csv"}
CLAIMS = pd.DataFrame({"claim": ["ccg_replied", "works_match"], "verdict": ["consistent", "differs"]})


def value(number: float | str, name: str = "share", tolerance: float = 0.5) -> Displayed:
    return Displayed("01", Value(id=name, value=number, tolerance=tolerance, **WORDS))


def table(cells: list[object]) -> Displayed:
    frame = pd.DataFrame({"n": cells}, dtype=object)
    return Displayed("01", Table(id="rows", data=frame, headings={"n": "N"}, **WORDS))


def as_csv(rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def compare_rows(stored: str, got: Displayed) -> list[Comparison]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "tables", "rows.csv")
        path.parent.mkdir()
        path.write_text(stored, encoding="utf-8")
        return compare(Path(folder), [got], CLAIMS.iloc[:0])


@pytest.mark.parametrize(
    ("before", "after", "difference"),
    [
        ("a,b\n1,x\n", "a,b\n1,x\n", None),
        ("a\n1.0\n", "a\n1\n", None),
        ("a\n1000\n", "a\n1000.0000001\n", None),
        ("a\n0\n", "a\n1e-17\n", None),
        ("a\n1\n", "a\n1.00001\n", ("row 2, column 'a': '1'", "row 2, column 'a': '1.00001'")),
        ("a,b\n1,x\n2,y\n", "a,b\n1,x\n2,z\n", ("row 3, column 'b': 'y'", "row 3, column 'b': 'z'")),
        ("a\n007\n", "a\n7\n", ("row 2, column 'a': '007'", "row 2, column 'a': '7'")),
        ("a\n\n", "a\n0\n", ("row 2, column 'a': ''", "row 2, column 'a': '0'")),
        ("a,b\n", "a,c\n", ("columns a, b", "columns a, c")),
        ("a\n1\n", "a\n1\n2\n", ("1 rows", "2 rows")),
        ("", "a\n", ("columns ", "columns a")),
    ],
)
def test_the_first_difference_is_named(before: str, after: str, difference: tuple[str, str] | None) -> None:
    assert first_difference(before, after) == difference


def test_a_fitted_number_may_differ_by_the_last_step_of_its_search() -> None:
    assert first_difference("a\n1\n", "a\n1.00001\n", 1e-4) is None
    assert first_difference("a\n1\n", "a\n1.001\n", 1e-4) is not None
    for tolerance, ok in ((1e-4, True), (1e-9, False)):
        rows = {"id": "rows", "headings": {"n": "N"}, "tolerance": tolerance, **WORDS}
        (got,) = [Displayed("01", Table(data=pd.DataFrame({"n": [1.00001]}), **rows))]
        assert [c.ok for c in compare_rows("n\n1\n", got)] == [ok]


@pytest.mark.parametrize("word", ["=cmd()|x!A1", "+1", "-1", "@SUM(A1)", "\ttab"])
def test_no_cell_is_a_formula(word: str) -> None:
    (row,) = list(csv.reader(io.StringIO(data_csv(table([word]).result))))[1:]
    assert row == [f"'{word}"]
    assert data_csv(table([-1.5]).result) == "n\n-1.5\n"


@given(st.lists(st.lists(st.text(st.characters(exclude_characters="\r")), min_size=2, max_size=2), min_size=1))
def test_any_table_equals_itself(rows: list[list[str]]) -> None:
    assert first_difference(as_csv(rows), as_csv(rows)) is None


@given(st.lists(st.lists(st.text("abc", min_size=1), min_size=2, max_size=2), min_size=2), st.data())
def test_a_changed_cell_is_found_where_it_is(rows: list[list[str]], data: st.DataObject) -> None:
    row = data.draw(st.integers(1, len(rows) - 1))
    changed = [list(cells) for cells in rows]
    changed[row][1] += "x"
    found = first_difference(as_csv(rows), as_csv(changed))
    assert found is not None
    assert found[1] == f"row {row + 1}, column {rows[0][1]!r}: {changed[row][1]!r}"


def test_what_was_stored_compares_equal(tmp_path: Path) -> None:
    displayed = [value(93.78), value("nearest", "rule", 0), table([1, None, 0.1 + 0.2])]
    store(tmp_path / "expected", displayed, CLAIMS)
    comparisons = compare(tmp_path / "expected", displayed, CLAIMS)
    assert [c.id for c in comparisons] == [
        "share", "rule", "rows.data", "ccg_replied.verdict", "works_match.verdict",
    ]  # fmt: skip
    assert all(c.ok for c in comparisons)


@pytest.mark.parametrize(("got", "ok"), [(94.2, True), (94.4, False), ("93.78", False), (93, False)])
def test_a_value_may_differ_by_its_stored_tolerance(tmp_path: Path, got: float | str, ok: bool) -> None:
    store(tmp_path / "expected", [value(93.78)], CLAIMS)
    (comparison,) = [c for c in compare(tmp_path / "expected", [value(got, tolerance=99)], CLAIMS) if c.id == "share"]
    assert (comparison.expected, comparison.got, comparison.tolerance, comparison.ok) == (93.78, got, 0.5, ok)


def test_missing_and_new_things_are_both_differences(tmp_path: Path) -> None:
    store(tmp_path / "expected", [value(1, "old"), table([1])], CLAIMS)
    found = {c.id: c for c in compare(tmp_path / "expected", [value(1, "new")], CLAIMS.iloc[:1]) if not c.ok}
    assert (found["old"].expected, found["old"].got) == (1, None)
    assert (found["new"].expected, found["new"].got) == (None, 1)
    assert (found["rows.data"].expected, found["rows.data"].got) == ("stored in tables", None)
    assert (found["works_match.verdict"].expected, found["works_match.verdict"].got) == ("differs", None)
    assert len(found) == 4


def test_nothing_stored_makes_everything_new(tmp_path: Path) -> None:
    comparisons = compare(tmp_path / "expected", [value(1), table([1])], CLAIMS)
    assert len(comparisons) == 4
    assert all(c.expected is None and not c.ok for c in comparisons)


@pytest.mark.parametrize("text", ["{", "[]", '{"schema": 2, "values": {}}', '{"schema": 1, "values": {"a": {}}}'])
def test_a_stored_file_that_cannot_be_read_is_named(tmp_path: Path, text: str) -> None:
    store(tmp_path / "expected", [value(1)], CLAIMS)
    (tmp_path / "expected" / "values.json").write_text(text)
    with pytest.raises(DataError, match=r"expected cannot be read .* restore it with 'git checkout"):
        compare(tmp_path / "expected", [value(1)], CLAIMS)


def test_a_stored_table_that_is_no_csv_is_named(tmp_path: Path) -> None:
    store(tmp_path / "expected", [table([1])], CLAIMS)
    (tmp_path / "expected" / "tables" / "rows.csv").write_text("n\n" + "x" * 2**18)  # over the limit of a cell
    with pytest.raises(DataError, match="expected cannot be read"):
        compare(tmp_path / "expected", [table([1])], CLAIMS)


def test_storing_removes_what_is_no_longer_displayed(tmp_path: Path) -> None:
    store(tmp_path / "expected", [table([1])], CLAIMS)
    store(tmp_path / "expected", [value(1)], CLAIMS)
    assert sorted(path.name for path in (tmp_path / "expected").rglob("*")) == ["claims.csv", "values.json"]
    assert [path.name for path in tmp_path.iterdir()] == ["expected"]


def test_a_folder_that_cannot_be_written_is_left_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("kept")
    with pytest.raises(EnvironmentProblem, match="cannot write to"):
        replace_tree(tmp_path / "kept", {"a": "b"}, ["a"])
    with pytest.raises(EnvironmentProblem, match="cannot write to"):
        replace_tree(tmp_path, {"kept": "new", "kept/below": "impossible"}, ["kept"])
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("kept", "kept")]


def test_lists_are_json_and_synthetic_data_say_so_in_every_row() -> None:
    frame = pd.DataFrame({"counts": [[29, 30], None]}, dtype=object)
    result = Table(id="rows", data=frame, headings={"counts": "Counts"}, synthetic=True, **WORDS)
    assert data_csv(result) == 'synthetic,counts\nTrue,"[29, 30]"\nTrue,\n'


def test_an_id_in_two_notebooks_names_both(project: Path) -> None:
    folder = project / "reports" / "notebooks"
    (folder / "03_copy.ipynb").write_bytes((folder / "01_replies.ipynb").read_bytes())
    with pytest.raises(DataError, match="'share' is displayed by 01_replies and by 03_copy"):
        collect(sorted(folder.iterdir()))
