"""Files of several kinds as cells, or one error that says how to mend the file."""

import io
import os
from contextlib import suppress
from pathlib import Path

import openpyxl
import pandas as pd
import pyreadstat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coprod.data import read_bytes, read_sheet
from coprod.errors import CoprodError, DataError

TEXT = "code,c1\nx,1\ny,2\n"


def put(folder: Path, content: str | bytes, name: str = "answers.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def read(folder: Path, content: str | bytes, name: str = "answers.csv", encoding: str = "utf-8"):
    return read_sheet(put(folder, content, name, encoding))


def refuse(folder: Path, content: str | bytes, name: str = "answers.csv", encoding: str = "utf-8") -> str:
    with pytest.raises(DataError) as caught:
        read(folder, content, name, encoding)
    return str(caught.value)


@pytest.mark.parametrize(
    ("content", "encoding", "note"),
    [
        (TEXT, "utf-8", ()),
        (TEXT, "utf-8-sig", ()),
        (TEXT.replace("\n", "\r\n"), "utf-8", ()),
        (TEXT, "utf-16", ("the file is UTF-16",)),
        (TEXT.replace(",", ";"), "utf-8", ("columns are parted by ';'",)),
        (TEXT.replace(",", "\t"), "utf-8-sig", ("columns are parted by tabs",)),
        (TEXT.replace(",", " | "), "utf-8", ("columns are parted by '|'",)),
        ('"code","c1"\n"x"," 1 "\n"y","2"\n', "utf-8", ()),
    ],
)
def test_text_is_read_however_it_was_saved(tmp_path, content, encoding, note):
    sheet = read(tmp_path, content, encoding=encoding)
    assert (sheet.name, sheet.header, sheet.first_row, sheet.notes) == ("answers.csv", ("code", "c1"), 2, note)
    assert sheet.cells.values.tolist() == [["x", "1"], ["y", "2"]]


def test_windows_letters_are_kept_and_noted(tmp_path):
    sheet = read(tmp_path, "code,c1\nSøren,caf\u00e9\n", encoding="cp1252")
    assert sheet.cells.iloc[0].tolist() == ["Søren", "caf\u00e9"]
    assert sheet.notes == ("the file is not UTF-8; it was read as Windows-1252",)


def test_the_delimiter_is_the_header_s_whatever_a_question_holds(tmp_path):
    assert read(tmp_path, 'code;"Who, what, where, when?"\nx;1\n').header == ("code", "Who, what, where, when?")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "answers.csv is empty; export"),
        (" \n\n", "answers.csv is empty; export"),
        ("code,c1\n", "a header and no rows under it"),
        ("code,c1\n,\n\n", "a header and no rows under it"),
        ("\nx,1\n", "row 1 is empty; the first row has to name the columns"),
        ("code,code,c1,c1\nx,1,2,3\n", "row 1: two columns have the name 'c1', 'code'; rename"),
        ('code,c1\nx,1\ny,"2\nz,3\n', "row 3: the quotation marks do not match"),
        ('code,c1\nx,"1"2\n', "row 2: the quotation marks do not match"),
        ("code,c1\nx,1,2\n", "row 2: 3 cells under a header of 2"),
        (b"PK\x03\x04\x00\x00", "is not text; if it is a workbook, give it the ending .xlsx"),
        (b"code,c1\n\x81\x8d,1\n", "is neither UTF-8 nor Windows-1252 text; save it as CSV UTF-8"),
        (b"\xff\xfe\x00", "is not text, though it begins as UTF-16 does"),
    ],
)
def test_text_that_is_no_table_is_refused(tmp_path, content, message):
    assert message in refuse(tmp_path, content)


@pytest.mark.parametrize(("name", "ending"), [("a.xls", "ends in '.xls'"), ("answers", "has no ending")])
def test_other_kinds_are_refused(tmp_path, name, ending):
    assert refuse(tmp_path, TEXT, name).startswith(f"{name}: a file that {ending} is not read; save it as .csv")


@pytest.mark.parametrize("name", ["a.xlsx", "a.parquet", "a.sav"])
@pytest.mark.parametrize("content", [TEXT.encode(), b"PK\x03\x04", b"PAR1PAR1", b"$FL2", os.urandom(200)])
def test_a_file_that_is_not_what_its_name_says_is_refused(tmp_path, name, content):
    assert "is damaged or has a password" in refuse(tmp_path, content, name)


def test_files_that_are_not_there_are_refused(tmp_path, monkeypatch):
    put(tmp_path, TEXT)
    with pytest.raises(DataError, match=r"answer.csv is missing; did you mean 'answers.csv'\?"):
        read_sheet(tmp_path / "answer.csv")
    with pytest.raises(DataError, match="is missing; known are: none"):
        read_sheet(tmp_path / "nowhere" / "answer.csv")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(DataError, match="is a folder; name the file in it"):
        read_sheet(tmp_path / "folder.csv")
    with pytest.raises(DataError, match="cannot be read"):
        read_bytes(tmp_path / "zero\0byte.csv")
    monkeypatch.setattr("builtins.open", lambda *_: (_ for _ in ()).throw(PermissionError(13, "Permission denied")))
    with pytest.raises(DataError, match="cannot be read .*; mend its name or its permissions"):
        read_bytes(tmp_path / "answers.csv")


def write_book(sheets: dict[str, list[list[object]]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


BOOK = write_book({"one": [["code", "c1"], ["x", 1]]})


def test_the_first_sheet_of_a_workbook_is_read_or_the_one_that_is_named(tmp_path):
    content = write_book({"one": [["code", "c1", None], ["x", 1], ["y", 2.5, None]], "two": [["code"], ["z"]]})
    path = put(tmp_path, content, "a.xlsx")
    sheet = read_sheet(path)
    assert (sheet.header, sheet.notes) == (("code", "c1"), ("sheet 'one' of 2",))
    assert sheet.cells.values.tolist() == [["x", 1], ["y", 2.5]]
    assert read_sheet(path, "two").cells.values.tolist() == [["z"]]
    with pytest.raises(DataError, match=r"a.xlsx has no sheet 'tw'; did you mean 'two'\?"):
        read_sheet(path, "tw")
    assert read(tmp_path, write_book({"one": [["code"], ["z"]]}), "b.xlsx").notes == ()
    assert "row 1 is empty" in refuse(tmp_path, write_book({"one": []}), "c.xlsx")


def test_a_workbook_that_gives_a_wrong_size_is_read_whole(tmp_path):
    import zipfile

    content, changed = write_book({"one": [["code", "c1"], ["x", 1]]}), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            assert name != "xl/worksheets/sheet1.xml" or b'<dimension ref="A1:B2"' in part
            new.writestr(name, part.replace(b'<dimension ref="A1:B2"', b'<dimension ref="A1:A1"'))
    assert read(tmp_path, changed.getvalue(), "a.xlsx").cells.values.tolist() == [["x", 1]]


def test_parquet_keeps_its_index_as_a_column(tmp_path):
    buffer = io.BytesIO()
    pd.DataFrame({"code": ["x", "y"], "c1": [1, None]}).set_index("code").to_parquet(buffer)
    sheet = read(tmp_path, buffer.getvalue(), "a.parquet")
    assert dict(zip(sheet.header, sheet.cells.to_numpy().T.tolist(), strict=True)) == {
        "c1": [1, None],
        "code": ["x", "y"],
    }


def test_spss_gives_labels_and_questions_and_no_value_that_was_declared_missing(tmp_path):
    path = tmp_path / "a.sav"
    frame = pd.DataFrame({"code": ["x", "y", ""], "c1": [1.0, 9.0, 5.0]})
    pyreadstat.write_sav(
        frame, path, column_labels=["", "I feel sure"], missing_ranges={"c1": [9]},
        variable_value_labels={"c1": {1: "Disagree", 5: "Agree", 9: "Prefer not to say"}},
    )  # fmt: skip
    sheet = read_sheet(path)
    assert sheet.cells.values.tolist() == [["x", 1], ["y", None], [None, 5]]
    assert sheet.labels["c1"][5.0] == "Agree"
    assert sheet.questions == {"c1": "I feel sure"}


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200), st.sampled_from([".csv", ".tsv", ".xlsx", ".parquet", ".sav"]), st.booleans())
def test_bytes_of_any_kind_are_read_or_refused(tmp_path, content, ending, head):
    start = {".xlsx": b"PK\x03\x04", ".parquet": b"PAR1", ".sav": b"$FL2@(#) "}.get(ending, b"a,b\n") if head else b""
    try:
        sheet = read(tmp_path, start + content, f"answers{ending}")
    except CoprodError:
        return
    assert len(sheet.cells) > 0
    assert len(sheet.header) == sheet.cells.shape[1]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_damaged_workbook_is_read_or_refused(tmp_path, data):
    content = bytearray(BOOK)
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=20)):
        content[place] = data.draw(st.integers(0, 255))
    with suppress(CoprodError):
        assert read(tmp_path, bytes(content), "a.xlsx").header
