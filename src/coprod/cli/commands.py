"""The commands that rerun the talk, show what came out, and look after the workplace."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import click

from coprod.cli.group import end, main, write_columns
from coprod.cli.options import how_options
from coprod.errors import EnvironmentProblem, UsageError
from coprod.reproduce.how import How

if TYPE_CHECKING:
    from coprod.reproduce.executed import Outcome
    from coprod.reproduce.notebooks import Notebook

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
@how_options
@click.option("--fail-fast", is_flag=True, help="End the run at the first notebook that fails.")
@click.option("--force", is_flag=True, help="Run also what is up to date.")
def run(notebooks: Sequence[str], parameters: Sequence[str], force: bool, **how: Unpack[How]) -> None:
    """Run NOTEBOOKS (all of them by default) and extract what they display.

    Executed notebooks go to reports/notebooks; figures, tables and values beside it. A run with
    other than default parameters goes to a folder of its own under reports/runs. Nothing is run
    again whose code, data, parameters and packages are as they were.

    \b
    coprod run
    coprod run 03 04
    coprod run 03_commissioning -p base=209 -p level=0.9
    """
    from coprod.home import project_home
    from coprod.reproduce.changes import find_changes
    from coprod.reproduce.fingerprint import is_extracted, place_of_run
    from coprod.reproduce.folders import clear_unlisted
    from coprod.reproduce.notebooks import choose, list_notebooks

    home = project_home()
    known = list_notebooks(home)
    chosen = choose(known, notebooks)
    settled: Mapping[str, Mapping[str, object]] = {n.name: {} for n in chosen}
    if parameters:
        from coprod.reproduce.parameters import settle, split_assignments

        settled = settle(chosen, split_assignments(parameters))
    places = {n.name: place_of_run(n.name, settled[n.name], home / "reports") for n in chosen}
    stale = [n for n in chosen if force or any(find_changes(n, settled[n.name], home=home, reports=places[n.name]))]
    if stale:
        from coprod.reproduce.parameters import settle

        settle(stale, {})  # every parameters cell is in order before a kernel starts
    for name in [n.name for n in chosen if n not in stale]:
        click.echo(f"up to date  {name}", err=True)
    if not stale:
        clear_unlisted(home / "reports", {notebook.path.name for notebook in known})
    good = not stale or _run_anew(home, known, stale, settled, how)
    for folder in dict.fromkeys(places.values()):
        if not is_extracted(folder) and any((folder / "notebooks").glob("*.ipynb")):
            _extract(folder)
    end(0 if good else 1)


def _run_anew(
    home: Path,
    known: Sequence[Notebook],
    stale: Sequence[Notebook],
    settled: Mapping[str, Mapping[str, object]],
    how: How,
) -> bool:
    """Run notebooks and remember what each was made from; tell whether all ended well."""
    from coprod.report.terminal import progress
    from coprod.reproduce.execute import plan, run_notebooks
    from coprod.reproduce.fingerprint import read_code, remember

    tasks = {task.notebook.name: task for task in plan(stale, settled, home / "reports", known)}
    code = {notebook.name: read_code(notebook.path) for notebook in stale}
    with progress(len(tasks)) as show:

        def on_end(outcome: Outcome) -> None:
            task = tasks[outcome.name]
            remember(outcome, task.notebook, home=home, reports=task.reports, parameters=task.parameters,
                     code=code[outcome.name])  # fmt: skip
            show(outcome)

        outcomes = run_notebooks(list(tasks.values()), home=home, on_end=on_end, **how)
    return len(outcomes) == len(tasks) and all(outcome.status == "ok" for outcome in outcomes)


def _extract(folder: Path) -> None:
    from coprod.report.extract import extract
    from coprod.report.terminal import near
    from coprod.reproduce.fingerprint import note_extracted

    results = [result.kind for _, result in extract(folder / "notebooks", folder)]
    note_extracted(folder)
    counts = ", ".join(f"{results.count(kind)} {kind}s" for kind in ("figure", "table", "value"))
    click.echo(f"{near(folder)}: {counts}")


@main.command()
@click.argument("notebook")
@click.option(
    "-p", "--parameter", "parameters", multiple=True, metavar="NAME=VALUE", help="Of the run with this value."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def why(notebook: str, parameters: Sequence[str], as_json: bool) -> None:
    """Say why NOTEBOOK would run: what has changed since its last good run.

    \b
    coprod why 03
    coprod why 03_commissioning -p base=209
    """
    from coprod.home import project_home
    from coprod.reproduce.changes import find_changes
    from coprod.reproduce.fingerprint import place_of_run, read_record
    from coprod.reproduce.notebooks import choose, list_notebooks
    from coprod.reproduce.parameters import settle, split_assignments

    home = project_home()
    (chosen,) = choose(list_notebooks(home), [notebook])
    settled = settle([chosen], split_assignments(parameters))[chosen.name]
    place = place_of_run(chosen.name, settled, home / "reports")
    changes = list(find_changes(chosen, settled, home=home, reports=place))
    if as_json:
        record = read_record(place, chosen.name)
        document = {
            "schema": 1,
            "notebook": chosen.name,
            "parameters": settled,
            "up_to_date": not changes,
            "fingerprint": record["fingerprint"] if record else None,
            "changes": [change._asdict() for change in changes],
        }
        click.echo(json.dumps(document, ensure_ascii=False, indent=1))
        return
    click.echo("\n".join(map(str, changes)) or "up to date")


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of tables.")
@click.option("--last-run", is_flag=True, help="Check reports/notebooks as it is; run nothing.")
@click.option("--accept", "accepted", is_flag=True, help="Store what came out as what a rerun must give from now on.")
@how_options
def check(as_json: bool, last_run: bool, accepted: bool, **how: Unpack[How]) -> None:
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
        found = check_run(home, last_run=last_run, on_end=on_end, **how)
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
