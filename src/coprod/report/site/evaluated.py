"""The site of an evaluation: the same kind of pages as the talk's, of somebody's own questionnaires."""

from __future__ import annotations

import hashlib
import shlex
import shutil
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

from coprod import __version__
from coprod.errors import DataError
from coprod.privacy import WITHHELD
from coprod.report.made import FILES, Made
from coprod.report.site.build import build_site
from coprod.report.site.chapters import to_png, write_chapters
from coprod.report.site.glossary import read_terms
from coprod.report.site.pages import write_pages
from coprod.report.site.style import STATIC
from coprod.results import Figure, Table
from coprod.training.explain import explain_sections
from coprod.training.words import NEVER_CLAIMED

PLACE = "site"
"""Folder of the site, beside the tables."""
PAGES = ("index", "protocol", "files", "words")
"""Pages with a template in ``site/evaluation/``."""
QUESTIONS = ("questionnaires_returned", "cohort_forest", "kept", "tipping_point")
"""Results of the summary, below the primary one: their titles are questions, their sentences answer them."""
OWN = ("methods.html", "words.html")
"""Pages without a word of the data but the title, which is searched on the others. They may say "one person"."""
PACKAGES = (("sphinx", "themes"), ("furo", "theme"), ("myst_nb", "static"))
"""Where the scripts and styles come from that a site carries as they are."""


def add_site(made: Made) -> frozenset[str]:
    """Build the site of an evaluation.

    Parameters
    ----------
    made : Made
        What there is to show; its folder gets ``site/``.

    Returns
    -------
    frozenset of str
        SHA-256 of what a search for people need not open: typeface, scripts and styles, which were there before any
        data, pages in the package's own words, and each picture that comes out again when the drawing beside it is
        drawn.

    Raises
    ------
    DataError
        If a result cannot be shown.
    EnvironmentProblem
        If the site cannot be written.
    """
    known = {_digest(path) for path in _list_packaged()}

    def write(source: Path) -> None:
        known.update(_digest(path) for path in source.rglob("*") if path.is_file())
        write_evaluation(source, made)

    site = build_site(made.folder / PLACE, made.study.protocol.title, write).parent
    known.update(_digest(site / name) for name in OWN)
    drawings = [picture.with_suffix(".svg") for picture in (site / STATIC / "figures").glob("*.png")]
    return frozenset(known | {hashlib.sha256(to_png(drawing)).hexdigest() for drawing in drawings})


def write_evaluation(source: Path, made: Made) -> None:
    """Write the pages of an evaluation where Sphinx reads them: the chapters, what is around them, and the downloads.

    Parameters
    ----------
    source : Path
        Folder that Sphinx builds from.
    made : Made
        What there is to show.

    Raises
    ------
    DataError
        If a notebook or the page on methods is missing, or a page has a number typed by hand.
    """
    command = say_command(made)
    write_chapters(source, made.folder, made.notebooks, made.displayed, command=command)
    write_pages(source, "site/evaluation", PAGES, _content(made, command))
    for name, _ in FILES:
        shutil.copyfile(made.folder / name, source / STATIC / name)
    methods = made.home / "docs" / "methods.md"
    if not methods.is_file():
        raise DataError(f"{methods} is missing, and belongs to every report; restore it with 'git checkout -- docs'")
    shutil.copyfile(methods, source / methods.name)


def say_command(made: Made) -> str:
    """Write the command that makes an evaluation again, without the folders that only its author has."""
    command = ["coprod", "evaluate", made.responses.name, "--protocol", made.protocol.name, "--out", made.out.name]
    for option, chosen in (("--scale", made.scale), ("--wave", made.wave)):
        command += [option, chosen] if chosen else []
    return shlex.join([*command, "--report"])


def _content(made: Made, command: str) -> dict[str, Any]:
    shown = {result.id: {"notebook": name, "result": result} for name, result in made.displayed}
    protocol = made.study.protocol
    return {
        "title": protocol.title,
        "synthetic": made.study.synthetic,
        "sentence": made.sentence,
        "place": made.place,
        "answers": [shown[name] for name in QUESTIONS if name in shown],
        "never": NEVER_CLAIMED,
        "profile": made.study.profile,
        "withheld": WITHHELD,
        "notebooks": made.notebooks,
        "sections": explain_sections(protocol),
        "hash": protocol.hash,
        "sheets": FILES,
        "data": [*_list_data(made)],
        "command": command,
        "version": __version__,
        "responses": made.responses.name,
        "digest": _digest(made.responses),
        "terms": [term for term in read_terms() if not term.alone],
    }


def _list_data(made: Made) -> Iterator[tuple[str, str]]:
    """List the CSV of each figure and table: its place among the downloads, and its title."""
    for _, result in made.displayed:
        if isinstance(result, Figure | Table):
            yield f"{'figures' if isinstance(result, Figure) else 'tables'}/{result.stem}.csv", result.title


def _list_packaged() -> Iterator[Path]:
    for package, folder in PACKAGES:
        yield from (path for path in Path(str(files(package).joinpath(folder))).rglob("*") if path.is_file())


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
