"""What the HTML pages share: the templates, and the results of a notebook sorted by kind."""

from __future__ import annotations

from collections.abc import Iterable

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from coprod.reproduce.notebooks import say_slides
from coprod.results import Figure, Result, Table, Value, show


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
    return templates.get_template(template).render(**content)


def sort_results(results: Iterable[Result]) -> dict[str, list[Result]]:
    """Sort results by kind, in the order displayed."""
    listed = list(results)
    kinds: dict[str, type[Result]] = {"values": Value, "figures": Figure, "tables": Table}
    return {name: [result for result in listed if isinstance(result, kind)] for name, kind in kinds.items()}
