"""The only reader of files: tables come in here, checked once, or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd
import pandera.pandas as pa

from coprod import schemas
from coprod.errors import DataError, EnvironmentProblem, suggest

HOME_VARIABLE = "COPROD_HOME"
SHOWN = 20


def project_home() -> Path:
    """Return the folder that holds ``data/``, ``notebooks/`` and ``reports/``.

    The environment variable ``COPROD_HOME`` names another checkout; without it the folder this
    package was installed from is taken. The current folder never matters.

    Returns
    -------
    Path
        An existing folder with ``data/talk`` inside.

    Raises
    ------
    EnvironmentProblem
        If there is no ``data/talk`` there.
    """
    named = os.environ.get(HOME_VARIABLE)
    home = Path(named).resolve() if named else Path(__file__).resolve().parents[2]
    if not (home / "data" / "talk").is_dir():
        raise EnvironmentProblem(
            f"no data/talk in {home}; set {HOME_VARIABLE} to a checkout of coprod, or install it with "
            "'pip install --editable .' from one"
        )
    return home


class Talk(Mapping[str, pd.DataFrame]):
    """The tables of the talk, by name: ``talk["survey"]``.

    Every table read is a fresh copy, so that no caller can change it for another.
    """

    def __init__(self, tables: Mapping[str, pd.DataFrame]) -> None:
        self._tables = MappingProxyType(dict(tables))

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._tables:
            raise KeyError(f"no table {name!r} in the talk; {suggest(name, self._tables)}")
        return self._tables[name].copy()

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)

    def replace(self, **tables: pd.DataFrame) -> Talk:
        """Return the talk with some tables put in place of its own."""
        return Talk({**self._tables, **tables})


def read_talk(home: Path | None = None) -> Talk:
    """Read and check every table of ``data/talk/``.

    Parameters
    ----------
    home : Path, optional
        Project folder; :func:`project_home` by default.

    Returns
    -------
    Talk
        The tables of :data:`coprod.schemas.TALK`, each valid by its model.

    Raises
    ------
    DataError
        One error that lists every fault of every table with file, row and column. Rows are
        counted as an editor counts lines: the header is row 1.
    """
    folder = (home or project_home()) / "data" / "talk"
    tables: dict[str, pd.DataFrame] = {}
    faults: list[str] = []
    for name, model in schemas.TALK.items():
        table, found = _read_table(folder / f"{name}.csv", model)
        tables[name] = table
        faults += found
    if not faults:
        faults = _dangling_keys(tables)
    if faults:
        raise DataError(_report(faults))
    return Talk(tables)


def each_row(frame: pd.DataFrame) -> Iterator[Any]:
    """Iterate over the rows of a frame as named tuples; what a cell holds is the model's promise."""
    return frame.itertuples(index=False)


def find_row(frame: pd.DataFrame, column: str, key: str) -> Any:
    """Return the first row whose column holds a key, as a named tuple.

    Raises
    ------
    DataError
        If no row does.
    """
    for row in each_row(frame[frame[column] == key]):
        return row
    raise DataError(f"no row with {column} {key!r}; {suggest(key, frame[column].dropna())}")


def check_frame(frame: pd.DataFrame, model: type[pa.DataFrameModel], name: str) -> tuple[pd.DataFrame, list[str]]:
    """Check a frame of text against a model and list every fault.

    Parameters
    ----------
    frame : DataFrame
        Cells as text, missing cells as NaN.
    model : type
        Pandera model with the columns, their types and rules.
    name : str
        What the faults call the frame, usually its file name.

    Returns
    -------
    frame : DataFrame
        In the model's types; as given where there are faults.
    faults : list of str
        One sentence for each fault; empty when the frame is valid.
    """
    frame, bad = _to_numbers(frame, model)
    faults = [
        f"{name}, row {_line(row)}, column {column}: {value!r} is not a {kind}"
        for (row, column), (value, kind) in bad.items()
    ]
    try:
        return pd.DataFrame(model.validate(frame, lazy=True)), faults
    except pa.errors.SchemaErrors as error:
        cases = error.failure_cases.astype(object)
    for case in cases.sort_values("index", na_position="first", key=pd.to_numeric).to_dict("records"):
        sentence = _fault(case, name)
        if (case["index"], case["column"]) not in bad and sentence not in faults:
            faults.append(sentence)
    return frame, faults


def _read_table(path: Path, model: type[pa.DataFrameModel]) -> tuple[pd.DataFrame, list[str]]:
    try:
        with open(path, encoding="utf-8", newline="") as file:
            frame = pd.read_csv(file, dtype=str, keep_default_na=False, na_values=[""])
    except FileNotFoundError:
        return pd.DataFrame(), [f"{path.name} is missing; restore it with 'git checkout -- data/talk/{path.name}'"]
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        return pd.DataFrame(), [f"{path.name} cannot be read as a UTF-8 CSV table: {error}"]
    return check_frame(frame, model, path.name)


def _to_numbers(
    frame: pd.DataFrame, model: type[pa.DataFrameModel]
) -> tuple[pd.DataFrame, dict[tuple[object, object], tuple[str, str]]]:
    """Turn number columns into numbers one cell at a time, so that each bad cell can be named."""
    bad: dict[tuple[object, object], tuple[str, str]] = {}
    for column, rule in model.to_schema().columns.items():
        if column not in frame or str(rule.dtype) not in ("Int64", "Float64"):
            continue
        whole = str(rule.dtype) == "Int64"
        numbers = pd.to_numeric(frame[column], errors="coerce")
        wrong = frame[column].notna() & (numbers.isna() | (whole & (numbers % 1 != 0)))
        for row, value in frame.loc[wrong, column].items():
            bad[row, column] = (value, "whole number" if whole else "number")
        frame = frame.assign(**{column: numbers.mask(wrong).astype(str(rule.dtype))})
    return frame, bad


def _fault(case: dict[str, object], name: str) -> str:
    check, column = str(case["check"]), case["column"]
    if check == "column_in_dataframe":
        return f"{name}: column {case['failure_case']} is missing; add it to the header"
    if check == "column_in_schema":
        return f"{name}: column {case['failure_case']} is not known; remove it or correct its name"
    place = f"{name}, row {_line(case['index'])}" if pd.notna(case["index"]) else name  # type: ignore[call-overload]
    if case["schema_context"] == "DataFrameSchema":
        return f"{place}: {_plain(check)}"
    if check == "not_nullable":
        return f"{place}, column {column}: the cell is empty; fill it in"
    return f"{place}, column {column}: {case['failure_case']!r} breaks the rule {_plain(check)}"


def _plain(check: str) -> str:
    return "'given once only'" if check in ("field_uniqueness", "multiple_fields_uniqueness") else repr(check)


def _line(index: object) -> int:
    return int(index) + 2  # type: ignore[call-overload, no-any-return]


def _dangling_keys(tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """Name every key that points to a row that is not there."""
    known = {"source": set(tables["sources"]["source"]), "slide": set(tables["slides"]["slide"])}
    homes = {"source": "sources.csv", "slide": "slides.csv"}
    faults = []
    for name, table in tables.items():
        for column, keys in known.items():
            for row, key in table[column].dropna().items():
                if key not in keys:
                    faults.append(f"{name}.csv, row {_line(row)}, column {column}: no {key!r} in {homes[column]}")
    items = set(tables["survey"]["item"])
    for name, column in (("survey", "subset_of"), ("press", "item")):
        for row, key in tables[name][column].dropna().items():
            if key not in items:
                faults.append(f"{name}.csv, row {_line(row)}, column {column}: no item {key!r} in survey.csv")
    return faults


def _report(faults: list[str]) -> str:
    shown = [f"  {fault}" for fault in faults[:SHOWN]]
    more = [f"  and {len(faults) - SHOWN} more"] if len(faults) > SHOWN else []
    noun = "fault" if len(faults) == 1 else "faults"
    return "\n".join([f"the tables of the talk have {len(faults)} {noun}:", *shown, *more])
