"""The drawing of a waffle: one square for each group, one path for each state."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from coprod.figures.sheet import LEADING, Sheet, measure, wrap
from coprod.figures.theme import BODY, INK, counts, lower, palette

STATES = {
    "yes": "said yes",
    "rounding": "lost in rounding: yes or no",
    "other": "replied, but not this",
    "silent": "no reply",
}
BIG = 25.0
GUTTER = 22.0


def draw_waffle(sheet: Sheet, frame: pd.DataFrame, data: pd.DataFrame, base: int, note: str) -> Figure:
    """Draw one panel of squares for each row of ``frame``, with the states counted in ``data``."""
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
        found = "no whole count fits" if pd.isna(row["low"]) else f"{counts(row['low'], row['high'])} of {base}"
        sheet.write(x + measure(big, size=BIG, bold=True) + 6, y + 13, found)
        sheet.write(x, y + 32, lower(row["statement"]), within=breadth)
        grid = y + 32 + lines * BODY * LEADING + 5
        sizes = data[data["item"] == row["item"]].set_index("state")["groups"].to_dict()
        end = _draw_grid(sheet, x, grid, breadth / columns, columns, sizes, f"{sheet.width.name}-{row['item']}")
        bottom = max(bottom, end) if not narrow else end + 8
    sheet.y = bottom
    return sheet.close(note)


def _draw_grid(sheet: Sheet, x: float, y: float, pitch: float, columns: int, sizes: dict[str, int], name: str) -> float:
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
        label = f"{words} ({silent})" if state == "silent" else words
        sheet.write(x + 17, sheet.y, label)
        if narrow:
            sheet.y += 16
        else:
            x += 17 + measure(label) + 26
    sheet.y += 6 if narrow else 26
