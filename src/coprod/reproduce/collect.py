"""Results taken out of executed notebooks, each with the notebook that displays it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from coprod.errors import DataError
from coprod.results import Figure, Result, Table, read_notebook

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a cell begins with that a spreadsheet takes for a formula."""


class Displayed(NamedTuple):
    """A result and the name of the notebook that displays it."""

    notebook: str
    result: Result


def collect(notebooks: Iterable[Path]) -> list[Displayed]:
    """Read the results of executed notebooks.

    Parameters
    ----------
    notebooks : iterable of Path
        Executed notebook files.

    Returns
    -------
    list of Displayed
        By notebook, and within one in the order displayed.

    Raises
    ------
    DataError
        If a file is not a whole notebook, or two results have the same id.
    """
    displayed: dict[str, Displayed] = {}
    for path in notebooks:
        for result in read_notebook(path):
            if result.id in displayed:
                raise DataError(
                    f"result {result.id!r} is displayed by {displayed[result.id].notebook} and by {path.stem}; "
                    "each result has one place: rename one of them"
                )
            displayed[result.id] = Displayed(path.stem, result)
    return list(displayed.values())


def data_csv(result: Table | Figure) -> str:
    r"""Write the data of a table or figure as CSV, the same bytes each time.

    Missing cells are empty, lists are JSON, numbers are unrounded. Text that a spreadsheet would take for a formula
    gets an apostrophe before it. Made-up data carry a first column ``synthetic`` that says so in every row.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"item": ["replied", "silent"], "count": [196, None]}, dtype=object)
    >>> data_csv(Table(id="t", title="T", answer="A.", slide="S5", source="s", data=frame, headings={"item": "I"}))
    'item,count\nreplied,196\nsilent,\n'
    """
    data = result.to_json()["data"]
    first = (["synthetic"], ["True"]) if result.synthetic else ([], [])
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(first[0] + data["columns"])
    writer.writerows(first[1] + [plain_cell(cell) for cell in row] for row in data["rows"])
    return text.getvalue()


def plain_cell(cell: object) -> object:
    """Write a cell so that no spreadsheet takes it for a formula; lists as JSON."""
    if isinstance(cell, str) and cell.startswith(FORMULA):
        return f"'{cell}"  # a spreadsheet would run it
    return json.dumps(cell, ensure_ascii=False) if isinstance(cell, list) else cell
