"""What a worker of a cluster does: says what its values would rest on, and executes a notebook.

A worker shares no file with the machine that gives it work. It has coprod installed, and the data in a project folder
of its own, which ``COPROD_HOME`` names. Both have to be what they are where the work comes from.
"""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.metadata import requires, version
from pathlib import Path
from threading import Event, Thread
from typing import Any

from distributed import get_worker

from coprod.errors import EnvironmentProblem
from coprod.home import project_home
from coprod.reproduce.fingerprint import CHANGED, digest
from coprod.reproduce.forked import WarmParent
from coprod.reproduce.how import Kernels, default_kernels
from coprod.reproduce.kernels import TrackedKernel, kernel_class
from coprod.reproduce.observe import PACKAGE, stamp
from coprod.reproduce.single import ENVIRONMENT, Executed, Order, execute, kernel_environment

Stock = dict[str, dict[str, str]]
"""What values rest on: versions, and the SHA-256 of each file of the code and of the data."""
NAMED = 3
"""How many of the things that differ an error names."""


def take_stock(home: Path | None = None) -> Stock:
    """Say what the values of a notebook rest on, here.

    Parameters
    ----------
    home : Path, optional
        Project folder; by default the one of this process.

    Returns
    -------
    dict
        ``versions`` of Python and of the packages that coprod needs, and digests of ``code`` and ``data``.
    """
    home = home or project_home()
    needed = [re.split(r"[^\w.-]", line)[0] for line in requires("coprod") or () if "extra ==" not in line]
    versions = {"Python": platform.python_version(), **{name: version(name) for name in sorted(needed)}}
    return {"versions": versions, "code": _digests(PACKAGE, "src/coprod"), "data": _digests(home / "data", "data")}


def say_difference(ours: Stock, theirs: Stock) -> str:
    """Say how another's stock differs from ours; empty where it does not.

    Examples
    --------
    >>> say_difference({"versions": {"numpy": "2.4"}, "data": {}}, {"versions": {"numpy": "2.3"}, "data": {"a": "1"}})
    'numpy is 2.3 there and 2.4 here; a is there only'
    """
    found = []
    for kind, mine in ours.items():
        for name in sorted({*mine, *theirs[kind]}):
            here, there = mine.get(name), theirs[kind].get(name)
            if here and there and here != there:
                found.append(f"{name} is {there} there and {here} here" if kind == "versions" else f"{name} differs")
            elif here != there:
                found.append(f"{name} is {'here' if here else 'there'} only")
    more = f"; and {len(found) - NAMED} more" if len(found) > NAMED else ""
    return "; ".join(found[:NAMED]) + more


def execute_on_worker(order: Order, *, stock: Stock, kernels: Kernels | None = None) -> Executed:
    """Execute a notebook in this worker of a cluster.

    Parameters
    ----------
    order : Order
        What to execute.
    stock : dict
        What values rest on where the order comes from.
    kernels : {"warm", "plain"}, optional
        As for a run; the worker keeps its warm parent from one notebook to the next.

    Returns
    -------
    Executed
        The notebook as far as it came. The files it read are named relative to the project and to the package, each
        with its digest: see :func:`localise`.

    Raises
    ------
    EnvironmentProblem
        If this worker's code, data or packages differ. Workers may join while a run goes on.
    """
    home, stopping = project_home(), Event()
    if difference := say_difference(stock, take_stock(home)):
        raise EnvironmentProblem(difference)
    parent = _warm_parent() if (kernels or default_kernels()) == "warm" else None
    with (
        kernel_environment(home, order.limits) as variables,
        kernel_class(kernels, variables, parent=parent) as (kernel, _),
    ):

        def end() -> None:
            stopping.set()
            for running in list(TrackedKernel.alive):
                if isinstance(running, kernel):
                    running.end()

        with _ended_when_cancelled(end):
            executed = execute(order, home=home, kernel=kernel, stopping=stopping)
    return executed._replace(observed=_portable(executed.observed, home))


def localise(observed: Mapping[str, Any], home: Path) -> dict[str, Any]:
    """Turn what a kernel on a worker read into what one here would have read.

    A file that is not the same here counts as changed during the run.
    """
    found = dict(observed)
    for kind in {"files", "modules"} & set(observed):
        places = {_find(name, home): sha256 for name, sha256 in observed[kind].items()}
        found[kind] = {str(path): stamp(path) if digest(path) == sha256 else [0, 0] for path, sha256 in places.items()}
    return found


@cache
def _warm_parent() -> WarmParent:
    """Return this worker's warm parent, which ends with it."""
    return WarmParent(ENVIRONMENT)


@contextmanager
def _ended_when_cancelled(end: Callable[[], None]) -> Iterator[None]:
    """End a notebook when nobody waits for it any more; Dask itself never stops what has begun."""
    worker, over = get_worker(), Event()
    key = worker.get_current_task()

    def watch() -> None:
        while not over.wait(0.2):
            task = worker.state.tasks.get(key)
            if task is None or task.state == "cancelled":
                end()

    watcher = Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


def _digests(folder: Path, name: str) -> dict[str, str]:
    paths = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return {
        f"{name}/{below.as_posix()}": str(digest(folder / below))
        for below in sorted(path.relative_to(folder) for path in paths)
        if not any(part.startswith(".") for part in below.parts)
    }


def _portable(observed: Mapping[str, Any], home: Path) -> dict[str, Any]:
    """Name files so that another machine finds its own; those outside the project and the package are left out."""
    roots = {"package": PACKAGE.resolve(), "home": home.resolve()}
    found = dict(observed)
    for kind in {"files", "modules"} & set(observed):
        named = {}
        for path, seen in observed[kind].items():
            for name, root in roots.items():
                if Path(path).is_relative_to(root):
                    sha256 = digest(Path(path)) if stamp(path) == seen else CHANGED
                    named[f"{name}/{Path(path).relative_to(root).as_posix()}"] = sha256
                    break
        found[kind] = named
    return found


def _find(name: str, home: Path) -> Path:
    root, _, below = name.partition("/")
    return Path(os.path.realpath(PACKAGE if root == "package" else home)) / below
