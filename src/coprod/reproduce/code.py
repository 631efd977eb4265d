"""Code without what does not count: comments, layout, docstrings."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

Pieces = list[list[str]]
"""Name and digest of each piece, in order."""
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


@cache
def _definitions(source: bytes) -> tuple[tuple[str, str], ...]:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return (("", _digest(source.decode(errors="replace"))),)
    for node in ast.walk(tree):
        if isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            del node.body[0]
    return tuple((_name(node), _digest(ast.dump(node))) for node in tree.body)


def definitions(source: bytes) -> Pieces:
    r"""Digest each top-level statement of a module.

    Parameters
    ----------
    source : bytes
        A module. Its comments, docstrings and layout do not count.

    Returns
    -------
    list of pairs
        Name of the function, class or variable, or ``"imports"``, or ``"module level"``; and digest.

    Examples
    --------
    >>> definitions(b"def f(): return 1") == definitions(b"def f():\n    return 1  # one")
    True
    >>> [name for name, _ in definitions(b"import os\nA = 1\nprint(A)")]
    ['imports', 'A', 'module level']
    """
    return [[name, digest] for name, digest in _definitions(source)]


def code_of_cells(cells: Iterable[Mapping[str, Any]]) -> Pieces:
    """Digest the code cells of a notebook, each with its tags; outputs do not count.

    Examples
    --------
    >>> def cell(source):
    ...     return {"cell_type": "code", "id": "a", "source": source, "metadata": {}}
    >>> code_of_cells([cell("1+1")]) == code_of_cells([cell("1 + 1  # two")])
    True
    >>> code_of_cells([cell("1 + 1")]) == code_of_cells([cell("1 + 1;")])  # which shows nothing
    False
    """
    pieces = []
    for number, cell in enumerate(cells, start=1):
        if cell["cell_type"] == "code":
            content = (_code(cell["source"]), sorted(cell["metadata"].get("tags", [])))
            pieces.append([str(cell.get("id") or number), _digest(repr(content))])
    return pieces


def _code(source: str) -> str:
    """Return a cell's code without its comments; as it is where it is not plain Python."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return source.strip()
    lines = source.splitlines()
    end = (tree.body[-1].end_lineno or 0) if tree.body else 0
    silent = bool(end) and lines[end - 1].encode()[tree.body[-1].end_col_offset :].strip().startswith(b";")
    return f"{ast.dump(tree)}{';' if silent else ''}"


def _name(node: ast.stmt) -> str:
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return name
        case ast.Assign(targets=[ast.Name(id=name), *_]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
        case ast.Import() | ast.ImportFrom():
            return "imports"
        case _:
            return "module level"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:16]
