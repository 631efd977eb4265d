"""Running notebooks through Papermill: two at a time, each in its own kernel, and all of it or nothing."""

from __future__ import annotations

import json
import logging
import os
import re
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event
from types import ModuleType
from typing import Any, ClassVar
from weakref import WeakSet

from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import ensure_event_loop
from traitlets.config import Config

from coprod.reproduce.executed import Outcome, judge, normalise
from coprod.reproduce.folders import scratch_folders, unwritable
from coprod.reproduce.notebooks import Notebook, read_source

KERNEL = "python3"
ENVIRONMENT = {
    "PYTHONHASHSEED": "0",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"),
}
"""What every kernel is started with, so that no number depends on the machine's threads or hash seed."""


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


class TrackedKernel(AsyncKernelManager):
    """A kernel that can be ended from another thread when the run is stopped."""

    alive: ClassVar[WeakSet[TrackedKernel]] = WeakSet()

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.alive.add(self)

    @property
    def running(self) -> bool:
        """Whether its process lives; the number of one that has ended may belong to another by now."""
        process = getattr(self.provisioner, "process", None)
        return process is not None and process.poll() is None

    def end(self) -> None:
        """Kill the kernel and what it started."""
        group = getattr(self.provisioner, "pgid", None)
        if self.running and group:
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)


def plan(
    chosen: Sequence[Notebook], settled: Mapping[str, Mapping[str, object]], reports: Path, known: Sequence[Notebook]
) -> list[Task]:
    """Give each notebook its place under the reports, and clear away what is no longer listed.

    Parameters
    ----------
    chosen : sequence of Notebook
        What to run.
    settled : mapping
        Notebook name to its values that are not defaults. With any, the run gets a folder of its
        own, ``runs/NAME-name=value``, and the main report stays as it is.
    reports : Path
        The project's reports folder.
    known : sequence of Notebook
        Every notebook that is listed.

    Returns
    -------
    list of Task
        One for each notebook chosen.
    """
    listed = {notebook.path.name for notebook in known}
    for folder in ("notebooks", "failed"):
        for path in (reports / folder).glob("*.ipynb"):
            if path.name not in listed:
                path.unlink()
    return [Task(n, _place(n, settled[n.name], reports), settled[n.name]) for n in chosen]


def run_notebooks(
    tasks: Sequence[Task],
    *,
    home: Path,
    jobs: int | None = None,
    on_end: Callable[[Outcome], None] = lambda _: None,
) -> list[Outcome]:
    """Run notebooks, each in a fresh kernel; one that fails does not stop the others.

    Parameters
    ----------
    tasks : sequence of Task
        What to run. All notebooks are read before the first kernel starts.
    home : Path
        Project folder the kernels work for.
    jobs : int, optional
        Notebooks at a time; two, or one on a single core, by default.
    on_end : callable, optional
        Told of each outcome as its notebook ends.

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
    """
    sources = [read_source(task.notebook.path) for task in tasks]
    with scratch_folders({task.reports for task in tasks}) as scratch, _environment(home):
        pool, stopping = ThreadPoolExecutor(jobs or min(2, os.cpu_count() or 1)), Event()
        futures: list[Future[Outcome]] = []
        try:
            for task, source in zip(tasks, sources, strict=True):
                futures.append(pool.submit(_run, task, source, scratch[task.reports], home, stopping))
            for future in as_completed(futures):
                on_end(future.result())
        except BaseException:
            stopping.set()
            pool.shutdown(wait=False, cancel_futures=True)
            while wait(futures, timeout=0.1).not_done:  # one may be starting at this moment
                for kernel in list(TrackedKernel.alive):
                    kernel.end()
            raise
        finally:
            pool.shutdown()
    return [future.result() for future in futures]


def _place(notebook: Notebook, parameters: Mapping[str, object], reports: Path) -> Path:
    if not parameters:
        return reports
    values = ",".join(f"{name}={value}" for name, value in parameters.items())
    return reports / "runs" / re.sub(r"[^\w.,=+-]", "_", f"{notebook.name}-{values}")


def _run(task: Task, source: Mapping[str, Any], scratch: Path, home: Path, stopping: Event) -> Outcome:
    """Run one notebook in the scratch folder and move it to where it belongs."""
    name, begin = task.notebook.name, time.perf_counter()
    working = scratch / f"{name}.ipynb"
    stopped = _execute(task, working)
    try:
        executed = json.loads(working.read_text(encoding="utf-8")) if working.exists() else source
        final = task.reports / "notebooks" / working.name
        recorded = final.relative_to(home) if final.is_relative_to(home) else Path("reports", "notebooks", working.name)
        text = normalise(executed, source, f"notebooks/{working.name}", recorded.as_posix())
        working.write_text(text, encoding="utf-8")
        outcome = judge(task.notebook, working, stopped)
        if stopping.is_set():  # neither good nor failed: leave things as they are
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
    return replace(outcome, path=final, seconds=round(time.perf_counter() - begin, 2))


def _execute(task: Task, output: Path) -> str:
    """Hand a notebook to Papermill; say why it stopped where the notebook itself cannot."""
    papermill, nbclient = _papermill()
    with tempfile.TemporaryDirectory(prefix="coprod-") as sockets:  # private, and short enough for a socket's name
        kernel = {"transport": "ipc", "connection_file": str(Path(sockets, "kernel.json"))}
        try:
            papermill.execute_notebook(
                _literally(task.notebook.path),
                _literally(output),
                parameters=dict(task.parameters),
                kernel_name=KERNEL,
                progress_bar=False,
                kernel_manager_class=TrackedKernel,
                config=Config(TrackedKernel=kernel),
                shutdown_kernel="immediate",
                record_timing=False,
                resources={"metadata": {"path": str(task.folder or task.notebook.path.parent)}},
            )
        except papermill.exceptions.PapermillExecutionError:
            return ""  # the error stands in the notebook
        except nbclient.exceptions.DeadKernelError:
            return "the kernel died, perhaps for want of memory; run the notebook again"
        except (papermill.exceptions.PapermillException, RuntimeError, TimeoutError) as error:
            return f"{type(error).__name__}: {error}"
        finally:
            ensure_event_loop().close()  # nbclient opens one for the thread and leaves it
    return ""


def _literally(path: Path) -> str:
    """Write a path so that Papermill, which formats its paths, leaves braces alone."""
    return str(path).replace("{", "{{").replace("}", "}}")


def _papermill() -> tuple[ModuleType, ModuleType]:
    """Import Papermill, without a grammar that costs seconds and that only checks of IRIs would use."""
    absent = "rfc3987_syntax" not in sys.modules
    if absent:
        sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]
    try:
        import nbclient.exceptions  # noqa: PLC0415
        import papermill  # noqa: PLC0415
    finally:
        if absent:
            del sys.modules["rfc3987_syntax"]
    logging.getLogger("papermill").setLevel(logging.CRITICAL)  # coprod tells of failures itself
    return papermill, nbclient


@contextmanager
def _environment(home: Path) -> Iterator[None]:
    """Set what kernels inherit: no shared history or profile, one thread each, one hash seed."""
    with tempfile.TemporaryDirectory(prefix="coprod-", ignore_cleanup_errors=True) as profile:
        wanted = {**ENVIRONMENT, "COPROD_HOME": str(home), "IPYTHONDIR": profile}
        before = {name: os.environ.get(name) for name in wanted}
        os.environ.update(wanted)
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value
