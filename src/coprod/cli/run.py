"""``coprod run`` and ``coprod why``: run what is not up to date, and say why it is not."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import click

from coprod.cli.group import end, main
from coprod.cli.options import how_options
from coprod.reproduce.how import How

if TYPE_CHECKING:
    from coprod.reproduce.executed import Outcome
    from coprod.reproduce.notebooks import Notebook


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
