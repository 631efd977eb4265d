"""``coprod report``: write the pages again from the last run."""

from __future__ import annotations

from pathlib import Path

import click

from coprod.cli.group import main


@main.command()
@click.option("--site", "as_site", is_flag=True, help="Build the pages of reports/site/ too.")
def report(as_site: bool) -> None:
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
    notebooks, citation = list_notebooks(home), cite_talk(read_talk(home)).text()
    page = write_verdicts(reports, found, notebooks, citation)
    click.echo(near(page))
    if as_site:
        from coprod.report.site import PLACE, TITLE, build_site, write_report

        def write(source: Path) -> None:
            write_report(source, home, found, notebooks, citation)

        click.echo(near(build_site(reports / PLACE, TITLE, write)))
