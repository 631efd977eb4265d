"""Tables of what the talk says of itself: record, statements, training (S0, S7 to S10)."""

from __future__ import annotations

from typing import Literal, get_args

from coprod.data import Talk, each_row
from coprod.errors import check_word
from coprod.results import Table
from coprod.talk.citing import cite_slide, join_names

Statements = Literal["recovery", "training"]
"""The tables whose rows are statements of a slide."""


def table_record(talk: Talk) -> Table:
    """Put the repository's record and the title slide side by side (S0, S1).

    Parameters
    ----------
    talk : Talk
        The tables of the talk.

    Returns
    -------
    Table
        ``record_card``: ``field, S0, S1, same``.

    Examples
    --------
    >>> from coprod.data import read_talk
    >>> table_record(read_talk()).data["field"].tolist()
    ['authors', 'title', 'conference', 'venue', 'year', 'licence', 'repository', 'dates']
    """
    authors = talk["authors"].groupby("slide")["family"].agg(lambda names: join_names(list(names)))
    record = (
        talk["record"]
        .query("slide in ['S0', 'S1']")
        .pivot_table(index="field", columns="slide", values="value", aggfunc="first", sort=False)
    )
    record.loc["authors"] = authors
    record = record.loc[["authors", *[field for field in record.index if field != "authors"]]]
    record["same"] = record["S0"].eq(record["S1"]).where(record.notna().all(axis=1)).map({True: "yes", False: "no"})
    differing = list(record.index[record["same"] == "no"])
    return Table(
        id="record_card",
        title="The record and the title slide, side by side",
        answer=f"The record and the title slide differ in the {join_names(differing)}."
        if differing
        else "The record and the title slide agree wherever both say something.",
        slide="S0, S1",
        source=f"{cite_slide(talk, 'S0')}; slide S1",
        data=record.reset_index(),
        headings={"field": "What", "S0": "Repository record (S0)", "S1": "Title slide (S1)", "same": "Same?"},
        missing="not given",
    )


def table_statements(talk: Talk, name: Statements, *, id: str, slide: str, title: str) -> Table:  # noqa: A002
    """List the statements of a slide, in our words.

    Parameters
    ----------
    talk : Talk
        The tables of the talk.
    name : {"recovery", "training"}
        A table of statements.
    id : str
        Name of the result.
    slide : str
        The slide they stand on.
    title : str
        Heading of the table.

    Returns
    -------
    Table
        ``position, statement``, a row for each statement.

    Examples
    --------
    >>> from coprod.data import read_talk
    >>> table_statements(read_talk(), "recovery", id="recovery", slide="S7", title="What recovery is").answer
    'The slide makes 4 statements; they are ideas and accounts, not data.'
    """
    check_word(name, get_args(Statements), "table of statements")
    rows = talk[name]
    return Table(
        id=id,
        title=title,
        answer=f"The slide makes {len(rows)} statements; they are ideas and accounts, not data.",
        slide=slide,
        source=f"{cite_slide(talk, slide)}, in our words",
        data=rows[["position", "statement"]],
        headings={"position": "No.", "statement": "An idea, not data"},
    )


def table_champion(talk: Talk) -> Table:
    """List the headings of the champion's slide, and leave her words to her (S8).

    Parameters
    ----------
    talk : Talk
        The tables of the talk.

    Returns
    -------
    Table
        ``champion``: ``position, heading, words``.

    Examples
    --------
    >>> from coprod.data import read_talk
    >>> table_champion(read_talk()).data["heading"].tolist()
    ['What is a patient champion?', 'How Leanne became a patient champion', 'Background to clinical risk training']
    """
    rows = talk["champion"]
    return Table(
        id="champion",
        title="What the patient champion spoke about",
        answer=f"{rows['words'].notna().sum()} of {len(rows)} headings have words published with them; "
        "the rest were spoken, and nothing is put in their place.",
        slide="S8",
        source=cite_slide(talk, "S8"),
        data=rows[["position", "heading", "words"]],
        headings={"position": "No.", "heading": "Heading", "words": "The champion's own words"},
    )


def table_cohorts(talk: Talk) -> Table:
    """List the cohorts taught, with what is and is not published of them (S9).

    Parameters
    ----------
    talk : Talk
        The tables of the talk.

    Returns
    -------
    Table
        ``cohorts``: ``audience, description, cohorts, participants, first_day, last_day, instrument, outcome``.

    Examples
    --------
    >>> from coprod.data import read_talk
    >>> table_cohorts(read_talk()).answer
    'The training was delivered to 5 cohorts, 4 of staff and 1 of students; no outcome is published.'
    """
    rows = talk["cohorts"]
    total = int(rows["cohorts"].sum())
    parts = join_names([f"{row.cohorts} of {row.audience}" for row in each_row(rows)])
    outcome = "no outcome is" if rows["outcome"].isna().all() else "outcomes are"
    return Table(
        id="cohorts",
        title="Who was taught, and what is published of it",
        answer=f"The training was delivered to {total} cohorts, {parts}; {outcome} published.",
        slide="S9",
        source=cite_slide(talk, "S9"),
        data=rows.drop(columns=["slide", "origin", "source"]),
        headings={
            "description": "Who",
            "cohorts": "Cohorts",
            "participants": "People",
            "first_day": "From",
            "last_day": "To",
            "instrument": "Questionnaire",
            "outcome": "Outcome",
        },
    )


def table_conclusion(talk: Talk) -> Table:
    """Set co-production against shared decision-making (S10).

    Parameters
    ----------
    talk : Talk
        The tables of the talk.

    Returns
    -------
    Table
        ``conclusion``: ``aspect, coproduction, shared_decision_making``.

    Examples
    --------
    >>> from coprod.data import read_talk
    >>> table_conclusion(read_talk()).data["aspect"].tolist()
    ['Power', 'Relationships', 'How far it goes']
    """
    rows = talk["conclusion"]
    return Table(
        id="conclusion",
        title="Co-production against shared decision-making",
        answer=f"The talk sets the two apart on {len(rows)} points; it is a position, argued and not measured.",
        slide="S10",
        source=f"{cite_slide(talk, 'S10')}, in our words",
        data=rows[["aspect", "coproduction", "shared_decision_making"]],
        headings={
            "aspect": "Point",
            "coproduction": "Co-production",
            "shared_decision_making": "Shared decision-making",
        },
        missing="not said",
    )
