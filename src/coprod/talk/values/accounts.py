"""The numbers of what the talk says of itself: partnership, works, cohorts, and verdicts on all of it."""

from __future__ import annotations

from functools import partial

import pandas as pd

from coprod.data import Talk, each_row
from coprod.results import Value
from coprod.talk.citing import cite_slide, join_names
from coprod.talk.claims import count_verdicts
from coprod.talk.works import audit_works


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
