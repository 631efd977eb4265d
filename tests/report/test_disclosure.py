"""The whole folder of an evaluation, searched for what is known from the answers alone and may not be in it.

Nothing of coprod.privacy is used: scores, averages and counts are worked out here from the file as it was handed in,
and every number written anywhere in the folder is held against them.
"""

import csv
import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from coprod.report.evaluation import evaluate
from coprod.training.synthetic import Design, simulate_responses

ITEMS = [f"c{number}" for number in range(1, 8)]
SIZES = {"Aspen": 26, "Birch": 31, "Cedar": 24, "Dogwood": 22, "Elder": 6}
ENROLLED = {"Aspen": 29, "Birch": 47, "Cedar": 33, "Dogwood": 23, "Elder": 9}
FEW = "Elder"
PLAN = """
title = "A training"
[columns]
participant = "code"
cohort = "cohort"
audience = "audience"
wave = "time"
waves = ["before", "after", "later"]
[[scale]]
name = "confidence"
column = "total"
minimum = 1
maximum = 5
[[scale]]
name = "knowledge"
items = {items}
minimum = 1
maximum = 5
[analysis]
primary_scale = "confidence"
primary_wave = "after"
[privacy]
profile = "{profile}"
"""
COUNTS = ("n_participants", "n", "answered", "enrolled", "n_replied", "n_silent", "n_floor", "n_ceiling")
NUMBER = re.compile(r"(?<![\w.])[-\u2212]?\d+\.\d{6,}(?![\w.])")
SMALL = re.compile(
    r"(?<![\d.,\u2212-])([1-7]) (?:people(?! or fewer)|participants|persons|respondents|of (?:\d+|\?)(?! cohorts))"
)


@pytest.fixture(scope="module")
def answers() -> pd.DataFrame:
    """Invent answers to seven items, and a score from elsewhere whose decimals no other number has by chance."""
    rng = np.random.default_rng(23)
    design = Design(sizes=SIZES, audiences=dict.fromkeys(SIZES, "staff"), items=dict.fromkeys(ITEMS, 0.1),
                    reverse=(), slip=0)  # fmt: skip
    rows = simulate_responses(design, rng).drop(columns=["synthetic", "person"], errors="ignore")
    return rows.assign(total=(rows[ITEMS].mean(axis=1) + rng.uniform(-0.4, 0.4, len(rows))).clip(1.1, 4.9).round(9))


def run(answers: pd.DataFrame, folder: Path, profile: str, more: str = "") -> Path:
    answers.to_csv(folder / "answers.csv", index=False)
    (folder / "protocol.toml").write_text(PLAN.format(items=ITEMS, profile=profile) + more)
    assert not evaluate(folder / "answers.csv", folder / "protocol.toml", folder / "out").failed
    return folder / "out"


@pytest.fixture(scope="module")
def public(answers: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run(answers, tmp_path_factory.mktemp("public"), "opensafely")


@pytest.fixture(scope="module")
def inside(answers: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run(answers, tmp_path_factory.mktemp("inside"), "internal")


@pytest.fixture(scope="module")
def counted(answers: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An evaluation whose protocol says how many were enrolled, some of whom never answered."""
    numbers = "".join(f"{cohort} = {number}\n" for cohort, number in ENROLLED.items())
    return run(answers, tmp_path_factory.mktemp("counted"), "opensafely", f"[enrolled]\n{numbers}")


def texts(folder: Path) -> Iterator[tuple[str, str]]:
    """Every file as text, with what its own way of writing hides: escapes of HTML and of JSON."""
    for path in sorted(file for file in folder.rglob("*") if file.is_file()):
        text = path.read_text(encoding="utf-8")
        yield path.name, unescape(text)
        if path.suffix in (".ipynb", ".json"):
            yield path.name, unescape(" ".join(strings(json.loads(text))))


def strings(cell: object) -> Iterator[str]:
    if isinstance(cell, dict):
        yield from (word for inner in cell.values() for word in strings(inner))
    elif isinstance(cell, list):
        yield from (word for inner in cell for word in strings(inner))
    else:
        yield str(cell)


def secrets(answers: pd.DataFrame) -> np.ndarray:
    """List the scores of single people and the averages of those who are few, each with decimals of its own."""
    wide = answers.pivot_table(index=["cohort", "code"], columns="time", values="total")
    changes = pd.DataFrame({wave: wide[wave] - wide["before"] for wave in ("after", "later")})
    few = [part.loc[FEW] for part in (wide, changes)]
    found = [*answers["total"].unique(), *changes.stack().dropna(), *(number for part in few for number in
             (*part.mean(), *part.std()))]  # fmt: skip
    return np.abs(np.array([number for number in found if abs(number * 1000 - round(number * 1000)) > 0.01]))


def found_secrets(folder: Path, answers: pd.DataFrame) -> list[tuple[str, float]]:
    hidden = secrets(answers)
    return [
        (name, number)
        for name, text in texts(folder)
        for number in {abs(float(written.replace("\u2212", "-"))) for written in NUMBER.findall(text)}
        if np.abs(hidden - number).min() < 1e-8
    ]


def found_counts(folder: Path) -> list[tuple[str, str]]:
    found = [(name, match[0]) for name, text in texts(folder) if not name.endswith(".toml")
             for match in SMALL.finditer(text)]  # fmt: skip
    for path in folder.rglob("*.csv"):
        with open(path, encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                cells = {name: row[name] for name in COUNTS if row.get(name) not in (None, "", "[c]")}
                found += [(path.name, f"{name} {cell}") for name, cell in cells.items() if 0 < float(cell) < 8]
    return found


def test_no_file_holds_a_single_person_s_score_or_an_average_of_few(public: Path, answers: pd.DataFrame) -> None:
    assert len(secrets(answers)) > 200
    assert found_secrets(public, answers) == []


def test_no_file_holds_a_small_count(public: Path) -> None:
    assert found_counts(public) == []


def test_no_file_holds_a_code(public: Path, answers: pd.DataFrame) -> None:
    codes = set(answers["code"])
    for name, text in texts(public):
        assert not codes.intersection(re.findall(r"\w+", text)), name


def test_the_search_finds_all_of_it_where_nothing_is_withheld(inside: Path, answers: pd.DataFrame) -> None:
    scores = {name for name, _ in found_secrets(inside, answers)}
    assert {"06_outcomes.ipynb", "07_sensitivity.ipynb"} <= scores
    counts = {name for name, _ in found_counts(inside)}
    assert {"flow.csv", "index.html", "06_outcomes.ipynb"} <= counts
    assert any(name.endswith(".svg") for name in counts)


def test_numbers_enrolled_are_rounded_in_every_file_and_tell_of_no_few(counted: Path, answers: pd.DataFrame) -> None:
    assert found_counts(counted) == []
    assert found_secrets(counted, answers) == []
    assert set(json.loads((counted / "protocol.json").read_text())["enrolled"].values()) == {"[c]"}
    exact = "|".join(map(str, ENROLLED.values()))
    for name, text in texts(counted):
        assert not re.search(rf"(?:of|enrolled\D{{0,20}}) ?(?:{exact})\b(?!\.)", text), name
    rows = pd.read_csv(counted / "flow.csv", dtype=str).drop_duplicates("cohort").set_index("cohort")
    assert rows["enrolled"].to_dict() == {"Aspen": "30", "Birch": "45", "Cedar": "35", "Dogwood": "25", "Elder": "10"}
