"""Running everything twice: under what should make no difference, to see that it makes none."""

from __future__ import annotations

import csv
import random
import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, Unpack

from coprod.reproduce.alike import compare_runs
from coprod.reproduce.execute import Task, run_notebooks
from coprod.reproduce.executed import Outcome
from coprod.reproduce.how import How
from coprod.reproduce.lock import temporary_folder
from coprod.reproduce.notebooks import list_notebooks
from coprod.schemas import IN_ORDER

SEED = 2017
ROW_ORDER, THREADS = "row order", "number of threads"
OTHER_THREADS = 2
TIME_ZONE = "<+14>-14"
"""The furthest from Greenwich, written so that no database of zones is needed."""

Condition = Mapping[str, str]


@dataclass(frozen=True)
class Difference:
    """Where a notebook did not give the same twice.

    Attributes
    ----------
    notebook, cell : str
        Name of the notebook, and id of the first cell that differs.
    words : str
        What differs, with both values.
    conditions : tuple of str
        Which of the changed conditions make it differ alone; empty where only all of them together do.
    """

    notebook: str
    cell: str
    words: str
    conditions: tuple[str, ...]


@dataclass(frozen=True)
class Twice:
    """What two runs gave.

    Attributes
    ----------
    notebooks : int
        How many ran.
    conditions : mapping
        Each condition that was changed, and to what.
    differences : tuple of Difference
        One for each notebook that differs.
    failed : tuple of Outcome
        Notebooks that failed in the first run, so that there is nothing to compare with.
    """

    notebooks: int
    conditions: Mapping[str, str]
    differences: tuple[Difference, ...]
    failed: tuple[Outcome, ...]

    @property
    def exit_code(self) -> int:
        """0 the same twice, 1 a notebook failed, 3 something differs."""
        return 1 if self.failed else 3 if self.differences else 0

    @property
    def sentence(self) -> str:
        """The outcome in one sentence."""
        same = self.notebooks - len(self.differences) - len(self.failed)
        return f"{same} of {self.notebooks} notebooks gave the same again, under another {say_list(self.conditions)}."

    @property
    def says_how(self) -> str:
        """What the second run had, in one line."""
        return "Other conditions: " + "; ".join(f"{name} {value}" for name, value in self.conditions.items()) + "."

    def to_json(self) -> dict[str, Any]:
        """Return what ``coprod check --twice --json`` prints."""
        return {
            "schema": 1,
            "ok": not self.exit_code,
            "conditions": dict(self.conditions),
            "differences": [asdict(difference) for difference in self.differences],
            "failed": [outcome.name for outcome in self.failed],
            "sentence": self.sentence,
        }


def check_twice(home: Path, *, on_end: Callable[[Outcome], None] = lambda _: None, **how: Unpack[How]) -> Twice:
    """Run every notebook again under what should make no difference, and compare what they display.

    Once more with another hash seed, time zone, locale and number of threads, and once more with the rows of the tables
    in another order. A notebook that differs in the former is run under each condition alone, so that the one to blame
    is named. Numbers are compared within the tolerance of their results. Under another order of rows a table may have
    its rows in another order too, and a sentence what it lists.

    Parameters
    ----------
    home : Path
        Project folder; nothing is written there.
    on_end : callable, optional
        Told of each outcome as its notebook ends.
    how : optional
        See :class:`~coprod.reproduce.how.How`.

    Returns
    -------
    Twice
        What differs, if anything.
    """
    conditions = other_conditions()
    with temporary_folder() as folder:
        shuffled = _shuffle_rows(home, folder / "shuffled")
        run = partial(_run, home=home, shuffled=shuffled, reports=folder, on_end=on_end, how=how)
        first = run([notebook.name for notebook in list_notebooks(home)], {})
        good = {name: outcome for name, outcome in first.items() if outcome.status == "ok"}
        together = {name: condition for name, condition in conditions.items() if name != ROW_ORDER}
        found = _differ(good, run(good, together))
        alone = {name: _differ(good, run(found, {name: condition})) for name, condition in together.items() if found}
        alone[ROW_ORDER] = _differ(good, run(good, {ROW_ORDER: {}}), rows=False)
        differences = []
        for name in (name for name in good if name in found or name in alone[ROW_ORDER]):
            blamed = {condition: differs[name] for condition, differs in alone.items() if name in differs}
            cell, words = next(iter(blamed.values()), None) or found[name]
            differences.append(Difference(name, cell, words, tuple(blamed)))
    failed = tuple(outcome for name, outcome in first.items() if name not in good)
    said = {name: ", ".join(dict.fromkeys(condition.values())) or "shuffled" for name, condition in conditions.items()}
    return Twice(len(first), said, tuple(differences), failed)


def _run(
    names: Iterable[str], conditions: Mapping[str, Condition], *, home: Path, shuffled: Path, reports: Path,
    on_end: Callable[[Outcome], None], how: How,
) -> dict[str, Outcome]:  # fmt: skip
    """Run notebooks under some conditions, into a folder of their own."""
    place = shuffled if ROW_ORDER in conditions else home
    environment = {key: text for condition in conditions.values() for key, text in condition.items()}
    folder = reports / ("-".join(conditions) or "first")
    tasks = [Task(notebook, folder) for notebook in list_notebooks(place) if notebook.name in names]
    if THREADS in conditions:
        how = {**how, "kernels": "plain"}  # a parent with threads cannot fork
    outcomes = run_notebooks(tasks, home=place, on_end=on_end, environment=environment, **how) if tasks else []
    return {outcome.name: outcome for outcome in outcomes}


def _differ(
    first: Mapping[str, Outcome], second: Mapping[str, Outcome], *, rows: bool = True
) -> dict[str, tuple[str, str]]:
    """Return, of the notebooks that differ, the first cell that does and how."""
    found = {name: compare_runs(first[name], outcome, rows=rows) for name, outcome in second.items()}
    return {name: difference for name, difference in found.items() if difference}


def other_conditions() -> dict[str, Condition]:
    """Return what the second run has otherwise: each condition with its environment variables."""
    threads = str(OTHER_THREADS)
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
    return {
        "hash seed": {"PYTHONHASHSEED": str(SEED)},
        "time zone": {"TZ": TIME_ZONE},
        "locale": {"LC_ALL": other_locale(_installed_locales())},
        THREADS: dict.fromkeys(names, threads),
        ROW_ORDER: {},
    }


def other_locale(installed: Sequence[str]) -> str:
    """Choose a locale as far from the usual as there is: with a decimal comma, or without any language.

    Examples
    --------
    >>> other_locale(["C", "C.utf8", "POSIX", "de_DE.utf8", "en_GB.utf8"])
    'de_DE.utf8'
    >>> other_locale(["C", "C.utf8", "POSIX"])
    'C'
    """
    comma = [name for name in installed if name[:2] in {"de", "fr", "es", "it", "nl", "pl", "pt", "ru", "sv", "tr"}]
    return (sorted(comma, key=lambda name: ("utf" not in name.lower(), name)) or ["C"])[0]


def say_list(names: Iterable[str]) -> str:
    """Write names as a list in a sentence.

    Examples
    --------
    >>> say_list(["hash seed", "time zone", "locale"])
    'hash seed, time zone and locale'
    """
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def _shuffle_rows(home: Path, place: Path) -> Path:
    """Copy a project, with the rows of each table whose order does not count in another."""
    place.mkdir()
    for part in ("data", "notebooks"):
        shutil.copytree(home / part, place / part)
    for name in ("requirements.lock",):
        with suppress(FileNotFoundError):
            shutil.copy(home / name, place)
    for path in sorted(path for path in (place / "data").rglob("*.csv") if path.stem not in IN_ORDER):
        with open(path, encoding="utf-8-sig", newline="") as file:
            header, rows = (lines := list(csv.reader(file)))[:1], lines[1:]
        random.Random(SEED).shuffle(rows)  # noqa: S311 - no secret
        with open(path, "w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([*header, *rows])
    return place


def _installed_locales() -> list[str]:
    with suppress(OSError):
        found = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=False)
        return found.stdout.split()
    return []
