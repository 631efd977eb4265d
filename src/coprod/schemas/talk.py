"""The tables of ``data/talk/``, one model each."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa
from pandera.typing import Series

from coprod.schemas.columns import cells, days, keys, links, percents, years


class TalkRow(pa.DataFrameModel):
    """What every row of ``data/talk/`` carries: its slide, and who says so."""

    slide: Series[str] = cells(
        "Slide the row belongs to, S0 (record) to S11 (references)",
        form="a slide from S0 to S11",
        refers_to="slides.slide",
        str_matches=r"^S(?:\d|1[01])$",
    )
    origin: Series[str] = cells(
        "document: stands in the talk; outside: stands in the named source",
        isin=["document", "outside"],
    )
    source: Series[str] = keys("Key in sources.csv; empty for the talk", refers_to="sources.source", nullable=True)

    @pa.dataframe_check(error="an outside row names its source and a document row names none; mend origin or source")
    @classmethod
    def _source_named(cls, frame: pd.DataFrame) -> pd.Series[bool]:
        return (frame["origin"] == "outside") == frame["source"].notna()

    class Config:
        """Only the columns named here, in the types named here."""

        strict = True
        coerce = True


class Slides(TalkRow):
    """One row per slide of the talk."""

    heading: Series[str] = cells("Heading as printed")
    summary: Series[str] = cells("What the slide holds, in our words")

    class Config(TalkRow.Config):
        """A slide is listed once."""

        unique = ["slide"]


class Sources(TalkRow):
    """One row per source outside the talk; the slide is the one it bears on."""

    source: Series[str] = keys("Key of the source", unique=True)
    title: Series[str] = cells("Title as published")
    publisher: Series[str] = cells("Journal, publisher or site")
    year: Series[pd.Int64Dtype] = years("Year of publication")
    location: Series[str] = links("DOI or address")


class Record(TalkRow):
    """Bibliographic facts of the talk, one row per slide and field."""

    field: Series[str] = cells("What is recorded")
    value: Series[str] = cells("As printed")


class Authors(TalkRow):
    """The author lists, one row per slide and author."""

    position: Series[pd.Int64Dtype] = cells("Place in the list", ge=1)
    family: Series[str] = cells("Family name as printed")
    given: Series[str] = cells("Given name or initial as printed")
    role: Series[str] = cells("Role the talk gives the person", nullable=True)


class Partnership(TalkRow):
    """What each side of a community-campus partnership gains, one row per printed line."""

    line: Series[pd.Int64Dtype] = cells("Line of the printed table", ge=1, unique=True)
    university: Series[str] = cells("Gain for the university, as printed")
    community: Series[str] = cells("Gain for the community, as printed")
    group: Series[str] = cells("Our grouping, not the authors'")


class Principles(TalkRow):
    """The principles of co-production, from the encounter to citizenship."""

    step: Series[pd.Int64Dtype] = cells("Order on the slide", ge=1, unique=True)
    level: Series[str] = cells("Where the principle acts (our word)")
    principle: Series[str] = cells("Principle, close to the slide")
    meaning: Series[str] = cells("What it asks for, in our words")


class Timeline(TalkRow):
    """Events of the talk; years are empty where the slides give none."""

    event: Series[str] = keys("Key of the event", unique=True)
    lane: Series[str] = cells("Lane of the figure", isin=["Law and policy", "Evidence", "This work"])
    label: Series[str] = cells("Name of the event")
    start_year: Series[pd.Int64Dtype] = years("First year", nullable=True)
    end_year: Series[pd.Int64Dtype] = years("Last year", nullable=True)
    day: Series[str] = days("First day where it is known", nullable=True)
    note: Series[str] = cells("What it is, in our words", nullable=True)


class Survey(TalkRow):
    """The freedom of information request, one row per printed figure."""

    item: Series[str] = keys("Key of the answer", unique=True)
    label: Series[str] = cells("Short name of the answer")
    statement: Series[str] = cells("What the groups said")
    count: Series[pd.Int64Dtype] = cells("Groups counted, where printed", "groups", nullable=True, ge=0)
    base: Series[pd.Int64Dtype] = cells("Groups asked, where printed", "groups", nullable=True, ge=1)
    percent: Series[str] = percents("Percentage as printed, with its decimals")
    subset_of: Series[str] = keys("Answer this one is part of by definition", refers_to="survey.item", nullable=True)

    @pa.dataframe_check(error="count is above base, or base is not given; mend count or base")
    @classmethod
    def _count_within_base(cls, frame: pd.DataFrame) -> pd.Series[bool]:
        return frame["count"].isna() | (frame["count"] <= frame["base"]).fillna(False)


class Press(TalkRow):
    """The same percentages as other publications print them."""

    item: Series[str] = keys("Key in survey.csv", refers_to="survey.item")
    wording: Series[str] = cells("What the percentage is said to be of, in our words")
    percent: Series[str] = percents("Percentage as printed")


class CcgCounts(TalkRow):
    """How many clinical commissioning groups there were, by period."""

    first_day: Series[str] = days("First day of the period")
    last_day: Series[str] = days("Last day of the period")
    groups: Series[pd.Int64Dtype] = cells("Groups in England", "groups", ge=1)
    change: Series[str] = cells("What changed on the first day")


class Duties(TalkRow):
    """What commissioners must involve people in, as the slide and as the Act have it."""

    element: Series[str] = cells("One thing people are to be involved in")


class Citations(TalkRow):
    """Works named on the slides, one row per naming."""

    work: Series[str] = keys("Key of the work")
    authors: Series[str] = cells("Authors as printed, separated by semicolons")
    year: Series[pd.Int64Dtype] = years("Year as printed", nullable=True)
    style: Series[str] = cells("How the work is named", isin=["author and year", "name only"])


class Works(TalkRow):
    """Works as the reference list has them (document) and as they were published (outside)."""

    work: Series[str] = keys("Key of the work")
    authors: Series[str] = cells("Authors, separated by semicolons; the first one stands for more than two")
    n_authors: Series[pd.Int64Dtype] = cells("Number of authors", "authors", ge=1)
    year: Series[pd.Int64Dtype] = years("Year")
    online_year: Series[pd.Int64Dtype] = years("Year first online, where earlier", nullable=True)
    title: Series[str] = cells("Title")
    container: Series[str] = cells("Journal", nullable=True)
    volume: Series[pd.Int64Dtype] = cells("Volume", nullable=True, ge=1)
    issue: Series[pd.Int64Dtype] = cells("Issue", nullable=True, ge=1)
    pages: Series[str] = cells("Pages", nullable=True)
    link: Series[str] = links("Address or DOI", nullable=True)

    class Config(TalkRow.Config):
        """A work is listed once, and known from outside once."""

        unique = ["work", "origin"]


class Evidence(TalkRow):
    """What kind of study each work cited for recovery is."""

    work: Series[str] = keys("Key of the work", refers_to="works.work", unique=True)
    design: Series[str] = cells("Design of the work")
    participants: Series[pd.Int64Dtype] = cells("People taking part, where stated", "people", nullable=True, ge=1)
    about: Series[str] = cells("Subject, in our words")
    clinical_effect: Series[str] = cells("Reports a clinical effect size?", isin=["yes", "no", "not checked"])


class Statements(TalkRow):
    """Statements of a slide in our words, in the slide's order."""

    position: Series[pd.Int64Dtype] = cells("Order on the slide", ge=1, unique=True)
    statement: Series[str] = cells("What is said, in our words")


class Champion(TalkRow):
    """Headings of the patient champion's slide, and the champion's own words where published."""

    position: Series[pd.Int64Dtype] = cells("Order on the slide", ge=1, unique=True)
    heading: Series[str] = cells("Heading as printed")
    words: Series[str] = cells("The champion's own words; empty where none are published", nullable=True)


class Cohorts(TalkRow):
    """The training as delivered; empty where the talk publishes nothing."""

    audience: Series[str] = cells("Audience of the training", isin=["staff", "students"], unique=True)
    description: Series[str] = cells("Who they were, close to the slide")
    cohorts: Series[pd.Int64Dtype] = cells("Cohorts taught", "cohorts", ge=1)
    participants: Series[pd.Int64Dtype] = cells("People taught", "people", nullable=True, ge=1)
    first_day: Series[str] = days("First day taught", nullable=True)
    last_day: Series[str] = days("Last day taught", nullable=True)
    instrument: Series[str] = cells("Questionnaire used", nullable=True)
    outcome: Series[str] = cells("Outcome reported", nullable=True)


class Conclusion(TalkRow):
    """Co-production set against shared decision-making, in our words."""

    aspect: Series[str] = cells("What is compared")
    coproduction: Series[str] = cells("Co-production", nullable=True)
    shared_decision_making: Series[str] = cells("Shared decision-making", nullable=True)


class Abbreviations(TalkRow):
    """Abbreviations of the subject, and whether the talk spells them out beside their first use."""

    abbreviation: Series[str] = cells("As printed", unique=True)
    expansion: Series[str] = cells("What it stands for")
    spelt_out: Series[str] = cells("Spelt out in the talk?", isin=["yes", "no"])


class Claims(TalkRow):
    """The ledger's left side: what the talk claims, and by which rule it is judged."""

    claim: Series[str] = keys("Key of the claim", unique=True)
    statement: Series[str] = cells("The claim in our words")
    published: Series[str] = cells("What is printed; empty where nothing is", nullable=True)
    rule: Series[str] = keys("Rule of coprod.talk.claims that judges it")
    subject: Series[str] = cells("Row the rule looks at", nullable=True)


IN_ORDER = frozenset({"survey"})
"""Tables whose rows stand in the order of the slide, which is the order shown; in others the order does not count."""
TALK: dict[str, type[TalkRow]] = {
    "slides": Slides,
    "sources": Sources,
    "record": Record,
    "authors": Authors,
    "partnership": Partnership,
    "principles": Principles,
    "timeline": Timeline,
    "survey": Survey,
    "press": Press,
    "ccg_counts": CcgCounts,
    "duties": Duties,
    "citations": Citations,
    "works": Works,
    "evidence": Evidence,
    "recovery": Statements,
    "champion": Champion,
    "training": Statements,
    "cohorts": Cohorts,
    "conclusion": Conclusion,
    "abbreviations": Abbreviations,
    "claims": Claims,
}
"""Every table of ``data/talk/`` by file name, with its model."""
