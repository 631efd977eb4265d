"""What the slides cite against what the reference list holds (slide S11)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from coprod.figures import theme
from coprod.figures.sheet import Sheet
from coprod.figures.theme import BODY, INK, SMALLEST, headline, palette
from coprod.results import Figure

SOURCE = "Coan, Winfield and Fisher (2017), all slides against slide 'References'"
AGREEING = ("match", "cited by name only")
PLACES = (0.32, 0.68)
"""Where the dots for cited and listed stand, as shares of the chart's width."""


def plot_citations(audit: pd.DataFrame) -> Figure:
    """Draw every work as a dot where it is cited and a dot where it is listed.

    Parameters
    ----------
    audit : DataFrame
        One row per work, in the order to draw: ``work, label, cited, listed, cited_year,
        listed_year, state, note``; ``state`` "match" where authors and year agree.

    Returns
    -------
    Figure
        ``works_chart``.

    Examples
    --------
    >>> from coprod.data import read_talk
    >>> from coprod.talk.works import audit_works
    >>> talk = read_talk()
    >>> plot_citations(audit_works(talk["citations"], talk["works"])).title
    '2 of 7 cited works match the list exactly'
    """
    cited, matching = int(audit["cited"].sum()), int((audit["state"] == "match").sum())
    title = headline(f"{matching} of {cited} cited works match the list exactly")
    notes = [f"{row.label}: {row.note}" for row in audit.itertuples()]
    answer = (
        f"{matching} of the {cited} works cited on the slides stand in the reference list with the same authors and "
        f"year; {int(audit['listed'].sum())} works are listed."
    )
    subtitle = "Works cited on the slides against works in the reference list, with the years printed."
    note = f"Source: {SOURCE}. A filled dot: it is there; an empty one: it is not."
    wide, narrow = theme.render(lambda width: _draw(Sheet(width, title, subtitle), audit, note))
    return Figure(
        id="works_chart",
        title=title,
        answer=answer,
        slide="S11",
        source=SOURCE,
        data=audit,
        alt=f"Dot chart of {len(audit)} works, one dot for cited and one for listed. {answer} {'; '.join(notes)}.",
        wide=wide,
        narrow=narrow,
    )


def _draw(sheet: Sheet, audit: pd.DataFrame, note: str) -> Drawing:
    narrow = sheet.width.is_narrow
    labels, chart = (128.0, 126.0) if narrow else (200.0, 170.0)
    chart_x = sheet.left + labels
    for place, words in zip(PLACES, ("Cited", "Listed"), strict=True):
        sheet.write(chart_x + chart * place, sheet.y, words, align="center", bold=True)
    sheet.y += 18
    top, middles = sheet.y, []
    for row in audit.to_dict("records"):
        sheet.rule(sheet.y)
        bottom = sheet.write(sheet.left, sheet.y + 5, row["label"], within=labels - 8, bold=narrow)
        bold = row["state"] not in AGREEING and not narrow
        if narrow:
            bottom = sheet.write(sheet.left, bottom, row["note"], within=labels - 8, size=SMALLEST)
        else:
            bottom = max(bottom, sheet.write(chart_x + chart + 12, sheet.y + 5, row["note"], bold=bold))
        middle = sheet.y + 5 + 0.64 * BODY
        _write_years(sheet, row, chart_x, chart, middle)
        middles.append(middle - top)
        sheet.y = bottom + 5
    sheet.rule(sheet.y)
    axes = sheet.panel(chart_x, top, chart, sheet.y - top)
    axes.set_ylim(sheet.y - top, 0)
    _draw_dots(axes, audit.assign(y=middles, agrees=audit["state"].isin(AGREEING)), sheet.width.name)
    return sheet.close(note)


def _draw_dots(axes: Axes, rows: pd.DataFrame, name: str) -> None:
    """Draw the dots: filled where the work is, empty where it is not, joined where it is in both."""
    axes.set_xlim(0, 1)
    axes.set_axis_off()
    colours = {True: palette().dark_blue, False: palette().orange}
    for row in rows[rows["cited"] & rows["listed"]].to_dict("records"):
        line = ":" if row["state"] == "cited by name only" else "-"
        axes.plot(PLACES, [row["y"]] * 2, color=colours[row["agrees"]], linewidth=2.4, linestyle=line, zorder=1)
    dots = rows.melt(["y", "agrees"], ["cited", "listed"], var_name="place", value_name="there")
    dots["place"] = dots["place"].map(dict(zip(("cited", "listed"), PLACES, strict=True)))
    shared: dict[str, Any] = {"x": "place", "y": "y", "s": 100, "legend": False, "ax": axes, "zorder": 2}
    sns.scatterplot(dots[dots["there"]], hue="agrees", palette=colours, linewidth=0, gid=f"{name}-there", **shared)
    absent = {"facecolor": "white", "edgecolor": INK, "linewidth": 1.2, "gid": f"{name}-not-there"}
    sns.scatterplot(dots[~dots["there"]], **absent, **shared)


def _write_years(sheet: Sheet, row: Mapping[Any, Any], x: float, chart: float, middle: float) -> None:
    top, reach = middle - 0.64 * SMALLEST, 9
    for place, column, shift in zip(PLACES, ("cited_year", "listed_year"), (-reach, reach), strict=True):
        if pd.notna(row[column]):
            align: Literal["left", "right"] = "right" if shift < 0 else "left"
            sheet.write(x + chart * place + shift, top, str(row[column]), size=SMALLEST, align=align)
