"""The numbers of the request to the commissioning groups (S5)."""

from __future__ import annotations

from functools import partial

from coprod.data import Talk, each_row, find_row
from coprod.results import Value
from coprod.talk import survey as foi
from coprod.talk.citing import cite_slide
from coprod.talk.intervals import nonresponse_bounds
from coprod.talk.rounding import Rounding, grim_power

FLOAT_TOLERANCE = 1e-9


def value_reply(talk: Talk) -> list[Value]:
    """Give the groups asked, replied and silent, and the share that replied (S5).

    Parameters
    ----------
    talk : Talk
        The tables of the talk.

    Returns
    -------
    list of Value
        ``ccg_silent, ccg_reply_share``.

    Examples
    --------
    >>> from coprod.data import read_talk
    >>> [(value.id, round(value.value, 2)) for value in value_reply(read_talk())]
    [('ccg_silent', 13), ('ccg_reply_share', 93.78)]
    """
    replied, total = foi.reply_counts(talk["survey"])
    value = partial(Value, slide="S5", source=cite_slide(talk, "S5"))
    printed = find_row(talk["survey"], "item", "replied").percent
    return [
        value(
            id="ccg_silent",
            title="Groups that did not reply",
            answer=f"{replied} of {total} commissioning groups replied.",
            value=total - replied,
            unit="groups",
        ),
        value(
            id="ccg_reply_share",
            title="Share that replied, unrounded",
            answer=f"{100 * replied / total:.2f}%, printed as {printed}%.",
            value=100 * replied / total,
            unit="per cent",
            tolerance=FLOAT_TOLERANCE,
        ),
    ]


def value_answers(talk: Talk, base: int, rounding: Rounding) -> list[Value]:
    """Give the fewest and most groups behind each percentage, and the most of all asked (S5).

    Parameters
    ----------
    talk : Talk
        The tables of the talk.
    base : int
        Groups the percentages are taken to be of.
    rounding : {"nearest", "half-even", "truncation", "ceiling"}
        Rule the percentages were printed by.

    Returns
    -------
    list of Value
        ``any_coproduction_low, any_coproduction_high, any_coproduction_bound, ambition_more_low, ambition_more_high,
        ambition_more_bound, ambition_in_line_low, ambition_in_line_high, ambition_in_line_bound``.

    Examples
    --------
    >>> from coprod.data import read_talk
    >>> [(value.id, value.value) for value in value_answers(read_talk(), 196, "nearest")][:2]
    [('any_coproduction_low', 29), ('any_coproduction_high', 30)]
    """
    replied, total = foi.reply_counts(talk["survey"])
    parameters = {"base": base, "rounding": rounding}
    value = partial(Value, slide="S5", source=cite_slide(talk, "S5"), parameters=parameters)
    values = []
    for row in each_row(foi.answer_counts(talk["survey"], base, rounding).dropna()):
        low, high = int(row.low), min(int(row.high), replied)
        most = nonresponse_bounds(low, high, replied, total)[1]
        counts = f"{low} or {high}" if low != high else f"{low}"
        sentence = f"{row.percent}% of {base} is {counts} {'group' if high == 1 else 'groups'}."
        values += [
            value(id=f"{row.item}_low", title=f"{row.label}: fewest", answer=sentence, value=low, unit="groups"),
            value(id=f"{row.item}_high", title=f"{row.label}: most", answer=sentence, value=high, unit="groups"),
            value(
                id=f"{row.item}_bound",
                title=f"{row.label}: most, were every silent group a yes",
                answer=f"At most {100 * most:.1f}% of all {total} groups.",
                value=100 * most,
                unit="per cent",
                tolerance=FLOAT_TOLERANCE,
            ),
        ]
    return values


def value_power(talk: Talk, base: int, rounding: Rounding) -> Value:
    """Give the power of asking whether a percentage printed as finely as the slide's is possible at all (S5).

    Parameters
    ----------
    talk : Talk
        The tables of the talk.
    base : int
        Groups the percentages are taken to be of.
    rounding : {"nearest", "half-even", "truncation", "ceiling"}
        Rule the percentages were printed by.

    Returns
    -------
    Value
        ``foi_power``.

    Examples
    --------
    >>> from coprod.data import read_talk
    >>> value_power(read_talk(), 196, "nearest").answer
    'With 196 groups and whole percentages, it cannot be tested.'
    """
    answers = talk["survey"].query("count.isna()")
    decimals = max(len(percent.partition(".")[2]) for percent in answers["percent"])
    power = grim_power(base, rounding, decimals)
    noun = "decimal" if decimals == 1 else "decimals"
    printed = f"percentages to {decimals} {noun}" if decimals else "whole percentages"
    verdict = "it cannot be tested" if power == 0 else f"{100 * power:.0f}% of invented percentages would be found out"
    return Value(
        id="foi_power",
        title="Power of the test 'is this percentage possible?'",
        answer=f"With {base} groups and {printed}, {verdict}.",
        slide="S5",
        source=cite_slide(talk, "S5"),
        parameters={"base": base, "rounding": rounding},
        value=power,
        tolerance=FLOAT_TOLERANCE,
    )
