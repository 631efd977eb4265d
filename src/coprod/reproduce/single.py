"""Executing one notebook: from plain values to plain values, so that a thread here or another machine can do it."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Event
from types import ModuleType
from typing import Any, NamedTuple

from jupyter_core.utils import ensure_event_loop
from traitlets.config import Config

from coprod.home import HOME_VARIABLE
from coprod.reproduce.executed import say_memory
from coprod.reproduce.forked import KernelDiedError
from coprod.reproduce.how import Limits
from coprod.reproduce.kernels import TrackedKernel, end_strays
from coprod.reproduce.lock import temporary_folder
from coprod.reproduce.observe import beside, prepare_profile, read_observed

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

OnCell = Callable[[str, int, int, str], None]
"""Told of a code cell about to run: label of the run, place of the cell, number of code cells, id of the cell."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """One notebook to execute.

    Attributes
    ----------
    label : str
        What its run is called.
    source : mapping
        The notebook.
    parameters : mapping
        Values in place of its defaults.
    folder : str
        The kernel's current folder, relative to the project folder where it lies within.
    limits : Limits
        What it may take.
    """

    label: str
    source: Mapping[str, Any]
    parameters: Mapping[str, object]
    folder: str
    limits: Limits


class Executed(NamedTuple):
    """How far a notebook came.

    Attributes
    ----------
    content : mapping
        The notebook after its run.
    stopped : str
        Why the run stopped where the notebook itself does not say it; else empty.
    observed : mapping
        What its kernel read and imported (:mod:`coprod.reproduce.observe`).
    seconds : float
        Wall time.
    retried : bool
        Whether its kernel died, and this is how it ended the second time.
    """

    content: Mapping[str, Any]
    stopped: str = ""
    observed: Mapping[str, Any] = {}
    seconds: float = 0.0
    retried: bool = False


def execute(
    order: Order, *, home: Path, kernel: type[TrackedKernel], stopping: Event, on_cell: OnCell | None = None
) -> Executed:
    """Execute a notebook in a fresh kernel, and once more from its first cell where the kernel dies.

    Parameters
    ----------
    order : Order
        What to execute.
    home : Path
        Project folder.
    kernel : type
        Manager of its kernel.
    stopping : Event
        Set when the run is being stopped; then nothing is executed once more.
    on_cell : callable, optional
        See :data:`OnCell`.

    Returns
    -------
    Executed
        The notebook as far as it came.
    """
    begin, retried = time.perf_counter(), False
    try:
        executed = _execute(order, home, kernel, on_cell)
    except KernelDiedError as death:
        retried, executed = not stopping.is_set(), Executed(order.source, str(death))
    if retried:
        try:
            executed = _execute(order, home, kernel, on_cell, last=True)
        except KernelDiedError as death:  # before it was ready
            executed = Executed(order.source, str(death))
    return executed._replace(seconds=round(time.perf_counter() - begin, 2), retried=retried)


def _execute(
    order: Order, home: Path, kernel: type[TrackedKernel], on_cell: OnCell | None, *, last: bool = False
) -> Executed:
    """Hand a notebook to Papermill, in a folder of its own.

    Raises
    ------
    KernelDiedError
        If its kernel died; the last time only where it was not ready yet.
    """
    try:
        with temporary_folder() as folder:  # private, and short enough for a socket's name
            given, output = folder / "given.ipynb", folder / "executed.ipynb"
            given.write_text(json.dumps(order.source), encoding="utf-8")
            stopped = _papermill(order, home, kernel, on_cell, folder=folder, last=last)
            content = json.loads(output.read_text(encoding="utf-8")) if output.exists() else order.source
            return Executed(content, stopped, read_observed(beside(folder / "kernel.json")))
    except (OSError, ValueError) as error:  # no room for temporary files, or no such folder to run in
        return Executed(order.source, f"{type(error).__name__}: {error}")


def _papermill(
    order: Order, home: Path, kernel: type[TrackedKernel], on_cell: OnCell | None, *, folder: Path, last: bool
) -> str:
    """Execute a notebook; say why it stopped where the notebook itself cannot."""
    papermill, nbclient, engine = _import_papermill()
    try:
        papermill.execute_notebook(
            _literally(folder / "given.ipynb"),
            _literally(folder / "executed.ipynb"),
            parameters=dict(order.parameters),
            engine_name=engine.NAME,
            kernel_name=KERNEL,
            progress_bar=False,
            kernel_manager_class=kernel,
            config=Config(TrackedKernel={"transport": "ipc", "connection_file": str(folder / "kernel.json")}),
            shutdown_kernel="immediate",
            record_timing=False,
            execution_timeout=order.limits.timeout,
            resources={"metadata": {"path": str(home / order.folder)}},
            on_cell=partial(on_cell, order.label) if on_cell else None,
        )
    except papermill.exceptions.PapermillExecutionError:
        return ""  # the error stands in the notebook
    except nbclient.exceptions.DeadKernelError:
        reason = DIED.format(say_memory(order.limits.memory))
        if last:
            return reason
        raise KernelDiedError(reason) from None
    except nbclient.exceptions.CellTimeoutError:
        return f"the cell took longer than {order.limits.timeout} s; give cells more time with --timeout"
    except KernelDiedError:
        raise
    except (papermill.exceptions.PapermillException, RuntimeError, TimeoutError) as error:
        return f"{type(error).__name__}: {error}"
    finally:
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


def _import_papermill() -> tuple[ModuleType, ModuleType, ModuleType]:
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
def kernel_environment(
    home: Path, limits: Limits, more: Mapping[str, str] | None = None
) -> Iterator[Mapping[str, str]]:
    """Give what kernels are started with: no shared history or profile, one thread each, one hash seed.

    Parameters
    ----------
    home : Path
        Project folder they work for.
    limits : Limits
        What each may take.
    more : mapping, optional
        Variables in place of those they otherwise get.

    Yields
    ------
    mapping
        Variables; in the end whatever still works with them is killed.
    """
    with temporary_folder() as profile:
        prepare_profile(profile, limits)
        try:
            yield {**ENVIRONMENT, **(more or {}), HOME_VARIABLE: str(home), "IPYTHONDIR": str(profile)}
        finally:
            end_strays(str(profile))
