"""A figure's drawing as part of a page: text as text, names of its own, a title and a description."""

from __future__ import annotations

import re
from html import escape
from typing import Literal

from coprod.results import Figure

_BEFORE = re.compile(r"^.*?(?=<svg\b)|<metadata>.*?</metadata>|<style\b.*?</style>", re.DOTALL)
_LINE = re.compile(
    r"<!-- (?P<words>.*?) -->\n<g (?:style=\"fill: (?P<fill>#\w+)\" )?"
    r'transform="translate\((?P<x>\S+) (?P<y>\S+)\) scale\((?P<scale>[\d.]+) -[\d.]+\)">\n'
    r"(?:<defs>.*?</defs>\n)?(?P<glyphs>(?:<use [^>]*/>\n)*)</g>",
    re.DOTALL,
)
_COMMENT = re.compile(r"<!-- .*? -->", re.DOTALL)
_OPENING = re.compile(r'<svg\b[^>]*?(viewBox="[^"]*")[^>]*>')
_ID = re.compile(r' id="([^"]*)"')
_USED = re.compile(r'url\(#([^)]*)\)|xlink:href="#([^"]*)"')
_EMPTY = re.compile(r"<(g|defs)[^>]*>\s*</\1>\n?|<g[^>]*/>\n?")
_LONG_NUMBER = re.compile(r"scale\([^)]*\)|(?<![\w#-])-?\d+\.\d{2,}(?=[^<>]*>)")
_SPACE = re.compile(r"\s*\n|(?<=[A-Z]) (?=[-\d])")
_RUN = re.compile(
    r'<use (?P<mark>xlink:href="[^"]*") x="[^"]*" y="[^"]*" (?P<style>style="[^"]*")/>\s*'
    r'(?:<use (?P=mark) x="[^"]*" y="[^"]*" (?P=style)/>\s*)+'
)
_HYPHENS = re.compile(r"(?<=-) (?=-)")
_PATH = re.compile(r' d="[^"]*"')
_ENTITY = re.compile(r"&\w+;")


def inline_svg(figure: Figure, width: Literal["wide", "narrow"]) -> str:
    """Make a drawing ready to stand inside a page.

    Its letters, which are outlines in the file, become text in the typeface of the page, to search and a fraction of
    the size; a tenth of a point is as exact as a page can show. Where one line of text cannot be told from its
    outlines, all outlines stay.

    Parameters
    ----------
    figure : Figure
        With both drawings, as matplotlib writes them with ``svg.fonttype: path``.
    width : {"wide", "narrow"}
        Which of them.

    Returns
    -------
    str
        An ``<svg>`` named by the title and the alt text; its ids begin with those of the figure and the width.

    References
    ----------
    W3C, "Using aria-labelledby to provide a text alternative", technique ARIA10 of WCAG 2.2.
    """
    svg = _BEFORE.sub("", figure.wide if width == "wide" else figure.narrow)
    prefix = f"{figure.id}-{width}-"
    svg = _shorten(_own_ids(_lines_as_text(svg), prefix))
    named = (
        f'<title id="{prefix}title">{escape(figure.title)}</title><desc id="{prefix}desc">{escape(figure.alt)}</desc>'
    )
    opening = f'<svg class="{width}" role="img" aria-labelledby="{prefix}title {prefix}desc"'
    return _OPENING.sub(lambda found: f"{opening} {found[1]}>{named}", svg, count=1).strip()


def _lines_as_text(svg: str) -> str:
    lines = list(_LINE.finditer(svg))
    told = all(_read_line(line) is not None for line in lines) and len(lines) == len(_COMMENT.findall(svg))
    return _LINE.sub(_as_text, svg) if told else svg


def _read_line(line: re.Match[str]) -> str | None:
    """Read what a line says, from its comment and how many letters are drawn; None where that cannot be told.

    A comment cannot hold two hyphens side by side, so that a blank stands between them there.
    """
    drawn = line["glyphs"].count("<use ")
    readings = (line["words"], _HYPHENS.sub("", line["words"]))
    return next((words for words in readings if len(_ENTITY.sub("&", words)) == drawn), None)


def _as_text(line: re.Match[str]) -> str:
    bold = ' font-weight="700"' if 'href="#b' in line["glyphs"] else ""
    size = f"{float(line['scale']) * 100:g}"
    x, y = (f"{float(line[name]):.2f}".rstrip("0").rstrip(".") for name in "xy")
    return f'<text x="{x}" y="{y}" font-size="{size}" fill="{line["fill"] or "#000"}"{bold}>{_read_line(line)}</text>'


def _own_ids(svg: str, prefix: str) -> str:
    """Replace each id that something refers to by the prefix and a number; drop the others."""
    used = dict.fromkeys(name for pair in _USED.findall(svg) for name in pair if name)
    short = {name: f"{prefix}{number}" for number, name in enumerate(used)}
    svg = _ID.sub(lambda found: f' id="{short[found[1]]}"' if found[1] in short else "", svg)
    return _USED.sub(lambda found: found[0].replace(found[1] or found[2], short[found[1] or found[2]]), svg)


def _shorten(svg: str) -> str:
    """Keep tenths of a point, say the style of a run of equal marks once, and leave out what draws nothing."""
    svg = _LONG_NUMBER.sub(_round, _EMPTY.sub("", svg))
    svg = _RUN.sub(lambda run: f"<g {run['style']}>{run[0].replace(' ' + run['style'], '')}</g>", svg)
    return _PATH.sub(lambda path: _SPACE.sub("", path[0]), svg)


def _round(number: re.Match[str]) -> str:
    """Keep a tenth of a point, and how large outlines of letters are drawn, which is thousandths."""
    return number[0] if number[0].startswith("scale") else f"{float(number[0]):.1f}".removesuffix(".0")
