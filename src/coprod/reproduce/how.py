"""How a run goes about its work: what the options of the commands that run notebooks say."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypedDict

Kernels = Literal["warm", "plain"]
MEGABYTE = 1_000_000
TIMEOUT = 600
"""Seconds a cell may take where nothing else is said."""
OUTPUT = 10
"""Megabytes a notebook may print and display where nothing else is said."""
_CONTAINER = Path("/sys/fs/cgroup/memory.max")


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a notebook may take.

    Attributes
    ----------
    timeout : int
        Seconds for a cell.
    memory : int
        Megabytes of memory for its kernel, and for each program it starts; Linux holds them to it.
    output : int
        Megabytes that it may print and display.
    """

    timeout: int
    memory: int
    output: int


class How(TypedDict, total=False):
    """What may be said about a run; each has a default.

    Attributes
    ----------
    jobs : int
        Notebooks at a time; two, or one on a single core.
    kernels : {"warm", "plain"}
        Forked from a parent that has imported the libraries, or started each for itself; warm on Linux.
    timeout : int
        Seconds a cell may take; ten minutes.
    memory : int
        Megabytes of memory a kernel may take; half of the machine's.
    output : int
        Megabytes a notebook may print and display.
    fail_fast : bool
        Whether the first failure ends the run; it does not.
    """

    jobs: int | None
    kernels: Kernels | None
    timeout: int
    memory: int | None
    output: int
    fail_fast: bool


def default_kernels() -> Kernels:
    """Return the kind of kernels this system can safely have."""
    return "warm" if sys.platform == "linux" else "plain"


def limits_of(how: How) -> Limits:
    """Return what a notebook may take, by what is said and by the defaults."""
    memory = how.get("memory") or half_of_memory()
    return Limits(timeout=how.get("timeout", TIMEOUT), memory=memory, output=how.get("output", OUTPUT))


def half_of_memory() -> int:
    """Return half of what memory the machine has, or the container this runs in, in megabytes."""
    size = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    given = _CONTAINER.read_text(encoding="ascii").strip() if _CONTAINER.exists() else ""
    return (min(size, int(given)) if given.isdigit() else size) // 2 // MEGABYTE
