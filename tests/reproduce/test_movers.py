import pytest

from coprod.data import Talk, find_row
from coprod.errors import UsageError
from coprod.reproduce.movers import Movers, find_movers
from coprod.talk.rules import RULES, Ruling


def only(talk: Talk, claim: str) -> Movers:
    (found,) = find_movers(talk, [claim])
    return found


def test_the_data_that_move_a_claim_are_those_its_rule_computes_with(talk: Talk) -> None:
    found = only(talk, "ccg_reply_share")
    assert {str(datum) for datum in found.data} == {
        f"survey.csv, row 2, {name}" for name in ("count", "base", "percent")
    }
    assert (found.tables, found.fixed, found.typed) == (("survey",), (), False)
    move = found.of("verdict")[0]
    assert (move.before, move.after, move.change.size) == ("reproduced", "differs", "little")


def test_what_a_datum_alone_cannot_move_a_larger_change_moves(talk: Talk) -> None:
    found = only(talk, "percentages_possible")
    assert found.of("recomputed")[0].change.size == "large"
    assert found.of("published")[0].change.size == "little"
    assert not found.fixed


def test_an_empty_cell_is_a_datum_too(talk: Talk) -> None:
    (first, *_) = only(talk, "training_outcomes").of("verdict")
    assert (first.change.before, first.after) == ("empty", "consistent")


def test_where_one_datum_is_not_enough_all_that_is_missing_is(talk: Talk) -> None:
    (first, *_) = only(talk, "cohorts_staff").of("verdict")
    assert (str(first.change.datum), first.change.after, first.after) == ("cohorts.csv", "all filled", "consistent")


def test_a_row_more_or_less_is_a_datum_too(talk: Talk) -> None:
    assert only(talk, "abbreviations").of("published")[0].change.after == "left out"


@pytest.mark.parametrize("claim", ["principles", "champions_called"])
def test_what_the_talk_only_states_is_not_typed_in(talk: Talk, claim: str) -> None:
    found = only(talk, claim)
    assert (found.tables, found.moves, found.typed) == ((), (), False)


def test_a_ruling_typed_into_a_rule_is_found(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RULES, "known_share", lambda *_: Ruling("reproduced", "196 of 209", "94%", "94%"))
    found = only(talk, "ccg_reply_share")
    assert (found.typed, found.fixed, found.moves) == (True, ("verdict", "recomputed", "published"), ())


def test_a_number_typed_into_a_rule_that_reads_its_table_is_found(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    def share(talk: Talk, subject: str) -> Ruling:
        percent = find_row(talk["survey"], "item", subject).percent
        return Ruling("reproduced" if percent == "94" else "differs", "", "94%", f"{percent}%")

    monkeypatch.setitem(RULES, "known_share", share)
    found = only(talk, "ccg_reply_share")
    assert (found.typed, found.fixed) == (True, ("recomputed",))


def test_a_verdict_typed_into_a_rule_without_numbers_is_found(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RULES, "known_share", lambda *_: Ruling("consistent", "It fits"))
    assert only(talk, "ccg_reply_share").typed


def test_an_unknown_claim_is_named_with_the_nearest_one(talk: Talk) -> None:
    with pytest.raises(UsageError, match=r"unknown claim 'ccg_totals'.*ccg_total"):
        find_movers(talk, ["ccg_totals"])


def test_the_json_says_what_moves_what(talk: Talk) -> None:
    document = only(talk, "ccg_reply_share").to_json()
    assert document["moves"][0].keys() == {"table", "row", "column", "size", "from", "to", "part", "before", "after"}
    assert (document["typed"], document["tables"]) == (False, ["survey"])
