import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from coprod.reproduce.execute import Task, run_notebooks
from coprod.reproduce.guard import Guard
from coprod.reproduce.notebooks import Notebook
from coprod.reproduce.observe import Observer, beside, read_observed, stamp, watch

SIZES = {"memory": 3_000_000, "output": 2_000_000}


@pytest.fixture
def heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Observer:
    monkeypatch.setenv("COPROD_HOME", str(tmp_path))
    return Observer()


def test_a_file_read_is_noted_with_its_stamp_at_the_first_reading(heard: Observer, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("1")
    first = stamp(path)
    heard.hear("open", (str(path), "r", 0))
    path.write_text("22")
    heard.hear("open", (os.fsencode(path), "r", 0))
    assert heard.observed()["files"] == {str(path): first}
    assert first != stamp(path)


def test_a_file_that_is_not_there_is_noted_too(heard: Observer, tmp_path: Path) -> None:
    heard.hear("open", (str(tmp_path / "absent.csv"), "r", 0))
    assert heard.observed()["files"] == {str(tmp_path / "absent.csv"): None}


@pytest.mark.parametrize(
    ("mode", "flags", "read"),
    [
        ("r", 0, True), ("rb", 0, True), ("r+", 0, True), ("a", 0, True), ("w", 0, False), ("xb", 0, False),
        (None, os.O_RDONLY, True), (None, os.O_RDWR, True), (None, os.O_WRONLY, True),
        (None, os.O_WRONLY | os.O_TRUNC, False), (None, os.O_WRONLY | os.O_CREAT | os.O_EXCL, False),
    ],
)  # fmt: skip
def test_what_is_made_is_no_input_even_when_read_later(
    heard: Observer, tmp_path: Path, mode: str | None, flags: int, read: bool
) -> None:
    heard.hear("open", (str(tmp_path / "a"), mode, flags))
    heard.hear("open", (str(tmp_path / "a"), "r", 0))
    assert bool(heard.files) == read


def test_other_events_open_files_and_pythons_own_files_are_left_out(heard: Observer, tmp_path: Path) -> None:
    for event, path in (("os.remove", str(tmp_path)), ("open", 3), ("open", os.__file__), ("open", "/proc/self/stat"),
                        ("open", str(Path(sys.prefix, "lib", "x")))):  # fmt: skip
        heard.hear(event, (path, "r", 0))
    assert heard.files == {}


def test_modules_of_coprod_and_packages_are_told_apart(heard: Observer) -> None:
    observed = heard.observed()
    assert any(path.endswith("coprod/errors.py") for path in observed["modules"])
    assert not any(path.endswith("coprod/reproduce/observe.py") for path in observed["modules"])
    assert "pytest" in observed["packages"]
    assert not {"os", "coprod", "__main__"} & set(observed["packages"])


def test_a_kernel_writes_after_each_cell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No hook is set here: one that is set stays for good."""
    hooks: list[Callable[..., None]] = []
    cells: list[Callable[[object], None]] = []
    monkeypatch.setattr(sys, "addaudithook", hooks.append)
    monkeypatch.setattr("ipykernel.connect.get_connection_file", lambda: str(tmp_path / "kernel.json"))
    shell = type("Shell", (), {"events": type("Events", (), {"register": lambda *a: cells.append(a[-1])})()})
    monkeypatch.setattr("coprod.reproduce.observe.guard", lambda *_, **sizes: sizes == SIZES and Guard(tmp_path, 1))
    watch(shell, memory=3, output=2)
    hooks[0]("open", (str(tmp_path / "a"), "r", 0))
    assert read_observed(tmp_path / "kernel.observed.json") == {}
    cells[0](type("Result", (), {"execution_count": 1}))
    assert read_observed(beside(tmp_path / "kernel.json"))["files"] == {str(tmp_path / "a"): None}


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory, write_notebook: Callable[..., Path]) -> dict[str, Any]:
    """What kernels of both kinds saw of one notebook."""
    home = Path(os.path.realpath(tmp_path_factory.mktemp("seen")))
    (home / "data").mkdir()
    for name in ("pandas.csv", "plain.txt", "subprocess.txt", "relative.txt"):
        (home / "data" / name).write_text("a,b\n1,2\n")
    path = write_notebook(
        home / "notebooks" / "reads.ipynb",
        f"import subprocess, pandas\nfolder = {str(home / 'data')!r}",
        "pandas.read_csv(folder + '/pandas.csv')\nopen(folder + '/plain.txt').read()",
        "subprocess.run(['cat', folder + '/subprocess.txt'], check=True)\nopen('../data/relative.txt').close()",
        "import coprod.errors\nleft = [name for name in dir() if 'watch' in name.lower()]\nprint(left)",
    )
    notebook = Notebook("reads", "?", (), (), path)
    (outcome,) = run_notebooks([Task(notebook, home / "reports")], home=home)
    assert outcome.status == "ok", outcome
    return {"home": home, "path": outcome.path, **outcome.observed}


def test_files_read_by_the_kernel_are_seen_and_those_of_a_subprocess_are_not(seen: dict[str, Any]) -> None:
    below = {Path(path).relative_to(seen["home"]).as_posix() for path in seen["files"] if str(seen["home"]) in path}
    assert {"data/pandas.csv", "data/plain.txt", "data/relative.txt"} <= below
    assert "data/subprocess.txt" not in below


def test_modules_and_packages_imported_by_the_kernel_are_seen(seen: dict[str, Any]) -> None:
    assert {Path(path).name for path in seen["modules"]} >= {"errors.py", "__init__.py"}
    assert "pandas" in seen["packages"]
    assert seen["python"] == sys.version.split()[0]


def test_watching_leaves_nothing_behind_in_the_notebook(seen: dict[str, Any]) -> None:
    text = seen["path"].read_text()
    assert json.loads(text)["cells"][-1]["outputs"][0]["text"].strip() == "[]"
    assert "observed" not in text
    assert [path.name for path in (seen["home"] / "reports").iterdir()] == ["notebooks"]
