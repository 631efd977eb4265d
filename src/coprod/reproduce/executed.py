"""What an executed notebook says of its run: how it ended, where it failed, and the same bytes each time."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from coprod.errors import CoprodError, DataError
from coprod.reproduce.broken import find_broken, place_of
from coprod.reproduce.guard import Refusal, RefusedError
from coprod.reproduce.notebooks import Notebook

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How the run of one notebook ended.

    Attributes
    ----------
    name : str
        Name of the notebook.
    status : str
        ``"ok"`` or ``"failed"``.
    seconds : float
        Wall time.
    path : Path
        The executed notebook, whole or as far as it came.
    parameters : mapping
        The values that are not the notebook's defaults.
    cell : str
        Id of the failing cell; empty when no single cell failed.
    source : str
        Last lines of that cell.
    error, message : str
        Name of the error and what it says.
    retried : bool
        Whether its kernel died and this is how it ended the second time.
    observed : mapping
        What its kernel read and imported (:mod:`coprod.reproduce.observe`).
    """

    name: str
    status: Literal["ok", "failed"]
    seconds: float
    path: Path
    parameters: Mapping[str, object] = field(default_factory=dict)
    cell: str = ""
    source: str = ""
    error: str = ""
    message: str = ""
    retried: bool = False
    observed: Mapping[str, Any] = field(default_factory=dict)


def judge(
    notebook: Notebook, path: Path, stopped: str = "", *, refused: Sequence[Refusal] = (), memory: int | None = None
) -> Outcome:
    """Tell from an executed notebook how its run ended.

    Parameters
    ----------
    notebook : Notebook
        What the notebook declares.
    path : Path
        The executed notebook.
    stopped : str, optional
        Why the run stopped without an error in a cell, such as a kernel that died.
    refused : sequence of pairs, optional
        Execution count of a cell, and what it wanted and a run does not allow, also where it went on regardless.
    memory : int, optional
        Megabytes its kernel could have, for the message where they were not enough.

    Returns
    -------
    Outcome
        Failed when a cell raised, when the run stopped, when something was refused, when an image or
        a result is broken, and when the results displayed are not exactly those declared.
    """
    seconds = 0.0
    fault: dict[str, Any] = {}
    try:
        content = _read(path)
        seconds = float(content["metadata"].get("papermill", {}).get("duration") or 0)
        fault = (
            _cell_error(content, memory)
            or (_stopped(content, stopped) if stopped else {})
            or _refused(content, refused)
            or find_broken(content["cells"])
            or _undeclared(notebook, path)
        )
    except CoprodError as error:
        fault = {"error": type(error).__name__, "message": str(error)}
    status: Literal["ok", "failed"] = "failed" if fault else "ok"
    return Outcome(name=notebook.name, status=status, seconds=seconds, path=path, **fault)


def say_memory(megabytes: int) -> str:
    """Say how much memory a kernel could have, and how to give it more.

    Examples
    --------
    >>> say_memory(8000)
    'a kernel may take 8000 MB; give it more with --memory'
    """
    return f"a kernel may take {megabytes} MB; give it more with --memory"


def normalise(executed: Mapping[str, Any], source: Mapping[str, Any], input_path: str, output_path: str) -> str:
    """Write an executed notebook so that two runs differ in nothing but their run times.

    Parameters
    ----------
    executed, source : mapping
        The notebook after and before its run.
    input_path, output_path : str
        What to record as its places, relative to the project.

    Returns
    -------
    str
        JSON with sorted keys, the same on every machine.
    """
    content: dict[str, Any] = json.loads(json.dumps(executed))
    content["metadata"].setdefault("papermill", {}).update(input_path=input_path, output_path=output_path)
    own = {cell.get("id") for cell in source["cells"]}
    for position, cell in enumerate(content["cells"]):
        if cell.get("id") not in own or cell.get("id") is None:
            tags = cell["metadata"].get("tags", [])
            cell["id"] = "injected-parameters" if "injected-parameters" in tags else f"cell-{position}"
        for output in cell.get("outputs", []):
            if "text" in output:  # a warning names the process it came from
                output["text"] = re.sub(r"ipykernel_\d+", "ipykernel", "".join(output["text"]))
    return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _read(path: Path) -> dict[str, Any]:
    try:
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
        return {"metadata": content["metadata"], "cells": list(content["cells"])}
    except FileNotFoundError:
        raise DataError(f"{path} is missing; run 'coprod run' to make it") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"{path} is not a whole notebook ({type(error).__name__}: {error}); delete it and run 'coprod run'"
        ) from None


def _cell_error(content: Mapping[str, Any], memory: int | None) -> dict[str, str]:
    for cell in content["cells"]:
        outputs = cell.get("outputs", [])
        errors = [(output["ename"], output["evalue"]) for output in outputs if output.get("output_type") == "error"]
        if not errors and cell["metadata"].get("papermill", {}).get("exception"):
            errors = [_unshown(outputs)]
        for name, said in errors:
            message = _COLOUR.sub("", said)
            if name == "MemoryError" and memory:
                message = "; ".join(filter(None, (message, say_memory(memory))))
            return {**place_of(cell), "error": name, "message": message}
    return {}


def _unshown(outputs: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    """Tell the name and the words of an error that the kernel could not put together, by the last line it printed."""
    lines = "".join("".join(output.get("text", "")) for output in outputs).rstrip().splitlines() or [""]
    name, _, said = lines[-1].strip().partition(": ")
    return (name, said) if name.isidentifier() else ("CellFailed", lines[-1].strip())


def _stopped(content: Mapping[str, Any], reason: str) -> dict[str, str]:
    code = [cell for cell in content["cells"] if cell.get("cell_type") == "code"]
    begun = [cell for cell in code if cell["metadata"].get("papermill", {}).get("start_time")]
    if not begun:
        return {"error": "Stopped", "message": reason}
    where = f"in code cell {len(begun)} of {len(code)}, {begun[-1].get('id', '')!r}"
    return {**place_of(begun[-1]), "error": "Stopped", "message": f"{where}: {reason}"}


def _refused(content: Mapping[str, Any], refused: Sequence[Refusal]) -> dict[str, str]:
    if not refused:
        return {}
    cells = [cell for cell in content["cells"] if cell.get("execution_count") == refused[0][0]]
    message = "\n".join(why for _, why in refused)
    return {**(place_of(cells[0]) if cells else {}), "error": RefusedError.__name__, "message": message}


def _undeclared(notebook: Notebook, path: Path) -> dict[str, str]:
    from coprod.results import read_notebook  # noqa: PLC0415 - imports pandas, which no kernel waits for

    shown = [result.id for result in read_notebook(path)]
    faults = [f"declares {name!r} in notebooks.toml and does not display it" for name in notebook.results
              if name not in shown]  # fmt: skip
    faults += [f"displays {name!r} without declaring it in notebooks.toml" for name in dict.fromkeys(shown)
               if name not in notebook.results]  # fmt: skip
    faults += [f"displays {name!r} more than once" for name in dict.fromkeys(shown) if shown.count(name) > 1]
    return {"error": "ResultsDiffer", "message": f"{notebook.name} " + "; it ".join(faults)} if faults else {}
