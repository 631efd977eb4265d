"""Results read back out of an executed notebook."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from coprod.errors import DataError
from coprod.results.kinds import MIME, SCHEMA, Figure, Result, Table, Value

_KINDS: dict[str, type[Result]] = {kind.kind: kind for kind in (Value, Table, Figure)}


def read_notebook(path: Path | str) -> list[Result]:
    """Read the results displayed in an executed notebook, in their order.

    Parameters
    ----------
    path : Path or str
        A notebook file (``.ipynb``).

    Returns
    -------
    list of Result
        Equal to the results that were displayed.

    Raises
    ------
    DataError
        If the file is missing, is not a whole notebook, or holds a result this version cannot read.
    """
    try:
        with open(path, encoding="utf-8") as file:
            cells = json.load(file)["cells"]
        outputs = [output for cell in cells for output in cell.get("outputs", [])]
        payloads = [output["data"][MIME] for output in outputs if MIME in output.get("data", {})]
    except FileNotFoundError:
        raise DataError(f"{path} is missing; run 'coprod run' to make it") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(
            f"{path} is not a whole notebook ({type(error).__name__}: {error}); delete it and run 'coprod run'"
        ) from None
    return [from_json(payload, str(path)) for payload in payloads]


def from_json(payload: Mapping[str, Any], place: str = "JSON") -> Result:
    """Make a result again from what :meth:`Result.to_json` gave.

    Parameters
    ----------
    payload : mapping
        The plain JSON values of one result.
    place : str
        Where they were found, for the error.

    Returns
    -------
    Result
        A Value, Table or Figure, equal to the one that gave the payload.

    Raises
    ------
    DataError
        If the payload is not a result of this version.

    Examples
    --------
    >>> words = {"title": "Replies", "answer": "Most replied.", "slide": "S5", "source": "survey.csv"}
    >>> value = Value(id="replied", value=196, unit="groups", **words)
    >>> from_json(value.to_json()) == value
    True
    """
    name: object = None
    try:
        content = dict(payload)
        name = content.get("id")
        if (schema := content.pop("schema", None)) != SCHEMA:
            raise ValueError(f"schema {schema!r}, expected {SCHEMA}")
        make = _KINDS[content.pop("kind")]
        if "data" in content:
            content["data"] = pd.DataFrame(content["data"]["rows"], columns=content["data"]["columns"], dtype=object)
        if "headings" in content:
            content["headings"] = dict(content["headings"])
        return make(**content)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        what = f"{type(error).__name__}: {error}"
        raise DataError(f"{place}: result {name!r} cannot be read ({what}); run 'coprod run'") from None
