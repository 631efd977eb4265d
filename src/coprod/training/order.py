"""The order of cohorts wherever they are listed: the protocol's, else as people count."""

from __future__ import annotations

import re
from collections.abc import Iterable

_DIGITS = re.compile(r"(\d+)")


def order_cohorts(names: Iterable[str], planned: Iterable[str] | None = None) -> list[str]:
    """Put names of cohorts in order, each once.

    Parameters
    ----------
    names : iterable of str
        As they come.
    planned : iterable of str, optional
        The protocol's order; cohorts that are not in it come after, and names nobody has are left out.

    Returns
    -------
    list of str
        The planned ones first; the others with numbers in them by size and letters whatever their case.

    Examples
    --------
    >>> order_cohorts(["Cohort 10", "Cohort 2", "cohort 1", "Cohort 2"])
    ['cohort 1', 'Cohort 2', 'Cohort 10']
    >>> order_cohorts(["A", "B", "C"], planned=["C", "D", "A"])
    ['C', 'A', 'B']
    """
    found = set(names)
    first = [name for name in planned or () if name in found]
    return [*first, *sorted(found.difference(first), key=_as_counted)]


def _as_counted(name: str) -> tuple[list[tuple[int, str]], str]:
    parts = _DIGITS.split(name.casefold())
    return [(int(part), "") if place % 2 else (-1, part) for place, part in enumerate(parts)], name
