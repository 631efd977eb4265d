"""Results that carry themselves: a number, a table or a figure with its words, data and source.

A result displayed in a notebook puts three things into the cell's output: HTML to look at, plain
text, and one JSON under :data:`MIME` that holds everything. An executed notebook is therefore the
one artefact of a run: :func:`read_notebook` gives the results back from it.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd

from coprod.errors import DataError

MIME = "application/vnd.coprod.result+json"
SCHEMA = 1
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
            "parameters": {name: _plain(value) for name, value in self.parameters.items()},
            "synthetic": self.synthetic,
        }

    def to_html(self) -> str:
        """Return the result as HTML that needs no style sheet and no script."""
        raise NotImplementedError

    def to_text(self) -> str:
        """Return the result as plain text."""
        return f"{'SYNTHETIC: ' if self.synthetic else ''}{self.title}\n{self.answer}"

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
        return {**super().to_json(), "value": _plain(self.value), "unit": self.unit, "tolerance": self.tolerance}

    def to_html(self) -> str:  # noqa: D102
        number = escape(f"{show(self.value)} {self.unit}".strip())
        return f"<p id={_anchor(self.id)}><strong>{escape(self.title)}: {number}.</strong> {escape(self.answer)}</p>"

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
    """

    kind: ClassVar[str] = "table"
    data: pd.DataFrame
    headings: Mapping[str, str]
    missing: str = "not published"

    def to_json(self) -> dict[str, Any]:  # noqa: D102
        extra = {"data": _frame_to_json(self.data), "headings": dict(self.headings), "missing": self.missing}
        return {**super().to_json(), **extra}

    def to_html(self) -> str:  # noqa: D102
        head = "".join(f'<th scope="col" style="text-align:left">{escape(h)}</th>' for h in self.headings.values())
        body = "".join(f"<tr>{''.join(self._cells(row))}</tr>" for row in self._rows())
        return (
            f"<table id={_anchor(self.id)}><caption style=\"text-align:left\"><strong>{escape(self.title)}</strong>"
            f"<br>{escape(self.answer)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )

    def to_text(self) -> str:  # noqa: D102
        shown = pd.DataFrame(list(self._rows()), columns=list(self.headings.values()))
        return f"{super().to_text()}\n{shown.to_string(index=False)}"

    def _rows(self) -> Iterator[list[str]]:
        for row in _frame_to_json(self.data[list(self.headings)])["rows"]:
            yield [self.missing if cell is None else show(cell) for cell in row]

    @staticmethod
    def _cells(row: list[str]) -> Iterator[str]:
        style = 'style="text-align:left;vertical-align:top"'
        yield f'<th scope="row" {style}>{escape(row[0])}</th>'
        yield from (f"<td {style}>{escape(cell)}</td>" for cell in row[1:])


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
    """

    kind: ClassVar[str] = "figure"
    data: pd.DataFrame
    alt: str
    wide: str
    narrow: str

    def __post_init__(self) -> None:
        """Refuse a figure that says nothing to who cannot see it."""
        super().__post_init__()
        if not self.alt.strip():
            raise ValueError(f"figure {self.id!r} has no alt text; give it one")
        if self.synthetic and not self.alt.lower().startswith("synthetic"):
            raise ValueError(f"figure {self.id!r} shows synthetic data: its alt text must start with that word")

    def to_json(self) -> dict[str, Any]:  # noqa: D102
        extra = {"data": _frame_to_json(self.data), "alt": self.alt, "wide": self.wide, "narrow": self.narrow}
        return {**super().to_json(), **extra}

    def to_html(self) -> str:  # noqa: D102
        return (
            f"<figure id={_anchor(self.id)} style=\"margin:0\"><picture>"
            f'<source media="(max-width: 600px)" srcset="{_svg_uri(self.narrow)}">'
            f'<img alt="{escape(self.alt)}" src="{_svg_uri(self.wide)}" style="max-width:100%;background:#fff">'
            f"</picture><figcaption>{escape(self.answer)}</figcaption></figure>"
        )

    def to_text(self) -> str:  # noqa: D102
        return f"{super().to_text()}\n{self.alt}"


def read_notebook(path: Path | str) -> list[Result]:
    """Read the results displayed in an executed notebook, in their order.

    Parameters
    ----------
    path : Path or str
        A notebook file (``.ipynb``).

    Returns
    -------
    list of Result
        Equal to the results that were displayed.

    Raises
    ------
    DataError
        If the file is missing, is not a whole notebook, or holds a result this version cannot read.
    """
    try:
        with open(path, encoding="utf-8") as file:
            cells = json.load(file)["cells"]
        outputs = [output for cell in cells for output in cell.get("outputs", [])]
        payloads = [output["data"][MIME] for output in outputs if MIME in output.get("data", {})]
    except FileNotFoundError:
        raise DataError(f"{path} is missing; run 'coprod run' to make it") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(
            f"{path} is not a whole notebook ({type(error).__name__}: {error}); delete it and run 'coprod run'"
        ) from None
    return [from_json(payload, str(path)) for payload in payloads]


def from_json(payload: Mapping[str, Any], place: str = "JSON") -> Result:
    """Make a result again from what :meth:`Result.to_json` gave."""
    content = dict(payload)
    schema, kind = content.pop("schema", None), content.pop("kind", None)
    classes: dict[str, type[Result]] = {cls.kind: cls for cls in (Value, Table, Figure)}
    try:
        if schema != SCHEMA:
            raise ValueError(f"schema {schema!r}, expected {SCHEMA}")
        if "data" in content:
            content["data"] = pd.DataFrame(content["data"]["rows"], columns=content["data"]["columns"], dtype=object)
        return classes[str(kind)](**content)
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"{place}: result {content.get('id')!r} cannot be read ({error}); run 'coprod run'") from None


def show(value: object) -> str:
    """Write a value for a reader: at most three decimals, a real minus sign.

    Examples
    --------
    >>> show(0.15306122), show(-2), show("nearest"), show(True)
    ('0.153', '\u22122', 'nearest', 'yes')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        value = f"{value:.3f}".rstrip("0").rstrip(".")
        return value.replace("-", "\u2212")
    return str(value).replace("-", "\u2212") if isinstance(value, int) else str(value)


def _frame_to_json(frame: pd.DataFrame) -> dict[str, Any]:
    rows = frame.astype(object).to_numpy().tolist()
    return {"columns": [str(c) for c in frame.columns], "rows": [[_plain(cell) for cell in row] for row in rows]}


def _plain(value: object) -> Any:
    """Turn a scalar into a JSON value; lists stay lists, missing becomes None."""
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if value is None or value is pd.NA or value != value:
        return None
    return value.item() if hasattr(value, "item") else value


def _svg_uri(svg: str) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


def _anchor(name: str) -> str:
    return f'"{escape(name)}"'
