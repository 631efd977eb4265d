"""Rules for the figures of slide S5: the request to the commissioning groups."""

from __future__ import annotations

from coprod.data import Talk, each_row, find_row
from coprod.talk import survey as foi
from coprod.talk.citing import join_names, name_source
from coprod.talk.rounding import counts_behind, grim_power, printed_percent
from coprod.talk.rules.ruling import Ruling, compare, rule


@rule
def groups_on_day(talk: Talk, subject: str) -> Ruling:
    """Hold the printed number of groups against the number there were on a day."""
    day = find_row(talk["timeline"], "event", subject).day
    printed = foi.reply_counts(talk["survey"])[1]
    periods = talk["ccg_counts"]
    then = periods[(periods["first_day"] <= day) & (day <= periods["last_day"])].iloc[0]
    before = periods[periods["groups"] == printed]
    known = f"{then['groups']} on {day} ({name_source(talk, then['source'])})"
    since = "".join(f"; {printed} is the number from {row.first_day} to {row.last_day}" for row in each_row(before[:1]))
    return compare(
        f"{printed} groups",
        f"{then['groups']} groups on the day of the talk",
        f"There were {known}",
        f"There were {known}, after a merger{since}",
        equal=bool(printed == then["groups"]),
    )


@rule
def known_count(talk: Talk, subject: str) -> Ruling:
    """See whether a printed count is among those behind its own percentage."""
    row = find_row(talk["survey"], "item", subject)
    fits = counts_behind(row.percent, int(row.base))
    found = _either(fits) if fits else "no count"
    reason = f"{row.percent}% of {row.base} is {found}; the printed count is {{}} of these"
    inside = int(row.count) in fits
    return Ruling(
        "consistent" if inside else "differs",
        reason.format("one" if inside else "none"),
        f"{found} of {row.base}",
        f"{row.count} of {row.base}",
    )


@rule
def known_share(talk: Talk, subject: str) -> Ruling:
    """Divide a printed count by its printed base."""
    row = find_row(talk["survey"], "item", subject)
    count, base = int(row.count), int(row.base)
    again = printed_percent(count, base, decimals=_decimals(row.percent))
    exact = f"{100 * count / base:.2f}%"
    return compare(
        f"{row.percent}%",
        f"{again}%",
        f"{count} of {base} is {exact}, printed as {again}%",
        f"{count} of {base} is {exact}, which does not print as {row.percent}%",
    )


@rule
def count_behind(talk: Talk, subject: str) -> Ruling:
    """Look for whole counts behind a percentage under both bases."""
    row, bases = find_row(talk["survey"], "item", subject), foi.reply_counts(talk["survey"])
    fits = {base: counts_behind(row.percent, base) for base in bases}
    able = [base for base in bases if fits[base]]
    recomputed = "; ".join(f"{_either(fits[base])} of {base}" for base in able) or "no whole count"
    verdict = {0: "differs", 1: "consistent"}.get(len(able), "ambiguous")
    reason = {
        "ambiguous": f"The slide leaves open whether it is a share of {bases[0]} or of {bases[1]}; both fit",
        "consistent": f"Whole counts fit only as a share of {join_names([str(base) for base in able])}",
        "differs": "No whole count prints as this percentage",
    }[verdict]
    return Ruling(verdict, reason, recomputed, f"{row.percent}%")


@rule
def nested(talk: Talk, _: str) -> Ruling:
    """See whether parts can be inside their wholes under both bases."""
    survey = talk["survey"]
    solutions = {base: len(foi.joint_counts(survey, base)) for base in foi.reply_counts(survey)}
    printed = survey[survey["count"].isna()].set_index("item")
    parts = [
        f"{row.percent}% within {printed.loc[row.subset_of, 'percent']}%"
        for row in each_row(printed)
        if row.subset_of in printed.index
    ]
    recomputed = "; ".join(f"{count} joint solutions of {base}" for base, count in solutions.items())
    if any(solutions.values()):
        return Ruling(
            "consistent", "Whole counts exist with each part no larger than its whole", recomputed, join_names(parts)
        )
    return Ruling("differs", "No whole counts keep each part inside its whole", recomputed, join_names(parts))


@rule
def rounding_rule(talk: Talk, _: str) -> Ruling:
    """Find the rounding rules under which all printed figures can be true."""
    survey = talk["survey"]
    tried = foi.surviving_rules(survey, foi.reply_counts(survey)).groupby("rounding", sort=False)["survives"].any()
    fit, out = [list(tried.index[tried == state]) for state in (True, False)]
    verdict = {0: "differs", 1: "consistent"}.get(len(fit), "ambiguous")
    ruled = f"; {join_names(out)} is ruled out by the slide itself" if out else ""
    return Ruling(
        verdict,
        f"{len(fit)} of {len(tried)} rules fit all printed figures{ruled}",
        join_names(fit) if fit else "no rule",
    )


@rule
def possible(talk: Talk, _: str) -> Ruling:
    """Ask whether any percentage could have been found impossible."""
    survey = talk["survey"]
    bases = foi.reply_counts(survey)
    rows = survey[survey["count"].isna()]
    power = max(grim_power(base, decimals=_decimals(p)) for base in bases for p in rows["percent"])
    printed = join_names([f"{p}%" for p in rows["percent"]])
    if power == 0:
        reason = f"With {min(bases)} groups or more every whole percentage has a count behind it: it cannot be tested"
        return Ruling("not testable", reason, "power 0", printed)
    fits = all(any(counts_behind(p, base) for base in bases) for p in rows["percent"])
    reason = f"A percentage picked at random would be impossible with probability {power:.2f}"
    return Ruling("consistent" if fits else "differs", reason, f"power {power:.2f}", printed)


@rule
def overlap(talk: Talk, _: str) -> Ruling:
    """See whether the slide says how the groups overlap."""
    survey = talk["survey"].query("count.isna()")
    within = survey[survey["subset_of"].isin(survey["item"])]
    free = len(survey) - len(within)
    if free > 1:
        return Ruling(
            "not testable",
            f"The slide does not say how {free} of the {len(survey)} groups overlap",
            f"{len(within)} follows from its definition",
        )
    return Ruling("consistent", "Every group is part of the next by definition", f"{len(within)} follow by definition")


@rule
def press(talk: Talk, _: str) -> Ruling:
    """Hold the printed percentages against what others printed."""
    both = talk["press"].merge(talk["survey"][["item", "label", "percent"]], on="item", suffixes=("_press", ""))
    off = both[both["percent_press"] != both["percent"]]
    notes = [
        f"{name_source(talk, row.source)}, prints {row.percent_press}% that {row.wording}; the slide {row.percent}%"
        for row in each_row(off)
    ]
    return compare(
        f"{len(both)} figures in {both['source'].nunique()} reports",
        f"{len(both) - len(off)} of {len(both)} equal",
        "Every figure is the same in the reports",
        "; ".join(notes),
        equal=off.empty,
    )


@rule
def spelt_out(talk: Talk, _: str) -> Ruling:
    """Count the abbreviations the talk spells out."""
    table = talk["abbreviations"]
    never = list(table.loc[table["spelt_out"] == "no", "abbreviation"])
    return compare(
        f"{len(table)} used",
        f"{len(table) - len(never)} spelt out",
        "Each is spelt out",
        f"{join_names(never)} are used and not spelt out where they stand",
        equal=not never,
    )


def _either(counts: range) -> str:
    return (
        f"{counts[0]}"
        if len(counts) == 1
        else f"{counts[0]} or {counts[-1]}"
        if len(counts) == 2
        else (f"{counts[0]} to {counts[-1]}")
    )


def _decimals(percent: str) -> int:
    return len(percent.partition(".")[2])
