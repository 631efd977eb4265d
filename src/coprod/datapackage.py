"""The Frictionless descriptor of the tables, written from their models.

``python -m coprod.datapackage`` writes ``data/datapackage.json`` anew. Reading a table never asks
for its hash, since a reader may well change a copy; :func:`changed_tables` says which ones differ.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandera.pandas as pa

from coprod.data import project_home
from coprod.errors import DataError
from coprod.faults import references
from coprod.schemas import ANNOTATIONS, TALK, TRAINING

_LICENCE = {
    "name": "CC-BY-4.0",
    "title": "Creative Commons Attribution 4.0 International",
    "path": "https://creativecommons.org/licenses/by/4.0/",
}
_SOURCE = {
    "title": (
        "Coan, S., Winfield, L. and Fisher, P. (2017) 'Co-production and Mental Health: Patient Champions "
        '"Speak Back" to Power\', IRiS International Conference 2017, University of Birmingham, 14-15 September'
    ),
    "path": "https://eprints.leedsbeckett.ac.uk/id/eprint/4189",
}
_OUTSIDE = {"title": "The publications listed in sources.csv, for the rows whose origin is 'outside'"}
_MADE_UP = {"title": "SYNTHETIC: made up by coprod.training.synthetic with a fixed seed; nobody answered"}
_ANSWERED = {"title": "The people named in it, each with their consent"}
_CONSTRAINTS = {
    "greater_than_or_equal_to": {"minimum": "min_value"},
    "less_than_or_equal_to": {"maximum": "max_value"},
    "isin": {"enum": "allowed_values"},
    "str_matches": {"pattern": "pattern"},
}


def describe(home: Path) -> dict[str, Any]:
    """Describe every table of ``data/`` as a Frictionless tabular data package.

    Parameters
    ----------
    home : Path
        Project folder.

    Returns
    -------
    dict
        The same for the same tables, whenever and wherever it is made.
    """
    return {
        "$schema": "https://datapackage.org/profiles/1.0/datapackage.json",
        "profile": "tabular-data-package",
        "name": "coprod-talk",
        "title": "The talk 'Co-production and Mental Health: Patient Champions Speak Back to Power' as tables",
        "description": (
            "Facts, figures, names and table entries of the talk, each row with its slide and origin; and the worked "
            "example of an evaluation, which is synthetic; and what patient champions answer"
        ),
        "licenses": [_LICENCE],
        "sources": [_SOURCE, _OUTSIDE],
        "resources": [
            *(_resource(home, f"talk/{name}.csv", model, [_SOURCE, _OUTSIDE]) for name, model in TALK.items()),
            *(_resource(home, f"training/{name}.csv", model, [_MADE_UP]) for name, model in TRAINING.items()),
            *(
                _resource(home, f"{name}.csv", model, [_ANSWERED])
                for name, model in ANNOTATIONS.items()
                if (home / "data" / f"{name}.csv").exists()
            ),
        ],
    }


def changed_tables(home: Path) -> list[str]:
    """Name the tables whose bytes are not those that ``data/datapackage.json`` describes.

    Parameters
    ----------
    home : Path
        Project folder.

    Returns
    -------
    list of str
        Paths below ``data/``; empty when every table is as described.

    Raises
    ------
    DataError
        If the descriptor is missing or is not one.
    """
    path = home / "data" / "datapackage.json"
    try:
        with open(path, encoding="utf-8") as file:
            described = {resource["path"]: resource["hash"] for resource in json.load(file)["resources"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path} cannot be read ({type(error).__name__}: {error}); run 'make datapackage'") from None
    return [path for path, digest in described.items() if _fingerprint(home / "data" / path)["hash"] != digest]


def _resource(
    home: Path, path: str, model: type[pa.DataFrameModel], sources: Sequence[dict[str, str]]
) -> dict[str, Any]:
    name = Path(path).stem
    return {
        "profile": "tabular-data-resource",
        "name": name,
        "path": path,
        "title": name.replace("_", " ").capitalize().replace("Ccg", "CCG"),
        "description": (model.__doc__ or "").strip(),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        **_fingerprint(home / "data" / path),
        "licenses": [_LICENCE],
        "sources": list(sources),
        "schema": _schema(name, model),
    }


def _schema(name: str, model: type[pa.DataFrameModel]) -> dict[str, Any]:
    schema = model.to_schema()
    single = [column for column, rule in schema.columns.items() if rule.unique and not rule.nullable]
    key = list(schema.unique or single[:1])
    links = [
        {"fields": [column], "reference": {"resource": "" if table == name else table, "fields": [target]}}
        for column, (table, target) in references(model).items()
        if (table, target) != (name, column)
    ]
    described: dict[str, Any] = {"fields": [_field(column, rule) for column, rule in schema.columns.items()]}
    if key:
        described["primaryKey"] = key
    return {**described, "foreignKeys": links, "missingValues": [""]}


def _field(name: str, column: pa.Column) -> dict[str, Any]:
    unit = column.metadata["unit"]
    kind = {"Int64": "integer"}.get(str(column.dtype), "date" if unit == "date" else "string")
    constraints: dict[str, Any] = {} if column.nullable else {"required": True}
    if column.unique:
        constraints["unique"] = True
    for check in column.checks:
        for constraint, statistic in _CONSTRAINTS[check.name].items():
            constraints[constraint] = check.statistics[statistic]
    if kind == "date":
        del constraints["pattern"]
    described = {"name": name, "type": kind, "description": column.description}
    return {**described, **({"unit": unit} if unit else {}), "constraints": constraints}


def _fingerprint(path: Path) -> dict[str, Any]:
    """Return the hash and the length of a file; a missing one has none."""
    try:
        with open(path, "rb") as file:
            content = file.read()
    except FileNotFoundError:
        return {"hash": "", "bytes": 0}
    return {"hash": f"sha256:{hashlib.sha256(content).hexdigest()}", "bytes": len(content)}


def write(home: Path) -> Path:
    """Write ``data/datapackage.json`` and return its path."""
    path = home / "data" / "datapackage.json"
    with open(path, "w", encoding="utf-8") as file:
        json.dump(describe(home), file, indent=2, ensure_ascii=False)
        file.write("\n")
    return path


if __name__ == "__main__":
    write(project_home())
