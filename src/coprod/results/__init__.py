"""Results that carry themselves: a number, a table or a figure with its words, data and source.

A result displayed in a notebook puts three things into the cell's output: HTML to look at, plain
text, and one JSON under :data:`MIME` that holds everything. An executed notebook is therefore the
one artefact of a run: :func:`read_notebook` gives the results back from it.
"""

from coprod.results.kinds import (
    DATA_TOLERANCE,
    FITTED_TOLERANCE,
    MIME,
    SCHEMA,
    UNDRAWN,
    Figure,
    Result,
    Table,
    Value,
    headline,
)
from coprod.results.notebooks import from_json, read_notebook
from coprod.results.plain import show

__all__ = [
    "DATA_TOLERANCE",
    "FITTED_TOLERANCE",
    "MIME",
    "SCHEMA",
    "UNDRAWN",
    "Figure",
    "Result",
    "Table",
    "Value",
    "from_json",
    "headline",
    "read_notebook",
    "show",
]
