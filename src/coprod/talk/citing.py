"""How names, slides and sources are written for a reader."""

from __future__ import annotations

from collections.abc import Sequence

from coprod.data import Talk, find_row


def join_names(names: Sequence[str]) -> str:
    """Write names as a reader expects them; no names are "none".

    Examples
    --------
    >>> join_names(["Coan"]), join_names(["Coan", "Winfield", "Fisher"]), join_names([])
    ('Coan', 'Coan, Winfield and Fisher', 'none')
    """
    if not names:
        return "none"
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def cite_slide(talk: Talk, slide: str) -> str:
    """Write where a result comes from: the talk and the slide's heading.

    Examples
    --------
    >>> from coprod.data import read_talk
    >>> cite_slide(read_talk(), "S5")
    "Coan, Winfield and Fisher (2017), slide S5 'Progress through Partnership'"
    """
    heading = find_row(talk["slides"], "slide", slide).heading
    return f"Coan, Winfield and Fisher (2017), slide {slide} '{heading}'"


def name_source(talk: Talk, key: str) -> str:
    """Write a source as a reader knows it: publisher and year.

    Examples
    --------
    >>> from coprod.data import read_talk
    >>> name_source(read_talk(), read_talk()["evidence"]["source"].iloc[0])
    'nef (new economics foundation), for Mind, 2013'
    """
    row = find_row(talk["sources"], "source", key)
    return f"{row.publisher}, {row.year}"
