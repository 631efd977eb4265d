"""Options for pytest: ``--coprod`` reruns notebooks and compares what they display by value and tolerance.

pytest loads this module whenever it starts, before coverage is measured. It therefore imports nothing until a notebook
is collected.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

_HELP = {
    "--coprod": "Rerun notebooks; compare displayed results by value and tolerance, other output as --nbval does.",
    "--coprod-lax": "The same, but compare other output only in cells marked NBVAL_CHECK_OUTPUT.",
    "--coprod-expected": "Folder written by 'coprod check --accept' that holds the results to compare with, instead of "
    "those stored in the notebooks.",
    "--coprod-rtol": "Largest relative difference of numbers in other output that still counts as the same (0).",
    "--coprod-atol": "Largest absolute difference of numbers in other output that still counts as the same (0).",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options; nbval's own (``--nbval-cell-timeout`` and others) hold beside them."""
    group = parser.getgroup("coprod", "notebooks whose results are compared by value and tolerance")
    for name in ("--coprod", "--coprod-lax"):
        group.addoption(name, action="store_true", help=_HELP[name])
    group.addoption("--coprod-expected", metavar="FOLDER", type=Path, help=_HELP["--coprod-expected"])
    for name in ("--coprod-rtol", "--coprod-atol"):
        group.addoption(name, metavar="NUMBER", type=float, default=0.0, help=_HELP[name])


def pytest_configure(config: pytest.Config) -> None:
    """Refuse options that cannot be followed, before anything is collected."""
    if not _asked(config):
        return
    option = config.option
    if find_spec("nbval") is None or not config.pluginmanager.hasplugin("nbval"):
        raise pytest.UsageError("--coprod runs cells with nbval, which is not here; 'pip install nbval'")
    if option.nbval or option.nbval_lax:
        raise pytest.UsageError("--coprod does all that --nbval does; give one of them")
    folder: Path | None = option.coprod_expected
    if folder is not None and not (folder / "values.json").is_file():
        raise pytest.UsageError(f"--coprod-expected: no values.json in {folder}; 'coprod check --accept' writes it")
    if option.coprod_rtol < 0 or option.coprod_atol < 0:
        raise pytest.UsageError("--coprod-rtol and --coprod-atol are differences; give 0 or more")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect a notebook cell by cell."""
    if not _asked(parent.config) or file_path.suffix != ".ipynb":
        return None
    from coprod.reproduce.cells import RerunNotebook  # noqa: PLC0415 - see above

    collected: pytest.Collector = RerunNotebook.from_parent(parent, path=file_path)
    return collected


def _asked(config: pytest.Config) -> bool:
    return bool(config.option.coprod or config.option.coprod_lax)
