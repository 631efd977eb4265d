"""Values in their plainest form: as words for a reader, as JSON for a file."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

_MINUS = "\u2212"
LEAST = 0.0005


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
    """Turn a frame into its columns and rows, without its index."""
    rows = frame.astype(object).to_numpy().tolist()
    return {"columns": [str(column) for column in frame.columns], "rows": to_plain(rows)}
