"""What a rerun must give again: ``reports/expected/``, its comparison and its renewal."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pandas as pd

from coprod.errors import DataError
from coprod.reproduce.collect import Displayed, data_csv
from coprod.reproduce.folders import replace_tree
from coprod.results import DATA_TOLERANCE, Figure, Table, Value

SCHEMA = 1
NEAR_ZERO = 1e-12
"""Largest absolute difference beside it, for numbers that are zero but for rounding error."""
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?")


@dataclass(frozen=True)
class Comparison:
    """One stored thing beside what came out.

    Attributes
    ----------
    id : str
        Id of a value, ``ID.data`` for the data of a figure or table, ``CLAIM.verdict`` for a verdict.
    expected, got : int, float, str or None
        The value, or the first difference in words; None where there is none.
    tolerance : float
        Absolute for values, relative for data, 0 for verdicts.
    ok : bool
        Whether they agree.
    """

    id: str
    expected: int | float | str | None
    got: int | float | str | None
    tolerance: float
    ok: bool


def compare(folder: Path, displayed: Sequence[Displayed], claims: pd.DataFrame) -> list[Comparison]:
    """Compare what came out with what is stored.

    Parameters
    ----------
    folder : Path
        ``reports/expected``.
    displayed : sequence of Displayed
        What the notebooks gave.
    claims : DataFrame
        ``claim`` and ``verdict`` of the ledger.

    Returns
    -------
    list of Comparison
        One for everything that is stored or came out: values, then data, then verdicts.

    Raises
    ------
    DataError
        If a stored file cannot be read.
    """
    try:
        return [
            *_compare_values(_stored_values(folder / "values.json"), displayed),
            *_compare_data(_stored_data(folder), displayed),
            *_compare_verdicts(_stored_verdicts(folder / "claims.csv"), claims),
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, csv.Error) as error:
        raise DataError(
            f"{folder} cannot be read ({type(error).__name__}: {error}); "
            "restore it with 'git checkout -- reports/expected'"
        ) from None


def store(folder: Path, displayed: Sequence[Displayed], claims: pd.DataFrame) -> None:
    """Put what came out in place of what is stored, all of it or nothing.

    Raises
    ------
    EnvironmentProblem
        If the folder cannot be written.
    """
    values = {r.id: {"value": r.to_json()["value"], "tolerance": r.tolerance} for r in _values(displayed)}
    files = {
        "values.json": json.dumps({"schema": SCHEMA, "values": values}, ensure_ascii=False, indent=1) + "\n",
        "claims.csv": claims[["claim", "verdict"]].to_csv(index=False, lineterminator="\n"),
        **_data_files(displayed),
    }
    replace_tree(folder.parent, {f"{folder.name}/{name}": text for name, text in files.items()}, [folder.name])


def first_difference(expected: str, got: str, tolerance: float = DATA_TOLERANCE) -> tuple[str, str] | None:
    r"""Name the first place where two CSV texts differ; numbers may differ in their last digits.

    Rows are counted as an editor counts lines: the header is row 1.

    Examples
    --------
    >>> first_difference("item,count\nreplied,196\n", "item,count\nreplied,195\n")
    ("row 2, column 'count': '196'", "row 2, column 'count': '195'")
    >>> first_difference("x\n0.1\n", "x\n0.10000000000000002\n") is None
    True
    """
    before, after = (list(csv.reader(io.StringIO(text, newline=""))) for text in (expected, got))
    header, new_header = (rows[0] if rows else [] for rows in (before, after))
    if header != new_header:
        return f"columns {', '.join(header)}", f"columns {', '.join(new_header)}"
    for line, (row, new) in enumerate(zip(before[1:], after[1:], strict=False), start=2):
        for column, one, other in zip_longest(header, row, new, fillvalue=""):
            if not _same(one, other, tolerance):
                place = f"row {line}, column {column!r}"
                return f"{place}: {one!r}", f"{place}: {other!r}"
    if len(before) != len(after):
        return f"{len(before) - 1} rows", f"{len(after) - 1} rows"
    return None


def _compare_values(stored: dict[str, Any], displayed: Sequence[Displayed]) -> Iterable[Comparison]:
    got = {result.id: result.to_json() for result in _values(displayed)}
    for name in dict.fromkeys([*stored, *got]):
        expected = stored.get(name, {}).get("value")
        value = got.get(name, {}).get("value")
        tolerance = float(stored.get(name, got.get(name, {}))["tolerance"])
        yield Comparison(name, expected, value, tolerance, name in stored and name in got
                         and _within(expected, value, tolerance))  # fmt: skip


def _compare_data(stored: dict[str, str], displayed: Sequence[Displayed]) -> Iterable[Comparison]:
    got, tolerances = _data_files(displayed), {_data_path(r): r.tolerance for r in _with_data(displayed)}
    for path in sorted({*stored, *got}):
        kind, stem = path.removesuffix(".csv").split("/")
        expected = f"stored in {kind}" if path in stored else None
        came = f"displayed among the {kind}" if path in got else None
        difference = (expected, came)
        if path in stored and path in got:
            difference = first_difference(stored[path], got[path], tolerances[path]) or (
                "the stored data",
                "the stored data",
            )
        yield Comparison(
            f"{stem.removeprefix('synthetic_')}.data",
            *difference,
            tolerances.get(path, 0.0),
            difference[0] == difference[1],
        )


def _compare_verdicts(stored: dict[str, str], claims: pd.DataFrame) -> Iterable[Comparison]:
    got = dict(zip(claims["claim"], claims["verdict"], strict=True))
    for claim in dict.fromkeys([*stored, *got]):
        expected, verdict = stored.get(claim), got.get(claim)
        yield Comparison(f"{claim}.verdict", expected, verdict, 0.0, expected == verdict)


def _within(expected: object, got: object, tolerance: float) -> bool:
    if isinstance(expected, int | float) and isinstance(got, int | float):
        return math.isclose(expected, got, rel_tol=0, abs_tol=tolerance)
    return expected == got


def _same(one: str, other: str, tolerance: float) -> bool:
    if _NUMBER.fullmatch(one) and _NUMBER.fullmatch(other):
        return math.isclose(float(one), float(other), rel_tol=tolerance, abs_tol=max(NEAR_ZERO, tolerance**2))
    return one == other


def _values(displayed: Sequence[Displayed]) -> list[Value]:
    return [result for _, result in displayed if isinstance(result, Value)]


def _with_data(displayed: Sequence[Displayed]) -> list[Table | Figure]:
    return [result for _, result in displayed if isinstance(result, Table | Figure)]


def _data_path(result: Table | Figure) -> str:
    return f"{result.kind}s/{result.stem}.csv"


def _data_files(displayed: Sequence[Displayed]) -> dict[str, str]:
    return {_data_path(result): data_csv(result) for result in _with_data(displayed)}


def _stored_values(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    with open(path, encoding="utf-8") as file:
        content = json.load(file)
    if content["schema"] != SCHEMA:
        raise ValueError(f"{path.name} has schema {content['schema']!r}, expected {SCHEMA}")
    return {name: {"value": entry["value"], "tolerance": entry["tolerance"]}
            for name, entry in content["values"].items()}  # fmt: skip


def _stored_data(folder: Path) -> dict[str, str]:
    paths = [path for kind in ("figures", "tables") for path in sorted((folder / kind).glob("*.csv"))]
    return {path.relative_to(folder).as_posix(): path.read_bytes().decode() for path in paths}


def _stored_verdicts(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    with open(path, encoding="utf-8", newline="") as file:
        return {row["claim"]: row["verdict"] for row in csv.DictReader(file)}
