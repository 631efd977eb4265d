"""The headline numbers of the talk as results: tables in, Values out."""

from __future__ import annotations

from functools import partial

import pandas as pd

from coprod.data import Talk, each_row, find_row
from coprod.results import Value
from coprod.talk import survey as foi
from coprod.talk.citing import cite_slide, join_names
from coprod.talk.claims import count_verdicts
from coprod.talk.intervals import nonresponse_bounds
from coprod.talk.rounding import Rounding, grim_power
from coprod.talk.works import audit_works

FLOAT_TOLERANCE = 1e-9


def value_partnership(talk: Talk) -> list[Value]:
    """Count the lines of the partnership table and its distinct entries (S2).

    Parameters
    ----------
    talk : Talk
        The tables of the talk.

    Returns
    -------
    list of Value
        ``partnership_lines, partnership_distinct``.

    Examples
    --------
    >>> from coprod.data import read_talk
    >>> [(value.id, value.value) for value in value_partnership(read_talk())]
    [('partnership_lines', 8), ('partnership_distinct', 15)]
    """
    table = talk["partnership"]
    entries = set(table["university"]) | set(table["community"])
    shared = list(table.loc[table["university"] == table["community"], "university"])
    value = partial(Value, slide="S2", source=cite_slide(talk, "S2"))
    return [
        value(
            id="partnership_lines",
            title="Lines of the partnership table",
            answer="Each line names a gain for the university and one for the community.",
            value=len(table),
            unit="lines",
        ),
        value(
            id="partnership_distinct",
            title="Distinct entries",
            answer=f"The same on both sides: {join_names(shared)}.",
            value=len(entries),
            unit="entries",
        ),
    ]


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


def value_works(talk: Talk) -> list[Value]:
    """Count the works named, listed and matching (S11).

    Parameters
    ----------
    talk : Talk
        The tables of the talk.

    Returns
    -------
    list of Value
        ``works_named, works_listed, works_matched``.

    Examples
    --------
    >>> from coprod.data import read_talk
    >>> [(value.id, value.value) for value in value_works(read_talk())][:2]
    [('works_named', 7), ('works_listed', 6)]
    """
    audit = audit_works(talk["citations"], talk["works"])
    match = list(audit.loc[audit["state"] == "match", "label"])
    value = partial(Value, slide="S4, S5, S6, S10, S11", source=cite_slide(talk, "S11"), unit="works")
    answer = f"Author and year agree for {join_names(match)}."
    return [
        value(
            id="works_named",
            title="Works named on the slides",
            answer="Each is counted once.",
            value=int(audit["cited"].sum()),
        ),
        value(
            id="works_listed",
            title="Works in the reference list",
            answer="As printed on slide S11.",
            value=int(audit["listed"].sum()),
        ),
        value(id="works_matched", title="Works that match exactly", answer=answer, value=len(match)),
    ]


def value_cohorts(talk: Talk) -> Value:
    """Add up the cohorts taught (S9).

    Parameters
    ----------
    talk : Talk
        The tables of the talk.

    Returns
    -------
    Value
        ``cohorts_total``.

    Examples
    --------
    >>> from coprod.data import read_talk
    >>> value_cohorts(read_talk()).value
    5
    """
    counts = [int(count) for count in talk["cohorts"]["cohorts"]]
    return Value(
        id="cohorts_total",
        title="Cohorts taught",
        answer=f"{' + '.join(str(count) for count in counts)}; the talk prints no total.",
        slide="S9",
        source=cite_slide(talk, "S9"),
        value=sum(counts),
        unit="cohorts",
    )


def value_verdicts(ledger: pd.DataFrame) -> list[Value]:
    """Count the claims under each verdict.

    Parameters
    ----------
    ledger : DataFrame
        From :func:`coprod.talk.claims.adjudicate`.

    Returns
    -------
    list of Value
        ``claims_reproduced, claims_consistent, claims_ambiguous, claims_differs, claims_not_testable,
        claims_untestable_by_design``.

    Examples
    --------
    >>> from coprod.data import read_talk
    >>> from coprod.talk.claims import adjudicate
    >>> [(value.id, value.value) for value in value_verdicts(adjudicate(read_talk()))][:2]
    [('claims_reproduced', 5), ('claims_consistent', 2)]
    """
    return [
        Value(
            id=f"claims_{row.verdict.replace(' ', '_')}",
            title=f"Claims: {row.verdict}",
            answer=f"{row.claims} of {len(ledger)} claims: {row.meaning}.",
            slide="S0 to S11",
            source="the claim ledger",
            value=int(row.claims),
            unit="claims",
        )
        for row in each_row(count_verdicts(ledger))
    ]
