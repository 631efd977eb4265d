"""Results in a book made by MyST-NB: each displayed result as a block to read, to open and to download."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from docutils import nodes
from markupsafe import Markup
from myst_nb.core.render import MimeData, MimeRenderPlugin, NbElementRenderer

from coprod.report.pages import MOST_ROWS, render_page
from coprod.report.site.inline import inline_svg
from coprod.reproduce.collect import data_csv
from coprod.results import MIME, Figure, Result, Table, from_json

ORIGIN = "coprod"
"""Key of a cell's metadata that says where its results come from: notebook, cell, version, command, files."""


class Renderer(MimeRenderPlugin):  # type: ignore[misc]  # MyST-NB ships no types
    """What the entry point ``myst_nb.mime_renderers`` names; any book that shows a result uses it."""

    mime_priority_overrides: ClassVar[Sequence[tuple[str, str, int | None]]] = [
        (builder, MIME, 1) for builder in ("html", "dirhtml", "singlehtml")
    ]

    @staticmethod
    def handle_mime(renderer: NbElementRenderer, data: MimeData, inline: bool) -> list[nodes.Element] | None:  # noqa: ARG004 - as MyST-NB calls it
        """Turn a result into its block; leave every other output to MyST-NB."""
        if inline or data.mime_type != MIME:
            return None
        payload: Any = data.content
        block = render_result(from_json(payload), data.cell_metadata.get(ORIGIN, {}))
        return [nodes.raw("", block, format="html")]


def render_result(result: Result, origin: Mapping[str, Any]) -> str:
    """Write a result as a block of HTML.

    Parameters
    ----------
    result : Result
        A Value, Table or Figure.
    origin : mapping
        ``notebook``, ``cell``, ``version``, ``command`` and ``files`` (the folder of downloads, relative to the page),
        as far as they are known; what is not known is not shown. ``slide`` is false where none is to be told.

    Returns
    -------
    str
        All words escaped; no script.
    """
    digest, drawings = "", []
    if isinstance(result, Table | Figure):
        digest = hashlib.sha256(data_csv(result).encode()).hexdigest()
    if isinstance(result, Figure) and result.drawn:
        drawings = [Markup(inline_svg(result, width)) for width in ("wide", "narrow")]  # noqa: S704 - escaped there
    shown = {"result": result, "origin": origin, "digest": digest, "drawings": drawings, "most_rows": MOST_ROWS}
    return render_page("site/block.html", **shown)
