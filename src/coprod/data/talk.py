"""The tables of the talk: they come in here, checked once, or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from coprod.data.tables import read_cells
from coprod.errors import DataError, suggest
from coprod.faults import Fault, check_frame, dangling_keys
from coprod.home import project_home
from coprod.schemas import TALK

PLACES = ("position", "line", "step")
"""Columns that say in which place a row stands."""


class Talk(Mapping[str, pd.DataFrame]):
    """The tables of the talk, by name: ``talk["survey"]``.

    Every table taken out is a fresh copy, so that no caller can change it for another.
    """

    def __init__(self, tables: Mapping[str, pd.DataFrame]) -> None:
        self._tables = MappingProxyType(dict(tables))

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._tables:
            raise KeyError(f"no table {name!r} in the talk; {suggest(name, self._tables)}")
        return self._tables[name].copy()

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def _ipython_key_completions_(self) -> list[str]:
        return list(self)

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
        counted as a spreadsheet counts them: the header is row 1.

    Examples
    --------
    >>> talk = read_talk()
    >>> talk["survey"][["item", "percent"]].to_numpy().tolist()[-1]
    ['ambition_in_line', '1']
    """
    home = home or project_home()
    tables: dict[str, pd.DataFrame] = {}
    faults: list[Fault] = []
    for name, model in TALK.items():
        cells, found = read_cells(home, f"data/talk/{name}.csv")
        faults += found
        if not found:
            table, found = check_frame(cells, model, f"{name}.csv")
            faults += found
            tables[name] = _in_order(table)
    known = {(fault.table, fault.row, fault.column) for fault in faults}
    faults += [fault for fault in dangling_keys(tables, TALK) if fault[:3] not in known]
    if faults:
        noun = "fault" if len(faults) == 1 else "faults"
        listed = "\n".join(f"  {fault}" for fault in faults)
        raise DataError(f"the tables in {home / 'data' / 'talk'} have {len(faults)} {noun}:\n{listed}")
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


def _in_order(table: pd.DataFrame) -> pd.DataFrame:
    """Put rows that say which place they have into it, so that the order of a file's lines does not matter."""
    places = [name for name in PLACES if name in table]
    return table.sort_values(places, kind="stable", ignore_index=True) if places else table
