"""The citation audit: what is cited on the slides against what is listed, and against publication.

Everything is computed from ``citations.csv`` and ``works.csv``; no finding is written down.
"""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from coprod.data import each_row
from coprod.talk.citing import join_names

_DOUBLED_SLASH = re.compile(r"(?<!:)//")


def family_names(authors: str) -> tuple[str, ...]:
    """Return the family names of an author string.

    Parameters
    ----------
    authors : str
        Authors separated by semicolons, each ``Family`` or ``Family, Initials``.

    Returns
    -------
    tuple of str
        In the printed order.

    Examples
    --------
    >>> family_names("Slay, J.; Stephens, L.")
    ('Slay', 'Stephens')
    """
    return tuple(author.split(",")[0].strip() for author in authors.split(";"))


def audit_works(citations: pd.DataFrame, works: pd.DataFrame) -> pd.DataFrame:
    """Hold every work named on a slide against the reference list, and the other way round.

    Parameters
    ----------
    citations : DataFrame
        As :class:`coprod.schemas.Citations`.
    works : DataFrame
        As :class:`coprod.schemas.Works`; only its rows from the document are the list.

    Returns
    -------
    DataFrame
        One row per work: ``work, label, cited, listed, cited_year, listed_year, state, note``.
        ``state`` is one of "match" (authors and year equal), "years differ", "authors differ",
        "cited by name only", "not in the list" and "never cited"; the best-agreeing works first.

    Examples
    --------
    >>> from coprod.data import read_talk
    >>> talk = read_talk()
    >>> audit_works(talk["citations"], talk["works"])[["work", "state"]].to_numpy().tolist()[0]
    ['mckeown', 'match']
    """
    listed = {row.work: row for row in each_row(works[works["origin"] == "document"])}
    named = {row.work: row for row in each_row(citations.sort_values("style", ascending=False, kind="stable"))}
    order = dict.fromkeys([*citations["work"], *listed])
    rows = [_audit_row(work, named.get(work), listed.get(work)) for work in order]
    columns = ["work", "label", "cited", "listed", "cited_year", "listed_year", "state", "note"]
    audit = pd.DataFrame(rows, columns=columns).astype({"cited_year": "Int64", "listed_year": "Int64"})
    rank = {state: place for place, state in enumerate(_NOTES)}
    return audit.sort_values("state", key=lambda states: states.map(rank), kind="stable").reset_index(drop=True)


_NOTES = {
    "match": "authors and year agree",
    "cited by name only": "named on a slide without a year, listed as {listed}",
    "years differ": "years differ: {cited} in the text, {listed} in the list",
    "authors differ": "authors differ between text and list",
    "not in the list": "not in the reference list",
    "never cited": "not cited on a slide",
}


def _audit_row(work: str, cited: Any, listed: Any) -> tuple[object, ...]:
    cited_year: Any = pd.NA if cited is None else cited.year
    listed_year: Any = pd.NA if listed is None else listed.year
    if cited is None:
        state = "never cited"
    elif listed is None:
        state = "not in the list"
    elif cited.style == "name only" or pd.isna(cited_year):
        state = "cited by name only"
    elif cited_year != listed_year:
        state = "years differ"
    elif family_names(cited.authors) != family_names(listed.authors):
        state = "authors differ"
    else:
        state = "match"
    shown = cited if cited is not None else listed
    label = join_names(family_names(shown.authors))
    note = _NOTES[state].format(cited=cited_year, listed=listed_year)
    return work, label, cited is not None, listed is not None, cited_year, listed_year, state, note


def compare_published(citations: pd.DataFrame, works: pd.DataFrame) -> pd.DataFrame:
    """Hold what the talk prints of a work against the work as it was published.

    Parameters
    ----------
    citations, works : DataFrame
        As :class:`coprod.schemas.Citations` and :class:`coprod.schemas.Works`.

    Returns
    -------
    DataFrame
        One row per work, place and field: ``work, slide, field, printed, published, source,
        same``. Fields are authors, n_authors, year and title; only works known from outside.

    Examples
    --------
    >>> from coprod.data import read_talk
    >>> talk = read_talk()
    >>> compare_published(talk["citations"], talk["works"])[["work", "field", "same"]].to_numpy().tolist()[0]
    ['act', 'authors', True]
    """
    outside = works[works["origin"] == "outside"].set_index("work").to_dict("index")
    rows = []
    for printed in [*citations.to_dict("records"), *works[works["origin"] == "document"].to_dict("records")]:
        if printed["work"] not in outside or printed.get("style") == "name only":
            continue
        published = outside[printed["work"]]
        for field in ("authors", "n_authors", "year", "title"):
            if field in printed:
                left, right = _as_text(field, printed[field]), _as_text(field, published[field])
                rows.append((printed["work"], printed["slide"], field, left, right, published["source"], left == right))
    return pd.DataFrame(rows, columns=["work", "slide", "field", "printed", "published", "source", "same"])


def doubled_slashes(works: pd.DataFrame) -> list[str]:
    """Return the listed links that hold a doubled slash after the protocol."""
    links = works.loc[works["origin"] == "document", "link"].dropna()
    return [link for link in links if _DOUBLED_SLASH.search(link)]


def _as_text(field: str, value: object) -> str:
    return join_names(family_names(str(value))) if field == "authors" else str(value)
