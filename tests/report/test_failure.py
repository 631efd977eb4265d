import json
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from coprod.report.failure import read_lines, show_failure
from coprod.reproduce.execute import Task, run_notebooks
from coprod.reproduce.executed import Outcome
from coprod.reproduce.notebooks import Notebook

CELLS = {
    "raises": "one = 1\ntwo = 2\nthree = 3\nfour = 4\nfive = 5\none / 0\nseven = 7\neight = 8",
    "deeper": "import json\njson.loads('{')",
    "chained": "try:\n    {}['x']\nexcept KeyError as error:\n    raise ValueError('no x') from error",
    "unread": "fine = 1\n1 +* 2",
    "quiet": "\n".join(f"step = {number}" for number in range(1, 10)),
}


@pytest.fixture(scope="module")
def failed(tmp_path_factory: pytest.TempPathFactory, write_notebook: Callable[..., Path]) -> dict[str, Outcome]:
    """Notebooks that a real kernel ran, each failing in its own way; by name."""
    folder = tmp_path_factory.mktemp("failing") / "with spaces"
    tasks = []
    for name, source in CELLS.items():
        path = write_notebook(folder / "notebooks" / f"{name}.ipynb", source)
        tasks.append(Task(Notebook(name, "", (), ("missing",) if name == "quiet" else (), path), folder / "reports"))
    (folder / "data" / "talk").mkdir(parents=True)
    return {outcome.name: outcome for outcome in run_notebooks(tasks, home=folder)}


def shown(outcome: Outcome, *, plain: bool, width: int = 80) -> str:
    console = Console(width=width, no_color=True, highlight=False)
    with console.capture() as capture:
        show_failure(console, outcome, plain=plain)
    return capture.get()


@pytest.mark.parametrize(
    ("name", "marked", "lines"),
    [("raises", 6, [2, 3, 4, 5, 6, 7]), ("deeper", 2, [1, 2]), ("chained", 4, [1, 2, 3, 4]), ("unread", 2, [1, 2])],
)
def test_the_line_that_failed_is_marked(failed: dict[str, Outcome], name: str, marked: int, lines: list[int]) -> None:
    found = read_lines(failed[name].path, failed[name].cell)
    assert [line.number for line in found if line.marked] == [marked]
    assert [line.number for line in found] == lines
    assert [line.text for line in found] == [CELLS[name].splitlines()[number - 1] for number in lines]


def test_a_failure_in_a_log_is_plain_lines_with_the_command_to_open_it(
    failed: dict[str, Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = failed["deeper"].path
    monkeypatch.chdir(path.parents[2])
    assert shown(failed["deeper"], plain=True, width=40).splitlines() == [
        "deeper: cell step1",
        "    1  import json",
        ">   2  json.loads('{')",
        "JSONDecodeError: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
        "saved  reports/failed/deeper.ipynb",
        "open   coprod lab reports/failed/deeper.ipynb",
        "",
    ]
    monkeypatch.chdir(Path(__file__).parent)
    assert f"open   coprod lab {str(path)!r}\n" in shown(failed["deeper"], plain=True)  # a path with a space


def test_a_failure_in_a_terminal_is_a_panel_and_its_paths_stay_whole(failed: dict[str, Outcome]) -> None:
    text = shown(failed["raises"], plain=False, width=40)
    assert text.startswith(
        "\N{BOX DRAWINGS LIGHT ARC DOWN AND RIGHT}\N{BOX DRAWINGS LIGHT HORIZONTAL} raises: cell step1 "
    )
    assert ">   6  one / 0" in text
    assert f"saved  {failed['raises'].path}\n" in text


def test_a_notebook_that_fails_as_a_whole_says_so_without_source(failed: dict[str, Outcome]) -> None:
    first, second, *_ = shown(failed["quiet"], plain=True).splitlines()
    assert first == "quiet: the notebook as a whole"
    assert second.startswith("ResultsDiffer: quiet declares 'missing'")


def test_where_no_line_is_known_the_last_ones_are_shown(failed: dict[str, Outcome]) -> None:
    found = read_lines(failed["quiet"].path, "step1")
    assert [(line.number, line.marked) for line in found] == [(number, False) for number in range(5, 10)]


def test_a_second_go_is_told(tmp_path: Path) -> None:
    outcome = Outcome(name="x", status="failed", seconds=1, path=tmp_path / "x.ipynb", error="Stopped", retried=True)
    assert "Stopped\nits kernel had died once" in shown(outcome, plain=True)


@pytest.mark.parametrize(
    "text", [None, "{", "[]", json.dumps({"cells": [{"id": "other"}]}), '{"cells": [{"id": "x"}]}']
)
def test_what_cannot_be_read_has_no_lines(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "x.ipynb").write_text(text)
    assert read_lines(tmp_path / "x.ipynb", "x") == []
