"""How survey tools lay out their exports: which rows are headers, which columns are personal."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from coprod.data import Sheet
from coprod.errors import DataError
from coprod.training.protocol import Layout, fold

PERSONAL = re.compile(
    r"(?:(?:first|last|full|sur|fore|given|family|user|respondent|your|contact)?[ _.-]*){1,2}name|"
    r".*\be-?mail(?:[ _.-]*address)?|ip(?:[ _.-]*address)?|.*(?:latitude|longitude)|location.*|"
    r"(?:tele)?phone.*|mobile.*|(?:home|postal)?[ _.-]*address|post[ _.-]*code|zip(?:[ _.-]*code)?|"
    r"date[ _.-]*of[ _.-]*birth|dob|birth[ _.-]*(?:date|day)|nhs[ _.-]*(?:number|no)|"
    r"(?:recipient|external).*|custom[ _.-]*data.*"
)
"""Folded names of columns that say who somebody is."""
PERSONAL_CELL = re.compile(r"[^@\s]+@[^@\s]+\.[a-zA-Z]{2,}|(?:\d{1,3}\.){3}\d{1,3}")
"""A cell that is an e-mail or IP address."""
LOOKED_AT = 200
"""Rows of a column that are looked at for addresses."""


@dataclass(frozen=True)
class Arranged:
    """A sheet whose headers are understood.

    Attributes
    ----------
    sheet : Sheet
        One name per column, the cells under them.
    layout : str
        Which tool wrote it.
    aliases : mapping
        Folded question texts and other names, and the column each stands for.
    """

    sheet: Sheet
    layout: str
    aliases: Mapping[str, str] = field(default_factory=dict)

    def find(self, name: str) -> int | None:
        """Return the position of a column by its name, or by its question in any case and spacing."""
        header = self.sheet.header
        if name in header:
            return header.index(name)
        other = self.aliases.get(fold(name))
        return header.index(other) if other is not None else None


def arrange(sheet: Sheet, layout: Layout = "auto") -> Arranged:
    """Understand the headers of a sheet.

    Parameters
    ----------
    sheet : Sheet
        As read.
    layout : str
        Which tool wrote it; ``"auto"`` looks for itself.

    Returns
    -------
    Arranged
        Rows of headers taken off, and what questions were asked under each name.

    Raises
    ------
    DataError
        If the sheet is not laid out as it is said to be.
    """
    found = _recognise(sheet) if layout == "auto" else layout
    arranged = ARRANGERS[found](sheet) if found in ARRANGERS else Arranged(sheet, found)
    if not len(arranged.sheet.cells):
        raise DataError(f"{sheet.name} has headers and no answers under them; export the answers anew")
    folded = {fold(name): name for name in reversed(arranged.sheet.header) if name}
    return replace(arranged, aliases={**arranged.aliases, **folded})


def find_personal(sheet: Sheet) -> list[str]:
    """Name the columns that say who somebody is, by their names and by addresses in their cells."""
    found = []
    for position, name in enumerate(sheet.header):
        cells = sheet.cells[position].dropna().head(LOOKED_AT)
        text = [cell for cell in cells if isinstance(cell, str)]
        if PERSONAL.fullmatch(fold(name)) or any(PERSONAL_CELL.fullmatch(cell) for cell in text):
            found.append(name)
    return found


def _recognise(sheet: Sheet) -> str:
    names = [fold(name) for name in sheet.header]
    first = sheet.cells.iloc[:2].map(str)
    if len(first) == 2 and first.iloc[1].str.contains("ImportId", regex=False).any():
        return "qualtrics"
    if "redcap_event_name" in names:
        return "redcap"
    if {"respondent id", "collector id"} <= set(names):
        return "surveymonkey"
    if {"start time", "completion time"} <= set(names):
        return "microsoft-forms"
    if names and re.match(r"unique ?response ?(?:number|no|id)", names[0]):
        return "jisc"
    return "plain"


def _qualtrics(sheet: Sheet) -> Arranged:
    """Take off the question texts and the import ids, rows 2 and 3."""
    if len(sheet.cells) < 2 or not sheet.cells.iloc[1].map(str).str.contains("ImportId", regex=False).any():
        raise DataError(f"{sheet.name}, row 3: no ImportId, so not Qualtrics with three header rows; set file.layout")
    texts = sheet.cells.iloc[0]
    return Arranged(_without(sheet, 2), "qualtrics", _aliases(zip(sheet.header, texts, strict=True)))


def _surveymonkey(sheet: Sheet) -> Arranged:
    """Join each question with the option under it, row 2; a question spans the columns after it."""
    question, names = "", []
    for name, option in zip(sheet.header, sheet.cells.iloc[0], strict=True):
        question = name or question
        words = "" if option is None or fold(option) in ("response", "open-ended response") else str(option)
        names.append(f"{question} - {words}" if words else question)
    doubles = [name for name in names if names.count(name) > 1]
    if doubles:
        raise DataError(f"{sheet.name}, rows 1 and 2: {doubles[0]!r} is there twice; rename one question")
    header = replace(sheet, header=tuple(names))
    options = _aliases((name, name.split(" - ", 1)[1]) for name in names if " - " in name)
    return Arranged(_without(header, 1), "surveymonkey", options)


def _numbered(layout: str) -> Callable[[Sheet], Arranged]:
    """Let questions be named without the number before them, or by the number alone."""

    def understand(sheet: Sheet) -> Arranged:
        pairs: list[tuple[str, str]] = []
        for name in sheet.header:
            if parts := re.match(r"(Q?\d+(?:\.[\da-z]+)*)[.):]?\s+(.+)", name):
                pairs += [(name, parts[1]), (name, parts[2])]
        return Arranged(sheet, layout, _aliases(pairs))

    return understand


def _redcap(sheet: Sheet) -> Arranged:
    """Take the arm off the events: ``pre_arm_1`` is ``pre``."""
    position = sheet.header.index("redcap_event_name") if "redcap_event_name" in sheet.header else None
    if position is None:
        raise DataError(f"{sheet.name}: no column redcap_event_name, so not REDCap with events; set file.layout")
    cells = sheet.cells.copy()
    cells[position] = cells[position].map(lambda event: re.sub(r"_arm_\d+$", "", event), na_action="ignore")
    return Arranged(replace(sheet, cells=cells), "redcap")


def _without(sheet: Sheet, rows: int) -> Sheet:
    cells = sheet.cells.iloc[rows:].reset_index(drop=True)
    return replace(sheet, cells=cells, first_row=sheet.first_row + rows)


def _aliases(pairs: Iterable[tuple[str, object]]) -> dict[str, str]:
    """Return other names of columns, those left out that would stand for two."""
    found: dict[str, str] = {}
    doubled = set()
    for name, text in pairs:
        if not isinstance(text, str):
            continue
        key = fold(text)
        if key in found and found[key] != name:
            doubled.add(key)
        found[key] = name
    return {key: name for key, name in found.items() if key not in doubled}


ARRANGERS: Mapping[str, Callable[[Sheet], Arranged]] = {
    "qualtrics": _qualtrics,
    "surveymonkey": _surveymonkey,
    "redcap": _redcap,
    "microsoft-forms": _numbered("microsoft-forms"),
    "jisc": _numbered("jisc"),
}
