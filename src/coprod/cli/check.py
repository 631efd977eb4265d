"""``coprod check``: rerun everything, compare it with what is stored, judge every claim."""

from __future__ import annotations

import json
from typing import NoReturn, Unpack

import click

from coprod.cli.group import end, main
from coprod.cli.options import how_options
from coprod.errors import UsageError
from coprod.reproduce.how import How


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of tables.")
@click.option("--last-run", is_flag=True, help="Check reports/notebooks as it is; run nothing.")
@click.option("--accept", "accepted", is_flag=True, help="Store what came out as what a rerun must give from now on.")
@click.option("--twice", is_flag=True, help="Run under other conditions too, and name what is not the same.")
@click.option("--live", is_flag=True, help="Change the data, and name what does not change with them.")
@how_options
def check(as_json: bool, last_run: bool, accepted: bool, twice: bool, live: bool, **how: Unpack[How]) -> None:
    """Rerun everything, compare with reports/expected, judge every claim.

    The rerun takes place in a temporary folder; reports/ is left alone. Ends in one sentence that
    can be quoted. With --twice, everything runs again under another hash seed, time zone, locale,
    number of threads and order of rows. With --live, the data are changed, and whatever does not
    change with them is typed in.

    \b
    coprod check
    coprod check --json > check.json
    coprod check --last-run
    coprod check --twice
    coprod check --live
    """
    if twice and (last_run or accepted):
        raise UsageError("--twice runs everything twice and stores nothing; leave --last-run and --accept out")
    if live and (twice or last_run or accepted):
        raise UsageError("--live runs everything with other data and stores nothing; give it alone, or with --json")
    if live:
        _check_live(as_json, how)
    if twice:
        _check_twice(as_json, how)
    from coprod.data import project_home
    from coprod.report.terminal import open_console, progress, show_check
    from coprod.reproduce.check import accept
    from coprod.reproduce.check import check as check_run
    from coprod.reproduce.notebooks import list_notebooks

    home = project_home()
    labels = () if last_run else [notebook.name for notebook in list_notebooks(home)]
    with progress(labels, reports=home / "reports", jobs=how.get("jobs")) as show:
        found = check_run(home, last_run=last_run, on_end=show.on_end, on_cell=show.on_cell, **how)
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


def _check_twice(as_json: bool, how: How) -> NoReturn:
    from coprod.home import project_home
    from coprod.report.terminal import progress
    from coprod.reproduce.twice import check_twice

    home = project_home()
    with progress(jobs=how.get("jobs")) as show:
        found = check_twice(home, on_end=show.on_end, **how)
    if as_json:
        click.echo(json.dumps(found.to_json(), ensure_ascii=False, indent=1))
    else:
        for difference in found.differences:
            blamed = " or ".join(difference.conditions) or "only all together"
            click.echo(f"{difference.notebook}, cell {difference.cell or 'unknown'} ({blamed})\n    {difference.words}")
        click.echo(f"{found.sentence}\n{found.says_how}")
    end(found.exit_code)


def _check_live(as_json: bool, how: How) -> NoReturn:
    from coprod.home import project_home
    from coprod.report.liveness import show_live
    from coprod.report.terminal import open_console, progress
    from coprod.reproduce.liveness import check_live
    from coprod.reproduce.notebooks import list_notebooks

    home = project_home()
    labels = [notebook.name for notebook in list_notebooks(home)]
    with progress(labels, reports=home / "reports", jobs=how.get("jobs")) as show:
        found = check_live(home, on_step=lambda step: click.echo(step, err=True), on_end=show.on_end, **how)
    if as_json:
        click.echo(json.dumps(found.to_json(), ensure_ascii=False, indent=1))
    else:
        show_live(open_console(), found)
    end(found.exit_code)
