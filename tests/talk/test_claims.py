"""The ledger: the verdicts of the talk, and that each follows its tables when a row changes."""

import pandas as pd
import pytest

from coprod.data import Talk, read_talk
from coprod.errors import DataError, UsageError
from coprod.talk.claims import adjudicate, count_verdicts, select_claim
from coprod.talk.rules import RULES, VERDICTS, Ruling

TALK = read_talk()


LEDGER = adjudicate(TALK)


def judge(talk: Talk, claim: str) -> pd.Series:
    """Judge one claim alone."""
    claims = talk["claims"]
    alone = claims[claims["claim"] == claim]
    return adjudicate(talk.replace(claims=alone)).iloc[0]


def edit(table: str, where: str, **cells: object) -> Talk:
    """Return the talk with some cells of one table changed; exactly the rows that match."""
    frame = TALK[table]
    rows = frame.query(where).index
    assert len(rows), f"no row of {table} matches {where}"
    for column, cell in cells.items():
        frame.loc[rows, column] = cell
    return TALK.replace(**{table: frame})


def drop(table: str, where: str) -> Talk:
    frame = TALK[table]
    rows = frame.query(where).index
    assert len(rows)
    return TALK.replace(**{table: frame.drop(index=rows).reset_index(drop=True)})


def add(table: str, **cells: object) -> Talk:
    frame = TALK[table]
    row = pd.DataFrame([cells]).reindex(columns=frame.columns).astype(frame.dtypes)
    return TALK.replace(**{table: pd.concat([frame, row], ignore_index=True)})


def with_list(**cells: object) -> Talk:
    return add("works", slide="S11", origin="document", n_authors=1, title="T", **cells)


ORIGINAL_TITLE = (
    "Progress through Partnership: involvement of people with lived experience of mental illness in CCG commissioning"
)

FINDINGS = [
    # claim, verdict as the talk stands, the talk with one thing changed, verdict then
    (
        "authors_match",
        "differs",
        edit("authors", "slide == 'S0' and position > 1", family=["Winfield", "Fisher"]),
        "reproduced",
    ),
    (
        "all_cited_listed",
        "differs",
        drop("citations", "work in ['slay_stephens', 'forward_view']"),
        "reproduced",
    ),
    ("slay_name", "differs", edit("citations", "work == 'slay_stephens'", authors="Slay; Stephens"), "reproduced"),
    ("act_year", "differs", edit("works", "work == 'act' and origin == 'document'", year=2012), "reproduced"),
    ("fisher_lees_year", "differs", edit("citations", "work == 'fisher_lees'", year=2015), "reproduced"),
    ("mckeown_year", "differs", edit("works", "work == 'mckeown' and origin == 'outside'", year=2014), "reproduced"),
    (
        "mckeown_authors",
        "differs",
        edit("works", "work == 'mckeown' and origin == 'outside'", n_authors=1),
        "reproduced",
    ),
    (
        "all_listed_cited",
        "differs",
        drop("works", "origin == 'document' and work in ['mcknight_block', 'rethink']"),
        "reproduced",
    ),
    (
        "rethink_title",
        "differs",
        edit("works", "work == 'rethink' and origin == 'document'", title=ORIGINAL_TITLE, year=2017),
        "reproduced",
    ),
    (
        "nesta_title",
        "differs",
        edit("works", "work == 'nesta'", title="People Powered Health: Co-production Catalogue"),
        "reproduced",
    ),
    ("legislation_link", "differs", edit("works", "work == 'act'", link="http://a.example/x"), "reproduced"),
    (
        "works_match",
        "differs",
        drop("citations", "work not in ['mckeown', 'nesta']").replace(
            works=TALK["works"].query("work in ['mckeown', 'nesta']")
        ),
        "reproduced",
    ),
    ("abbreviations", "differs", edit("abbreviations", "spelt_out == 'no'", spelt_out="yes"), "reproduced"),
    ("series_tag", "differs", edit("record", "origin == 'outside'", value="#Esrrccopro"), "reproduced"),
    ("clinical_outcomes", "not testable", edit("evidence", "work == 'mckeown'", clinical_effect="yes"), "consistent"),
    (
        "duty_wording",
        "differs",
        edit("duties", "origin == 'outside'", element=["design", "delivery", "x"]),
        "reproduced",
    ),
    ("ccg_total", "differs", edit("ccg_counts", "groups == 207", groups=209), "reproduced"),
    ("training_outcomes", "not testable", edit("cohorts", "audience == 'staff'", outcome="score"), "consistent"),
    ("conference_match", "differs", edit("record", "field == 'conference'", value="One"), "reproduced"),
    ("title_match", "reproduced", edit("record", "field == 'title' and slide == 'S0'", value="Other"), "differs"),
    ("partnership_rows", "reproduced", drop("partnership", "line == 3"), "differs"),
    ("ccg_replied", "consistent", edit("survey", "item == 'replied'", count=195), "differs"),
    ("ccg_reply_share", "reproduced", edit("survey", "item == 'replied'", percent="93"), "differs"),
    ("any_coproduction", "ambiguous", edit("survey", "item == 'any_coproduction'", percent="14.80"), "consistent"),
    ("ambition_more", "ambiguous", edit("survey", "item == 'ambition_more'", percent="8.03"), "differs"),
    ("ambition_in_line", "ambiguous", edit("survey", "item == 'ambition_in_line'", percent="1.02"), "consistent"),
    ("ambition_order", "consistent", edit("survey", "item == 'ambition_in_line'", percent="9"), "differs"),
    ("rounding_rule", "ambiguous", edit("survey", "item == 'replied'", percent="93"), "consistent"),
    ("percentages_possible", "not testable", edit("survey", "item == 'ambition_more'", percent="8.2"), "consistent"),
    (
        "groups_overlap",
        "not testable",
        edit("survey", "item == 'ambition_more'", subset_of="any_coproduction"),
        "consistent",
    ),
    ("press_agrees", "differs", edit("press", "percent == '14'", percent="8"), "reproduced"),
    ("champion_words", "not testable", edit("champion", "position == 1", words="Hers"), "consistent"),
    (
        "cohorts_staff",
        "not testable",
        edit("cohorts", "audience == 'staff'", participants=60, first_day="2016-01-01"),
        "consistent",
    ),
    (
        "cohorts_total",
        "not testable",
        edit("cohorts", "cohorts > 0", participants=60, first_day="2016-01-01"),
        "consistent",
    ),
]


@pytest.mark.parametrize(("claim", "before", "changed", "after"), FINDINGS, ids=[row[0] for row in FINDINGS])
def test_a_verdict_follows_the_tables(claim, before, changed, after):
    assert select_claim(LEDGER, claim)["verdict"] == before
    assert judge(changed, claim)["verdict"] == after


def test_one_place_alone_reproduces_nothing():
    row = select_claim(adjudicate(drop("record", "field == 'venue' and slide == 'S1'")), "venue_match")
    assert (row["verdict"], row["reason"]) == ("not testable", "Nothing but slide S0 gives the venue")


def test_an_audience_without_a_row_has_nothing_published():
    row = select_claim(adjudicate(drop("cohorts", "audience == 'students'")), "cohorts_students")
    assert row["verdict"] == "not testable"


def test_a_work_named_without_a_year_says_so():
    row = select_claim(adjudicate(edit("citations", "work == 'act'", year=None)), "act_year")
    assert (row["published"], row["verdict"]) == ("no year in the text", "differs")


def test_a_number_of_groups_that_there_never_was_is_judged_too():
    changed = edit("survey", "item == 'replied'", base=210)
    row = select_claim(adjudicate(changed), "ccg_total")
    assert (row["published"], row["verdict"]) == ("210 groups", "differs")
    assert row["reason"].endswith("after a merger")


@pytest.mark.parametrize(
    ("claim", "words"),
    [
        ("authors_match", ["Winfield", "patient champion", "Witty"]),
        ("all_cited_listed", ["Slay and Stevens", "Five Year Forward View"]),
        ("slay_name", ["nef", "2013"]),
        ("act_year", ["2012 in the text", "2014 in the list"]),
        ("fisher_lees_year", ["2016 in the text", "2015 in the list", "first online 2015"]),
        ("mckeown_year", ["2016", "first online 2014"]),
        ("all_listed_cited", ["McKnight and Block", "Rethink"]),
        ("rethink_title", ["2017", "NHS Confederation"]),
        ("legislation_link", ["legislation.gov.uk//"]),
        ("works_match", ["McKeown and Nesta"]),
        ("abbreviations", ["CCG, FOI and 5YFVMH"]),
        ("clinical_outcomes", ["interviews and focus groups", "Catalogue of cases".lower()]),
        ("duty_wording", ["planning", "decisions", "design and delivery"]),
        ("ccg_total", ["207", "2015-04-01"]),
        ("ccg_reply_share", ["93.78%"]),
        ("press_agrees", ["Mental Health Today", "14%"]),
        ("rounding_rule", ["truncation is ruled out"]),
        ("percentages_possible", ["cannot be tested"]),
    ],
)
def test_a_reason_names_what_was_found(claim, words):
    reason = select_claim(LEDGER, claim)["reason"]
    assert [word for word in words if word not in reason] == []


@pytest.mark.parametrize(
    ("claim", "counts"),
    [
        ("any_coproduction", "29 or 30 of 196; 31 or 32 of 209"),
        ("ambition_more", "15 or 16 of 196; 16 or 17 of 209"),
        ("ambition_in_line", "1 or 2 of 196; 2 or 3 of 209"),
        ("works_match", "2 of 7 match"),
        ("authors_match", "Coan, Winfield and Fisher (title slide)"),
    ],
)
def test_recomputed(claim, counts):
    assert select_claim(LEDGER, claim)["recomputed"] == counts


def test_every_verdict_is_on_the_scale_and_every_rule_is_used():
    ledger = LEDGER
    assert set(ledger["verdict"]) == set(VERDICTS)
    assert set(TALK["claims"]["rule"]) == set(RULES)
    assert (ledger[["statement", "published", "recomputed", "reason"]] != "").to_numpy().all()
    assert count_verdicts(ledger)["claims"].sum() == len(ledger)


def test_shuffled_rows_change_no_verdict():
    tables = {name: TALK[name].sample(frac=1, random_state=3) for name in ("survey", "press", "citations", "claims")}
    before = LEDGER.set_index("claim")["verdict"].to_dict()
    assert adjudicate(TALK.replace(**tables)).set_index("claim")["verdict"].to_dict() == before


def test_unknown_rule_claim_and_verdict_are_named():
    with pytest.raises(DataError, match=r"claim 'act_year': no rule 'cited_yaer'.*did you mean 'cited_year'"):
        adjudicate(edit("claims", "claim == 'act_year'", rule="cited_yaer"))
    with pytest.raises(UsageError, match="did you mean 'act_year'"):
        select_claim(LEDGER, "act_yaer")
    with pytest.raises(ValueError, match="unknown verdict 'right'"):
        Ruling("right", "because")


def test_a_subject_that_is_nowhere_is_named():
    with pytest.raises(DataError, match="no row with item 'replyed'; did you mean 'replied'"):
        adjudicate(edit("claims", "claim == 'ccg_replied'", subject="replyed"))
