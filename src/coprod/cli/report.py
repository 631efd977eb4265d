"""``coprod report``: write the report again from the last run."""

from __future__ import annotations

from pathlib import Path

import click

from coprod.cli.group import main


@main.command()
@click.option("--pdf", "as_pdf", is_flag=True, help="Print the pages to reports/report.pdf too.")
@click.option("--slides", "as_slides", is_flag=True, help="Write the talk's slides again, to reports/slides/, too.")
def report(as_pdf: bool, as_slides: bool) -> None:
    """Extract figures, tables and values again and build the pages of reports/site/."""
    from coprod.data import project_home, read_talk
    from coprod.report.citation import cite_talk
    from coprod.report.extract import extract
    from coprod.report.site import PLACE, TITLE, build_site, write_report
    from coprod.report.terminal import near
    from coprod.reproduce.check import check as check_run
    from coprod.reproduce.notebooks import list_notebooks

    home = project_home()
    reports = home / "reports"
    extract(reports / "notebooks", reports)
    found = check_run(home, last_run=True)
    notebooks, talk = list_notebooks(home), read_talk(home)
    citation = cite_talk(talk).text()

    def write(source: Path) -> None:
        write_report(source, home, found, notebooks, citation)

    click.echo(near(build_site(reports / PLACE, TITLE, write)))
    if as_pdf:
        from coprod.report.pdf import write_pdf

        click.echo(near(write_pdf(home, reports / PLACE, found, citation)))
    if as_slides:
        from coprod.report.slides import write_slides

        click.echo(near(write_slides(reports, found, talk, citation)))
