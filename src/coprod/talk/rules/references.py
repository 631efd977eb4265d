"""Rules for the works, the law and the evidence the talk leans on."""

from __future__ import annotations

import pandas as pd

from coprod.data import Talk, each_row, find_row
from coprod.talk import works as audit
from coprod.talk.citing import join_names, name_source
from coprod.talk.rules.ruling import Ruling, compare, rule


@rule
def cited_year(talk: Talk, subject: str) -> Ruling:
    """Hold a work's year in the text against the list, and both against its publication."""
    row = find_row(audit.audit_works(talk["citations"], talk["works"]), "work", subject)
    years = ["no year" if pd.isna(year) else year for year in (row.cited_year, row.listed_year)]
    text, listed = f"{years[0]} in the text", f"{years[1]} in the list"
    known = _as_published(talk, subject)
    same = pd.notna(row.cited_year) and pd.notna(row.listed_year) and row.cited_year == row.listed_year
    both = f"{text}, {listed}; {known}"
    return compare(text, listed, f"Text and list agree; {known}", both[0].upper() + both[1:], equal=bool(same))


def _as_published(talk: Talk, work: str) -> str:
    outside = talk["works"].query("origin == 'outside' and work == @work")
    if outside.empty:
        return "no outside source is named"
    row = outside.iloc[0]
    online = f", first online {row['online_year']}" if pd.notna(row["online_year"]) else ""
    return f"published {row['year']}{online} ({name_source(talk, row['source'])})"


@rule
def published_field(talk: Talk, subject: str) -> Ruling:
    """Hold one field of a work, as the talk prints it, against its publication."""
    work, field = subject.split()
    rows = audit.compare_published(talk["citations"], talk["works"]).query("work == @work and field == @field")
    off = rows[~rows["same"]]
    shown = (off if len(off) else rows).iloc[0]
    noun = {"n_authors": "number of authors", "authors": "names"}.get(field, field)
    return compare(
        shown["printed"],
        shown["published"],
        f"The {noun} on slide {shown['slide']} and in the publication agree ({name_source(talk, shown['source'])})",
        f"The {noun} on slide {shown['slide']} and in the publication differ: {_as_published(talk, work)}",
        equal=off.empty,
    )


@rule
def study_listed(talk: Talk, subject: str) -> Ruling:
    """Hold the study a slide's heading names against the one in the list."""
    works = talk["works"].query("work == @subject")
    listed, published = (find_row(works, "origin", origin) for origin in ("document", "outside"))
    slide = find_row(talk["citations"], "work", subject).slide
    heading = find_row(talk["slides"], "slide", slide).heading
    named = published.title.lower().startswith(heading.lower())
    source = name_source(talk, published.source)
    is_listed = named and listed.title == published.title and listed.year == published.year
    other = (
        f"The heading of slide {slide} is the title of a report of {published.year} ({source}); the list has another"
    )
    return compare(
        f"{heading} (heading of slide {slide})",
        f"{listed.title}, {listed.year} (list)",
        f"The list has the report the heading names ({source})",
        other if named else f"The heading of slide {slide} is not the title of the report known from {source}",
        equal=bool(is_listed),
    )


@rule
def works_match(talk: Talk, _: str) -> Ruling:
    """Count the works named on slides whose authors and year are the list's."""
    table = audit.audit_works(talk["citations"], talk["works"])
    cited, listed = int(table["cited"].sum()), int(table["listed"].sum())
    match = list(table.loc[table["state"] == "match", "label"])
    return compare(
        f"{cited} works named on slides, {listed} listed",
        f"{len(match)} of {cited} match",
        "Authors and year agree for every work",
        f"Author and year agree for {join_names(match)} only",
        equal=len(match) == cited == listed,
    )


@rule
def in_state(talk: Talk, subject: str) -> Ruling:
    """Count the works that the audit leaves in a state, such as 'never cited'."""
    table = audit.audit_works(talk["citations"], talk["works"])
    states = [subject] + ["cited by name only"] * (subject == "never cited")
    off = table[table["state"].isin(states)]
    side = "listed" if subject == "never cited" else "cited"
    notes = [f"{row.label}: {row.note}" for row in each_row(off)]
    total = int(table[side].sum())
    return compare(
        f"{total} works {side}",
        f"{total - len(off)} of {total}",
        f"True of all {total}",
        "; ".join(notes),
        equal=off.empty,
    )


@rule
def links(talk: Talk, _: str) -> Ruling:
    """Look for doubled slashes in the links of the list."""
    total = int(talk["works"].query("origin == 'document'")["link"].notna().sum())
    off = audit.doubled_slashes(talk["works"])
    return compare(
        f"{total} links",
        f"{total - len(off)} well formed",
        "No link has a doubled slash",
        f"A doubled slash in {join_names(off)}",
        equal=not off,
    )


@rule
def duty_wording(talk: Talk, _: str) -> Ruling:
    """Hold what the slide says the law asks for against the Act's own list."""
    table = talk["duties"]
    slide, act = (list(table.loc[table["origin"] == side, "element"]) for side in ("document", "outside"))
    extra = [element for element in slide if element not in act]
    source = table.loc[table["origin"] == "outside", "source"].iloc[0]
    return compare(
        join_names(slide),
        f"{join_names(act)} ({name_source(talk, source)})",
        "The Act names the same",
        f"The Act asks to involve or consult in {join_names(act)}; {join_names(extra)} are the slide's words",
        equal=not extra,
    )


@rule
def clinical_effect(talk: Talk, _: str) -> Ruling:
    """See whether any work cited reports a clinical effect size."""
    table = talk["evidence"]
    answer = table["clinical_effect"].value_counts()
    yes, no, open_ = (int(answer.get(key, 0)) for key in ("yes", "no", "not checked"))
    published = f"{len(table)} works cited"
    if yes:
        return Ruling(
            "consistent",
            f"{yes} of {len(table)} works cited report a clinical effect size",
            f"{yes} with an effect size",
            published,
        )
    designs = join_names(
        [
            f"{row.design.lower()} ({name_source(talk, row.source)})"
            for row in each_row(table)
            if row.clinical_effect == "no"
        ]
    )
    reason = f"{no} of {len(table)} report no clinical effect size: {designs}; {open_} not checked"
    return Ruling("not testable", reason, "no effect size", published)
