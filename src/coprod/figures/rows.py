"""The drawing of a forest plot: a row for each cohort, in columns on a page and in blocks on a phone."""

from __future__ import annotations

from statistics import median
from typing import Any, NamedTuple

from matplotlib.figure import Figure
from matplotlib.patches import Polygon
from matplotlib.ticker import MaxNLocator

from coprod.figures.outcome import audience_styles, tick_words
from coprod.figures.sheet import LEADING, Sheet, measure
from coprod.figures.theme import BODY, INK, QUIET, RULE, SMALLEST
from coprod.figures.wording import HELD_BACK, break_words, is_shown
from coprod.training.study import Study

LABELS = 150.0
"""Most room for the names of cohorts on a page."""
REACH = 3.0
"""Times the usual half interval that the axis goes beyond the outermost estimates."""
MARK = 18.0
GAP = 14.0
COUNTED = "Answered both times"
Row = dict[str, Any]


class _Axis(NamedTuple):
    """From points of a scale to points of the sheet."""

    low: float
    high: float
    start: float
    breadth: float

    def x(self, value: float) -> float:
        return self.start + (min(max(value, self.low), self.high) - self.low) / (self.high - self.low) * self.breadth

    def ticks(self, most: int) -> list[float]:
        found = MaxNLocator(most, steps=[1, 2, 2.5, 5, 10]).tick_values(self.low, self.high)
        return [float(tick) + 0.0 for tick in found if self.low <= tick <= self.high]


def draw_rows(sheet: Sheet, rows: list[Row], study: Study, heading: str, note: str) -> Figure:
    """Draw the rows; where an interval goes on beyond the axis it ends in an arrow, and the note says so."""
    styles = audience_styles([row["audience"] for row in rows if row["kind"] == "cohort"], study)
    most = max([float(row["n_participants"]) for row in rows if _is_cohort(row)], default=1.0)
    for number, row in enumerate(rows, start=1):
        row["number"], row["colour"] = number, styles.get(row["audience"], (INK, None))[0]
        row["side"] = 6 + 6 * (float(row["n_participants"]) / most) ** 0.5 if _is_cohort(row) else 0.0
    axis = (_draw_blocks if sheet.width.is_narrow else _draw_table)(sheet, rows, heading)
    ends = [float(row[name]) for row in rows for name in ("conf_low", "conf_high") if is_shown(row[name])]
    cut = any(not axis.low - 1e-9 <= end <= axis.high + 1e-9 for end in ends)
    return sheet.close(f"{note} An arrow: the interval goes on beyond the axis." if cut else note)


def _is_cohort(row: Row) -> bool:
    return row["kind"] == "cohort" and is_shown(row["n_participants"])


def _find_axis(rows: list[Row], start: float, breadth: float) -> _Axis:
    """Choose an axis with no change on it and every estimate; a very wide interval does not stretch it."""
    estimates = [float(row["estimate"]) for row in rows if is_shown(row["estimate"])] or [0.0]
    ends = [(float(row["conf_low"]), float(row["conf_high"])) for row in rows if is_shown(row["conf_low"])]
    halves = [(row["conf_high"] - row["conf_low"]) / 2 for row in rows if _is_cohort(row) and is_shown(row["conf_low"])]
    usual = float(median(halves)) if halves else 0.0
    low = min(0.0, *estimates, max(min([end for end, _ in ends] or [0.0]), min(estimates) - REACH * usual))
    high = max(0.0, *estimates, min(max([end for _, end in ends] or [0.0]), max(estimates) + REACH * usual))
    room = 0.04 * (high - low) or 1.0
    return _Axis(low - room, high + room, start, breadth)


def _draw_table(sheet: Sheet, rows: list[Row], heading: str) -> _Axis:
    """Draw names, counts, marks and numbers side by side."""
    labels = min(max(measure(row["name"], bold=True) for row in rows), LABELS)
    counts = max([measure(row["count"], bold=True) for row in rows] + [measure(COUNTED, size=SMALLEST)])
    numbers = max([measure(row["numbers"], bold=True) for row in rows] + [measure(heading, size=SMALLEST)])
    end = sheet.left + labels + GAP + counts
    axis = _find_axis(rows, end + 2 * GAP, sheet.right - numbers - 2 * GAP - (end + 2 * GAP))
    sheet.write(end, sheet.y, COUNTED, size=SMALLEST, colour=QUIET, align="right", within=counts + 1)
    sheet.y = sheet.write(sheet.right - numbers, sheet.y, heading, size=SMALLEST, colour=QUIET, within=numbers + 1) + 4
    top = sheet.y
    for row in rows:
        bold = row["kind"] == "pooled"
        sheet.y += 10 if bold else 0
        name = break_words(row["name"], labels, size=BODY, bold=True)
        bottom = sheet.write(sheet.left, sheet.y + 4, name, within=labels + 1, bold=bold)
        middle = (sheet.y + 4 + bottom) / 2
        line = middle - LEADING * BODY / 2
        if row["kind"] != "prediction":
            sheet.write(end, line, row["count"], bold=bold, align="right", within=counts + 1)
        if row["numbers"] != row["count"]:
            sheet.write(sheet.right - numbers, line, row["numbers"], bold=bold, within=numbers + 1)
        _draw_mark(sheet, axis, row, middle)
        sheet.y = bottom + 6
    _draw_grid(sheet, axis, [(top, sheet.y)], 6)
    return axis


def _draw_blocks(sheet: Sheet, rows: list[Row], heading: str) -> _Axis:
    """Draw name and numbers above the mark of each row."""
    axis = _find_axis(rows, sheet.left + 16, sheet.right - sheet.left - 32)
    strips = []
    sheet.y = sheet.write(
        sheet.left, sheet.y, f"{heading}, and how many {COUNTED.lower()}", size=SMALLEST, colour=QUIET
    )
    for row in rows:
        sheet.y += 16 if row["kind"] == "pooled" else 6
        name = break_words(row["name"], sheet.right - sheet.left, size=BODY, bold=True)
        sheet.y = sheet.write(sheet.left, sheet.y, name, bold=True)
        if row["kind"] != "prediction" and row["count"] != row["numbers"]:
            sheet.write(sheet.right, sheet.y, row["count"], align="right", within=90)
        sheet.y = sheet.write(sheet.left, sheet.y, row["numbers"]) + 2
        if is_shown(row["estimate"]):
            _draw_mark(sheet, axis, row, sheet.y + MARK / 2)
            strips.append((sheet.y, sheet.y + MARK))
            sheet.y += MARK
    if strips:
        _draw_grid(sheet, axis, strips, 6)
    return axis


def _draw_grid(sheet: Sheet, axis: _Axis, strips: list[tuple[float, float]], most: int) -> None:
    """Draw lines at round numbers of points behind the marks, and write the numbers below."""
    ticks = axis.ticks(most)
    sheet.y += 4
    for tick, words in zip(ticks, tick_words(ticks, signed=True), strict=True):
        colour, weight = (QUIET, 1.2) if tick == 0 else (RULE, 0.8)
        for top, bottom in strips:
            sheet.axes.plot([axis.x(tick)] * 2, [top, bottom], color=colour, linewidth=weight, zorder=0.5)
        sheet.write(axis.x(tick), sheet.y, words, size=SMALLEST, align="center", within=60)
    sheet.y += LEADING * SMALLEST
    half = measure("no change", size=SMALLEST) / 2
    x = min(max(axis.x(0), sheet.left + half), sheet.right - half)
    sheet.y = sheet.write(x, sheet.y, "no change", size=SMALLEST, align="center", within=2 * half + 1, colour=QUIET)


def _draw_mark(sheet: Sheet, axis: _Axis, row: Row, y: float) -> None:
    """Draw a square, a diamond or a dashed line, or the word that stands in place of it."""
    name = f"{sheet.width.name}-{row['kind']}" + (f"-{row['number']}" if row["kind"] == "cohort" else "")
    if not is_shown(row["estimate"]):
        if row["numbers"] == HELD_BACK:
            x, line = axis.start + axis.breadth / 2, y - LEADING * SMALLEST / 2
            sheet.write(
                x, line, HELD_BACK, size=SMALLEST, colour=QUIET, align="center", within=axis.breadth, back="white"
            )
        return
    ends = [axis.x(row[end]) for end in ("conf_low", "conf_high") if is_shown(row[end])]
    if row["kind"] == "pooled":
        middle = axis.x(row["estimate"])
        corners = [(ends[0], y), (middle, y - 6), (ends[1], y), (middle, y + 6)]
        sheet.axes.add_patch(Polygon(corners, facecolor=INK, gid=name))
        _draw_ends(sheet, axis, row, (y, name), caps=False)
        return
    dashed = row["kind"] == "prediction"
    if ends:
        style = {"color": row["colour"], "linewidth": 2, "gid": f"{name}-interval", "solid_capstyle": "butt"}
        sheet.axes.plot(ends, [y, y], linestyle=(0, (4, 2)) if dashed else "solid", **style)
        _draw_ends(sheet, axis, row, (y, name), caps=dashed)
    if not dashed:
        side = row["side"]
        sheet.block(axis.x(row["estimate"]) - side / 2, y - side / 2, side, side, row["colour"], zorder=2.5, gid=name)


def _draw_ends(sheet: Sheet, axis: _Axis, row: Row, place: tuple[float, str], *, caps: bool) -> None:
    """Draw an arrow where an interval goes on beyond the axis, and a cap where a prediction ends."""
    y, name = place
    for value, arrow, outside in (
        (row["conf_low"], "<", row["conf_low"] < axis.low),
        (row["conf_high"], ">", row["conf_high"] > axis.high),
    ):
        x = axis.x(value)
        if outside:
            sheet.axes.plot([x], [y], arrow, color=row["colour"], markersize=7, markeredgewidth=0, gid=f"{name}-arrow")
        elif caps:
            sheet.axes.plot([x, x], [y - 5, y + 5], color=row["colour"], linewidth=2)
