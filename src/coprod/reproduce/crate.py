"""The certificate as an RO-Crate: what went in, what came out, and the action that made the one from the other."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from coprod.reproduce.certificate import CERTIFICATE, INPUT, OUTPUT

PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
VERSION = "1.1"
"""The RO-Crate the profile extends."""
SHA256 = "https://w3id.org/ro/terms/workflow-run#sha256"
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
CHECK, CHECKER, TOOL = "#check", "#checker", "#coprod"
ENCODINGS = {
    "csv": "text/csv",
    "html": "text/html",
    "ipynb": "application/x-ipynb+json",
    "json": "application/json",
    "svg": "image/svg+xml",
    "toml": "application/toml",
    "yml": "application/yaml",
}


def describe_crate(content: Mapping[str, Any], manifest: Sequence[Mapping[str, Any]]) -> str:
    """Write ``ro-crate-metadata.json`` in the Process Run Crate profile.

    Parameters
    ----------
    content : mapping
        From :func:`coprod.reproduce.certificate.certify`.
    manifest : sequence of mapping
        Every file but the certificate and the crate themselves.

    Returns
    -------
    str
        JSON-LD, the same bytes for the same certificate.

    References
    ----------
    Leo, S. et al. (2024). Recording provenance of workflow runs with RO-Crate. PLoS ONE 19(9), e0309210.
    doi:10.1371/journal.pone.0309210
    """
    from rocrate.model.contextentity import ContextEntity  # noqa: PLC0415 - brings an HTTP client with it
    from rocrate.rocrate import ROCrate  # noqa: PLC0415

    crate = ROCrate(version=VERSION)
    crate.metadata.extra_terms["sha256"] = SHA256
    for entry in manifest:
        crate.add_file(dest_path=entry["file"], properties=_file(entry))
    crate.add_file(dest_path=CERTIFICATE, properties=_properties(CERTIFICATE, "what the check found"))
    for identifier, properties in _context(content, manifest).items():
        crate.add(ContextEntity(crate, identifier, properties=properties))
    crate.datePublished = datetime.fromisoformat(content["ended"])
    about = {
        "name": "Certificate of a rerun by coprod",
        "description": content["sentence"],
        "conformsTo": {"@id": PROFILE},
        "license": {"@id": LICENCE},
        "author": {"@id": _person(content)},
        "mentions": {"@id": CHECK},
    }
    for name, value in about.items():
        crate.root_dataset[name] = value
    return json.dumps(crate.metadata.generate(), ensure_ascii=False, indent=1) + "\n"


def _context(content: Mapping[str, Any], manifest: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Describe what is not a file: the action, its tool, who ran it, licence and profile."""
    checker, environment = content["checker"], content["environment"]
    person = _person(content)
    return {
        CHECK: {
            "@type": "CreateAction",
            "name": "Rerun of every notebook",
            "description": f"coprod certificate write, with {environment['python']} on {environment['platform']}",
            "startTime": content["started"],
            "endTime": content["ended"],
            "instrument": {"@id": TOOL},
            "agent": {"@id": person},
            "object": [{"@id": entry["file"]} for entry in manifest if entry["kind"] == INPUT],
            "result": [{"@id": entry["file"]} for entry in manifest if entry["kind"] == OUTPUT],
        },
        TOOL: {"@type": "SoftwareApplication", "name": "coprod", "softwareVersion": environment["coprod"]},
        person: {"@type": "Person", "name": checker["name"]},
        LICENCE: {"@type": "CreativeWork", "name": "Creative Commons Attribution 4.0 International"},
        PROFILE: {"@type": "CreativeWork", "name": "Process Run Crate", "version": "0.5"},
    }


def _person(content: Mapping[str, Any]) -> str:
    orcid = content["checker"]["orcid"]
    return f"https://orcid.org/{orcid}" if orcid else CHECKER


def _file(entry: Mapping[str, Any]) -> dict[str, Any]:
    own = {"sha256": entry["sha256"], "contentSize": str(entry["bytes"])}
    return {**_properties(entry["file"], entry["what"]), **own}


def _properties(path: str, what: str) -> dict[str, Any]:
    ending = path.rpartition(".")[2]
    return {"name": path, "description": what, "encodingFormat": ENCODINGS.get(ending, "text/plain")}
