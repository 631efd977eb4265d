"""Where the project lies: the folder with the tables, the notebooks and the reports."""

from __future__ import annotations

import os
from pathlib import Path

from coprod.errors import EnvironmentProblem

HOME_VARIABLE = "COPROD_HOME"
SHIPPED = Path(__file__).with_name("shipped")
"""What an installed package carries of the project: what an evaluation needs. In a checkout these are links."""


def project_home() -> Path:
    """Return the folder that holds ``data/``, ``notebooks/`` and ``reports/``.

    The environment variable ``COPROD_HOME`` names another checkout; without it the folder this
    package was installed from is taken. The current folder never matters.

    Returns
    -------
    Path
        An existing folder with ``data/talk`` inside.

    Raises
    ------
    EnvironmentProblem
        If there is no ``data/talk`` there.
    """
    named = os.environ.get(HOME_VARIABLE)
    home = Path(named).resolve() if named else Path(__file__).resolve().parents[2]
    if not (home / "data" / "talk").is_dir():
        raise EnvironmentProblem(
            f"no data/talk in {home}; set {HOME_VARIABLE} to a checkout of coprod, or install it with "
            "'pip install --editable .' from one"
        )
    return home


def evaluation_home() -> Path:
    """Return the folder that holds the ``notebooks/`` and ``docs/`` of an evaluation.

    An evaluation needs nothing of the talk, so that it runs wherever this package is installed.

    Returns
    -------
    Path
        That of the project, or what the package carries where it was not installed from a checkout.

    Raises
    ------
    EnvironmentProblem
        If the environment variable names a folder that is no checkout.
    """
    installed = not os.environ.get(HOME_VARIABLE) and not (Path(__file__).resolve().parents[2] / "data").is_dir()
    return SHIPPED if installed else project_home()
