"""The commands that write a certificate of a rerun, and check one that somebody else wrote."""

from __future__ import annotations

from pathlib import Path

import click

from coprod.cli.group import end, main
from coprod.errors import UsageError

FOLDER = click.Path(path_type=Path)


@main.group()
def certificate() -> None:
    """Certify a rerun, or verify a certificate.

    \b
    coprod certificate write --checker "Ada Example"
    coprod certificate verify reports/certificate
    """


@certificate.command()
@click.argument("folder", type=FOLDER, required=False)
@click.option("--checker", required=True, metavar="NAME", help="Who checks: the name the certificate gives.")
@click.option("--orcid", metavar="ID", help="The checker's ORCID iD, such as 0000-0002-1825-0097.")
@click.option("-j", "--jobs", type=click.IntRange(min=1), help="Notebooks at a time.")
def write(folder: Path | None, checker: str, orcid: str | None, jobs: int | None) -> None:
    """Rerun everything and write what came out, with what went in, to FOLDER (reports/certificate).

    The folder is complete or not there: certificate.json, a page to print, codecheck.yml and an
    RO-Crate of every file. Values that differ are certified as differing, with exit code 3.

    \b
    coprod certificate write --checker "Ada Example"
    """
    from coprod.data import project_home
    from coprod.report.certificate import PAGE, rerun_and_certify
    from coprod.report.terminal import near, progress
    from coprod.reproduce.codecheck import is_orcid
    from coprod.reproduce.notebooks import list_notebooks

    if not checker.strip():
        raise UsageError("--checker is empty; give the name of who checks")
    if orcid is not None and not is_orcid(orcid):
        raise UsageError(f"--orcid {orcid!r} is not an ORCID iD; write it like 0000-0002-1825-0097")
    home = project_home()
    place = (folder or home / "reports" / "certificate").resolve()
    labels = [notebook.name for notebook in list_notebooks(home)]
    with progress(labels, reports=home / "reports", jobs=jobs) as show:
        found = rerun_and_certify(
            home, place, checker=checker.strip(), orcid=orcid, jobs=jobs, on_end=show.on_end, on_cell=show.on_cell
        )
    click.echo(f"{found.sentence}\n\n{near(place / PAGE)}")
    end(found.exit_code)


@certificate.command()
@click.argument("path", type=FOLDER)
def verify(path: Path) -> None:
    """Check that the certificate at PATH is whole and has the values stored in this checkout.

    Needs no network. One line for each fault, with its mend. Exit codes: 0 all is well, 3 something
    differs, 4 not a certificate.

    \b
    coprod certificate verify reports/certificate
    """
    from coprod.data import project_home
    from coprod.reproduce.verify import verify as verify_folder

    faults = verify_folder(path, project_home())
    for fault in faults:
        click.echo(f"{fault.place} {fault.what}; {fault.mend}")
    if not faults:
        click.echo("the certificate is whole, and its values are those of reports/expected")
    end(3 if faults else 0)
