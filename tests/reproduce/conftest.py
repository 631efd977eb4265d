"""What tests of processes share: does one live, and has something come true in the end."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

PATIENCE = 60


@pytest.fixture(scope="session")
def lives() -> Callable[[int], bool]:
    """A function that tells whether a process lives; one that has ended and is not yet collected does not."""

    def lives(pid: int) -> bool:
        with suppress(OSError):
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
        return False

    return lives


@pytest.fixture(scope="session")
def wait_until() -> Callable[[Callable[[], Any]], Any]:
    """A function that asks until it is given something true, and gives back what it was given last."""

    def wait_until(ask: Callable[[], Any]) -> Any:
        end = time.monotonic() + PATIENCE
        while not (found := ask()) and time.monotonic() < end:
            time.sleep(0.02)
        return found

    return wait_until
