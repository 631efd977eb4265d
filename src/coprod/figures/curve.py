"""The drawing of what is assumed of those who did not reply: a line with its band, and the places that matter on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.figure import Figure as Drawing
from matplotlib.ticker import MaxNLocator

from coprod.figures.labels import Label, place_labels, stand_aside
from coprod.figures.outcome import tick_words
from coprod.figures.sheet import LEADING, Sheet, measure, wrap
from coprod.figures.theme import BODY, INK, QUIET, RULE, SMALLEST, palette
from coprod.training.words import write_points

SHADE = "#EDEDED"
TICKS = 36.0
LINE = LEADING * BODY
SMALL_LINE = LEADING * SMALLEST
AXIS = "Assumed average change among those who did not reply (points)"


class Place(NamedTuple):
    """A named point of the line: what is assumed there, the change that follows, and its words."""

    assumed: float
    estimate: float
    words: str


class Region(NamedTuple):
    """A stretch of the line where the interval lies alike towards no change."""

    start: float
    end: float
    side: Literal["includes", "above", "below"]


@dataclass(frozen=True)
class Curve:
    """What the drawing is made from; all numbers as released.

    Attributes
    ----------
    line : DataFrame
        ``assumed, estimate, conf_low, conf_high``, by ``assumed``.
    places : sequence of Place
        On the line, from left to right.
    tips : sequence of float
        What would have to be assumed for the interval to reach no change, where that is on the drawing.
    words : str
        What stands over the drawing in place of a tipping point.
    decimals : int
        Of a change.
    """

    line: pd.DataFrame
    places: Sequence[Place]
    tips: Sequence[float]
    words: str
    decimals: int


@dataclass(frozen=True)
class Field:
    """Where the line is drawn on a sheet: edges in points, and what they stand for."""

    left: float
    right: float
    top: float
    bottom: float
    span: tuple[float, float]
    levels: tuple[float, float]

    def x(self, assumed: float) -> float:
        """Return where an assumed change stands."""
        first, last = self.span
        return self.left + (assumed - first) / (last - first) * (self.right - self.left)

    def y(self, change: float) -> float:
        """Return how high a change stands."""
        low, high = self.levels
        return self.bottom - (change - low) / (high - low) * (self.bottom - self.top)


def find_regions(line: pd.DataFrame, tips: Sequence[float]) -> list[Region]:
    """Part the line where its interval takes in or leaves out no change.

    An edge is a tipping point where one lies between two rows, else half-way between the rows.
    """
    rows = line.dropna(subset=["conf_low", "conf_high"]).to_dict("records")
    runs = [(side, [float(row["assumed"]) for row in run]) for side, run in groupby(rows, key=_side)]
    edges = [runs[0][1][0]]
    for (_, before), (_, after) in pairwise(runs):
        inside = [tip for tip in tips if before[-1] <= tip <= after[0]]
        edges.append(inside[0] if inside else (before[-1] + after[0]) / 2)
    edges.append(runs[-1][1][-1])
    return [Region(start, end, side) for (start, end), (side, _) in zip(pairwise(edges), runs, strict=True)]


def _side(row: Mapping[Any, Any]) -> Literal["includes", "above", "below"]:
    return "above" if row["conf_low"] > 0 else "below" if row["conf_high"] < 0 else "includes"


def draw_curve(sheet: Sheet, curve: Curve, note: str) -> Drawing:
    """Draw the line and its band, on grey where the interval takes in no change, with words above and below."""
    start, name = sheet.y, sheet.width.name
    field = _lay_out(sheet, curve)
    regions = find_regions(curve.line, curve.tips)
    _write_regions(sheet, field, regions, field.top - 2 * SMALL_LINE - 4)
    for number, tip in enumerate(curve.tips):
        _draw_tip(sheet, field, tip, start + number * LINE, f"{name}-tip{number + 1}", curve.decimals)
    if not curve.tips:
        sheet.write(field.left, start, curve.words, bold=True)
    labels = place_labels([field.x(place.assumed) for place in curve.places],
                          [place.words for place in curve.places], (field.left, field.right))  # fmt: skip
    rows = [max((len(label.lines) for label in labels if label.row == row), default=0) for row in (0, 1)]
    bottom = field.bottom + 6 + sum(rows) * SMALL_LINE + 4
    grey = [region for region in regions if region.side == "includes"]
    for number, region in enumerate(grey, start=1):
        x, top = field.x(region.start), field.top - 2 * SMALL_LINE - 8
        look: dict[str, Any] = {"zorder": 0.1, "gid": f"{name}-grey{number}"}
        sheet.block(x, top, field.x(region.end) - x, bottom - top, SHADE, **look)
    _draw_scales(sheet, field, bottom)
    _draw_line(sheet, field, curve, name)
    _draw_places(sheet, field, curve, labels, rows[0])
    sheet.y = sheet.write(field.left, bottom + SMALL_LINE + 6, AXIS)
    return sheet.close(note)


def _lay_out(sheet: Sheet, curve: Curve) -> Field:
    """Set the field below the words over it, with room in it for the numbers over the band."""
    numbers = curve.line[["estimate", "conf_low", "conf_high"]].to_numpy(float)
    low, high = min(float(np.nanmin(numbers)), 0.0), max(float(np.nanmax(numbers)), 0.0)
    height = 150.0 if sheet.width.is_narrow else 180.0
    top = sheet.y + max(len(curve.tips), 1) * LINE + 2 * SMALL_LINE + 12
    if not curve.tips:
        top += (len(wrap(curve.words, sheet.right - sheet.left - TICKS, bold=True)) - 1) * LINE
    high += (high - low) * (LINE + 4) / (height - LINE - 4)
    span = float(curve.line["assumed"].iloc[0]), float(curve.line["assumed"].iloc[-1])
    return Field(sheet.left + TICKS, sheet.right - 14, top, top + height, span, (low - (high - low) * 0.03, high))


def _write_regions(sheet: Sheet, field: Field, regions: Sequence[Region], y: float) -> None:
    """Say over each region how the interval lies, where there is room."""
    for region in regions:
        words, room = f"interval {region.side} no change", field.x(region.end) - field.x(region.start) - 10
        lines = wrap(words, room, size=SMALLEST)
        if len(lines) <= 2 and max(measure(line, size=SMALLEST) for line in lines) <= room:
            sheet.write(field.x(region.start) + 5, y, words, within=room, size=SMALLEST, colour=QUIET)


def _draw_tip(sheet: Sheet, field: Field, tip: float, y: float, name: str, decimals: int) -> None:
    """Mark a tipping point on the line of no change, with its words above the drawing."""
    words, x = f"tipping point: {write_points(tip, decimals, signed=True)}", field.x(tip)
    half = measure(words, bold=True) / 2
    sheet.write(min(max(x, field.left + half), field.right + 12 - half), y, words, bold=True, align="center",
                within=2 * half + 1)  # fmt: skip
    sheet.axes.plot([x, x], [y + LINE + 2, field.y(0)], color=INK, linewidth=1, zorder=4)
    look = {"markersize": 9, "markerfacecolor": palette().orange, "markeredgecolor": "black", "markeredgewidth": 1}
    sheet.axes.plot(x, field.y(0), "D", zorder=6, gid=name, **look)  # type: ignore[arg-type]


def _draw_scales(sheet: Sheet, field: Field, bottom: float) -> None:
    """Draw the scale of changes with its lines, and that of what is assumed below the drawing."""
    changes, assumptions = _ticks(field.levels, 5), _ticks(field.span, 4 if sheet.width.is_narrow else 7)
    for change, words in zip(changes, tick_words(changes, signed=True), strict=True):
        colour, weight = (INK, 1.2) if change == 0 else (RULE, 0.8)
        sheet.axes.plot([field.left, field.right], [field.y(change)] * 2, color=colour, linewidth=weight, zorder=0.5)
        sheet.write(field.left - 6, field.y(change) - 6.5, words, size=SMALLEST, colour=QUIET, align="right")
    for assumed, words in zip(assumptions, tick_words(assumptions, signed=True), strict=True):
        sheet.axes.plot([field.x(assumed)] * 2, [bottom, bottom + 3], color=QUIET, linewidth=0.8)
        sheet.write(field.x(assumed), bottom + 3, words, size=SMALLEST, colour=QUIET, align="center")


def _ticks(ends: tuple[float, float], count: int) -> list[float]:
    ticks = np.asarray(MaxNLocator(nbins=count, steps=[1, 2, 2.5, 5, 10]).tick_values(*ends)).round(9)
    return [float(tick) + 0.0 for tick in ticks if ends[0] <= tick <= ends[1]]


def _draw_line(sheet: Sheet, field: Field, curve: Curve, name: str) -> None:
    x = [field.x(assumed) for assumed in curve.line["assumed"].astype(float)]
    low, high, middle = ([field.y(level) for level in curve.line[column].astype(float)]
                         for column in ("conf_low", "conf_high", "estimate"))  # fmt: skip
    sheet.axes.fill_between(x, low, high, color=palette().blue, alpha=0.3, linewidth=0, zorder=1, gid=f"{name}-band")
    sheet.axes.plot(x, middle, color=palette().dark_blue, linewidth=2.2, zorder=2, gid=f"{name}-line")


def _draw_places(sheet: Sheet, field: Field, curve: Curve, labels: Sequence[Label], first_row: int) -> None:
    """Ring the named points, write their changes over the band, and lead down to their words."""
    for number, (place, label) in enumerate(zip(curve.places, labels, strict=True), start=1):
        x, y = field.x(place.assumed), field.bottom + 6 + label.row * first_row * SMALL_LINE
        foot = y + len(label.lines) * SMALL_LINE
        look: dict[str, Any] = {"markerfacecolor": "white", "markeredgecolor": palette().dark_blue}
        sheet.axes.plot([x, x], [field.y(place.estimate), foot], color=QUIET, linewidth=1, dashes=(3, 2), zorder=1.5)
        sheet.axes.plot(x, field.y(place.estimate), "o", markersize=8, markeredgewidth=2, zorder=5,
                        gid=f"{sheet.width.name}-place{number}", **look)  # fmt: skip
        for line, words in enumerate(label.lines):
            sheet.write(label.x, y + line * SMALL_LINE, words, size=SMALLEST, align=label.align, within=1000)
        value = write_points(place.estimate, curve.decimals, signed=True)
        breadth = measure(value, bold=True)
        others = [field.x(other.assumed) for other in curve.places if other is not place]
        start = stand_aside(x, breadth, others, [field.x(tip) for tip in curve.tips])
        start = min(max(start, field.left), sheet.right - breadth)
        sheet.write(start, _find_clear(field, curve.line, start, start + breadth) - LINE, value, bold=True, within=1000)


def _find_clear(field: Field, line: pd.DataFrame, start: float, end: float) -> float:
    """Return the highest that the band stands between two places, in points."""
    upper = line["conf_high"].astype(float).fillna(line["estimate"].astype(float))
    x = [field.x(assumed) for assumed in line["assumed"].astype(float)]
    inside = [high for at, high in zip(x, upper, strict=True) if start <= at <= end]
    return field.y(max([*np.interp([start, end], x, upper), *inside]))
