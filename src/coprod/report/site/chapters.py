"""Executed notebooks as chapters: the words of the notebook, and each result as a block to read and to open."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path
from typing import Any

import resvg_py

from coprod import __version__
from coprod.errors import DataError
from coprod.figures.theme import NARROW, WIDE
from coprod.report.site.renderer import ORIGIN
from coprod.report.site.style import STATIC
from coprod.reproduce.collect import Displayed
from coprod.reproduce.notebooks import Notebook
from coprod.results import MIME, Figure, Result

_WIDTH = re.compile(r'<svg\b[^>]*?\bviewBox="\S+ \S+ ([\d.]+) ')
BANNER = '<p class="banner" role="note">Everything below is synthetic. It shows the method, not results.</p>'


def write_chapters(
    source: Path, reports: Path, notebooks: Iterable[Notebook], displayed: Iterable[Displayed], *, command: str = ""
) -> None:
    """Write each executed notebook, and the files its blocks link to, where Sphinx reads them.

    Parameters
    ----------
    source : Path
        Folder that Sphinx builds from.
    reports : Path
        Folder with ``notebooks/``, ``figures/`` and ``tables/``.
    notebooks : iterable of Notebook
        Those to write.
    displayed : iterable of Displayed
        Their results.
    command : str
        What evaluated somebody's own answers. Their chapters say nothing of the talk: neither the slide of a result nor
        what a notebook begins with. Without it the chapters are of the talk.

    Raises
    ------
    DataError
        If an executed notebook is missing, or is not of the notebook as it is now; if a drawing is wider than its page.
    """
    results = {result.id: result for _, result in displayed}
    for result in results.values():
        if isinstance(result, Figure):
            _refuse_wide(result)
    for notebook in notebooks:
        path = reports / "notebooks" / notebook.path.name
        if not path.is_file():
            raise DataError(f"no executed notebook {path.name} in {path.parent}; run 'coprod run' to make it")
        content = json.loads(path.read_text(encoding="utf-8"))
        chapter = _chapter(content, notebook, results, command)
        (source / path.name).write_text(json.dumps(chapter), encoding="utf-8")
    for folder in ("figures", "tables"):
        if (reports / folder).is_dir():
            shutil.copytree(reports / folder, source / STATIC / folder)
    for drawn in (source / STATIC).glob("figures/*.svg"):
        if not drawn.stem.endswith("-narrow"):
            drawn.with_suffix(".png").write_bytes(to_png(drawn))


def _refuse_wide(figure: Figure) -> None:
    """Refuse a drawing that a page would have to shrink, with its letters."""
    for width in (WIDE, NARROW):
        drawn = _WIDTH.search(getattr(figure, width.name))
        if drawn and float(drawn[1]) > width.points:
            raise DataError(
                f"figure {figure.id!r}: its {width.name} drawing is {float(drawn[1]):g} points wide, and there is room "
                f"for {width.points:g}; draw it with coprod.figures.theme.render"
            )


def to_png(drawing: Path) -> bytes:
    """Draw an SVG file, whose letters are outlines, with 144 pixels to an inch."""
    try:
        return resvg_py.svg_to_bytes(svg_path=str(drawing), dpi=96, zoom=1.5, skip_system_fonts=True)
    except ValueError as error:
        raise DataError(f"{drawing.name} is no drawing ({error}); mend what draws it") from None


def _chapter(
    content: dict[str, Any], notebook: Notebook, results: Mapping[str, Result], command: str
) -> dict[str, Any]:
    cells = [cell for cell in content["cells"] if cell["cell_type"] == "markdown" or cell.get("outputs")]
    for cell in cells:
        if cell["cell_type"] == "code":
            cell["outputs"] = [_only_result(output) for output in cell["outputs"] if MIME in output.get("data", {})]
            named = [output["data"][MIME]["id"] for output in cell["outputs"]]
            if unknown := [name for name in named if name not in results]:
                raise DataError(f"the last run of {notebook.name} is out of date ({unknown[0]!r}); run 'coprod run'")
            cell["metadata"] = {ORIGIN: say_origin(notebook.name, cell["id"], command)}
    if command and cells[0]["cell_type"] == "markdown":
        del cells[0]
    if command or not "".join(cells[0]["source"] if cells else "").startswith("# "):
        cells.insert(0, _words("title", f"# {escape(notebook.question)}"))
    if any(results[name].synthetic for name in notebook.results if name in results):
        cells.insert(1, _words("banner", BANNER))
    return {**content, "cells": cells}


def _words(cell: str, source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": cell, "metadata": {}, "source": source}


def _only_result(output: dict[str, Any]) -> dict[str, Any]:
    return {"output_type": "display_data", "metadata": {}, "data": {MIME: output["data"][MIME]}}


def say_origin(notebook: str, cell: str, command: str = "") -> dict[str, object]:
    """Say where a result comes from, for :func:`~coprod.report.site.renderer.render_result`."""
    made = {"command": command or f"coprod run {notebook}", "slide": not command}
    return {"notebook": notebook, "cell": cell, "version": __version__, "files": STATIC, **made}
