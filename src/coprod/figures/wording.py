"""Words set into narrow places, and words in place of what is withheld."""

from __future__ import annotations

import pandas as pd

from coprod.figures.sheet import measure
from coprod.figures.theme import SMALLEST
from coprod.privacy import WITHHELD

HELD_BACK = "withheld"
"""Stands where a number is kept confidential, in place of a mark, in every figure."""


def is_shown(value: object) -> bool:
    """Tell whether a number is there and not withheld.

    Examples
    --------
    >>> is_shown(0), is_shown("[c]"), is_shown(None), is_shown(float("nan"))
    (True, False, False, False)
    """
    return value is not None and value != WITHHELD and not pd.isna(value)  # type: ignore[call-overload]


def break_words(words: str, within: float, *, size: float = SMALLEST, bold: bool = False) -> str:
    """Part words that are longer than a line: where they are joined, or else where the line ends.

    Parameters
    ----------
    words : str
        To be wrapped by :func:`coprod.figures.sheet.wrap` later.
    within : float
        Length of a line in points.
    size : float
        Size of the type in points.
    bold : bool
        Whether it is bold.

    Returns
    -------
    str
        The same words with spaces where a line may end.

    Examples
    --------
    >>> break_words("six months post-intervention", 60)
    'six months post- intervention'
    >>> break_words("aaaaaaaaaaaaaaaaaaaa", 60)
    'aaaaaaaaaaa- aaaaaaaaa'
    """
    parts: list[str] = []
    for word in words.split():
        joints = word.replace("-", "- ").replace("_", "_ ").replace("/", "/ ").split()
        if measure(word, size=size, bold=bold) <= within:
            parts.append(word)
        elif len(joints) > 1:
            parts += [break_words(piece, within, size=size, bold=bold) for piece in joints]
        else:
            parts += _cut(word, within, size, bold)
    return " ".join(parts)


def _cut(word: str, within: float, size: float, bold: bool) -> list[str]:
    pieces = [""]
    for letter in word:
        if pieces[-1] and measure(f"{pieces[-1]}{letter}-", size=size, bold=bold) > within:
            pieces[-1] += "-"
            pieces.append("")
        pieces[-1] += letter
    return pieces
