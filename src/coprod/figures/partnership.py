"""What each side of a community-campus partnership gains, line by line (slide S2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure as Drawing

from coprod.figures import theme
from coprod.figures.sheet import Sheet
from coprod.figures.theme import BODY, INK, QUIET, SMALLEST, Width, headline, palette
from coprod.results import Figure

SOURCE = "Coan, Winfield and Fisher (2017), slide 'Community Campus Partnerships'"
SAME = "the same on both sides"


def plot_partnership(partnership: pd.DataFrame) -> Figure:
    """Draw the published table as pairs of gains.

    Parameters
    ----------
    partnership : DataFrame
        As :class:`coprod.schemas.Partnership`: ``line, university, community, group``.

    Returns
    -------
    Figure
        ``partnership_pairs``; its data add ``same``, true where both sides read alike.

    Examples
    --------
    >>> from coprod.data import read_talk
    >>> plot_partnership(read_talk()["partnership"]).title
    'Each side of the partnership gains something on every line'
    """
    columns = ["line", "group", "university", "community"]
    data = partnership.sort_values("line")[columns].reset_index(drop=True)
    data["same"] = data["university"] == data["community"]
    paired = int(data[["university", "community"]].notna().all(axis=1).sum())
    every = "Each side of the partnership gains something on every line"
    title = every if paired == len(data) else headline(f"{paired} of {len(data)} lines name a gain for each side")
    entries = pd.unique(data[["university", "community"]].to_numpy().ravel())
    distinct = int(pd.notna(entries).sum())
    answer = (
        f"The slide sets {len(data)} lines under two headings; {int(data['same'].sum())} "
        f"{'is' if data['same'].sum() == 1 else 'are'} {SAME}, which leaves {distinct} distinct entries."
    )
    pairs = [f"{row.line}. {row.university} – {row.community}" for row in data.fillna("nothing").itertuples()]
    subtitle = "What universities and communities get from working together, in the words of the slide."
    note = f"Source: {SOURCE}. The grouping is ours and not on the slide."
    wide, narrow = theme.render(lambda width: _draw(Sheet(width, title, subtitle), data, note))
    return Figure(
        id="partnership_pairs",
        title=title,
        answer=answer,
        slide="S2",
        source=SOURCE,
        data=data,
        alt=f"Paired table of {len(data)} lines, university on the left, community on the right. {'; '.join(pairs)}. "
        f"{answer}",
        wide=wide,
        narrow=narrow,
    )


def _columns(width: Width) -> tuple[float, float, float]:
    """Return the points at which the groups, the university's and the community's columns begin."""
    start = width.margin
    return (start, start, start + 138) if width.is_narrow else (start, start + 94, start + 356)


def _draw(sheet: Sheet, data: pd.DataFrame, note: str) -> Drawing:
    _, university, community = _columns(sheet.width)
    for x, words in ((university, "For the university"), (community, "For the community")):
        bottom = sheet.write(x, sheet.y, words, size=BODY + 1, bold=True, colour=palette().dark_blue)
    sheet.y = bottom + 5
    sheet.rule(sheet.y, colour=INK, weight=1.4)
    last = None
    for row in data.fillna("").to_dict("records"):
        if last not in (None, row["group"]):
            sheet.rule(sheet.y, colour="#767676")
        _draw_line(sheet, row, new_group=row["group"] != last)
        last = row["group"]
    sheet.rule(sheet.y, colour=INK, weight=1.4)
    return sheet.close(note)


def _draw_line(sheet: Sheet, row: Mapping[Any, Any], *, new_group: bool) -> None:
    start, university, community = _columns(sheet.width)
    narrow = sheet.width.is_narrow
    if not new_group:
        sheet.rule(sheet.y, start=university)
    else:
        words = str(row["group"])
        bottom = sheet.write(start, sheet.y + (5 if narrow else 8), words, size=BODY - 0.5, bold=True, colour=QUIET)
        sheet.y = bottom - 3 if narrow else sheet.y
    top, gap = sheet.y + (6 if narrow else 8), 30
    left = sheet.write(university, top, str(row["university"]), within=community - university - gap)
    right = sheet.write(community, top, str(row["community"]))
    if row["same"]:
        right = sheet.write(community, right, f"({SAME})", size=SMALLEST, colour=QUIET)
    arrow = {"arrowstyle": "<|-|>", "color": "#767676", "linewidth": 1, "mutation_scale": 7, "shrinkA": 0, "shrinkB": 0}
    middle, reach = top + 0.62 * BODY, (8 if narrow else 11)
    centre = community - gap / 2 - (0 if narrow else 4)
    sheet.axes.annotate("", (centre - reach, middle), (centre + reach, middle), arrowprops=arrow)
    sheet.y = max(left, right) + (6 if narrow else 8)
