"""How a run goes about its work: what the options of the commands that run notebooks say."""

from __future__ import annotations

import sys
from typing import Literal, TypedDict

Kernels = Literal["warm", "plain"]
TIMEOUT = 600
"""Seconds a cell may take where nothing else is said."""


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
    fail_fast : bool
        Whether the first failure ends the run; it does not.
    """

    jobs: int | None
    kernels: Kernels | None
    timeout: int
    fail_fast: bool


def default_kernels() -> Kernels:
    """Return the kind of kernels this system can safely have."""
    return "warm" if sys.platform == "linux" else "plain"
