"""How a path is written for the reader."""

from __future__ import annotations

import os
from pathlib import Path


def near(path: Path) -> str:
    """Write a path relative to the current folder when it lies below it."""
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)
