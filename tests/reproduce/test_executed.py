import json
from pathlib import Path
from typing import Any

import pytest

from coprod.reproduce.executed import judge, normalise
from coprod.reproduce.notebooks import Notebook

INPUT, OUTPUT = "notebooks/x.ipynb", "reports/notebooks/x.ipynb"


def cell(name: str | None, **content: Any) -> dict[str, Any]:
    return {**({"id": name} if name else {}), "metadata": {}, "source": "", **content}


def book(*cells: dict[str, Any]) -> dict[str, Any]:
    return {"metadata": {}, "cells": list(cells)}


def test_ids_made_up_in_a_run_become_fixed() -> None:
    source = book(cell("kept"), cell(None))
    injected = {"metadata": {"tags": ["injected-parameters"]}}
    texts = {
        normalise(book(cell("kept"), cell(made, **injected), cell(made[::-1])), source, INPUT, OUTPUT)
        for made in ("a1b2", "c3d4")
    }
    (text,) = texts
    assert [c["id"] for c in json.loads(text)["cells"]] == ["kept", "injected-parameters", "cell-2"]


def test_process_numbers_leave_warnings() -> None:
    outputs = [{"output_type": "stream", "text": ["/x/ipykernel_123/45.py:1: ", "careful"]}]
    executed = book(cell("a", outputs=outputs))
    text = normalise(executed, book(cell("a")), INPUT, OUTPUT)
    assert json.loads(text)["cells"][0]["outputs"][0]["text"] == "/x/ipykernel/45.py:1: careful"
    assert executed["cells"][0]["outputs"] is outputs  # the caller's notebook is not changed
    assert outputs[0]["text"][0].startswith("/x/ipykernel_123")


def test_a_run_stopped_before_its_first_cell_names_no_cell(tmp_path: Path) -> None:
    path = tmp_path / "x.ipynb"
    path.write_text(json.dumps(book(cell("a"))))
    outcome = judge(Notebook("x", "Why?", (), (), path), path, "no kernel")
    assert (outcome.status, outcome.cell, outcome.error, outcome.message) == ("failed", "", "Stopped", "no kernel")


def test_a_result_shown_twice_is_a_failure(project: Path) -> None:
    path = project / "reports" / "notebooks" / "01_replies.ipynb"
    content = json.loads(path.read_text())
    content["cells"].append(content["cells"][-1])
    path.write_text(json.dumps(content))
    outcome = judge(Notebook("01_replies", "Why?", (), ("share", "replies"), path), path)
    assert outcome.message == "01_replies displays 'replies' more than once"


def test_colours_leave_the_message(tmp_path: Path) -> None:
    path = tmp_path / "x.ipynb"
    error = {"output_type": "error", "ename": "E", "evalue": "\x1b[31mred\x1b[0m"}
    path.write_text(json.dumps(book(cell("a", source=["x\n", "y\n"], outputs=[error]))))
    outcome = judge(Notebook("x", "Why?", (), (), path), path)
    assert (outcome.message, outcome.source, outcome.seconds) == ("red", "x\ny", 0)


@pytest.mark.parametrize("duration", [None, 2.5])
def test_the_time_of_a_run_is_read_from_it(tmp_path: Path, duration: float | None) -> None:
    path = tmp_path / "x.ipynb"
    path.write_text(json.dumps({"metadata": {"papermill": {"duration": duration}}, "cells": []}))
    assert judge(Notebook("x", "Why?", (), (), path), path).seconds == (duration or 0)


@pytest.mark.parametrize(
    ("printed", "error", "message"),
    [
        ("Traceback\nMemoryError\n", "MemoryError", "a kernel may take 900 MB; give it more with --memory"),
        ("Traceback\nMemoryError: 4 GB", "MemoryError", "4 GB; a kernel may take 900 MB; give it more with --memory"),
        ("Traceback\nValueError: no: reply\n", "ValueError", "no: reply"),
        ("it went wrong", "CellFailed", "it went wrong"),
        ("", "CellFailed", ""),
    ],
)
def test_a_cell_that_failed_is_a_failure_also_where_its_error_is_not_shown(
    tmp_path: Path, printed: str, error: str, message: str
) -> None:
    path = tmp_path / "x.ipynb"
    failed = cell(
        "a", outputs=[{"output_type": "stream", "text": printed}], metadata={"papermill": {"exception": True}}
    )
    path.write_text(json.dumps(book(failed)))
    outcome = judge(Notebook("x", "Why?", (), (), path), path, memory=900)
    assert (outcome.status, outcome.cell, outcome.error, outcome.message) == ("failed", "a", error, message)


def test_what_was_refused_is_a_failure_of_the_first_cell_it_was_refused_to(tmp_path: Path) -> None:
    path = tmp_path / "x.ipynb"
    path.write_text(json.dumps(book(cell("a", execution_count=1), cell("b", execution_count=2))))
    outcome = judge(Notebook("x", "Why?", (), (), path), path, refused=[(2, "no network"), (3, "no data")])
    assert (outcome.status, outcome.cell, outcome.error) == ("failed", "b", "RefusedError")
    assert outcome.message == "no network\nno data"
