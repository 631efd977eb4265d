"""The answers of slide S5: how many groups each percentage stands for, and how far that can move."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure as Drawing

from coprod.errors import UsageError
from coprod.figures import theme
from coprod.figures.bounds import count_words, draw_bounds, range_words
from coprod.figures.sheet import Sheet
from coprod.figures.theme import Width, counts, headline, lower, percent
from coprod.figures.waffle import draw_waffle
from coprod.results import Figure

SOURCE = "Rethink Mental Illness, as quoted in Coan, Winfield and Fisher (2017), slide 'Progress through Partnership'"


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

    Examples
    --------
    >>> from coprod.data import read_talk
    >>> from coprod.talk.survey import answer_counts
    >>> figure = plot_waffle(answer_counts(read_talk()["survey"], 196), total=209, base=196, replied=196)
    >>> figure.title
    '29 or 30 of 209 groups had done any co-production'
    >>> figure.data.to_dict("records")[0]
    {'item': 'any_coproduction', 'label': 'Done any co-production', 'percent': '15', 'state': 'yes', 'groups': 29}
    """
    data = _squares_by_state(frame, total, replied)
    first = frame.iloc[0]
    if pd.isna(first["low"]):
        title = headline(f"No count of {base} groups is printed as {first['percent']}%")
    else:
        found = f"{counts(first['low'], first['high'])} of {total} groups"
        title = headline(f"{found} had {lower(_label(first))}", f"{found} said yes to the first question")
    readings = [_waffle_reading(row) for row in frame.to_dict("records")]
    subtitle = (
        f"Each square is one Clinical Commissioning Group (CCG) in England. {replied} answered the freedom of "
        f"information request; {total - replied} did not. The percentages are read as shares of {base}."
    )
    note = (
        f"Source: {SOURCE}. The slide gives percentages only: counts are worked back from rounding. It does not say "
        f"whether the {len(frame)} groups of answers overlap, so each has its own panel."
    )

    def draw(width: Width) -> Drawing:
        return draw_waffle(Sheet(width, title, subtitle), frame, data, base, note)

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


def _waffle_reading(row: Mapping[Any, Any]) -> str:
    found = "no whole count fits" if pd.isna(row["low"]) else counts(row["low"], row["high"])
    return f"{lower(_label(row))}: {row['percent']}%, {found}"


def _squares_by_state(frame: pd.DataFrame, total: int, replied: int) -> pd.DataFrame:
    """Count the squares of each state; where no whole count fits, each group that replied is a yes or a no."""
    rows = []
    for row in frame.to_dict("records"):
        low, high = (0, replied) if pd.isna(row["low"]) else (min(row["low"], replied), min(row["high"], replied))
        sizes = {"yes": low, "rounding": high - low, "other": replied - high, "silent": total - replied}
        rows += [(row["item"], _label(row), row["percent"], state, int(n)) for state, n in sizes.items()]
    return pd.DataFrame(rows, columns=["item", "label", "percent", "state", "groups"])


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

    Raises
    ------
    UsageError
        If there is no range to draw.

    Examples
    --------
    >>> from coprod.data import read_talk
    >>> from coprod.talk.survey import answer_ranges
    >>> plot_bounds(answer_ranges(read_talk()["survey"]), level=0.95).title
    'About 1 in 5 at most had done any co-production'
    """
    if ranges.empty:
        raise UsageError("no answer has a range: no whole count fits the printed percentages; try another rounding")
    title = _bounds_title(ranges)
    level_words = f"{100 * level:g}%"
    asked = int(ranges["n"].max())
    subtitle = "Share of Clinical Commissioning Groups (CCGs), under three readings and both bases of the percentages"
    note = (
        f"Source: {SOURCE}. The request went to all {asked} groups, so there is no sampling error; the doubt comes "
        f"from rounding, the base and the silent groups. Silent like the rest: exact {level_words} "
        "hypergeometric interval."
    )
    sentences = [
        f"{row['label']}, percentages {row['base_label']}, {row['reading_label']}: "
        f"{range_words(row)}, {count_words(row)}"
        for row in ranges.to_dict("records")
    ]
    extreme = ranges[ranges["item"] == ranges["item"].iloc[0]]
    least, most = extreme.loc[extreme["share_low"].idxmin()], extreme.loc[extreme["share_high"].idxmax()]
    wide, narrow = theme.render(lambda width: draw_bounds(Sheet(width, title, subtitle), ranges, note))
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
    share, label = float(first["share_high"].max()), lower(str(first["label"].iloc[0]))
    most = f"About 1 in {round(1 / share)}" if 0 < share <= 0.5 else f"About {percent(share, 0)}"
    return headline(f"{most} at most had {label}", f"{most} groups at most said yes")
