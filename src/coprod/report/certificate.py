"""The folder of a certificate: everything that went in and came out, and four files that tell of it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coprod.data import read_annotations, read_talk
from coprod.errors import CoprodError, DataError
from coprod.report.citation import cite_talk
from coprod.report.extract import extract
from coprod.report.pages import render_page
from coprod.reproduce.certificate import (
    CERTIFICATE,
    CRATE,
    INPUT,
    OUTPUT,
    RECORD,
    certify,
    list_files,
    read_inputs,
    read_outputs,
    seal,
)
from coprod.reproduce.check import Check
from coprod.reproduce.codecheck import write_codecheck
from coprod.reproduce.collect import collect
from coprod.reproduce.crate import describe_crate
from coprod.reproduce.executed import Outcome
from coprod.reproduce.expected import compare
from coprod.reproduce.folders import replace_tree
from coprod.reproduce.notebooks import list_notebooks
from coprod.talk.claims import adjudicate

if TYPE_CHECKING:
    from coprod.reproduce.single import OnCell

PAGE, CODECHECK = "certificate.html", "codecheck.yml"
SHOWN = 5
"""Differences named on the page; all of them stand in the JSON."""


class Unfinished(CoprodError):  # noqa: N818 - it is not the certificate that is wrong
    """A notebook failed, so that there is nothing to certify."""


def rerun_and_certify(
    home: Path,
    folder: Path,
    *,
    checker: str,
    orcid: str | None = None,
    jobs: int | None = None,
    on_end: Callable[[Outcome], None] = lambda _: None,
    on_cell: OnCell | None = None,
) -> Check:
    """Run every notebook in a temporary folder, compare, judge, and write a certificate of it.

    Parameters
    ----------
    home : Path
        Project folder; its reports stay as they are.
    folder : Path
        The certificate; an earlier one there is replaced when the new one is complete.
    checker, orcid : str
        Who checked, as they give it.
    jobs : int, optional
        Notebooks at a time.
    on_end : callable, optional
        Told of each outcome as its notebook ends.
    on_cell : callable, optional
        Told of each code cell about to run; see :func:`~coprod.reproduce.execute.run_notebooks`.

    Returns
    -------
    Check
        What was found. Values that differ are certified as differing.

    Raises
    ------
    Unfinished
        If a notebook failed; no certificate is written.
    DataError
        If the folder holds something that is no certificate, or an annotation is without consent.
    """
    from coprod.reproduce.execute import Task, run_notebooks  # noqa: PLC0415 - Papermill only where something runs

    _refuse_other(folder)
    read_annotations(home)
    with tempfile.TemporaryDirectory(prefix="coprod-certificate-", ignore_cleanup_errors=True) as made:
        started, reports = datetime.now(UTC), Path(made, "reports")
        tasks = [Task(notebook, reports) for notebook in list_notebooks(home)]
        outcomes = run_notebooks(tasks, home=home, jobs=jobs, on_end=on_end, on_cell=on_cell)
        ended = datetime.now(UTC)
        if failed := [outcome.name for outcome in outcomes if outcome.status == "failed"]:
            raise Unfinished(f"no certificate is written while a notebook fails ({', '.join(failed)}); "
                             "'coprod run' shows where it fails")  # fmt: skip
        extract(reports / "notebooks", reports)
        displayed, claims = collect(outcome.path for outcome in outcomes), adjudicate(read_talk(home))
        comparisons = compare(home / "reports" / "expected", displayed, claims)
        found = Check(notebooks=tuple(outcomes), displayed=tuple(displayed), claims=claims,
                      comparisons=tuple(comparisons), rerun=True)  # fmt: skip
        outputs = read_outputs(reports)
    write_certificate(home, folder, found, outputs, checker=checker, orcid=orcid, started=started, ended=ended)
    return found


def write_certificate(
    home: Path,
    folder: Path,
    found: Check,
    outputs: Mapping[str, str],
    *,
    checker: str,
    orcid: str | None,
    started: datetime,
    ended: datetime,
) -> None:
    """Write a certificate of a check, all of it or nothing.

    Parameters
    ----------
    home : Path
        Project folder.
    folder : Path
        The certificate.
    found : Check
        What the check found.
    outputs : mapping
        From :func:`coprod.reproduce.certificate.read_outputs`.
    checker, orcid : str
        Who checked.
    started, ended : datetime
        When, with a time zone.

    Raises
    ------
    DataError
        If the folder holds something else, a file names a folder of this machine, or an annotation is without consent.
    """
    _refuse_other(folder)
    inputs, talk = read_inputs(home), read_talk(home)
    read_annotations(home, talk)
    content = certify(home, found, checker=checker, orcid=orcid, started=started, ended=ended, outputs=outputs)
    results = list_files(outputs, OUTPUT, _titles(found))
    manifest = [*list_files(inputs, INPUT), *results]
    records = {
        PAGE: _page(content, manifest, cite_talk(talk).text()),
        CODECHECK: write_codecheck(talk, results, content),
    }
    manifest += list_files(records, RECORD)
    crate = {CRATE: describe_crate(content, manifest)}
    manifest += list_files(crate, RECORD)
    files = {**inputs, **outputs, **records, **crate, CERTIFICATE: seal(content, manifest)}
    _refuse_private(files, home)
    replace_tree(folder.parent, {f"{folder.name}/{name}": text for name, text in files.items()}, [folder.name])


def _page(content: Mapping[str, Any], manifest: list[dict[str, Any]], citation: str) -> str:
    return render_page(
        PAGE,
        certificate=content,
        citation=citation,
        inputs=sum(entry["kind"] == INPUT for entry in manifest),
        outputs=sum(entry["kind"] == OUTPUT for entry in manifest),
        shown=SHOWN,
        ended=datetime.fromisoformat(content["ended"]),
    )


def _titles(found: Check) -> dict[str, str]:
    """Say of each output what it shows, in the words of its result."""
    titles: dict[str, str] = {}
    for _, result in found.displayed:
        if result.kind != "value":
            stem = f"reports/{result.kind}s/{result.stem}"
            titles |= {f"{stem}{end}": result.title for end in (".csv", ".svg", "-narrow.svg")}
    return titles


def _refuse_other(folder: Path) -> None:
    if folder.exists() and not (folder / CERTIFICATE).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise DataError(f"{folder} holds something that is no certificate; name a new or an empty folder")


def _refuse_private(files: Mapping[str, str], home: Path) -> None:
    """Refuse a file that names where this machine keeps things."""
    for private in {str(home), str(Path.home()), tempfile.gettempdir()} - {"/"}:
        for name, text in files.items():
            if f"{private}/" in text:
                raise DataError(f"{name} names a folder of this machine; take it out of what the notebook displays")
