"""What a run was made from, remembered beside it, so that it is not repeated for nothing and never used when stale.

The fingerprint covers the code of the notebook, its parameters, the results it declares, the bytes of
each file its kernel read, the code of each module of coprod it imported, the versions of the packages
it imported, and Python's. Comments, docstrings of modules, text cells and outputs do not count. What
:mod:`coprod.reproduce.observe` does not see is not covered.

Of the tables that ``data/datapackage.json`` describes, and which are therefore published, the record
keeps the rows, so that :mod:`coprod.reproduce.changes` can name a cell; of any other file, such as
somebody's questionnaires, nothing but a digest of the whole.
"""

from __future__ import annotations

import csv
import hashlib
import importlib.util
import json
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coprod.errors import CoprodError
from coprod.reproduce.code import Pieces, code_of_cells, definitions
from coprod.reproduce.folders import unwritable
from coprod.reproduce.notebooks import Notebook, read_source
from coprod.reproduce.observe import PACKAGE, stamp
from coprod.reproduce.packages import versions_of

if TYPE_CHECKING:
    from coprod.reproduce.executed import Outcome

SCHEMA = 1
LONGEST_NAME = 120
"""Characters of a folder's name after which a digest tells runs apart."""
MEMORY = "memory"
SOURCES = "src/coprod/"
CHANGED = "changed during the run"
EXTRACTED = ("notebooks/*.ipynb", "figures/*", "tables/*", "values.json")


def remember(
    outcome: Outcome, notebook: Notebook, *, home: Path, reports: Path, parameters: Mapping[str, object], code: Pieces
) -> None:
    """Write what a good run was made from to ``memory/NAME.json`` of its reports folder.

    Parameters
    ----------
    outcome : Outcome
        How it ended. Nothing is remembered of a failure, nor where nothing was observed.
    notebook : Notebook
        What ran.
    home, reports : Path
        Project folder, and where the executed notebook lies.
    parameters : mapping
        Its values that are not defaults.
    code : sequence of pairs
        From :func:`read_code`, before it ran; with other code by now nothing is remembered.

    Raises
    ------
    EnvironmentProblem
        If the record cannot be written.
    """
    if outcome.status == "failed" or not outcome.observed or not code or code != read_code(notebook.path):
        return
    seen = outcome.observed
    inputs = {
        "cells": code,
        "parameters": json.loads(json.dumps(parameters, default=str)),
        "results": list(notebook.results),
        "files": _files(seen["files"], home, notebook.path.parent, parameters),
        "modules": _modules(seen["modules"]),
        "packages": versions_of(seen["packages"]),
        "python": seen["python"],
    }
    made = {"fingerprint": fingerprint(inputs), "executed": digest(outcome.path), "seconds": outcome.seconds}
    record = {"schema": SCHEMA, **made, **inputs}
    _write(record_path(reports, notebook.name), record, reports)


def fingerprint(inputs: Mapping[str, Any]) -> str:
    """Digest what a run is made from; two runs from the same have the same.

    Parameters
    ----------
    inputs : mapping
        ``cells, parameters, results, files, modules, packages, python`` of a record; what else it holds does not count.

    Returns
    -------
    str
        64 hexadecimal digits.

    Examples
    --------
    >>> parts = dict.fromkeys(["cells", "parameters", "results", "files", "modules", "packages"], {})
    >>> fingerprint({**parts, "python": "3.11.9"}) == fingerprint({**parts, "python": "3.11.10"})
    False
    """
    counted = {name: inputs[name] for name in ("cells", "parameters", "results", "packages", "python")}
    counted["files"] = {name: entry.get("sha256") for name, entry in inputs["files"].items()}
    counted["modules"] = {name: entry["definitions"] for name, entry in inputs["modules"].items()}
    return hashlib.sha256(json.dumps(counted, sort_keys=True).encode()).hexdigest()


def read_record(reports: Path, name: str) -> dict[str, Any] | None:
    """Read what is remembered of a notebook's last good run; None where nothing is."""
    try:
        with open(record_path(reports, name), encoding="utf-8") as file:
            record = json.load(file)
        return dict(record) if record["schema"] == SCHEMA else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def record_path(reports: Path, name: str) -> Path:
    """Return where the record of a notebook lies."""
    return reports / MEMORY / f"{name}.json"


def read_code(path: Path) -> Pieces:
    """Return the code of a notebook, cell by cell, as digests; empty where it is not a whole notebook."""
    try:
        return code_of_cells(read_source(path)["cells"])
    except CoprodError:
        return []


def place_of_run(name: str, parameters: Mapping[str, object], reports: Path) -> Path:
    """Return the reports folder of a run: the main one, or with other than default parameters one of its own."""
    if not parameters:
        return reports
    named = f"{name}-" + ",".join(f"{parameter}={value}" for parameter, value in parameters.items())
    plain = re.sub(r"[^\w.,=+-]", "_", named)[:LONGEST_NAME]
    own = "" if plain == named else "-" + hashlib.sha256(named.encode()).hexdigest()[:8]
    return reports / "runs" / f"{plain}{own}"


def digest(path: Path) -> str | None:
    """Return the SHA-256 of a file, None where there is none."""
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def find_file(name: str, home: Path) -> Path:
    """Return the path that a record's name of a file stands for."""
    return PACKAGE / name.removeprefix(SOURCES) if name.startswith(SOURCES) else home / name


def read_rows(path: Path) -> list[list[str]] | None:
    """Read a table as rows of text; None where it is none."""
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            return list(csv.reader(file))
    except (OSError, ValueError, csv.Error):
        return None


def note_extracted(reports: Path) -> None:
    """Remember what has been extracted from which notebooks."""
    _write(reports / MEMORY / "extracted.json", _extracted(reports), reports)


def is_extracted(reports: Path) -> bool:
    """Tell whether figures, tables and values still are what was extracted from these notebooks."""
    try:
        with open(reports / MEMORY / "extracted.json", encoding="utf-8") as file:
            return bool(json.load(file) == _extracted(reports))
    except (OSError, ValueError):
        return False


def _extracted(reports: Path) -> dict[str, str | None]:
    paths = sorted(path for pattern in EXTRACTED for path in reports.glob(pattern))
    return {path.relative_to(reports).as_posix(): digest(path) for path in paths}


def _files(
    seen: Mapping[str, Any], home: Path, folder: Path, parameters: Mapping[str, object]
) -> dict[str, dict[str, Any]]:
    """Keep the files of the project, and those that a parameter names, with what they hold."""
    named = {os.path.realpath(folder / value) for value in parameters.values() if isinstance(value, str) and value}
    published, found = _published(home), {}
    for heard, at_opening in seen.items():
        path = _source(heard)
        name = os.path.relpath(path, os.path.realpath(home)) if path in named else _name(Path(path), home)
        if name:
            same = path != heard or stamp(path) == at_opening
            entry: dict[str, Any] = {"sha256": digest(Path(path)) if same else CHANGED}
            if same and name in published:
                entry["rows"] = read_rows(Path(path))
            found[name] = entry
    return found


def _name(path: Path, home: Path) -> str:
    """Return the name a record has for a file; empty for one that is no part of the project."""
    root = Path(os.path.realpath(home))
    if path.is_relative_to(PACKAGE):
        return "" if path.suffix in {".py", ".pyc"} else SOURCES + path.relative_to(PACKAGE).as_posix()
    if not path.is_relative_to(root):
        return ""
    below = path.relative_to(root)
    return "" if any(part.startswith(".") for part in below.parts) else below.as_posix()


def _source(path: str) -> str:
    if path.endswith(".pyc"):
        with suppress(ValueError):
            return importlib.util.source_from_cache(path)
    return path


def _published(home: Path) -> set[str]:
    try:
        with open(home / "data" / "datapackage.json", encoding="utf-8") as file:
            return {f"data/{resource['path']}" for resource in json.load(file)["resources"]}
    except (OSError, ValueError, KeyError, TypeError):
        return set()


def _modules(seen: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    found = {}
    for path, at_import in sorted(seen.items()):
        if Path(path).is_relative_to(PACKAGE):
            same = stamp(path) == at_import
            content = Path(path).read_bytes() if same else b""
            sha256 = hashlib.sha256(content).hexdigest() if same else CHANGED
            entry = {"sha256": sha256, "definitions": definitions(content) if same else [["", CHANGED]]}
            found[SOURCES + Path(path).relative_to(PACKAGE).as_posix()] = entry
    return found


def _write(path: Path, content: object, reports: Path) -> None:
    part = path.with_suffix(".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(content, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise unwritable(reports, error) from None
