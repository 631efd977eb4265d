"""A sheet to draw on from the top down, measured in points, whose height follows its content."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path
from matplotlib.textpath import TextPath, text_to_path
from matplotlib.transforms import Affine2D

from coprod.figures import theme
from coprod.figures.theme import BODY, INK, QUIET, RULE, SMALLEST, TITLE, Width

LEADING = 1.28
"""Distance of two baselines, as a multiple of the type size."""
ASCENT = 0.95
"""Distance from the top of a line to its baseline, likewise."""
SYNTHETIC_WORDS = "SYNTHETIC DATA – made up to test the method. Not results."
YELLOW = "#FFDD00"


class Sheet:
    """A figure with one axes over all of it: x in points from the left, y in points from the top.

    Attributes
    ----------
    width : Width
        What it is drawn for.
    axes : Axes
        For marks, in points.
    left, right : float
        Edges of the content.
    synthetic : bool
        Whether the data are made up: a label says so above the title, and a hatched edge runs down the left.
    y : float
        Where the next thing goes; whoever draws moves it on.
    """

    def __init__(self, width: Width, title: str, subtitle: str, synthetic: bool = False) -> None:
        """Start a sheet with the title that says the finding and a line on what is drawn."""
        self.width, self.synthetic = width, synthetic
        edge = width.margin * 0.55 if synthetic else 0.0
        self._edge = edge
        self.left, self.right = width.margin + edge, width.points - width.margin
        self.figure = Figure(figsize=(width.points / 72, 1), dpi=144, facecolor="white")
        self.axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set_axis_off()
        self.axes.set_zorder(1)
        self.axes.set_xlim(0, width.points)
        self.axes.set_autoscale_on(False)
        self._panels: list[tuple[Axes, tuple[float, float, float, float]]] = []
        size = TITLE if not width.is_narrow else TITLE - 1.5
        self.y = self._label_synthetic(width.margin) if synthetic else width.margin
        self.y = self.write(self.left, self.y, title, size=size, bold=True)
        self.y = self.write(self.left, self.y + 3, subtitle, colour=QUIET) + 12

    def write(  # noqa: PLR0913  (setting a line of type takes this much)
        self,
        x: float,
        y: float,
        words: str,
        *,
        within: float | None = None,
        size: float = BODY,
        bold: bool = False,
        colour: str = INK,
        align: Literal["left", "center", "right"] = "left",
        back: str | None = None,
    ) -> float:
        """Write text from the top at ``y``, wrapped ``within`` points, and return where it ends.

        ``back`` is a colour put behind each line, to keep grid lines out of the words.
        """
        within = self.right - x if within is None else within
        for line in wrap(words, within, size=size, bold=bold):
            text = self.axes.text(x, y + ASCENT * size, line, font=theme.font(size, bold=bold), color=colour, ha=align)
            if back:
                text.set_bbox({"facecolor": back, "edgecolor": "none", "pad": 1})
            y += LEADING * size
        return y

    def rule(self, y: float, *, start: float | None = None, colour: str = RULE, weight: float = 0.8) -> None:
        """Draw a horizontal line from ``start`` to the right edge."""
        start = self.left if start is None else start
        ends = [start, self.right]
        self.axes.plot(ends, [y, y], color=colour, linewidth=weight, solid_capstyle="butt", zorder=0.5)

    def block(self, x: float, y: float, width: float, height: float, colour: str, **kwargs: Any) -> None:
        """Draw a filled rectangle from its upper left corner."""
        self.axes.add_patch(Rectangle((x, y), width, height, facecolor=colour, **{"edgecolor": "none", **kwargs}))

    def squares(self, corners: list[tuple[float, float]], side: float, name: str, **kwargs: Any) -> None:
        """Draw equal squares as one path, whose group in the SVG has the id ``name``."""
        if corners:
            path = Path.make_compound_path(*(_square(x, y, side) for x, y in corners))
            self.axes.add_patch(PathPatch(path, gid=name, **kwargs))

    def signs(self, sign: str, centres: list[tuple[float, float]], name: str, size: float = SMALLEST) -> None:
        """Draw one character at many places, as marks rather than as words to read."""
        glyph = TextPath((0, 0), sign, prop=theme.font(size, bold=True))
        box = glyph.get_extents()
        shape = glyph.transformed(Affine2D().translate(-(box.x0 + box.x1) / 2, -(box.y0 + box.y1) / 2))
        reach = 2 * float(np.abs(shape.vertices).max())  # matplotlib scales a marker by its farthest point
        x, y = zip(*centres, strict=True)
        self.axes.plot(x, y, linestyle="none", marker=shape, markersize=reach, color=INK, markeredgewidth=0, gid=name)

    def panel(self, x: float, y: float, width: float, height: float) -> Axes:
        """Return axes of their own for marks in the data's units."""
        axes = self.figure.add_axes((0, 0, 1, 1), label=f"panel {len(self._panels)}")
        axes.set_facecolor("none")
        self._panels.append((axes, (x, y, width, height)))
        return axes

    def close(self, note: str) -> Figure:
        """Write the source note, give the sheet its height and return the figure."""
        self.y = self.write(self.left, self.y + 8, note, size=SMALLEST, colour=QUIET) + self.width.margin / 2
        height = self.y
        if self.synthetic:
            stripes = {"edgecolor": "black", "linewidth": 0, "hatch": "///", "zorder": 0}
            self.block(0, 0, self._edge, height, YELLOW, gid=f"{self.width.name}-synthetic-edge", **stripes)
        self.figure.set_size_inches(self.width.points / 72, height / 72)
        self.axes.set_ylim(height, 0)
        for axes, (x, y, w, h) in self._panels:
            points = self.width.points
            axes.set_position((x / points, 1 - (y + h) / height, w / points, h / height))
        return self.figure

    def _label_synthetic(self, y: float) -> float:
        """Put the words that no screenshot may lose in a yellow box at the top, and return where the title begins."""
        pad = 4.0
        within = self.right - self.left - 2 * pad
        lines = wrap(SYNTHETIC_WORDS, within, size=SMALLEST, bold=True)
        breadth = max(measure(line, size=SMALLEST, bold=True) for line in lines) + 2 * pad
        height = len(lines) * LEADING * SMALLEST + 2 * pad
        frame = {"edgecolor": "black", "linewidth": 1, "gid": f"{self.width.name}-synthetic-label"}
        self.block(self.left, y, breadth, height, YELLOW, **frame)
        self.write(self.left + pad, y + pad, SYNTHETIC_WORDS, within=within, size=SMALLEST, bold=True, colour="black")
        return y + height + 9


@cache
def measure(words: str, *, size: float = BODY, bold: bool = False) -> float:
    """Return the width of a line of text in points."""
    return float(text_to_path.get_text_width_height_descent(words, theme.font(size, bold=bold), ismath=False)[0])


def wrap(words: str, within: float, *, size: float = BODY, bold: bool = False) -> list[str]:
    """Break text into lines of at most ``within`` points; a longer word stands alone.

    Up to three lines are made about equally long, so that no single word is left over. Words joined by a no-break
    space stay together.

    Examples
    --------
    >>> wrap("one two three", 1000)
    ['one two three']
    >>> wrap("one two three", 1)
    ['one', 'two', 'three']
    """
    lines = _fill(words, within, size, bold)
    if not 1 < len(lines) <= 3:
        return lines
    tries = (_fill(words, within * share / 100, size, bold) for share in range(50, 100, 2))
    return next((tried for tried in tries if len(tried) == len(lines)), lines)


def _fill(words: str, within: float, size: float, bold: bool) -> list[str]:
    lines: list[str] = []
    reach = 0.0
    for word in re.split(r"[ \n]+", words.strip()):  # a no-break space holds words together
        longer = f"{lines[-1]} {word}" if lines else word
        reach += size * (_advance(" ", bold) + _advance(word, bold))
        if lines and _fits(longer, reach, within, size, bold):
            lines[-1] = longer
        else:
            lines.append(word)
            reach = size * _advance(word, bold)
    return lines


def _fits(line: str, reach: float, within: float, size: float, bold: bool) -> bool:
    """Tell whether a line fits; it is laid out only where its words' own lengths leave a doubt."""
    return reach < within if abs(reach - within) > size / 10 else measure(line, size=size, bold=bold) <= within


@cache
def _advance(word: str, bold: bool) -> float:
    """Return how far a word moves the pen, for type of one point; it begins and ends with the room of a bar."""
    return measure(f"|{word}|", size=1, bold=bold) - measure("||", size=1, bold=bold)


def _square(x: float, y: float, side: float) -> Path:
    corners = [(x, y), (x + side, y), (x + side, y + side), (x, y + side), (x, y)]
    return Path(corners, closed=True)
