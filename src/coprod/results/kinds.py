"""The three kinds of result, and how each shows itself in a notebook."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any, ClassVar

import pandas as pd

from coprod.results.plain import frame_to_plain, lay_out, show, to_plain

UNDRAWN = "No chart: "
"""What the alt text says of a figure for which there was nothing to draw, before the reason."""
MIME = "application/vnd.coprod.result+json"
SCHEMA = 1
SYNTHETIC_MARK = '<strong style="background:#ffdd00;color:#000;padding:0 .3em">Synthetic data, made up</strong>'
DATA_TOLERANCE = 1e-9
"""Largest relative difference between two numbers of a figure's or table's data: the last digits of a
sum may change with the linear algebra library, nothing else may."""
FITTED_TOLERANCE = 1e-5
"""The same for numbers that a search ends in, which its last step may change."""
SHORT_CELL, LONG_CELL = 12, 40
"""Characters up to which a cell of a table stays on one line, and beyond which it is words and gets room for them."""
_ID = re.compile(r"^[a-z][a-z0-9_]*$")


@dataclass(frozen=True, kw_only=True, eq=False)
class Result:
    """What every result says of itself.

    Attributes
    ----------
    id : str
        Lower case, unique in the project; also the name of its files.
    title : str
        Heading of at most ten words.
    answer : str
        One sentence that answers the question the result was made for.
    slide : str
        Slide or slides of the talk it belongs to, such as ``"S5"`` or ``"S4, S11"``.
    source : str
        Where its numbers come from, in words.
    parameters : mapping
        What it was computed with, by name.
    synthetic : bool
        True when any of its data are made up.
    """

    kind: ClassVar[str] = "result"
    id: str
    title: str
    answer: str
    slide: str
    source: str
    parameters: Mapping[str, object] = field(default_factory=dict)
    synthetic: bool = False

    def __post_init__(self) -> None:
        """Refuse an id that could not be a file name, and a result without words."""
        if not _ID.match(self.id):
            raise ValueError(f"result id {self.id!r} is not lower case letters, digits and underscores")
        for name in ("title", "answer", "slide", "source"):
            if not getattr(self, name).strip():
                raise ValueError(f"result {self.id!r} has no {name}; give it one")

    @property
    def stem(self) -> str:
        """Name of its files, without what they end in; that of made-up data says so."""
        return f"synthetic_{self.id}" if self.synthetic else self.id

    def to_json(self) -> dict[str, Any]:
        """Return everything the result holds as plain JSON values."""
        return {
            "schema": SCHEMA,
            "kind": self.kind,
            "id": self.id,
            "title": self.title,
            "answer": self.answer,
            "slide": self.slide,
            "source": self.source,
            "parameters": {name: to_plain(value) for name, value in self.parameters.items()},
            "synthetic": self.synthetic,
        }

    def to_html(self) -> str:
        """Return the result as HTML that needs no style sheet and no script."""
        raise NotImplementedError

    def to_text(self) -> str:
        """Return the result as plain text."""
        return f"{'SYNTHETIC: ' if self.synthetic else ''}{self.title}\n{self.answer}"

    def _marked(self, words: str) -> str:
        """Put the mark of made-up data before words, as HTML."""
        return f"{SYNTHETIC_MARK} {escape(words)}" if self.synthetic else escape(words)

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        return {"text/html": self.to_html(), "text/plain": self.to_text(), MIME: self.to_json()}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Result) and self.to_json() == other.to_json()

    def __hash__(self) -> int:
        return hash((self.kind, self.id))


@dataclass(frozen=True, kw_only=True, eq=False)
class Value(Result):
    """One number or word.

    Attributes
    ----------
    value : int, float or str
        Unrounded.
    unit : str
        Unit in words, such as ``"groups"``; empty for a pure number.
    tolerance : float
        Largest absolute difference that still counts as the same number in a rerun.
    """

    kind: ClassVar[str] = "value"
    value: int | float | str
    unit: str = ""
    tolerance: float = 0.0

    def to_json(self) -> dict[str, Any]:  # noqa: D102
        return {**super().to_json(), "value": to_plain(self.value), "unit": self.unit, "tolerance": self.tolerance}

    def to_html(self) -> str:  # noqa: D102
        number = escape(f"{show(self.value)} {self.unit}".strip())
        return f'<p id="{self.id}"><strong>{escape(self.title)}: {number}.</strong> {self._marked(self.answer)}</p>'

    def to_text(self) -> str:  # noqa: D102
        return f"{super().to_text()}\n{show(self.value)} {self.unit}".rstrip()


@dataclass(frozen=True, kw_only=True, eq=False)
class Table(Result):
    """A tidy frame with headings a reader understands.

    Attributes
    ----------
    data : DataFrame
        One row per thing; columns named as in the vocabulary.
    headings : mapping
        Column name to the heading shown; a column without one is kept in the data and not shown.
    missing : str
        What an empty cell says.
    tolerance : float
        Largest relative difference of a number that still counts as the same in a rerun.
    """

    kind: ClassVar[str] = "table"
    data: pd.DataFrame
    headings: Mapping[str, str]
    missing: str = "not published"
    tolerance: float = DATA_TOLERANCE

    def __post_init__(self) -> None:
        """Refuse a table that shows no column, or one that its data lack."""
        super().__post_init__()
        unknown = [name for name in self.headings if name not in self.data]
        if unknown or not self.headings:
            raise ValueError(f"table {self.id!r} has headings for {unknown or 'no column'}; head columns of its data")

    def to_json(self) -> dict[str, Any]:  # noqa: D102
        headings = [list(pair) for pair in self.headings.items()]  # pairs: a saved notebook sorts the keys of a mapping
        extra = {"data": frame_to_plain(self.data), "headings": headings, "missing": self.missing,
                 "tolerance": self.tolerance}  # fmt: skip
        return {**super().to_json(), **extra}

    def to_html(self) -> str:  # noqa: D102
        head = "".join(f'<th scope="col" style="text-align:left">{escape(h)}</th>' for h in self.headings.values())
        body = "".join(f"<tr>{''.join(self._cells(row))}</tr>" for row in self._rows())
        return (
            f'<table id="{self.id}"><caption style="text-align:left"><div style="max-width:50em">'
            f"<strong>{escape(self.title)}</strong><br>{self._marked(self.answer)}</div></caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )

    def to_text(self) -> str:  # noqa: D102
        return f"{super().to_text()}\n{lay_out(self.headings.values(), self._rows())}"

    def _rows(self) -> Iterator[list[str]]:
        for row in frame_to_plain(self.data[list(self.headings)])["rows"]:
            yield [self.missing if cell is None else show(cell) for cell in row]

    @staticmethod
    def _cells(row: list[str]) -> Iterator[str]:
        for position, cell in enumerate(row):
            width = ";white-space:nowrap" if len(cell) <= SHORT_CELL else ""
            width = ";min-width:11em;overflow-wrap:anywhere" if len(cell) > LONG_CELL else width
            opening, tag = ('th scope="row"', "th") if position == 0 else ("td", "td")
            yield f'<{opening} style="text-align:left;vertical-align:top{width}">{escape(cell)}</{tag}>'


@dataclass(frozen=True, kw_only=True, eq=False)
class Figure(Result):
    """A drawing at two widths, with the words and the data behind its marks.

    Attributes
    ----------
    data : DataFrame
        One row per mark or group of marks.
    alt : str
        Kind of chart, what is on it and the numbers that matter, for who cannot see it.
    wide, narrow : str
        The drawing as SVG for a page and for a phone.
    tolerance : float
        Largest relative difference of a number that still counts as the same in a rerun.
    """

    kind: ClassVar[str] = "figure"
    data: pd.DataFrame
    alt: str
    wide: str
    narrow: str
    tolerance: float = DATA_TOLERANCE

    def __post_init__(self) -> None:
        """Refuse a figure that says nothing to who cannot see it."""
        super().__post_init__()
        if not self.alt.strip():
            raise ValueError(f"figure {self.id!r} has no alt text; give it one")
        if self.synthetic and not self.alt.lower().startswith("synthetic"):
            raise ValueError(f"figure {self.id!r} shows synthetic data: its alt text must start with that word")

    @property
    def drawn(self) -> bool:
        """Whether there was anything to draw; where not, its alt text says why."""
        return UNDRAWN not in self.alt

    def to_json(self) -> dict[str, Any]:  # noqa: D102
        extra = {"data": frame_to_plain(self.data), "alt": self.alt, "wide": self.wide, "narrow": self.narrow,
                 "tolerance": self.tolerance}  # fmt: skip
        return {**super().to_json(), **extra}

    def to_html(self) -> str:  # noqa: D102
        return (
            f'<figure id="{self.id}" style="margin:0 0 1em"><picture>'
            f'<source media="(max-width: 600px)" srcset="{_svg_uri(self.narrow)}">'
            f'<img alt="{escape(self.alt)}" src="{_svg_uri(self.wide)}" style="max-width:100%;background:#fff">'
            f"</picture><figcaption>{self._marked(self.answer)}</figcaption></figure>"
        )

    def to_text(self) -> str:  # noqa: D102
        return f"{super().to_text()}\n{self.alt}"


def headline(*values: Value) -> str:
    """Write values one to a line, rounded, as a notebook's last cell prints them.

    Parameters
    ----------
    *values : Value
        Numbers or words, each with its name.

    Returns
    -------
    str
        One line for each value.

    Examples
    --------
    >>> words = {"title": "Replies", "answer": "Most replied.", "slide": "S5", "source": "survey.csv"}
    >>> print(headline(Value(id="replied", value=196, unit="groups", **words)))
    replied: 196 groups
    """
    return "\n".join(f"{value.id}: {show(value.value)} {value.unit}".rstrip() for value in values)


def _svg_uri(svg: str) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"
