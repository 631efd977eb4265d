"""The answers of slide S5: how many groups each percentage stands for, and how far that can move."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from coprod.figures import theme
from coprod.figures.sheet import Sheet, measure, wrap
from coprod.figures.theme import BODY, INK, QUIET, SMALLEST, Width, counts, headline, palette, percent
from coprod.results import Figure

SOURCE = "Rethink Mental Illness (2016), as quoted in Coan, Winfield and Fisher (2017), slide ‘Progress through Partnership’"
STATES = {
    "yes": "said yes",
    "rounding": "lost in rounding: yes or no",
    "other": "replied, but not this",
    "silent": "no reply",
}
BIG = 25.0
GUTTER = 22.0


def plot_waffle(frame: pd.DataFrame, *, total: int, base: int, replied: int) -> Figure:
    """Draw every group asked as a square, once for each printed percentage.

    Parameters
    ----------
    frame : DataFrame
        One row per answer: ``item, label, statement, percent`` (as printed) and ``low, high``,
        the fewest and most groups behind the percentage, <NA> where no whole count fits it.
    total : int
        Groups asked: squares in each panel.
    base : int
        Groups the percentages are taken to be of.
    replied : int
        Groups that replied.

    Returns
    -------
    Figure
        ``foi_waffle``; its data hold the squares of each state by answer.
    """
    data = _squares_by_state(frame, total, replied)
    first = frame.iloc[0]
    if pd.isna(first["low"]):
        title = headline(f"No count of {base} groups is printed as {first['percent']}%")
    else:
        found = f"{counts(first['low'], first['high'])} of {total} groups"
        title = headline(f"{found} had {_lower(_label(first))}", f"{found} said yes to the first question")
    readings = [_waffle_reading(row, base) for row in frame.to_dict("records")]
    subtitle = (
        f"Each square is one Clinical Commissioning Group (CCG) in England. {replied} answered the freedom of "
        f"information request; {total - replied} did not. The percentages are read as shares of {base}."
    )
    note = (
        f"Source: {SOURCE}. The slide gives percentages only: counts are worked back from rounding. It does not say "
        f"whether the {len(frame)} groups of answers overlap, so each has its own panel."
    )

    def draw(width: Width) -> Drawing:
        return _draw_waffle(Sheet(width, title, subtitle), frame, data, base, note)

    wide, narrow = theme.render(draw)
    return Figure(
        id="foi_waffle",
        title=title,
        answer=f"Of {base} groups: {'; '.join(readings)}. {total - replied} of {total} did not reply.",
        slide="S5",
        source=SOURCE,
        parameters={"total": total, "base": base, "replied": replied},
        data=data,
        alt=f"Waffle chart, {len(frame)} panels of {total} squares, one square for each commissioning group. "
        f"Of {base} groups: {'; '.join(readings)}. In each panel {total - replied} squares are groups without a reply.",
        wide=wide,
        narrow=narrow,
    )


def _label(row: Any) -> str:
    return str(row["label"] if "label" in row else row["statement"])


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]


def _waffle_reading(row: dict[Any, Any], base: int) -> str:
    found = "no whole count fits" if pd.isna(row["low"]) else counts(row["low"], row["high"])
    return f"{_lower(_label(row))}: {row['percent']}%, {found}"


def _squares_by_state(frame: pd.DataFrame, total: int, replied: int) -> pd.DataFrame:
    """Count the squares of each state; where the yeses reach into the silent, those are not drawn twice."""
    rows = []
    for row in frame.to_dict("records"):
        low, high = (0, 0) if pd.isna(row["low"]) else (min(row["low"], replied), min(row["high"], replied))
        sizes = {"yes": low, "rounding": high - low, "other": replied - high, "silent": total - replied}
        rows += [(row["item"], _label(row), row["percent"], state, int(n)) for state, n in sizes.items()]
    return pd.DataFrame(rows, columns=["item", "label", "percent", "state", "groups"])


def _draw_waffle(sheet: Sheet, frame: pd.DataFrame, data: pd.DataFrame, base: int, note: str) -> Drawing:
    narrow = sheet.width.is_narrow
    across, columns = (1, 19) if narrow else (len(frame), 15)
    breadth = (sheet.right - sheet.left - (across - 1) * GUTTER) / across
    silent = int(data.loc[data["state"] == "silent", "groups"].iloc[0])
    _draw_legend(sheet, silent)
    statements = [wrap(row["statement"], breadth) for row in frame.to_dict("records")]
    most_lines = max(map(len, statements))
    top, bottom = sheet.y, sheet.y
    for number, row in enumerate(frame.to_dict("records")):
        x = sheet.left + (number % across) * (breadth + GUTTER)
        y = bottom + 4 if narrow and number else top
        big = f"{row['percent']}%"
        sheet.write(x, y, big, size=BIG, bold=True, colour=palette().dark_blue)
        lines = len(statements[number]) if narrow else most_lines
        found = "no whole count fits" if pd.isna(row["low"]) else counts(row["low"], row["high"])
        sheet.write(x + measure(big, size=BIG, bold=True) + 6, y + 13, f"{found} of {base}")
        sheet.write(x, y + 32, _lower(row["statement"]), within=breadth)
        grid = y + 32 + lines * BODY * 1.28 + 5
        sizes = data[data["item"] == row["item"]].set_index("state")["groups"].to_dict()
        end = _draw_grid(sheet, x, grid, breadth / columns, columns, sizes, f"{sheet.width.name}-{row['item']}")
        bottom = max(bottom, end) if not narrow else end + 8
    sheet.y = bottom
    return sheet.close(note)


def _draw_grid(
    sheet: Sheet, x: float, y: float, pitch: float, columns: int, sizes: dict[str, int], name: str
) -> float:
    side, start = pitch * 0.82, 0
    places = [(x + i % columns * pitch, y + i // columns * pitch) for i in range(sum(sizes.values()))]
    for state, size in sizes.items():
        _draw_state(sheet, places[start : start + size], side, state, f"{name}-{state}")
        start += size
    return y + -(-len(places) // columns) * pitch


def _draw_state(sheet: Sheet, corners: list[tuple[float, float]], side: float, state: str, name: str) -> None:
    blue = palette().dark_blue
    looks: dict[str, dict[str, object]] = {
        "yes": {"facecolor": blue, "edgecolor": blue},
        "rounding": {"facecolor": "white", "edgecolor": blue, "hatch": "///////"},
        "other": {"facecolor": "#E3E3E3", "edgecolor": "#767676", "linewidth": 0.6},
        "silent": {"facecolor": "white", "edgecolor": INK, "linewidth": 0.8, "linestyle": (0, (2, 1.4))},
    }
    sheet.squares(corners, side, name, **{"linewidth": 0.8, **looks[state]})
    if state == "silent" and corners:
        sheet.signs("?", [(x + side / 2, y + side / 2) for x, y in corners], f"{name}-sign")


def _draw_legend(sheet: Sheet, silent: int) -> None:
    narrow = sheet.width.is_narrow
    x = sheet.left
    for state, words in STATES.items():
        _draw_state(sheet, [(x + 0.5, sheet.y + 1.5)], 10.5, state, f"{sheet.width.name}-legend-{state}")
        words = f"{words} ({silent})" if state == "silent" else words
        sheet.write(x + 17, sheet.y, words)
        if narrow:
            sheet.y += 16
        else:
            x += 17 + measure(words) + 26
    sheet.y += 6 if narrow else 26


READING_COLOURS = {"rounding": "dark_blue", "alike": "blue", "whatever": "light_blue"}


def plot_bounds(ranges: pd.DataFrame, *, level: float) -> Figure:
    """Draw each answer's range under every reading, once for each base of the percentages.

    Parameters
    ----------
    ranges : DataFrame
        ``base, base_label, item, label, reading, reading_label, low, high, n, share_low,
        share_high``: counts low to high out of n, and the same as shares between 0 and 1.
    level : float
        Level of the interval under the reading "alike", between 0 and 1.

    Returns
    -------
    Figure
        ``foi_bounds``.
    """
    title = _bounds_title(ranges)
    level_words = f"{percent(level, 1).replace('.0%', '%')}"
    asked = int(ranges["n"].max())
    silent = asked - int(ranges["n"].min())
    subtitle = "Share of Clinical Commissioning Groups (CCGs), under three readings and both bases of the percentages"
    note = (
        f"Source: {SOURCE}. The request went to all {asked} groups, so there is no sampling error; the doubt comes from "
        f"rounding, the base and the {silent} that did not reply. Silent like the rest: exact {level_words} "
        "hypergeometric interval."
    )
    sentences = [
        f"{row['label']}, percentages {row['base_label']}, {row['reading_label']}: {_range(row)}, {_of(row)}"
        for row in ranges.to_dict("records")
    ]
    extreme = ranges[ranges["item"] == ranges["item"].iloc[0]]
    least, most = extreme.loc[extreme["share_low"].idxmin()], extreme.loc[extreme["share_high"].idxmax()]
    wide, narrow = theme.render(lambda width: _draw_bounds(Sheet(width, title, subtitle), ranges, note))
    return Figure(
        id="foi_bounds",
        title=title,
        answer=f"{least['label']}: at least {percent(least['share_low'])} and at most {percent(most['share_high'])} of "
        "groups, over all readings and bases.",
        slide="S5",
        source=SOURCE,
        parameters={"level": level},
        data=ranges,
        alt=f"Range bars in {ranges['base'].nunique()} panels, one for each base. {'. '.join(sentences)}.",
        wide=wide,
        narrow=narrow,
    )


def _bounds_title(ranges: pd.DataFrame) -> str:
    """Say the largest share of the first answer as "1 in k", or as a percentage above a half."""
    first = ranges[ranges["item"] == ranges["item"].iloc[0]]
    share, label = float(first["share_high"].max()), _lower(str(first["label"].iloc[0]))
    most = f"About 1 in {round(1 / share)}" if 0 < share <= 0.5 else f"About {percent(share, 0)}"
    return headline(f"{most} at most had {label}", f"{most} groups at most said yes")


def _range(row: dict[Any, Any]) -> str:
    low, high = percent(row["share_low"]), percent(row["share_high"])
    return low if low == high else f"{low} to {high}"


def _of(row: dict[Any, Any]) -> str:
    return f"{counts(row['low'], row['high'])} of {row['n']}"


def _draw_bounds(sheet: Sheet, ranges: pd.DataFrame, note: str) -> Drawing:
    narrow = sheet.width.is_narrow
    bases = list(dict.fromkeys(ranges["base"]))
    readings = dict(zip(ranges["reading"], ranges["reading_label"], strict=True))
    margin = 0.0 if narrow else 172.0
    breadth = sheet.right - sheet.left - margin
    step = breadth if narrow else (breadth + GUTTER) / len(bases)
    top = sheet.y
    for number, base in enumerate(bases):
        rows = ranges[ranges["base"] == base]
        x = sheet.left + margin + (0 if narrow else number * step)
        y = sheet.y + (10 if number else 0) if narrow else top
        y = sheet.write(x, y, f"Percentages {rows['base_label'].iloc[0]}", bold=True, within=step) + 6
        sheet.y = _draw_base(sheet, x, y, step if narrow else step - GUTTER, rows, ranges["share_high"].max(), readings)
    return sheet.close(note)


def _draw_base(
    sheet: Sheet, x: float, y: float, breadth: float, rows: pd.DataFrame, most: float, readings: dict[str, str]
) -> float:
    """Draw one base's answers; the labels of answers and readings stand once, at the left of the first panel."""
    narrow = sheet.width.is_narrow
    labelled = narrow or x < sheet.left + 180
    text, head, row_height = (84.0, 17.0, 32.0) if narrow else (88.0, 18.0, 28.0)
    items = list(dict.fromkeys(rows["item"]))
    per_item = head + len(readings) * row_height + 6
    axes = sheet.panel(x, y, breadth - text, per_item * len(items))
    axes.set_xlim(0, most)
    axes.set_ylim(per_item * len(items), 0)
    _set_scale(axes, most, narrow=narrow)
    for number, item in enumerate(items):
        base_y = number * per_item
        mine = rows[rows["item"] == item]
        if labelled:
            sheet.write(sheet.left, y + base_y, mine["label"].iloc[0], bold=True, back="white")
        for place, row in enumerate(mine.to_dict("records")):
            bar = base_y + head + place * row_height + (13 if narrow else 6)
            _draw_bar(axes, bar, row, f"{sheet.width.name}-{row['base']}-{row['item']}-{row['reading']}")
            end, reading = x + (breadth - text) * row["share_high"] / most + 5, readings[row["reading"]]
            if narrow:
                sheet.write(sheet.left, y + bar - 13, f"{reading}: {_of(row)}", size=SMALLEST, back="white")
                sheet.write(end, y + bar, _range(row), back="white")
                continue
            sheet.write(end, y + bar - 6, _range(row), back="white")
            sheet.write(end, y + bar + 6.5, _of(row), size=SMALLEST, colour=QUIET, back="white")
            if labelled:
                sheet.write(sheet.left, y + bar, reading, size=SMALLEST)
    return y + per_item * len(items) + 18


def _draw_bar(axes: Axes, y: float, row: dict[Any, Any], name: str) -> None:
    colour = getattr(palette(), READING_COLOURS[row["reading"]])
    share = row["share_high"] - row["share_low"]
    bar = axes.barh(
        y + 6.5, share, left=row["share_low"], height=13, color=colour, edgecolor=palette().dark_blue, linewidth=0.8, clip_on=False
    )
    bar[0].set_gid(name)


def _set_scale(axes: Axes, most: float, *, narrow: bool) -> None:
    step = 0.05 if most < 0.3 else 0.25
    ticks = [step * i for i in range(int(most / step) + 1)]
    axes.set_xticks(ticks, [percent(tick, 0) for tick in ticks])
    for label in axes.get_xticklabels():
        label.set_font(theme.font(SMALLEST))
    if narrow:
        axes.get_xticklabels()[0].set_horizontalalignment("left")
    axes.set_yticks([])
    axes.tick_params(length=0, pad=4, colors=QUIET)
    axes.grid(axis="x", color=theme.RULE, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "bottom", "left"]].set_visible(False)
