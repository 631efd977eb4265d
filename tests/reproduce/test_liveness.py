import json
import shutil
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

from coprod.cli import main
from coprod.data import HOME_VARIABLE
from coprod.report.liveness import show_live
from coprod.reproduce import liveness
from coprod.reproduce.liveness import Live, Shown, check_live

CLAIMS = ["ccg_reply_share", "principles"]
START = """
from coprod.data import read_talk
from coprod.results import Value
from coprod.talk.claims import adjudicate
from coprod.talk.tables import table_ledger
from coprod.talk.values import value_reply
words = {"title": "T", "answer": "A.", "slide": "S5", "source": "survey.csv"}
talk = read_talk()
"""
LISTING = """
[[notebook]]
name = "01_live"
question = "Is it live?"
slides = ["S5"]
results = ["ccg_silent", "share_typed", "ledger", "nothing_said"]
"""


@pytest.fixture(scope="module")
def live_home(root: Path, tmp_path_factory: pytest.TempPathFactory, write_notebook: Callable[..., Path]) -> Path:
    """A project of one notebook and two claims, in which some things are typed in."""
    home = tmp_path_factory.mktemp("live") / "home"
    shutil.copytree(root / "data", home / "data")
    claims = home / "data" / "talk" / "claims.csv"
    header, *rows = claims.read_text(encoding="utf-8").splitlines()
    kept = [row for row in rows if row.split(",")[3] in CLAIMS]
    claims.write_text("\n".join([header, *kept]) + "\n", encoding="utf-8")
    write_notebook(
        home / "notebooks" / "01_live.ipynb",
        START,
        "value_reply(talk)[0]",
        'Value(id="share_typed", value=93.78, **words)',
        "print(value_reply(talk)[1].value)",
        'print("about 94%")',
        'ledger = adjudicate(talk)\nledger["recomputed"] = ledger["recomputed"].replace("94%", "94% ")\n'
        'ledger.loc[ledger["claim"] == "ccg_reply_share", "recomputed"] = "94%"\ntable_ledger(ledger)',
        'Value(id="nothing_said", value="nothing", **words)',
    )
    (home / "notebooks" / "notebooks.toml").write_text(LISTING, encoding="utf-8")
    return home


@pytest.fixture(scope="module")
def found(live_home: Path) -> Live:
    """What two of the ways of changing its data show."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(liveness, "WAYS", ["changed a little", "with rows left out"])
        return check_live(live_home)


def test_a_number_typed_into_a_notebook_is_named_with_its_cell(found: Live) -> None:
    typed = {typed.shown: typed.why for typed in found.typed}
    assert typed[Shown("01_live", "step3", "share_typed")] == "no change of the data moves it"
    assert typed[Shown("01_live", "step5", "")] == "no change of the data moves it"
    assert found.exit_code == 3


def test_a_ledger_that_is_not_the_one_of_the_changed_tables_is_named(found: Live) -> None:
    (why,) = [typed.why for typed in found.typed if typed.shown.result == "ledger"]
    assert "the recomputed of claim 'ccg_reply_share' is" in why


def test_what_comes_from_the_data_moves(found: Live) -> None:
    live = [Shown("01_live", "step2", "ccg_silent"), Shown("01_live", "step4", "")]
    assert {shown: found.moved[shown] for shown in live} == dict.fromkeys(live, "changed a little")
    assert not set(live) & {typed.shown for typed in found.typed}


def test_words_without_a_number_may_be_written_by_hand(found: Live) -> None:
    assert [shown.result for shown in found.words] == ["nothing_said"]


def test_claims_are_judged_beside_the_notebooks(found: Live) -> None:
    assert {claim.claim: claim.typed for claim in found.claims} == dict.fromkeys(sorted(CLAIMS, reverse=True), False)
    assert found.sentence.startswith("1 of 2 claims move with the data, 1 are only stated and 0 typed in")


def test_the_terminal_names_claims_with_their_data_and_what_is_typed_in(found: Live) -> None:
    text = StringIO()
    show_live(Console(file=text, width=400), found)
    shown = text.getvalue()
    assert "survey.csv, row 2, count: 196 \u2192 195: differs" in shown
    assert "01_live, cell 'step3', result 'share_typed'" in shown
    assert "stated only" in shown
    assert found.sentence in shown


def test_the_command_prints_one_document_and_exits_with_3(
    found: Live, live_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(live_home))
    monkeypatch.setattr(liveness, "check_live", lambda *_, **__: found)
    result = CliRunner().invoke(main, ["check", "--live", "--json"])
    document = json.loads(result.stdout)
    assert (result.exit_code, document["ok"], document["schema"]) == (3, False, 1)
    assert "share_typed" in {typed["result"] for typed in document["typed"]}


@pytest.mark.parametrize("other", ["--twice", "--last-run", "--accept"])
def test_live_goes_with_no_other_way_of_checking(other: str) -> None:
    result = CliRunner().invoke(main, ["check", "--live", other])
    assert result.exit_code == 2
