"""What a notebook calls says what it takes, what it gives and shows it, since that is what a reader asks for first."""

from __future__ import annotations

import ast
import inspect
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").rglob("*.ipynb"))


def imported(tree: ast.Module) -> Iterator[tuple[str, Any]]:
    """Give what a notebook imports from coprod, by the name it has there."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("coprod"):
            bound: dict[str, Any] = {}
            exec(compile(ast.Module([node], []), "notebook", "exec"), bound)
            yield from ((name, thing) for name, thing in bound.items() if name != "__builtins__")


def called(path: Path) -> Iterator[Callable[..., Any]]:
    """Give the functions of coprod that a notebook calls."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    names = dict(imported(ast.parse(code)))
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if isinstance(module := names.get(node.value.id), ModuleType):
                yield getattr(module, node.attr)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            yield names[node.func.id]


FUNCTIONS = {f"{f.__module__}.{f.__name__}": f for path in NOTEBOOKS for f in called(path)}


def section(function: Callable[..., Any], title: str) -> str:
    found = re.search(
        rf"^{title}\n-+\n(.*?)(?=^\w[\w ]*\n-+\n|\Z)", inspect.getdoc(function) or "", re.MULTILINE | re.DOTALL
    )
    return found[1] if found else ""


def test_the_functions_that_notebooks_call_are_found() -> None:
    assert {"coprod.data.talk.read_talk", "coprod.training.tables.change.table_methods"} <= {*FUNCTIONS}
    assert len(FUNCTIONS) > 60


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_that_a_notebook_calls_is_explained_and_shown(name: str) -> None:
    function = FUNCTIONS[name]
    listed = re.findall(r"^([\w*, ]+) : ", section(function, "Parameters"), re.MULTILINE)
    assert {part.strip(" *") for line in listed for part in line.split(",")} == {
        *inspect.signature(function).parameters
    }
    assert section(function, "Returns")
    example = section(function, "Examples")
    assert f"{function.__name__}(" in example
    assert re.search(r"^(?!>>>|\.\.\.)\S", example, re.MULTILINE), "an example shows what comes out"
