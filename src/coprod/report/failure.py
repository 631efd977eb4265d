"""How a notebook failed, for the reader: where, on which line, why, and how to open it there."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from coprod.report.paths import near

if TYPE_CHECKING:
    from coprod.reproduce.executed import Outcome

BEFORE, AFTER = 4, 1
"""Lines shown around the one that failed."""
RETRIED = "its kernel had died once; this is how it ended the second time"
_ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
_CHAIN = re.compile(r"During handling of the above|The above exception was the direct cause")
_LINE = re.compile(r"Cell In\s?\[\d+\], line (\d+)")


class Line(NamedTuple):
    """A line of the cell's source.

    Attributes
    ----------
    number : int
        Counted from 1.
    text : str
        The line.
    marked : bool
        Whether it is the one that failed.
    """

    number: int
    text: str
    marked: bool


def show_failure(console: Console, outcome: Outcome, *, plain: bool = False) -> None:
    """Write how a notebook failed.

    Parameters
    ----------
    console : Console
        Where to.
    outcome : Outcome
        Of a notebook that failed.
    plain : bool, optional
        As lines, for a log, rather than as a panel.
    """
    title = f"{outcome.name}: {f'cell {outcome.cell}' if outcome.cell else 'the notebook as a whole'}"
    source = read_lines(outcome.path, outcome.cell)
    error = Text(f"{outcome.error}: {outcome.message}" if outcome.message else outcome.error, "bold red")
    told = Text(RETRIED if outcome.retried else "")
    if plain:
        lines = (Text(title), *(Text(f"{_mark(line)}  {line.text}") for line in source), error, told)
        console.print(Text("\n").join(line for line in lines if line), soft_wrap=True)
    else:
        parts = [part for part in (_grid(source) if source else None, error, told) if part]
        body = Group(*[item for part in parts for item in ("", part)][1:])
        console.print(Panel(body, title=Text(title), title_align="left", border_style="red"))
    path = near(outcome.path)
    console.print(f"saved  {path}\nopen   coprod lab {shlex.quote(path)}\n", markup=False, soft_wrap=True)


def read_lines(path: Path, cell: str) -> list[Line]:
    """Read the lines of a cell around the one that failed; its last lines where none is known to have failed.

    Parameters
    ----------
    path : Path
        The executed notebook.
    cell : str
        Id of the cell.

    Returns
    -------
    list of Line
        Empty where there is no such cell.
    """
    try:
        with open(path, encoding="utf-8") as file:
            found = [each for each in json.load(file)["cells"] if each.get("id") == cell]
        source, outputs = "".join(found[0]["source"]).rstrip(), found[0].get("outputs", [])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError):
        return []
    lines = source.splitlines()
    failed = _failed_line(outputs)
    last = min(failed + AFTER, len(lines)) if 0 < failed <= len(lines) else len(lines)
    first = max(failed - BEFORE if 0 < failed <= len(lines) else last - BEFORE, 1)
    return [Line(number, lines[number - 1], number == failed) for number in range(first, last + 1)]


def _failed_line(outputs: Sequence[Mapping[str, Any]]) -> int:
    """Return the number of the line that the traceback begins at, 0 where it names none."""
    for output in outputs:
        traceback = _ESCAPE.sub("", "\n".join(output.get("traceback", ())))
        if place := _LINE.search(_CHAIN.split(traceback)[-1]):
            return int(place[1])
    return 0


def _grid(source: Sequence[Line]) -> Table:
    """Lay the lines out so that a long one goes on below itself."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for line in source:
        style = "bold" if line.marked else ""
        grid.add_row(Text(_mark(line), style), Text(line.text, style))
    return grid


def _mark(line: Line) -> str:
    return f"{'>' if line.marked else ' '} {line.number:>3}"
