"""Tables over the whole talk: every claim, and what is published at all."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from coprod.data import Talk, each_row
from coprod.results import Table
from coprod.talk.citing import join_names
from coprod.talk.claims import count_verdicts, select_claim


def table_published(talk: Talk) -> Table:
    """List what the talk publishes and what it does not, read off its empty cells.

    Parameters
    ----------
    talk : Talk
        The tables of the talk.

    Returns
    -------
    Table
        ``published_or_not``: ``slide, item, published``.

    Examples
    --------
    >>> from coprod.data import read_talk
    >>> table_published(read_talk()).answer
    '3 of 11 things a reader might want to recompute are published.'
    """
    survey, cohorts = talk["survey"], talk["cohorts"]
    answers = survey[survey["base"].isna()]
    checks = [
        ("S5", "How many groups were asked and replied", survey["count"].notna().any()),
        ("S5", "Percentages of the answers", survey["percent"].notna().all()),
        ("S5", "Counts behind the percentages", answers["count"].notna().all()),
        ("S5", "Base of the percentages", answers["base"].notna().all()),
        ("S5", "How the three groups overlap", answers["subset_of"].isin(answers["item"]).sum() >= len(answers) - 1),
        ("S8", "The champion's own words", talk["champion"]["words"].notna().all()),
        ("S9", "Number of cohorts", cohorts["cohorts"].notna().all()),
        ("S9", "People in each cohort", cohorts["participants"].notna().all()),
        ("S9", "Dates of the training", cohorts["first_day"].notna().all()),
        ("S9", "Questionnaire used", cohorts["instrument"].notna().all()),
        ("S9", "Outcome of the training", cohorts["outcome"].notna().all()),
    ]
    rows = pd.DataFrame(checks, columns=["slide", "item", "published"])
    rows["published"] = rows["published"].map({True: "published", False: "not published"})
    count = int((rows["published"] == "published").sum())
    return Table(
        id="published_or_not",
        title="What the talk publishes and what it does not",
        answer=f"{count} of {len(rows)} things a reader might want to recompute are published.",
        slide="S5, S8, S9",
        source="Coan, Winfield and Fisher (2017), all slides",
        data=rows,
        headings={"item": "What", "slide": "Slide", "published": "In the talk?"},
    )


def table_ledger(ledger: pd.DataFrame, *, id: str = "ledger", slides: Sequence[str] = ()) -> Table:  # noqa: A002
    """Show every claim, or those of some slides, with what is published, what came out and the verdict.

    Parameters
    ----------
    ledger : DataFrame
        From :func:`coprod.talk.claims.adjudicate`.
    id : str
        Id of the table.
    slides : sequence of str
        Slides to keep; all of them by default.

    Returns
    -------
    Table
        One row per claim, in the ledger's columns.

    Examples
    --------
    >>> from coprod.data import read_talk
    >>> from coprod.talk.claims import adjudicate
    >>> table_ledger(adjudicate(read_talk()), slides=["S4"]).answer
    '3 claims: differs 2 and untestable by design 1.'
    """
    rows = ledger[ledger["slide"].isin(slides)].reset_index(drop=True) if slides else ledger
    counts = count_verdicts(rows)
    parts = join_names([f"{row.verdict} {row.claims}" for row in each_row(counts[counts["claims"] > 0])])
    return Table(
        id=id,
        title=f"The claims of {join_names(slides)}, with verdicts" if slides else "Every claim, with its verdict",
        answer=f"{len(rows)} claims: {parts}.",
        slide=", ".join(slides) or "S0 to S11",
        source="Coan, Winfield and Fisher (2017), and the sources named beside a claim",
        data=rows,
        headings={
            "statement": "Claim",
            "slide": "Slide",
            "published": "Published",
            "recomputed": "Recomputed",
            "verdict": "Verdict",
            "reason": "Why",
        },
    )


def table_claim(ledger: pd.DataFrame, claim: str, *, id: str = "one_claim") -> Table:  # noqa: A002
    """Show one claim of the ledger on its own.

    Parameters
    ----------
    ledger : DataFrame
        From :func:`coprod.talk.claims.adjudicate`.
    claim : str
        Key of a claim, as ``data/talk/claims.csv`` has it.
    id : str
        Name of the result.

    Returns
    -------
    Table
        ``what, content``, a row for each thing said of the claim.

    Raises
    ------
    UsageError
        If the ledger has no such claim.

    Examples
    --------
    >>> from coprod.data import read_talk
    >>> from coprod.talk.claims import adjudicate
    >>> table_claim(adjudicate(read_talk()), "act_year").answer
    'The Health and Social Care Act is of the year given: differs. 2012 in the text, 2014 in the list; published 2012 \
(legislation.gov.uk, 2012).'
    """
    row = select_claim(ledger, claim)
    labels = {
        "statement": "Claim",
        "slide": "Slide",
        "published": "Published",
        "recomputed": "Recomputed",
        "verdict": "Verdict",
        "reason": "Why",
    }
    return Table(
        id=id,
        title="One claim, read closely",
        answer=f"{row['statement']}: {row['verdict']}. {row['reason']}.",
        slide=row["slide"],
        source="Coan, Winfield and Fisher (2017), and the sources named beside the claim",
        parameters={"claim": claim},
        data=pd.DataFrame({"what": list(labels.values()), "content": [row[name] for name in labels]}),
        headings={"what": "What", "content": "Content"},
    )
