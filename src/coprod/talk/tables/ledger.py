"""Tables over the whole talk: every claim, and what is published at all."""

from __future__ import annotations

import pandas as pd

from coprod.data import Talk, each_row
from coprod.results import Table
from coprod.talk.citing import join_names
from coprod.talk.claims import count_verdicts


def table_published(talk: Talk) -> Table:
    """List what the talk publishes and what it does not, read off its empty cells."""
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


def table_ledger(ledger: pd.DataFrame) -> Table:
    """Show every claim with what is published, what came out and the verdict."""
    counts = count_verdicts(ledger)
    parts = join_names([f"{row.claims} {row.verdict}" for row in each_row(counts)])
    return Table(
        id="ledger",
        title="Every claim of the talk, with its verdict",
        answer=f"Of {len(ledger)} claims: {parts}.",
        slide="S0 to S11",
        source="Coan, Winfield and Fisher (2017), all slides, and the sources named beside a claim",
        data=ledger,
        headings={
            "statement": "Claim",
            "slide": "Slide",
            "published": "Published",
            "recomputed": "Recomputed",
            "verdict": "Verdict",
            "reason": "Why",
        },
        missing="",
    )


def table_claim(claim: pd.Series) -> Table:
    """Show one claim of the ledger on its own."""
    names = ["statement", "slide", "published", "recomputed", "verdict", "reason"]
    labels = ["Claim", "Slide", "Published", "Recomputed", "Verdict", "Why"]
    return Table(
        id="one_claim",
        title="One claim, read closely",
        answer=f"{claim['statement']}: {claim['verdict']}. {claim['reason']}.",
        slide=claim["slide"],
        source="Coan, Winfield and Fisher (2017)",
        parameters={"claim": claim["claim"]},
        data=pd.DataFrame({"what": labels, "content": [claim[name] for name in names]}),
        headings={"what": "What", "content": "Content"},
    )
