"""``coprod run`` and ``coprod why``: run what is not up to date, and say why it is not."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import click

from coprod.cli.complete import complete_assignment, complete_notebook
from coprod.cli.group import end, main
from coprod.cli.options import how_options
from coprod.reproduce.how import How

if TYPE_CHECKING:
    from coprod.reproduce.executed import Outcome
    from coprod.reproduce.notebooks import Notebook
    from coprod.reproduce.sweeps import Member


@main.command()
@click.argument("notebooks", nargs=-1, shell_complete=complete_notebook)
@click.option("-p", "--parameter", "parameters", multiple=True, metavar="NAME=VALUE[,VALUE]",
              shell_complete=complete_assignment,
              help="Set a parameter in every notebook run that has it; several values are a run each.")  # fmt: skip
@click.option("--params", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE",
              help="Take parameters from a YAML or JSON file; -p goes before it.")  # fmt: skip
@how_options
@click.option("--scheduler", metavar="tcp://HOST:PORT",
              help="Have the workers of a Dask cluster run the notebooks; needs coprod[cluster].")  # fmt: skip
@click.option("--fail-fast", is_flag=True, help="End the run at the first notebook that fails.")
@click.option("--force", is_flag=True, help="Run also what is up to date.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def run(
    notebooks: Sequence[str], parameters: Sequence[str], file: Path | None, scheduler: str | None, force: bool,
    as_json: bool, **how: Unpack[How],
) -> None:  # fmt: skip
    """Run NOTEBOOKS (all of them by default) and extract what they display.

    Executed notebooks go to reports/notebooks; figures, tables and values beside it. A run with
    other than default parameters goes to a folder of its own under reports/runs. Nothing is run
    again whose code, data, parameters and packages are as they were.

    Several values make a run of each combination. A comma parts them, unless the whole is a legal
    value by itself; then repeat -p. Their values stand side by side in reports/runs/NOTEBOOK.csv.

    \b
    coprod run
    coprod run 03 04
    coprod run 03_commissioning -p base=209 -p level=0.9
    coprod run 03_commissioning -p base=196,209 -p level=0.8,0.9,0.95
    coprod run 07 --params scenarios.yaml --scheduler tcp://127.0.0.1:8786
    """
    from coprod.home import project_home
    from coprod.reproduce.fingerprint import place_of_run
    from coprod.reproduce.folders import clear_unlisted
    from coprod.reproduce.lock import lock
    from coprod.reproduce.notebooks import choose, list_notebooks

    home = project_home()
    reports, known = home / "reports", list_notebooks(home)
    members = _members(choose(known, notebooks), parameters, file)
    with lock(reports):
        stale = _stale(members, home, force)
        for member in members:
            if member not in stale:
                click.echo(f"up to date  {member.label}", err=True)
        clear_unlisted(reports, {notebook.path.name for notebook in known})
        outcomes = _run_anew(home, known, stale, scheduler, how) if stale else []
        _extract(members, reports, as_json)
    if as_json:
        places = [place_of_run(member.notebook.name, member.parameters, reports) for member in members]
        entries = _entries(members, places, stale, outcomes)
        click.echo(json.dumps({"schema": 1, "runs": list(entries)}, ensure_ascii=False, indent=1, default=str))
    good = len(outcomes) == len(stale) and all(outcome.status == "ok" for outcome in outcomes)
    end(0 if good else 1)


def _members(notebooks: Sequence[Notebook], parameters: Sequence[str], file: Path | None) -> list[Member]:
    from coprod.reproduce.sweeps import Member, read_given, settle, split_assignments

    if not parameters and not file:
        return [Member(notebook, {}) for notebook in notebooks]
    return settle(notebooks, {**(read_given(file) if file else {}), **split_assignments(parameters)})


def _stale(members: Sequence[Member], home: Path, force: bool) -> list[Member]:
    """Return the runs that are not up to date; their parameters cells are in order before a kernel starts."""
    from coprod.reproduce.changes import find_changes
    from coprod.reproduce.fingerprint import place_of_run

    def changes(member: Member) -> bool:
        place = place_of_run(member.notebook.name, member.parameters, home / "reports")
        return any(find_changes(member.notebook, member.parameters, home=home, reports=place))

    stale = [member for member in members if force or changes(member)]
    if stale:
        from coprod.reproduce.sweeps import settle

        settle([member.notebook for member in stale], {})
    return stale


def _run_anew(
    home: Path, known: Sequence[Notebook], stale: Sequence[Member], scheduler: str | None, how: How
) -> list[Outcome]:
    """Run notebooks and remember what each was made from."""
    from coprod.report.terminal import progress
    from coprod.reproduce.execute import plan, run_notebooks
    from coprod.reproduce.fingerprint import read_code, remember
    from coprod.reproduce.sweeps import label

    tasks = plan(stale, home / "reports", known)
    by_label = {member.label: task for member, task in zip(stale, tasks, strict=True)}
    code = {member.notebook.name: read_code(member.notebook.path) for member in stale}
    with progress(list(by_label), reports=home / "reports", jobs=how.get("jobs"), keep=True) as show:

        def on_end(outcome: Outcome) -> None:
            task = by_label[label(outcome.name, outcome.parameters)]
            remember(outcome, task.notebook, home=home, reports=task.reports, parameters=task.parameters,
                     code=code[outcome.name])  # fmt: skip
            show.on_end(outcome)

        return run_notebooks(tasks, home=home, on_end=on_end, on_cell=show.on_cell, scheduler=scheduler, **how)


def _extract(members: Sequence[Member], reports: Path, quiet: bool) -> None:
    """Take figures, tables and values out of what ran, and put the values of several runs side by side."""
    from coprod.reproduce.fingerprint import is_extracted, note_extracted, place_of_run
    from coprod.reproduce.sweeps import write_sweeps

    places = [place_of_run(member.notebook.name, member.parameters, reports) for member in members]
    for folder in dict.fromkeys(places):
        if is_extracted(folder) or not any((folder / "notebooks").glob("*.ipynb")):
            continue
        from coprod.report.extract import extract
        from coprod.report.terminal import near

        kinds = [result.kind for _, result in extract(folder / "notebooks", folder)]
        note_extracted(folder)
        counts = ", ".join(f"{kinds.count(kind)} {kind}s" for kind in ("figure", "table", "value"))
        click.echo(f"{near(folder)}: {counts}", err=quiet)
    for path in write_sweeps(members, reports):
        from coprod.report.terminal import near

        click.echo(near(path), err=quiet)


def _entries(
    members: Sequence[Member], places: Sequence[Path], stale: Sequence[Member], outcomes: Sequence[Outcome]
) -> Iterator[dict[str, object]]:
    """Tell of each run how it ended; one that the end of the run left out did not run."""
    ended = {(outcome.name, *outcome.parameters.items()): outcome for outcome in outcomes}
    for member, place in zip(members, places, strict=True):
        about = {"notebook": member.notebook.name, "parameters": member.parameters, "reports": place}
        outcome = ended.get((member.notebook.name, *member.parameters.items()))
        if not outcome:
            yield {**about, "status": "not run" if member in stale else "up to date"}
            continue
        names = ("status", "seconds", "retried", "path", "cell", "error", "message")
        yield {**about, **{name: getattr(outcome, name) for name in names}}


@main.command()
@click.argument("notebook", shell_complete=complete_notebook)
@click.option(
    "-p",
    "--parameter",
    "parameters",
    multiple=True,
    metavar="NAME=VALUE",
    help="Of the run with this value.",
    shell_complete=complete_assignment,
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
    from coprod.reproduce.sweeps import settle_one, split_assignments

    home = project_home()
    (chosen,) = choose(list_notebooks(home), [notebook])
    settled = settle_one(chosen, split_assignments(parameters)).parameters
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
