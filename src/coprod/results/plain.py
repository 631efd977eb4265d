"""Values in their plainest form: as words for a reader, as JSON for a file."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import Any

import numpy as np
import pandas as pd

_MINUS = "\u2212"
LEAST = 0.0005
TERMINAL, LONGEST, GAP = 100, 16, 2
"""Characters of a line of a table in plain text (fixed, so that a rerun writes the same), of the longest word that
stays whole even where that makes the line longer, and between columns."""


def show(value: object) -> str:
    """Write a value for a reader: at most three decimals, a real minus sign; what they cannot show is "<0.001".

    Parameters
    ----------
    value : object
        A number, a word or a truth value.

    Returns
    -------
    str
        Numbers with a real minus sign; text as it is.

    Examples
    --------
    >>> show(0.15306122), show(-2), show("nearest"), show(True), show(0.00002)
    ('0.153', '\u22122', 'nearest', 'yes', '<0.001')
    """
    value = to_plain(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and 0 < value < LEAST:
        return "<0.001"
    if isinstance(value, float):
        value = f"{value:.3f}".rstrip("0").rstrip(".")
        return "0" if value == "-0" else value.replace("-", _MINUS)
    return str(value).replace("-", _MINUS) if isinstance(value, int) else str(value)


def to_plain(value: object) -> Any:
    """Turn a value into one that JSON holds: lists stay lists, missing becomes None.

    Parameters
    ----------
    value : object
        Text, a number or truth value of Python or NumPy, a missing value, or a list of these.

    Returns
    -------
    str, int, float, bool, list or None
        The same value.

    Raises
    ------
    TypeError
        If JSON has nothing for it, as for a date or an infinite number.

    Examples
    --------
    >>> to_plain([np.float64(0.5), pd.NA, "S5"])
    [0.5, None, 'S5']
    """
    if isinstance(value, (list, tuple, np.ndarray)):
        return [to_plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return None
    if not isinstance(value, (str, bool, int, float)) or (isinstance(value, float) and math.isinf(value)):
        raise TypeError(f"{value!r} ({type(value).__name__}) cannot be kept as JSON; make it text or a finite number")
    return value


def frame_to_plain(frame: pd.DataFrame) -> dict[str, Any]:
    """Turn a frame into its columns and rows, without its index.

    Parameters
    ----------
    frame : DataFrame
        Any frame; its index is left out.

    Returns
    -------
    dict
        ``columns`` and ``rows``, of values that JSON holds.

    Examples
    --------
    >>> frame_to_plain(pd.DataFrame({"groups": [196, None]}))
    {'columns': ['groups'], 'rows': [[196.0], [None]]}
    """
    rows = frame.astype(object).to_numpy().tolist()
    return {"columns": [str(column) for column in frame.columns], "rows": to_plain(rows)}


def lay_out(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Lay a table out as plain text, its words wrapped where a line would be longer than a terminal.

    Parameters
    ----------
    headings : iterable of str
        One for each column.
    rows : iterable of iterable of str
        Cells, shown as they are.

    Returns
    -------
    str
        Columns below their headings; rows that had to be wrapped stand a line apart.

    Examples
    --------
    >>> print(lay_out(["Answer", "Groups"], [["replied", "196"], ["silent", "13"]]))
    Answer   Groups
    replied  196
    silent   13
    """
    lines = [list(headings), *map(list, rows)]
    columns = list(zip(*lines, strict=True))
    widths = _share_room(columns)
    gap, wrapped = " " * GAP, widths != [max(map(len, column)) for column in columns]
    written = ""
    for line in lines:
        cells = [textwrap.wrap(cell, width) for cell, width in zip(line, widths, strict=True)]
        for parts in zip_longest(*cells, fillvalue=""):
            written += gap.join(part.ljust(width) for part, width in zip(parts, widths, strict=True)).rstrip() + "\n"
        written += "\n" * wrapped
    return written.rstrip("\n")


def _share_room(columns: Sequence[Sequence[str]]) -> list[int]:
    """Give each column room for its longest word, and what is left to those that have more to say than room."""
    wanted = [max(1, *map(len, column)) for column in columns]
    longest = [max((len(word) for cell in column for word in cell.split()), default=1) for column in columns]
    widths = [min(*pair, LONGEST) for pair in zip(wanted, longest, strict=True)]
    for _ in range(TERMINAL - sum(widths) - GAP * (len(widths) - 1)):
        lacking = [want / width for want, width in zip(wanted, widths, strict=True)]
        if (most := max(lacking)) == 1:
            break
        widths[lacking.index(most)] += 1
    return widths
