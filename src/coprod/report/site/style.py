"""What every page of a site is dressed in: one style sheet, and the typeface of the figures."""

from __future__ import annotations

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
        font = TTFont(
            fontpkg_atkinson_hyperlegible.ROOT / "files" / f"AtkinsonHyperlegible-{face}.ttf", recalcTimestamp=False
        )
        font.flavor = "woff"
        font.save(fonts / f"{face}.woff")
