"""What the HTML pages share: the templates, and the results of a notebook in runs of one kind."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from coprod.reproduce.notebooks import say_slides
from coprod.results import Result, show

MOST_ROWS = 60
"""Rows of a figure's data that a page shows; the CSV has all."""
_LONG = re.compile(r' style="[^"]*min-width[^"]*"')
_SAID_BY_THE_PAGE = re.compile(r'(?<=<table) id="[^"]*"|<caption.*?</caption>| style="[^"]*"', re.DOTALL)


def render_page(template: str, **content: object) -> str:
    """Fill a template of this folder; the same content gives the same bytes."""
    templates = Environment(
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
    return templates.get_template(template).render(**content)


def _plain(table: str) -> str:
    """Leave out of a table's HTML what the page says in its own way: the id, the caption and the styles."""
    return _SAID_BY_THE_PAGE.sub("", _LONG.sub(' class="long"', table))


def _plain_table(data: pd.DataFrame) -> Markup:
    """Write every cell of a frame whole, of a long frame the first rows."""
    with pd.option_context("display.max_colwidth", None):
        written = data.head(MOST_ROWS).to_html(index=False, border=0, na_rep="", classes=[], justify="unset")
    return Markup(written)  # noqa: S704 - pandas escapes it


def group_results(results: Iterable[Result]) -> list[tuple[str, list[Result]]]:
    """Group results in the order displayed: each run of figures, tables or values by its kind."""
    return [(kind, list(run)) for kind, run in groupby(results, key=lambda result: result.kind)]
