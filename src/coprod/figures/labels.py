"""Words and numbers beside lines that stand close together, set so that none lies over another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from coprod.figures.sheet import measure, wrap
from coprod.figures.theme import SMALLEST

ASIDE = 6.0
BREADTH = 104.0
"""Most breadth of a label in points."""


class Label(NamedTuple):
    """Where the words of a place go: beside its line, in the first or second row below the drawing."""

    x: float
    align: Literal["left", "right"]
    row: int
    lines: list[str]


def place_labels(x: Sequence[float], words: Sequence[str], edges: tuple[float, float]) -> list[Label]:
    """Set words beside lines that stand side by side, so that no words lie over others or off the drawing.

    Parameters
    ----------
    x : sequence of float
        Where the lines stand, from left to right; at most two.
    words : sequence of str
        What is written beside each.
    edges : tuple of float
        Left and right end of the drawing in points.

    Returns
    -------
    list of Label
        To the right of its line where there is room, and in a row of its own where it would meet the other.
    """
    lines = [wrap(each, min(BREADTH, (edges[1] - edges[0]) / 2 - ASIDE), size=SMALLEST) for each in words]
    breadths = [max(measure(line, size=SMALLEST) for line in each) for each in lines]
    found: list[Label] = []
    busy = edges[0]  # up to here stand the line before and its words
    for number, (at, breadth) in enumerate(zip(x, breadths, strict=True)):
        right, left = at + ASIDE + breadth, at - ASIDE - breadth
        last = number + 1 == len(x)
        if right <= (edges[1] if last else x[number + 1]):
            found.append(Label(at + ASIDE, "left", 0, lines[number]))
        elif last or left >= edges[0]:
            other = 1 - found[-1].row if found else 0
            found.append(Label(at - ASIDE, "right", other if left < busy else 0, lines[number]))
        else:
            found.append(Label(at + ASIDE, "left", 1, lines[number]))
        busy = max(at, right if found[-1].align == "left" else at)
    return found


def stand_aside(x: float, breadth: float, others: Sequence[float], tips: Sequence[float]) -> float:
    """Return where a number begins: over its point, or beside it where something is near.

    Parameters
    ----------
    x : float
        Where its point stands.
    breadth : float
        Of the number.
    others : sequence of float
        Where the points of other numbers stand.
    tips : sequence of float
        Where upright lines stand that must not go through it.

    Returns
    -------
    float
        Its left end in points.

    Examples
    --------
    >>> stand_aside(100, 20, [], []), stand_aside(100, 20, [110], []), stand_aside(100, 20, [90], [104])
    (90.0, 77, 107)
    """
    beside = [tip for tip in tips if abs(tip - x) < breadth / 2 + 3]
    room = 1.5 * breadth + 9 if beside else breadth + 6  # a number that steps aside needs more
    near = [other for other in others if abs(other - x) < room] or beside
    if not near:
        return x - breadth / 2
    if near[0] > x:
        return min([x, *(tip for tip in tips if x - breadth - 6 < tip < x)]) - 3 - breadth
    return max([x, *(tip for tip in tips if x < tip < x + breadth + 6)]) + 3
