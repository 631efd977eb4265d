"""The three principles of co-production as widening steps (slide S3)."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure as Drawing

from coprod.figures import theme
from coprod.figures.sheet import Sheet
from coprod.figures.theme import BODY, QUIET, headline, lower, palette
from coprod.results import Figure

SOURCE = "Coan, Winfield and Fisher (2017), slide 'Principles of Co-production'"
NATURE = "An idea, not data"


def plot_principles(principles: pd.DataFrame) -> Figure:
    """Draw the principles as steps that widen from the encounter to citizenship.

    Parameters
    ----------
    principles : DataFrame
        As :class:`coprod.schemas.Principles`: ``step, level, principle, meaning``.

    Returns
    -------
    Figure
        ``principles_steps``.

    Examples
    --------
    >>> from coprod.data import read_talk
    >>> plot_principles(read_talk()["principles"]).title
    'From the encounter to citizenship in 3 steps'
    """
    data = principles.sort_values("step")[["step", "level", "principle", "meaning"]].reset_index(drop=True)
    levels = [lower(level) for level in data["level"]]
    title = headline(f"From {levels[0]} to {levels[-1]} in {len(data)} steps", f"{len(data)} principles, each wider")
    steps = [f"{row.step}. {row.level}: {row.principle}. {row.meaning}" for row in data.itertuples()]
    subtitle = f"{NATURE}: each step is drawn wider as it reaches further; no width is measured."
    note = f"Source: {SOURCE}. The names of the steps and the explanations are ours."
    wide, narrow = theme.render(lambda width: _draw(Sheet(width, title, subtitle), data, note))
    return Figure(
        id="principles_steps",
        title=title,
        answer=f"The slide names {len(data)} principles, from {levels[0]} to {levels[-1]}.",
        slide="S3",
        source=SOURCE,
        data=data,
        alt=f"Drawing of an idea, not data: {len(data)} bars under one another, each wider. {'. '.join(steps)}.",
        wide=wide,
        narrow=narrow,
    )


def _draw(sheet: Sheet, data: pd.DataFrame, note: str) -> Drawing:
    breadth, narrow = sheet.right - sheet.left, sheet.width.is_narrow
    colours = [palette().light_blue, palette().blue, palette().dark_blue]
    for number, row in enumerate(data.to_dict("records")):
        reach = breadth * (0.45 + 0.55 * number / max(len(data) - 1, 1))
        name = f"{sheet.width.name}-step-{row['step']}"
        sheet.block(sheet.left, sheet.y, reach, 26, colours[min(number, 2)], gid=name)
        ink = "white" if number else theme.INK
        words = f"{row['step']}. {row['level']}"
        sheet.write(sheet.left + 9, sheet.y + 5.5, words, size=BODY + 1.5, bold=True, colour=ink)
        below = sheet.write(sheet.left + 9, sheet.y + 31, row["principle"], bold=True)
        below = sheet.write(sheet.left + 9, below, row["meaning"], colour=QUIET)
        sheet.y = below + (12 if narrow else 14)
    sheet.y -= 8
    return sheet.close(note)
