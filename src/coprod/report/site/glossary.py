"""The words a lay reader meets, and each page's first use of one as a quiet link to what it means.

As a Sphinx extension it works on a page as it is about to be written, so that words are found whatever put them
there: a notebook, a template or a result.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from coprod.errors import DataError
from coprod.report.site.prose import find_prose, read_text
from coprod.talk.rules import VERDICTS

if TYPE_CHECKING:
    from docutils.nodes import document
    from sphinx.application import Sphinx

PAGE = "words"
"""Page with the entries."""


@dataclass(frozen=True)
class Term:
    """A word and what it means.

    Attributes
    ----------
    word : str
        As the glossary lists it.
    meaning : str
        One or two plain sentences.
    forms : tuple of str
        What links to it.
    alone : bool
        Whether it only does where nothing stands beside it: a verdict such as "differs" is a common verb too.
    """

    word: str
    meaning: str
    forms: tuple[str, ...]
    alone: bool = False

    @property
    def anchor(self) -> str:
        """The id of its entry.

        Examples
        --------
        >>> Term("CC BY", "A licence.", ()).anchor
        'word-cc-by'
        """
        return "word-" + "-".join(re.findall(r"[a-z]+", self.word.lower()))


@cache
def read_terms() -> tuple[Term, ...]:
    """Read the glossary, with the verdicts, in alphabetical order.

    Returns
    -------
    tuple of Term
        Each form belongs to one of them.

    Raises
    ------
    DataError
        If two entries share a form, or a digit is typed.
    """
    listed = tomllib.loads(files("coprod.report").joinpath("site", "glossary.toml").read_text(encoding="utf-8"))["term"]
    terms = [Term(e["word"], e["meaning"], (*([] if "(" in e["word"] else [e["word"]]), *e.get("also", ())))
             for e in listed]  # fmt: skip
    terms += [Term(verdict, f"A verdict: {meaning}.", (verdict,), alone=True) for verdict, meaning in VERDICTS.items()]
    seen: dict[str, str] = {}
    for term in terms:
        if digit := re.search(r"\d", term.word + term.meaning):
            raise DataError(f"glossary.toml, {term.word!r}: the digit {digit[0]!r} is typed by hand; say it in words")
        for form in map(str.lower, term.forms):
            if form in seen:
                raise DataError(f"glossary.toml: {form!r} is a form of {seen[form]!r} and {term.word!r}; keep one")
            seen[form] = term.word
    return tuple(sorted(terms, key=lambda term: term.word.lower()))


def link_terms(body: str, terms: Sequence[Term], page: str) -> str:
    """Make the first use of each word in a page's prose a link to its entry.

    Parameters
    ----------
    body : str
        HTML; all but the links stays byte for byte.
    terms : sequence of Term
        The longest form that fits is taken; upper and lower case are the same, and so is the plural.
    page : str
        Address of the page with the entries.

    Returns
    -------
    str
        HTML.

    Examples
    --------
    >>> link_terms("<h1>Wave</h1><p>Two waves, one wave.</p>", [Term("Wave", "A time.", ("wave",))], "w.html")
    '<h1>Wave</h1><p>Two <a class="term" href="w.html#word-wave">waves</a>, one wave.</p>'
    """
    known = {form.lower(): term for term in terms for form in term.forms}
    common = sorted((form for form, term in known.items() if not term.alone), key=len, reverse=True)
    words = re.compile(rf"(?<![\w-])({'|'.join(map(_spaced, common))})(?:e?s)?(?![\w-])", re.IGNORECASE)
    used: set[str] = set()
    parts, done = [], 0
    for begin, end in find_prose(body):
        text, places = read_text(body[begin:end])
        for first, last, form in _find(text, words, known):
            if known[form].anchor not in used:
                used.add(known[form].anchor)
                start, stop = begin + places[first], begin + places[last]
                link = f'<a class="term" href="{page}#{known[form].anchor}">{body[start:stop]}</a>'
                parts += [body[done:start], link]
                done = stop
    return "".join([*parts, body[done:]])


def _find(text: str, words: re.Pattern[str], known: Mapping[str, Term]) -> list[tuple[int, int, str]]:
    """Find the uses of words in a piece of text: where each begins and ends, and in which form."""
    whole = text.strip()
    if (term := known.get(whole.lower())) and term.alone:
        start = text.index(whole)
        return [(start, start + len(whole), whole.lower())]
    return [(found.start(), found.end(), " ".join(found[1].lower().split())) for found in words.finditer(text)]


def _spaced(form: str) -> str:
    return r"\s+".join(map(re.escape, form.split()))


def setup(app: Sphinx) -> dict[str, Any]:
    """Link the words of every page but the glossary's own, where there is one."""
    app.connect("html-page-context", _link_page)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _link_page(app: Sphinx, name: str, _: str, context: dict[str, Any], source: document | None) -> None:
    if source is not None and name != PAGE and PAGE in app.env.found_docs:
        context["body"] = link_terms(context["body"], read_terms(), context["pathto"](PAGE))
