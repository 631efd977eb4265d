"""Running notebooks through Papermill: two at a time, each in its own kernel, and all of it or nothing."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed, wait
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from threading import Event
from types import ModuleType
from typing import Any, NamedTuple, Unpack

from jupyter_core.utils import ensure_event_loop
from traitlets.config import Config

from coprod.reproduce.executed import Outcome, judge, normalise, say_memory
from coprod.reproduce.fingerprint import place_of_run, read_record
from coprod.reproduce.folders import clear_unlisted, scratch_folders, unwritable
from coprod.reproduce.forked import KernelDiedError, WarmParent
from coprod.reproduce.how import How, Limits, limits_of
from coprod.reproduce.kernels import TrackedKernel, end_strays, kernel_class
from coprod.reproduce.lock import temporary_folder
from coprod.reproduce.notebooks import Notebook, read_source
from coprod.reproduce.observe import beside, keep_record, prepare_profile, read_observed
from coprod.reproduce.sweeps import Member

KERNEL = "python3"
ENVIRONMENT = {
    "PYTHONHASHSEED": "0",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"),
}
"""What every kernel is started with, so that no number depends on the machine's threads or hash seed.

Arrow's own pool takes a gigabyte in advance, which would count as memory in use.
"""
DIED = "the kernel died twice, perhaps for want of memory; {}"


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


class _Run(NamedTuple):
    """What all notebooks of a run share."""

    scratch: Mapping[Path, Path]
    home: Path
    kernel: type[TrackedKernel]
    limits: Limits
    stopping: Event


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
    environment: Mapping[str, str] | None = None,
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
    environment : mapping, optional
        Variables of the kernels' environment, in place of those they otherwise get.
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
        If a reports folder cannot be written.
    UsageError
        If warm kernels are wanted where forking is not safe.
    """
    sources = [read_source(task.notebook.path) for task in tasks]
    limits = limits_of(how)
    with (
        scratch_folders({task.reports for task in tasks}) as scratch,
        _environment(home, limits, environment or {}),
        kernel_class(how.get("kernels")) as (kernel, parent),
    ):
        jobs = how.get("jobs") or min(2, os.cpu_count() or 1)
        pool, shared = ThreadPoolExecutor(jobs), _Run(scratch, home, kernel, limits, Event())
        futures: list[Future[Outcome]] = []
        ended: dict[Future[Outcome], Outcome] = {}
        try:
            order = _longest_first(tasks, sources) if jobs > 1 else range(len(tasks))
            futures.extend(pool.submit(_run, tasks[at], sources[at], shared) for at in order)
            import_module("coprod.results")  # which judging needs, while the kernels begin
            for future in as_completed(futures):
                ended[future] = future.result()
                on_end(ended[future])
                if how.get("fail_fast") and ended[future].status == "failed":
                    break
        finally:
            _stop(pool, futures, shared.stopping, parent)
    submitted = dict(zip(order, futures, strict=True))
    return [ended[submitted[at]] for at in range(len(tasks)) if submitted[at] in ended]


def _longest_first(tasks: Sequence[Task], sources: Sequence[Mapping[str, Any]]) -> Sequence[int]:
    """Return the places of the tasks in the order to begin them, so that no long one is left for the end.

    By the seconds that the last good run took, before them those of which nothing is known, longest code first.
    """
    records = [read_record(task.reports, task.notebook.name) or {} for task in tasks]
    seconds = [float(record.get("seconds", "inf")) for record in records]
    code = [sum(len("".join(c["source"])) for c in s["cells"] if c["cell_type"] == "code") for s in sources]
    return sorted(range(len(tasks)), key=lambda at: (seconds[at], code[at]), reverse=True)


def _stop(
    pool: ThreadPoolExecutor, futures: Sequence[Future[Outcome]], stopping: Event, parent: WarmParent | None
) -> None:
    """Let nothing more begin, and end what is under way; at the end of a whole run that is nothing."""
    stopping.set()
    pool.shutdown(wait=False, cancel_futures=True)
    while wait(futures, timeout=0).not_done:
        for kernel in list(TrackedKernel.alive):
            kernel.end()
        if parent:
            parent.end()
        wait(futures, timeout=0.1)  # one may be starting at this moment
    pool.shutdown()


def _run(task: Task, source: Mapping[str, Any], run: _Run) -> Outcome:
    """Run one notebook in the scratch folder and move it to where it belongs."""
    home, begin = run.home, time.perf_counter()
    working = run.scratch[task.reports] / task.notebook.path.name
    retried = False
    try:
        stopped = _execute(task, working, run)
    except KernelDiedError:
        retried = not run.stopping.is_set()
        stopped = _execute_again(task, working, run) if retried else ""
    try:
        executed = json.loads(working.read_text(encoding="utf-8")) if working.exists() else source
        final = task.reports / "notebooks" / working.name
        recorded = final.relative_to(home) if final.is_relative_to(home) else Path("reports", "notebooks", working.name)
        text = normalise(executed, source, f"notebooks/{working.name}", recorded.as_posix())
        working.write_text(text, encoding="utf-8")
        observed = read_observed(beside(working))
        refused, memory = observed.get("refused", ()), run.limits.memory
        outcome = judge(task.notebook, working, stopped, refused=refused, memory=memory)
        if run.stopping.is_set():  # neither good nor failed: leave things as they are
            return outcome
        failed = task.reports / "failed" / working.name
        if outcome.status == "failed":
            final = failed
        else:
            failed.unlink(missing_ok=True)
        final.parent.mkdir(exist_ok=True)
        working.replace(final)
    except OSError as error:
        raise unwritable(task.reports, error) from None
    seconds = round(time.perf_counter() - begin, 2)
    return replace(
        outcome, path=final, parameters=task.parameters, seconds=seconds, retried=retried, observed=observed
    )


def _execute_again(task: Task, output: Path, run: _Run) -> str:
    """Run a notebook whose kernel died anew, from its first cell."""
    output.unlink(missing_ok=True)
    try:
        return _execute(task, output, run)
    except KernelDiedError as error:
        return str(error)


def _execute(task: Task, output: Path, run: _Run) -> str:
    """Hand a notebook to Papermill; say why it stopped where the notebook itself cannot.

    Raises
    ------
    KernelDiedError
        If its kernel died.
    """
    papermill, nbclient, engine = _papermill()
    with temporary_folder() as sockets:  # private, and short enough for a socket's name
        kernel = {"transport": "ipc", "connection_file": str(sockets / "kernel.json")}
        try:
            papermill.execute_notebook(
                _literally(task.notebook.path),
                _literally(output),
                parameters=dict(task.parameters),
                engine_name=engine.NAME,
                kernel_name=KERNEL,
                progress_bar=False,
                kernel_manager_class=run.kernel,
                config=Config(TrackedKernel=kernel),
                shutdown_kernel="immediate",
                record_timing=False,
                execution_timeout=run.limits.timeout,
                resources={"metadata": {"path": str(task.folder or task.notebook.path.parent)}},
            )
        except papermill.exceptions.PapermillExecutionError:
            return ""  # the error stands in the notebook
        except nbclient.exceptions.DeadKernelError:
            raise KernelDiedError(DIED.format(say_memory(run.limits.memory))) from None
        except nbclient.exceptions.CellTimeoutError:
            return f"the cell took longer than {run.limits.timeout} s; give cells more time with --timeout"
        except KernelDiedError:
            raise
        except (papermill.exceptions.PapermillException, RuntimeError, TimeoutError) as error:
            return f"{type(error).__name__}: {error}"
        finally:
            keep_record(sockets, output)
            _close_loop()
    return ""


def _close_loop() -> None:
    """Close the loop that nbclient opens for a thread and leaves, with what waits in it."""
    loop = ensure_event_loop()
    waiting = asyncio.all_tasks(loop)
    for task in waiting:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*waiting, return_exceptions=True))
    loop.close()


def _literally(path: Path) -> str:
    """Write a path so that Papermill, which formats its paths, leaves braces alone."""
    return str(path).replace("{", "{{").replace("}", "}}")


def _papermill() -> tuple[ModuleType, ModuleType, ModuleType]:
    """Import Papermill and its engine, without a grammar that costs seconds and that only checks of IRIs would use."""
    absent = "rfc3987_syntax" not in sys.modules
    if absent:
        sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]
    try:
        import nbclient.exceptions  # noqa: PLC0415
        import papermill  # noqa: PLC0415

        from coprod.reproduce import engine  # noqa: PLC0415
    finally:
        if absent:
            del sys.modules["rfc3987_syntax"]
    logging.getLogger("papermill").setLevel(logging.CRITICAL)  # coprod tells of failures itself
    return papermill, nbclient, engine


@contextmanager
def _environment(home: Path, limits: Limits, more: Mapping[str, str]) -> Iterator[None]:
    """Set what kernels inherit: no shared history or profile, one thread each, one hash seed."""
    with temporary_folder() as profile:
        prepare_profile(profile, limits)
        wanted = {**ENVIRONMENT, **more, "COPROD_HOME": str(home), "IPYTHONDIR": str(profile)}
        before = {name: os.environ.get(name) for name in wanted}
        os.environ.update(wanted)
        try:
            yield
        finally:
            end_strays(str(profile))
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value
