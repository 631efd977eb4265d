"""What the HTML pages share: the templates, and the results of a notebook in runs of one kind."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from itertools import groupby

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from coprod.reproduce.notebooks import say_slides
from coprod.results import Result, show

MOST_ROWS = 30
"""Rows of a figure's data that a page shows; the CSV has all."""
_LINES = re.compile(r"\s*[\n\r]\s*")
_STRUCTURE = re.compile(
    r"[!-+<-@\[-^`{-~]|(?<![^\W_])[.:_-]"  # ASCII signs, but for a comma, semicolon or slash,
    r"|[:_-](?![^\W_])|(?<=\d)\.(?![^\W_])"  # and those inside a word or number; a number and a dot begin a list
)
"""Signs that Markdown or HTML could take for structure."""
_LONG = re.compile(r' style="[^"]*min-width[^"]*"')
_SAID_BY_THE_PAGE = re.compile(r'(?<=<table) id="[^"]*"|<caption.*?</caption>| style="[^"]*"', re.DOTALL)


def render_page(template: str, **content: object) -> str:
    """Fill a template of this folder; the same content gives the same bytes.

    What is put in is shown as it is and never read as markup: in HTML it is escaped, in Markdown
    :func:`tell_markdown` writes it.
    """
    return _templates(markdown=template.endswith(".md")).get_template(template).render(**content)


@cache
def _templates(*, markdown: bool) -> Environment:
    templates = Environment(
        finalize=tell_markdown if markdown else None,
        loader=PackageLoader("coprod.report", "."),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    templates.filters["show"] = show
    templates.filters["say_slides"] = say_slides
    templates.filters["own_html"] = lambda table: Markup(table.to_html())  # noqa: S704 - escaped where it is made
    templates.filters["block_table"] = lambda table: Markup(_plain(table.to_html()))  # noqa: S704 - as above
    templates.filters["plain_table"] = _plain_table
    return templates


def tell_markdown(value: object) -> Markup:
    r"""Write a value so that neither Markdown nor HTML finds anything in it to obey.

    Signs that could mean something are written as character references, which CommonMark never takes for structure, and
    which are the same in raw HTML. All stands in one line. Own HTML stays, in one line too, since a blank line would
    end it. Three places read no references, and no value belongs there: code in backticks, and the options and the
    content of a directive.

    Parameters
    ----------
    value : object
        Text, a number, or ``Markup`` that was escaped where it was made.

    Returns
    -------
    Markup
        To stand in prose, in HTML or in an attribute.

    References
    ----------
    CommonMark Spec 0.31.2, section 2.5, "Entity and numeric character references".

    Examples
    --------
    >>> print(tell_markdown("co-production rose by 0.5 points.\n\n# [x](javascript:alert(1))"))
    co-production rose by 0.5 points. &#35; &#91;x&#93;&#40;javascript:alert&#40;1&#41;&#41;
    """
    if isinstance(value, Markup):
        return Markup(_LINES.sub(" ", value))  # noqa: S704 - it is Markup
    line = re.sub(r"\s+", " ", str(value))
    return Markup(_STRUCTURE.sub(lambda sign: f"&#{ord(sign[0])};", line))  # noqa: S704 - escaped here


def _plain(table: str) -> str:
    """Leave out of a table's HTML what the page says in its own way: the id, the caption and the styles."""
    return _SAID_BY_THE_PAGE.sub("", _LONG.sub(' class="long"', table))


def _plain_table(data: pd.DataFrame) -> Markup:
    """Write every cell of a frame whole, of a long frame the first rows."""
    with pd.option_context("display.max_colwidth", None):
        written = data.head(MOST_ROWS).to_html(index=False, border=0, na_rep="", classes=[], justify="unset")
    return Markup(_LINES.sub(" ", written))  # noqa: S704 - pandas escapes it


def group_results(results: Iterable[Result]) -> list[tuple[str, list[Result]]]:
    """Group results in the order displayed: each run of figures, tables or values by its kind."""
    return [(kind, list(run)) for kind, run in groupby(results, key=lambda result: result.kind)]
