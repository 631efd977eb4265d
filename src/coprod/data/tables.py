"""The cells of a committed table, as text, before its model looks at them."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from coprod.faults import Fault


def read_cells(home: Path, place: str, *, may_be_bare: bool = False) -> tuple[pd.DataFrame, list[Fault]]:
    """Read a committed table as text.

    Parameters
    ----------
    home : Path
        Project folder.
    place : str
        The file below it, such as ``data/talk/survey.csv``.
    may_be_bare : bool, optional
        Whether a header without rows under it is a table too.

    Returns
    -------
    frame : DataFrame
        Every cell as text; empty ones are missing. Nothing in it when the file is not a table at all.
    faults : list of Fault
        Why it is none.
    """
    path = home / place
    restore = f"restore it with 'git checkout -- {place}'"
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file, strict=True))
    except FileNotFoundError:
        return pd.DataFrame(), [Fault(path.name, None, None, f"the file is missing; {restore}")]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        return pd.DataFrame(), [Fault(path.name, None, None, f"not a CSV table in UTF-8 ({error}); {restore}")]
    if not rows or any("\0" in cell for cell in rows[0]):
        return pd.DataFrame(), [Fault(path.name, None, None, f"the file has no header; {restore}")]
    if len(rows) == 1 and not may_be_bare:
        return pd.DataFrame(), [Fault(path.name, None, None, f"no rows under the header; {restore}")]
    if faults := list(_ragged(rows, path.name)):
        return pd.DataFrame(), faults
    frame = pd.DataFrame(rows[1:], columns=rows[0], dtype="string")
    return frame.mask(frame == ""), []


def _ragged(rows: list[list[str]], table: str) -> Iterator[Fault]:
    """Name a column given twice, and every row with more or fewer cells than the header."""
    header = rows[0]
    for column in sorted({column for column in header if header.count(column) > 1}):
        yield Fault(table, 1, column, "the column is there twice; remove one")
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(header):
            what = f"{len(row)} cells under a header of {len(header)}; put a cell that holds a comma in double quotes"
            yield Fault(table, number, None, what)
