"""The commands that rerun the talk, show what came out, and look after the workplace."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from coprod.cli.group import end, main, write_columns
from coprod.errors import EnvironmentProblem, UsageError

START = "00_start"


@main.command("list")
def list_() -> None:
    """List the notebooks: name, slides, question."""
    from coprod.data import project_home
    from coprod.reproduce.notebooks import list_notebooks, say_slides

    write_columns([(n.name, say_slides(n.slides), n.question) for n in list_notebooks(project_home())])


@main.command()
@click.argument("notebook")
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


@main.command()
@click.argument("notebooks", nargs=-1)
@click.option("-p", "--parameter", "parameters", multiple=True, metavar="NAME=VALUE",
              help="Set a parameter in every notebook run that has it; repeat for more.")  # fmt: skip
@click.option("-j", "--jobs", type=click.IntRange(min=1), help="Notebooks at a time; two, or one on a single core.")
def run(notebooks: Sequence[str], parameters: Sequence[str], jobs: int | None) -> None:
    """Run NOTEBOOKS (all of them by default) and extract what they display.

    Executed notebooks go to reports/notebooks; figures, tables and values beside it. A run with
    other than default parameters goes to a folder of its own under reports/runs.

    \b
    coprod run
    coprod run 03 04
    coprod run 03_commissioning -p base=209 -p level=0.9
    """
    from coprod.data import project_home
    from coprod.report.extract import extract
    from coprod.report.terminal import near, progress
    from coprod.reproduce.execute import plan, run_notebooks
    from coprod.reproduce.notebooks import choose, list_notebooks
    from coprod.reproduce.parameters import settle, split_assignments

    home = project_home()
    known = list_notebooks(home)
    chosen = choose(known, notebooks)
    tasks = plan(chosen, settle(chosen, split_assignments(parameters)), home / "reports", known)
    with progress(len(tasks)) as on_end:
        outcomes = run_notebooks(tasks, home=home, jobs=jobs, on_end=on_end)
    for folder in dict.fromkeys(task.reports for task in tasks):
        if any((folder / "notebooks").glob("*.ipynb")):
            results = [result.kind for _, result in extract(folder / "notebooks", folder)]
            counts = ", ".join(f"{results.count(kind)} {kind}s" for kind in ("figure", "table", "value"))
            click.echo(f"{near(folder)}: {counts}")
    end(1 if any(outcome.status == "failed" for outcome in outcomes) else 0)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of tables.")
@click.option("--last-run", is_flag=True, help="Check reports/notebooks as it is; run nothing.")
@click.option("--accept", "accepted", is_flag=True, help="Store what came out as what a rerun must give from now on.")
@click.option("-j", "--jobs", type=click.IntRange(min=1), help="Notebooks at a time.")
def check(as_json: bool, last_run: bool, accepted: bool, jobs: int | None) -> None:
    """Rerun everything, compare with reports/expected, judge every claim.

    The rerun takes place in a temporary folder; reports/ is left alone. Ends in one sentence that
    can be quoted.

    \b
    coprod check
    coprod check --json > check.json
    coprod check --last-run
    """
    from coprod.data import project_home
    from coprod.report.terminal import open_console, progress, show_check
    from coprod.reproduce.check import accept
    from coprod.reproduce.check import check as check_run

    home = project_home()
    with progress(None) as on_end:
        found = check_run(home, last_run=last_run, jobs=jobs, on_end=on_end)
    if accepted:
        found = accept(home, found)
        click.echo("stored in reports/expected", err=True)
    if as_json:
        click.echo(json.dumps(found.to_json(), ensure_ascii=False, indent=1))
    else:
        show_check(open_console(), found)
    for outcome in found.failed if last_run else ():
        click.echo(f"{outcome.name} failed: {outcome.error}: {outcome.message}", err=True)
    if not found.stored:
        click.echo("nothing is stored in reports/expected; 'coprod check --accept' stores what came out", err=True)
    end(found.exit_code)


@main.command()
def report() -> None:
    """Extract figures, tables and values again and write reports/index.html."""
    from coprod.data import project_home, read_talk
    from coprod.report.citation import cite_talk
    from coprod.report.extract import extract
    from coprod.report.terminal import near
    from coprod.report.verdicts import write_verdicts
    from coprod.reproduce.check import check as check_run
    from coprod.reproduce.notebooks import list_notebooks

    home = project_home()
    reports = home / "reports"
    extract(reports / "notebooks", reports)
    found = check_run(home, last_run=True)
    page = write_verdicts(reports, found, list_notebooks(home), cite_talk(read_talk(home)).text())
    click.echo(near(page))


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
