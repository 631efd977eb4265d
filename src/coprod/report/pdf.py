"""The report on paper: the pages of the site as one tagged PDF, printed by Chromium."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path

from coprod import __version__
from coprod.report.article import Article, read_site
from coprod.report.browser import SECONDS, find_browser, print_page
from coprod.report.citation import cite_package
from coprod.report.pages import render_page
from coprod.report.site.style import STATIC, STYLE
from coprod.reproduce.check import Check
from coprod.reproduce.folders import unwritable

NAME = "report.pdf"
MARK = "Synthetic data, made up: it shows the method, not results"
_DATE = re.compile(rb"/(?:CreationDate|ModDate) \(D:[^)]*\)")
_KIDS = re.compile(rb"/Kids \[([^\]]*)\]")
_PLACE = re.compile(rb"/(\S+) \[(\d+) 0 R /XYZ")
_OBJECT = re.compile(rb"(?m)^(\d+) 0 obj\n(.*?)\nendobj", re.DOTALL)


def write_pdf(home: Path, site: Path, found: Check, citation: str) -> Path:
    """Print the site of the talk to ``reports/report.pdf``.

    Parameters
    ----------
    home : Path
        Folder of the project.
    site : Path
        The site, as built from the same results.
    found : Check
        The results; they tell which pages rest on made-up data.
    citation : str
        The talk, as it asks to be cited.

    Returns
    -------
    Path
        The PDF. The one before stays where there is an error.

    Raises
    ------
    DataError
        If the site is not whole.
    EnvironmentProblem
        If there is no browser, it fails, or the PDF cannot be written.
    """
    package = (home / "data" / "datapackage.json").read_bytes()
    facts = {
        "The talk": citation,
        "What came out": found.sentence,
        "Made by": cite_package().text(),
        "Data": f"data/datapackage.json, SHA-256 {hashlib.sha256(package).hexdigest()}",
    }
    made_up = {name for name, result in found.displayed if result.synthetic}
    return print_site(site, home / "reports" / NAME, facts=facts, made_up=made_up)


def print_site(
    site: Path, pdf: Path, *, facts: Mapping[str, str], made_up: Collection[str], seconds: float = SECONDS
) -> Path:
    """Print the pages of a site as one document.

    The contents have the numbers of pages, which are known only when it has been printed; so it is printed twice.

    Parameters
    ----------
    site : Path
        Folder that Sphinx built.
    pdf : Path
        Where it goes.
    facts : mapping
        What the first page says, by name.
    made_up : collection of str
        Pages whose data are synthetic; a line on each sheet of theirs says so.
    seconds : float, optional
        Time limit of each printing.

    Returns
    -------
    Path
        The PDF. It names no date, so that the same pages from the same browser are the same bytes.

    Raises
    ------
    DataError
        If the site is not whole.
    EnvironmentProblem
        If there is no browser, it fails, or the PDF cannot be written.
    """
    browser = find_browser()
    title, articles = read_site(site)
    try:
        with tempfile.TemporaryDirectory(dir=pdf.parent, prefix=".pdf-", ignore_cleanup_errors=True) as made:
            page, numbers = Path(made, "report.html"), dict[str, int]()
            for _ in range(2):
                page.write_text(_document(title, articles, site, facts, made_up, numbers), encoding="utf-8")
                printed = print_page(browser, page, seconds=seconds)
                numbers = number_pages(printed)
            new = Path(made, pdf.name)
            new.write_bytes(_without_dates(printed))
            new.replace(pdf)
    except OSError as error:
        raise unwritable(pdf.parent, error) from None
    return pdf


def _document(
    title: str,
    articles: list[Article],
    site: Path,
    facts: Mapping[str, str],
    made_up: Collection[str],
    numbers: Mapping[str, int],
) -> str:
    return render_page(
        "print.html",
        title=title,
        articles=articles,
        facts=facts,
        made_up=made_up,
        numbers=numbers,
        style=(site / STATIC / STYLE).as_uri(),
        version=__version__,
        mark=MARK,
    )


def number_pages(pdf: bytes) -> dict[str, int]:
    """Read on which page each place of a PDF lies that a link leads to.

    Parameters
    ----------
    pdf : bytes
        As Chromium writes it: objects one after another, not packed.

    Returns
    -------
    dict
        Name of the place to number of its page, from 1; nothing where the PDF is written in another way.
    """
    objects = {int(number): body for number, body in _OBJECT.findall(pdf)}
    roots = [number for number, body in objects.items() if b"/Type /Pages" in body and b"/Parent" not in body]
    pages = {number: place for place, number in enumerate(_leaves(objects, roots), start=1)}
    listed = re.search(rb"/Dests (\d+) 0 R", pdf)
    places = _PLACE.findall(objects.get(int(listed[1]), b"")) if listed else []
    return {name.decode("latin-1"): pages[int(page)] for name, page in places}


def _leaves(objects: Mapping[int, bytes], nodes: Collection[int]) -> list[int]:
    """Walk a tree of pages in reading order."""
    found: list[int] = []
    for node in nodes:
        kids = _KIDS.search(objects.get(node, b"")) if b"/Type /Pages" in objects.get(node, b"") else None
        children = [int(number) for number in re.findall(rb"(\d+) 0 R", kids[1])] if kids else []
        found += _leaves(objects, children) if kids else [node]
    return found


def _without_dates(pdf: bytes) -> bytes:
    """Blank the dates of printing in place, so that no offset changes."""
    return _DATE.sub(lambda found: b" " * len(found[0]), pdf)
