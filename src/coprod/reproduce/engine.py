"""Papermill's engine with one saving: the executed notebook is written when it has ended, not twice for every cell.

Nothing reads it earlier, and writing it anew each time cost more of the run's processor time than all else it does.
"""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode
from papermill.engines import NBClientEngine, NotebookExecutionManager, papermill_engines

NAME = "coprod"


class SavingEngine(NBClientEngine):  # type: ignore[misc]  # Papermill says nothing of its types
    """Runs a notebook as Papermill does and has it written once, however the run ends."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: NotebookExecutionManager, kernel_name: str, **options: Any
    ) -> NotebookNode:
        """Run a notebook; its manager, which has written it at the start, writes it at the end."""
        place, nb_man.output_path = nb_man.output_path, None
        try:
            executed: NotebookNode = super().execute_managed_notebook(nb_man, kernel_name, **options)
            return executed
        finally:
            nb_man.output_path = place


papermill_engines.register(NAME, SavingEngine)
