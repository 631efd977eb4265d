"""Notebooks as tests: stored outputs are moved by hand, and a real kernel runs the cells again."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pytest
from nbclient import NotebookClient

from coprod.reproduce.collect import collect
from coprod.reproduce.expected import store
from coprod.results import MIME, Value

SETUP = """
from pandas import DataFrame
from coprod.results import Figure, Table, Value
words = {"title": "Replies", "answer": "Most replied.", "slide": "S5", "source": "survey.csv"}
svg = '<svg xmlns="http://www.w3.org/2000/svg"/>'
def value(name):
    return Value(id=name, value=1.0, tolerance=0.01, **words)
def table(name):
    return Table(id=name, data=DataFrame({"item": ["a", "b"], "n": [1, 2]}), headings={"item": "Item"}, **words)
def figure(name):
    return Figure(id=name, data=DataFrame({"n": [209.5]}), alt="Waffle of 209.5.", wide=svg, narrow=svg, **words)
"""
CELLS = {
    "setup": SETUP,
    "same": "value('same')",
    "within": "value('within')",
    "beyond": "value('beyond')",
    "row": "table('row')",
    "mark": "figure('mark')",
    "drawing": "figure('drawing')",
    "alt": "figure('alt')",
    "gone": "1;",
    "extra": "value('extra')",
    "unrun": "value('unrun')",
    "unrun_print": "print('something')",
    "unrun_silent": "x = 1",
    "later": "value('later')",
    "words": "value('words')\nprint('mean 0.3333 of 12')",
    "checked": "# NBVAL_CHECK_OUTPUT\nprint('median 0.5')",
    "fails": "1 / 0",
}
WRONG = {"beyond", "row", "mark", "alt", "gone", "extra", "unrun", "later", "checked", "fails"}
"""What fails however little is asked."""


def _payload(cell: Any) -> Any:
    return next(output["data"][MIME] for output in cell["outputs"] if MIME in output.get("data", {}))


def _move(cells: dict[str, Any]) -> None:
    """Change what is stored, each cell in one way."""
    _payload(cells["within"])["value"] = 1.005
    _payload(cells["beyond"])["value"] = 1.02
    _payload(cells["row"])["data"]["rows"][1][1] = 3
    _payload(cells["mark"])["data"]["rows"][0][0] = 209.6
    _payload(cells["drawing"])["wide"] = "<svg/>"
    _payload(cells["alt"])["alt"] = "Waffle of 209.6."
    _payload(cells["later"])["schema"] = 99
    cells["gone"]["outputs"] = json.loads(json.dumps(cells["same"]["outputs"]).replace('"same"', '"gone"'))
    cells["extra"]["outputs"] = []
    for name in ("unrun", "unrun_print", "unrun_silent"):
        cells[name].update(outputs=[], execution_count=None)
    for name, before, after in (("words", "0.3333", "0.3334"), ("checked", "0.5", "0.7")):
        for output in cells[name]["outputs"]:
            if "text" in output:
                output["text"] = output["text"].replace(before, after)


@pytest.fixture(scope="module")
def notebook() -> Any:
    """A notebook as somebody ran it, in a real kernel."""
    cells = [nbformat.v4.new_code_cell(source, id=name) for name, source in CELLS.items()]
    made = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(made, allow_errors=True, kernel_name="python3").execute()
    return made


@dataclass
class Told:
    """What pytest said of each cell."""

    failed: dict[str, str] = field(default_factory=dict)
    passed: set[str] = field(default_factory=set)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        name = report.nodeid.split("::")[-1]
        if report.failed:
            self.failed[name] = report.longreprtext
        elif report.when == "call":
            self.passed.add(name)


def _rerun(folder: Path, *options: str) -> Told:
    told = Told()
    pytest.main([str(folder), "--rootdir", str(folder), "-p", "no:cacheprovider", "--color=no", *options], [told])
    return told


@pytest.fixture(scope="module")
def stored(notebook: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with that notebook, moved by hand, and nothing else of a project."""
    folder = tmp_path_factory.mktemp("elsewhere")
    moved = json.loads(nbformat.writes(notebook))
    for cell in moved["cells"]:
        for output in cell["outputs"]:
            if "text" in output:
                output["text"] = "".join(output["text"])
    _move({cell["id"]: cell for cell in moved["cells"]})
    (folder / "moved.ipynb").write_text(json.dumps(moved), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def strict(stored: Path) -> Told:
    return _rerun(stored, "--coprod")


def test_what_is_the_same_passes_and_each_thing_moved_fails(strict: Told) -> None:
    assert set(strict.failed) == WRONG | {"words", "unrun_print"}
    assert strict.passed == set(CELLS) - set(strict.failed)


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("beyond", ["result 'beyond': stored 1.02; now 1.0; tolerance 0.01 absolute"]),
        ("row", ["result 'row': stored row 3, column 'n': '3'; now row 3, column 'n': '2'; tolerance 1e-09 relative"]),
        ("mark", ["result 'mark': stored row 2, column 'n': '209.6'; now row 2, column 'n': '209.5'"]),
        ("alt", ["result 'alt': stored alt text 'Waffle of 209.6.'; now alt text 'Waffle of 209.5.'"]),
        ("gone", ["result 'gone' is stored and was not displayed"]),
        ("extra", ["result 'extra' was displayed and is not stored; run the notebook and save it"]),
        ("later", ["result 'later' cannot be read", "schema 99, expected 1"]),
    ],
)
def test_a_failure_names_notebook_cell_result_place_values_and_tolerance(
    strict: Told, cell: str, words: list[str]
) -> None:
    assert f"moved.ipynb, cell '{cell}'" in strict.failed[cell]
    for part in words:
        assert part in strict.failed[cell]


def test_cells_that_were_never_run_say_so_and_one_that_shows_nothing_passes(strict: Told) -> None:
    assert "never been run in the stored notebook" in strict.failed["unrun"]
    assert "never been run in the stored notebook" in strict.failed["unrun_print"]
    assert "unrun_silent" in strict.passed


def test_an_error_fails_with_its_traceback(strict: Told) -> None:
    assert "ZeroDivisionError" in strict.failed["fails"]


def test_lax_compares_results_everywhere_and_other_output_only_where_marked(stored: Path) -> None:
    assert set(_rerun(stored, "--coprod-lax").failed) == WRONG


def test_numbers_in_other_output_may_differ_as_far_as_is_asked(stored: Path) -> None:
    told = _rerun(stored, "--coprod", "--coprod-rtol", "1e-3")
    assert "words" in told.passed
    assert "checked" in told.failed


def test_a_notebook_that_was_never_run_fails_once_and_says_so(
    write_notebook: Callable[..., Path], tmp_path: Path
) -> None:
    write_notebook(tmp_path / "new.ipynb", "1 + 1", "# NBVAL_CHECK_OUTPUT\n2 + 2")
    told = _rerun(tmp_path, "--coprod-lax")
    assert list(told.failed) == ["parameters"]
    assert "new.ipynb has never been run" in told.failed["parameters"]


def test_results_are_compared_with_a_folder_when_one_is_given(notebook: Any, tmp_path: Path) -> None:
    kept = ("setup", "same", "beyond", "row", "mark", "extra")
    notebook = nbformat.from_dict({**notebook, "cells": [cell for cell in notebook.cells if cell.id in kept]})
    path = tmp_path / "01_kept.ipynb"
    nbformat.write(notebook, path)
    displayed = [each for each in collect([path]) if each.result.id != "extra"]
    store(tmp_path / "reports" / "expected", displayed, pd.DataFrame({"claim": [], "verdict": []}))
    for cell in notebook.cells:  # stored without outputs, as in git
        cell.update(outputs=[], execution_count=None)
    nbformat.write(notebook, path)
    (tmp_path / "notebooks.toml").write_text(
        '[[notebook]]\nname = "01_kept"\nresults = ["same", "row", "forgotten"]\n', encoding="utf-8"
    )
    values = tmp_path / "reports" / "expected" / "values.json"
    values.write_text(
        values.read_text("utf-8").replace('"beyond": {\n   "value": 1.0', '"beyond": {\n   "value": 1.02')
    )
    marks = tmp_path / "reports" / "expected" / "figures" / "mark.csv"
    marks.write_text("n\n210.5\n", encoding="utf-8")
    told = _rerun(tmp_path, "--coprod-lax", "--coprod-expected", str(tmp_path / "reports" / "expected"))
    assert told.passed == {"setup", "same", "row"}
    assert "result 'beyond': stored 1.02; now 1.0; tolerance 0.01 absolute" in told.failed["beyond"]
    assert "stored row 2, column 'n': '210.5'; now row 2, column 'n': '209.5'" in told.failed["mark"]
    assert "result 'extra' was displayed and is not stored in" in told.failed["extra"]
    assert "result 'forgotten' is listed in notebooks.toml and was not displayed" in told.failed["extra"]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--coprod", "-p", "no:nbval"], "--coprod runs cells with nbval, which is not here; 'pip install nbval'"),
        (["--coprod", "--nbval"], "--coprod does all that --nbval does; give one of them"),
        (["--coprod", "--coprod-expected", "nowhere"], "no values.json in nowhere"),
        (["--coprod", "--coprod-atol", "-1"], "give 0 or more"),
    ],
)
def test_options_that_cannot_be_followed_are_refused(
    options: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert pytest.main([str(tmp_path), *options]) == pytest.ExitCode.USAGE_ERROR
    assert says in capsys.readouterr().err


def test_loading_the_plugin_imports_nothing_else_of_coprod() -> None:
    code = (
        "import pytest, sys, coprod.reproduce.pytest_plugin\n"
        "print(sorted(n for n in sys.modules if n.split('.')[0] in ('coprod', 'pandas', 'nbval', 'nbformat')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['coprod', 'coprod.reproduce', 'coprod.reproduce.pytest_plugin']"


def test_a_value_that_is_a_word_has_to_be_the_same_word() -> None:
    from coprod.reproduce.differences import differ_from_cell

    words = {"title": "T", "answer": "A.", "slide": "S5", "source": "s"}
    before, after = (Value(id="v", value=word, **words) for word in ("nearest", "half-even"))
    assert list(differ_from_cell({"v": before}, {"v": before})) == []
    assert list(differ_from_cell({"v": before}, {"v": after})) == [
        "result 'v': stored 'nearest'; now 'half-even'; tolerance 0 absolute"
    ]
    other = Value(id="v", value="nearest", unit="%", **words)
    assert "stored unit ''; now unit '%'" in next(differ_from_cell({"v": before}, {"v": other}))
