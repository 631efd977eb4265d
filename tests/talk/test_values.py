"""The headline numbers of the talk."""

import pytest

from coprod.data import read_talk
from coprod.results import Value, headline
from coprod.talk import values
from coprod.talk.claims import adjudicate

TALK = read_talk()


def by_id(found: list[Value]) -> dict[str, object]:
    return {value.id: value.value for value in found}


def test_reply():
    assert by_id(values.value_reply(TALK)) == {"ccg_silent": 13, "ccg_reply_share": pytest.approx(93.7799, abs=1e-4)}


@pytest.mark.parametrize(
    ("base", "counts", "bounds"),
    [(196, [(29, 30), (15, 16), (1, 2)], [20.6, 13.9, 7.2]), (209, [(31, 32), (16, 17), (2, 3)], [21.5, 14.4, 7.7])],
)
def test_answers_for_both_bases(base, counts, bounds):
    found = by_id(values.value_answers(TALK, base, "nearest"))
    items = ["any_coproduction", "ambition_more", "ambition_in_line"]
    assert [(found[f"{item}_low"], found[f"{item}_high"]) for item in items] == counts
    assert [round(float(found[f"{item}_bound"]), 1) for item in items] == bounds


def test_one_count_reads_as_one():
    found = values.value_answers(TALK, 196, "ceiling")
    assert next(value for value in found if value.id == "ambition_in_line_low").answer == "1% of 196 is 1 group."


def test_power():
    assert values.value_power(TALK, 196, "nearest").value == 0
    assert "cannot be tested" in values.value_power(TALK, 196, "nearest").answer
    assert "would be found out" in values.value_power(TALK, 50, "nearest").answer


def test_power_goes_by_how_finely_percentages_are_printed():
    survey = TALK["survey"]
    finer = TALK.replace(survey=survey.assign(percent=survey["percent"].replace("8", "8.2")))
    found = values.value_power(finer, 196, "nearest")
    assert found.value == pytest.approx(1 - 197 / 1001)  # 0 to 196 print as 197 of the 1001 percentages to one decimal
    assert "196 groups and percentages to 1 decimal, 80%" in found.answer


def test_works_partnership_and_cohorts():
    assert by_id(values.value_works(TALK)) == {"works_named": 7, "works_listed": 6, "works_matched": 2}
    assert by_id(values.value_partnership(TALK)) == {"partnership_lines": 8, "partnership_distinct": 15}
    assert values.value_cohorts(TALK).value == 5


def test_verdicts_add_up_to_the_ledger():
    ledger = adjudicate(TALK)
    assert sum(by_id(values.value_verdicts(ledger)).values()) == len(ledger)


def test_headline():
    lines = headline(*values.value_reply(TALK)).splitlines()
    assert lines == ["ccg_silent: 13 groups", "ccg_reply_share: 93.78 per cent"]
