"""What every page of a site is dressed in: one style sheet, and the typeface of the figures."""

from __future__ import annotations

import io
from importlib.resources import files
from pathlib import Path

import fontpkg_atkinson_hyperlegible
from fontTools.ttLib import TTFont

STATIC = "_static"
STYLE = "coprod.css"
FACES = ("Regular", "Bold", "Italic")


def write_style(static: Path) -> None:
    """Write the style sheet, and the typeface as the web has it, into a new folder."""
    fonts = static / "fonts"
    fonts.mkdir(parents=True)
    style = files("coprod.report").joinpath("site", STYLE).read_text(encoding="utf-8")
    (static / STYLE).write_text(style, encoding="utf-8")
    for face in FACES:
        (fonts / f"{face}.woff").write_bytes(typeface(face))


def typeface(face: str) -> bytes:
    """Return a face of Atkinson Hyperlegible as the web has it, the same bytes each time."""
    path, written = fontpkg_atkinson_hyperlegible.ROOT / "files" / f"AtkinsonHyperlegible-{face}.ttf", io.BytesIO()
    font = TTFont(path, recalcTimestamp=False)  # which would be another one each time
    font.flavor = "woff"
    font.save(written)
    return written.getvalue()
