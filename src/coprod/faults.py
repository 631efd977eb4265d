"""What is wrong with a table, cell by cell, in sentences that say how to mend it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pandas as pd
import pandera.pandas as pa

from coprod.schemas import in_words

_WHOLE = r"[+-]?[0-9]{1,18}(?:\.0*)?"


class Fault(NamedTuple):
    """One thing that is wrong, and where.

    Attributes
    ----------
    table : str
        Name of the file.
    row : int or None
        Row as a spreadsheet counts: the header is row 1. None when the fault is not in one row.
    column : str or None
        Name of the column; None when the fault is not in one column.
    what : str
        What is wrong, with the value, and how to mend it.
    """

    table: str
    row: int | None
    column: str | None
    what: str

    def __str__(self) -> str:
        row = f", row {self.row}" if self.row else ""
        column = f", column {self.column}" if self.column else ""
        return f"{self.table}{row}{column}: {self.what}"


def check_frame(frame: pd.DataFrame, model: type[pa.DataFrameModel], table: str) -> tuple[pd.DataFrame, list[Fault]]:
    """Check a frame of text against a model and list every fault.

    Parameters
    ----------
    frame : DataFrame
        Cells as text, missing cells as NaN; the index counts rows from 0.
    model : type
        Pandera model with the columns, their types and rules.
    table : str
        What the faults call the frame, usually its file name.

    Returns
    -------
    frame : DataFrame
        In the model's types; as given where there are faults.
    faults : list of Fault
        In the order of rows; empty when the frame is valid.

    Examples
    --------
    >>> from coprod.schemas import Duties
    >>> frame = pd.DataFrame({"slide": ["S4"], "origin": ["slide"], "source": [None], "element": ["design"]})
    >>> print(*check_frame(frame, Duties, "duties.csv")[1])
    duties.csv, row 2, column origin: 'slide' is not one of 'document', 'outside'; correct the cell
    """
    numbers, faults = _to_numbers(frame, model.to_schema().columns, table)
    try:
        valid = pd.DataFrame(model.validate(numbers, lazy=True))
    except pa.errors.SchemaErrors as error:
        unread = {(fault.row, column) for fault in faults for column in (fault.column, None)}
        found = _from_pandera(error.failure_cases, model, table)
        faults += [fault for fault in found if (fault.row, fault.column) not in unread]
    else:
        if not faults:
            return valid, []
    return frame, sorted(set(faults), key=lambda fault: (fault.row or 0, fault.column or ""))


def dangling_keys(tables: Mapping[str, pd.DataFrame], models: Mapping[str, type[pa.DataFrameModel]]) -> list[Fault]:
    """Name every key that points to a row that is not there.

    Parameters
    ----------
    tables : mapping
        Frames by name; one that could not be read may be missing or lack columns.
    models : mapping
        Their models; a column's ``refers_to`` names the ``table.column`` it points to.

    Returns
    -------
    list of Fault
        One for each key without a row.
    """
    faults = []
    for name, frame in tables.items():
        for column, there in references(models[name]).items():
            table, key = there
            if column not in frame or key not in tables.get(table, ()):
                continue
            known = set(tables[table][key])
            for row, value in frame[column].dropna().items():
                if value not in known:
                    what = f"no {key} {value!r} in {table}.csv; correct the cell or add that row"
                    faults.append(Fault(f"{name}.csv", _row(row), column, what))
    return faults


def references(model: type[pa.DataFrameModel]) -> dict[str, tuple[str, str]]:
    """Return the columns of a model that point to a table, each with that table and its column."""
    columns = model.to_schema().columns
    targets = {name: column.metadata["refers_to"] for name, column in columns.items()}
    return {name: tuple(there.split(".")) for name, there in targets.items() if there}


def _to_numbers(frame: pd.DataFrame, columns: Mapping[str, pa.Column], table: str) -> tuple[pd.DataFrame, list[Fault]]:
    """Turn columns of whole numbers into numbers, and name each cell that is none."""
    faults = []
    for name, column in columns.items():
        if name not in frame or str(column.dtype) != "Int64":
            continue
        text = frame[name].astype("string").str.strip()
        bad = text.notna() & ~text.str.fullmatch(_WHOLE).fillna(False)
        faults += [Fault(table, _row(row), name, _not(value, column)) for row, value in frame.loc[bad, name].items()]
        frame = frame.assign(**{name: text.mask(bad).str.split(".").str[0].astype("Int64")})
    return frame, faults


def _from_pandera(cases: pd.DataFrame, model: type[pa.DataFrameModel], table: str) -> Iterator[Fault]:
    """Put Pandera's failure cases into words; a rule over rows says nothing when a column is missing."""
    columns = model.to_schema().columns
    whole = "column_in_dataframe" not in set(cases["check"])
    for case in cases.astype(object).to_dict("records"):
        check, name, value = str(case["check"]), str(case["column"]), case["failure_case"]
        if check == "column_in_dataframe":
            yield Fault(table, 1, str(value), "the column is missing; add it to the header")
        elif check == "column_in_schema":
            yield Fault(table, 1, str(value), f"no such column; the columns are {', '.join(columns)}")
        elif case["schema_context"] == "Column":
            yield Fault(table, _row(case["index"]), name, _cell(check, value, columns[name]))
        elif check == "multiple_fields_uniqueness":
            keys = " and ".join(model.to_schema().unique or ())
            yield Fault(table, _row(case["index"]), None, f"another row has the same {keys}; keep one")
        elif whole:
            yield Fault(table, _row(case["index"]), None, check)


def _cell(check: str, value: object, column: pa.Column) -> str:
    if check == "not_nullable":
        return f"the cell is empty; give {in_words(column)}"
    if check == "field_uniqueness":
        return f"{value!r} stands in another row too; keep one"
    return _not(value, column)


def _not(value: object, column: pa.Column) -> str:
    return f"{str(value)!r} is not {in_words(column)}; correct the cell"


def _row(index: Any) -> int:
    return int(index) + 2
