"""A project with all of its data changed at once, so that whatever is computed from them comes out otherwise."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pandera.pandas as pa

from coprod.data import Talk, read_talk
from coprod.errors import CoprodError
from coprod.faults import check_frame, references
from coprod.reproduce.changed import Models, Tables, change_cell, is_valid
from coprod.schemas import TALK, TRAINING
from coprod.talk.claims import adjudicate

WAYS = {
    "changed a little": ("little", 0),
    "changed a little the other way": ("little", -1),
    "with rows left out": ("rows", 0),
    "with other rows left out": ("rows", 1),
    "with still other rows left out": ("rows", 2),
    "changed by a lot": ("large", 0),
    "halved": ("large", -1),
}
"""Each way of changing all data, with the size of the changes and which of those of a size."""
RULES = {("claims", "rule"), ("claims", "subject")}
"""Which rule judges a claim is no datum."""
GROUP = "cohort"
"""Where rows belong to groups, one group is left out; elsewhere every third row that can be."""
STEP = 3

Part = tuple[Path, Models]


@dataclass(frozen=True)
class Varied:
    """A project in a folder of its own, and the ledger of its tables."""

    home: Path
    ledger: pd.DataFrame


def vary_project(home: Path, place: Path, way: str) -> Varied:
    """Copy a project with its data changed.

    What a model refuses, and what leaves a claim without anything to judge, stays as it is. Keys stay too, so that
    tables still belong together.

    Parameters
    ----------
    home, place : Path
        The project, and the folder to make.
    way : str
        One of :data:`WAYS`.

    Returns
    -------
    Varied
        Data and notebooks, without reports.
    """
    for part in ("data", "notebooks"):
        shutil.copytree(home / part, place / part)
    if (home / "requirements.lock").exists():
        shutil.copy(home / "requirements.lock", place)
    talk = read_talk(home)
    tables = _vary({name: talk[name] for name in talk}, TALK, way, _is_judged)
    _write(tables, place / "data" / "talk")
    training = home / "data" / "training"
    answers = {name: _read(training / f"{name}.csv", model) for name, model in TRAINING.items()
               if (training / f"{name}.csv").exists()}  # fmt: skip
    _write(_vary(answers, TRAINING, way, lambda _: True), place / "data" / "training")
    return Varied(place, adjudicate(read_talk(place)))


def _vary(tables: Tables, models: Models, way: str, accepts: Callable[[Tables], bool]) -> Tables:
    """Change table by table what can be changed; where a whole table cannot be, column by column."""
    size, which = WAYS[way]
    for name in tables:
        if size == "rows":
            tables = _leave_out(tables, name, models, which, accepts)
            continue
        columns = _columns(name, models)
        whole = _vary_columns(tables, name, columns, models, size, which)
        if accepts(whole):
            tables = whole
            continue
        for column in columns:
            changed = _vary_columns(tables, name, [column], models, size, which)
            tables = changed if accepts(changed) else tables
    return tables


def _leave_out(tables: Tables, name: str, models: Models, first: int, accepts: Callable[[Tables], bool]) -> Tables:
    frame = tables[name]
    if GROUP in frame:
        return {**tables, name: frame[frame[GROUP] != frame[GROUP].unique()[first]].reset_index(drop=True)}
    for row in frame.index[first::STEP]:
        fewer = {**tables, name: tables[name].drop(index=row)}
        tables = fewer if len(fewer[name]) and is_valid(fewer, name, models) and accepts(fewer) else tables
    return tables


def _vary_columns(
    tables: Tables, name: str, columns: list[str], models: Models, size: str, which: int
) -> dict[str, pd.DataFrame]:
    varied, schema = dict(tables), models[name].to_schema()
    for column in columns:
        values = [_vary_cell(value, schema.columns[column], size, which) for value in varied[name][column]]
        series = pd.Series(values, index=varied[name].index, dtype=varied[name][column].dtype)
        changed = {**varied, name: varied[name].assign(**{column: series})}
        varied = changed if is_valid(changed, name, models, column) else varied
    return varied


def _vary_cell(value: Any, column: pa.Column, size: str, which: int) -> Any:
    given = [after for found, after in change_cell(value, column) if found == size]
    return given[which] if given else value


def _columns(name: str, models: Models) -> list[str]:
    """Return the columns of a table that no other points to, and that point to none."""
    pointed_at = {there for model in models.values() for there in references(model).values()}
    keys = {*references(models[name]), *(column for table, column in pointed_at if table == name)}
    schema = models[name].to_schema()
    keys |= {c for c, column in schema.columns.items() if str((column.metadata or {}).get("form")).startswith("a key")}
    return [column for column in schema.columns if column not in keys and (name, column) not in RULES]


def _is_judged(tables: Mapping[str, pd.DataFrame]) -> bool:
    try:
        adjudicate(Talk(tables))
    except (CoprodError, LookupError, ValueError, TypeError):
        return False
    return True


def _read(path: Path, model: type[pa.DataFrameModel]) -> pd.DataFrame:
    with open(path, encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file)
    frame = pd.DataFrame(rows, columns=header, dtype="string")
    return check_frame(frame.mask(frame == ""), model, path.name)[0]


def _write(tables: Tables, folder: Path) -> None:
    for name, frame in tables.items():
        frame.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n", encoding="utf-8")
