"""The vocabulary: a Pandera model for every table that crosses a door.

A column says here, once, what it means, its unit and its legal values; ``data/datapackage.json``
is written from these models, and :mod:`coprod.data` checks every file against them on reading.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pandera.pandas as pa
from pandera.typing import Series

SLIDE = r"^S(?:\d|1[01])$"
KEY = r"^[a-z][a-z0-9_]*$"
YEAR = {"ge": 1900, "le": 2100}


def _field(description: str, unit: str | None = None, **rules: Any) -> Any:
    return pa.Field(description=description, metadata={"unit": unit}, **rules)


class TalkRow(pa.DataFrameModel):
    """What every row of ``data/talk/`` carries: its slide, and who says so."""

    slide: Series[str] = _field("Slide the row belongs to, S0 (record) to S11 (references)", str_matches=SLIDE)
    origin: Series[str] = _field(
        "document: stands in the talk; outside: stands in the named source",
        isin=["document", "outside"],
    )
    source: Series[str] = _field("Key in sources.csv; empty for the talk itself", nullable=True, str_matches=KEY)

    @pa.dataframe_check(error="an outside row names its source, a document row names none")
    @classmethod
    def _source_named(cls, frame: pd.DataFrame) -> pd.Series[bool]:
        return (frame["origin"] == "outside") == frame["source"].notna()

    class Config:
        """Only the columns named here, in the types named here."""

        strict = True
        coerce = True


class Slides(TalkRow):
    """One row per slide of the talk."""

    heading: Series[str] = _field("Heading as printed")
    summary: Series[str] = _field("What the slide holds, in our words")

    class Config(TalkRow.Config):
        """A slide is listed once."""

        unique = ["slide"]


class Sources(TalkRow):
    """One row per source outside the talk; the slide is the one it bears on."""

    source: Series[str] = _field("Key of the source", str_matches=KEY, unique=True)
    title: Series[str] = _field("Title as published")
    publisher: Series[str] = _field("Journal, publisher or site")
    year: Series[pd.Int64Dtype] = _field("Year of publication", "year", **YEAR)
    location: Series[str] = _field("DOI or address", str_startswith="http")


class Record(TalkRow):
    """Bibliographic facts of the talk, one row per slide and field."""

    field: Series[str] = _field("What is recorded")
    value: Series[str] = _field("As printed")


class Authors(TalkRow):
    """The author lists, one row per slide and author."""

    position: Series[pd.Int64Dtype] = _field("Place in the list", ge=1)
    family: Series[str] = _field("Family name as printed")
    given: Series[str] = _field("Given name or initial as printed")
    role: Series[str] = _field("Role the talk gives the person", nullable=True)


class Partnership(TalkRow):
    """What each side of a community-campus partnership gains, one row per printed line."""

    line: Series[pd.Int64Dtype] = _field("Line of the printed table", ge=1, unique=True)
    university: Series[str] = _field("Gain for the university, as printed")
    community: Series[str] = _field("Gain for the community, as printed")
    group: Series[str] = _field("Our grouping, not the authors'")


class Principles(TalkRow):
    """The principles of co-production, from the encounter to citizenship."""

    step: Series[pd.Int64Dtype] = _field("Order on the slide", ge=1, unique=True)
    level: Series[str] = _field("Where the principle acts (our word)")
    principle: Series[str] = _field("Principle, close to the slide")
    meaning: Series[str] = _field("What it asks for, in our words")


class Timeline(TalkRow):
    """Events of the talk; years are empty where the slides give none."""

    event: Series[str] = _field("Key of the event", str_matches=KEY, unique=True)
    lane: Series[str] = _field("Lane of the figure", isin=["Law and policy", "Evidence", "This work"])
    label: Series[str] = _field("Name of the event")
    start_year: Series[pd.Int64Dtype] = _field("First year", "year", nullable=True, **YEAR)
    end_year: Series[pd.Int64Dtype] = _field("Last year", "year", nullable=True, **YEAR)
    day: Series[str] = _field("First day where it is known", "date", nullable=True, str_matches=r"^\d{4}-\d\d-\d\d$")
    note: Series[str] = _field("What it is, in our words", nullable=True)


class Survey(TalkRow):
    """The freedom of information request, one row per printed figure."""

    item: Series[str] = _field("Key of the answer", str_matches=KEY, unique=True)
    label: Series[str] = _field("Short name of the answer")
    statement: Series[str] = _field("What the groups said")
    count: Series[pd.Int64Dtype] = _field("Groups counted, where printed", "groups", nullable=True, ge=0)
    base: Series[pd.Int64Dtype] = _field("Groups asked, where printed", "groups", nullable=True, ge=1)
    percent: Series[str] = _field(
        "Percentage as printed, with its decimals", "per cent", str_matches=r"^(?:\d{1,2}(?:\.\d+)?|100(?:\.0+)?)$"
    )
    subset_of: Series[str] = _field("Answer this one is part of by definition", nullable=True, str_matches=KEY)

    @pa.dataframe_check(error="count is not above base, and is not given without it")
    @classmethod
    def _count_within_base(cls, frame: pd.DataFrame) -> pd.Series[bool]:
        return frame["count"].isna() | (frame["count"] <= frame["base"]).fillna(False)


class Press(TalkRow):
    """The same percentages as other publications print them."""

    item: Series[str] = _field("Key in survey.csv", str_matches=KEY)
    wording: Series[str] = _field("What the percentage is said to be of, in our words")
    percent: Series[str] = _field("Percentage as printed", "per cent", str_matches=r"^\d{1,2}(?:\.\d+)?$")


class CcgCounts(TalkRow):
    """How many clinical commissioning groups there were, by period."""

    first_day: Series[str] = _field("First day of the period", "date", str_matches=r"^\d{4}-\d\d-\d\d$")
    last_day: Series[str] = _field("Last day of the period", "date", str_matches=r"^\d{4}-\d\d-\d\d$")
    groups: Series[pd.Int64Dtype] = _field("Groups in England", "groups", ge=1)
    change: Series[str] = _field("What changed on the first day")


class Duties(TalkRow):
    """What commissioners must involve people in, as the slide and as the Act have it."""

    element: Series[str] = _field("One thing people are to be involved in")


class Citations(TalkRow):
    """Works named on the slides, one row per naming."""

    work: Series[str] = _field("Key of the work", str_matches=KEY)
    authors: Series[str] = _field("Authors as printed, separated by semicolons")
    year: Series[pd.Int64Dtype] = _field("Year as printed", "year", nullable=True, **YEAR)
    style: Series[str] = _field("How the work is named", isin=["author and year", "name only"])


class Works(TalkRow):
    """Works as the reference list has them (document) and as they were published (outside)."""

    work: Series[str] = _field("Key of the work", str_matches=KEY)
    authors: Series[str] = _field("Authors, separated by semicolons; the first one stands for more than two")
    n_authors: Series[pd.Int64Dtype] = _field("Number of authors", "authors", ge=1)
    year: Series[pd.Int64Dtype] = _field("Year", "year", **YEAR)
    online_year: Series[pd.Int64Dtype] = _field("Year first online, where earlier", "year", nullable=True, **YEAR)
    title: Series[str] = _field("Title")
    container: Series[str] = _field("Journal", nullable=True)
    volume: Series[pd.Int64Dtype] = _field("Volume", nullable=True, ge=1)
    issue: Series[pd.Int64Dtype] = _field("Issue", nullable=True, ge=1)
    pages: Series[str] = _field("Pages", nullable=True)
    link: Series[str] = _field("Address or DOI", nullable=True, str_startswith="http")

    class Config(TalkRow.Config):
        """A work is listed once, and known from outside once."""

        unique = ["work", "origin"]


class Evidence(TalkRow):
    """What kind of study each work cited for recovery is."""

    work: Series[str] = _field("Key of the work", str_matches=KEY, unique=True)
    design: Series[str] = _field("Design of the work")
    participants: Series[pd.Int64Dtype] = _field("People taking part, where stated", "people", nullable=True, ge=1)
    about: Series[str] = _field("Subject, in our words")
    clinical_effect: Series[str] = _field("Reports a clinical effect size?", isin=["yes", "no", "not checked"])


class Statements(TalkRow):
    """Statements of a slide in our words, in the slide's order."""

    position: Series[pd.Int64Dtype] = _field("Order on the slide", ge=1, unique=True)
    statement: Series[str] = _field("What is said, in our words")


class Champion(TalkRow):
    """Headings of the patient champion's slide, and the champion's own words where published."""

    position: Series[pd.Int64Dtype] = _field("Order on the slide", ge=1, unique=True)
    heading: Series[str] = _field("Heading as printed")
    words: Series[str] = _field("The champion's own words; empty where none are published", nullable=True)


class Cohorts(TalkRow):
    """The training as delivered; empty where the talk publishes nothing."""

    audience: Series[str] = _field("Audience of the training", isin=["staff", "students"], unique=True)
    description: Series[str] = _field("Who they were, close to the slide")
    cohorts: Series[pd.Int64Dtype] = _field("Cohorts taught", "cohorts", ge=1)
    participants: Series[pd.Int64Dtype] = _field("People taught", "people", nullable=True, ge=1)
    first_day: Series[str] = _field("First day taught", "date", nullable=True)
    last_day: Series[str] = _field("Last day taught", "date", nullable=True)
    instrument: Series[str] = _field("Questionnaire used", nullable=True)
    outcome: Series[str] = _field("Outcome reported", nullable=True)


class Conclusion(TalkRow):
    """Co-production set against shared decision-making, in our words."""

    aspect: Series[str] = _field("What is compared")
    coproduction: Series[str] = _field("Co-production", nullable=True)
    shared_decision_making: Series[str] = _field("Shared decision-making", nullable=True)


class Abbreviations(TalkRow):
    """Abbreviations of the subject, and whether the talk spells them out beside their first use."""

    abbreviation: Series[str] = _field("As printed", unique=True)
    expansion: Series[str] = _field("What it stands for")
    spelt_out: Series[str] = _field("Spelt out in the talk?", isin=["yes", "no"])


class Claims(TalkRow):
    """The ledger's left side: what the talk claims, and by which rule it is judged."""

    claim: Series[str] = _field("Key of the claim", str_matches=KEY, unique=True)
    statement: Series[str] = _field("The claim in our words")
    published: Series[str] = _field("What is printed; empty where nothing is", nullable=True)
    rule: Series[str] = _field("Rule of coprod.talk.claims that judges it", str_matches=KEY)
    subject: Series[str] = _field("Row the rule looks at", nullable=True)


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
