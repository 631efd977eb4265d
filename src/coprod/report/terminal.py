"""What the command line shows of a run and of a check."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:  # what a check needs takes a second to import
    from coprod.reproduce.check import Check
    from coprod.reproduce.executed import Outcome

PIPE_WIDTH = 120
NOTHING = "\u2013"
COLOURS = {"reproduced": "green", "consistent": "green", "ambiguous": "yellow", "differs": "magenta"}


def open_console(*, stderr: bool = False) -> Console:
    """Return a console that fits its terminal, or a fixed width where there is none."""
    console = Console(stderr=stderr, highlight=False)
    return console if console.is_terminal else Console(stderr=stderr, highlight=False, width=PIPE_WIDTH)


def near(path: Path) -> str:
    """Write a path relative to the current folder when it lies below it."""
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)


@contextmanager
def progress(total: int | None = None) -> Iterator[Callable[[Outcome], None]]:
    """Show on stderr each notebook as it ends, and in the end what failed and how to open it.

    Yields
    ------
    callable
        To be told of each outcome.
    """
    console = open_console(stderr=True)
    outcomes: list[Outcome] = []

    def on_end(outcome: Outcome) -> None:
        outcomes.append(outcome)
        place = f"{len(outcomes):>{len(str(total))}}/{total}" if total else str(len(outcomes))
        word = Text("ok    ", "green") if outcome.status == "ok" else Text("failed", "bold red")
        line = Text.assemble(
            f"{place}  ", word, f"  {outcome.name}  {outcome.seconds:.1f} s", "  retried" * outcome.retried
        )
        console.print(line, soft_wrap=True)

    yield on_end
    for outcome in outcomes:
        if outcome.status == "failed":
            _show_failure(console, outcome)


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


def _show_failure(console: Console, outcome: Outcome) -> None:
    where = f"cell {outcome.cell}" if outcome.cell else "the notebook as a whole"
    error = (f"{outcome.error}: {outcome.message}", "bold red")
    body = Text.assemble(outcome.source, "\n\n" if outcome.source else "", error)
    console.print(Panel(body, title=Text(f"{outcome.name}: {where}"), title_align="left", border_style="red"))
    path = near(outcome.path)
    console.print(f"saved  {path}\nopen   coprod lab {path}\n", markup=False, soft_wrap=True)


def _table(*headings: str) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for position, heading in enumerate(headings):
        table.add_column(heading, overflow="fold", no_wrap=heading == "Slide" or position == 0)
    return table


def _say(value: float | str | None) -> str:
    from coprod.results import show  # noqa: PLC0415 - imports pandas, which would keep a run waiting

    return NOTHING if value is None else repr(value) if isinstance(value, float) else show(value)
