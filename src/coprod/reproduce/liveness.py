"""Whether all that the notebooks display comes from the data: what no change of the data moves is typed in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Unpack

import pandas as pd

from coprod.data import read_talk
from coprod.errors import CoprodError
from coprod.reproduce.collect import data_csv
from coprod.reproduce.differences import results_among
from coprod.reproduce.executed import Outcome
from coprod.reproduce.how import How
from coprod.reproduce.lock import temporary_folder
from coprod.reproduce.movers import Movers, find_movers
from coprod.reproduce.notebooks import list_notebooks, read_source
from coprod.reproduce.varied import WAYS, Varied, vary_project
from coprod.results import MIME, Result, Table, Value

_NUMBER = re.compile(r"\d")
JUDGED = ("verdict", "recomputed", "published")


class Shown(NamedTuple):
    """One thing that a notebook displays: a result, or the numbers that a cell prints (no result)."""

    notebook: str
    cell: str
    result: str

    def __str__(self) -> str:
        what = f"result {self.result!r}" if self.result else "what it prints"
        return f"{self.notebook}, cell {self.cell!r}, {what}"


@dataclass(frozen=True)
class Typed:
    """Something displayed that does not come from the data, and how that was seen."""

    shown: Shown
    value: str
    why: str


@dataclass(frozen=True)
class Live:
    """What moves with the data.

    Attributes
    ----------
    claims : tuple of Movers
        What moves each claim.
    shown : int
        How many results and printed texts with a number the notebooks display.
    moved : mapping
        For each of these that moves, the first way of changing the data that moved it.
    typed : tuple of Typed
        Those that do not.
    words : tuple of Shown
        Results in words without any number that nothing moves; words may be written by hand.
    failed : tuple of Outcome
        Notebooks that failed with the data as they are.
    """

    claims: tuple[Movers, ...]
    shown: int
    moved: dict[Shown, str]
    typed: tuple[Typed, ...]
    words: tuple[Shown, ...]
    failed: tuple[Outcome, ...]

    @property
    def fixed(self) -> list[Movers]:
        """The claims of which something computed is moved by nothing."""
        return [claim for claim in self.claims if claim.typed]

    @property
    def exit_code(self) -> int:
        """0 all is live, 1 a notebook failed, 3 something is typed in."""
        return 1 if self.failed else 3 if self.fixed or self.typed else 0

    @property
    def sentence(self) -> str:
        """The outcome in one sentence."""
        stated = sum(not claim.tables for claim in self.claims)
        live = len(self.claims) - stated - len(self.fixed)
        return (
            f"{live} of {len(self.claims)} claims move with the data, {stated} are only stated and {len(self.fixed)} "
            f"typed in; of {self.shown} results and printed texts in the notebooks {len(self.moved)} move."
        )

    def to_json(self) -> dict[str, Any]:
        """Return what ``coprod check --live --json`` prints."""
        return {
            "schema": 1,
            "ok": not self.exit_code,
            "claims": [claim.to_json() for claim in self.claims],
            "moved": [{**shown._asdict(), "way": way} for shown, way in self.moved.items()],
            "typed": [{**typed.shown._asdict(), "value": typed.value, "why": typed.why} for typed in self.typed],
            "words": [shown._asdict() for shown in self.words],
            "failed": [outcome.name for outcome in self.failed],
            "sentence": self.sentence,
        }


def check_live(
    home: Path,
    *,
    on_step: Callable[[str], None] = lambda _: None,
    on_end: Callable[[Outcome], None] = lambda _: None,
    **how: Unpack[How],
) -> Live:
    """Change the data, and see that every claim and everything displayed changes with them.

    Claims are judged in this process, one datum changed at a time (:mod:`coprod.reproduce.movers`). Notebooks run with
    all data changed at once, in one way after another (:mod:`coprod.reproduce.varied`), until everything has moved.
    A notebook that shows a ledger has to show the one of the changed tables.

    Parameters
    ----------
    home : Path
        Project folder; nothing is written there.
    on_step : callable, optional
        Told what is done next.
    on_end : callable, optional
        Told of each notebook that ends with the data as they are.
    how : optional
        See :class:`~coprod.reproduce.how.How`.

    Returns
    -------
    Live
        What moves, and what does not.
    """
    with temporary_folder() as folder:
        first = _run(home, folder / "first", [notebook.name for notebook in list_notebooks(home)], on_end, how)
        good = {outcome.name: outcome for outcome in first if outcome.status == "ok"}
        before = {shown: text for outcome in good.values() for shown, text in _read_shown(outcome)}
        moved: dict[Shown, str] = {}
        lying: dict[Shown, Typed] = {}
        for number, way in enumerate(WAYS):
            still = [shown for shown in before if shown not in moved]
            names = [*dict.fromkeys(shown.notebook for shown in still)]
            if not names:
                break
            on_step(f"running {len(names)} notebooks with the data {way}")
            varied = vary_project(home, folder / f"varied{number}", way)
            for outcome in _run(varied.home, folder / f"reports{number}", names, lambda _: None, how):
                after = dict(_read_shown(outcome))
                moved |= {shown: way for shown in still if shown in after and after[shown] != before[shown]}
                lying |= {typed.shown: typed for typed in _contradict(outcome, varied, way)}
    on_step("judging every claim with each datum changed")
    claims = find_movers(read_talk(home), on_claim=lambda claim: on_step(f"  {claim}"))
    unmoved = [(shown, text) for shown, text in before.items() if shown not in moved]
    typed = [Typed(shown, text, "no change of the data moves it") for shown, text in unmoved if _NUMBER.search(text)]
    words = tuple(shown for shown, text in unmoved if not _NUMBER.search(text))
    failed = tuple(outcome for outcome in first if outcome.status == "failed")
    return Live(tuple(claims), len(before), moved, (*typed, *lying.values()), words, failed)


def _run(home: Path, reports: Path, names: Sequence[str], on_end: Callable[[Outcome], None], how: How) -> list[Outcome]:
    from coprod.reproduce.execute import Task, run_notebooks  # noqa: PLC0415 - Papermill only where something runs

    tasks = [Task(notebook, reports) for notebook in list_notebooks(home) if notebook.name in names]
    return run_notebooks(tasks, home=home, on_end=on_end, **how)


def _read_cells(outcome: Outcome) -> Iterator[tuple[str, list[dict[str, Any]], dict[str, Result]]]:
    """Give the cells of an executed notebook with their results, as far as it got."""
    for cell in read_source(outcome.path)["cells"] if outcome.path.exists() else ():
        outputs = cell.get("outputs", [])
        try:
            yield cell.get("id", ""), outputs, results_among(outputs, cell.get("id", ""))
        except CoprodError:  # a result that the changed data broke tells nothing
            yield cell.get("id", ""), [], {}


def _read_shown(outcome: Outcome) -> Iterator[tuple[Shown, str]]:
    for cell, outputs, results in _read_cells(outcome):
        for name, result in results.items():
            yield Shown(outcome.name, cell, name), _write(result)
        said = "".join(_printed(outputs)).strip()
        if _NUMBER.search(said):
            yield Shown(outcome.name, cell, ""), said


def _write(result: Result) -> str:
    return str(result.value) if isinstance(result, Value) else data_csv(result)  # type: ignore[arg-type]


def _printed(outputs: Iterable[dict[str, Any]]) -> Iterator[str]:
    for output in outputs:
        data = output.get("data", {})
        if output.get("name") != "stderr" and MIME not in data:
            yield "".join(output.get("text") or data.get("text/plain") or "")


def _contradict(outcome: Outcome, varied: Varied, way: str) -> Iterator[Typed]:
    """Compare each ledger displayed with the one of the changed tables."""
    ledger = varied.ledger.set_index("claim")
    for cell, _, results in _read_cells(outcome):
        for name, result in results.items():
            if not isinstance(result, Table) or not {"claim", *JUDGED} <= {*result.data}:
                continue
            for row in result.data.astype(object).where(result.data.notna(), "").to_dict("records"):
                for part in JUDGED if row["claim"] in ledger.index else ():
                    judged = ledger.loc[row["claim"], part]
                    if row[part] != judged and not (pd.isna(judged) and row[part] == ""):
                        why = f"with the data {way}, the {part} of claim {row['claim']!r} is {judged!r}"
                        yield Typed(Shown(outcome.name, cell, name), str(row[part]), why)
