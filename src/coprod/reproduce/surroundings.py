"""Where a run took place, in words that say nothing of the one who ran it."""

from __future__ import annotations

import hashlib
import platform
import re
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from coprod import __version__
from coprod.errors import DataError

_LOCKED = re.compile(r"^([a-z0-9][a-z0-9._-]*)(?:\[[a-z0-9,-]+\])?==([^\s;]+)", re.MULTILINE)


def describe_surroundings(home: Path) -> dict[str, Any]:
    """Describe what a run stands on: Python, kind of machine, packages, commit.

    Parameters
    ----------
    home : Path
        Project folder, with ``requirements.lock``.

    Returns
    -------
    dict
        ``coprod``, ``python``, ``platform``, ``lock`` (sha256), ``packages`` (name to the version that is installed,
        for every locked one that is) and ``commit`` (id, or None outside a clone, and whether the tree was clean).

    Raises
    ------
    DataError
        If there is no lock.
    """
    lock = home / "requirements.lock"
    try:
        with open(lock, "rb") as file:
            content = file.read()
    except OSError as error:
        raise DataError(
            f"{lock} cannot be read ({error.strerror}); restore it with 'git checkout -- requirements.lock'"
        ) from None
    return {
        "coprod": __version__,
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "platform": f"{platform.system()}, {platform.machine()}",
        "lock": hashlib.sha256(content).hexdigest(),
        "packages": _packages(content.decode(errors="replace")),
        "commit": _commit(home),
    }


def _packages(lock: str) -> dict[str, str]:
    found = {}
    for name in sorted({name for name, _ in _LOCKED.findall(lock)}):
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # locked for another system
            continue
    return found


def _commit(home: Path) -> dict[str, str | bool | None]:
    top = _git(home, "rev-parse", "--show-toplevel")
    if top is None or Path(top).resolve() != home.resolve():
        return {"id": None, "clean": None}
    return {"id": _git(home, "rev-parse", "HEAD"), "clean": _git(home, "status", "--porcelain") == ""}


def _git(home: Path, *words: str) -> str | None:
    try:
        done = subprocess.run(["git", *words], cwd=home, capture_output=True, text=True, check=False)
    except OSError:  # no git here
        return None
    return done.stdout.strip() if done.returncode == 0 else None
