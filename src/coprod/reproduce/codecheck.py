"""The check in the terms of CODECHECK: ``codecheck.yml``, in version 2.0 of its specification."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from coprod.data import Talk

SPECIFICATION = "https://codecheck.org.uk/spec/config/2.0/"


def write_codecheck(talk: Talk, manifest: Iterable[Mapping[str, Any]], content: Mapping[str, Any] | None = None) -> str:
    """Write ``codecheck.yml``; what is not known is left open, in a comment, never made up.

    Parameters
    ----------
    talk : Talk
        Whose title, authors and record are named.
    manifest : iterable of mapping
        ``file`` and ``what`` of each output.
    content : mapping, optional
        From :func:`coprod.reproduce.certificate.certify`. Without one the result is a template for who checks.

    Returns
    -------
    str
        YAML.

    References
    ----------
    Nüst, D. and Eglen, S. J. (2021). CODECHECK. F1000Research 10, 253. doi:10.12688/f1000research.51738.2
    """
    record = talk["record"].query("origin == 'document'").set_index(["slide", "field"])["value"]
    authors = talk["authors"].query("slide == 'S1'").sort_values("position")
    lines = ["%YAML 1.1", "---", f"version: {_quote(SPECIFICATION)}", "", "manifest:"]
    for entry in manifest:
        lines += [f"  - file: {_quote(entry['file'])}", f"    comment: {_quote(entry['what'])}"]
    lines += ["", "paper:", f"  title: {_quote(record['S1', 'title'])}", "  authors:"]
    lines += [f"    - name: {_quote(f'{row.given} {row.family}')}" for row in authors.itertuples()]
    lines += ["      # ORCID: of each author, not published with the talk"]
    lines += [f"  reference: {_quote(record['S0', 'repository'])}", "", *_check(content)]
    return "\n".join(lines) + "\n"


def is_orcid(text: str) -> bool:
    """Tell whether a text is an ORCID iD, by its form and its check digit (ISO 7064, mod 11-2).

    Examples
    --------
    >>> is_orcid("0000-0002-1825-0097"), is_orcid("0000-0002-1825-0098")
    (True, False)
    """
    if not re.fullmatch(r"(\d{4}-){3}\d{3}[\dX]", text, re.ASCII):
        return False
    digits = text.replace("-", "")
    total = 0
    for digit in digits[:-1]:
        total = (total + int(digit)) * 2
    return "0123456789X"[(12 - total % 11) % 11] == digits[-1]


def _check(content: Mapping[str, Any] | None) -> Sequence[str]:
    later = ["# report: identifier of the published certificate", "# certificate: YYYY-NNN, as the register gives it"]
    if content is None:
        return ["# Who checks adds:", "# codechecker: name and ORCID", "# summary: what came out", "# check_time: when",
                *later]  # fmt: skip
    orcid = content["checker"]["orcid"]
    return [
        "codechecker:",
        f"  - name: {_quote(content['checker']['name'])}",
        f"    ORCID: {_quote(orcid)}" if orcid else "    # ORCID: not given",
        f"summary: {_quote(content['sentence'])}",
        f"check_time: {_quote(content['ended'])}",
        *later,
    ]


def _quote(text: str) -> str:
    """Quote a text; what JSON calls a string, YAML does too."""
    return json.dumps(text, ensure_ascii=False)
