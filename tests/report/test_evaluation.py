"""Whole evaluations from files to folder, with real kernels; one run serves most tests."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from coprod.cli import main
from coprod.privacy import check_folder, find_profile
from coprod.report.made import FILES, PROTOCOL, SHEETS
from coprod.training.estimates import COLUMNS

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "data" / "training"


def coprod(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def write_inputs(folder: Path, *, profile: str = "opensafely", **change: str) -> tuple[Path, Path]:
    """Write the worked example as somebody's own data: another profile, and perhaps other words of the protocol."""
    text = (EXAMPLE / "protocol.toml").read_text(encoding="utf-8").replace('"internal"', f'"{profile}"')
    for old, new in change.values():
        assert old in text
        text = text.replace(old, new)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "protocol.toml").write_text(text, encoding="utf-8")
    shutil.copy(EXAMPLE / "synthetic_responses.csv", folder / "responses.csv")
    return folder / "responses.csv", folder / "protocol.toml"


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of one evaluation under opensafely."""
    folder = tmp_path_factory.mktemp("evaluation")
    responses, protocol = write_inputs(folder / "in")
    ended = coprod("evaluate", responses, "--protocol", protocol, "--out", folder / "out")
    assert ended.exit_code == 0, ended.output
    assert ended.stdout.startswith("The mean score of confidence rose by ")
    assert ended.stdout.rstrip().endswith("index.html")
    return folder / "out"


def test_the_folder_holds_what_it_promises(done):
    assert {name for name, _ in FILES} | {"index.html"} <= {path.name for path in done.iterdir()}
    assert sorted(path.name for path in (done / "notebooks").iterdir()) == ["06_outcomes.ipynb", "07_sensitivity.ipynb"]
    assert not (done / "failed").exists()
    assert [path.name for path in done.parent.iterdir() if path.name.startswith(".")] == []


def test_the_tables_have_the_columns_of_the_interface(done):
    for name, first in (("estimates", []), ("sensitivity", ["scenario"])):
        with open(done / f"{name}.csv", encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert list(rows[0]) == ["synthetic", *first, *COLUMNS]
        assert {row["synthetic"] for row in rows} == {"True"}
    assert list(pd.read_csv(done / "variance.csv"))[1:] == ["scale", "frame", "component", "variance", "boundary"]
    assert list(pd.read_csv(done / "flow.csv"))[1:] == ["cohort", "audience", "wave", "enrolled", "answered"]


def test_the_protocol_is_kept_with_its_hash(done):
    kept = json.loads((done / PROTOCOL).read_text(encoding="utf-8"))
    assert kept["sha256"] == hashlib.sha256((done.parent / "in" / "protocol.toml").read_bytes()).hexdigest()
    page = (done / "index.html").read_text(encoding="utf-8")
    assert kept["sha256"] in page
    assert "profile opensafely" in page


def test_the_page_links_to_files_that_are_there_and_asks_nothing_of_the_network(done):
    page = (done / "index.html").read_text(encoding="utf-8")
    links = set(re.findall(r'(?:href|src|srcset)="([^"#][^"]*)"', page))
    assert len(links) > 20
    for link in links:
        assert (done / link).is_file(), link
    assert not re.search(r"https?://", re.sub(r'href="https://[^"]*"', "", page))
    assert "Synthetic data, made up to test the method. Not results." in page


def test_nothing_in_the_folder_reveals_a_few_people_or_one(done):
    responses = pd.read_csv(EXAMPLE / "synthetic_responses.csv")
    codes = sorted(set(responses["code"]))
    assert check_folder(done, find_profile("opensafely"), codes) == []
    for path in done.rglob("*"):
        if path.suffix == ".csv":
            frame = pd.read_csv(path, dtype=str)
            for name in frame.columns.intersection(
                ["n", "n_participants", "answered", "enrolled", "n_silent", "n_floor"]
            ):
                counts = pd.to_numeric(frame[name], errors="coerce").dropna()
                assert (counts >= 8).all(), (path, name)
                assert (counts % 5 == 0).all(), (path, name)
            assert "participant" not in frame


def test_the_notebook_runs_again_where_it_lies(done):
    text = (done / "notebooks" / "06_outcomes.ipynb").read_text(encoding="utf-8")
    assert str(done.parent) not in text
    (cell,) = [cell for cell in json.loads(text)["cells"] if cell["id"] == "injected-parameters"]
    source = "".join(cell["source"])
    assert 'data = "../../in/responses.csv"' in source
    assert (done / "notebooks" / "../../in/responses.csv").is_file()


def test_an_earlier_evaluation_is_replaced_and_other_folders_are_not(done, tmp_path):
    responses, protocol = write_inputs(tmp_path / "in", profile="internal")
    out = tmp_path / "out"
    shutil.copytree(done, out)
    (out / "old.txt").write_text("old", encoding="utf-8")
    ended = coprod(
        "evaluate", responses, "--protocol", protocol, "--out", out, "--wave", "later", "--scale", "knowledge"
    )
    assert ended.exit_code == 0, ended.output
    assert not (out / "old.txt").exists()
    assert "score of knowledge" in ended.stdout
    assert "not the primary outcome of the protocol" in (out / "index.html").read_text(encoding="utf-8")
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "thesis.txt").write_text("mine", encoding="utf-8")
    ended = coprod("evaluate", responses, "--protocol", protocol, "--out", theirs)
    assert (ended.exit_code, (theirs / "thesis.txt").read_text(encoding="utf-8")) == (2, "mine")
    assert "name another folder with --out" in ended.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["evaluate"], 2, "RESPONSES and --protocol and --out missing"),
        (["evaluate", "responses.csv"], 2, "--protocol and --out missing"),
        (["evaluate", "none.csv", "--protocol", "protocol.toml", "--out", "out"], 4, "none.csv is missing"),
        (["evaluate", "responses.csv", "--protocol", "none.toml", "--out", "out"], 4, "none.toml is missing"),
        (["evaluate", "responses.csv", "--protocol", "protocol.toml", "--out", "protocol.toml"], 2, "is a file"),
        (["evaluate", "responses.csv", "--protocol", "protocol.toml", "--out", "."], 2, "not empty"),
        (["evaluate", "responses.csv", "--protocol", "protocol.toml", "--out", "out", "--scale", "confidnce"], 4,
         "did you mean 'confidence'?"),
        (["evaluate", "responses.csv", "--protocol", "protocol.toml", "--out", "out", "--wave", "before"], 2,
         "'before' is not a wave after the first"),
        (["evaluate", "protocol.toml", "--protocol", "protocol.toml", "--out", "out"], 4, "'.toml' is not read"),
        (["evaluate", "--explain", "responses.csv"], 4, "responses.csv is not TOML"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said_and_leaves_nothing(arguments, code, words, tmp_path, monkeypatch):
    write_inputs(tmp_path)
    monkeypatch.chdir(tmp_path)
    ended = coprod(*arguments)
    assert ended.exit_code == code, ended.output
    assert words in ended.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["protocol.toml", "responses.csv"]


def test_an_evaluation_that_is_replaced_may_not_hold_its_own_answers(done, tmp_path):
    out = tmp_path / "out"
    shutil.copytree(done, out)
    responses, protocol = write_inputs(out / "in")
    ended = coprod("evaluate", responses, "--protocol", protocol, "--out", out)
    assert ended.exit_code == 2
    assert "about to be replaced" in ended.stderr
    assert responses.is_file()


def test_explain_says_what_will_be_done():
    ended = coprod("evaluate", "--explain", EXAMPLE / "protocol.toml")
    assert ended.exit_code == 0
    for words in ("confidence", "before", "after", "later", "internal"):
        assert words in ended.stdout
    assert ended.stdout == coprod("evaluate", "--explain", EXAMPLE / "protocol.toml").stdout


def test_a_failing_notebook_leaves_the_old_folder(done, tmp_path, monkeypatch):
    responses, protocol = write_inputs(tmp_path / "in")
    out = tmp_path / "out"
    shutil.copytree(done, out)
    before = {path.relative_to(out): path.read_bytes() for path in out.rglob("*") if path.is_file()}
    home = tmp_path / "home"
    for name in ("data", "notebooks"):
        shutil.copytree(ROOT / name, home / name)
    broken = home / "notebooks" / "07_sensitivity.ipynb"
    broken.write_text(broken.read_text(encoding="utf-8").replace("read_study(data", "read_study(dta"), encoding="utf-8")
    monkeypatch.setenv("COPROD_HOME", str(home))
    ended = coprod("evaluate", responses, "--protocol", protocol, "--out", out)
    assert ended.exit_code == 1
    assert "NameError" in ended.stderr
    assert {path.relative_to(out): path.read_bytes() for path in out.rglob("*") if path.is_file()} == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "in", "out"]


def test_a_site_that_cannot_be_built_leaves_the_old_folder(done, tmp_path, monkeypatch):
    responses, protocol = write_inputs(tmp_path / "in")
    out = tmp_path / "out"
    shutil.copytree(done, out)
    before = {path.relative_to(out): path.read_bytes() for path in out.rglob("*") if path.is_file()}
    for name in ("data", "notebooks"):
        shutil.copytree(ROOT / name, tmp_path / "home" / name)
    monkeypatch.setenv("COPROD_HOME", str(tmp_path / "home"))
    ended = coprod("evaluate", responses, "--protocol", protocol, "--out", out, "--report")
    assert ended.exit_code == 4
    assert "methods.md is missing" in ended.stderr
    assert {path.relative_to(out): path.read_bytes() for path in out.rglob("*") if path.is_file()} == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "in", "out"]


def test_a_disclosure_stops_everything(tmp_path, monkeypatch):
    from coprod.faults import Fault

    responses, protocol = write_inputs(tmp_path / "in")
    fault = Fault("figures/x.svg", None, None, "the words '3 people' count few people")
    monkeypatch.setattr("coprod.report.evaluation.check_folder", lambda *_: [fault])
    ended = coprod("evaluate", responses, "--protocol", protocol, "--out", tmp_path / "out")
    assert ended.exit_code == 4
    assert "nothing was written" in ended.stderr
    assert str(fault) in ended.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_tables_at_the_top_are_those_below(done):
    for name in SHEETS:
        above, below = (pd.read_csv(done / path) for path in (f"{name}.csv", f"tables/synthetic_{name}.csv"))
        beside = [column for column in below if column not in above]
        assert beside == (["label", "unit", "whom"] if name in ("estimates", "sensitivity") else [])
        pd.testing.assert_frame_equal(above, below[list(above)])
