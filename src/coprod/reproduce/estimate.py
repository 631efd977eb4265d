"""How long a run still takes: by what each cell took the last time, and how this run goes compared with that one.

What cells took is kept in ``memory/pace.json`` of the reports folder. It serves the display alone: no result and no
fingerprint depends on it, and where it is missing or damaged a run goes on without an estimate.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean

Pace = Mapping[str, Mapping[str, float]]
"""Notebook to seconds of each cell that runs, by its id; under the empty id what it took besides."""
FILE = Path("memory", "pace.json")
BESIDES = ""
TRUSTED = 1.0
"""Seconds of the last run that have to come again before this run is compared with it."""


def read_pace(reports: Path) -> dict[str, dict[str, float]]:
    """Read what cells took; empty where nothing is known."""
    try:
        with open(reports / FILE, encoding="utf-8") as file:
            kept = json.load(file)
        return {str(name): {str(cell): float(s) for cell, s in cells.items()} for name, cells in kept.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def keep_pace(reports: Path, pace: Pace) -> None:
    """Keep what cells took beside what is known of other notebooks; where that cannot be written it is let go."""
    if not pace:
        return
    path = reports / FILE
    part = path.with_suffix(".part")
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps({**read_pace(reports), **pace}, indent=1) + "\n", encoding="utf-8")
        part.replace(path)


@dataclass
class Under:
    """A notebook under way.

    Attributes
    ----------
    index, count : int
        Place of the cell that runs among the cells, and their number.
    cell : str
        Its id.
    since : float
        When it began.
    spent : dict
        Seconds of the cells before it.
    """

    index: int
    count: int
    cell: str
    since: float
    spent: dict[str, float] = field(default_factory=dict)


class Timing:
    """What is known of a run while it goes on.

    Parameters
    ----------
    labels : iterable of str
        The runs to come, each a notebook's name, with other than default parameters behind a space.
    pace : mapping
        From :func:`read_pace`.
    clock : callable, optional
        Seconds on a clock that only goes forward.
    """

    def __init__(self, labels: Iterable[str], pace: Pace, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.waiting = dict.fromkeys(labels)
        self.under: dict[str, Under] = {}
        self.measured: dict[str, dict[str, float]] = {}
        self._pace, self._clock = pace, clock
        self._spent = self._foreseen = 0.0

    def begin(self, label: str, index: int, count: int, cell: str) -> None:
        """Note that a cell is about to run, and that the one before it has ended."""
        now, before, spent = self._clock(), self.under.get(label), {}
        if before and index > before.index:  # otherwise it begins anew, after its kernel died
            spent = {**before.spent, before.cell: now - before.since}
            self._compare(label, before.cell, now - before.since)
        self.waiting.pop(label, None)
        self.under[label] = Under(index, count, cell, now, spent)

    def end(self, label: str, seconds: float, *, good: bool) -> None:
        """Note that a notebook has ended; what its cells took is worth keeping where it ended well."""
        self.waiting.pop(label, None)
        last = self.under.pop(label, None)
        if good and last:
            cells = {**last.spent, last.cell: self._clock() - last.since}
            besides = max(seconds - sum(cells.values()), 0.0)
            self.measured[label] = {cell: round(taken, 3) for cell, taken in {**cells, BESIDES: besides}.items()}

    def left(self, jobs: int) -> float | None:
        """Estimate the seconds that the run still takes.

        With some notebooks under way at a time it ends when the longest has ended, and not before all of the work
        has been shared out. A notebook of which nothing is known is taken for an average one.

        Parameters
        ----------
        jobs : int
            Notebooks at a time.

        Returns
        -------
        float or None
            None where nothing is known of any notebook.
        """
        known = {label: self.left_of(label) for label in (*self.under, *self.waiting)}
        found = [seconds for seconds in known.values() if seconds is not None]
        if not found:
            return None
        average = fmean(found)
        each = [average if seconds is None else seconds for seconds in known.values()]
        return max(*each, sum(each) / jobs)

    def left_of(self, label: str) -> float | None:
        """Estimate the seconds that one notebook still takes; None where nothing is known of it."""
        pace = self._of(label)
        if not pace:
            return None
        if label not in self.under:
            return sum(pace.values()) * self._slower()
        now = self.under[label]
        if now.cell not in pace:
            return sum(pace.values()) * (1 - now.index / now.count) * self._slower()
        order = [cell for cell in pace if cell != BESIDES]
        later = sum(pace[cell] for cell in order[order.index(now.cell) + 1 :])
        return later * self._slower() + max(pace[now.cell] * self._slower() - (self._clock() - now.since), 0.0)

    def _of(self, label: str) -> Mapping[str, float]:
        """Return what is known of a run; of one with other parameters, what is known of its notebook."""
        return self._pace.get(label) or self._pace.get(label.partition(" ")[0], {})

    def _compare(self, label: str, cell: str, seconds: float) -> None:
        foreseen = self._of(label).get(cell)
        if foreseen is not None:
            self._spent += seconds
            self._foreseen += foreseen

    def _slower(self) -> float:
        """How many times as long as the last time cells take now."""
        return self._spent / self._foreseen if self._foreseen >= TRUSTED else 1.0
