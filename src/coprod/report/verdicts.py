"""One page that says what came out: the sentence, the verdict on every claim, every figure and table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from coprod.report.pages import group_results, render_page
from coprod.reproduce.check import Check
from coprod.reproduce.folders import replace_tree
from coprod.reproduce.notebooks import Notebook
from coprod.talk.claims import count_verdicts

PAGE = "index.html"


def write_verdicts(reports: Path, found: Check, notebooks: Sequence[Notebook], citation: str) -> Path:
    """Write ``index.html`` beside the figures and tables it links to.

    Parameters
    ----------
    reports : Path
        Folder with ``figures/`` and ``tables/``.
    found : Check
        What to report.
    notebooks : sequence of Notebook
        In reading order; their questions are the headings.
    citation : str
        The talk, as it asks to be cited.

    Returns
    -------
    Path
        The page. It needs no script and asks nothing of the network.
    """
    replace_tree(reports, {PAGE: render(found, notebooks, citation)}, [PAGE])
    return reports / PAGE


def render(found: Check, notebooks: Sequence[Notebook], citation: str) -> str:
    """Return the page as HTML; the same input gives the same bytes."""
    return render_page(
        "verdicts.html",
        found=found,
        claims=found.claims.to_dict("records"),
        counts=count_verdicts(found.claims).to_dict("records"),
        chapters=[_chapter(notebook, found) for notebook in notebooks],
        citation=citation,
    )


def _chapter(notebook: Notebook, found: Check) -> dict[str, object]:
    return {
        "notebook": notebook,
        "outcome": next((outcome for outcome in found.notebooks if outcome.name == notebook.name), None),
        "groups": group_results(result for name, result in found.displayed if name == notebook.name),
    }
