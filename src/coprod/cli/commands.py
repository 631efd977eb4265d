"""The commands that look after the workplace: what there is, what it is made for, whether it is right."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from coprod.cli.complete import complete_notebook
from coprod.cli.group import main, write_columns
from coprod.errors import EnvironmentProblem, UsageError

START = "00_start"


@main.command("list")
def list_() -> None:
    """List the notebooks: name, slides, question."""
    from coprod.data import project_home
    from coprod.reproduce.notebooks import list_notebooks, say_slides

    write_columns([(n.name, say_slides(n.slides), n.question) for n in list_notebooks(project_home())])


@main.command()
@click.argument("notebook", shell_complete=complete_notebook)
def params(notebook: str) -> None:
    """Show the parameters of NOTEBOOK: name, legal values, default, meaning.

    \b
    coprod params 03
    """
    from coprod.data import project_home
    from coprod.reproduce.notebooks import choose, list_notebooks
    from coprod.reproduce.parameters import read_parameters

    (chosen,) = choose(list_notebooks(project_home()), [notebook])
    parameters = read_parameters(chosen.path)
    if not parameters:
        click.echo(f"{chosen.name} has no parameters", err=True)
    write_columns([(p.name, p.annotation, repr(p.default), p.comment) for p in parameters])


@main.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[NOTEBOOK] [JUPYTERLAB OPTIONS]")
def lab(arguments: Sequence[str]) -> None:
    """Open the notebooks in JupyterLab, at 00_start or at the notebook named.

    \b
    coprod lab
    coprod lab reports/failed/03_commissioning.ipynb
    coprod lab --no-browser --port 8889
    """
    from coprod.data import project_home

    home = project_home()
    named = [argument for argument in arguments if argument.endswith(".ipynb")]
    notebook = Path(named[0]).resolve() if named else home / "notebooks" / f"{START}.ipynb"
    if not notebook.is_file():
        raise UsageError(f"{notebook} is not there; 'coprod list' names the notebooks")
    root = home if notebook.is_relative_to(home) else notebook.parent
    os.environ["COPROD_HOME"] = str(home)
    os.execv(  # JupyterLab takes this process over, and its signals with it
        sys.executable,
        [
            sys.executable, "-m", "jupyterlab", str(notebook), f"--ServerApp.root_dir={root}",
            "--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
            *(argument for argument in arguments if argument not in named),
        ],
    )  # fmt: skip


@main.command()
def doctor() -> None:
    """Look at Python, packages, tables, kernel and folders; say how to mend what is not right."""
    from coprod.data import project_home
    from coprod.reproduce.doctor import examine

    findings = examine(project_home())
    for finding in findings:
        word = click.style("ok    ", fg="green") if finding.ok else click.style("not ok", fg="red", bold=True)
        click.echo(f"{word}  {finding.subject}: {finding.found}")
        if finding.mend:
            click.echo(f"        mend: {finding.mend}")
    if faults := [finding.subject for finding in findings if not finding.ok]:
        raise EnvironmentProblem(f"not as a run needs it: {', '.join(faults)}; each has its mend above")


@main.command()
@click.option("--bibtex", is_flag=True, help="As BibTeX.")
def cite(bibtex: bool) -> None:
    """Say how to cite this package and the talk."""
    from coprod.data import read_talk
    from coprod.report.citation import cite_package, cite_talk

    works = [cite_package(), cite_talk(read_talk())]
    click.echo("\n\n".join(work.bibtex() if bibtex else work.text() for work in works))
