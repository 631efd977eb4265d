"""A run while it goes on: on stderr a bar of cells for each notebook under way, or a line for each that has ended."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from coprod.reproduce.estimate import Timing, Under

PER_SECOND = 4
ROOMY = 60
"""Columns from which the name of the cell has room beside its bar."""


def is_lively(console: Console, environment: Mapping[str, str] = os.environ) -> bool:
    """Tell whether somebody looks at a terminal that can draw over what it has written.

    Parameters
    ----------
    console : Console
        The one of stderr.
    environment : mapping, optional
        ``CI`` and ``NO_COLOR`` ask for plain lines, and so does ``TERM=dumb``.
    """
    asked_not_to = any(environment.get(name) for name in ("CI", "NO_COLOR"))
    return console.is_interactive and not console.is_dumb_terminal and sys.stderr.isatty() and not asked_not_to


@dataclass
class Display:
    """What is drawn while a run goes on, from the timing as it is at that moment.

    Attributes
    ----------
    timing : Timing
        What is under way and what waits.
    jobs : int
        Notebooks at a time.
    lock : Lock
        Held by whoever reads or changes the timing.
    ended : int
        Notebooks that have ended.
    """

    timing: Timing
    jobs: int
    lock: Lock
    ended: int = 0

    def draw(self, width: int) -> RenderableType:
        """Return the bars, and below them how much is done and how long the rest takes."""
        with self.lock:
            rows = [(label, under, self.timing.left_of(label)) for label, under in sorted(self.timing.under.items())]
            total = self.ended + len(rows) + len(self.timing.waiting)
            left = self.timing.left(self.jobs)
        done = f"{self.ended} of {total} notebooks done" if total else "starting"
        summary = Text(
            f"{done}, {_say(left)} left" if left is not None else done, "bold", no_wrap=True, overflow="ellipsis"
        )
        return Group(_bars(rows, width), summary)


def _bars(rows: list[tuple[str, Under, float | None]], width: int) -> Table:
    roomy = width >= ROOMY
    grid = Table.grid(padding=(0, 1))
    grid.add_column(
        no_wrap=True, overflow="ellipsis", width=min(width // 3, max((len(row[0]) for row in rows), default=0))
    )
    grid.add_column(width=max(6, min(24, width // 5)))
    grid.add_column(justify="right", no_wrap=True)
    grid.add_column(no_wrap=True, overflow="ellipsis", width=width // 4)
    if roomy:
        grid.add_column(no_wrap=True)
    for label, under, left in rows:
        bar = ProgressBar(total=under.count, completed=under.index, complete_style="green", finished_style="green")
        cells: list[RenderableType] = [Text(label), bar, Text(f"{under.index}/{under.count}"), Text(under.cell)]
        grid.add_row(*cells, *([Text(_say(left))] if roomy else []))
    return grid


def _say(seconds: float | None) -> str:
    """Say a time that is only estimated.

    Examples
    --------
    >>> _say(8.7), _say(140), _say(0.2), _say(None)
    ('about 9 s', 'about 2 min', 'under a second', '')
    """
    if seconds is None:
        return ""
    if seconds < 0.5:
        return "under a second"
    return f"about {seconds:.0f} s" if seconds < 120 else f"about {seconds / 60:.0f} min"


class _Drawn:
    """The display as rich asks for it, at each refresh anew."""

    def __init__(self, draw: Callable[[int], RenderableType]) -> None:
        self.draw = draw

    def __rich_console__(self, console: Console, _: object) -> Iterator[RenderableType]:
        yield self.draw(console.width)


@contextmanager
def shown(display: Display, console: Console) -> Iterator[None]:
    """Draw the display over itself until the run has ended, then take it away; stdout is left alone."""
    with Live(
        _Drawn(display.draw), console=console, refresh_per_second=PER_SECOND, transient=True, redirect_stdout=False
    ):
        yield
