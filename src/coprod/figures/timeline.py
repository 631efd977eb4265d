"""Law, evidence and this work on one line of years (slides S4 to S11)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
from matplotlib.figure import Figure as Drawing

from coprod.figures import theme
from coprod.figures.sheet import LEADING, Sheet, wrap
from coprod.figures.theme import BODY, QUIET, RULE, SMALLEST, headline, lower, palette
from coprod.results import Figure

SOURCE = "Coan, Winfield and Fisher (2017), all slides"
UNDATED = "Date not stated"
MONTHS = "January February March April May June July August September October November December".split()  # noqa: SIM905
LABELS = 92.0
STRIP = 66.0


def plot_timeline(timeline: pd.DataFrame) -> Figure:
    """Draw the events of the talk in lanes, those without a date in a dashed box.

    Parameters
    ----------
    timeline : DataFrame
        As :class:`coprod.schemas.Timeline`: ``event, lane, label, start_year, end_year, day, note``.

    Returns
    -------
    Figure
        ``culture_timeline``.

    Examples
    --------
    >>> from coprod.data import read_talk
    >>> plot_timeline(read_talk()["timeline"]).title
    'From a law in 2012 to this talk in 2017'
    """
    data = timeline[["event", "lane", "label", "start_year", "end_year", "day", "note"]].reset_index(drop=True)
    dated, undated = data[data["start_year"].notna()], data[data["start_year"].isna()]
    events = [f"{row['label']}: {_when(row)}" for row in data.to_dict("records")]
    answer = f"{len(dated)} of {len(data)} events have a date on the slides" + (
        f"; without one: {' and '.join(lower(label) for label in undated['label'])}." if len(undated) else "."
    )
    subtitle = "What the slides name, by year. A bar spans the year where only the year is given, a diamond is a day."
    note = f"Source: {SOURCE}. Works stand at the year of the reference list where they are listed there."
    wide, narrow = theme.render(
        lambda width: (_draw_list if width.is_narrow else _draw_lanes)(Sheet(width, _title(data), subtitle), data, note)
    )
    return Figure(
        id="culture_timeline",
        title=_title(data),
        answer=answer,
        slide="S4, S11",
        source=SOURCE,
        data=data,
        alt=f"Timeline in {data['lane'].nunique()} lanes, {_span(data)[0]} to {_span(data)[1]}. {'; '.join(events)}.",
        wide=wide,
        narrow=narrow,
    )


def _title(data: pd.DataFrame) -> str:
    """Name the years from the first law to the last of this work, or count the dated events."""
    law = data.loc[data["lane"] == "Law and policy", "start_year"].min()
    work = data.loc[data["lane"] == "This work", "end_year"].max()
    if pd.isna(law) or pd.isna(work):
        return headline(f"{int(data['start_year'].notna().sum())} of {len(data)} events of the talk have a date")
    return headline(f"From a law in {law} to this talk in {work}")


def _span(data: pd.DataFrame) -> tuple[int, int]:
    return int(data["start_year"].min()), int(data["end_year"].max())


def _when(row: dict[Any, Any]) -> str:
    if pd.isna(row["start_year"]):
        return lower(UNDATED)
    if pd.notna(row["day"]):
        day = date.fromisoformat(row["day"])
        return f"from {day.day} {MONTHS[day.month - 1]} {day.year}"
    years = {row["start_year"], row["end_year"]}
    return " to ".join(str(year) for year in sorted(years))


def _draw_lanes(sheet: Sheet, data: pd.DataFrame, note: str) -> Drawing:
    """Draw three lanes over one axis of years, for a page."""
    first, last = _span(data)
    start = sheet.left + LABELS
    year_width = (sheet.right - start) / (last - first + 1)
    for lane, events in data.groupby("lane", sort=False):
        dated = events[events["start_year"].notna()].sort_values("start_year")
        rooms = _rooms(dated, last, year_width)
        labels = [wrap(label, room, bold=True) for label, room in zip(dated["label"], rooms, strict=True)]
        above = max(map(len, labels), default=1)
        line = sheet.y + above * LEADING * BODY + 10
        sheet.rule(line, start=start - 8)
        sheet.write(sheet.left, line - 0.64 * BODY, str(lane), bold=True, within=LABELS)
        bottom = line + 18
        for row, room in zip(dated.to_dict("records"), rooms, strict=True):
            bottom = max(bottom, _draw_event(sheet, row, start, line, room, first, year_width))
        boxed = events.loc[events["start_year"].isna(), "label"]
        if len(boxed):
            clear = dated["start_year"].min() if len(dated) else last + 1
            _draw_undated(sheet, boxed, start + 4, line, (clear - first) * year_width - 42)
        sheet.y = bottom + 12
    for year in range(first, last + 1):
        sheet.write(start + (year - first + 0.5) * year_width, sheet.y, str(year), align="center")
    sheet.y += LEADING * BODY
    return sheet.close(note)


def _rooms(dated: pd.DataFrame, last: int, year_width: float) -> list[float]:
    """Return how far each event's words may reach: to the next event of its lane, at most two years."""
    nexts = [*dated["start_year"].tolist(), last + 1][1:]
    years = [min(after - year, 2) for year, after in zip(dated["start_year"], nexts, strict=True)]
    return [float(count * year_width - 6) for count in years]


def _draw_event(
    sheet: Sheet, row: dict[Any, Any], start: float, line: float, room: float, first: int, year_width: float
) -> float:
    """Draw one event with its name above and its note below; a day's words end with its year, left of the edge."""
    x = start + (row["start_year"] - first) * year_width
    breadth = (row["end_year"] - row["start_year"] + 1) * year_width - 4
    _draw_mark(sheet, row, x, line, breadth, 9)
    is_day = pd.notna(row["day"])
    place: dict[str, Any] = {"x": x, "within": room}
    if is_day:
        place = {"x": x + breadth, "within": room + 26, "align": "right"}
    lines = len(wrap(row["label"], place["within"], bold=True))
    sheet.write(y=line - 8 - lines * LEADING * BODY, words=row["label"], bold=True, **place)
    bottom = line + 7
    for words in ([_when(row)] if is_day else []) + ([row["note"]] if pd.notna(row["note"]) else []):
        bottom = sheet.write(y=bottom, words=words, size=SMALLEST, colour=QUIET, **place)
    return bottom


def _draw_mark(sheet: Sheet, row: dict[Any, Any], x: float, line: float, breadth: float, height: float) -> None:
    """Draw a bar over the years, or a diamond at the day; each lane has its own colour and place."""
    shades = {"Law and policy": palette().dark_blue, "Evidence": palette().blue, "This work": palette().teal}
    name = f"{sheet.width.name}-{row['event']}"
    if pd.isna(row["day"]):
        sheet.block(x, line - height / 2, breadth, height, shades[row["lane"]], gid=name)
        return
    day = date.fromisoformat(row["day"])
    share = (day.timetuple().tm_yday - 1) / 365
    sheet.axes.plot([x + share * breadth], [line], "D", color=shades[row["lane"]], markersize=height - 0.5, gid=name)


def _draw_undated(sheet: Sheet, labels: pd.Series, x: float, line: float, breadth: float) -> None:
    words = f"{UNDATED}: {'; '.join(lower(label) for label in labels)}"
    lines = wrap(words, breadth - 16, size=SMALLEST)
    height = len(lines) * LEADING * SMALLEST + 10
    box = {"edgecolor": palette().teal, "linewidth": 1.2, "linestyle": (0, (4, 2))}
    sheet.block(x, line - height / 2, breadth, height, "white", **box, zorder=3)
    sheet.write(x + 8, line - height / 2 + 5, words, size=SMALLEST, within=breadth - 16)


def _draw_list(sheet: Sheet, data: pd.DataFrame, note: str) -> Drawing:
    """Draw each event on a line of its own beside a small strip of the years, for a phone."""
    first, last = _span(data)
    year_width = STRIP / (last - first + 1)
    for lane, events in data.groupby("lane", sort=False):
        sheet.rule(sheet.y)
        sheet.y = sheet.write(sheet.left, sheet.y + 5, str(lane), size=BODY + 1, bold=True) + 3
        for row in events.to_dict("records"):
            line = sheet.y + 0.64 * BODY
            text = sheet.left + STRIP + 8
            if pd.isna(row["start_year"]):
                box = {"edgecolor": palette().teal, "linewidth": 1.2, "linestyle": (0, (3, 2))}
                sheet.block(sheet.left, line - 4.5, STRIP, 9, "white", **box)
            else:
                sheet.axes.plot([sheet.left, sheet.left + STRIP], [line, line], color=RULE, linewidth=0.8, zorder=0.5)
                x = sheet.left + (row["start_year"] - first) * year_width
                _draw_mark(sheet, row, x, line, (row["end_year"] - row["start_year"] + 1) * year_width - 1, 9)
            below = sheet.write(text, sheet.y, row["label"], bold=True)
            words = _when(row) if pd.isna(row["start_year"]) or pd.isna(row["note"]) else f"{_when(row)}: {row['note']}"
            words = UNDATED if pd.isna(row["start_year"]) else words
            sheet.y = sheet.write(text, below, words, size=SMALLEST, colour=QUIET) + 6
        sheet.y += 2
    sheet.rule(sheet.y)
    return sheet.close(f"The strip at the left runs from {first} to {last}. {note}")
