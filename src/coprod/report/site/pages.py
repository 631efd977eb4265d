"""The pages around the chapters, from templates in which no number is typed."""

from __future__ import annotations

import json
import re
import shutil
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from markupsafe import Markup

from coprod import __version__
from coprod.data import read_talk
from coprod.errors import DataError
from coprod.report.citation import cite_package
from coprod.report.pages import render_page
from coprod.report.site.around import around_the_results
from coprod.report.site.chapters import say_origin, write_chapters
from coprod.report.site.renderer import render_result
from coprod.report.site.style import STATIC
from coprod.reproduce.certificate import read_data
from coprod.reproduce.check import Check
from coprod.reproduce.collect import Displayed
from coprod.reproduce.notebooks import Notebook
from coprod.results import Figure, Result
from coprod.talk.claims import count_verdicts

PLACE = "site"
"""Folder of the site in ``reports/``."""
TITLE = "Patient champions speak back to power"
PAGES = ("index", "talk", "check", "data", "words", "about", "champions")
"""Pages with a template of their own; the methods come from the documentation."""
ANSWERS = frozenset(
    [
        "ledger",
        "partnership_pairs",
        "culture_timeline",
        "foi_waffle",
        "works_chart",
        "cohorts",
        "change",
        "tipping_point",
    ]
)
"""Results whose sentence answers the question of their notebook; of another notebook the first one does."""
_NOT_PROSE = re.compile(r"\{[{%#].*?[%#}]\}|`[^`\n]*`|<[^>\n]*>|\]\([^)\n]*\)", re.DOTALL)


@dataclass(frozen=True)
class Answer:
    """The question of a notebook, and the sentence that answers it."""

    notebook: Notebook
    result: Result


def write_report(source: Path, home: Path, found: Check, notebooks: Sequence[Notebook], citation: str) -> None:
    """Write the report of the talk where Sphinx reads it: the chapters, the pages around them, and the downloads.

    Parameters
    ----------
    source : Path
        Folder that Sphinx builds from.
    home : Path
        Folder of the project, with ``data/`` and ``reports/``; figures and tables are extracted already.
    found : Check
        The results and the verdicts.
    notebooks : sequence of Notebook
        In reading order.
    citation : str
        The talk, as it asks to be cited.

    Raises
    ------
    DataError
        If a notebook is missing, failed or is not up to date, or a page has a number typed by hand.
    """
    if found.failed:
        raise DataError("; ".join(f"notebook {outcome.name}: {outcome.message}" for outcome in found.failed))
    write_chapters(source, home / "reports", notebooks, found.displayed)
    content = _content(home, found, notebooks, citation)
    write_pages(source, "site", PAGES, content)
    for name, text in read_data(home).items():
        path = source / STATIC / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    if content["certificate"]:
        shutil.copytree(home / "reports" / "certificate", source / STATIC / "certificate")
    methods = home / "docs" / "methods.md"
    if methods.is_file():
        shutil.copyfile(methods, source / "methods.md")


def write_pages(source: Path, folder: str, names: Iterable[str], content: Mapping[str, Any]) -> None:
    """Fill templates of a folder below ``coprod.report``, in whose prose no number may be typed.

    Raises
    ------
    DataError
        If one is.
    """
    for name in names:
        template = f"{folder}/{name}.md"
        refuse_digits(name, files("coprod.report").joinpath(template).read_text(encoding="utf-8"))
        (source / f"{name}.md").write_text(render_page(template, **content), encoding="utf-8")


def refuse_digits(page: str, template: str) -> None:
    """Refuse a number that is typed in the prose of a template; one in code, a tag or a link's address is none.

    Examples
    --------
    >>> refuse_digits("index", "Of {{ total }} groups, see `S5`.")
    >>> refuse_digits("index", "Of 209 groups.")
    Traceback (most recent call last):
    coprod.errors.DataError: page 'index', line 1 has '209' typed by hand; take it from a result
    """
    prose = _NOT_PROSE.sub(lambda found: "\n" * found[0].count("\n"), template)
    for line, text in enumerate(prose.splitlines(), start=1):
        if typed := re.search(r"\d+", text):
            raise DataError(f"page {page!r}, line {line} has {typed[0]!r} typed by hand; take it from a result")


def _content(home: Path, found: Check, notebooks: Sequence[Notebook], citation: str) -> dict[str, Any]:
    talk = read_talk(home)
    package = json.loads((home / "data" / "datapackage.json").read_text(encoding="utf-8"))
    answers = [Answer(notebook, _main(notebook, found)) for notebook in notebooks]
    return {
        "found": found,
        "answers": answers,
        "claims": found.claims.to_dict("records"),
        "counts": count_verdicts(found.claims).to_dict("records"),
        "slides": talk["slides"].to_dict("records"),
        "abbreviations": talk["abbreviations"].to_dict("records"),
        **around_the_results(home, talk),
        "tables": package["resources"],
        "citation": citation,
        "package": cite_package().text(),
        "version": __version__,
        "methods": (home / "docs" / "methods.md").is_file(),
        "certificate": _is_of(home / "reports" / "certificate", read_data(home)),
        "time": say_time(sum(outcome.seconds for outcome in found.notebooks)),
        "blocks": _figures_of_slides(found.displayed),
    }


def _is_of(certificate: Path, data: Mapping[str, str]) -> bool:
    """Tell whether a certificate was written of these data: an earlier one holds what has been taken out since."""
    held = {name: certificate / name for name in data}
    return all(path.is_file() and path.read_bytes() == data[name].encode() for name, path in held.items())


def say_time(seconds: float) -> str:
    """Write how long something took, as far as it matters.

    Examples
    --------
    >>> say_time(4.2), say_time(200)
    ('4 seconds', '3 minutes')
    """
    return f"{seconds:.0f} seconds" if seconds < 100 else f"{seconds / 60:.0f} minutes"


def _figures_of_slides(displayed: Sequence[Displayed]) -> dict[str, list[Markup]]:
    """Collect the figures of each slide; one of several slides stands with the first."""
    blocks: dict[str, list[Markup]] = defaultdict(list)
    for notebook, result in displayed:
        if isinstance(result, Figure) and not result.synthetic:
            block = render_result(result, say_origin(notebook, result.id))
            blocks[result.slide.split(",")[0]].append(Markup(block))  # noqa: S704 - escaped where it is made
    return blocks


def _main(notebook: Notebook, found: Check) -> Result:
    """Choose the result whose sentence answers a notebook's question."""
    results = [result for name, result in found.displayed if name == notebook.name]
    if not results:
        raise DataError(f"notebook {notebook.name!r} displays no result; run 'coprod run {notebook.name}' again")
    return next((result for result in results if result.id in ANSWERS), results[0])
