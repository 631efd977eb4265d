"""Tables of the law, the evidence and the works the talk leans on (S4, S6, S11)."""

from __future__ import annotations

from coprod.data import Talk
from coprod.results import Table
from coprod.talk.citing import cite_slide, join_names, name_source
from coprod.talk.works import compare_published


def table_duties(talk: Talk) -> Table:
    """Hold what the slide says the law asks for against the Act (S4).

    Parameters
    ----------
    talk : Talk
        The tables of the talk.

    Returns
    -------
    Table
        ``duty_wording``: ``element, who``.

    Examples
    --------
    >>> from coprod.data import read_talk
    >>> table_duties(read_talk()).data[["element", "who"]].to_numpy().tolist()[0]
    ['design', 'the slide']
    """
    duties = talk["duties"]
    act = name_source(talk, duties.query("origin == 'outside'")["source"].iloc[0])
    rows = duties.assign(who=duties["origin"].map({"document": "the slide", "outside": f"the Act ({act})"}))
    slide, law = [list(duties.loc[duties["origin"] == origin, "element"]) for origin in ("document", "outside")]
    return Table(
        id="duty_wording",
        title="What people are to be involved in",
        answer=f"The slide names {join_names(slide)}; the Act names {join_names(law)}.",
        slide="S4",
        source=f"{cite_slide(talk, 'S4')}; {act}, section 14Z2",
        data=rows[["element", "who"]],
        headings={"element": "Involved in", "who": "According to"},
    )


def table_evidence(talk: Talk) -> Table:
    """List what kind of study each work cited for recovery is (S6).

    Parameters
    ----------
    talk : Talk
        The tables of the talk.

    Returns
    -------
    Table
        ``evidence``: ``work, label, design, participants, about, clinical_effect``.

    Examples
    --------
    >>> from coprod.data import read_talk
    >>> table_evidence(read_talk()).answer
    '2 of 3 report no clinical effect size, 0 report one, 1 not checked.'
    """
    rows = talk["evidence"].assign(
        label=[name_source(talk, key) for key in talk["evidence"]["source"]],
    )
    answers = rows["clinical_effect"].value_counts()
    return Table(
        id="evidence",
        title="What the works cited for recovery are",
        answer=f"{answers.get('no', 0)} of {len(rows)} report no clinical effect size, "
        f"{answers.get('yes', 0)} report one, {answers.get('not checked', 0)} not checked.",
        slide="S6",
        source=f"{cite_slide(talk, 'S6')}; the publications named in the table",
        data=rows[["work", "label", "design", "participants", "about", "clinical_effect"]],
        headings={
            "label": "Published by",
            "design": "Design",
            "participants": "People",
            "about": "About",
            "clinical_effect": "Clinical effect size?",
        },
        missing="not stated",
    )


def table_works_published(talk: Talk) -> Table:
    """List where the talk prints a work differently from its publication (S6, S10, S11).

    Parameters
    ----------
    talk : Talk
        The tables of the talk.

    Returns
    -------
    Table
        ``works_published``: ``work, slide, field, printed, published, source, same``.

    Examples
    --------
    >>> from coprod.data import read_talk
    >>> table_works_published(read_talk()).answer
    '9 of 30 details checked against a publication differ.'
    """
    rows = compare_published(talk["citations"], talk["works"])
    off = rows[~rows["same"]].assign(source=lambda frame: [name_source(talk, key) for key in frame["source"]])
    return Table(
        id="works_published",
        title="Where the works' own publications differ",
        answer=f"{len(off)} of {len(rows)} details checked against a publication differ.",
        slide="S4, S6, S10, S11",
        source=f"{cite_slide(talk, 'S11')}; the publications named in the table",
        data=off.replace({"field": {"n_authors": "number of authors"}}).reset_index(drop=True),
        headings={
            "work": "Work",
            "slide": "Slide",
            "field": "Detail",
            "printed": "In the talk",
            "published": "As published",
            "source": "Checked against",
        },
    )
