"""What several tests share: the project, its tables, and a copy of them to break."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from coprod.data import HOME_VARIABLE, Talk, read_talk

ROOT = Path(__file__).resolve().parents[1]

settings.register_profile("coprod", deadline=None)  # a slow machine is not a failure
settings.load_profile("coprod")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell the reading ages that a test measured; none of them is a bar."""
    passed = terminalreporter.getreports("passed")
    told = [f"{name}: {value}" for report in passed for name, value in report.user_properties if name == "reading age"]
    if told:
        terminalreporter.section("reading ages")
        terminalreporter.write_line("\n".join(told))


@pytest.fixture(autouse=True)
def _this_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep a variable of the caller's from pointing the tests at another checkout."""
    monkeypatch.delenv(HOME_VARIABLE, raising=False)


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout the tests stand in."""
    return ROOT


@pytest.fixture(scope="session")
def talk() -> Talk:
    """The tables of the talk as they are committed."""
    return read_talk(ROOT)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A copy of the tables in a folder of its own, free to be broken."""
    shutil.copytree(ROOT / "data", tmp_path / "home" / "data")
    return tmp_path / "home"


DRAW = """
from pandas import DataFrame
from coprod.results import Figure, Table, Value
words = {"title": "Replies", "answer": "Most <replied>.", "slide": "S5", "source": "survey.csv"}
"""
VALUE = """
Value(id="share", value=100 * 196 / base, unit="%", tolerance=1e-6, parameters={"base": base}, **words)
"""
TABLE = """
rows = DataFrame({"item": ["replied", "silent"], "groups": [196, None], "share": [0.1 + 0.2, 0.5]})
Table(id="replies", data=rows, headings={"item": "Answer", "groups": "Groups"}, **words)
"""
FIGURE = """
svg = '<svg width="648pt" height="9pt" viewBox="0 0 648 9" xmlns="http://www.w3.org/2000/svg"><title>{}</title></svg>'
Figure(id="waffle", data=DataFrame({"n": [209]}), alt="Synthetic data: a waffle.", synthetic=True,
       wide=svg.format("wide"), narrow=svg.replace("648", "270").format("narrow"), **words)
"""
PARAMETERS = 'base: "Literal[196, 209]" = 209  # groups the share is of'
LISTING = """
[[notebook]]
name = "01_replies"
question = "How many groups <replied>?"
slides = ["S5"]
results = ["share", "replies"]

[[notebook]]
name = "02_drawing"
question = "What does it look like?"
slides = ["S4", "S5"]
results = ["waffle"]
"""

WriteNotebook = Callable[..., Path]


def _write_notebook(path: Path, *sources: str, parameters: str | None = "") -> Path:
    """Write a notebook of code cells, the parameters cell first (None for a notebook without one)."""
    cells = [("parameters", parameters)] if parameters is not None else []
    cells += [(f"step{number}", source.strip()) for number, source in enumerate(sources, start=1)]
    content = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {
            "kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"},
            "language_info": {"name": "python"},
        },
        "cells": [
            {"cell_type": "code", "id": name, "source": source, "outputs": [], "execution_count": None,
             "metadata": {"tags": ["parameters"]} if name == "parameters" else {}}
            for name, source in cells
        ],
    }  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def write_notebook() -> WriteNotebook:
    """A function that writes a notebook of code cells."""
    return _write_notebook


@pytest.fixture(scope="session")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small project of two notebooks, run once and accepted; copy it before changing anything."""
    from coprod.report.extract import extract
    from coprod.reproduce.check import accept, check
    from coprod.reproduce.execute import Task, run_notebooks
    from coprod.reproduce.fingerprint import note_extracted, read_code, remember
    from coprod.reproduce.notebooks import list_notebooks

    home = tmp_path_factory.mktemp("small") / "project {with} braces"
    shutil.copytree(ROOT / "data", home / "data")
    shutil.copy(ROOT / "requirements.lock", home)
    _write_notebook(home / "notebooks" / "01_replies.ipynb", DRAW, VALUE, TABLE, parameters=PARAMETERS)
    _write_notebook(home / "notebooks" / "02_drawing.ipynb", DRAW, FIGURE)
    (home / "notebooks" / "notebooks.toml").write_text(LISTING, encoding="utf-8")
    notebooks, reports = list_notebooks(home), home / "reports"
    outcomes = run_notebooks([Task(n, reports) for n in notebooks], home=home)
    assert [outcome.status for outcome in outcomes] == ["ok", "ok"], outcomes
    for n, outcome in zip(notebooks, outcomes, strict=True):
        remember(outcome, n, home=home, reports=reports, parameters={}, code=read_code(n.path))
    extract(reports / "notebooks", reports)
    note_extracted(reports)
    accept(home, check(home, last_run=True))
    return home


@pytest.fixture
def project(executed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the small project, free to be broken, that the commands work on."""
    shutil.copytree(executed, tmp_path / "project")
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "project"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "project"
