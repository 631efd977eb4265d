"""The check: rerun everything, compare with what is stored, judge every claim, say it in one sentence."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

import pandas as pd

from coprod import __version__
from coprod.data import read_talk
from coprod.errors import UsageError
from coprod.reproduce.changes import find_changes
from coprod.reproduce.collect import Displayed, collect
from coprod.reproduce.executed import Outcome, judge
from coprod.reproduce.expected import Comparison, compare, store
from coprod.reproduce.how import How
from coprod.reproduce.notebooks import Notebook, list_notebooks
from coprod.talk.claims import adjudicate, count_verdicts

if TYPE_CHECKING:
    from coprod.reproduce.single import OnCell

SCHEMA = 1


@dataclass(frozen=True, kw_only=True)
class Check:
    """What a check found.

    Attributes
    ----------
    notebooks : tuple of Outcome
        How each notebook ended.
    displayed : tuple of Displayed
        What they gave.
    claims : DataFrame
        The ledger: ``claim, slide, statement, published, recomputed, verdict, reason``.
    comparisons : tuple of Comparison
        Everything stored beside what came out.
    rerun : bool
        False when the last run was read instead of running anew.
    """

    notebooks: tuple[Outcome, ...]
    displayed: tuple[Displayed, ...]
    claims: pd.DataFrame
    comparisons: tuple[Comparison, ...]
    rerun: bool

    @property
    def failed(self) -> list[Outcome]:
        """The notebooks that failed."""
        return [outcome for outcome in self.notebooks if outcome.status == "failed"]

    @property
    def differences(self) -> list[Comparison]:
        """What did not come out as stored."""
        return [comparison for comparison in self.comparisons if not comparison.ok]

    @property
    def exit_code(self) -> int:
        """0 good, 1 a notebook failed, 3 values or claims differ."""
        return 1 if self.failed else 3 if self.differences else 0

    @property
    def stored(self) -> bool:
        """Whether there is anything to compare with."""
        return any(comparison.expected is not None for comparison in self.comparisons)

    @property
    def sentence(self) -> str:
        """The outcome in one sentence that can be quoted."""
        deed = "reran" if self.rerun else "read the last run of"
        failed = f", of which {len(self.failed)} failed" if self.failed else ""
        return (
            f"coprod {__version__} {deed} {_count(len(self.notebooks), 'notebook')}{failed}; {self._agreement()}; "
            f"of {_count(len(self.claims), 'claim')} in the talk, {_verdicts(self.claims)}."
        )

    def _agreement(self) -> str:
        if not self.stored:
            return "nothing is stored to compare with"
        data = [c for c in self.comparisons if c.id.endswith(".data")]
        verdicts = [c for c in self.comparisons if c.id.endswith(".verdict")]
        values = [c for c in self.comparisons if "." not in c.id]
        new = sum(comparison.expected is None for comparison in self.comparisons)
        again = (
            f"{_share(values, 'value')}, {_share(data, 'data table')} "
            f"and {_share(verdicts, 'verdict')} came out again as stored"
        )
        return f"{again}, and {_count(new, 'result')} had not been stored" if new else again

    def to_json(self) -> dict[str, Any]:
        """Return the check as the plain JSON values that ``coprod check --json`` prints."""
        claims = self.claims.rename(columns={"claim": "id"})
        return {
            "schema": SCHEMA,
            "ok": self.exit_code == 0,
            "claims": claims.to_dict("records"),
            "values": [asdict(comparison) for comparison in self.comparisons],
            "notebooks": [{"name": o.name, "status": o.status, "seconds": o.seconds} for o in self.notebooks],
            "sentence": self.sentence,
        }


def check(
    home: Path,
    *,
    last_run: bool = False,
    on_end: Callable[[Outcome], None] = lambda _: None,
    on_cell: OnCell | None = None,
    **how: Unpack[How],
) -> Check:
    """Compare a run of every notebook with ``reports/expected`` and judge every claim.

    Parameters
    ----------
    home : Path
        Project folder.
    last_run : bool, optional
        Read ``reports/notebooks`` as it is instead of running everything in a temporary folder.
    on_end : callable, optional
        Told of each outcome as its notebook ends.
    on_cell : callable, optional
        Told of each code cell about to run; see :func:`~coprod.reproduce.execute.run_notebooks`.
    how : optional
        See :class:`~coprod.reproduce.how.How`.

    Returns
    -------
    Check
        ``reports/`` is left as it was.
    """
    notebooks, claims = list_notebooks(home), adjudicate(read_talk(home))
    if last_run:
        outcomes = [_judge_last(notebook, home) for notebook in notebooks]
        displayed = _displayed(outcomes)
    else:
        outcomes, displayed = _rerun(notebooks, home, how, on_end, on_cell)
    return Check(
        notebooks=tuple(outcomes),
        displayed=tuple(displayed),
        claims=claims,
        comparisons=tuple(compare(_expected(home), displayed, claims)),
        rerun=not last_run,
    )


def accept(home: Path, found: Check) -> Check:
    """Store what came out as what a rerun must give from now on.

    Parameters
    ----------
    home : Path
        Project folder.
    found : Check
        From :func:`check`.

    Returns
    -------
    Check
        The same, compared with what is now stored.

    Raises
    ------
    UsageError
        If a notebook failed: half a run is not worth keeping.
    """
    if found.failed:
        names = ", ".join(outcome.name for outcome in found.failed)
        raise UsageError(f"nothing is accepted while a notebook fails ({names}); mend it and check again")
    store(_expected(home), found.displayed, found.claims)
    return replace(found, comparisons=tuple(compare(_expected(home), found.displayed, found.claims)))


def _expected(home: Path) -> Path:
    return home / "reports" / "expected"


def _rerun(
    notebooks: Sequence[Notebook], home: Path, how: How, on_end: Callable[[Outcome], None], on_cell: OnCell | None
) -> tuple[list[Outcome], list[Displayed]]:
    """Run in a temporary folder, which stays only when it holds a failed notebook to look at."""
    from coprod.reproduce.execute import Task, run_notebooks  # noqa: PLC0415 - Papermill only where something runs

    folder = Path(tempfile.mkdtemp(prefix="coprod-check-"))
    keep = False
    try:
        tasks = [Task(notebook, folder) for notebook in notebooks]
        outcomes = run_notebooks(tasks, home=home, on_end=on_end, on_cell=on_cell, **how)
        keep = any(outcome.status == "failed" for outcome in outcomes)
        return outcomes, _displayed(outcomes)
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


def _judge_last(notebook: Notebook, home: Path) -> Outcome:
    """Judge a run that was made earlier; one from other inputs than are there now has failed."""
    reports = home / "reports"
    failed = reports / "failed" / notebook.path.name
    outcome = judge(notebook, failed if failed.exists() else reports / "notebooks" / notebook.path.name)
    change = next(find_changes(notebook, {}, home=home, reports=reports), None) if outcome.status == "ok" else None
    if change is None:
        return outcome
    message = f"not up to date: {change}; run 'coprod run', or see 'coprod why {notebook.name}'"
    return replace(outcome, status="failed", error="Stale", message=message)


def _displayed(outcomes: Sequence[Outcome]) -> list[Displayed]:
    return collect(outcome.path for outcome in outcomes if outcome.status == "ok")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _share(comparisons: Sequence[Comparison], noun: str) -> str:
    stored = [comparison for comparison in comparisons if comparison.expected is not None]
    return f"{sum(comparison.ok for comparison in stored)} of {_count(len(stored), noun)}"


def _verdicts(claims: pd.DataFrame) -> str:
    counts = count_verdicts(claims).set_index("verdict")["claims"]
    parts = [
        f"{number} {'differs' if number == 1 else 'differ'}" if verdict == "differs"
        else f"{number} {'is' if number == 1 else 'are'} {verdict}"
        for verdict, number in counts.items()
    ]  # fmt: skip
    return f"{', '.join(parts[:-1])} and {parts[-1]}"
