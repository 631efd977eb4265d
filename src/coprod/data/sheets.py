"""Anybody's questionnaires: CSV, XLSX, Parquet and SPSS files, read as cells and not yet understood."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from coprod.errors import DataError, suggest

DELIMITERS = ",;\t|"


@dataclass(frozen=True)
class Sheet:
    """The cells of one sheet.

    Attributes
    ----------
    name : str
        Name of the file.
    header : tuple of str
        Names of the columns, as in the file's first row.
    cells : DataFrame
        One column per name, numbered from 0; text or numbers, missing where empty.
    first_row : int
        Row of the first cells as a spreadsheet counts them; the header is row 1.
    labels : mapping
        Column name to the words its numbers stand for (SPSS).
    notes : tuple of str
        What was assumed on reading.
    """

    name: str
    header: tuple[str, ...]
    cells: pd.DataFrame
    first_row: int = 2
    labels: Mapping[str, Mapping[float, str]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


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
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}); mend its permissions") from None


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
        raise DataError(
            f"{path.name}: a file that ends in {suffix!r} is not read; save it as CSV, XLSX, Parquet or SAV"
        )
    content = read_bytes(path)
    if not content.strip():
        raise DataError(f"{path.name} is empty; export the answers anew")
    read = READERS[suffix](path, content, sheet)
    if not read.header:
        raise DataError(f"{path.name} has no header; the first row has to name the columns")
    doubles = sorted({name for name in read.header if name and read.header.count(name) > 1})
    if doubles:
        listed = ", ".join(repr(name) for name in doubles[:5])
        raise DataError(f"{path.name}, row 1: two columns have the name {listed}; rename one or take one out")
    if not len(read.cells):
        raise DataError(f"{path.name} has a header and no rows under it; export the answers anew")
    return read


def _read_csv(path: Path, content: bytes, _: str | None) -> Sheet:
    notes: list[str] = []
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
        notes.append("the file is not UTF-8; read as Windows-1252")
    if "\0" in text:
        raise DataError(f"{path.name} is not text (it holds zero bytes); is it a workbook? Save it as CSV or XLSX")
    delimiter = _delimiter(text)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise DataError(f"{path.name} is not a CSV table ({error}); look for an unclosed quotation mark") from None
    if delimiter != ",":
        notes.append(f"columns are parted by {'a tab' if delimiter == chr(9) else repr(delimiter)}")
    return _from_rows(path.name, rows, notes)


def _delimiter(text: str) -> str:
    """Return the character that parts the header's columns: the one it holds most of, outside quotation marks."""
    line = next(iter(text.splitlines()), "")
    outside = "".join(part for part in line.split('"')[::2])
    return max(DELIMITERS, key=lambda character: (outside.count(character), -DELIMITERS.index(character)))


def _from_rows(name: str, rows: Sequence[Sequence[object]], notes: Iterable[str]) -> Sheet:
    """Make a sheet of rows of cells, the header first; name a row that does not fit it."""
    filled = list(rows)
    while filled and not any(_given(cell) for cell in filled[-1]):
        filled.pop()
    if not filled:
        return Sheet(name, (), pd.DataFrame())
    header = [str(cell).strip() if _given(cell) else "" for cell in filled[0]]
    while header and not header[-1]:
        header.pop()
    body = [
        list(row) + [None] * (len(header) - len(row)) if not any(map(_given, row)) else list(row) for row in filled[1:]
    ]
    for number, row in enumerate(body, start=2):
        if len(row) < len(header) or any(_given(cell) for cell in row[len(header) :]):
            raise DataError(
                f"{name}, row {number}: {len(row)} cells under a header of {len(header)}; put a cell that holds a "
                "comma or a line break in double quotes"
            )
    cells = pd.DataFrame([row[: len(header)] for row in body], columns=range(len(header)), dtype=object)
    return Sheet(name, tuple(header), _emptied(cells), notes=tuple(notes))


def _given(cell: object) -> bool:
    return cell is not None and str(cell).strip() != ""


def _emptied(cells: pd.DataFrame) -> pd.DataFrame:
    """Strip text, and make empty cells missing."""

    def tidy(column: pd.Series) -> pd.Series:
        stripped = column.map(lambda cell: cell.strip() if isinstance(cell, str) else cell)
        return stripped.where(stripped.notna() & stripped.ne(""), None)

    return cells.apply(tidy) if len(cells) else cells


def _read_xlsx(path: Path, content: bytes, sheet: str | None) -> Sheet:
    import openpyxl  # noqa: PLC0415 - slow, and needed for workbooks only

    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise DataError(
            f"{path.name} is not an XLSX workbook, or it has a password ({type(error).__name__}); save it anew"
        ) from None
    if sheet is not None and sheet not in book.sheetnames:
        raise DataError(f"{path.name} has no sheet {sheet!r}; {suggest(sheet, book.sheetnames)}")
    chosen = sheet or book.sheetnames[0]
    notes = [f"sheet {chosen!r} of {len(book.sheetnames)}"] if len(book.sheetnames) > 1 else []
    rows = [list(row) for row in book[chosen].iter_rows(values_only=True)]
    book.close()
    width = max((len(row) for row in rows), default=0)
    return _from_rows(path.name, [row + [None] * (width - len(row)) for row in rows], notes)


def _read_parquet(path: Path, content: bytes, _: str | None) -> Sheet:
    import pyarrow as pa  # noqa: PLC0415 - slow, and needed for such files only
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        frame = pq.read_table(io.BytesIO(content)).to_pandas()
    except (pa.ArrowInvalid, OSError) as error:
        raise DataError(f"{path.name} is not a Parquet file ({type(error).__name__}); export it anew") from None
    return _from_frame(path.name, frame)


def _read_sav(path: Path, _: bytes, __: str | None) -> Sheet:
    import pyreadstat  # noqa: PLC0415 - slow, and needed for such files only

    try:
        frame, meta = pyreadstat.read_sav(str(path), user_missing=False)
    except (pyreadstat.ReadstatError, UnicodeDecodeError, ValueError) as error:
        raise DataError(f"{path.name} is not an SPSS file ({error}); save it anew as .sav") from None
    labels = {name: dict(pairs) for name, pairs in meta.variable_value_labels.items()}
    read = _from_frame(path.name, frame)
    return Sheet(read.name, read.header, read.cells, labels=labels)


def _from_frame(name: str, frame: pd.DataFrame) -> Sheet:
    cells = frame.astype(object).set_axis(range(frame.shape[1]), axis=1).reset_index(drop=True)
    return Sheet(name, tuple(str(column) for column in frame.columns), _emptied(cells.replace({np.nan: None})))


READERS: Mapping[str, Callable[[Path, bytes, str | None], Sheet]] = {
    ".csv": _read_csv, ".tsv": _read_csv, ".txt": _read_csv,
    ".xlsx": _read_xlsx, ".parquet": _read_parquet, ".sav": _read_sav,
}  # fmt: skip
