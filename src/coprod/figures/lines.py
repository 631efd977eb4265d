"""The drawing of lines over waves, each named at its end; names that would meet move apart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from scipy import optimize

from coprod.figures.outcome import (
    audience_styles,
    count_of,
    is_withheld,
    name_cohort,
    sentence,
    tick_words,
)
from coprod.figures.sheet import LEADING, Sheet, measure, wrap
from coprod.figures.theme import BODY, QUIET, RULE, SMALLEST
from coprod.figures.wording import HELD_BACK, break_words, is_shown
from coprod.training.study import Study
from coprod.training.words import write_points

MARKERS = "osD^vPX<>ph*"
LABELS = {"wide": 190.0, "narrow": 104.0}
"""Most room for the names at the ends of the lines."""
HEIGHT = 250.0
LEAD = 34.0
"""From the last wave to the names."""
APART = 5.0


class _Line(NamedTuple):
    """One cohort: its averages, how it is drawn, and the words at its end."""

    name: str
    means: list[float]
    colour: str
    dash: Any
    marker: str
    words: list[str]
    tail: list[str]

    @property
    def height(self) -> float:
        return LEADING * (len(self.words) * BODY + len(self.tail) * SMALLEST)


class _Plot(NamedTuple):
    """Where waves and scores lie on the sheet."""

    xs: list[float]
    ticks: list[float]
    start: float
    top: float
    height: float

    def y(self, score: float) -> float:
        return self.top + (self.ticks[-1] - score) / (self.ticks[-1] - self.ticks[0]) * self.height


def draw_lines(sheet: Sheet, data: pd.DataFrame, study: Study, ends: tuple[float, float], note: str) -> Figure:
    """Draw the averages as points joined from wave to wave; ``ends`` are those of the whole scale."""
    lines = _lines(sheet, data, study, 1 if ends[1] - ends[0] >= 20 else 2)
    labels = max(measure(word, bold=True) for line in lines for word in [*line.words, *line.tail])
    waves = [str(wave) for wave in dict.fromkeys(data["wave"])]
    plot = _plan(sheet, lines, labels, ends)
    end = sheet.right - labels - LEAD + 6
    for tick, words in zip(plot.ticks, tick_words(plot.ticks), strict=True):
        y = plot.y(tick)
        sheet.axes.plot([plot.start, end], [y, y], color=RULE, linewidth=0.8, zorder=0.5)
        sheet.write(plot.start - 5, y - 0.64 * SMALLEST, words, size=SMALLEST, align="right", within=60)
    for line in lines:
        heights = [plot.y(mean) for mean in line.means]
        sheet.axes.plot(plot.xs, heights, ls=line.dash, color=line.colour, linewidth=1.8, gid=f"{line.name}-line")
        sheet.axes.plot(
            plot.xs, heights, line.marker, color=line.colour, markersize=6, markeredgewidth=0, gid=line.name
        )
    _write_labels(sheet, plot, lines, sheet.right - labels)
    sheet.y = plot.top + plot.height + 8
    _write_waves(sheet, plot, waves)
    return sheet.close(note)


def spread(wanted: Sequence[float], heights: Sequence[float], top: float, bottom: float) -> list[float]:
    """Return where labels begin, as near as can be to where they are wanted, so that none lies over another.

    The least squares under the order wanted, by isotonic regression.

    Examples
    --------
    >>> spread([40, 42, 80], [10, 10, 10], 0, 100)
    [33.5, 48.5, 80.0]
    """
    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    sizes = [heights[index] + APART for index in order]
    above = [reach - size for reach, size in zip(accumulate(sizes), sizes, strict=True)]
    free = optimize.isotonic_regression([wanted[index] - room for index, room in zip(order, above, strict=True)]).x
    held = np.clip(free, top, max(top, bottom - sum(sizes) + APART))
    begins = {index: float(start + room) for index, start, room in zip(order, held, above, strict=True)}
    return [begins[index] for index in range(len(wanted))]


def _lines(sheet: Sheet, data: pd.DataFrame, study: Study, decimals: int) -> list[_Line]:
    styles, room = audience_styles(data["audience"], study), LABELS[sheet.width.name]
    lines = []
    for number, (_, rows) in enumerate(data.groupby("cohort", sort=False)):
        means = [float(mean) if is_shown(mean) else math.nan for mean in rows["mean"]]
        name = wrap(break_words(name_cohort(rows.iloc[0]), room, size=BODY, bold=True), room, bold=True)
        count = [
            part for words in _count(rows, decimals) for part in wrap(break_words(words, room), room, size=SMALLEST)
        ]
        style = (*styles[rows["audience"].iloc[0]], MARKERS[number % len(MARKERS)])
        lines.append(_Line(f"{sheet.width.name}-cohort-{number + 1}", means, *style, name, count))
    return lines


def _count(rows: pd.DataFrame, decimals: int) -> list[str]:
    """Say a cohort's last average and how many it is of, and where there is none."""
    said = []
    last = rows.iloc[-1]
    if is_shown(last["mean"]):
        said.append(f"{write_points(last['mean'], decimals)} ({count_of(last['n'], last['enrolled'])})")
    hidden = rows["n"].map(is_withheld)
    for words, chosen in ((HELD_BACK, hidden), ("nobody answered", ~hidden & rows["mean"].isna())):
        if chosen.all():
            said.append(words)
        elif chosen.any():
            said.append(f"{words}: {', '.join(rows.loc[chosen, 'wave'])}")
    return said


def _plan(sheet: Sheet, lines: list[_Line], labels: float, ends: tuple[float, float]) -> _Plot:
    """Make room for all names, and choose the part of the scale that is used."""
    means = [mean for line in lines for mean in line.means if not math.isnan(mean)] or list(ends)
    room = max(0.05 * (ends[1] - ends[0]) - (max(means) - min(means)) / 2, 0)
    found = MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]).tick_values(min(means) - room, max(means) + room)
    inside = [float(tick) for tick in found if ends[0] < tick < ends[1]]
    step, low, high = found[1] - found[0], max(found[0], ends[0]), min(found[-1], ends[1])
    ticks = [low, *(tick for tick in inside if low + step / 2 < tick < high - step / 2), high]
    start = sheet.left + max(measure(words, size=SMALLEST) for words in tick_words(ticks)) + 8
    first, last = start + (12 if sheet.width.is_narrow else 30), sheet.right - labels - LEAD
    count = len(lines[0].means)
    xs = [first + (last - first) * place / (count - 1) for place in range(count)]
    return _Plot(xs, ticks, start, sheet.y + 4, max(HEIGHT, sum(line.height + APART for line in lines)))


def _write_labels(sheet: Sheet, plot: _Plot, lines: list[_Line], x: float) -> None:
    """Write each name as near as can be to the end of its line, with a thin line between them."""
    bottom = plot.top + plot.height
    spots = [
        next(
            ((at, plot.y(m)) for at, m in zip(plot.xs[::-1], line.means[::-1], strict=True) if not math.isnan(m)), None
        )
        for line in lines
    ]
    first = 0.64 * BODY  # the first line of a label stands level with the end of its line
    begins = spread(
        [spot[1] - first if spot else bottom for spot in spots], [line.height for line in lines], plot.top, bottom
    )
    for line, spot, y in zip(lines, spots, begins, strict=True):
        if spot:
            sheet.axes.plot([spot[0] + 6, x - 13], [spot[1], y + first], ":", color=QUIET, linewidth=0.9)
            sheet.axes.plot([x - 7], [y + first], line.marker, color=line.colour, markersize=6, markeredgewidth=0)
        end = y
        for words in line.words:
            end = sheet.write(x, end, words, bold=True, within=math.inf)
        for words in line.tail:
            end = sheet.write(x, end, words, size=SMALLEST, colour=QUIET, within=math.inf)


def _write_waves(sheet: Sheet, plot: _Plot, waves: list[str]) -> None:
    """Name the waves below the points, by numbers and a key where there is no room."""
    room = min(plot.xs[1] - plot.xs[0], 2 * plot.xs[0]) - 4  # that of the first one ends at the edge of the sheet
    fits = all(measure(word, size=SMALLEST) <= room for wave in waves for word in sentence(wave).split())
    words = [sentence(wave) for wave in waves] if fits else [str(number) for number in range(1, len(waves) + 1)]
    ends = [
        sheet.write(x, sheet.y, word, size=SMALLEST, align="center", within=room)
        for x, word in zip(plot.xs, words, strict=True)
    ]
    sheet.y = max(ends)
    if not fits:
        key = "; ".join(f"{number} {wave}" for number, wave in zip(words, waves, strict=True))
        sheet.y = sheet.write(sheet.left, sheet.y + 4, f"Times: {key}", size=SMALLEST)
