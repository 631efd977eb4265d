"""The last look before anything is shown: a result, or a whole folder of output."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pandas as pd

from coprod.errors import DataError
from coprod.faults import Fault
from coprod.privacy.columns import KNOWN, PEOPLE
from coprod.privacy.profiles import Profile
from coprod.results import Figure, Result, Table, Value

NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
PHRASES = re.compile(
    r"(?<![\d.,−+–-])\b(?P<n>\d+|" + "|".join(NUMBERS) + r")\b(?![.,]\d)"
    r"(?: of (?:the )?(?P<m>\d+)\b(?! (?:cohort|scale|item|wave|table|test|figure))|"
    r" (?:people|participants?|persons?|respondents?|staff|students?|nurses?|replie[sd]|answered)\b)",
    re.IGNORECASE,
)
"""Counts of people in running text."""
DATA_URI = re.compile(r"data:[\w/+.-]+;base64,([A-Za-z0-9+/=]+)")
TEXT = frozenset({".csv", ".html", ".ipynb", ".json", ".md", ".svg", ".toml", ".txt"})


def check_result(result: Result, profile: Profile) -> Result:
    """Let a result through that keeps the profile's rules.

    Parameters
    ----------
    result : Result
        About to be displayed.
    profile : Profile
        The rules.

    Returns
    -------
    Result
        The same.

    Raises
    ------
    DataError
        If it shows single people, a small count, or a column that is not known to hide them.
    """
    if profile.person_level:
        return result
    faults = list(_of_words(_words(result), profile))
    if isinstance(result, (Table, Figure)):
        faults += _of_columns(result.data, profile)
    if isinstance(result, Value) and result.unit in ("people", "participants") and _is_small(result.value, profile):
        faults.append(f"the value {result.value} counts few people")
    if faults:
        raise DataError(f"result {result.id!r} may not be shown under profile {profile.name!r}: {'; '.join(faults)}")
    return result


def check_folder(folder: Path, profile: Profile, forbidden: Iterable[str] = ()) -> list[Fault]:
    """Search every file of an output folder for what the profile hides.

    Parameters
    ----------
    folder : Path
        CSV, JSON, SVG, HTML, notebooks and text; pictures inside them are decoded.
    profile : Profile
        The rules.
    forbidden : iterable of str
        Words that may stand nowhere, such as the participants' codes.

    Returns
    -------
    list of Fault
        Each with its file, and the row of a CSV; empty when nothing is revealed.
    """
    if profile.person_level:
        return []
    words = [re.compile(rf"(?<![\w.]){re.escape(word)}(?![\w.]|\.\d)") for word in forbidden]
    faults = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        if path.suffix not in TEXT:
            faults.append(Fault(name, None, None, f"a {path.suffix} file cannot be searched; leave it out"))
            continue
        content = path.read_text(encoding="utf-8")
        faults += _of_file(name, content, profile)
        shown = _readable(content)
        faults += [
            Fault(name, None, None, f"{word.pattern!r} may not stand here") for word in words if word.search(shown)
        ]
    return faults


def _of_file(name: str, content: str, profile: Profile) -> Iterator[Fault]:
    for what in dict.fromkeys(_of_words(_readable(content), profile)):
        yield Fault(name, None, None, what)
    if name.endswith(".csv"):
        frame = pd.DataFrame(list(csv.DictReader(io.StringIO(content))))
        for what in _of_columns(frame, profile):
            yield Fault(name, None, None, what)
    if name.endswith((".ipynb", ".json")):
        for frame in _frames(json.loads(content)):
            for what in _of_columns(frame, profile):
                yield Fault(name, None, None, what)


def _frames(content: Any) -> Iterator[pd.DataFrame]:
    """Walk down to the data of every result kept in JSON."""
    if isinstance(content, dict):
        if set(content) >= {"columns", "rows"}:
            yield pd.DataFrame(content["rows"], columns=content["columns"], dtype=object)
        for part in content.values():
            yield from _frames(part)
    elif isinstance(content, list):
        for part in content:
            yield from _frames(part)


def _of_columns(frame: pd.DataFrame, profile: Profile) -> Iterator[str]:
    for name in frame:
        if name not in KNOWN:
            yield f"column {name!r} is not known to hide single people"
        if name in PEOPLE:
            for cell in frame[name]:
                if _is_small(cell, profile):
                    yield f"column {name!r} shows a count of {cell}"
                elif _is_number(cell) and float(cell) % profile.base:
                    yield f"column {name!r} shows {cell}, which is not rounded to {profile.base}"


def _of_words(words: str, profile: Profile) -> Iterator[str]:
    for match in PHRASES.finditer(words):
        for number in (match["n"], match["m"]):
            if number and _is_small(
                NUMBERS.index(number.lower()) + 1 if number.lower() in NUMBERS else number, profile
            ):
                yield f"the words {match[0]!r} count few people"


def _is_number(cell: object) -> bool:
    try:
        return not pd.isna(float(str(cell)))
    except ValueError:
        return False


def _is_small(cell: object, profile: Profile) -> bool:
    return _is_number(cell) and (0 if profile.zero else -1) < float(str(cell)) < profile.least


def _words(result: Result) -> str:
    drawn = [result.alt, *map(_readable, (result.wide, result.narrow))] if isinstance(result, Figure) else []
    return "\n".join([result.title, result.answer, result.source, *drawn])


def _readable(content: str) -> str:
    """Return a file's text with pictures inside it decoded, and the numbers of drawings and markup left out."""
    inside = [base64.b64decode(match[1]).decode("utf-8", errors="ignore") for match in DATA_URI.finditer(content)]
    text = "\n".join([DATA_URI.sub("", content), *inside]).replace("\\n", "\n")
    text = re.sub(r"<(?:style|script)\b.*?</(?:style|script)>", " ", text, flags=re.DOTALL)
    kept = re.sub(r"<[^>]*>", " ", re.sub(r'(?:alt|title|aria-label)=\\?"([^"]*)"', r">\1<", text))
    return unescape(kept)
