"""What a file shows to who opens it: running text, and tables; drawings and notebooks are opened up."""

from __future__ import annotations

import base64
import csv
import io
import itertools
import json
import re
import tomllib
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote

import pandas as pd

from coprod.privacy.columns import HEADINGS, PEOPLE, PERSONS
from coprod.results import MIME

_DATA_URI = re.compile(r"data:(?P<kind>[\w.+-]+/[\w.+-]+)(?P<how>[\w;=-]*),(?P<body>[A-Za-z0-9+/=%_.~!*'()-]*)")
_COMMENT = re.compile(r"<!--(.*?)-->", re.DOTALL)
_HIDDEN = re.compile(r"<(style|script)\b.*?</\1>", re.DOTALL | re.IGNORECASE)
_INLINE = re.compile(r"</?(?:a|abbr|b|cite|code|em|i|mark|q|small|span|strong|sub|sup|time|u)\b[^>]*>", re.IGNORECASE)
_NAMED = re.compile(r"\b(?:id|class|name|data-[\w-]+)=\\?\"([^\"]*)\"", re.IGNORECASE)
_SAID = re.compile(r"\b(?:alt|title|aria-label|content|summary)=\\?\"([^\"]*)\"", re.IGNORECASE)
_MARKUP = re.compile(r"<(?:!DOCTYPE|\?xml|!--|/?[a-zA-Z][\w:-]*(?:\s[^<>]*)?/?>)")
_PICTURES = re.compile(r"^(?:image/(?!svg)|application/pdf|video/|audio/)")
_HEADING = re.compile(
    rf"(?:^|(?<=\s\s))(?:{'|'.join(map(re.escape, sorted(HEADINGS | PERSONS, key=len, reverse=True)))})(?!\S)",
    re.IGNORECASE,
)
PLAIN = (".md", ".txt")


@dataclass
class Shown:
    """What is shown.

    Attributes
    ----------
    texts : list of str
        Running text, without markup.
    names : list of str
        Names of parts of drawings and pages.
    tables : list of DataFrame
        Tables of our own making, whose columns are the vocabulary's.
    headed : list of DataFrame
        Tables as readers see them, whose columns are headings.
    keyed : list of tuple
        Names and numbers kept under them.
    sealed : list of str
        Kinds of what cannot be looked into, such as a photograph.
    """

    texts: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    tables: list[pd.DataFrame] = field(default_factory=list)
    headed: list[pd.DataFrame] = field(default_factory=list)
    keyed: list[tuple[str, object]] = field(default_factory=list)
    sealed: list[str] = field(default_factory=list)


def read_shown(suffix: str, content: str) -> Shown:
    r"""Read what a text file shows.

    Parameters
    ----------
    suffix : str
        ``.css``, ``.csv``, ``.html``, ``.ipynb``, ``.js``, ``.json``, ``.md``, ``.svg``, ``.toml`` or ``.txt``.
        Scripts and styles show nothing by themselves.
    content : str
        The file.

    Returns
    -------
    Shown
        Its texts and tables, those of pictures inside it too.

    Examples
    --------
    >>> shown = read_shown(".html", "<p>Of <b>20</b> people</p><table><tr><th>n</th></tr><tr><td>3</td></tr></table>")
    >>> shown.texts, shown.headed[0].to_dict("list")
    (['Of 20 people\nn\n3'], {'n': ['3']})
    """
    shown = Shown()
    match suffix:
        case ".csv":
            shown.tables.append(pd.DataFrame([*csv.DictReader(io.StringIO(content))], dtype=object))
            shown.texts.append(content)
        case ".json" | ".ipynb":
            _read_parts(json.loads(content), shown)
        case ".toml":
            _read_parts(tomllib.loads(content), shown)
            shown.texts.append(content)
        case ".css" | ".js":
            pass  # a search index has the words of pages that are searched themselves, and its numbers are places
        case _:
            read_text(content, shown, prose=suffix in PLAIN)
    return shown


def read_text(content: str, shown: Shown, *, prose: bool = False) -> None:
    """Add what a piece of text, HTML, SVG or Markdown shows."""
    for match in _DATA_URI.finditer(content):
        _read_uri(match, shown)
    content = _DATA_URI.sub("", content)
    if _MARKUP.search(content):
        shown.headed += _Tables.read(content)
        shown.names += map(unescape, _NAMED.findall(content))
        content = _HIDDEN.sub("\n", _COMMENT.sub(r"<br>\1<br>", content))
        shown.texts += map(unescape, _SAID.findall(content))
        content = re.sub(r"<[^>]*>", "\n", re.sub(r"\s+", " ", _INLINE.sub("", content)))
        content = unescape(re.sub(r"\n\s*", "\n", content)).strip()
    else:
        shown.headed += _read_piped(content) + _read_aligned(content)
        content = re.sub(r"(?<![\n|])\n(?![\n|#*-])", " ", content) if prose else content
    shown.texts.append(content)


def _read_uri(match: re.Match[str], shown: Shown) -> None:
    if _PICTURES.match(match["kind"]):
        shown.sealed.append(match["kind"])
    elif "base64" in match["how"]:
        read_text(base64.b64decode(match["body"] + "==").decode("utf-8", errors="replace"), shown)
    else:
        read_text(unquote(match["body"]), shown)


def _read_parts(content: Any, shown: Shown, name: str = "") -> None:
    """Walk through JSON or TOML: tables, text, and numbers with their names."""
    if isinstance(content, dict):
        content = content.get(MIME, content)  # the text and HTML beside a result are made of it
        if set(content) >= {"columns", "rows"}:
            shown.tables.append(pd.DataFrame(content["rows"], columns=content["columns"], dtype=object))
        for key, part in content.items():
            shown.sealed += [key] * bool(_PICTURES.match(key))
            counted = name in PEOPLE and isinstance(part, (int, float))  # such as enrolled = { A = 20 }
            _read_parts(part, shown, name if counted else key)
    elif isinstance(content, list):
        if content and _is_lines(name) and all(isinstance(part, str) for part in content):
            read_text("".join(content), shown, prose=name == "source")
        records = [part for part in content if isinstance(part, dict)]
        if len(records) > 1 and all(not isinstance(cell, (dict, list)) for part in records for cell in part.values()):
            shown.headed.append(pd.DataFrame(records, dtype=object))
        for part in content:
            _read_parts(part, shown, name)
    elif isinstance(content, str):
        read_text(content, shown, prose=name in ("source", "text/markdown"))
    elif isinstance(content, (int, float)) and not isinstance(content, bool):
        shown.keyed.append((name, content))


def _is_lines(name: str) -> bool:
    """Tell whether a list in a notebook is one text, kept line by line."""
    return name in ("source", "text", "traceback") or "/" in name


class _Tables(HTMLParser):
    """The tables of a page, each as rows of cells; the first row is the heading."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self.inside = False

    @classmethod
    def read(cls, content: str) -> list[pd.DataFrame]:
        parser = cls()
        parser.feed(content)
        return [_to_frame(rows) for rows in parser.tables if rows]

    def handle_starttag(self, tag: str, _: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables.append([])
        elif self.tables and tag == "tr":
            self.tables[-1].append([])
        elif self.tables and self.tables[-1] and tag in ("td", "th"):
            self.tables[-1][-1].append("")
            self.inside = True

    def handle_endtag(self, tag: str) -> None:
        self.inside &= tag not in ("td", "th", "table")

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.tables[-1][-1][-1] += data


def _read_piped(content: str) -> list[pd.DataFrame]:
    """Read the tables of Markdown."""
    tables = re.findall(r"(?:^ *\|.*\n?)+", content, re.MULTILINE)
    parted = [[[cell.strip() for cell in line.strip().strip("|").split("|")] for line in table.splitlines()]
              for table in tables]  # fmt: skip
    return [_to_frame(rows) for rows in parted]


def _read_aligned(content: str) -> list[pd.DataFrame]:
    """Read columns printed as text, flush right below a heading that counts people or lists them."""
    tables, lines = [], content.splitlines()
    for number, line in enumerate(lines):
        for head in _HEADING.finditer(line):
            below = [*itertools.takewhile(str.strip, lines[number + 1 :])]
            ends = [match for row in below for match in re.finditer(r"\S+", row) if match.end() == head.end()]
            cells = [match[0] for match in ends if not match.string[head.start() : match.start()].strip()]
            if len(cells) == len(below):  # otherwise these are lines of prose, or the end of a longer heading
                tables.append(pd.DataFrame({head[0]: cells}, dtype=object))
    return tables


def _to_frame(rows: list[list[str]]) -> pd.DataFrame:
    """Make a frame of rows as a reader sees them; columns without heading are called by their place."""
    width = max(map(len, rows))
    heads = [rows[0][place].strip() if place < len(rows[0]) else "" for place in range(width)]
    below = [[*(cell.strip() for cell in row), *[""] * (width - len(row))] for row in rows[1:]]
    return pd.DataFrame(below, columns=pd.Index(heads), dtype=object)
