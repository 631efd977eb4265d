"""What a run does not let a notebook do: change the data, use the network, print without end, take all memory.

Python itself tells of what its own code opens and connects to. A program that a notebook starts is not heard: what it
changes in the data is seen after the cell, its network is not. Nor is a library that writes without Python.
"""

from __future__ import annotations

import ctypes
import json
import os
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from coprod.reproduce.how import MEGABYTE

PR_SET_CHILD_SUBREAPER = 36
RESERVE = 100 * MEGABYTE
"""Bytes kept back for telling of an error."""
_PLACES: Mapping[str, tuple[tuple[int, int | None], ...]] = {
    "os.remove": ((0, 1),), "os.rmdir": ((0, 1),), "os.mkdir": ((0, 2),), "os.rename": ((0, 2), (1, 3)),
    "os.link": ((1, 3),), "os.symlink": ((1, 2),), "os.truncate": ((0, None),), "os.chmod": ((0, 2),),
    "os.chown": ((0, 3),), "os.utime": ((0, 3),), "shutil.rmtree": ((0, 1),),
}  # fmt: skip
"""Events that change a file or a folder: where among the arguments its path stands, and what that is relative to."""
_PROGRAMS = {"subprocess.Popen", "os.system", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty", "pty.spawn"}
_CALLS = {"socket.connect", "socket.sendto", "socket.sendmsg"}
_LOOKUPS = {"socket.getaddrinfo", "socket.gethostbyname"}


Refusal = tuple[int, str]
"""Execution count of a cell, and what was refused to it."""


class RefusedError(RuntimeError):
    """A notebook wanted what a run does not allow."""


class Guard:
    """What a notebook may not do in this process.

    Parameters
    ----------
    home : Path
        Project folder; what lies in its ``data`` is only read.
    output : int
        Bytes that a notebook may print and display.

    Attributes
    ----------
    refused : list of tuples
        Execution count of each cell that has ended, and what it wanted and is not allowed, also where it went on
        regardless.
    """

    def __init__(self, home: Path, output: int) -> None:
        self.refused: list[Refusal] = []
        self._new: list[str] = []
        self._home, self._data = os.path.realpath(home), os.path.realpath(home / "data")
        self._output, self._said = output, 0
        self._stamps: dict[str, tuple[int, ...]] | None = None  # from when another program may first have been at work

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Refuse one event, or let it pass: an audit hook."""
        if event == "open":
            path, mode, flags = arguments[:3]
            if isinstance(path, str | bytes) and _would_write(mode, flags):
                self._keep_data(path, None)
        elif event in _PLACES:
            for at, base in _PLACES[event]:
                if isinstance(arguments[at], str | bytes | os.PathLike):
                    self._keep_data(arguments[at], None if base is None else arguments[base])
        elif event in _PROGRAMS and self._stamps is None:
            self._stamps = dict(self._stamped())
        elif event in _CALLS:
            if arguments[0].family in {socket.AF_INET, socket.AF_INET6} and arguments[1]:
                self._keep_offline(*arguments[1][:2])
        elif event in _LOOKUPS:
            self._keep_offline(arguments[0], arguments[1] if len(arguments) > 1 else None)

    def count(self, size: int) -> None:
        """Add to what the notebook has printed and displayed, and refuse what is too much."""
        self._said += size
        if self._said > self._output:
            self._said -= size
            megabytes = self._output // MEGABYTE
            self.refuse(f"the notebook's output is larger than {megabytes} MB; show less, or allow more with --output")

    def end_cell(self, count: int) -> None:
        """Note what was refused to a cell that has ended, and the data that changed once it had started a program."""
        if self._stamps is not None:
            before, self._stamps = self._stamps, dict(self._stamped())
            for path in sorted({*before, *self._stamps}):
                if before.get(path) != self._stamps.get(path):
                    name = os.path.relpath(path, self._home)
                    why = f"{name} changed while the cell ran, and the notebook had started another program"
                    mend = "data are only read during a run, so put them back as they were and write elsewhere"
                    self._new.append(f"{why}; {mend}")
        self.refused += [(count, why) for why in dict.fromkeys(self._new)]
        self._new = []

    def refuse(self, why: str) -> None:
        """Note what is not allowed, and stop the cell that wants it.

        Raises
        ------
        RefusedError
            Always.
        """
        self._new.append(why)
        raise RefusedError(why)

    def _keep_data(self, path: Any, folder: int | None) -> None:
        """Refuse a change of a file or a folder among the data."""
        name = os.fsdecode(path)
        if folder is not None and folder >= 0:
            name = os.path.join(os.path.realpath(f"/proc/self/fd/{folder}"), name)  # noqa: PTH118
        itself = os.path.join(os.path.realpath(os.path.dirname(name)), os.path.basename(name))  # noqa: PTH118, PTH119, PTH120
        for place in (itself, os.path.realpath(name)):
            if place == self._data or place.startswith(self._data + os.sep):
                where = os.path.relpath(place, self._home)
                why = f"the notebook wanted to change {where}; data are only read during a run, so write elsewhere"
                self.refuse(why)

    def _keep_offline(self, host: Any, port: Any) -> None:
        """Refuse an address that is not on this machine."""
        name = os.fsdecode(host) if host else ""
        if name in {"", "localhost", socket.gethostname()}:
            return
        try:
            address = ip_address(name.partition("%")[0])
            if address.is_loopback or address.is_unspecified:
                return
        except ValueError:
            pass
        at = f"{name}:{os.fsdecode(port) if isinstance(port, bytes) else port}" if port else name
        self.refuse(f"the notebook wanted {at}; a run has no network, so put what it needs into data/")

    def _stamped(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Find the files of the data, with what tells whether one was changed."""
        for folder, _, names in os.walk(self._data):
            for name in names:
                path = os.path.join(folder, name)  # noqa: PTH118
                try:
                    status = os.stat(path)  # noqa: PTH116
                except OSError:
                    continue
                yield path, (status.st_mtime_ns, status.st_size, status.st_ino)


def guard(shell: Any, place: Path, *, memory: int | None, output: int) -> Guard:
    """Hold a kernel to what a run allows.

    Parameters
    ----------
    shell : InteractiveShell
        The kernel's shell.
    place : Path
        Project folder.
    memory : int or None
        Bytes of memory that the kernel may take; where the system can hold it to that.
    output : int
        Bytes that it may print and display.

    Returns
    -------
    Guard
        What was refused, as it happens.
    """
    allow_more = limit_memory(memory)
    keep_children()

    def tell(
        shell: Any, kind: type[BaseException], error: BaseException, trace: Any, tb_offset: int | None = None
    ) -> None:
        allow_more()
        shell.showtraceback((kind, error, trace), tb_offset=tb_offset)

    shell.set_custom_exc((MemoryError,), tell)
    held = Guard(place, output)
    for stream in (sys.stdout, sys.stderr):
        stream.write = _counted(stream.write, held)  # type: ignore[method-assign]
        with suppress(OSError), open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), stream.fileno())  # where else the kernel would copy what programs print

    def weigh(message: dict[str, Any]) -> dict[str, Any]:
        held.count(_weight(message["content"].get("data", {})))
        return message

    shell.display_pub.register_hook(weigh)
    shell.displayhook.register_hook(weigh)
    sys.addaudithook(held.hear)
    return held


def limit_memory(size: int | None) -> Callable[[], None]:
    """Hold this process to so many bytes of memory of its own; only Linux does.

    Returns
    -------
    callable
        Allows a little more, so that an error for want of memory can be told.
    """
    if size is None or sys.platform != "linux":
        return lambda: None
    import resource  # noqa: PLC0415 - there is none on Windows

    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    most = size + RESERVE if most == resource.RLIM_INFINITY else min(size + RESERVE, most)
    resource.setrlimit(resource.RLIMIT_DATA, (min(size, most), most))
    return lambda: resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def keep_children() -> None:
    """Stay the parent of all that this process and its children start, whatever ends between; only Linux does."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _counted(write: Callable[[str], int | None], held: Guard) -> Callable[[str], int | None]:
    """Count what a stream is given; past the limit the cell stops, and what comes from elsewhere is left out."""

    def write_counted(text: str) -> int | None:
        try:
            held.count(_weight(text))
        except RefusedError:
            if threading.current_thread() is threading.main_thread():
                raise
            return len(text)
        return write(text)

    return write_counted


def _weight(content: object) -> int:
    """Return about how many bytes something takes in a notebook."""
    return len(json.dumps(content, default=str))


def _would_write(mode: str | None, flags: int) -> bool:
    """Tell whether an open may change the file or make it."""
    if mode is not None:
        return not {"w", "a", "x", "+"}.isdisjoint(mode)
    return bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC))
