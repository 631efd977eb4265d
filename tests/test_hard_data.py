"""The notebooks' own cells on awkward answers: every result comes out, as a number or with its reason."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import IPython.display
import numpy as np
import pandas as pd
import pytest

from coprod.faults import Fault
from coprod.privacy import PROFILES, check_folder, find_profile
from coprod.report.extract import extract
from coprod.report.pages import group_results, render_page
from coprod.reproduce.notebooks import list_notebooks
from coprod.results import Figure, Result, Table

ROOT = Path(__file__).resolve().parents[1]
FOR_DATA = [notebook for notebook in list_notebooks(ROOT) if notebook.name[:2] in ("06", "07")]
PROTOCOL = """
title = "A training"
[columns]
participant = "code"
cohort = "cohort"
audience = "audience"
wave = "time"
waves = [{waves}]
[[scale]]
name = "confidence"
items = [{items}]
minimum = {minimum}
maximum = {maximum}
{scale}
[analysis]
primary_scale = "confidence"
primary_wave = "after"
{analysis}
[privacy]
profile = "{profile}"
"""
PLAIN = {"waves": '"before", "after", "later"', "items": '"a", "b", "c"', "minimum": 1, "maximum": 5, "scale": "",
         "analysis": "imputations = 5", "profile": "opensafely"}  # fmt: skip


def answers(sizes: tuple[int, ...] = (14, 15, 16), waves: tuple[str, ...] = ("before", "after", "later"),
            reply: float = 0.8, seed: int = 3) -> pd.DataFrame:  # fmt: skip
    """Make up answers of a few cohorts, the first wave answered by all."""
    rng = np.random.default_rng(seed)
    cohort = np.repeat([f"G{number}" for number in range(len(sizes))], sizes)
    level = 3 + 0.6 * rng.normal(size=len(cohort))
    parts = []
    for number, wave in enumerate(waves):
        latent = level[:, None] + 0.4 * (number > 0) + 0.7 * rng.normal(size=(len(cohort), 3))
        part = pd.DataFrame(np.clip(np.rint(latent), 1, 5), columns=["a", "b", "c"])
        part = part.assign(code=[f"P{i:03d}x" for i in range(len(cohort))], cohort=cohort, audience="staff", time=wave)
        parts.append(part[rng.random(len(cohort)) < (1 if number == 0 else reply)])
    return pd.concat(parts, ignore_index=True)


def alike(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(a=3, b=3, c=3)


def same_change(frame: pd.DataFrame) -> pd.DataFrame:
    first = frame[frame["time"] == "before"].set_index("code")
    later = (frame["time"] != "before").astype(int)
    return frame.assign(**{item: first.loc[frame["code"], item].clip(1, 4).to_numpy() + later for item in "abc"})


def unanswered_item(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(c=frame["c"].where(frame["time"] == "before"))


def finer(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(**{item: frame[item] * 17.3 for item in "abc"})


def rename(frame: pd.DataFrame) -> pd.DataFrame:
    names = {"G0": "<script>alert(1)</script>", "G1": '=cmd()|"x"!A1', "G2": "A, B & C", "G3": "4 Größe"}
    return frame.assign(cohort=frame["cohort"].map(names))


HARD: dict[str, tuple[Callable[[], pd.DataFrame], dict[str, Any]]] = {
    "one cohort": (lambda: answers((24,)), {}),
    "two cohorts": (lambda: answers((14, 16)), {}),
    "two waves": (lambda: answers(waves=("before", "after")), {"waves": '"before", "after"'}),
    "a wave nobody answered": (lambda: answers(waves=("before", "after")), {}),
    "everybody replied": (lambda: answers(reply=1.0), {}),
    "hardly anybody replied": (lambda: answers(reply=0.15), {}),
    "a cohort of two": (lambda: answers((14, 15, 2)), {}),
    "a cohort that never replied": (lambda: answers().query("cohort != 'G1' or time == 'before'"), {}),
    "every score the same": (lambda: alike(answers()), {}),
    "everybody changed alike": (lambda: same_change(answers(reply=1.0)), {}),
    "an item left out later": (lambda: unanswered_item(answers()), {"scale": "min_answered = 0.6"}),
    "numbers that are not whole": (lambda: finer(answers()), {"minimum": 0, "maximum": 100}),
    "a sum, lower hoped for": (answers, {"scale": 'score = "sum"\nbetter = "lower"'}),
    "one item": (answers, {"items": '"a"'}),
    "a margin and staff": (answers, {"analysis": 'imputations = 5\nmargin = 0.2\nstaff = ["staff"]'}),
    "many cohorts": (lambda: answers((9,) * 20), {}),
    "very few people": (lambda: answers((3, 2, 3)), {}),
    "names with markup and formulas": (lambda: rename(answers((14, 15, 16, 14))), {}),
    "waves that begin with a number": (
        lambda: answers(waves=("Of old", "after", "3 months later")),
        {"waves": '"Of old", "after", "3 months later"'},
    ),
}


def run_cells(path: Path, **parameters: str) -> list[Result]:
    """Run a notebook's code cells here, in the place of its parameters those given, and return what they show."""
    shown: list[Result] = []
    space: dict[str, Any] = {}
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            tree = ast.parse("".join(cell["source"]), f"{path.name}, cell {cell['id']}")
            last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
            exec(compile(tree, path.name, "exec"), space)
            value = eval(compile(ast.Expression(last.value), path.name, "eval"), space) if last else None
            shown += [value] if isinstance(value, Result) else []
            space |= parameters if cell["id"] == "parameters" else {}
    return shown


@pytest.fixture
def show(monkeypatch: pytest.MonkeyPatch) -> list[Result]:
    displayed: list[Result] = []
    monkeypatch.setattr(IPython.display, "display", lambda *results: displayed.extend(results))
    return displayed


def evaluate_here(folder: Path, frame: pd.DataFrame, displayed: list[Result], **change: Any) -> dict[str, Result]:
    frame.to_csv(folder / "answers.csv", index=False)
    (folder / "protocol.toml").write_text(PROTOCOL.format(**{**PLAIN, **change}), encoding="utf-8")
    files = {"data": str(folder / "answers.csv"), "protocol": str(folder / "protocol.toml")}
    for notebook in FOR_DATA:
        displayed += run_cells(notebook.path, **files)
    return {result.id: result for result in displayed}


def search(folder: Path, results: list[Result], profile: str) -> list[Fault]:
    """Put results into a notebook and files, as an evaluation does, and look for what the profile hides."""
    outputs = [
        {"output_type": "display_data", "data": result._repr_mimebundle_(), "metadata": {}} for result in results
    ]
    content = {"cells": [{"cell_type": "code", "source": "", "outputs": outputs}], "metadata": {}}
    (folder / "notebooks").mkdir(parents=True)
    (folder / "notebooks" / "06.ipynb").write_text(json.dumps(content), encoding="utf-8")
    extract(folder / "notebooks", folder)
    groups = [{"groups": group_results(results), "notebook": FOR_DATA[0]}]
    words = {"title": "T", "sentence": "S.", "synthetic": False, "profile": "P.", "withheld": "[c]", "hash": "h"}
    page = render_page("evaluation.html", chapters=groups, files=[], version="0", **words)
    (folder / "index.html").write_text(page, encoding="utf-8")
    return check_folder(folder, find_profile(profile))


ALSO_INTERNAL = ("one cohort", "hardly anybody replied", "every score the same", "very few people")
"""What nothing is withheld of, so that the numbers themselves have to be sound."""
CASES = [*((name, "opensafely") for name in HARD), *((name, "internal") for name in ALSO_INTERNAL)]


@pytest.mark.parametrize(("name", "profile"), CASES)
def test_every_result_comes_out_or_says_why_not(name, profile, tmp_path, show):
    make, change = HARD[name]
    results = evaluate_here(tmp_path, make(), show, profile=profile, **change)
    assert set(results) == {name for notebook in FOR_DATA for name in notebook.results}
    assert len(show) == len(results)
    for result in results.values():
        assert "nan" not in result.to_text().lower().split(), result.id
        if isinstance(result, Figure):
            assert result.wide.startswith("<?xml")
    estimates = results["estimates"]
    assert isinstance(estimates, Table)
    assert search(tmp_path / "out", show, profile) == []
    silent = estimates.data["estimate"].isna() & (estimates.data["flag"].fillna("") == "")
    assert not silent.any(), "a missing estimate without a reason"


@pytest.mark.parametrize("profile", PROFILES)
def test_the_profile_is_named_on_every_result(profile, tmp_path, show):
    results = evaluate_here(tmp_path, answers(), show, profile=profile)
    for result in results.values():
        assert f"profile {profile}" in result.source + getattr(result, "alt", "") + result.answer, result.id
