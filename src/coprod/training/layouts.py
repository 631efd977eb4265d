"""How survey tools lay out their exports: which rows are headers, and what each column asks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import get_args

import pandas as pd

from coprod.data import Sheet
from coprod.errors import DataError, check_word
from coprod.training.sections import Layout, fold

NO_OPTION = ("response", "open-ended response")
"""What SurveyMonkey writes under a question that has one column."""


@dataclass(frozen=True, eq=False)
class Arranged:
    """A sheet whose headers are understood.

    Attributes
    ----------
    sheet : Sheet
        One name per column, the cells under them.
    layout : str
        Which tool wrote it.
    aliases : mapping
        Folded question texts and other names, and the columns each may stand for.
    """

    sheet: Sheet
    layout: str
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def find(self, name: str) -> tuple[str, ...]:
        """Return the columns a name may stand for: one by that very name, else all by their question or spelling."""
        return (name,) if name in self.sheet.header else self.aliases.get(fold(name), ())

    def cells(self, column: str) -> pd.Series:
        """Return the cells of a column."""
        return self.sheet.cells[self.sheet.header.index(column)]


def arrange(sheet: Sheet, layout: Layout = "auto") -> Arranged:
    """Understand the headers of a sheet.

    Parameters
    ----------
    sheet : Sheet
        As read.
    layout : {"auto", "plain", "qualtrics", "microsoft-forms", "jisc", "redcap", "surveymonkey"}
        Which tool wrote it; ``"auto"`` looks for itself.

    Returns
    -------
    Arranged
        Rows of headers taken off, and what questions were asked under each name.

    Raises
    ------
    DataError
        If the sheet is not laid out as it is said to be.
    UsageError
        If the layout is not known.
    """
    check_word(layout, get_args(Layout), "layout")
    found = _recognise(sheet) if layout == "auto" else layout
    arranged = ARRANGERS[found](sheet) if found in ARRANGERS else Arranged(sheet, found)
    if not len(arranged.sheet.cells):
        raise DataError(f"{sheet.name} has headers and no answers under them; export the answers anew")
    pairs = [(name, fold(name)) for name in arranged.sheet.header if name]
    pairs += [(name, other) for name, text in sheet.questions.items() for other in (fold(text), *_split_number(text))]
    pairs += [(name, other) for other, names in arranged.aliases.items() for name in names]
    return replace(arranged, aliases=_group(pairs))


def strip_arm(event: str) -> str:
    """Take the arm off an event of REDCap.

    Examples
    --------
    >>> strip_arm("pre_arm_1")
    'pre'
    """
    return re.sub(r"_arm_\d+[a-z]?$", "", event)


def _recognise(sheet: Sheet) -> str:
    names = [fold(name) for name in sheet.header]
    if len(sheet.cells) > 1 and _has_import_ids(sheet):
        return "qualtrics"
    if "redcap_event_name" in names:
        return "redcap"
    if {"respondent id", "collector id"} <= set(names):
        return "surveymonkey"
    if {"start time", "completion time"} <= set(names):
        return "microsoft-forms"
    if any(re.fullmatch(r"unique ?response ?(?:number|no\.?|id)", name) for name in names):
        return "jisc"
    return "plain"


def _has_import_ids(sheet: Sheet) -> bool:
    return any("ImportId" in str(cell) for cell in sheet.cells.iloc[1])


def _qualtrics(sheet: Sheet) -> Arranged:
    """Take off the question texts and the import ids, rows 2 and 3."""
    if len(sheet.cells) < 2 or not _has_import_ids(sheet):
        raise DataError(
            f"{sheet.name}, row 3: no ImportId, so this is not Qualtrics with three header rows; set file.layout"
        )
    texts = [(name, str(text)) for name, text in zip(sheet.header, sheet.cells.iloc[0], strict=True) if text]
    rows = [(name, text.rsplit(" - ", 1)[1]) for name, text in texts if " - " in text]  # of a table of questions
    return Arranged(_without(sheet, 2), "qualtrics", _group((name, fold(text)) for name, text in texts + rows))


def _surveymonkey(sheet: Sheet) -> Arranged:
    """Join each question with the option under it, row 2; a question spans the columns after it."""
    question, names, options = "", [], []
    for name, option in zip(sheet.header, sheet.cells.iloc[0], strict=True):
        question = name or question
        words = "" if option is None or fold(option) in NO_OPTION else str(option)
        names.append(f"{question} - {words}" if words else question)
        options.append((names[-1], fold(words)))
    doubles = [name for name in names if names.count(name) > 1]
    if doubles:
        raise DataError(f"{sheet.name}, rows 1 and 2: {doubles[0]!r} is there twice; rename one question")
    header = replace(sheet, header=tuple(names))
    return Arranged(_without(header, 1), "surveymonkey", _group((name, words) for name, words in options if words))


def _numbered(layout: str) -> Callable[[Sheet], Arranged]:
    """Let questions be named without the number before them, or by the number alone."""

    def understand(sheet: Sheet) -> Arranged:
        return Arranged(sheet, layout, _group((name, part) for name in sheet.header for part in _split_number(name)))

    return understand


def _split_number(question: str) -> tuple[str, ...]:
    """Return the number and the words of a numbered question, folded; nothing where it has no number."""
    parts = re.match(r"(Q?\d+(?:\.[\da-z]+)*)[.):]?\s+(.+)", question, re.DOTALL)
    return (fold(parts[1]), fold(parts[2])) if parts else ()


def _redcap(sheet: Sheet) -> Arranged:
    if "redcap_event_name" not in sheet.header:
        raise DataError(
            f"{sheet.name}: no column redcap_event_name, so this is not REDCap with events; set file.layout"
        )
    return Arranged(sheet, "redcap")


def _without(sheet: Sheet, rows: int) -> Sheet:
    cells = sheet.cells.iloc[rows:].reset_index(drop=True)
    return replace(sheet, cells=cells, first_row=sheet.first_row + rows)


def _group(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """Return other names, and the columns each may stand for."""
    found: dict[str, dict[str, None]] = {}
    for name, other in pairs:
        found.setdefault(other, {})[name] = None
    return {other: tuple(names) for other, names in found.items()}


ARRANGERS: Mapping[str, Callable[[Sheet], Arranged]] = {
    "qualtrics": _qualtrics,
    "surveymonkey": _surveymonkey,
    "redcap": _redcap,
    "microsoft-forms": _numbered("microsoft-forms"),
    "jisc": _numbered("jisc"),
}
