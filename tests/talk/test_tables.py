"""The tables of the talk: what they hold, and that their sentences follow the data."""

import pandas as pd
import pytest

from coprod.data import Talk, read_talk
from coprod.errors import UsageError
from coprod.results import Table
from coprod.talk import tables
from coprod.talk.claims import adjudicate, count_verdicts
from coprod.talk.rules import VERDICTS

TALK = read_talk()
LEDGER = adjudicate(TALK)


def changed(table: str, where: str, **cells: object) -> Talk:
    frame = TALK[table]
    for column, cell in cells.items():
        frame.loc[frame.query(where).index, column] = cell
    return TALK.replace(**{table: frame})


ALL = [
    tables.table_record(TALK),
    tables.table_duties(TALK),
    tables.table_counts(TALK),
    tables.table_press(TALK),
    tables.table_superpopulation(TALK, 196, "nearest", 0.95),
    tables.table_evidence(TALK),
    tables.table_statements(TALK, "recovery", id="recovery", slide="S7", title="What recovery is"),
    tables.table_champion(TALK),
    tables.table_cohorts(TALK),
    tables.table_conclusion(TALK),
    tables.table_works_published(TALK),
    tables.table_published(TALK),
    tables.table_ledger(LEDGER),
    tables.table_claim(LEDGER, "act_year"),
]


@pytest.mark.parametrize("table", ALL, ids=[table.id for table in ALL])
def test_every_table_has_words_for_its_reader(table):
    assert isinstance(table, Table)
    assert set(table.headings) <= set(table.data.columns)
    assert len(table.title.split()) <= 10
    assert table.answer.endswith(".")
    assert len(table.data)
    assert not table.synthetic


def test_record_puts_the_two_author_lists_side_by_side():
    record = tables.table_record(TALK)
    authors = record.data.set_index("field").loc["authors"]
    assert authors[["S0", "S1", "same"]].tolist() == ["Coan, Fisher and Witty", "Coan, Winfield and Fisher", "no"]
    assert record.answer == "The record and the title slide differ in the authors and conference."
    one_list = TALK["authors"].query("slide == 'S1'")
    agreeing = changed("record", "field == 'conference'", value="One").replace(
        authors=pd.concat([one_list, one_list.assign(slide="S0")])
    )
    assert "agree wherever both say something" in tables.table_record(agreeing).answer


def test_counts_cover_both_bases_and_every_rule():
    counts = tables.table_counts(TALK)
    assert len(counts.data) == 3 * 2 * 4
    assert set(counts.data.loc[counts.data["survives"] == "no", "rounding"]) == {"truncation"}
    assert "15% of 196 groups is 29 to 30 of them" in counts.answer
    assert counts.answer.endswith("it is 28 to 32.")


def test_a_percentage_without_a_count_says_so():
    odd = tables.table_counts(changed("survey", "item == 'ambition_more'", percent="8.03"))
    cells = odd.data.query("item == 'ambition_more' and rounding == 'nearest'")["counts"]
    assert cells.isna().all()
    assert "no whole count" in odd.to_html()


def test_press_names_the_report_that_differs():
    press = tables.table_press(TALK)
    off = press.data[press.data["same"] == "no"]
    assert off[["report", "percent", "percent_press"]].to_numpy().tolist() == [["Mental Health Today, 2017", "8", "14"]]
    assert press.answer.startswith("5 of 6")


def test_superpopulation_follows_its_parameters():
    wide = tables.table_superpopulation(TALK, 196, "nearest", 0.99).data
    tight = tables.table_superpopulation(TALK, 196, "nearest", 0.8).data
    assert (wide["share_low"] < tight["share_low"]).all()
    assert (wide["share_high"] > tight["share_high"]).all()
    assert ((tight["share_low"] <= tight["count"] / 196) & (tight["count"] / 196 <= tight["share_high"])).all()
    ceiling = tables.table_superpopulation(TALK, 196, "ceiling", 0.95).data
    assert sorted(ceiling.query("item == 'ambition_in_line'")["count"].unique()) == [1]


def test_evidence_invents_no_effect():
    evidence = tables.table_evidence(TALK)
    assert evidence.answer == "2 of 3 report no clinical effect size, 0 report one, 1 not checked."
    assert evidence.data.set_index("work").loc["mckeown", "participants"] == 139


def test_cohorts_say_what_is_not_published():
    cohorts = tables.table_cohorts(TALK)
    assert "5 cohorts, 4 of staff and 1 of students; no outcome is published" in cohorts.answer
    assert cohorts.to_html().count("not published") == 10
    reported = tables.table_cohorts(changed("cohorts", "audience == 'staff'", outcome="a score"))
    assert "outcomes are published" in reported.answer


def test_what_is_published_follows_the_cells():
    before = tables.table_published(TALK).data.set_index("item")["published"]
    assert before[before == "published"].index.tolist() == [
        "How many groups were asked and replied",
        "Percentages of the answers",
        "Number of cohorts",
    ]
    after = tables.table_published(changed("cohorts", "cohorts > 0", outcome="a score")).data.set_index("item")
    assert after.loc["Outcome of the training", "published"] == "published"


def test_works_published_holds_only_what_differs():
    data = tables.table_works_published(TALK).data
    assert (data["printed"] != data["published"]).all()
    assert set(data["work"]) == {"slay_stephens", "mckeown", "fisher_lees", "act", "nesta", "rethink"}


def test_ledger_of_some_slides():
    part = tables.table_ledger(LEDGER, id="part", slides=("S4", "S11"))
    assert set(part.data["slide"]) == {"S4", "S11"}
    assert part.title == "The claims of S4 and S11, with verdicts"
    assert part.answer.startswith(f"{len(part.data)} claims: differs ")
    assert tables.table_ledger(LEDGER).answer.startswith(f"{len(LEDGER)} claims: reproduced ")


def test_one_claim():
    claim = tables.table_claim(LEDGER, "training_outcomes")
    assert "not testable" in claim.answer
    assert claim.parameters == {"claim": "training_outcomes"}
    with pytest.raises(UsageError, match="did you mean 'training_outcomes'"):
        tables.table_claim(LEDGER, "training_outcome")


def test_counts_of_verdicts_keep_the_scale():
    counts = count_verdicts(LEDGER.query("slide == 'S7'"))
    assert counts["verdict"].tolist() == list(VERDICTS)
    assert counts["claims"].sum() == 1
