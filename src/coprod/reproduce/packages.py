"""Which packages are installed here, in which version, and which of them a module belongs to."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path


def installed_versions() -> dict[str, str]:
    """Return the version of every installed distribution, by its name in the form of a module's."""
    found: dict[str, str] = {}
    for folder in sys.path:
        with suppress(OSError):
            for entry in os.listdir(folder or "."):  # noqa: PTH208 - names are all that is needed, and quickly
                if entry.endswith(".dist-info"):
                    name, _, version = entry.removesuffix(".dist-info").rpartition("-")
                    found.setdefault(_plain(name), version)
    return found


def versions_of(modules: Iterable[str]) -> dict[str, str]:
    """Return the versions of the distributions that modules belong to.

    Parameters
    ----------
    modules : iterable of str
        Names as they are imported, without what is below them.

    Returns
    -------
    dict
        Name of a distribution, in the form of a module's, to its version; what no distribution brings is left out.

    Examples
    --------
    >>> [*versions_of(["PIL", "numpy", "no_such_module"])]
    ['numpy', 'pillow']
    """
    versions, wanted = installed_versions(), set()
    others = {name for name in modules if _plain(name) not in versions}
    wanted = {_plain(name) for name in modules} & set(versions)
    if others:
        for name, modules_of_it in _top_levels(set(versions) - wanted).items():
            if others & modules_of_it:
                wanted.add(name)
    return {name: versions[name] for name in sorted(wanted)}


def _top_levels(distributions: set[str]) -> dict[str, frozenset[str]]:
    """Return the modules that each distribution installs, from its list of files."""
    found = {}
    for folder in sys.path:
        for listing in Path(folder).glob("*.dist-info/RECORD"):
            name = _plain(listing.parent.name.removesuffix(".dist-info").rpartition("-")[0])
            if name in distributions:
                found[name] = _installed_modules(listing, listing.stat().st_mtime_ns)
    return found


@cache
def _installed_modules(listing: Path, _: int) -> frozenset[str]:
    """Read a list of files, once for each time it was written."""
    lines = listing.read_text(encoding="utf-8", errors="replace").splitlines()
    return frozenset(re.split(r"[/.,]", line, maxsplit=1)[0] for line in lines)


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "_", name).lower()
