import csv
import json
import random
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import frictionless
import pytest
from click.testing import CliRunner

from coprod import datapackage
from coprod.cli import main
from coprod.data import read_annotations, read_talk
from coprod.errors import DataError
from coprod.report.certificate import write_certificate
from coprod.reproduce.certificate import read_outputs
from coprod.reproduce.check import check
from coprod.reproduce.collect import FORMULA
from coprod.reproduce.doctor import examine
from coprod.reproduce.fingerprint import read_record
from coprod.reproduce.twice import _shuffle_rows
from coprod.schemas import Annotations

HEADER = ["annotation", "claim", "who", "role", "words", "date", "consent"]
KEY = "a key of lower-case letters, digits and underscores"
TEXT = "give text that begins with none of = + - @, which a spreadsheet takes for a formula"
SECRET = "I do not want this printed"
ANSWER = {
    "annotation": "first",
    "claim": "champion_words",
    "who": "Example Person",
    "role": "patient champion",
    "words": "My story is longer, and it is mine.",
    "date": "2026-02-28",
    "consent": "yes",
}


def write(home: Path, *rows: dict[str, str], header: Sequence[str] = HEADER) -> Path:
    path = home / "data" / "annotations.csv"
    with open(path, "w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerows([header, *([{**ANSWER, **row}[column] for column in header] for row in rows)])
    return path


def faults(home: Path) -> list[str]:
    with pytest.raises(DataError) as caught:
        read_annotations(home)
    first, *listed = str(caught.value).splitlines()
    assert first == f"annotations.csv has {len(listed)} fault{'s' if len(listed) > 1 else ''}:"
    return [line.strip() for line in listed]


def test_the_committed_file_is_legal_and_invents_nobody(root: Path) -> None:
    assert list(read_annotations(root).columns) == HEADER
    assert list(Annotations.to_schema().columns) == HEADER


def test_a_row_is_read_as_it_stands(home: Path) -> None:
    write(home, {}, {"annotation": "second", "words": " Two lines,\nand\n\na third. ", "role": "", "consent": " yes"})
    first, second = read_annotations(home).to_dict("records")
    assert first == ANSWER
    assert second["words"] == "Two lines,\nand\n\na third."
    assert second["role"] != second["role"]  # missing


@pytest.mark.parametrize("content", [None, ",".join(HEADER) + "\n", ",".join(HEADER)], ids=["missing", "bare", "cut"])
def test_nobody_having_answered_is_legal(home: Path, content: str | None) -> None:
    path = home / "data" / "annotations.csv"
    path.unlink() if content is None else path.write_text(content, encoding="utf-8")
    found = read_annotations(home)
    assert (len(found), list(found.columns)) == (0, HEADER)


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("annotation", "", f"the cell is empty; give {KEY}"),
        ("annotation", "First!", f"'First!' is not {KEY}; correct the cell"),
        ("claim", "champion_word", "no claim 'champion_word' in claims.csv; correct the cell or add that row"),
        ("claim", "", f"the cell is empty; give {KEY}"),
        ("words", "", f"the cell is empty; {TEXT}"),
        ("words", "  \n ", f"the cell is empty; {TEXT}"),
        ("who", "", f"the cell is empty; {TEXT}"),
        ("date", "28 February 2026", "'28 February 2026' is not a date such as 2017-09-14; correct the cell"),
        ("date", "2026-13-01", "'2026-13-01' is not a date such as 2017-09-14; correct the cell"),
        ("date", "", "the cell is empty; give a date such as 2017-09-14"),
    ],
)  # fmt: skip
def test_a_bad_cell_is_the_one_fault(home: Path, column: str, value: str, said: str) -> None:
    write(home, {}, {"annotation": "second", "words": "Other words.", column: value})
    assert faults(home) == [f"annotations.csv, row 3, column {column}: {said}"]


def test_a_day_that_no_calendar_has_is_named(home: Path) -> None:
    write(home, {"date": "2026-02-30"})
    assert faults(home) == ["annotations.csv, row 2: the date is no day of the calendar; correct the cell"]


@pytest.mark.parametrize("column", ["who", "role", "words"])
@pytest.mark.parametrize("value", [*(f"{mark}1+1" for mark in FORMULA if mark.strip()), "a\x07b", "\x1b[31mred"])
def test_what_a_spreadsheet_or_a_terminal_would_run_is_refused(home: Path, column: str, value: str) -> None:
    write(home, {column: value})
    (fault,) = faults(home)
    assert fault.startswith(f"annotations.csv, row 2, column {column}: {value!r} is not text that begins with none of")


def test_the_same_words_and_the_same_key_twice_are_named_at_both_rows(home: Path) -> None:
    write(home, {}, {"annotation": "second"}, {"annotation": "first", "words": "Other words."})
    twice = "another row has the same words of the same person about the same claim; keep one"
    assert faults(home) == [
        f"annotations.csv, row 2: {twice}",
        "annotations.csv, row 2, column annotation: 'first' stands in another row too; keep one",
        f"annotations.csv, row 3: {twice}",
        "annotations.csv, row 4, column annotation: 'first' stands in another row too; keep one",
    ]


@pytest.mark.parametrize(
    "row",
    [
        {"consent": ""},
        {"consent": "no"},
        {"consent": "Yes, but not my name"},
        {"consent": SECRET},
        {"consent": "no", "claim": SECRET, "date": SECRET, "words": "=1"},
        {"consent": "", "words": "", "who": ""},
    ],
)
def test_a_row_without_consent_is_refused_and_never_quoted(home: Path, row: dict[str, str]) -> None:
    write(home, {}, {"annotation": "second", "who": SECRET, "words": SECRET, **row})
    said = "consent is not 'yes'; take the row out of the file until the person has agreed in writing"
    assert faults(home) == [f"annotations.csv, row 3, column consent: {said}"]


def test_without_the_column_of_consent_no_cell_is_quoted(home: Path) -> None:
    write(home, {"words": "=1", "claim": SECRET, "date": SECRET}, header=HEADER[:-1])
    assert faults(home) == ["annotations.csv, row 1, column consent: the column is missing; add it to the header"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file has no header; restore it with 'git checkout -- data/annotations.csv'"),
        (b"annotation,claim\nfirst,champion_words,more\n", "put a cell that holds a comma in double quotes"),
    ],
)
def test_a_file_that_is_no_table_is_a_fault(home: Path, content: bytes, said: str) -> None:
    (home / "data" / "annotations.csv").write_bytes(content)
    (fault,) = faults(home)
    assert fault.endswith(said)


def test_a_filled_table_fits_its_description(home: Path) -> None:
    write(home, {}, {"annotation": "second", "words": "Other words.", "role": ""})
    datapackage.write(home)
    report = frictionless.validate(str(home / "data" / "datapackage.json"))
    assert report.valid, report.flatten(["type", "note"])
    write(home, {"claim": "nothing"})
    datapackage.write(home)
    report = frictionless.validate(str(home / "data" / "datapackage.json"))
    assert [error.type for task in report.tasks for error in task.errors] == ["foreign-key"]


def test_an_older_copy_is_described_without_the_table(home: Path) -> None:
    (home / "data" / "annotations.csv").unlink()
    described = json.loads(datapackage.write(home).read_text(encoding="utf-8"))
    assert "annotations" not in {resource["name"] for resource in described["resources"]}
    assert datapackage.changed_tables(home) == []


def test_the_doctor_counts_the_annotations_and_names_one_without_consent(project: Path) -> None:
    def tables() -> tuple[bool, str]:
        (finding,) = [finding for finding in examine(project) if finding.subject == "Tables"]
        return finding.ok, finding.found

    none = len(read_talk(project))
    assert tables() == (True, f"{none} tables of the talk, all valid")
    write(project, {})
    assert tables() == (True, f"{none} tables of the talk, all valid; 1 annotation")
    write(project, {"consent": "no", "words": SECRET})
    ok, found = tables()
    assert not ok
    assert "annotations.csv, row 2, column consent" in found
    assert SECRET not in found


def test_no_certificate_takes_along_words_without_consent(project: Path, tmp_path: Path) -> None:
    found, now = check(project, last_run=True), datetime(2026, 3, 1, tzinfo=UTC)

    def certify(folder: str) -> Path:
        write_certificate(project, tmp_path / folder, found, read_outputs(project / "reports"),
                          checker="Ada Example", orcid=None, started=now, ended=now)  # fmt: skip
        return tmp_path / folder

    write(project, {"consent": "no", "words": SECRET})
    with pytest.raises(DataError, match="row 2, column consent"):
        certify("refused")
    assert not (tmp_path / "refused").exists()
    result = CliRunner().invoke(main, ["certificate", "write", str(tmp_path / "refused"), "--checker", "Ada Example"])
    assert (result.exit_code != 0, SECRET in result.output) == (True, False)
    assert "row 2, column consent" in result.output
    assert not (tmp_path / "refused").exists()
    path = write(project, {})
    assert (certify("given") / "data" / "annotations.csv").read_bytes() == path.read_bytes()


def test_an_answer_makes_no_notebook_stale(project: Path) -> None:
    write(project, {})
    result = CliRunner().invoke(main, ["run"])
    assert result.exit_code == 0, result.output
    assert [line for line in result.output.splitlines() if "up to date" in line] == [
        "up to date  01_replies", "up to date  02_drawing",
    ]  # fmt: skip
    for name in ("01_replies", "02_drawing"):
        assert not [file for file in read_record(project / "reports", name)["files"] if "annotations" in file]


@pytest.mark.parametrize("rows", [[], [{}], [{}, {"annotation": "second", "words": "A\nline."}, {"annotation": "c"}]])
def test_shuffling_the_rows_of_every_table_keeps_the_answers(
    home: Path, rows: list[dict[str, str]], tmp_path: Path
) -> None:
    (home / "notebooks").mkdir()
    rows = [{"words": f"Words {number}.", **row} for number, row in enumerate(rows)]
    write(home, *rows)
    shuffled = read_annotations(_shuffle_rows(home, tmp_path / "shuffled"))
    assert sorted(shuffled["words"]) == sorted(row["words"] for row in rows)
    (home / "data" / "annotations.csv").write_bytes(b"")
    assert (_shuffle_rows(home, tmp_path / "empty") / "data" / "annotations.csv").read_bytes() == b""


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_rows_and_columns_does_not_matter(home: Path, seed: int) -> None:
    rows = [{"annotation": f"a{number}", "words": f"Words {number}."} for number in range(4)]
    write(home, *rows)
    straight = read_annotations(home)
    header = random.Random(seed).sample(HEADER, len(HEADER))
    write(home, *random.Random(seed).sample(rows, len(rows)), header=header)
    other = read_annotations(home)[HEADER].sort_values("annotation", ignore_index=True)
    assert other.equals(straight)
