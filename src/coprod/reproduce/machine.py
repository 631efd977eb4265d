"""What a run needs of the machine: room on its disks, memory, cores, kernels that can fork, a locale with all letters.

What only could be better has a mend and is ok all the same.
"""

from __future__ import annotations

import locale
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from coprod.reproduce.how import MEGABYTE, default_kernels, half_of_memory
from coprod.reproduce.lock import NAME, UNFINISHED, is_alive

ROOM = 100
"""Megabytes that a run may need on a disk: executed notebooks, what is extracted, and both once more while it runs."""
KERNEL_MEMORY = 500
"""Megabytes that a kernel takes once it has imported the libraries, with some to work in."""
_AVAILABLE = Path("/proc/meminfo")


@dataclass(frozen=True)
class Finding:
    """One thing looked at.

    Attributes
    ----------
    subject : str
        What was looked at.
    ok : bool
        Whether it is as a run needs it.
    found : str
        What is there.
    mend : str
        What to do; empty when all is well.
    """

    subject: str
    ok: bool
    found: str
    mend: str = ""


def examine_machine(reports: Path) -> list[Finding]:
    """Look at the machine and at what earlier runs left on it.

    Parameters
    ----------
    reports : Path
        Reports folder of the project.

    Returns
    -------
    list of Finding
        Disks, memory, cores, kind of kernels, locale, runs at work and what killed ones left.
    """
    return [*_disks(reports), _memory(), _cores(), _kinds(), _letters(), _at_work(reports), _left_over(reports)]


def _disks(reports: Path) -> Iterator[Finding]:
    temporary = Path(tempfile.gettempdir())
    for subject, folder, mend in (
        ("Disk of the reports", reports, "make room there"),
        ("Disk of temporary files", temporary, "make room there, or name a folder on another disk with TMPDIR"),
    ):
        there = next(parent for parent in (folder, *folder.parents) if parent.exists())
        free = shutil.disk_usage(there).free // MEGABYTE
        found = f"{free} MB free at {there}"
        if free < ROOM:
            yield Finding(subject, False, f"{found}; a run may need {ROOM}", mend)
        else:
            yield Finding(subject, True, found)


def _memory() -> Finding:
    available = _available()
    found = f"{available} MB available of {2 * half_of_memory()}"
    if available < KERNEL_MEMORY:
        return Finding("Memory", False, f"{found}; one kernel needs about {KERNEL_MEMORY}", "end other programs")
    if available < 2 * KERNEL_MEMORY:
        return Finding("Memory", True, f"{found}; enough for one notebook at a time", "coprod run --jobs 1")
    return Finding("Memory", True, found)


def _available() -> int:
    """Return the memory that programs can still have, in megabytes; where the system does not say, all there is."""
    if _AVAILABLE.exists():
        for line in _AVAILABLE.read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return min(int(line.split()[1]) * 1024 // MEGABYTE, 2 * half_of_memory())
    return 2 * half_of_memory()


def _cores() -> Finding:
    cores = os.cpu_count() or 1
    found = "1 core; one notebook at a time" if cores == 1 else f"{cores} cores; two notebooks at a time, or --jobs"
    return Finding("Cores", True, found)


def _kinds() -> Finding:
    if default_kernels() == "warm":
        return Finding("Kind of kernels", True, "warm: forked from a process that has the libraries loaded")
    return Finding("Kind of kernels", True, f"plain: forking is not safe on {sys.platform}, so that a run takes longer")


def _letters() -> Finding:
    encoding = locale.getpreferredencoding(False)
    if encoding.lower().replace("-", "") == "utf8":
        return Finding("Locale", True, encoding)
    return Finding(
        "Locale", True, f"{encoding} lacks letters that coprod writes; files are not concerned", "export LC_ALL=C.UTF-8"
    )


def _at_work(reports: Path) -> Finding:
    holder = _holder(reports)
    if not holder:
        return Finding("Runs at work", True, "none")
    if _is_held(holder):
        return Finding("Runs at work", True, f"process {holder}; another has to wait for it")
    return Finding("Runs at work", True, f"none; process {holder} was killed", "the next 'coprod run' clears it away")


def _left_over(reports: Path) -> Finding:
    left = [folder for place in (reports, *(reports / "runs").glob("*")) for pattern in UNFINISHED
            for folder in place.glob(pattern)]  # fmt: skip
    if _is_held(_holder(reports)):
        left = []  # in use
    for folder in Path(tempfile.gettempdir()).glob("coprod-*-*"):
        pid = folder.name.split("-")[1]
        if pid.isdigit() and not is_alive(int(pid)):
            left.append(folder)
    if left:
        named = ", ".join(map(str, left[:3])) + (f" and {len(left) - 3} more" if len(left) > 3 else "")
        return Finding("Left by killed runs", True, named, "the next 'coprod run' clears it away")
    return Finding("Left by killed runs", True, "nothing")


def _holder(reports: Path) -> str:
    """Return what the lock of the reports says of who holds it; empty where nobody does."""
    try:
        return (reports / NAME).read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _is_held(holder: str) -> bool:
    pid = holder.partition(" ")[0]
    return pid.isdigit() and is_alive(int(pid))
