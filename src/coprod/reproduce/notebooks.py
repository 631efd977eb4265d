"""The notebooks in reading order, as ``notebooks/notebooks.toml`` lists them."""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from coprod.errors import DataError, UsageError, suggest

LISTING = "notebooks.toml"


@dataclass(frozen=True)
class Notebook:
    """One notebook and what it is for.

    Attributes
    ----------
    name : str
        File name without ``.ipynb``, such as ``"03_commissioning"``.
    question : str
        The one question it answers.
    slides : tuple of str
        Slides of the talk it reproduces.
    results : tuple of str
        Ids of the results it displays; no more and no fewer.
    path : Path
        The notebook file.
    title : str
        What it is called in few words, as in a list of chapters; the question where none is given.
    """

    name: str
    question: str
    slides: tuple[str, ...]
    results: tuple[str, ...]
    path: Path
    title: str = ""


def list_notebooks(home: Path) -> list[Notebook]:
    """Read ``notebooks/notebooks.toml``.

    Parameters
    ----------
    home : Path
        Project folder.

    Returns
    -------
    list of Notebook
        In reading order.

    Raises
    ------
    DataError
        If the listing is missing, is not TOML of the expected form, names a notebook that is not
        there, or gives two notebooks the same name or result.
    """
    folder = home / "notebooks"
    listing = folder / LISTING
    try:
        with open(listing, "rb") as file:
            entries = tomllib.load(file)["notebook"]
        notebooks = [_notebook(entry, folder) for entry in entries]
    except FileNotFoundError:
        raise DataError(f"{listing} is missing; restore it with 'git checkout -- notebooks/{LISTING}'") from None
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError, UnicodeDecodeError) as error:
        raise DataError(
            f"{listing} is not a list of [[notebook]] tables with name, question, slides and results "
            f"({type(error).__name__}: {error}); mend it"
        ) from None
    _refuse_doubles("notebook", (notebook.name for notebook in notebooks), listing)
    _refuse_doubles("result", (name for notebook in notebooks for name in notebook.results), listing)
    return notebooks


def choose(notebooks: Sequence[Notebook], words: Iterable[str]) -> list[Notebook]:
    """Pick notebooks by name, by number or by path; all of them when no word is given.

    Parameters
    ----------
    notebooks : sequence of Notebook
        What there is.
    words : iterable of str
        Such as ``"03_commissioning"``, ``"03"`` or ``"notebooks/03_commissioning.ipynb"``.

    Returns
    -------
    list of Notebook
        In reading order, each once.

    Raises
    ------
    UsageError
        If a word names no notebook, or more than one.
    """
    wanted = {_find(notebooks, word).name for word in words} or {notebook.name for notebook in notebooks}
    return [notebook for notebook in notebooks if notebook.name in wanted]


def say_slides(slides: Sequence[str]) -> str:
    """Write slides in few words.

    Examples
    --------
    >>> say_slides(["S0", "S1", "S2", "S10", "S11"])
    'S0 to S2, S10, S11'
    """
    numbers = [int(slide.removeprefix("S")) for slide in slides]
    runs = [[number for _, number in run] for _, run in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0])]
    return ", ".join(
        f"S{run[0]} to S{run[-1]}" if len(run) > 2 else ", ".join(f"S{number}" for number in run) for run in runs
    )


def read_source(path: Path) -> dict[str, Any]:
    """Read a notebook file as plain JSON, without running anything.

    Raises
    ------
    DataError
        If the file is missing, cut short or not a notebook of format 4.
    """
    mend = f"restore it with 'git checkout -- notebooks/{path.name}'"
    try:
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
        if content["nbformat"] != 4:
            raise ValueError(f"notebook format {content['nbformat']!r}, expected 4")
        for cell in content["cells"]:
            cell["source"] = "".join(cell["source"])
            cell["metadata"].setdefault("tags", [])
    except FileNotFoundError:
        raise DataError(f"{path} is missing; {mend}, or take it out of {LISTING}") from None
    except json.JSONDecodeError as error:
        raise DataError(
            f"{path} is not a whole notebook: {error.msg} at line {error.lineno}, column {error.colno}; {mend}"
        ) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{path} is not a whole notebook ({type(error).__name__}: {error}); {mend}") from None
    return dict(content)


def _notebook(entry: Mapping[str, Any], folder: Path) -> Notebook:
    known = {"name", "title", "question", "slides", "results"}
    if stray := sorted(set(entry) - known):
        raise KeyError(f"unknown key {stray[0]!r}, {suggest(stray[0], sorted(known))}")
    for key in ("slides", "results"):
        if not isinstance(entry[key], list) or not all(isinstance(item, str) for item in entry[key]):
            raise TypeError(f"{key} is not a list of texts")
    if stray := [slide for slide in entry["slides"] if not re.fullmatch(r"S(?:\d|1[01])", slide)]:
        raise TypeError(f"slide {stray[0]!r} is not one of S0 to S11")
    name, question = entry["name"], entry["question"]
    title = entry.get("title", question)
    if not all(isinstance(text, str) for text in (name, title, question)):
        raise TypeError("name, title and question are not all texts")
    return Notebook(name, question, tuple(entry["slides"]), tuple(entry["results"]), folder / f"{name}.ipynb", title)


def _find(notebooks: Sequence[Notebook], word: str) -> Notebook:
    stem = Path(word).name.removesuffix(".ipynb")
    found = [n for n in notebooks if n.name == stem] or [n for n in notebooks if n.name.split("_")[0] == stem.zfill(2)]
    if len(found) == 1:
        return found[0]
    names = [notebook.name for notebook in (found or notebooks)]
    raise UsageError(f"{word!r} names {'more than one' if found else 'no'} notebook; {suggest(stem, names)}")


def _refuse_doubles(kind: str, names: Iterable[str], listing: Path) -> None:
    if doubles := [name for name, times in Counter(names).items() if times > 1]:
        raise DataError(f"{listing}: {kind} {doubles[0]!r} is listed twice; each has one place")
