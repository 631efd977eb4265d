"""Verifying a certificate, offline and on another machine: nothing changed, nothing missing, the same values."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import pandas as pd

from coprod.errors import DataError
from coprod.reproduce.certificate import CERTIFICATE, CRATE, INPUT, OUTPUT, SCHEMA, dump, timeless_hash
from coprod.reproduce.collect import collect
from coprod.reproduce.expected import compare

MEND = "take the file from the certificate as it was handed over, or write it anew with 'coprod certificate write'"


class Fault(NamedTuple):
    """One thing that is not as the certificate says, where it stands, and what to do."""

    place: str
    what: str
    mend: str = MEND


def verify(path: Path, home: Path) -> list[Fault]:
    """Check a certificate against its own files and against the stored results of this checkout.

    Parameters
    ----------
    path : Path
        A certificate's folder, or its ``certificate.json``.
    home : Path
        Project folder whose ``reports/expected`` the values have to equal.

    Returns
    -------
    list of Fault
        Empty when all is well.

    Raises
    ------
    DataError
        If there is no certificate, or it is not one.
    """
    folder = path.parent if path.name == CERTIFICATE else path
    text, content = _read(folder)
    faults = _seal(text, content)
    try:
        faults += _files(folder, content)
        if not faults:  # what is changed already need not be read further
            faults += [*_crate(folder, content), *_notebooks(folder, content), *_values(folder, content, home)]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _no_certificate(folder, f"{type(error).__name__}: {error}") from None
    return faults


def _read(folder: Path) -> tuple[bytes, dict[str, Any]]:
    try:
        with open(folder / CERTIFICATE, "rb") as file:
            text = file.read()
        content = json.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        raise _no_certificate(folder, str(error)) from None
    if not isinstance(content, dict) or not {"schema", "seal", "manifest", "claims"} <= set(content):
        raise _no_certificate(folder, f"{CERTIFICATE} lacks what a certificate says")
    if content["schema"] != SCHEMA:
        raise _no_certificate(folder, f"it has schema {content['schema']!r}, expected {SCHEMA}")
    return text, content


def _no_certificate(folder: Path, why: str) -> DataError:
    return DataError(f"{folder} is not a certificate ({why}); name a folder that 'coprod certificate write' has made")


def _seal(text: bytes, content: Mapping[str, Any]) -> list[Fault]:
    said = dump({key: value for key, value in content.items() if key != "seal"})
    if dump(content).encode() != text or hashlib.sha256(said.encode()).hexdigest() != content["seal"]:
        return [Fault(CERTIFICATE, "is not as it was sealed")]
    return []


def _files(folder: Path, content: Mapping[str, Any]) -> Iterator[Fault]:
    listed = {CERTIFICATE}
    for entry in content["manifest"]:
        place = PurePosixPath(entry["file"])
        if place.is_absolute() or ".." in place.parts:
            raise ValueError(f"its manifest names {entry['file']!r}, which lies outside")
        listed.add(str(place))
        try:
            with open(folder / place, "rb") as file:
                found = hashlib.sha256(file.read()).hexdigest()
        except OSError as error:
            yield Fault(str(place), f"cannot be read ({error.strerror})")
            continue
        if found != entry["sha256"]:
            yield Fault(str(place), "is not as it was certified: its sha256 differs")
    for path in sorted(folder.rglob("*")):
        if path.is_file() and (name := path.relative_to(folder).as_posix()) not in listed:
            yield Fault(name, "is not in the manifest", "take it out of the folder")


def _crate(folder: Path, content: Mapping[str, Any]) -> Iterator[Fault]:
    """Hold the crate against the certificate: the same files, hashes, action and checker."""
    graph = {entity["@id"]: entity for entity in json.loads((folder / CRATE).read_bytes())["@graph"]}
    manifest = [entry for entry in content["manifest"] if entry["file"] != CRATE]
    crated = {name: entity.get("sha256") for name, entity in graph.items() if entity["@type"] == "File"}
    for name, sha256 in {CERTIFICATE: None, **{entry["file"]: entry["sha256"] for entry in manifest}}.items():
        if name not in crated or crated.pop(name) != sha256:
            yield Fault(CRATE, f"and {CERTIFICATE} do not agree on {name}")
    for name in crated:
        yield Fault(CRATE, f"names {name}, which is not in the manifest")
    action = graph["#check"]
    facts = {
        "who checked": (graph[action["agent"]["@id"]]["name"], content["checker"]["name"]),
        "the end of the run": (action["endTime"], content["ended"]),
        "the sentence": (graph["./"]["description"], content["sentence"]),
        "what went in": (_ids(action["object"]), [e["file"] for e in manifest if e["kind"] == INPUT]),
        "what came out": (_ids(action["result"]), [e["file"] for e in manifest if e["kind"] == OUTPUT]),
    }
    for fact, (one, other) in facts.items():
        if one != other:
            yield Fault(CRATE, f"and {CERTIFICATE} do not agree on {fact}")


def _ids(references: list[dict[str, str]]) -> list[str]:
    return [reference["@id"] for reference in references]


def _notebooks(folder: Path, content: Mapping[str, Any]) -> Iterator[Fault]:
    for notebook in content["notebooks"]:
        path = f"reports/notebooks/{notebook['name']}.ipynb"
        if timeless_hash((folder / path).read_text(encoding="utf-8")) != notebook["sha256_without_times"]:
            yield Fault(path, f"is not the notebook whose run {CERTIFICATE} tells of")


def _values(folder: Path, content: Mapping[str, Any], home: Path) -> Iterator[Fault]:
    """Compare every result in the certificate with what this checkout stores."""
    names = [notebook["name"] for notebook in content["notebooks"]]
    displayed = collect(folder / "reports" / "notebooks" / f"{name}.ipynb" for name in names)
    for comparison in compare(home / "reports" / "expected", displayed, pd.DataFrame(content["claims"])):
        if not comparison.ok:
            yield Fault(
                comparison.id,
                f"is {comparison.got!r} in the certificate, {comparison.expected!r} in reports/expected",
                "check out the commit the certificate names, or rerun with 'coprod check' to see which is right",
            )
