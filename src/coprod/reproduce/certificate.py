"""The certificate of a check: what was run, by whom, on what, and the sha256 of all that went in and came out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from coprod.errors import DataError
from coprod.reproduce.check import Check
from coprod.reproduce.executed import Outcome
from coprod.reproduce.surroundings import describe_surroundings
from coprod.talk.claims import count_verdicts

SCHEMA = 1
CERTIFICATE = "certificate.json"
CRATE = "ro-crate-metadata.json"
INPUT, OUTPUT, RECORD = "input", "output", "record"
"""What a file of the certificate is: went in, came out, or tells of the check itself."""


def read_inputs(home: Path) -> dict[str, str]:
    """Read what a run goes in with: the data that may leave the machine, the notebooks and the lock.

    Parameters
    ----------
    home : Path
        Project folder.

    Returns
    -------
    dict
        Path in the project to text.

    Raises
    ------
    DataError
        If one is missing or is not text.
    """
    notebooks = home / "notebooks"
    paths = [notebooks / "notebooks.toml", *sorted(notebooks.glob("*.ipynb")), home / "requirements.lock"]
    return {**read_data(home), **{path.relative_to(home).as_posix(): _read(path) for path in paths}}


def read_data(home: Path) -> dict[str, str]:
    """Read what of ``data/`` may leave the machine, so that no other file of that folder does.

    Parameters
    ----------
    home : Path
        Project folder.

    Returns
    -------
    dict
        Path in the project to text: what ``datapackage.json`` describes, itself, its licence and the protocol.

    Raises
    ------
    DataError
        If one is missing or is not text.
    """
    data = home / "data"
    described = json.loads(_read(data / "datapackage.json"))["resources"]
    paths = [
        data / "datapackage.json",
        *(data / resource["path"] for resource in described),
        *(path for path in (data / "LICENSE", data / "training" / "protocol.toml") if path.is_file()),
    ]
    return {path.relative_to(home).as_posix(): _read(path) for path in paths}


def read_outputs(reports: Path) -> dict[str, str]:
    """Read what a run came out with: executed notebooks, figures, tables, values.

    Parameters
    ----------
    reports : Path
        Folder a run has filled.

    Returns
    -------
    dict
        ``reports/...`` to text.

    Raises
    ------
    DataError
        If one is not text.
    """
    found = [path for kind in ("notebooks", "figures", "tables") for path in sorted((reports / kind).glob("*.*"))]
    return {f"reports/{p.relative_to(reports).as_posix()}": _read(p) for p in [*found, reports / "values.json"]}


def certify(
    home: Path,
    found: Check,
    *,
    checker: str,
    orcid: str | None,
    started: datetime,
    ended: datetime,
    outputs: Mapping[str, str],
) -> dict[str, Any]:
    """Put together what a certificate says; its manifest is added by :func:`seal`.

    Parameters
    ----------
    home : Path
        Project folder that was checked.
    found : Check
        What the check found.
    checker, orcid : str
        Who checked, as given; an ORCID iD or None.
    started, ended : datetime
        When, with a time zone.
    outputs : mapping
        From :func:`read_outputs`.

    Returns
    -------
    dict
        Plain JSON values.
    """
    again = [comparison for comparison in found.comparisons if comparison.ok]
    return {
        "schema": SCHEMA,
        "sentence": found.sentence,
        "agrees": not found.differences,
        "checker": {"name": checker, "orcid": orcid},
        "started": started.isoformat(timespec="seconds"),
        "ended": ended.isoformat(timespec="seconds"),
        "minutes": round((ended - started).total_seconds() / 60, 2),
        "environment": describe_surroundings(home),
        "notebooks": [_notebook(outcome, outputs) for outcome in found.notebooks],
        "compared": {"total": len(found.comparisons), "again": len(again)},
        "differences": [asdict(comparison) for comparison in found.differences],
        "verdicts": {row["verdict"]: row["claims"] for row in count_verdicts(found.claims).to_dict("records")},
        "claims": found.claims[["claim", "slide", "published", "recomputed", "verdict"]].to_dict("records"),
    }


def list_files(files: Mapping[str, str], kind: str, titles: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
    """List files as a manifest does: path, kind, what it is, bytes and sha256.

    Examples
    --------
    >>> list_files({"reports/values.json": "{}"}, OUTPUT)[0]["what"]
    'every value, with its unit and tolerance'
    """
    return [
        {
            "file": path,
            "kind": kind,
            "what": (titles or {}).get(path) or _what(path),
            "bytes": len(text.encode()),
            "sha256": hashlib.sha256(text.encode()).hexdigest(),
        }
        for path, text in files.items()
    ]


def seal(content: Mapping[str, Any], manifest: Sequence[Mapping[str, Any]]) -> str:
    """Write a certificate with its manifest and, last, the sha256 of all it says.

    The seal finds what was changed by accident. It is no signature: who rewrites every file can seal anew.

    Parameters
    ----------
    content : mapping
        From :func:`certify`.
    manifest : sequence of mapping
        From :func:`list_files`.

    Returns
    -------
    str
        The bytes of ``certificate.json``; there is only one way to write them.
    """
    said = {**{key: value for key, value in content.items() if key != "seal"}, "manifest": list(manifest)}
    return dump({**said, "seal": hashlib.sha256(dump(said).encode()).hexdigest()})


def dump(content: Mapping[str, Any]) -> str:
    """Write JSON the one way a certificate is written."""
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def timeless_hash(notebook: str) -> str:
    """Return the sha256 of an executed notebook without its run times, the same wherever it ran alike.

    The version of Python that a notebook names is left out too: it stands in the environment.

    Examples
    --------
    >>> one, other = ('{"cells": [], "metadata": {"papermill": {"duration": %d}}}' % n for n in (1, 2))
    >>> timeless_hash(one) == timeless_hash(other)
    True
    """
    content = json.loads(notebook)
    for holder in (content, *content["cells"]):
        holder["metadata"].pop("papermill", None)
    content["metadata"].get("language_info", {}).pop("version", None)
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _notebook(outcome: Outcome, outputs: Mapping[str, str]) -> dict[str, Any]:
    executed = outputs[f"reports/notebooks/{outcome.name}.ipynb"]
    return {
        "name": outcome.name,
        "status": outcome.status,
        "seconds": outcome.seconds,
        "sha256_without_times": timeless_hash(executed),
    }


def _what(path: str) -> str:
    known = {
        "reports/values.json": "every value, with its unit and tolerance",
        "data/datapackage.json": "what each table and column is",
        "data/LICENSE": "licence of the tables, with whom to credit",
        "data/training/protocol.toml": "plan of the worked example",
        "notebooks/notebooks.toml": "order of the notebooks, and what each displays",
        "requirements.lock": "versions and hashes of every package",
        "certificate.html": "the certificate as one printed page",
        "codecheck.yml": "the check in the terms of CODECHECK",
        CRATE: "the check as an RO-Crate",
    }
    folders = {"reports/notebooks": "executed notebook", "notebooks": "notebook", "data": "data"}
    return known.get(path) or next(
        (word for folder, word in folders.items() if path.startswith(f"{folder}/")), "file of the check"
    )


def _read(path: Path) -> str:
    try:
        with open(path, encoding="utf-8", newline="") as file:
            return file.read()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read ({error}); run 'coprod doctor' for a mend") from None
