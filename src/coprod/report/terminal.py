"""What the command line shows of a run and of a check."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from coprod.report.failure import show_failure
from coprod.report.live import Display, is_lively, shown
from coprod.report.paths import near
from coprod.reproduce.estimate import Timing, keep_pace, read_pace

if TYPE_CHECKING:  # what a check needs takes a second to import
    from coprod.reproduce.check import Check
    from coprod.reproduce.executed import Outcome

__all__ = ["Progress", "near", "open_console", "progress", "show_check"]

PIPE_WIDTH = 120
NOTHING = "\u2013"
COLOURS = {"reproduced": "green", "consistent": "green", "ambiguous": "yellow", "differs": "magenta"}


def open_console(*, stderr: bool = False) -> Console:
    """Return a console that fits its terminal, or a fixed width where there is none."""
    console = Console(stderr=stderr, highlight=False)
    return console if console.is_terminal else Console(stderr=stderr, highlight=False, width=PIPE_WIDTH)


class Progress:
    """A run as it is told to the reader: each cell that begins and each notebook that ends, from any thread."""

    def __init__(self, display: Display, console: Console) -> None:
        self.outcomes: list[Outcome] = []
        self._display, self._console = display, console
        self._total = len(display.timing.waiting)

    def on_cell(self, label: str, index: int, count: int, cell: str) -> None:
        """Note that a cell is about to run: its run's label, its place, the number of cells, its id."""
        run = label if self._total else label.partition(" ")[0]
        with self._display.lock:
            self._display.timing.begin(run, index, count, cell)

    def on_end(self, outcome: Outcome) -> None:
        """Note that a notebook has ended, and write a line about it."""
        from coprod.reproduce.sweeps import label  # noqa: PLC0415 - imports pydantic, while the kernels begin

        name = label(outcome.name, outcome.parameters) if self._total else outcome.name
        with self._display.lock:
            self._display.timing.end(name, outcome.seconds, good=outcome.status == "ok")
            self._display.ended += 1
        self.outcomes.append(outcome)
        ended, total = len(self.outcomes), self._total
        place = f"{ended:>{len(str(total))}}/{total}" if total else str(ended)
        word = Text("ok    ", "green") if outcome.status == "ok" else Text("failed", "bold red")
        line = Text.assemble(f"{place}  ", word, f"  {name}  {outcome.seconds:.1f} s", "  retried" * outcome.retried)
        self._console.print(line, soft_wrap=True)


@contextmanager
def progress(
    labels: Iterable[str] = (), *, reports: Path | None = None, jobs: int | None = None, keep: bool = False
) -> Iterator[Progress]:
    """Show a run on stderr while it goes on, and in the end what failed and how to open it.

    In a terminal each notebook under way has a bar of cells and an estimate of the time it takes; in a pipe, in CI,
    with NO_COLOR and with TERM=dumb there is a line for each that has ended.

    Parameters
    ----------
    labels : iterable of str, optional
        The runs to come. Where they are not known, each is called by its notebook's name alone.
    reports : Path, optional
        Reports folder whose last run the estimates rest on.
    jobs : int, optional
        Notebooks at a time; two, or one on a single core.
    keep : bool, optional
        Whether to keep there what this run took. Only runs with default parameters are kept.

    Yields
    ------
    Progress
        To be told of each cell and of each outcome.
    """
    console = open_console(stderr=True)
    timing = Timing(labels, read_pace(reports) if reports else {})
    display = Display(timing, jobs or min(2, os.cpu_count() or 1), Lock())
    watch, lively = Progress(display, console), is_lively(console)
    with shown(display, console) if lively else nullcontext():
        yield watch
    if keep and reports:
        keep_pace(reports, {label: cells for label, cells in timing.measured.items() if " " not in label})
    for outcome in watch.outcomes:
        if outcome.status == "failed":
            show_failure(console, outcome, plain=not lively)


def show_check(console: Console, found: Check) -> None:
    """Write the ledger, what differs from the stored results, and the sentence to quote."""
    ledger = _table("Claim", "Slide", "Published", "Recomputed", "Verdict")
    for claim in found.claims.to_dict("records"):
        verdict = Text(claim["verdict"], COLOURS.get(claim["verdict"], ""))
        cells = [Text(claim[name] or NOTHING) for name in ("slide", "published", "recomputed")]
        ledger.add_row(Text(claim["claim"]), *cells, verdict)
    console.print(ledger)
    if found.stored and found.differences:
        differences = _table("Not as stored", "Expected", "Got")
        for difference in found.differences:
            row = (difference.id, _say(difference.expected), _say(difference.got))
            differences.add_row(*(Text(cell) for cell in row))
        console.print(differences)
    console.print(Text(found.sentence, "bold"), soft_wrap=True)


def _table(*headings: str) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for position, heading in enumerate(headings):
        table.add_column(heading, overflow="fold", no_wrap=heading == "Slide" or position == 0)
    return table


def _say(value: float | str | None) -> str:
    from coprod.results import show  # noqa: PLC0415 - imports pandas, which would keep a run waiting

    return NOTHING if value is None else repr(value) if isinstance(value, float) else show(value)
