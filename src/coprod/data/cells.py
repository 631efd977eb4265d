"""The cells of a sheet, read and not yet understood."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from numbers import Number

import pandas as pd

from coprod.errors import DataError
from coprod.faults import Fault

MOST_LISTED = 20


@dataclass(frozen=True, eq=False)
class Sheet:
    """The cells of one sheet.

    Attributes
    ----------
    name : str
        Name of the file.
    header : tuple of str
        Names of the columns, as in the file's first row; empty where a column has none.
    cells : DataFrame
        One column per name, numbered from 0; text or numbers, missing where empty.
    first_row : int
        Row of the first cells as a spreadsheet counts them; the header is row 1.
    labels : mapping
        Column name to the words its numbers stand for (SPSS).
    questions : mapping
        Column name to the question that was asked (SPSS).
    notes : tuple of str
        What was assumed on reading.
    """

    name: str
    header: tuple[str, ...]
    cells: pd.DataFrame
    first_row: int = 2
    labels: Mapping[str, Mapping[float, str]] = field(default_factory=dict)
    questions: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def refuse_faults(faults: Iterable[Fault], table: str) -> None:
    """Raise one error with every fault, the first of them written out; do nothing where there is none.

    Raises
    ------
    DataError
        Faults in the order of rows, those of the whole file first.

    Examples
    --------
    >>> refuse_faults([], "answers.csv")
    """
    listed = sorted(dict.fromkeys(faults), key=lambda fault: fault.row or 0)
    if listed:
        lines = [f"  {fault}" for fault in listed[:MOST_LISTED]]
        lines += [f"  and {len(listed) - MOST_LISTED} more"] if len(listed) > MOST_LISTED else []
        noun = "fault" if len(listed) == 1 else "faults"
        raise DataError("\n".join([f"{table} has {len(listed)} {noun}:", *lines]))


def from_rows(name: str, rows: Iterable[Sequence[object]], notes: Iterable[str] = ()) -> Sheet:
    """Make a sheet of rows of cells, the header first.

    Rows without any cell are left out at the end only, so that rows keep their numbers; so are columns without a
    name or a cell.

    Raises
    ------
    DataError
        If a row is longer or shorter than the header, each such row named.

    Examples
    --------
    >>> from_rows("a.csv", [["code", " c1 "], ["x", "5"], []]).header
    ('code', 'c1')
    """
    filled = list(rows)
    while filled and not _filled(filled[-1]):
        filled.pop()
    header = ["" if cell is None else str(cell).strip() for cell in filled[0]] if filled else []
    if not any(header):
        return Sheet(name, (), pd.DataFrame())
    width = len(header)
    refuse_faults(_ragged(name, filled[1:], width), name)
    used = max(place for place, title in enumerate(header, start=1) if title)
    if used < width:
        used = max(used, *(_last(row[:width]) for row in filled[1:]), 0)
    body = [[*row[:used], *[None] * (used - len(row))] for row in filled[1:]]
    cells = pd.DataFrame(body, columns=range(used), dtype=object)
    return Sheet(name, tuple(header[:used]), _emptied(cells), notes=tuple(notes))


def from_frame(name: str, frame: pd.DataFrame) -> Sheet:
    """Make a sheet of a frame; what is no number, word or date in it becomes text."""
    cells = frame.set_axis(range(frame.shape[1]), axis=1).reset_index(drop=True).astype(object)
    plain = cells.map(lambda cell: cell if isinstance(cell, PLAIN) else str(cell), na_action="ignore")
    return Sheet(name, tuple(str(column).strip() for column in frame.columns), _emptied(plain))


PLAIN = (str, Number, Decimal, date, time)


def _ragged(name: str, rows: Sequence[Sequence[object]], width: int) -> Iterator[Fault]:
    for number, row in enumerate(rows, start=2):
        if len(row) != width and (_filled(row[width:]) or (len(row) < width and _filled(row))):
            quote = "put a cell that holds a comma or a line break in double quotes"
            mend = f"add the missing cells, or {quote}" if len(row) < width else f"{quote}, or name the column"
            yield Fault(name, number, None, f"{len(row)} cells under a header of {width}; {mend}")


def _filled(row: Iterable[object]) -> bool:
    return any(cell is not None and str(cell).strip() for cell in row)


def _last(row: Sequence[object]) -> int:
    """Return the place, from 1, of the last cell that holds something."""
    return max((place for place, cell in enumerate(row, start=1) if _filled([cell])), default=0)


def _emptied(cells: pd.DataFrame) -> pd.DataFrame:
    """Strip text, and make empty cells missing."""

    def tidy(column: pd.Series) -> pd.Series:
        stripped = [(cell.strip() or None) if isinstance(cell, str) else cell for cell in column]
        tidied = pd.Series(stripped, index=column.index, dtype=object)
        return tidied.where(tidied.notna(), None)

    return cells.apply(tidy) if len(cells) else cells
