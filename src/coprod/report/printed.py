"""What was printed on each slide of the talk, put together again from its tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import pandas as pd

from coprod.data import Talk, each_row

Rows = list[tuple[str, ...]]


@dataclass(frozen=True)
class Printed:
    """What stood on a slide.

    Attributes
    ----------
    rows : tuple of tuple of str
        Lines of one cell, or of several under headings.
    headings : tuple of str
        Of the columns; none where there is one cell to a line.
    """

    rows: tuple[tuple[str, ...], ...]
    headings: tuple[str, ...] = ()


def read_printed(talk: Talk) -> dict[str, Printed]:
    """Read what was printed on each slide.

    Facts, numbers, names and entries are as printed; what the tables have in other words is in those.

    Parameters
    ----------
    talk : Talk
        From :func:`coprod.data.read_talk`.

    Returns
    -------
    dict
        Slide to what stood on it, in the order of the slides.
    """
    return {slide: Printed(tuple(_SLIDES[slide](talk)), _HEADINGS.get(slide, ())) for slide in talk["slides"]["slide"]}


def _own(talk: Talk, table: str, slide: str) -> pd.DataFrame:
    """Take the rows of a table that stand on a slide."""
    rows = talk[table]
    return rows[(rows["slide"] == slide) & (rows["origin"] == "document")]


def _record(talk: Talk, slide: str) -> Rows:
    fields = {row.field: row.value for row in each_row(_own(talk, "record", slide))}
    people = each_row(_own(talk, "authors", slide).sort_values("position"))
    names = "; ".join(f"{row.given} {row.family}" for row in people)
    when = " ".join(filter(None, (fields.get("dates"), fields.get("year"))))
    rest = (value for field, value in fields.items() if field not in {"title", "dates", "year"})
    return [(line,) for line in (fields.get("title"), names, when, *rest) if line]


def _partnership(talk: Talk) -> Rows:
    return [(row.university, row.community) for row in each_row(_own(talk, "partnership", "S2"))]


def _principles(talk: Talk) -> Rows:
    fields = _own(talk, "record", "S3")["value"]
    return [(words,) for words in (*_own(talk, "principles", "S3")["principle"], *fields)]


def _culture_change(talk: Talk) -> Rows:
    events = [f"{row.label}, {row.start_year}: {row.note}" for row in each_row(_own(talk, "timeline", "S4"))]
    duty = f"To involve people in {' and '.join(_own(talk, 'duties', 'S4')['element'])}"
    aims = _own(talk, "claims", "S4").query("rule == 'value'")["statement"]
    return [(line,) for line in (*events, duty, *aims)]


def _request(talk: Talk) -> Rows:
    rows: Rows = []
    for row in each_row(_own(talk, "survey", "S5")):
        counted = "" if pd.isna(row.count) or pd.isna(row.base) else f" ({row.count} of {row.base})"
        rows.append((f"{row.percent}%{counted}", row.statement))
    return rows


def _evidence(talk: Talk) -> Rows:
    claims = _own(talk, "claims", "S6").query("rule == 'clinical_effect'")["statement"]
    cited = each_row(_own(talk, "citations", "S6"))
    return [(line,) for line in (*claims, *(f"{row.authors.replace(';', ' and')}, {row.year}" for row in cited))]


def _recovery(talk: Talk) -> Rows:
    return [(words,) for words in _own(talk, "recovery", "S7")["statement"]]


def _champion(talk: Talk) -> Rows:
    return [(words,) for words in _own(talk, "champion", "S8")["heading"]]


def _training(talk: Talk) -> Rows:
    cohorts = _own(talk, "cohorts", "S9")
    taught = [
        f"{row.cohorts} {'cohort' if row.cohorts == 1 else 'cohorts'}: {row.description}" for row in each_row(cohorts)
    ]
    return [(line,) for line in (*_own(talk, "training", "S9")["statement"], *taught)]


def _conclusion(talk: Talk) -> Rows:
    cells = _own(talk, "conclusion", "S10")[["aspect", "coproduction", "shared_decision_making"]]
    return [tuple(row) for row in cells.fillna("not said").itertuples(index=False)]


def _references(talk: Talk) -> Rows:
    listed = each_row(_own(talk, "works", "S11"))
    return [(f"{row.authors} ({row.year}) {row.title if row.title != row.authors else ''}".strip(),) for row in listed]


_SLIDES: Mapping[str, Callable[[Talk], Rows]] = {
    "S0": partial(_record, slide="S0"),
    "S1": partial(_record, slide="S1"),
    "S2": _partnership,
    "S3": _principles,
    "S4": _culture_change,
    "S5": _request,
    "S6": _evidence,
    "S7": _recovery,
    "S8": _champion,
    "S9": _training,
    "S10": _conclusion,
    "S11": _references,
}
_HEADINGS = {
    "S2": ("For the university", "For the community"),
    "S5": ("Printed", "Of the commissioning groups"),
    "S10": ("Of", "Co-production", "Shared decision-making"),
}
