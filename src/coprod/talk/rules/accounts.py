"""Rules for what the talk says of itself: its record, partnership, values, training."""

from __future__ import annotations

from coprod.data import Talk, each_row
from coprod.talk.citing import join_names, name_source
from coprod.talk.rules.ruling import Ruling, compare, rule


@rule
def same_authors(talk: Talk, _: str) -> Ruling:
    """Hold the author list of the record (S0) against the title slide's (S1)."""
    lists = {slide: list(rows["family"]) for slide, rows in talk["authors"].groupby("slide")}
    left_out = [name for name in lists["S1"] if name not in lists["S0"]]
    added = [name for name in lists["S0"] if name not in lists["S1"]]
    roles = talk["authors"].dropna(subset="role").set_index("family")["role"]
    missing = [f"{name}, the {roles[name]}," if name in roles else name for name in left_out]
    reason = "; ".join(
        [f"{join_names(missing)} is missing from the record"] * bool(missing)
        + [f"the record has {join_names(added)}, who is not on the title slide"] * bool(added)
    )
    return compare(
        f"{join_names(lists['S0'])} (record)",
        f"{join_names(lists['S1'])} (title slide)",
        "The two lists name the same people",
        reason or "The two lists have another order",
        equal=lists["S0"] == lists["S1"],
    )


@rule
def same_record(talk: Talk, subject: str) -> Ruling:
    """Hold one recorded field against the other place that gives it."""
    rows = talk["record"].query("field == @subject").sort_values(["origin", "slide"])  # the talk before the outside
    places = [
        f"slide {row.slide}" if row.origin == "document" else f"the source ({name_source(talk, row.source)})"
        for row in each_row(rows)
    ]
    if len(places) < 2:
        return Ruling("not testable", f"Nothing but {join_names(places) or 'the claim'} gives the {subject}")
    here, there = places[0], places[-1]
    return compare(
        rows["value"].iloc[0],
        rows["value"].iloc[-1],
        f"The {subject} is the same on {here} and on {there}",
        f"The {subject} on {here} differs from the one on {there}",
    )


@rule
def paired_rows(talk: Talk, _: str) -> Ruling:
    """Count the printed lines and those with a gain on both sides."""
    table = talk["partnership"]
    lines, full = int(table["line"].max()), int(table[["university", "community"]].notna().all(axis=1).sum())
    alike = int((table["university"] == table["community"]).sum())
    distinct = len(set(table["university"]) | set(table["community"]))
    return compare(
        f"{lines} lines for two sides",
        f"{full} lines with both sides filled",
        f"{alike} line reads the same on both sides, so there are {distinct} distinct entries",
        f"{lines - full} of the printed lines are not in the table",
        equal=lines == full,
    )


@rule
def value(_talk: Talk, _: str) -> Ruling:
    """Leave a definition, an aim or a value as what it is."""
    return Ruling("untestable by design", "Says what co-production ought to be or means; no number could settle it")


@rule
def no_record(_talk: Talk, _: str) -> Ruling:
    """Say that an account stands alone."""
    return Ruling("not testable", "The talk is the only published account of it")


@rule
def champion_words(talk: Talk, _: str) -> Ruling:
    """See whether the champion's own words are published."""
    table = talk["champion"]
    written = int(table["words"].notna().sum())
    published = f"{len(table)} headings"
    if written:
        return Ruling("consistent", "The champion's words are published", f"{written} headings with words", published)
    return Ruling("not testable", "Only headings are published; the words were spoken", "no words", published)


@rule
def cohorts(talk: Talk, subject: str) -> Ruling:
    """See whether anything but the slide's count is published of the cohorts."""
    table = talk["cohorts"]
    rows = table[table["audience"] == subject] if subject else table
    counts = [int(count) for count in rows["cohorts"]]
    total, sum_ = sum(counts), " + ".join(str(count) for count in counts)
    published = f"{total}" if subject else f"{sum_}, no total"
    recomputed = "nothing to recompute" if subject else f"{total}"
    if len(rows) and rows[["participants", "first_day"]].notna().all(axis=None):
        return Ruling("consistent", "Sizes and dates of the cohorts are published", recomputed, published)
    reason = "No list, size or date of a cohort is published to count again"
    return Ruling(
        "not testable", reason if subject else f"The counts add up to {total}; {reason.lower()}", recomputed, published
    )


@rule
def training_outcomes(talk: Talk, _: str) -> Ruling:
    """See whether an outcome of the training is published."""
    table = talk["cohorts"]
    reported = int(table["outcome"].notna().sum())
    if reported:
        return Ruling(
            "consistent",
            f"Outcomes are published for {reported} of {len(table)} audiences",
            f"{reported} outcomes",
            f"{reported} outcomes",
        )
    return Ruling(
        "not testable",
        "The slide reports delivery only; no outcome of the training is published",
        "no outcome",
        "no outcome",
    )
