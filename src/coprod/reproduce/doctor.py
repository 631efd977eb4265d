"""What a run needs of its surroundings, looked at one thing at a time, each with a mend."""

from __future__ import annotations

import platform
import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
from packaging.requirements import InvalidRequirement, Requirement

from coprod.data import read_annotations, read_talk
from coprod.datapackage import changed_tables
from coprod.errors import CoprodError
from coprod.reproduce.folders import scratch_folders
from coprod.reproduce.machine import Finding, examine_machine
from coprod.reproduce.notebooks import list_notebooks
from coprod.reproduce.parameters import read_parameters
from coprod.reproduce.single import KERNEL

__all__ = ["Finding", "examine", "unlike_lock"]

OLDEST = (3, 11)
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


def examine(home: Path) -> list[Finding]:
    """Look at everything a run needs.

    Parameters
    ----------
    home : Path
        Project folder.

    Returns
    -------
    list of Finding
        In the order in which faults are best mended. One that is ok and has a mend could be better.
    """
    return [
        _python(),
        _packages(home / "requirements.lock"),
        _tables(home),
        _bytes(home),
        _notebooks(home),
        _kernel(),
        _reports(home / "reports"),
        *examine_machine(home / "reports"),
        _browser(),
    ]


def unlike_lock(lock: Path) -> list[str]:
    r"""Name every locked package that is missing here or has another version.

    Examples
    --------
    >>> import tempfile
    >>> lock = Path(tempfile.mkdtemp(), "requirements.lock")
    >>> _ = lock.write_text("no-such-package==1.0 ; python_version >= '3'\nother==2 ; python_version < '3'\n")
    >>> unlike_lock(lock)
    ['no-such-package is not installed, locked is 1.0']
    """
    faults = []
    for requirement in _locked(lock):
        locked = str(requirement.specifier).removeprefix("==")
        try:
            installed = version(requirement.name)
        except PackageNotFoundError:
            faults.append(f"{requirement.name} is not installed, locked is {locked}")
        else:
            if not requirement.specifier.contains(installed, prereleases=True):
                faults.append(f"{requirement.name} is {installed}, locked is {locked}")
    return faults


def _locked(lock: Path) -> Iterator[Requirement]:
    with open(lock, encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith((" ", "#", "-")):
                requirement = Requirement(line.strip().removesuffix("\\"))
                if requirement.marker is None or requirement.marker.evaluate():
                    yield requirement


def _python() -> Finding:
    oldest = ".".join(map(str, OLDEST))
    new_enough = sys.version_info >= OLDEST
    return Finding("Python", new_enough, platform.python_version(), "" if new_enough else f"install Python {oldest}")


def _packages(lock: Path) -> Finding:
    try:
        faults = unlike_lock(lock)
    except (OSError, UnicodeDecodeError, InvalidRequirement) as error:
        return Finding("Packages", False, f"{lock} cannot be read: {error}", "git checkout -- requirements.lock")
    if faults:
        mend = "python -m pip install --require-hashes -r requirements.lock"
        return Finding("Packages", False, "; ".join(faults), mend)
    return Finding("Packages", True, "the versions of requirements.lock")


def _tables(home: Path) -> Finding:
    try:
        talk = read_talk(home)
        annotations = len(read_annotations(home, talk))
    except CoprodError as error:
        return Finding("Tables", False, str(error), "correct the cells named, or git checkout -- data")
    answered = f"; {annotations} {'annotation' if annotations == 1 else 'annotations'}" if annotations else ""
    return Finding("Tables", True, f"{len(talk)} tables of the talk, all valid{answered}")


def _bytes(home: Path) -> Finding:
    try:
        changed = changed_tables(home)
    except (CoprodError, OSError) as error:
        return Finding("Bytes of the tables", False, str(error), "git checkout -- data")
    if changed:
        mend = "git checkout -- data, or 'make datapackage' if the change is meant"
        found = f"not as data/datapackage.json has them: {', '.join(changed)}"
        return Finding("Bytes of the tables", False, found, mend)
    return Finding("Bytes of the tables", True, "as data/datapackage.json has them")


def _notebooks(home: Path) -> Finding:
    try:
        notebooks = list_notebooks(home)
        for notebook in notebooks:
            read_parameters(notebook.path)
    except CoprodError as error:
        return Finding("Notebooks", False, str(error), "git checkout -- notebooks")
    return Finding("Notebooks", True, f"{len(notebooks)} in notebooks/notebooks.toml, all whole")


def _kernel() -> Finding:
    try:
        kernel = KernelSpecManager().get_kernel_spec(KERNEL)
    except NoSuchKernel:
        return Finding("Kernel", False, f"no kernel {KERNEL!r}", "python -m ipykernel install --sys-prefix")
    return Finding("Kernel", True, f"{KERNEL} ({kernel.display_name})")


def _reports(folder: Path) -> Finding:
    try:
        with scratch_folders({folder}):
            return Finding("Reports", True, f"{folder} can be written")
    except CoprodError as error:
        return Finding("Reports", False, str(error), f"make {folder} a folder you may write to")


def _browser() -> Finding:
    found = next((name for name in BROWSERS if shutil.which(name)), None)
    return Finding("Browser", True, found or "no Chromium found; only the tests and coprod report --pdf ask for one")
