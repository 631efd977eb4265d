"""What all figures share: colours, fonts, two widths, and a check that their text can be read.

Nothing here touches matplotlib's global state: a style holds only while a figure is drawn.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import Literal

import fontpkg_atkinson_hyperlegible
import matplotlib.style
from afcharts.af_colours import get_af_colours
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.text import Text

FAMILY = "AtkinsonHyperlegible"
SMALLEST = 9.5
"""Smallest type in points."""
BODY = 10.5
TITLE = 14.5
MOST_TITLE_WORDS = 10

INK = "#1A1A1A"
QUIET = "#4D4D4D"
RULE = "#D0D0D0"

_PATH_DATA = re.compile(r' d="[^"]*"')
_INDENTATION = re.compile(r"\n +")
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}")


class LayoutWarning(UserWarning):
    """Text of a figure that a reader cannot read: cut off, covered or too small."""


@dataclass(frozen=True)
class Width:
    """One of the two widths a figure is drawn at.

    Attributes
    ----------
    name : {"wide", "narrow"}
        For a page, or for a phone.
    points : float
        Width of the drawing in points.
    margin : float
        Empty border in points.
    """

    name: Literal["wide", "narrow"]
    points: float
    margin: float

    @property
    def is_narrow(self) -> bool:
        """Tell whether the drawing is for a phone."""
        return self.name == "narrow"


WIDE = Width("wide", 648, 16)
NARROW = Width("narrow", 270, 8)


@dataclass(frozen=True)
class Palette:
    """Colours of the Government Analysis Function, by what they look like."""

    dark_blue: str
    blue: str
    light_blue: str
    teal: str
    orange: str


@cache
def palette() -> Palette:
    """Return the colours of the figures; blue goes with teal or orange."""
    _, dark_blue, blue, light_blue, _ = get_af_colours("sequential", number_of_colours=5)
    teal, orange = get_af_colours("categorical")[1], get_af_colours("duo")[1]
    return Palette(dark_blue, blue, light_blue, teal, orange)


def font(size: float = BODY, *, bold: bool = False) -> FontProperties:
    """Return Atkinson Hyperlegible, made for readers with low vision, in a size in points."""
    name = f"{FAMILY}-{'Bold' if bold else 'Regular'}.ttf"
    return FontProperties(fname=fontpkg_atkinson_hyperlegible.ROOT / "files" / name, size=size)


@contextmanager
def style() -> Iterator[None]:
    """Hold the style of the figures for as long as the block runs."""
    settings = {
        "axes.edgecolor": RULE,
        "hatch.linewidth": 1.0,
        "svg.fonttype": "path",
        "svg.hashsalt": "coprod",
        "text.color": INK,
        "text.hinting": "none",
        "text.parse_math": False,
    }
    with matplotlib.style.context(["default", settings]):
        yield


def render(draw: Callable[[Width], Figure]) -> tuple[str, str]:
    """Draw a figure at both widths.

    Parameters
    ----------
    draw : callable
        Takes a :class:`Width` and returns a matplotlib figure.

    Returns
    -------
    tuple of str
        The wide and the narrow SVG, the same bytes at each run; text is drawn as paths, and
        coordinates are kept to a hundredth of a point. A character that XML cannot hold, such as the bell in a name,
        is written as the replacement character.

    Warns
    -----
    LayoutWarning
        For each width with text off the canvas, over other text or too small.
    """
    wide, narrow = (_to_svg(draw, width) for width in (WIDE, NARROW))
    return wide, narrow


def _to_svg(draw: Callable[[Width], Figure], width: Width) -> str:
    with style():
        figure = draw(width)
        faults = layout_faults(figure)
        if faults:
            warnings.warn(f"{width.name} figure: {'; '.join(faults)}", LayoutWarning, stacklevel=4)
        svg = io.StringIO()
        figure.savefig(svg, format="svg", metadata={"Date": None})
    return _shorten(_NOT_XML.sub("\N{REPLACEMENT CHARACTER}", svg.getvalue()))


def _shorten(svg: str) -> str:
    """Halve a drawing's size: short names for glyphs, hundredths of a point in paths, no indentation."""
    svg = _PATH_DATA.sub(lambda path: _LONG_NUMBER.sub(_hundredths, path[0]), svg)
    return _INDENTATION.sub("\n", svg).replace(f"{FAMILY}-Regular-", "r").replace(f"{FAMILY}-Bold-", "b")


def _hundredths(number: re.Match[str]) -> str:
    return f"{float(number[0]):.2f}".rstrip("0").rstrip(".")


def layout_faults(figure: Figure, slack: float = 0.5) -> list[str]:
    """Name every text of a figure that a reader could not read.

    Parameters
    ----------
    figure : Figure
        As drawn.
    slack : float
        Points by which text may touch the edge or other text.

    Returns
    -------
    list of str
        One sentence for each fault: text off the canvas, over other text, or under 9.5 points.
    """
    renderer = FigureCanvasAgg(figure).get_renderer()  # type: ignore[no-untyped-call]
    figure.draw_without_rendering()
    texts = list(_shown_texts(figure))
    inset = slack * figure.dpi / 72
    boxes = [(text.get_text(), text.get_window_extent(renderer).padded(-inset)) for text in texts]
    sizes = [(text.get_text(), float(text.get_fontsize())) for text in texts]
    faults = [f"{words!r} is set in {size:g} points, under {SMALLEST:g}" for words, size in sizes if size < SMALLEST]
    canvas = figure.bbox
    for words, box in boxes:
        if box.x0 < canvas.x0 or box.y0 < canvas.y0 or box.x1 > canvas.x1 or box.y1 > canvas.y1:
            faults.append(f"{words!r} runs off the canvas")
    for (words, box), (others, other) in combinations(boxes, 2):
        if box.overlaps(other):
            faults.append(f"{words!r} lies over {others!r}")
    return faults


def _shown_texts(artist: Artist) -> Iterator[Text]:
    """Walk down to every text that is drawn, past hidden artists and the axis of axes switched off."""
    if not artist.get_visible():
        return
    if isinstance(artist, Text) and artist.get_text().strip():
        yield artist
    for child in artist.get_children():
        if not (isinstance(artist, Axes) and isinstance(child, Axis) and not artist.axison):
            yield from _shown_texts(child)


def headline(*candidates: str) -> str:
    """Return the first title of at most ten words, or the last one."""
    return next((words for words in candidates if len(words.split()) <= MOST_TITLE_WORDS), candidates[-1])


def lower(words: str) -> str:
    """Return words to go on a sentence with: the first letter small."""
    return words[:1].lower() + words[1:]


def percent(share: float, decimals: int = 1) -> str:
    """Write a share between 0 and 1 as a percentage.

    Examples
    --------
    >>> percent(30 / 196)
    '15.3%'
    """
    return f"{100 * share:.{decimals}f}%"


def counts(low: int, high: int) -> str:
    """Write a range of whole numbers in words.

    Examples
    --------
    >>> counts(2, 2), counts(29, 30), counts(29, 35)
    ('2', '29 or 30', '29 to 35')
    """
    if low == high:
        return f"{low}"
    return f"{low} {'or' if high == low + 1 else 'to'} {high}"
