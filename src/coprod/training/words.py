"""What may be said of a change: sentences made by rules, which never say more than their numbers do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import pandas as pd

from coprod.privacy import WITHHELD
from coprod.training.methods import METHODS
from coprod.training.protocol import ScaleEntry

NO_COMPARISON = "There was no comparison group, so a change cannot be put down to the training alone."
TOO_FEW = "Too few people answered for this to be shown."
SMALL_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_MINUS = "\u2212"


NEVER_CLAIMED: tuple[tuple[str, str], ...] = (
    ("That the training caused the change", "nobody was asked who was not trained; time and talk change answers too"),
    ("That one audience changed more than another", "audiences also differ in role, place, time and trainer"),
    ("That sectors differ", "cohorts mix people of several sectors, and answers are not told apart by sector"),
    ("That patients fare better", "those trained rated themselves; nobody they care for was asked"),
    ("That co-production made the difference", "no cohort was trained without it"),
    (
        "That a change was kept, since no test found a difference",
        "only an interval within a margin set beforehand can say so",
    ),
)
"""What is never printed as a finding, and why."""

Direction = Literal["rose", "fell", "unclear", "withheld", "unknown"]


def find_direction(row: Mapping[Any, Any]) -> Direction:
    """Tell which way a change went, by its interval: a direction is said only where the interval leaves out 0.

    Examples
    --------
    >>> find_direction({"estimate": 0.4, "conf_low": 0.1, "conf_high": 0.7})
    'rose'
    >>> find_direction({"estimate": 0.4, "conf_low": -0.1, "conf_high": 0.9})
    'unclear'
    """
    numbers = [row["estimate"], row["conf_low"], row["conf_high"]]
    if WITHHELD in numbers:
        return "withheld"
    if any(pd.isna(number) for number in numbers):
        return "unknown"
    return "rose" if row["conf_low"] > 0 else "fell" if row["conf_high"] < 0 else "unclear"


def say_change(
    row: Mapping[Any, Any], entry: ScaleEntry, before: str, after: str, level: float = 0.95,
    others: Sequence[Mapping[Any, Any]] = (),
) -> str:  # fmt: skip
    """Say one estimated change in words.

    Parameters
    ----------
    row : mapping
        ``estimate, conf_low, conf_high, n_cohorts, flag`` of an estimate, released for its readers.
    entry : ScaleEntry
        Its scale.
    before, after : str
        The two waves.
    level : float
        Confidence level of the interval.
    others : sequence of mapping
        The same change by other methods for future cohorts, with ``method``; those whose interval includes no change
        are named.

    Returns
    -------
    str
        Sentences that name the direction only where the interval leaves out 0.

    Examples
    --------
    >>> entry = ScaleEntry(name="confidence", items=("c1",), minimum=1, maximum=5)
    >>> row = {"estimate": 0.4, "conf_low": 0.1, "conf_high": 0.7, "n_cohorts": 5, "flag": ""}
    >>> say_change(row, entry, "before", "after").split(". ")[0]
    'The mean score of confidence rose by 0.40 points from before to after (95% interval 0.10 to 0.70)'
    """
    subject, between = f"The mean score of {entry.name}", f"from {before} to {after}"
    direction = find_direction(row)
    if direction == "withheld":
        return f"{TOO_FEW} {NO_COMPARISON}"
    if direction == "unknown":
        return f"No change of {entry.name} {between} can be estimated: {row['flag'] or 'there are too few answers'}."
    if direction == "unclear":
        amount, ends = say_points(row["estimate"], entry, signed=True), [row["conf_low"], row["conf_high"]]
        deed, doubt = "changed", ": it may have risen or fallen"
    else:
        amount, ends = say_points(abs(row["estimate"]), entry), sorted((abs(row["conf_low"]), abs(row["conf_high"])))
        deed, doubt = (
            direction,
            "" if (direction == "rose") == (entry.better == "higher") else ", which was not hoped for",
        )
    interval = f"({100 * level:g}% interval {say_points(ends[0], entry)} to {say_points(ends[1], entry)})"
    finding = f"{subject} {deed} by {amount} points {between} {interval}{doubt}."
    parts = [finding, _say_disagreement(direction, others), say_cohorts(int(row["n_cohorts"])), NO_COMPARISON]
    return " ".join(filter(None, parts))


def _say_disagreement(direction: Direction, others: Sequence[Mapping[Any, Any]]) -> str:
    """Name the methods whose interval includes no change where the sentence names a direction."""
    doubting = [METHODS[other["method"]].label for other in others if find_direction(other) == "unclear"]
    if direction not in ("rose", "fell") or not doubting:
        return ""
    return f"Not every method agrees: no change lies within the interval of {'; '.join(doubting)}."


def say_cohorts(cohorts: int) -> str:
    """Say what an interval for future cohorts rests on.

    Examples
    --------
    >>> say_cohorts(5)
    'The interval is for cohorts yet to come and rests on five cohorts, which are few.'
    """
    few = ", which are few" if cohorts <= len(SMALL_NUMBERS) - 1 else ""
    return f"The interval is for cohorts yet to come and rests on {say_count(cohorts)} cohorts{few}."


def say_kept(row: Mapping[Any, Any], entry: ScaleEntry, before: str, after: str) -> str:
    """Say whether a change was kept, which only an interval within the protocol's margin can show.

    Parameters
    ----------
    row : mapping
        ``difference, conf_low, conf_high, verdict, margin`` of
        :func:`coprod.training.comparisons.estimate_kept`, and ``level``, in words such as "90%".
    entry : ScaleEntry
        Its scale.
    before, after : str
        The primary wave and the later one.

    Examples
    --------
    >>> entry = ScaleEntry(name="c", items=("c1",), minimum=1, maximum=5)
    >>> row = {"difference": 0.02, "conf_low": -0.1, "conf_high": 0.14, "margin": 0.25}
    >>> say_kept({**row, "verdict": "kept", "level": "90%"}, entry, "after", "later")
    'The change was kept: scores moved by +0.02 points from after to later (90% interval −0.10 to 0.14), and the whole \
interval lies within the margin of 0.25 points set beforehand.'
    """
    if row["difference"] == WITHHELD:
        return TOO_FEW
    if pd.isna(row["difference"]):
        return f"Whether the change was kept from {before} to {after} cannot be said: {row['flag']}."
    moved = f"scores moved by {say_points(row['difference'], entry, signed=True)} points from {before} to {after}"
    moved += f" ({row['level']} interval {say_points(row['conf_low'], entry)} to {say_points(row['conf_high'], entry)})"
    if pd.isna(row["margin"]):
        return f"Between the two waves {moved}; the protocol sets no margin, so nothing is said of a change being kept."
    margin = f"the margin of {say_points(row['margin'], entry)} points set beforehand"
    match row["verdict"]:
        case "kept":
            return f"The change was kept: {moved}, and the whole interval lies within {margin}."
        case "not shown to be kept":
            return f"It is not shown that the change was kept: {moved}, and the interval reaches beyond {margin}."
        case verdict:
            return f"Whether the change was kept is not judged ({verdict}): {moved}."


def say_points(value: float, entry: ScaleEntry, *, signed: bool = False) -> str:
    """Write points of a scale, with as many decimals as it is long enough for.

    Examples
    --------
    >>> entry = ScaleEntry(name="c", items=("c1",), minimum=1, maximum=5)
    >>> say_points(-0.25, entry), say_points(0.4, entry, signed=True)
    ('\u22120.25', '+0.40')
    """
    return write_points(value, count_decimals(entry), signed=signed)


def count_decimals(entry: ScaleEntry) -> int:
    """Return how many decimals points of a scale are written with: two, one where it is longer than 20 points.

    Examples
    --------
    >>> count_decimals(ScaleEntry(name="c", items=("c1",), minimum=0, maximum=100))
    1
    """
    low, high = entry.range
    return 1 if high - low > 20 else 2


def write_points(value: float, decimals: int, *, signed: bool = False) -> str:
    """Write points with a real minus sign, and a plus where they are a change upwards.

    Examples
    --------
    >>> [write_points(value, 2, signed=True) for value in (-0.254, 0.4, -0.001)]
    ['\u22120.25', '+0.40', '0.00']
    """
    written = f"{value:{'+' if signed else ''}.{decimals}f}"
    return written.lstrip("-+") if float(written) == 0 else written.replace("-", _MINUS)


def say_count(count: int) -> str:
    """Write a count, small ones as words.

    Examples
    --------
    >>> say_count(5), say_count(12)
    ('five', '12')
    """
    return SMALL_NUMBERS[count] if 0 <= count < len(SMALL_NUMBERS) else str(count)
