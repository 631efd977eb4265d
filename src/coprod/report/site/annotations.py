"""What patient champions answer, beside the claims they answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from coprod.data import Talk, each_row, read_annotations
from coprod.schemas import Annotations


@dataclass(frozen=True)
class Annotation:
    """What one person says about one claim.

    Attributes
    ----------
    key : str
        Key of the annotation.
    claim : str
        Key of the claim.
    who, role : str
        As the person gave them; the role may be empty.
    lines : tuple of str
        Their words, a line each. No line is empty, since an empty one ends a block of HTML in Markdown, and what
        follows would be read as marks.
    date : str
        Day on which they said it, as in the table.
    """

    key: str
    claim: str
    who: str
    role: str
    lines: tuple[str, ...]
    date: str


def group_annotations(home: Path, talk: Talk) -> Mapping[str, tuple[Annotation, ...]]:
    """Read what has been answered to each claim.

    Parameters
    ----------
    home : Path
        Project folder.
    talk : Talk
        Its tables.

    Returns
    -------
    mapping
        Key of a claim to its annotations, the oldest first; a claim that nobody has answered is not in it.

    Raises
    ------
    DataError
        If the table is not as it should be, or somebody in it has not given consent.
    """
    found: dict[str, list[Annotation]] = defaultdict(list)
    for row in each_row(read_annotations(home, talk).sort_values(["date", "annotation"])):
        said = Annotation(
            row.annotation, row.claim, _line(row.who), "" if pd.isna(row.role) else _line(row.role),
            tuple(line.strip() for line in row.words.splitlines() if line.strip()), row.date,
        )  # fmt: skip
        found[said.claim].append(said)
    return {claim: tuple(answers) for claim, answers in found.items()}


def describe_columns() -> dict[str, str]:
    """Say what each column of the table holds, in the order of the file."""
    return {name: str(column.description) for name, column in Annotations.to_schema().columns.items()}


def _line(text: str) -> str:
    return " ".join(text.split())
