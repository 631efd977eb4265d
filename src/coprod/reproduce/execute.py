"""Running notebooks: several at a time, here or on a cluster, and all of each or nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from threading import Event
from typing import Any, Unpack

from coprod.reproduce.crew import as_ended, count_jobs, local_crew, submitted
from coprod.reproduce.executed import Outcome, judge, normalise
from coprod.reproduce.fingerprint import place_of_run, read_record
from coprod.reproduce.folders import clear_unlisted, scratch_folders, unwritable
from coprod.reproduce.how import How, limits_of
from coprod.reproduce.notebooks import Notebook, read_source
from coprod.reproduce.single import Executed, OnCell, Order
from coprod.reproduce.sweeps import Member, label


@dataclass(frozen=True)
class Task:
    """One notebook to run.

    Attributes
    ----------
    notebook : Notebook
        What to run.
    reports : Path
        Folder that gets ``notebooks/NAME.ipynb`` when it ends well, ``failed/NAME.ipynb`` when not.
    parameters : mapping
        Values in place of its defaults.
    folder : Path, optional
        The kernel's current folder, which relative paths among the parameters start from; by default the notebook's.
    """

    notebook: Notebook
    reports: Path
    parameters: Mapping[str, object] = field(default_factory=dict)
    folder: Path | None = None


def plan(members: Sequence[Member], reports: Path, known: Sequence[Notebook]) -> list[Task]:
    """Give each run its place under the reports, and clear away what is no longer listed.

    Parameters
    ----------
    members : sequence of Member
        What to run. With other than default values a run gets a folder of its own,
        ``runs/NAME-name=value``, and the main report stays as it is.
    reports : Path
        The project's reports folder.
    known : sequence of Notebook
        Every notebook that is listed.

    Returns
    -------
    list of Task
        One for each run.
    """
    clear_unlisted(reports, {notebook.path.name for notebook in known})
    return [Task(n, place_of_run(n.name, values, reports), values) for n, values in members]


def run_notebooks(
    tasks: Sequence[Task],
    *,
    home: Path,
    on_end: Callable[[Outcome], None] = lambda _: None,
    on_cell: OnCell | None = None,
    environment: Mapping[str, str] | None = None,
    scheduler: str | None = None,
    **how: Unpack[How],
) -> list[Outcome]:
    """Run notebooks, each in a fresh kernel; one that fails does not stop the others.

    A notebook whose kernel dies is run once more, and its outcome says so.

    Parameters
    ----------
    tasks : sequence of Task
        What to run. All notebooks are read before the first kernel starts.
    home : Path
        Project folder the kernels work for.
    on_end : callable, optional
        Told of each outcome as its notebook ends.
    on_cell : callable, optional
        Told, from any thread, of each code cell about to run: the run's label, its place, their number, its id.
        A cluster does not tell.
    environment : mapping, optional
        Variables of the kernels' environment, in place of those they otherwise get; not on a cluster.
    scheduler : str, optional
        Address of the scheduler of a Dask cluster that executes the notebooks instead of this machine.
    how : optional
        See :class:`~coprod.reproduce.how.How`. What is under way when a first failure ends the run is not told of and
        leaves nothing.

    Returns
    -------
    list of Outcome
        In the order of the tasks.

    Raises
    ------
    DataError
        If a notebook file is missing or not whole.
    EnvironmentProblem
        If a reports folder cannot be written, or the cluster cannot be had or differs from this machine.
    UsageError
        If warm kernels are wanted where forking is not safe.
    """
    orders = [_order(task, home, how) for task in tasks]
    stopping = Event()
    with scratch_folders({task.reports for task in tasks}) as scratch:
        if scheduler:
            from coprod.reproduce.cluster import cluster  # noqa: PLC0415 - an extra

            means = cluster(scheduler, home, how.get("kernels"))
        else:
            means = local_crew(home, how, environment, on_cell, stopping)
        with means as crew:
            at_once = scheduler or count_jobs(how) > 1
            first = _longest_first(tasks, [order.source for order in orders]) if at_once else range(len(tasks))
            ended: dict[int, Outcome] = {}
            with submitted(crew, [orders[at] for at in first], stopping) as futures:
                import_module("coprod.results")  # which judging needs, while the kernels begin
                places = dict(zip(futures, first, strict=True))
                for future in as_ended(futures, crew.look):
                    at = places[future]
                    ended[at] = _keep(tasks[at], orders[at], crew.receive(future), scratch=scratch, home=home)
                    on_end(ended[at])
                    if how.get("fail_fast") and ended[at].status == "failed":
                        break
    return [ended[at] for at in sorted(ended)]


def _order(task: Task, home: Path, how: How) -> Order:
    """Write down in plain values what there is to execute."""
    folder = task.folder or task.notebook.path.parent
    within = folder.relative_to(home) if folder.is_relative_to(home) else folder
    return Order(
        label=label(task.notebook.name, task.parameters), source=read_source(task.notebook.path),
        parameters=dict(task.parameters), folder=str(within), limits=limits_of(how),
    )  # fmt: skip


def _longest_first(tasks: Sequence[Task], sources: Sequence[Mapping[str, Any]]) -> Sequence[int]:
    """Return the places of the tasks in the order to begin them, so that no long one is left for the end.

    By the seconds that the last good run took, before them those of which nothing is known, longest code first.
    """
    records = [read_record(task.reports, task.notebook.name) or {} for task in tasks]
    seconds = [float(record.get("seconds", "inf")) for record in records]
    code = [sum(len("".join(c["source"])) for c in s["cells"] if c["cell_type"] == "code") for s in sources]
    return sorted(range(len(tasks)), key=lambda at: (seconds[at], code[at]), reverse=True)


def _keep(task: Task, order: Order, executed: Executed, *, scratch: Mapping[Path, Path], home: Path) -> Outcome:
    """Write what came of a notebook beside its place, judge it, and move it in whole."""
    working = scratch[task.reports] / task.notebook.path.name
    final, failed = (task.reports / folder / working.name for folder in ("notebooks", "failed"))
    recorded = final.relative_to(home) if final.is_relative_to(home) else Path("reports", "notebooks", working.name)
    try:
        content = executed.content or order.source
        text = normalise(content, order.source, f"notebooks/{working.name}", recorded.as_posix())
        working.write_text(text, encoding="utf-8")
        refused = executed.observed.get("refused", ())
        outcome = judge(task.notebook, working, executed.stopped, refused=refused, memory=order.limits.memory)
        if outcome.status == "failed":
            final = failed
        else:
            failed.unlink(missing_ok=True)
        final.parent.mkdir(exist_ok=True)
        working.replace(final)
    except OSError as error:
        raise unwritable(task.reports, error) from None
    about: dict[str, Any] = {"seconds": executed.seconds, "retried": executed.retried, "observed": executed.observed}
    return replace(outcome, path=final, parameters=task.parameters, **about)
