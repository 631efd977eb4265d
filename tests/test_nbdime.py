"""Git shows and merges notebooks cell by cell after ``make nbdime``, in the clone it was run in and nowhere else."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., str]
FIRST, SECOND = "a = 1", "b = 2"


@pytest.fixture
def run(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A function that runs a command in a new repository with the attributes of this one, where make nbdime was run."""
    clone = tmp_path / "a clone"
    (clone / ".venv").mkdir(parents=True)
    (clone / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
    for name in (".gitattributes", "Makefile"):
        shutil.copy(root / name, clone)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "global"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("PATH", os.pathsep.join(["/usr/bin", "/bin"]))  # no environment is activated
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "Somebody")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "somebody@example.org")

    def run(*command: str) -> str:
        done = subprocess.run(command, cwd=clone, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run("git", "init", "-q", "-b", "main")
    run("make", "-o", ".venv/.installed", "nbdime")
    return run


def write(tmp_path: Path, *sources: str) -> None:
    """Write a notebook on a single line, of which git by itself can make nothing."""
    cells = [
        {
            "cell_type": "code",
            "id": f"cell{n}",
            "metadata": {},
            "outputs": [],
            "execution_count": None,
            "source": source,
        }
        for n, source in enumerate(sources)
    ]
    content = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}
    (tmp_path / "a clone" / "note.ipynb").write_text(json.dumps(content), encoding="utf-8")


def test_a_changed_notebook_is_shown_cell_by_cell(run: Run, tmp_path: Path) -> None:
    write(tmp_path, FIRST, SECOND)
    run("git", "add", "note.ipynb")
    run("git", "commit", "-q", "-m", "first")
    write(tmp_path, FIRST, "b = 3")
    shown = run("git", "diff")
    assert "## modified /cells/1/source:" in shown
    assert "-  b = 2" in shown
    assert "+  b = 3" in shown
    assert "nbformat_minor" not in shown


def test_changes_of_two_cells_are_merged(run: Run, tmp_path: Path) -> None:
    write(tmp_path, FIRST, SECOND)
    run("git", "add", "note.ipynb")
    run("git", "commit", "-q", "-m", "first")
    run("git", "switch", "-q", "-c", "other")
    write(tmp_path, "a = 10", SECOND)
    run("git", "commit", "-q", "-a", "-m", "first cell")
    run("git", "switch", "-q", "main")
    write(tmp_path, FIRST, "b = 20")
    run("git", "commit", "-q", "-a", "-m", "second cell")
    run("git", "merge", "-q", "other", "-m", "both")
    content = json.loads((tmp_path / "a clone" / "note.ipynb").read_text(encoding="utf-8"))
    assert ["".join(cell["source"]) for cell in content["cells"]] == ["a = 10", "b = 20"]


def test_no_other_repository_is_changed(run: Run, tmp_path: Path) -> None:
    assert "jupyternotebook" in run("git", "config", "--local", "--list")
    assert not (tmp_path / "global").exists()
    assert run("git", "status", "--short", ".gitattributes").startswith("??")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a clone"]
