"""The columns the models are built of.

A column says here, once, what it means, its unit, its legal values and the words an error uses for
them. ``data/datapackage.json`` is written from the models, and :mod:`coprod.data` checks every file
against them on reading.
"""

from __future__ import annotations

from typing import Any

import pandera.pandas as pa

DAY = r"^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$"


def cells(
    description: str, unit: str | None = None, *, form: str | None = None, refers_to: str | None = None, **rules: Any
) -> Any:
    """Describe a column: its form in words ("is not ..."), and the column ``table.column`` it points to."""
    return pa.Field(description=description, metadata={"unit": unit, "form": form, "refers_to": refers_to}, **rules)


def keys(description: str, **rules: Any) -> Any:
    """Describe a column of keys."""
    form = "a key of lower-case letters, digits and underscores"
    return cells(description, form=form, str_matches=r"^[a-z][a-z0-9_]*$", **rules)


def years(description: str, **rules: Any) -> Any:
    """Describe a column of years."""
    return cells(description, "year", form="a year from 1900 to 2100", ge=1900, le=2100, **rules)


def days(description: str, **rules: Any) -> Any:
    """Describe a column of days."""
    return cells(description, "date", form="a date such as 2017-09-14", str_matches=DAY, **rules)


def percents(description: str) -> Any:
    """Describe a column of percentages kept as printed, since their decimals say how they were rounded."""
    pattern = r"^(?:\d{1,2}(?:\.\d+)?|100(?:\.0+)?)$"
    return cells(description, "per cent", form="a percentage from 0 to 100", str_matches=pattern)


def links(description: str, **rules: Any) -> Any:
    """Describe a column of addresses."""
    form = "an address that begins with http:// or https://"
    return cells(description, form=form, str_matches=r"^https?://\S+$", **rules)


def in_words(column: pa.Column) -> str:
    """Say which values a column takes, to follow "is not".

    Parameters
    ----------
    column : pandera.Column
        A column of one of the models.

    Returns
    -------
    str
        Such as ``"a percentage from 0 to 100"`` or ``"one of 'yes', 'no'"``.

    Examples
    --------
    >>> from coprod.schemas import Survey
    >>> columns = Survey.to_schema().columns
    >>> in_words(columns["percent"]), in_words(columns["base"]), in_words(columns["origin"])
    ('a percentage from 0 to 100', 'a whole number of 1 or more', "one of 'document', 'outside'")
    """
    rules = {name: value for check in column.checks for name, value in check.statistics.items()}
    if form := column.metadata["form"]:
        return str(form)
    if "allowed_values" in rules:
        return f"one of {', '.join(repr(value) for value in rules['allowed_values'])}"
    if str(column.dtype) != "Int64":
        return "text"
    return f"a whole number of {rules['min_value']} or more" if "min_value" in rules else "a whole number"
