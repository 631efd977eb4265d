"""Whom the talk names, and as what."""

from __future__ import annotations

from dataclasses import dataclass

from coprod.data import Talk, each_row, find_row

TITLE, RECORD = "S1", "S0"
"""Slides with a list of authors: the title, and the repository's record of the talk."""
CHAMPION = "patient champion"


@dataclass(frozen=True)
class People:
    """Names as printed.

    Attributes
    ----------
    authors : tuple of str
        Authors on the title slide, in its order.
    recorded : tuple of str
        Authors in the repository's record.
    champions : tuple of str
        Those to whom the talk gives the role of patient champion.
    own_words : bool
        Whether anything of a champion's own words is published with the talk.
    """

    authors: tuple[str, ...]
    recorded: tuple[str, ...]
    champions: tuple[str, ...]
    own_words: bool


def name_people(talk: Talk) -> People:
    """Name the authors of the talk and, apart from them, the patient champions, as far as the talk does."""
    listed = talk["authors"].sort_values("position")
    names = listed["given"] + " " + listed["family"]
    return People(
        authors=tuple(names[listed["slide"] == TITLE]),
        recorded=tuple(names[listed["slide"] == RECORD]),
        champions=tuple(names[listed["role"].eq(CHAMPION).fillna(False)]),
        own_words=bool(talk["champion"]["words"].notna().any()),
    )


def describe_record(talk: Talk) -> dict[str, str]:
    """Return the bibliographic facts of the title slide, with the licence and the address of the record."""
    record = talk["record"].query("origin == 'document'")
    facts = {str(row.field): str(row.value) for row in each_row(record[record["slide"] == TITLE])}
    of_record = record[record["slide"] == RECORD]
    added = {field: str(find_row(of_record, "field", field).value) for field in ("licence", "repository")}
    return {**facts, **added}
