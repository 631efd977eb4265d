"""The command that evaluates a training from anybody's questionnaires."""

from __future__ import annotations

from pathlib import Path
from typing import Unpack

import click

from coprod.cli.group import end, main
from coprod.cli.options import how_options
from coprod.errors import UsageError
from coprod.reproduce.how import How

FILE = click.Path(path_type=Path)


@main.command()
@click.argument("responses", type=FILE, required=False)
@click.option("--protocol", type=FILE, help="The plan, as TOML, written before the answers were seen.")
@click.option("--out", type=FILE, help="Folder for what comes out; an earlier evaluation there is replaced.")
@click.option("--explain", type=FILE, metavar="PROTOCOL", help="Say in plain words what a protocol asks for, and stop.")
@click.option("--scale", default="", help="Scale to look at closely; the protocol's primary one by default.")
@click.option("--wave", default="", help="Wave to look at closely; the protocol's primary one by default.")
@click.option("--report", is_flag=True, help="Build a site of several pages in FOLDER/site in place of the one page.")
@how_options
def evaluate(
    responses: Path | None, protocol: Path | None, out: Path | None, explain: Path | None, scale: str, wave: str,
    report: bool, **how: Unpack[How],
) -> None:  # fmt: skip
    """Evaluate a training from RESPONSES: CSV, XLSX, Parquet or SPSS questionnaires.

    Writes a page, figures, tables and the executed notebooks to the folder given, under the
    protocol's disclosure profile (opensafely unless it names another).

    \b
    coprod evaluate --explain protocol.toml
    coprod evaluate responses.csv --protocol protocol.toml --out evaluation
    coprod evaluate responses.csv --protocol protocol.toml --out evaluation --report
    """
    if explain:
        _explain(explain)
        return
    missing = [
        name for name, given in (("RESPONSES", responses), ("--protocol", protocol), ("--out", out)) if not given
    ]
    if responses is None or protocol is None or out is None:
        raise UsageError(
            f"{' and '.join(missing)} missing; write: coprod evaluate FILE --protocol protocol.toml --out FOLDER"
        )
    from coprod.home import evaluation_home
    from coprod.report.evaluation import evaluate as evaluate_files
    from coprod.report.made import PAGE
    from coprod.report.terminal import near, progress

    page, add = Path(PAGE), None
    if report:
        from coprod.report.site.evaluated import PLACE, add_site

        page, add = Path(PLACE, PAGE), add_site
    with progress(reports=evaluation_home() / "reports", jobs=how.get("jobs")) as show:
        done = evaluate_files(
            responses, protocol, out, scale=scale, wave=wave, add=add, on_end=show.on_end, on_cell=show.on_cell, **how
        )
    if done.failed:
        end(1)
    click.echo(f"{done.sentence}\n\n{near(done.folder / page)}")


def _explain(path: Path) -> None:
    from coprod.data import read_bytes
    from coprod.training.explain import explain_protocol
    from coprod.training.protocol import parse_protocol

    click.echo(explain_protocol(parse_protocol(read_bytes(path), path.name)))
