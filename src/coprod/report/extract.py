"""Figures, tables and values as files, taken out of executed notebooks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from coprod.errors import DataError
from coprod.reproduce.collect import Displayed, collect, data_csv
from coprod.reproduce.folders import replace_tree
from coprod.results import Figure, Table, Value

SCHEMA = 1


def extract(notebooks: Path, reports: Path) -> list[Displayed]:
    """Write ``figures/``, ``tables/`` and ``values.json`` anew from executed notebooks.

    Parameters
    ----------
    notebooks : Path
        Folder of executed notebooks.
    reports : Path
        Folder that gets the files. What lay under those three names before is replaced.

    Returns
    -------
    list of Displayed
        Every result found, by notebook.

    Raises
    ------
    DataError
        If the folder holds no notebook, one is not whole, or two results have the same id.
    EnvironmentProblem
        If the files cannot be written; the old ones then stay.
    """
    paths = sorted(notebooks.glob("*.ipynb"))
    if not paths:
        raise DataError(f"no executed notebook in {notebooks}; run 'coprod run' to make them")
    displayed = collect(paths)
    files = {"values.json": _values(displayed)}
    for _, result in displayed:
        if isinstance(result, Table):
            files[f"tables/{result.stem}.csv"] = data_csv(result)
        if isinstance(result, Figure):
            files[f"figures/{result.stem}.csv"] = data_csv(result)
            files[f"figures/{result.stem}.svg"] = result.wide
            files[f"figures/{result.stem}-narrow.svg"] = result.narrow
    replace_tree(reports, files, ["figures", "tables", "values.json"])
    return displayed


def _values(displayed: list[Displayed]) -> str:
    entries = [_entry(notebook, result) for notebook, result in displayed if isinstance(result, Value)]
    return json.dumps({"schema": SCHEMA, "values": entries}, ensure_ascii=False, indent=1) + "\n"


def _entry(notebook: str, value: Value) -> dict[str, Any]:
    content = value.to_json()
    names = ("id", "value", "unit", "tolerance", "title", "answer", "slide")
    return {
        **{name: content[name] for name in names},
        "notebook": notebook,
        "parameters": content["parameters"],
        "synthetic": value.synthetic,
    }
