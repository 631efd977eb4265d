"""Columns that say who somebody is: by their names, and by addresses in their cells."""

from __future__ import annotations

import re

import pandas as pd

from coprod.data import Sheet
from coprod.training.sections import fold

_WHO = (
    r"(?:first|middle|last|full|sur|fore|given|family|user|respondent|participant|patient|staff|student|trainee|your|"
    r"contact|nick|screen|display)"
)
NAMES = re.compile(
    rf"(?:(?:what is|please (?:enter|give)|enter) )?(?:{_WHO}?[ _.-]*){{1,3}}names?\d*\W*|"
    r".*\be[ -]?mails?\b.*|\w*email(?:[ _.-]*address)?\d*|ip(?:[ _.-]*address)?|"
    r".*(?:latitude|longitude|post ?code|postal).*|location.*|gps.*|"
    r"(?:tele|mobile|cell|work|home|contact)?[ _.-]*(?:tele)?phone.*|mobile(?:[ _.-]*(?:no|number))?|"
    r"(?:(?:home|street|your)[ _.-]*)?address|zip(?:[ _.-]*code)?|"
    r".*date[ _.-]*of[ _.-]*birth.*|dob|birth[ _.-]*(?:date|day)|"
    r"(?:nhs|ni|national insurance|passport|staff|student|employee|payroll|hospital)[ _.-]*(?:number|no\.?|id)|"
    r"recipient.*|external[ _.-]*(?:data[ _.-]*)?reference|custom[ _.-]*data.*|signature"
)
"""Folded names of columns that say who somebody is."""
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[a-zA-Z]{2,}|(?:\d{1,3}\.){3}\d{1,3}|(?:[\da-fA-F]{0,4}:){3,7}[\da-fA-F]{0,4}")
"""A cell that is an e-mail or IP address."""


def is_personal_name(name: str) -> bool:
    """Tell whether a column of that name says who somebody is.

    Examples
    --------
    >>> [is_personal_name(name) for name in ("RecipientLastName", "IP Address", "Cohort name", "c1")]
    [True, True, False, False]
    """
    return NAMES.fullmatch(fold(name)) is not None


def holds_addresses(cells: pd.Series) -> bool:
    """Tell whether any cell is an e-mail or IP address and nothing else.

    Examples
    --------
    >>> holds_addresses(pd.Series(["a@b.org", None])), holds_addresses(pd.Series(["ask a@b.org", 3]))
    (True, False)
    """
    return any(isinstance(cell, str) and ADDRESS.fullmatch(cell) for cell in cells.unique())


def find_personal(sheet: Sheet) -> list[str]:
    """Name the columns that say who somebody is, by their names and by addresses in their cells."""
    return [
        name
        for position, name in enumerate(sheet.header)
        if is_personal_name(name) or holds_addresses(sheet.cells[position])
    ]
