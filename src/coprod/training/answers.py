"""Answers as numbers: digits as they are, words through the labels of their scale."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import pandas as pd

from coprod.errors import suggest
from coprod.training.protocol import ScaleEntry, fold

LEADING = re.compile(r"(-?\d+(?:[.,]\d+)?)\s*(?:[-–=:.)(]\s*\S.*)?")
"""A number, and perhaps the words it stands for: ``4 - Agree``."""


def to_numbers(
    cells: pd.Series, scale: ScaleEntry, item: str, labels: Mapping[float, str]
) -> tuple[pd.Series, list[tuple[int, str]]]:
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

    Returns
    -------
    numbers : Series
        Missing where not answered or not understood.
    faults : list of (index, str)
        What is wrong with the first row of each wrong answer.

    Examples
    --------
    >>> entry = ScaleEntry(name="c", minimum=1, maximum=5, items=("c1",), labels={"Strongly agree": 5})
    >>> to_numbers(pd.Series(["strongly  AGREE", " 4", None]), entry, "c1", {})[0].tolist()
    [5.0, 4.0, nan]
    """
    known = {fold(word): number for number, word in labels.items()}
    known |= {fold(word): number for word, number in scale.labels.items()}
    different = cells.dropna().unique()
    meaning = {answer: _number(answer, known) for answer in different}
    numbers = cells.map(meaning, na_action="ignore").astype("Float64").astype(float)
    faults = []
    for answer, what in _wrong(meaning, scale, item, known):
        rows = cells.index[cells == answer]
        times = f" ({len(rows)} such answers)" if len(rows) > 1 else ""
        faults.append((int(rows[0]), f"{what.format(times=times)}"))
    return numbers, faults


def _number(answer: object, known: Mapping[str, float]) -> float | None:
    if isinstance(answer, bool):
        return None
    if isinstance(answer, (int, float)):
        return float(answer)
    words = fold(answer)
    if words in known:
        return float(known[words])
    match = LEADING.fullmatch(words)
    return float(match[1].replace(",", ".")) if match else None


def _wrong(
    meaning: Mapping[object, float | None], scale: ScaleEntry, item: str, known: Mapping[str, float]
) -> Iterator[tuple[object, str]]:
    for answer, number in meaning.items():
        shown = str(answer).replace("{", "{{").replace("}", "}}")
        if number is None:
            mend = suggest(str(answer), scale.labels or known) if known else "add it to the scale's labels"
            yield answer, f"scale {scale.name!r}: {shown!r} is not a number{{times}}; {mend}"
        elif not scale.minimum <= number <= scale.maximum:
            limits = f"{scale.minimum:g}-{scale.maximum:g}"
            yield (
                answer,
                f"scale {scale.name!r}: item {item} has response {shown}, outside {limits}{{times}}; recode or drop it",
            )
