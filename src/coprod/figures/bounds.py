"""The drawing of ranges: bars of shares under three readings, one panel for each base."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from coprod.figures import theme
from coprod.figures.sheet import Sheet
from coprod.figures.theme import QUIET, SMALLEST, counts, palette, percent

COLOURS = {"rounding": "dark_blue", "alike": "blue", "whatever": "light_blue"}
LABELS = 172.0
GUTTER = 22.0
WORDS = 88.0
HEAD = 18.0
GAP = 6.0
BAR = 13.0


def range_words(row: Mapping[Any, Any]) -> str:
    """Write a range of shares, such as "13.9% to 20.6%"."""
    low, high = percent(row["share_low"]), percent(row["share_high"])
    return low if low == high else f"{low} to {high}"


def count_words(row: Mapping[Any, Any]) -> str:
    """Write the counts behind a range, such as "29 to 43 of 209"."""
    return f"{counts(row['low'], row['high'])} of {row['n']}"


def draw_bounds(sheet: Sheet, ranges: pd.DataFrame, note: str) -> Figure:
    """Draw the panels side by side, or one under the other on a phone."""
    narrow = sheet.width.is_narrow
    panels = [rows for _, rows in ranges.groupby("base", sort=False)]
    left = sheet.left + (0 if narrow else LABELS)
    breadth = sheet.right - left if narrow else (sheet.right - left + GUTTER) / len(panels) - GUTTER
    top = bottom = sheet.y
    for number, rows in enumerate(panels):
        x = left + (0 if narrow else number * (breadth + GUTTER))
        y = bottom if narrow else top
        y = sheet.write(x, y, f"Percentages {rows['base_label'].iloc[0]}", bold=True, within=breadth) + GAP
        if narrow or not number:
            _write_labels(sheet, ranges, y)
        bottom = _draw_panel(sheet, x, y, breadth, ranges, rows) + 10
    sheet.y = bottom - 10
    return sheet.close(note)


def _heights(sheet: Sheet, ranges: pd.DataFrame) -> tuple[float, float]:
    """Return the height of one reading and of one answer with all its readings."""
    reading = 32.0 if sheet.width.is_narrow else 28.0
    return reading, HEAD + ranges["reading"].nunique() * reading + GAP


def _tops(sheet: Sheet, ranges: pd.DataFrame) -> dict[tuple[str, str], float]:
    """Return where each bar begins below the panel's top, by answer and reading, in every panel alike."""
    reading_height, answer_height = _heights(sheet, ranges)
    first = BAR if sheet.width.is_narrow else GAP  # on a phone the words of a reading stand above its bar
    return {
        (item, reading): number * answer_height + HEAD + place * reading_height + first
        for number, item in enumerate(ranges["item"].unique())
        for place, reading in enumerate(ranges["reading"].unique())
    }


def _write_labels(sheet: Sheet, ranges: pd.DataFrame, y: float) -> None:
    """Name the answers, and on a page the readings too, at the left of all panels."""
    answer_height, tops = _heights(sheet, ranges)[1], _tops(sheet, ranges)
    for number, label in enumerate(ranges.drop_duplicates("item")["label"]):
        sheet.write(sheet.left, y + number * answer_height, label, bold=True, back="white")
    if not sheet.width.is_narrow:
        words = dict(zip(ranges["reading"], ranges["reading_label"], strict=True))
        for (_, reading), bar in tops.items():
            sheet.write(sheet.left, y + bar, words[reading], size=SMALLEST, within=LABELS)


def _draw_panel(sheet: Sheet, x: float, y: float, breadth: float, ranges: pd.DataFrame, rows: pd.DataFrame) -> float:
    """Draw one base's bars on the scale of all, with the numbers beside them; return where the panel ends."""
    most, tops = float(ranges["share_high"].max()), _tops(sheet, ranges)
    height, long = _heights(sheet, ranges)[1] * ranges["item"].nunique(), breadth - WORDS
    axes = sheet.panel(x, y, long, height)
    axes.set_xlim(0, most)
    axes.set_ylim(height, 0)
    _set_scale(axes, most, narrow=sheet.width.is_narrow)
    for row in rows.to_dict("records"):
        bar = tops[row["item"], row["reading"]]
        _draw_bar(axes, bar, row, f"{sheet.width.name}-{row['base']}-{row['item']}-{row['reading']}")
        end = x + long * row["share_high"] / most + 5
        if sheet.width.is_narrow:
            words = f"{row['reading_label']}: {count_words(row)}"
            sheet.write(sheet.left, y + bar - BAR, words, size=SMALLEST, back="white")
            sheet.write(end, y + bar, range_words(row), back="white")
        else:
            sheet.write(end, y + bar - 6, range_words(row), back="white")
            sheet.write(end, y + bar + 6.5, count_words(row), size=SMALLEST, colour=QUIET, back="white")
    return y + height + HEAD


def _draw_bar(axes: Axes, y: float, row: Mapping[Any, Any], name: str) -> None:
    bars = axes.barh(
        y,
        row["share_high"] - row["share_low"],
        left=row["share_low"],
        height=BAR,
        align="edge",
        color=getattr(palette(), COLOURS[row["reading"]]),
        edgecolor=palette().dark_blue,
        linewidth=0.8,
        clip_on=False,
    )
    bars[0].set_gid(name)


def _set_scale(axes: Axes, most: float, *, narrow: bool) -> None:
    step = 0.05 if most < 0.3 else 0.25
    ticks = [step * i for i in range(int(most / step) + 1)]
    axes.set_xticks(ticks, [percent(tick, 0) for tick in ticks], font=theme.font(SMALLEST))
    if narrow:
        axes.get_xticklabels()[0].set_horizontalalignment("left")  # the scale begins at the edge of the sheet
    axes.set_yticks([])
    axes.tick_params(length=0, pad=4, labelcolor=QUIET)
    axes.grid(axis="x", color=theme.RULE, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[:].set_visible(False)
