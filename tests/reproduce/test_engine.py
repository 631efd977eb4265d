import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from coprod.reproduce.execute import Task, _longest_first, run_notebooks
from coprod.reproduce.notebooks import Notebook

LOOK = """
import json, pathlib
from ipykernel.connect import get_connection_file
saved = pathlib.Path(get_connection_file()).with_name("executed.ipynb")
print([cell["metadata"]["papermill"]["status"] for cell in json.loads(saved.read_text())["cells"]])
"""


def notebook(path: Path) -> Notebook:
    return Notebook(path.stem, "Why?", ("S5",), (), path)


def test_a_notebook_is_not_written_for_every_cell_and_whole_in_the_end(
    tmp_path: Path, write_notebook: Callable[..., Path]
) -> None:
    path = write_notebook(tmp_path / "x.ipynb", LOOK, "1 / 0", "print('never')")
    (outcome,) = run_notebooks([Task(notebook(path), tmp_path / "r")], home=tmp_path)
    cells = [cell for cell in json.loads(outcome.path.read_text())["cells"] if cell["cell_type"] == "code"]
    assert cells[1]["outputs"][0]["text"] == "['pending', 'pending', 'pending', 'pending']\n"
    ended = [cell["metadata"]["papermill"]["status"] for cell in cells]
    assert ended == ["completed", "completed", "failed", "pending"]
    assert outcome.cell == "step2"


def test_the_longest_begins_first_and_what_is_not_known_before_it(tmp_path: Path) -> None:
    known = {"short": 1.0, "long": 9.0}
    (tmp_path / "memory").mkdir()
    for name, seconds in known.items():
        record = {"schema": 1, "seconds": seconds}
        (tmp_path / "memory" / f"{name}.json").write_text(json.dumps(record))
    names = ["short", "small", "long", "large"]
    tasks = [Task(notebook(Path(f"{name}.ipynb")), tmp_path) for name in names]
    sources: list[dict[str, Any]] = [
        {"cells": [{"cell_type": "code", "source": "a = 1\n" * (3 if name == "large" else 1)}]} for name in names
    ]
    assert [names[at] for at in _longest_first(tasks, sources)] == ["large", "small", "long", "short"]
