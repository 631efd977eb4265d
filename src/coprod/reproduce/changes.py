"""What has changed since a notebook's last good run, named as exactly as what is remembered allows."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

from coprod.reproduce.code import Pieces, definitions
from coprod.reproduce.fingerprint import (
    CHANGED,
    digest,
    find_file,
    read_code,
    read_record,
    read_rows,
)
from coprod.reproduce.notebooks import Notebook
from coprod.reproduce.packages import installed_versions

Row = Sequence[str]


class Change(NamedTuple):
    """One thing that is no longer as it was.

    Attributes
    ----------
    kind : str
        ``"run"``, ``"notebook"``, ``"file"``, ``"module"``, ``"package"`` or ``"python"``.
    words : str
        What and where.
    """

    kind: str
    words: str

    def __str__(self) -> str:
        return self.words


def find_changes(
    notebook: Notebook, parameters: Mapping[str, object], *, home: Path, reports: Path
) -> Iterator[Change]:
    """Compare what a notebook's last good run was made from with what is there now.

    Parameters
    ----------
    notebook : Notebook
        Which.
    parameters : mapping
        Its values that are not defaults.
    home, reports : Path
        Project folder, and the reports folder of a run with these parameters.

    Yields
    ------
    Change
        Each thing that changed; none where the run is up to date. Looked for one at a time, so that
        the first one is enough to know.
    """
    failed, executed = (reports / folder / notebook.path.name for folder in ("failed", "notebooks"))
    if failed.exists():
        yield Change("run", f"the last run failed; it stands in {failed.relative_to(reports.parent)}")
    record = read_record(reports, notebook.name)
    if record is None or record["parameters"] != dict(parameters):
        named = ", ".join(f"{name}={value}" for name, value in parameters.items())
        seen = executed.exists() and not parameters
        words = "no record of what the last run was made from" if seen else "never run to its end" if failed.exists() \
            else "never run"  # fmt: skip
        yield Change("run", f"{words} with {named}" if named else words)
        return
    if digest(executed) != record["executed"]:
        yield Change("run", f"the executed notebook is {'not as it was left' if executed.exists() else 'missing'}")
    yield from _notebook(record, notebook)
    yield from _files(record["files"], home)
    yield from _modules(record["modules"], home)
    yield from _surroundings(record)


def _notebook(record: Mapping[str, Any], notebook: Notebook) -> Iterator[Change]:
    place = f"notebooks/{notebook.path.name}"
    for words in _pieces(record["cells"], read_code(notebook.path), "cell "):
        yield Change("notebook", f"{place}, {words}")
    if record["results"] != list(notebook.results):
        yield Change("notebook", f"notebooks/notebooks.toml, results of {notebook.name}")


def _pieces(old: Pieces, new: Pieces, kind: str = "") -> Iterator[str]:
    """Name the pieces of code that differ, by name; several of one name are looked at together."""
    if old == new:
        return
    names = dict.fromkeys(name for name, _ in [*old, *new])
    found = False
    for name in names:
        before, after = ([code for other, code in pieces if other == name] for pieces in (old, new))
        if before != after:
            found = True
            yield f"{kind}{name or 'as a whole'}{' (new)' if not before else ' (gone)' if not after else ''}"
    if not found:
        yield "the order of its parts"


def _files(files: Mapping[str, Mapping[str, Any]], home: Path) -> Iterator[Change]:
    for name, old in files.items():
        path = find_file(name, home)
        if old["sha256"] == CHANGED:
            yield Change("file", f"{name} ({CHANGED})")
            continue
        sha256 = digest(path)
        if sha256 == old["sha256"]:
            continue
        new = read_rows(path) if old.get("rows") and sha256 else None
        if new is None:
            yield Change("file", f"{name}{' (new)' if not old['sha256'] else ' (gone)' if not sha256 else ''}")
        else:
            yield from (Change("file", f"{name}, {words}") for words in name_cells(old["rows"], new))


def name_cells(old: Sequence[Row], new: Sequence[Row]) -> list[str]:
    """Name the rows and cells in which two tables differ.

    Parameters
    ----------
    old, new : sequence of rows
        The header first. A row is known by the first column that tells all rows apart, or by its number.

    Returns
    -------
    list of str
        One for each cell, row or column.

    Examples
    --------
    >>> name_cells([["id", "n"], ["a", "15"]], [["id", "n"], ["a", "16"]])
    ["row a, column n: '15' -> '16'"]
    """
    key_column = _key(old, new)
    before, after = _keyed(old, key_column), _keyed(new, key_column)
    header, present = list(old[0]), list(new[0]) if new else []
    words = [f"column {column} (gone)" for column in header if column not in present]
    words += [f"column {column} (new)" for column in present if column not in header]
    for key in dict.fromkeys([*before, *after]):
        if key not in after or key not in before:
            words.append(f"row {key} ({'new' if key in after else 'gone'})")
            continue
        was, now = (dict(zip_longest(columns, rows[key], fillvalue="")) for columns, rows in
                    ((header, before), (present, after)))  # fmt: skip
        words += [f"row {key}, column {column}: {was[column]!r} -> {now[column]!r}"
                  for column in was if column in now and was[column] != now[column]]  # fmt: skip
    return words or ["the order of its rows or columns, or how it is written"]


def _key(old: Sequence[Row], new: Sequence[Row]) -> int | None:
    """Return the place of the first column that tells the rows of both tables apart."""
    for place in range(min(len(old[0]), len(new[0])) if old and new else 0):
        columns = [[row[place] if place < len(row) else "" for row in table[1:]] for table in (old, new)]
        if old[0][place] == new[0][place] and all(len({*cells, ""}) == len(cells) + 1 for cells in columns):
            return place
    return None


def _keyed(rows: Sequence[Row], key: int | None) -> dict[str, Row]:
    return {str(number) if key is None else row[key]: row for number, row in enumerate(rows[1:], start=2)}


def _modules(modules: Mapping[str, Mapping[str, Any]], home: Path) -> Iterator[Change]:
    for name, old in modules.items():
        path = find_file(name, home)
        if old["sha256"] == CHANGED:
            yield Change("module", f"{name} ({CHANGED})")
        elif (sha256 := digest(path)) is None:
            yield Change("module", f"{name} (gone)")
        elif sha256 != old["sha256"]:
            for words in _pieces(old["definitions"], definitions(path.read_bytes())):
                yield Change("module", f"{name}, {words}")


def _surroundings(record: Mapping[str, Any]) -> Iterator[Change]:
    versions = installed_versions()
    for name, version in record["packages"].items():
        if versions.get(name) != version:
            yield Change("package", f"{name} {version} -> {versions.get(name, 'not installed')}")
    if (python := sys.version.split()[0]) != record["python"]:
        yield Change("python", f"Python {record['python']} -> {python}")
