"""Answers as numbers: digits as they are, words through the labels of their scale."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import NamedTuple

import pandas as pd

from coprod.training.personal import ADDRESS
from coprod.training.sections import ScaleEntry, fold

LEADING = re.compile(r"(-?\d+(?:\.\d+|,(?!\d{3}\b)\d+)?)(?:\s*[-–=:.)(]\s*[^\W\d][^\d]*)?")
"""A number, and perhaps the words it stands for: ``4 - Agree``; never a range, a date or a thousand."""
MOST_SHOWN = 3
LONGEST = 40


class Wrong(NamedTuple):
    """What is wrong with some answers to an item.

    Attributes
    ----------
    rows : tuple of int
        Index of the rows.
    what, mend : str
        The fault, and what to do about it.
    """

    rows: tuple[int, ...]
    what: str
    mend: str


def to_numbers(
    cells: pd.Series, scale: ScaleEntry, item: str, labels: Mapping[float, str], missing: Iterable[str] = ()
) -> tuple[pd.Series, list[Wrong]]:
    """Turn the answers to one item into numbers.

    Parameters
    ----------
    cells : Series
        Numbers or text; missing where not answered.
    scale : ScaleEntry
        The item's scale, with its range and its labels.
    item : str
        Name of the item.
    labels : mapping
        Words the file itself gives to numbers (SPSS).
    missing : iterable of str
        What stands for no answer.

    Returns
    -------
    numbers : Series
        Missing where not answered or not understood.
    faults : list of Wrong
        One for each wrong answer; where there are many different ones, they are taken together.

    Examples
    --------
    >>> entry = ScaleEntry(name="c", minimum=1, maximum=5, items=("c1",), labels={"Strongly agree": 5})
    >>> to_numbers(pd.Series(["strongly  AGREE", " 4", None, "n/a"]), entry, "c1", {}, ["N/A"])[0].tolist()
    [5.0, 4.0, nan, nan]
    """
    known = {fold(word): float(number) for number, word in labels.items()}
    known |= {fold(word): number for word, number in scale.labels.items()}
    none = {fold(word) for word in missing}
    asked = [answer for answer in cells.dropna().unique() if fold(to_word(answer)) not in none]
    meaning = {answer: _number(answer, known) for answer in asked}
    numbers = cells.map(meaning, na_action="ignore").astype("Float64").astype(float)
    words = [*scale.labels, *labels.values()]
    return numbers, [*_unread(cells, meaning, scale, words), *_outside(cells, meaning, scale, item)]


def to_word(cell: object) -> str:
    """Write a cell as a word; a whole number without its decimals, however long.

    Examples
    --------
    >>> to_word(12345678.0), to_word(" 007 "), to_word(2.5)
    ('12345678', '007', '2.5')
    """
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def list_rows(rows: Sequence[int]) -> str:
    """Name rows, the first few of many.

    Examples
    --------
    >>> list_rows([4]), list_rows([4, 9]), list_rows([4, 9, 12, 15, 20, 31])
    ('row 4', 'rows 4 and 9', 'rows 4, 9, 12, 15 and 2 more')
    """
    if len(rows) == 1:
        return f"row {rows[0]}"
    shown = [str(row) for row in rows[:4]]
    last = f"{len(rows) - 4} more" if len(rows) > 4 else shown.pop()
    return f"rows {', '.join(shown)} and {last}"


def name_rows(rows: Sequence[int]) -> str:
    """Name the rows of a fault in brackets where there are several; the first one is named by the fault itself."""
    return f" ({list_rows(rows)})" if len(rows) > 1 else ""


def suggest_or(word: str, known: Iterable[str], otherwise: str) -> str:
    """Name the nearest known word, or all of them, and what to do where it is none of these.

    Examples
    --------
    >>> suggest_or("pst", ["Pre", "Post"], "add it")
    "did you mean 'Post'? If not, add it"
    >>> suggest_or("zzz", ["Pre", "Post"], "add it")
    "known are 'Pre' and 'Post'; correct it, or add it"
    """
    names = {fold(name): name for name in known}
    near = get_close_matches(fold(word), names, n=1, cutoff=0.7)
    if near or not names:
        return f"did you mean {names[near[0]]!r}? If not, {otherwise}" if near else otherwise
    *most, last = map(repr, names.values())
    listed = f"{', '.join(most)} and {last}" if most else last
    return f"known {'are' if most else 'is'} {listed}; correct it, or {otherwise}"


def _number(answer: object, known: Mapping[str, float]) -> float | None:
    words = fold(answer)
    if words in known:
        return known[words]
    if isinstance(answer, (int, float)):
        return None if isinstance(answer, bool) else float(answer)
    match = LEADING.fullmatch(words)
    return float(match[1].replace(",", ".")) if match else None


def _unread(
    cells: pd.Series, meaning: Mapping[object, float | None], scale: ScaleEntry, words: Iterable[str]
) -> Iterator[Wrong]:
    """Name answers that are no numbers; many different ones are one fault."""
    unread = [answer for answer, number in meaning.items() if number is None]
    add = "add it to the scale's labels, or to columns.missing if it stands for no answer"
    if len(unread) > MOST_SHOWN:
        shown = " and ".join(_show(answer) for answer in unread[:2])
        what = f"scale {scale.name!r}: {len(unread)} different answers are not numbers, such as {shown}"
        yield Wrong(_rows(cells, unread), what, f"name another column, or {add.replace('it', 'them', 1)}")
        return
    for answer in unread:
        what = f"scale {scale.name!r}: {_show(answer)} is not a number"
        yield Wrong(_rows(cells, [answer]), what, suggest_or(to_word(answer), words, add))


def _outside(cells: pd.Series, meaning: Mapping[object, float | None], scale: ScaleEntry, item: str) -> Iterator[Wrong]:
    outside = [a for a, n in meaning.items() if n is not None and not scale.minimum <= n <= scale.maximum]
    limits = f"outside {scale.minimum:g}-{scale.maximum:g}"
    if len(outside) > MOST_SHOWN:
        shown = " and ".join(_show(answer) for answer in outside[:2])
        what = f"scale {scale.name!r}: item {item} has {len(outside)} different responses {limits}, such as {shown}"
        yield Wrong(_rows(cells, outside), what, "name another column, or correct the scale's range")
        return
    mend = "recode or drop it, or add it to columns.missing if it stands for no answer"
    for answer in outside:
        what = f"scale {scale.name!r}: item {item} has response {to_word(answer)}, {limits}"
        yield Wrong(_rows(cells, [answer]), what, mend)


def _rows(cells: pd.Series, answers: Sequence[object]) -> tuple[int, ...]:
    return tuple(int(row) for row in cells.index[cells.isin(answers)])


def _show(answer: object) -> str:
    """Write an answer into an error: shortened, and never an address."""
    words = to_word(answer)
    if ADDRESS.fullmatch(words):
        return "an e-mail or IP address"
    return repr(words if len(words) <= LONGEST else f"{words[:LONGEST]}...")
