"""``coprod lab``: JupyterLab at the map of the notebooks, arranged for reading."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from coprod.cli.group import main
from coprod.errors import UsageError

START = "00_start"
SETTINGS = Path(__file__).parent / "jupyter"
"""Defaults of JupyterLab that a reader's own settings go before, and the arrangement it opens with."""


@main.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[NOTEBOOK] [JUPYTERLAB OPTIONS]")
def lab(arguments: Sequence[str]) -> None:
    """Open the notebooks in JupyterLab, at 00_start or at the notebook named.

    How it is arranged is kept with the environment, and leaves JupyterLab elsewhere as it is. Kernels compute with one
    thread, as in 'coprod run', unless OMP_NUM_THREADS and its like say otherwise.

    \b
    coprod lab
    coprod lab reports/failed/03_commissioning.ipynb
    coprod lab --no-browser --port 8889
    """
    from coprod.data import project_home
    from coprod.reproduce.single import ENVIRONMENT

    home = project_home()
    named = [argument for argument in arguments if argument.endswith(".ipynb")]
    notebook = Path(named[0]).resolve() if named else home / "notebooks" / f"{START}.ipynb"
    if not notebook.is_file():
        raise UsageError(f"{notebook} is not there; 'coprod list' names the notebooks")
    root = home if notebook.is_relative_to(home) else notebook.parent
    settings = os.pathsep.join(filter(None, (str(SETTINGS), os.environ.get("JUPYTER_CONFIG_PATH"))))
    variables = {**ENVIRONMENT, **os.environ, "COPROD_HOME": str(home), "JUPYTER_CONFIG_PATH": settings}
    options = [f"--ServerApp.root_dir={root}", "--LabApp.news_url=None",
               "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]  # fmt: skip
    if root == home:
        options.append(f"--LabApp.workspaces_dir={arrange(workspaces())}")
    os.execve(  # JupyterLab takes this process over, and its signals with it
        sys.executable,
        [
            sys.executable, "-m", "jupyterlab", str(notebook), *options,
            *(argument for argument in arguments if argument not in named),
        ],
        variables,
    )  # fmt: skip


def workspaces() -> Path:
    """Return the folder of JupyterLab's arrangements: that of this environment, unless another is set."""
    return Path(os.environ.get("JUPYTERLAB_WORKSPACES_DIR") or Path(sys.prefix, "var", "jupyterlab", "workspaces"))


def arrange(folder: Path) -> Path:
    """Put the project's arrangement into a folder of workspaces, unless a reader has made one there.

    Parameters
    ----------
    folder : Path
        Made where it is missing.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    UsageError
        If the folder cannot be written to.
    """
    from jupyterlab_server.workspaces_handler import WORKSPACE_EXTENSION, slugify

    workspace = folder / f"{slugify('default')}{WORKSPACE_EXTENSION}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not workspace.exists():
            shutil.copyfile(SETTINGS / f"coprod{WORKSPACE_EXTENSION}", workspace)
    except OSError as error:
        raise UsageError(
            f"{folder} cannot be written ({error.strerror}); start JupyterLab with 'jupyter lab', or use an "
            "environment of your own"
        ) from None
    return folder
