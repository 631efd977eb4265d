import json
import re
import shutil
from pathlib import Path

import pytest

from coprod.errors import UsageError
from coprod.reproduce.check import Check, accept, check

KEYS = {
    "claims": {"id", "slide", "statement", "published", "recomputed", "verdict", "reason"},
    "values": {"id", "expected", "got", "tolerance", "ok"},
    "notebooks": {"name", "status", "seconds"},
}


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def unequal(found: Check) -> list[str]:
    return [comparison.id for comparison in found.differences]


def test_a_rerun_gives_everything_again_and_leaves_the_reports_alone(project: Path) -> None:
    before = snapshot(project)
    found = check(project)
    assert (found.exit_code, found.differences) == (0, [])
    assert {c.id for c in found.comparisons} >= {"share", "replies.data", "waffle.data", "ccg_replied.verdict"}
    assert snapshot(project) == before


def test_the_json_has_exactly_the_agreed_keys(project: Path) -> None:
    document = json.loads(json.dumps(check(project, last_run=True).to_json(), allow_nan=False))
    assert set(document) == {"schema", "ok", "sentence", *KEYS}
    assert (document["schema"], document["ok"]) == (1, True)
    for name, keys in KEYS.items():
        assert document[name]
        assert all(set(entry) == keys for entry in document[name])


def test_a_changed_value_is_named_by_a_rerun(project: Path) -> None:
    edit(project / "notebooks" / "01_replies.ipynb", "100 * 196", "100 * 195")
    found = check(project)
    assert found.exit_code == 3
    (difference,) = found.differences
    assert difference.id == "share"
    assert difference.expected == pytest.approx(100 * 196 / 209)
    assert difference.got == pytest.approx(100 * 195 / 209)
    assert "0 of 1 value," in found.sentence


def test_changed_data_are_named_with_row_and_column(project: Path) -> None:
    edit(project / "reports" / "expected" / "tables" / "replies.csv", "replied,196", "replied,197")
    (difference,) = check(project, last_run=True).differences
    assert (difference.id, difference.expected, difference.got) == (
        "replies.data", "row 2, column 'groups': '197.0'", "row 2, column 'groups': '196.0'",
    )  # fmt: skip


def test_a_changed_verdict_is_a_difference(project: Path) -> None:
    edit(project / "reports" / "expected" / "claims.csv", "ccg_reply_share,reproduced", "ccg_reply_share,differs")
    found = check(project, last_run=True)
    assert unequal(found) == ["ccg_reply_share.verdict"]
    assert found.exit_code == 3


def test_a_changed_datum_of_the_talk_moves_a_verdict(project: Path) -> None:
    edit(project / "data" / "talk" / "survey.csv", "196,209,94", "190,209,94")
    assert "ccg_reply_share.verdict" in unequal(check(project, last_run=True))


def test_a_notebook_that_has_not_run_is_a_failure(project: Path) -> None:
    (project / "reports" / "notebooks" / "02_drawing.ipynb").unlink()
    found = check(project, last_run=True)
    assert found.exit_code == 1
    assert [(outcome.name, outcome.error) for outcome in found.failed] == [("02_drawing", "DataError")]
    assert "run 'coprod run'" in found.failed[0].message
    assert unequal(found) == ["waffle.data"]
    assert "read the last run of 2 notebooks, of which 1 failed" in found.sentence


@pytest.mark.parametrize("content", ["{", "{}", '{"cells": 1, "metadata": {}}'])
def test_a_broken_executed_notebook_is_a_failure(project: Path, content: str) -> None:
    (project / "reports" / "notebooks" / "02_drawing.ipynb").write_text(content)
    (failed,) = check(project, last_run=True).failed
    assert "02_drawing.ipynb is not a whole notebook" in failed.message


def test_the_last_run_of_a_notebook_that_failed_counts_as_failed(project: Path) -> None:
    failed = project / "reports" / "failed"
    failed.mkdir()
    shutil.copy(project / "reports" / "notebooks" / "01_replies.ipynb", failed / "02_drawing.ipynb")
    (outcome,) = check(project, last_run=True).failed
    assert outcome.error == "ResultsDiffer"
    assert "02_drawing declares 'waffle'" in outcome.message
    assert "displays 'share' without declaring it" in outcome.message


def test_a_failed_rerun_keeps_its_notebook_to_look_at_and_cannot_be_accepted(project: Path) -> None:
    edit(project / "notebooks" / "01_replies.ipynb", "100 * 196 / base", "196 / 0")
    before = snapshot(project)
    found = check(project)
    (failed,) = found.failed
    assert (failed.error, failed.path.is_file()) == ("ZeroDivisionError", True)
    assert not failed.path.is_relative_to(project)
    with pytest.raises(UsageError, match=r"nothing is accepted while a notebook fails \(01_replies\)"):
        accept(project, found)
    assert snapshot(project) == before
    shutil.rmtree(failed.path.parents[1])


def test_accepting_stores_what_came_out(project: Path) -> None:
    shutil.rmtree(project / "reports" / "expected")
    found = check(project, last_run=True)
    assert not found.stored
    assert "nothing is stored to compare with" in found.sentence
    accepted = accept(project, found)
    assert (accepted.exit_code, accepted.stored) == (0, True)
    assert check(project, last_run=True).exit_code == 0


def test_a_new_result_is_counted_in_the_sentence(project: Path) -> None:
    (project / "reports" / "expected" / "figures" / "synthetic_waffle.csv").unlink()
    found = check(project, last_run=True)
    assert found.exit_code == 3
    assert "came out again as stored, and 1 result had not been stored" in found.sentence


def test_the_sentence_counts_what_the_document_holds(project: Path) -> None:
    found = check(project, last_run=True)
    verdicts = [claim["verdict"] for claim in found.to_json()["claims"]]
    assert found.sentence.count(".") == found.sentence.count("0.1.0") * 2 + 1  # one sentence
    assert f"of {len(verdicts)} claims in the talk" in found.sentence
    for verdict in ("reproduced", "consistent", "ambiguous", "not testable", "untestable by design"):
        assert re.search(rf"\b{verdicts.count(verdict)} (is|are) {verdict}\b", found.sentence)
    assert re.search(rf"\b{verdicts.count('differs')} differs?\b", found.sentence)
