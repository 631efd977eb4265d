"""One run at a time in a reports folder, and nothing left of those that were killed."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from coprod.errors import EnvironmentProblem
from coprod.reproduce.folders import unwritable

NAME = ".lock"
UNFINISHED = (".run-*", ".new-*")
"""What a run that was killed leaves in a reports folder."""
_TEMPORARY = "coprod"


@contextmanager
def lock(reports: Path) -> Iterator[None]:
    """Keep every other run out of a reports folder, and clear away what a killed one left there.

    The system itself lets the lock go when the process that holds it ends, however it ends.

    Parameters
    ----------
    reports : Path
        A project's reports folder; made where it is missing.

    Raises
    ------
    EnvironmentProblem
        If another process is at work there, or the folder cannot be written.
    """
    path = reports / NAME
    held = _open(path)
    try:
        clear_unfinished(reports)
        yield
    finally:
        with suppress(FileNotFoundError):
            path.unlink()
        os.close(held)


def clear_unfinished(reports: Path) -> None:
    """Remove what killed runs left: unfinished folders of the reports, and temporary ones of processes that ended."""
    for place in (reports, *(reports / "runs").glob("*")):
        for pattern in UNFINISHED:
            for folder in place.glob(pattern):
                shutil.rmtree(folder, ignore_errors=True)
    for folder in Path(tempfile.gettempdir()).glob(f"{_TEMPORARY}-*-*"):
        pid = folder.name.split("-")[1]
        if pid.isdigit() and not is_alive(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Give a folder that names this process, so that the next run can tell whether it is still needed."""
    prefix = f"{_TEMPORARY}-{os.getpid()}-"
    with tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def _open(path: Path) -> int:
    """Open the lock's file and lock it; anew where the one who held it has removed it meanwhile."""
    while True:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            held = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise _busy(path, os.pread(held, 200, 0).decode(errors="replace")) from None
            if path.exists() and os.path.samestat(path.stat(), os.fstat(held)):
                _sign(path, held)
                return held
        except OSError as error:
            raise unwritable(path.parent, error) from None
        os.close(held)


def _sign(path: Path, held: int) -> None:
    """Write into the lock who holds it, or leave none where there is no room for that."""
    since = datetime.now(UTC).astimezone().isoformat(sep=" ", timespec="seconds")
    try:
        os.ftruncate(held, 0)
        os.write(held, f"{os.getpid()} on {socket.gethostname()} since {since}\n".encode())
    except OSError:
        path.unlink()
        os.close(held)
        raise


def _busy(path: Path, holder: str) -> EnvironmentProblem:
    pid = holder.split(" ", 1)[0]
    return EnvironmentProblem(
        f"another run is at work in {path.parent}: process {holder.strip() or 'unknown'}; "
        f"wait for it, or end it{f' with: kill {pid}' if pid.isdigit() else ''}"
    )


def is_alive(pid: int) -> bool:
    """Tell whether a process of this number is there."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
