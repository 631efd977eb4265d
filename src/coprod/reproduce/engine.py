"""Papermill's engine with one saving: the executed notebook is written when it has ended, not twice for every cell.

Nothing reads it earlier, and writing it anew each time cost more of the run's processor time than all else it does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nbformat import NotebookNode
from papermill.engines import NBClientEngine, NotebookExecutionManager, papermill_engines

NAME = "coprod"


class SavingEngine(NBClientEngine):  # type: ignore[misc]  # Papermill says nothing of its types
    """Runs a notebook as Papermill does and has it written once, however the run ends."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: NotebookExecutionManager,
        kernel_name: str,
        on_cell: Callable[[int, int, str], None] | None = None,
        **options: Any,
    ) -> NotebookNode:
        """Run a notebook; its manager, which has written it at the start, writes it at the end."""
        place, nb_man.output_path = nb_man.output_path, None
        if on_cell:
            nb_man.cell_start = _telling(nb_man, on_cell)
        try:
            executed: NotebookNode = super().execute_managed_notebook(nb_man, kernel_name, **options)
            return executed
        finally:
            nb_man.output_path = place


def _telling(nb_man: NotebookExecutionManager, on_cell: Callable[[int, int, str], None]) -> Callable[..., None]:
    """Note the start of a cell as the manager does, and tell of each code cell: its place, their number, its id."""
    start: Callable[..., None] = nb_man.cell_start
    code = [position for position, cell in enumerate(nb_man.nb.cells) if cell.cell_type == "code"]

    def cell_start(cell: NotebookNode, cell_index: int | None = None, **rest: Any) -> None:
        if cell_index in code:
            injected = "injected-parameters"
            name = injected if injected in cell.metadata.get("tags", ()) else cell.get("id", "")
            on_cell(code.index(cell_index), len(code), name)
        start(cell, cell_index, **rest)

    return cell_start


papermill_engines.register(NAME, SavingEngine)
