"""What a kernel reads and imports, seen by Python itself while the notebook runs.

An audit hook hears every ``open``, so nothing has to be declared. It hears this process alone: a
file that only a program started by the notebook reads, or that a library opens without Python
(as a database engine may), is not seen.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from coprod.home import HOME_VARIABLE
from coprod.reproduce.guard import guard
from coprod.reproduce.how import MEGABYTE, Limits

PACKAGE = Path(__file__).resolve().parents[1]
OWN = {__name__, guard.__module__, Limits.__module__}
"""Modules that a kernel imports to watch itself; no notebook's result depends on them."""
SUFFIX = ".observed.json"
STARTUP = f"__import__({__name__!r}, fromlist=['watch']).watch(get_ipython(), memory={{}}, output={{}})\n"
"""What a kernel runs first: one expression, so that no name is left for a notebook to use by mistake."""

Stamp = list[int] | None
"""When a file was last changed (ns) and its size in bytes; None for a file that is not there."""


class Observer:
    """What has been heard in this process.

    Attributes
    ----------
    files : dict
        Path of each file opened for reading, to its stamp at that moment. A file that the process
        wrote first is no input of it.
    home : str
        The project folder.
    modules : dict
        Path of the source of each module of coprod, to its stamp when it was first seen.
    """

    def __init__(self) -> None:
        self.files: dict[str, Stamp] = {}
        self.modules: dict[str, Stamp] = {}
        self._written: set[str] = set()
        self.home = home = os.path.realpath(os.environ.get(HOME_VARIABLE, os.sep))
        places = (sys.prefix, sys.base_prefix, Path(os.__file__).parent, "/proc", "/dev", "/sys")
        folders = {os.path.realpath(place) + os.sep for place in places}
        self._elsewhere = tuple(folder for folder in folders if not home.startswith(folder))

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Take note of one event: an audit hook."""
        if event != "open" or not isinstance(arguments[0], str | bytes):
            return
        path = os.path.realpath(os.fsdecode(arguments[0]))
        if _writes(arguments[1], arguments[2]):
            self._written.add(path)
        elif path not in self.files and path not in self._written and not path.startswith(self._elsewhere):
            self.files[path] = stamp(path)

    def observed(self) -> dict[str, Any]:
        """Return what was heard so far and what is imported now, as plain JSON values."""
        packages = set()
        for name, module in list(sys.modules.items()):
            package, source = name.partition(".")[0], getattr(module, "__file__", None)
            packages.add(package)
            if package == PACKAGE.name and source and name not in OWN:
                self.modules.setdefault(os.path.realpath(source), stamp(source))
        known = packages - sys.stdlib_module_names - {PACKAGE.name, "__main__"}
        return {
            "python": sys.version.split()[0],
            "files": dict(self.files),
            "modules": dict(self.modules),
            "packages": sorted(known),
        }


def stamp(path: str | Path) -> Stamp:
    """Return what tells whether a file was changed while it was in use.

    Examples
    --------
    >>> stamp("/nowhere/at/all") is None
    True
    """
    try:
        status = Path(path).stat()
    except (OSError, ValueError):
        return None
    return [status.st_mtime_ns, status.st_size]


def watch(shell: Any, *, memory: int, output: int) -> None:
    """Listen from now on in a kernel, hold it to what a run allows, and write after each cell what was heard.

    The record lies beside the kernel's connection file, so that the process that started the kernel
    finds it. It is written after each cell because a kernel gets no notice of its end.

    Parameters
    ----------
    shell : InteractiveShell
        The kernel's shell.
    memory, output : int
        Megabytes it may take, and print and display.
    """
    from ipykernel.connect import get_connection_file  # noqa: PLC0415 - only there is one in a kernel

    observer, place = Observer(), beside(Path(get_connection_file()))
    sys.addaudithook(observer.hear)
    held = guard(shell, Path(observer.home), memory=memory * MEGABYTE, output=output * MEGABYTE)

    def note(result: Any) -> None:
        held.end_cell(result.execution_count)
        _write(place, {**observer.observed(), "refused": held.refused})

    shell.events.register("post_run_cell", note)


def prepare_profile(folder: Path, limits: Limits) -> None:
    """Have every kernel that uses a folder as its ``IPYTHONDIR`` watch itself and keep to the limits."""
    startup = folder / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00-observe.py").write_text(STARTUP.format(limits.memory, limits.output), encoding="utf-8")


def beside(connection_file: Path) -> Path:
    """Return where the record of a kernel lies, or of a notebook.

    Examples
    --------
    >>> beside(Path("kernel.json")).name
    'kernel.observed.json'
    """
    return connection_file.with_suffix(SUFFIX)


def read_observed(path: Path) -> dict[str, Any]:
    """Read a kernel's record; an empty one where there is none."""
    try:
        with open(path, encoding="utf-8") as file:
            return dict(json.load(file))
    except (OSError, ValueError):
        return {}


def _write(place: Path, observed: dict[str, Any]) -> None:
    """Write a record whole or not at all."""
    part = place.with_suffix(".part")
    with open(part, "w", encoding="utf-8") as file:
        json.dump(observed, file)
    part.replace(place)


def _writes(mode: str | None, flags: int) -> bool:
    """Tell whether an open makes the file, rather than reads what is there."""
    if mode is not None:
        return mode[:1] in {"w", "x"}
    return bool(flags & os.O_ACCMODE == os.O_WRONLY and flags & (os.O_TRUNC | os.O_EXCL))
