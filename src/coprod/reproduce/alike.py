"""Whether two runs of a notebook displayed the same, with or without the order in which they list things."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from coprod.errors import DataError
from coprod.reproduce.collect import data_csv
from coprod.reproduce.differences import differ_from_cell, results_among, settle
from coprod.reproduce.executed import Outcome
from coprod.reproduce.expected import first_difference
from coprod.reproduce.notebooks import read_source
from coprod.results import Figure, Result, Table

_ADDRESS = re.compile(r"0x[0-9a-f]+")


def compare_runs(first: Outcome, second: Outcome, *, rows: bool) -> tuple[str, str] | None:
    """Return the id of the first cell in which two runs of a notebook differ, and how; nothing where they agree.

    Parameters
    ----------
    first, second : Outcome
        Two runs of one notebook, the first of which ended well.
    rows : bool
        Whether the order counts of a table's rows, and of what a sentence lists.
    """
    if second.status == "failed":
        return second.cell, f"failed: {second.error}: {second.message}"
    pairs = zip(read_source(first.path)["cells"], read_source(second.path)["cells"], strict=True)
    for cell, other in pairs:
        try:
            before, after = (results_among(c.get("outputs", []), c.get("id", "")) for c in (cell, other))
        except DataError as error:
            return cell["id"], str(error)
        for words in (*_differ(before, after, rows), *_differ_in_text(cell, other, rows)):
            return cell["id"], words
    return None


def _differ(before: Mapping[str, Result], after: Mapping[str, Result], rows: bool) -> Iterable[str]:
    """Say how results differ; without the order of rows, what is left of data and sentences has to be the same."""
    if rows or [*before] != [*after]:
        yield from differ_from_cell(before, after)
    write = str if rows else _bag
    for name in (name for name in before if name in after):
        old, new = before[name], after[name]
        if not rows and isinstance(old, Table | Figure) and isinstance(new, Table | Figure):
            found = first_difference(_sorted_rows(old), _sorted_rows(new), old.tolerance)
        else:
            found = None
            yield from () if rows else differ_from_cell({name: old}, {name: new})
        if found:
            yield f"result {name!r}, rows sorted: first {found[0]}; then {found[1]}"
        for part in ("title", "answer", "alt"):
            words, other = (getattr(result, part, "") for result in (old, new))
            if settle(write(words), write(other), rtol=0, atol=0) != write(words):
                yield f"result {name!r}, {part}: first {words!r}; then {other!r}"


def _sorted_rows(result: Table | Figure) -> str:
    """Write the data of a result with its rows, and the words in each cell, in alphabetical order."""
    header, *rows = csv.reader(io.StringIO(data_csv(result), newline=""))
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *sorted([_plain(cell) for cell in row] for row in rows)])
    return text.getvalue()


def _plain(cell: str) -> str:
    """Return a number as it is, and words in alphabetical order."""
    try:
        float(cell)
    except ValueError:
        return _bag(cell)
    return cell


def _bag(words: str) -> str:
    return " ".join(sorted(re.findall(r"[\w%\u2212+-]+(?:\.\w+)*", words.lower())))


def _differ_in_text(cell: Mapping[str, Any], other: Mapping[str, Any], rows: bool) -> Iterable[str]:
    old, new = (_text(c.get("outputs", [])) for c in (cell, other))
    if (old != new) if rows else (_bag(old) != _bag(new)):
        pairs = zip(old.splitlines(), new.splitlines(), strict=False)
        line, then = next(((a, b) for a, b in pairs if a != b), (f"{len(old)} characters", f"{len(new)} characters"))
        yield f"its text: first {line!r}; then {then!r}"


def _text(outputs: Sequence[Mapping[str, Any]]) -> str:
    """Return what a cell says besides its results."""
    said = []
    for output in outputs:
        data = output.get("data", {})
        if not any(mime.startswith("application/vnd.coprod") for mime in data):
            said.append(output.get("text") or data.get("text/plain") or "")
    return _ADDRESS.sub("0x", "".join(text if isinstance(text, str) else "".join(text) for text in said))
