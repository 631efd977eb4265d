"""Build a site aside from pages and executed notebooks, and move it into place when it is whole."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

from coprod.errors import DataError
from coprod.report.site.style import STATIC, STYLE, write_style
from coprod.reproduce.folders import unwritable

AFTER_THE_THEME = 900
CONFIGURATION: Mapping[str, Any] = {
    "extensions": ["myst_nb", "coprod.report.site.glossary"],
    "html_theme": "furo",
    "html_theme_options": {
        "light_css_variables": {"color-brand-primary": "#0b4f8a", "color-brand-content": "#0b4f8a"},
        "dark_css_variables": {"color-brand-primary": "#9ecbf5", "color-brand-content": "#9ecbf5"},
    },
    "html_css_files": [STYLE],
    "exclude_patterns": [STATIC],
    "html_copy_source": False,
    "html_show_search_summary": False,  # a page opened without a server may not fetch the others
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
UNREAD = (".buildinfo", "objects.inv")
"""What Sphinx leaves for itself and for other sites; the first is another one each time."""


def build_site(place: Path, title: str, write: Callable[[Path], None]) -> Path:
    """Build a site anew.

    Parameters
    ----------
    place : Path
        Folder of the site; one that stands there is replaced when the new one is whole.
    title : str
        Stands over every page, as text.
    write : callable
        Writes the sources into the folder it is given: ``index.md``, pages, executed notebooks, ``_static``.

    Returns
    -------
    Path
        The first page. It needs no server, and nothing of the network.

    Raises
    ------
    DataError
        If ``write`` refuses what it was to write, or Sphinx has anything to warn of; the site built before stays.
    EnvironmentProblem
        If the site cannot be written.
    """
    try:
        with tempfile.TemporaryDirectory(dir=place.parent, prefix=".site-", ignore_cleanup_errors=True) as made:
            source, new, old = Path(made, "source"), Path(made, "new"), Path(made, "old")
            source.mkdir()
            write_style(source / STATIC)
            write(source)
            _run_sphinx(source, new, Path(made, "doctrees"), title)
            for name in UNREAD:
                (new / name).unlink(missing_ok=True)
            if place.exists():
                place.replace(old)
            new.replace(place)
    except OSError as error:
        raise unwritable(place, error) from None
    return place / "index.html"


def _run_sphinx(source: Path, output: Path, doctrees: Path, title: str) -> None:
    warnings = io.StringIO()
    static = [str(source / STATIC)]
    configuration = {**CONFIGURATION, "project": title, "html_title": escape(title), "html_static_path": static}
    with patch_docutils(), docutils_namespace():  # else a second site of the same process is warned of the first one
        sphinx = Sphinx(source, None, output, doctrees, "html", configuration, status=None, warning=warnings)
        sphinx.connect("html-page-context", _mend_page, priority=AFTER_THE_THEME)
        sphinx.build()
    if told := warnings.getvalue().strip():
        raise DataError(f"the site is not as it should be, and the one before stays: {told.replace(str(source), '')}")


def _mend_page(_app: Sphinx, _page: str, _template: str, context: dict[str, Any], _tree: object) -> None:
    """Give the headings of the menu their level, and spare each page the styles of code cells: the pages show none."""
    menu = context.get("furo_navigation_tree", "")
    context["furo_navigation_tree"] = menu.replace('role="heading"', 'role="heading" aria-level="2"')
    styles = context["css_files"]
    context["css_files"] = [style for style in styles if not Path(style.filename).name.startswith("mystnb.")]
