"""The prose of a page: which parts of its HTML are running text, and what they say."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from itertools import accumulate

_NO_PROSE = frozenset(
    ["a", "blockquote", "button", "caption", "cite", "code", "details", "dt", "h1", "h2", "h3", "h4", "h5", "h6",
     "label", "nav", "pre", "script", "style", "summary", "svg", "th", "title"]
)  # fmt: skip
"""Headings, names, titles, links, code, drawings, folded parts, and the words that somebody is quoted with."""
_NO_PROSE_CLASSES = frozenset(["banner", "citation", "synthetic", "visually-hidden"])
_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)
"""Elements that have no end."""
_CHARACTER = re.compile(r"&(?:#\w+|\w+);|.", re.DOTALL)


def find_prose(body: str) -> list[tuple[int, int]]:
    """Find the pieces of HTML that are running text, without a mark inside.

    Examples
    --------
    >>> body = "<h1>Name</h1><p>One &amp; <em>two</em></p>"
    >>> [body[begin:end] for begin, end in find_prose(body)]
    ['One &amp; ', 'two']
    """
    return _Pieces(body).found


def read_text(source: str) -> tuple[str, list[int]]:
    """Read a piece of HTML without marks as text, with the place in it where each character begins, and its end.

    Examples
    --------
    >>> read_text("a&#45;b")
    ('a-b', [0, 1, 6, 7])
    """
    text, places = "", []
    for found in _CHARACTER.finditer(source):
        character = unescape(found[0])
        text += character
        places += [found.start()] * len(character)
    return text, [*places, len(source)]


class _Pieces(HTMLParser):
    """Where each piece begins and ends; a reference to a character ends none."""

    def __init__(self, body: str) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[tuple[int, int]] = []
        self._lines = list(accumulate((len(line) + 1 for line in body.split("\n")), initial=0))
        self._begun: int | None = None
        self._left_out = ""
        self._depth = 0
        self.feed(body)
        self.close()
        self._end(len(body))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._end(self._place())
        classes = set((dict(attrs).get("class") or "").split())
        if not self._depth and tag not in _VOID and (tag in _NO_PROSE or classes & _NO_PROSE_CLASSES):
            self._left_out = tag
        self._depth += tag == self._left_out

    def handle_startendtag(self, _: str, __: list[tuple[str, str | None]]) -> None:
        self._end(self._place())

    def handle_endtag(self, tag: str) -> None:
        self._end(self._place())
        self._depth -= tag == self._left_out
        self._left_out = self._left_out if self._depth else ""

    def handle_comment(self, _: str) -> None:
        self._end(self._place())

    def handle_data(self, _: str) -> None:
        self._begin()

    def handle_charref(self, _: str) -> None:
        self._begin()

    def handle_entityref(self, _: str) -> None:
        self._begin()

    def _begin(self) -> None:
        if not self._depth and self._begun is None:
            self._begun = self._place()

    def _end(self, place: int) -> None:
        if self._begun is not None:
            self.found.append((self._begun, place))
            self._begun = None

    def _place(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column
