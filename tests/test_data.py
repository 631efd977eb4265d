import csv
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from coprod.data import HOME_VARIABLE, Talk, each_row, find_row, project_home, read_talk
from coprod.errors import DataError, EnvironmentProblem
from coprod.schemas import TALK

Rows = list[list[str]]
NO_SOURCE = "an outside row names its source and a document row names none; mend origin or source"
COLUMNS = "slide, origin, source, item, label, statement, count, base, percent, subset_of"


def edit(home: Path, table: str, change: Callable[[Rows], object]) -> None:
    """Let ``change`` work on the rows of a table, the header being the first."""
    path = home / "data" / "talk" / f"{table}.csv"
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    change(rows)
    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def put(home: Path, table: str, row: int, column: str, value: str) -> None:
    """Put a value into a cell; the header is row 1."""

    def change(rows: Rows) -> None:
        rows[row - 1][rows[0].index(column)] = value

    edit(home, table, change)


def faults(home: Path) -> list[str]:
    """Read the talk, which must fail, and return the faults it lists."""
    with pytest.raises(DataError) as caught:
        read_talk(home)
    first, *listed = str(caught.value).splitlines()
    assert first.startswith(f"the tables in {home / 'data' / 'talk'} have {len(listed)} fault")
    return [line.strip() for line in listed]


def drop_column(column: str) -> Callable[[Rows], None]:
    def change(rows: Rows) -> None:
        place = rows[0].index(column)
        for row in rows:
            del row[place]

    return change


def add_column(rows: Rows) -> None:
    for row in rows:
        row.append("colour" if row is rows[0] else "red")


def test_the_committed_tables_are_read_whole(talk: Talk, root: Path) -> None:
    assert list(talk) == list(TALK)
    assert len(talk) == len(list((root / "data" / "talk").glob("*.csv")))
    for name, table in talk.items():
        lines = (root / "data" / "talk" / f"{name}.csv").read_text(encoding="utf-8").count("\n")
        assert len(table) == lines - 1, name


def test_a_table_taken_out_cannot_be_changed_for_another_reader(talk: Talk) -> None:
    mine = talk["survey"]
    mine.loc[0, "count"] = 0
    assert talk["survey"].loc[0, "count"] == 196


def test_an_unknown_table_is_named_with_the_nearest_one(talk: Talk) -> None:
    with pytest.raises(KeyError, match="no table 'survy'.*did you mean 'survey'"):
        talk["survy"]


def test_replace_leaves_the_talk_itself_alone(talk: Talk) -> None:
    other = talk.replace(survey=talk["survey"].head(1))
    assert (len(other["survey"]), len(talk["survey"])) == (1, 4)


def test_a_row_is_found_by_its_key(talk: Talk) -> None:
    assert find_row(talk["survey"], "item", "replied").count == 196
    assert [row.item for row in each_row(talk["survey"])] == list(talk["survey"]["item"])
    with pytest.raises(DataError, match="no row with item 'replyed'; did you mean 'replied'"):
        find_row(talk["survey"], "item", "replyed")


def test_home_is_the_checkout_unless_the_variable_names_another(
    root: Path, home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert project_home() == root
    monkeypatch.setenv(HOME_VARIABLE, str(home))
    assert project_home() == home
    assert list(read_talk()) == list(TALK)
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    with pytest.raises(EnvironmentProblem, match=f"no data/talk in {tmp_path}; set {HOME_VARIABLE}"):
        project_home()


@pytest.mark.parametrize(
    ("table", "row", "column", "value", "said"),
    [
        ("survey", 2, "percent", "101", "'101' is not a percentage from 0 to 100; correct the cell"),
        ("survey", 3, "percent", "-1", "'-1' is not a percentage from 0 to 100; correct the cell"),
        ("survey", 3, "percent", "", "the cell is empty; give a percentage from 0 to 100"),
        ("survey", 3, "base", "0", "'0' is not a whole number of 1 or more; correct the cell"),
        ("survey", 2, "base", "many", "'many' is not a whole number of 1 or more; correct the cell"),
        ("survey", 2, "count", "195.5", "'195.5' is not a whole number of 0 or more; correct the cell"),
        ("survey", 2, "count", "1e30", "'1e30' is not a whole number of 0 or more; correct the cell"),
        ("survey", 3, "subset_of", "replyed", "no item 'replyed' in survey.csv; correct the cell or add that row"),
        ("press", 3, "item", "any", "no item 'any' in survey.csv; correct the cell or add that row"),
        ("evidence", 2, "work", "unheard", "no work 'unheard' in works.csv; correct the cell or add that row"),
        ("press", 2, "source", "rumour", "no source 'rumour' in sources.csv; correct the cell or add that row"),
        ("cohorts", 2, "slide", "S12", "'S12' is not a slide from S0 to S11; correct the cell"),
        ("cohorts", 2, "slide", "", "the cell is empty; give a slide from S0 to S11"),
        ("claims", 2, "slide", "", "the cell is empty; give a slide from S0 to S11"),
        ("claims", 2, "claim", "", "the cell is empty; give a key of lower-case letters, digits and underscores"),
        ("cohorts", 2, "origin", "hearsay", "'hearsay' is not one of 'document', 'outside'; correct the cell"),
        ("cohorts", 2, "first_day", "May 2017", "'May 2017' is not a date such as 2017-09-14; correct the cell"),
        ("works", 2, "year", "20155", "'20155' is not a year from 1900 to 2100; correct the cell"),
        ("works", 2, "link", "www", "'www' is not an address that begins with http:// or https://; correct the cell"),
        ("slides", 3, "heading", "", "the cell is empty; give text"),
    ],
)
def test_a_bad_cell_is_the_one_fault(home: Path, table: str, row: int, column: str, value: str, said: str) -> None:
    put(home, table, row, column, value)
    assert faults(home) == [f"{table}.csv, row {row}, column {column}: {said}"]


@pytest.mark.parametrize(
    ("table", "row", "column", "value", "said"),
    [
        ("survey", 2, "count", "210", "count is above base, or base is not given; mend count or base"),
        ("survey", 2, "base", "", "count is above base, or base is not given; mend count or base"),
        ("press", 2, "source", "", NO_SOURCE),
        ("survey", 3, "source", "blog", NO_SOURCE),
    ],
)
def test_cells_that_do_not_fit_together_name_their_row(
    home: Path, table: str, row: int, column: str, value: str, said: str
) -> None:
    put(home, table, row, column, value)
    assert faults(home) == [f"{table}.csv, row {row}: {said}"]


def test_a_key_given_twice_is_named_at_both_rows(home: Path) -> None:
    put(home, "timeline", 3, "event", "act")
    said = "column event: 'act' stands in another row too; keep one"
    assert faults(home) == [f"timeline.csv, row 2, {said}", f"timeline.csv, row 3, {said}"]


def test_a_pair_of_keys_given_twice_is_named_at_both_rows(home: Path) -> None:
    put(home, "works", 3, "work", "fisher_lees")
    said = "another row has the same work and origin; keep one"
    assert faults(home) == [f"works.csv, row 2: {said}", f"works.csv, row 3: {said}"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (drop_column("percent"), "row 1, column percent: the column is missing; add it to the header"),
        (drop_column("origin"), "row 1, column origin: the column is missing; add it to the header"),
        (drop_column("base"), "row 1, column base: the column is missing; add it to the header"),
        (add_column, f"row 1, column colour: no such column; the columns are {COLUMNS}"),
    ],
)
def test_the_header_is_checked(home: Path, change: Callable[[Rows], None], said: str) -> None:
    edit(home, "survey", change)
    assert faults(home) == [f"survey.csv, {said}"]


def test_a_column_given_twice_is_named(home: Path) -> None:
    edit(home, "duties", lambda rows: [row.append(row[0]) for row in rows])
    assert faults(home) == ["duties.csv, row 1, column slide: the column is there twice; remove one"]


def test_a_row_of_another_length_is_named(home: Path) -> None:
    edit(home, "duties", lambda rows: (rows[2].append("more"), rows.insert(4, [])))
    mend = "put a cell that holds a comma in double quotes"
    assert faults(home) == [
        f"duties.csv, row 3: 5 cells under a header of 4; {mend}",
        f"duties.csv, row 5: 0 cells under a header of 4; {mend}",
    ]


RESTORE = "restore it with 'git checkout -- data/talk/survey.csv'"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, f"the file is missing; {RESTORE}"),
        (b"", f"the file has no header; {RESTORE}"),
        (b"\0\0\0\0", f"the file has no header; {RESTORE}"),
        (b"slide,origin\n", f"no rows under the header; {RESTORE}"),
    ],
    ids=["missing", "empty", "zeros", "header only"],
)
def test_a_file_that_is_no_table_is_one_fault(home: Path, content: bytes | None, said: str) -> None:
    path = home / "data" / "talk" / "survey.csv"
    path.unlink() if content is None else path.write_bytes(content)
    assert faults(home) == [f"survey.csv: {said}"]


@pytest.mark.parametrize(
    "content", [b"\x89PNG\r\n\x1a\n\xff\xfe", b'slide,origin\nS5,"docu'], ids=["binary", "cut off"]
)
def test_a_file_that_is_not_text_or_ends_in_a_cell_is_one_fault(home: Path, content: bytes) -> None:
    (home / "data" / "talk" / "survey.csv").write_bytes(content)
    (fault,) = faults(home)
    assert fault.startswith("survey.csv: not a CSV table in UTF-8 (")
    assert fault.endswith(RESTORE)


@pytest.mark.parametrize("part", [0.3, 0.5, 0.7, 0.95])
def test_a_file_cut_off_anywhere_is_refused(home: Path, part: float) -> None:
    path = home / "data" / "talk" / "works.csv"
    whole = path.read_bytes()
    path.write_bytes(whole[: int(part * len(whole))])
    assert all(fault.startswith(("works.csv", "evidence.csv")) for fault in faults(home))


def test_a_folder_in_place_of_a_table_is_a_fault(home: Path) -> None:
    path = home / "data" / "talk" / "survey.csv"
    path.unlink()
    path.mkdir()
    assert faults(home)[0].startswith("survey.csv: not a CSV table in UTF-8 (")


def test_every_fault_of_every_table_is_in_one_report(home: Path) -> None:
    put(home, "survey", 2, "percent", "101")
    put(home, "survey", 4, "slide", "S77")
    put(home, "claims", 3, "slide", "")
    put(home, "press", 2, "item", "nothing")
    (home / "data" / "talk" / "duties.csv").unlink()
    named = [fault.split(":")[0] for fault in faults(home)]
    assert named == [
        "survey.csv, row 2, column percent",
        "survey.csv, row 4, column slide",
        "duties.csv",
        "claims.csv, row 3, column slide",
        "press.csv, row 2, column item",
    ]


def test_a_spreadsheet_s_mark_at_the_start_of_a_file_is_no_fault(home: Path, talk: Talk) -> None:
    path = home / "data" / "talk" / "survey.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    pd.testing.assert_frame_equal(read_talk(home)["survey"], talk["survey"])
