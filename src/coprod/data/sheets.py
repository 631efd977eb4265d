"""Anybody's questionnaires: CSV, XLSX, Parquet and SPSS files."""

from __future__ import annotations

import csv
import io
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from coprod.data.cells import Sheet, from_frame, from_rows
from coprod.errors import DataError, suggest

DELIMITERS = ",;\t|"
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
NO_TEXT = re.compile("[\0-\x08]")
"""Characters that no text holds."""


def read_bytes(path: Path) -> bytes:
    """Read a file whole.

    Raises
    ------
    DataError
        If it is missing, is a folder or cannot be read.
    """
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        near = sorted(other.name for other in path.parent.glob("*")) if path.parent.is_dir() else []
        raise DataError(f"{path} is missing; {suggest(path.name, near[:20])}") from None
    except IsADirectoryError:
        raise DataError(f"{path} is a folder; name the file in it") from None
    except (OSError, ValueError) as error:  # a path with a zero byte is a ValueError
        raise DataError(f"{path} cannot be read ({error}); mend its name or its permissions") from None


def read_sheet(path: Path, sheet: str | None = None) -> Sheet:
    """Read the cells of a file.

    Parameters
    ----------
    path : Path
        ``.csv``, ``.tsv``, ``.txt``, ``.xlsx``, ``.parquet`` or ``.sav``.
    sheet : str, optional
        Sheet of a workbook; the first by default.

    Returns
    -------
    Sheet
        The header and the cells under it. Rows without any cell are left out at the end only.

    Raises
    ------
    DataError
        If the file is missing, empty or not what its name says, a row is longer or shorter than the header, or
        two columns have one name.
    """
    suffix = path.suffix.lower()
    if suffix not in READERS:
        ending = f"ends in {suffix!r}" if suffix else "has no ending"
        raise DataError(f"{path.name}: a file that {ending} is not read; save it as .csv, .xlsx, .parquet or .sav")
    content = read_bytes(path)
    if not content.strip():
        raise DataError(f"{path.name} is empty; export the answers anew")
    read = READERS[suffix](path.name, content, sheet)
    if not read.header:
        raise DataError(f"{path.name}, row 1 is empty; the first row has to name the columns")
    doubles = sorted({name for name in read.header if name and read.header.count(name) > 1})
    if doubles:
        listed = ", ".join(repr(name) for name in doubles[:5])
        raise DataError(f"{path.name}, row 1: two columns have the name {listed}; rename one or take one out")
    if not len(read.cells):
        raise DataError(f"{path.name} has a header and no rows under it; export the answers anew")
    return read


def _read_csv(name: str, content: bytes, _: str | None) -> Sheet:
    text, notes = _decode(name, content)
    if NO_TEXT.search(text):
        raise DataError(f"{name} is not text; if it is a workbook, give it the ending .xlsx or save it as CSV")
    delimiter = _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[list[str]] = []
    try:
        rows.extend(reader)  # keeps what came before an error
    except csv.Error as error:
        what = f"the quotation marks do not match ({error}); close the cell that begins here, and write "
        raise DataError(f'{name}, row {len(rows) + 1}: {what}"" for a quotation mark inside it') from None
    if delimiter != ",":
        notes.append(f"columns are parted by {'tabs' if delimiter == chr(9) else repr(delimiter)}")
    return from_rows(name, rows, notes)


def _decode(name: str, content: bytes) -> tuple[str, list[str]]:
    if content.startswith(UTF_16):
        try:
            return content.decode("utf-16"), ["the file is UTF-16"]
        except UnicodeDecodeError:
            raise DataError(f"{name} is not text, though it begins as UTF-16 does; save it as CSV UTF-8") from None
    try:
        return content.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        notes = ["the file is not UTF-8; it was read as Windows-1252"]
    try:
        return content.decode("cp1252"), notes
    except UnicodeDecodeError:
        raise DataError(f"{name} is neither UTF-8 nor Windows-1252 text; save it as CSV UTF-8") from None


def _delimiter(text: str) -> str:
    """Return the character that parts the header's columns: the one it holds most of, outside quotation marks."""
    line = next(iter(text.lstrip().splitlines()), "") if text.strip() else ""
    outside = "".join(line.split('"')[::2])
    return max(DELIMITERS, key=lambda character: (outside.count(character), -DELIMITERS.index(character)))


@contextmanager
def _foreign(name: str, kind: str) -> Iterator[None]:
    """Turn whatever a library raises at a damaged file into our error, and keep its warnings to itself."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except DataError:
        raise
    except Exception as error:  # noqa: BLE001 - a damaged file makes these libraries raise anything at all
        raise DataError(f"{name} is not {kind}, is damaged or has a password ({type(error).__name__}); save it anew"
                        ) from None  # fmt: skip


def _read_xlsx(name: str, content: bytes, sheet: str | None) -> Sheet:
    import openpyxl  # noqa: PLC0415 - slow, and needed for workbooks only

    with _foreign(name, "an XLSX workbook"):
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        pages = {page.title: page for page in book.worksheets}
        if sheet is not None and sheet not in pages:
            raise DataError(f"{name} has no sheet {sheet!r}; {suggest(sheet, pages)}")
        page = pages[sheet] if sheet else next(iter(pages.values()))
        page.reset_dimensions()  # some tools write a wrong one, and all but the first cell would be lost
        rows = [list(row) for row in page.iter_rows(values_only=True)]
        notes = [f"sheet {page.title!r} of {len(pages)}"] if len(pages) > 1 else []
        book.close()
    width = max((len(row) for row in rows), default=0)
    return from_rows(name, [row + [None] * (width - len(row)) for row in rows], notes)


def _read_parquet(name: str, content: bytes, _: str | None) -> Sheet:
    import pyarrow.parquet as pq  # noqa: PLC0415 - slow, and needed for such files only

    with _foreign(name, "a Parquet file"):
        return from_frame(name, pq.read_table(io.BytesIO(content)).to_pandas(ignore_metadata=True))


def _read_sav(name: str, content: bytes, _: str | None) -> Sheet:
    import pyreadstat  # noqa: PLC0415 - slow, and needed for such files only

    with _foreign(name, "an SPSS file"):
        frame, meta = pyreadstat.read_sav(io.BytesIO(content), user_missing=False)
        labels = {column: dict(pairs) for column, pairs in meta.variable_value_labels.items()}
        questions = {column: text for column, text in meta.column_names_to_labels.items() if text}
    read = from_frame(name, frame)
    return Sheet(name, read.header, read.cells, labels=labels, questions=questions)


READERS: Mapping[str, Callable[[str, bytes, str | None], Sheet]] = {
    ".csv": _read_csv, ".tsv": _read_csv, ".txt": _read_csv,
    ".xlsx": _read_xlsx, ".parquet": _read_parquet, ".sav": _read_sav,
}  # fmt: skip
