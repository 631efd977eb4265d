"""Where what a cell displays is not what was stored for it, in sentences that name the place."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from coprod.reproduce.collect import Displayed, data_csv
from coprod.reproduce.expected import compare, first_difference
from coprod.results import MIME, Figure, Result, Table, Value, from_json

Outputs = Sequence[Mapping[str, Any]]
_NUMBER = re.compile(r"(?<![\w.])[-+\u2212]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?!\w)")


def results_among(outputs: Outputs, place: str) -> dict[str, Result]:
    """Read the results among the outputs of a cell, by id.

    Raises
    ------
    DataError
        If one of them cannot be read.
    """
    payloads = [output["data"][MIME] for output in outputs if MIME in output.get("data", {})]
    return {result.id: result for result in (from_json(payload, place) for payload in payloads)}


def differ_from_cell(stored: Mapping[str, Result], new: Mapping[str, Result]) -> Iterator[str]:
    """Compare what a cell displays with what is stored in it.

    Parameters
    ----------
    stored, new : mapping
        Results by id. The tolerance is the stored one.

    Yields
    ------
    str
        One sentence for each result that is missing, not stored, or another.
    """
    for name in dict.fromkeys([*stored, *new]):
        if name not in new:
            yield f"result {name!r} is stored and was not displayed"
        elif name not in stored:
            yield f"result {name!r} was displayed and is not stored; run the notebook and save it"
        elif (difference := _differ(stored[name], new[name])) is not None:
            before, after = difference
            yield f"result {name!r}: stored {before}; now {after}; tolerance {_tolerance(stored[name])}"


def differ_from_folder(folder: Path, new: Mapping[str, Result]) -> Iterator[str]:
    """Compare what a cell displays with what lies in a folder such as ``reports/expected``.

    Yields
    ------
    str
        One sentence for each result that is not stored, or another. Which is missing, a cell cannot know.
    """
    nobody = pd.DataFrame({"claim": [], "verdict": []})
    names = {f"{name}.data" if isinstance(result, Table | Figure) else name for name, result in new.items()}
    displayed = [Displayed("", result) for result in new.values()]
    for found in compare(folder, displayed, nobody):
        if found.ok or found.id not in names:
            continue
        name = found.id.removesuffix(".data")
        if found.expected is None:
            yield f"result {name!r} was displayed and is not stored in {folder}"
        else:
            kind = "relative" if found.id.endswith(".data") else "absolute"
            yield f"result {name!r}: stored {found.expected}; now {found.got}; tolerance {found.tolerance:g} {kind}"


def settle(stored: str, new: str, *, rtol: float, atol: float) -> str:
    """Return the stored text where the new one says the same: equal words, numbers within a tolerance.

    Parameters
    ----------
    stored, new : str
        Two texts. How much white space there is does not count, for columns grow with their numbers.
    rtol, atol : float
        Largest relative and absolute difference.

    Returns
    -------
    str
        ``stored`` or ``new``.

    Examples
    --------
    >>> settle("mean  0.5 of 12", "mean 0.50001 of 12", rtol=1e-3, atol=0)
    'mean  0.5 of 12'
    >>> settle("mean 0.5 of 12", "mean 0.6 of 12", rtol=1e-3, atol=0)
    'mean 0.6 of 12'
    >>> settle("mean 0.5 of 12", "median 0.5 of 12", rtol=1e-3, atol=0)
    'median 0.5 of 12'
    """
    words, new_words = (_NUMBER.sub("0", text).split() for text in (stored, new))
    if words != new_words:
        return new
    pairs = zip(_numbers(stored), _numbers(new), strict=True)
    return stored if all(math.isclose(one, other, rel_tol=rtol, abs_tol=atol) for one, other in pairs) else new


def _differ(stored: Result, new: Result) -> tuple[str, str] | None:
    """Name the first difference of two results of one id, as it was and as it is."""
    for name in ("kind", "synthetic", "unit"):
        before, after = (getattr(result, name, None) for result in (stored, new))
        if before != after:
            return f"{name} {before!r}", f"{name} {after!r}"
    if isinstance(stored, Value) and isinstance(new, Value):
        return None if _same_value(stored, new) else (repr(stored.value), repr(new.value))
    if isinstance(stored, Table | Figure) and isinstance(new, Table | Figure):
        difference = first_difference(data_csv(stored), data_csv(new), stored.tolerance)
        if difference is not None:
            return difference
    if isinstance(stored, Figure) and isinstance(new, Figure):
        alt = settle(stored.alt, new.alt, rtol=stored.tolerance, atol=0.0)
        return None if alt == stored.alt else (f"alt text {stored.alt!r}", f"alt text {new.alt!r}")
    return None


def _same_value(stored: Value, new: Value) -> bool:
    one, other = stored.value, new.value
    if isinstance(one, int | float) and isinstance(other, int | float):
        return math.isclose(one, other, rel_tol=0, abs_tol=stored.tolerance)
    return one == other


def _tolerance(result: Result) -> str:
    kind = "absolute" if isinstance(result, Value) else "relative"
    return f"{getattr(result, 'tolerance', 0.0):g} {kind}"


def _numbers(text: str) -> list[float]:
    return [float(number.replace("\u2212", "-")) for number in _NUMBER.findall(text)]
