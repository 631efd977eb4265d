"""Tables of the request to the commissioning groups (S5)."""

from __future__ import annotations

from itertools import product

import pandas as pd

from coprod.data import Talk, each_row
from coprod.results import Table
from coprod.talk import survey as foi
from coprod.talk.citing import cite_slide, join_names, name_source
from coprod.talk.intervals import METHODS, superpopulation_interval
from coprod.talk.rounding import ROUNDINGS, Rounding


def table_counts(talk: Talk) -> Table:
    """List the counts behind each printed percentage, for both bases and every rounding rule (S5).

    Parameters
    ----------
    talk : Talk
        The tables of the talk.

    Returns
    -------
    Table
        ``foi_counts``: ``item, label, statement, percent, base, rounding, low, high, survives, counts``.

    Examples
    --------
    >>> from coprod.data import read_talk
    >>> table_counts(read_talk()).data[["item", "base", "rounding", "counts"]].to_numpy().tolist()[0]
    ['any_coproduction', 196, 'nearest', '29 to 30']
    """
    survey = talk["survey"]
    bases = foi.reply_counts(survey)
    rows = pd.concat([foi.answer_counts(survey, base, rule) for base, rule in product(bases, ROUNDINGS)])
    rows["survives"] = [rule_survives(survey, int(row.base), row.rounding) for row in each_row(rows)]
    rows["counts"] = [
        pd.NA if pd.isna(row.low) else f"{row.low}" if row.low == row.high else f"{row.low} to {row.high}"
        for row in each_row(rows)
    ]
    rows["survives"] = rows["survives"].map({True: "yes", False: "no"})
    first = rows.iloc[0]
    fitting = rows[(rows["item"] == first["item"]) & (rows["survives"] == "yes")]
    return Table(
        id="foi_counts",
        title="Whole groups behind each printed percentage",
        answer=f"{first['percent']}% of {first['base']} groups is {first['counts']} of them, rounded to the nearest; "
        f"over both bases and every rule that fits it is {fitting['low'].min()} to {fitting['high'].max()}.",
        slide="S5",
        source=cite_slide(talk, "S5"),
        data=rows.reset_index(drop=True),
        headings={
            "label": "Answer",
            "percent": "Printed %",
            "base": "Share of",
            "rounding": "Rounding rule",
            "counts": "Groups",
            "survives": f"Fits {bases[0]} of {bases[1]}?",
        },
        missing="no whole count",
    )


def rule_survives(survey: pd.DataFrame, base: int, rounding: Rounding) -> bool:
    """Tell whether all printed figures can be true under one rule and base.

    Parameters
    ----------
    survey : DataFrame
        As :class:`coprod.schemas.Survey`.
    base : int
        Groups the percentages are taken to be of.
    rounding : {"nearest", "half-even", "truncation", "ceiling"}
        Rule the percentages were printed by.

    Returns
    -------
    bool
        Whether there are counts that fit all of them.

    Examples
    --------
    >>> from coprod.data import read_talk
    >>> rule_survives(read_talk()["survey"], 196, "truncation")
    False
    """
    return len(foi.joint_counts(survey, base, rounding)) > 0


def table_press(talk: Talk) -> Table:
    """Hold the printed percentages against press reports of the time (S5).

    Parameters
    ----------
    talk : Talk
        The tables of the talk.

    Returns
    -------
    Table
        ``foi_press``: ``item, label, wording, percent, percent_press, report, same``.

    Examples
    --------
    >>> from coprod.data import read_talk
    >>> table_press(read_talk()).answer
    "5 of 6 figures printed by others equal the slide's."
    """
    rows = talk["press"].merge(talk["survey"][["item", "label", "percent"]], on="item", suffixes=("_press", ""))
    rows["report"] = [name_source(talk, key) for key in rows["source"]]
    rows["same"] = rows["percent"].eq(rows["percent_press"]).map({True: "yes", False: "no"})
    equal = int((rows["same"] == "yes").sum())
    return Table(
        id="foi_press",
        title="The same percentages in the press",
        answer=f"{equal} of {len(rows)} figures printed by others equal the slide's.",
        slide="S5",
        source=f"{cite_slide(talk, 'S5')}; {join_names(list(dict.fromkeys(rows['report'])))}",
        data=rows[["item", "label", "wording", "percent", "percent_press", "report", "same"]],
        headings={
            "label": "Answer",
            "percent": "Slide, %",
            "percent_press": "Report, %",
            "wording": "In the report: groups that",
            "report": "Report",
            "same": "Same?",
        },
    )


def table_superpopulation(talk: Talk, base: int, rounding: Rounding, level: float) -> Table:
    """Give three intervals for groups yet to be formed, where that is what is meant (S5).

    Parameters
    ----------
    talk : Talk
        The tables of the talk.
    base : int
        Groups the percentages are taken to be of.
    rounding : {"nearest", "half-even", "truncation", "ceiling"}
        Rule the percentages were printed by.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    Table
        ``foi_superpopulation``: ``item, label, count, base, method, share_low, share_high, range``.

    Examples
    --------
    >>> from coprod.data import read_talk
    >>> table = table_superpopulation(read_talk(), 196, "nearest", 0.95)
    >>> table.data[list(table.headings)].to_numpy().tolist()[0]
    ['Done any co-production', 29, 196, 'wilson', '10.5% to 20.4%']
    """
    rows = []
    for row in each_row(foi.answer_counts(talk["survey"], base, rounding).dropna()):
        for count, method in product(sorted({row.low, row.high}), METHODS):
            low, high = superpopulation_interval(int(count), base, level, method)
            rows.append((row.item, row.label, int(count), base, method, low, high))
    columns = ["item", "label", "count", "base", "method", "share_low", "share_high"]
    frame = pd.DataFrame(rows, columns=columns)
    frame["range"] = [f"{100 * row.share_low:.1f}% to {100 * row.share_high:.1f}%" for row in each_row(frame)]
    return Table(
        id="foi_superpopulation",
        title="If groups yet to be formed were meant",
        answer=f"These {100 * level:g}% intervals are for groups formed by the same process, not for the groups asked: "
        "all of those were asked.",
        slide="S5",
        source=f"{cite_slide(talk, 'S5')}; statsmodels proportion_confint",
        parameters={"base": base, "rounding": rounding, "level": level},
        data=frame,
        headings={"label": "Answer", "count": "Groups", "base": "Of", "method": "Interval", "range": "Share"},
    )
