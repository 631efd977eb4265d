"""Build the site aside from pages and executed notebooks, and move it into place when it is whole."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from coprod.errors import DataError
from coprod.report.site.chapters import write_chapters
from coprod.report.site.pages import write_pages
from coprod.reproduce.check import Check
from coprod.reproduce.folders import unwritable
from coprod.reproduce.notebooks import Notebook

PLACE = "site"
STYLE = "coprod.css"
CONFIGURATION: Mapping[str, Any] = {
    "extensions": ["myst_nb"],
    "project": "Patient champions speak back to power",
    "html_title": "Patient champions speak back to power",
    "html_theme": "furo",
    "html_theme_options": {
        "light_css_variables": {"color-brand-primary": "#0b4f8a", "color-brand-content": "#0b4f8a"},
        "dark_css_variables": {"color-brand-primary": "#9ecbf5", "color-brand-content": "#9ecbf5"},
    },
    "html_css_files": [STYLE],
    "html_copy_source": False,
    "html_show_sourcelink": False,
    "html_show_copyright": False,
    "html_show_sphinx": False,
    "html_use_index": False,
    "html_domain_indices": False,
    "html_permalinks": False,
    "language": "en",
    "nb_execution_mode": "off",
    "nb_ipywidgets_js": {},
    "nb_remove_code_source": True,
    "suppress_warnings": ["myst.xref_missing", "myst.header"],
}


def build_site(home: Path, found: Check, notebooks: list[Notebook], citation: str) -> Path:
    """Build ``reports/site`` anew.

    Parameters
    ----------
    home : Path
        Folder of the project, with ``data/`` and ``reports/``; figures and tables are extracted already.
    found : Check
        The results and the verdicts.
    notebooks : list of Notebook
        In reading order.
    citation : str
        The talk, as it asks to be cited.

    Returns
    -------
    Path
        The first page. It needs no server, and nothing of the network.

    Raises
    ------
    DataError
        If a notebook is missing, a page has a number typed by hand, or Sphinx has anything to warn of.
        The site built before stays.
    EnvironmentProblem
        If the site cannot be written.
    """
    reports = home / "reports"
    try:
        with tempfile.TemporaryDirectory(dir=reports, prefix=".site-", ignore_cleanup_errors=True) as made:
            source, new, old = Path(made, "source"), Path(made, "new"), Path(made, "old")
            source.mkdir()
            write_chapters(source, reports, notebooks, found.displayed)
            write_pages(source, home, found, notebooks, citation)
            _run_sphinx(source, new, Path(made, "doctrees"))
            if (reports / PLACE).exists():
                (reports / PLACE).replace(old)
            new.replace(reports / PLACE)
    except OSError as error:
        raise unwritable(reports, error) from None
    return reports / PLACE / "index.html"


def _run_sphinx(source: Path, output: Path, doctrees: Path) -> None:
    warnings = io.StringIO()
    configuration = {**CONFIGURATION, "html_static_path": [str(source / "_static")]}
    sphinx = Sphinx(source, None, output, doctrees, "html", configuration, status=None, warning=warnings)
    sphinx.build()
    if told := warnings.getvalue().strip():
        raise DataError(f"the site is not as it should be, and the one before stays: {told.replace(str(source), '')}")
