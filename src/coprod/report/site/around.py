"""What the pages say around the results: who answered back, what words mean, whom the talk names, what was tested."""

from __future__ import annotations

import json
from importlib.metadata import metadata
from pathlib import Path
from typing import Any

from coprod.data import Talk
from coprod.report.site.accessibility import describe_tests
from coprod.report.site.annotations import describe_columns, group_annotations
from coprod.report.site.glossary import read_terms
from coprod.report.site.people import describe_record, name_people


def around_the_results(home: Path, talk: Talk) -> dict[str, Any]:
    """Return what the templates of these pages fill in.

    Parameters
    ----------
    home : Path
        Project folder.
    talk : Talk
        Its tables.

    Returns
    -------
    dict
        ``annotations`` by claim, ``columns`` of their table, ``terms``, ``people``, ``record``, ``statement``,
        ``licences`` of the tables and ``code_licence``.

    Raises
    ------
    DataError
        If somebody in ``data/annotations.csv`` has not given consent, or the table has another fault.
    """
    package = json.loads((home / "data" / "datapackage.json").read_text(encoding="utf-8"))
    return {
        "annotations": group_annotations(home, talk),
        "columns": describe_columns(),
        "terms": read_terms(),
        "people": name_people(talk),
        "record": describe_record(talk),
        "statement": describe_tests(),
        "licences": package["licenses"],
        "code_licence": metadata("coprod")["License-Expression"],
    }
