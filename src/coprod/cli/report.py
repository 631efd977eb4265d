"""``coprod report``: write the pages again from the last run."""

from __future__ import annotations

import click

from coprod.cli.group import main


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
