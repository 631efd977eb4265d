"""How names, slides and sources are written for a reader."""

from __future__ import annotations

from collections.abc import Sequence

from coprod.data import Talk


def join_names(names: Sequence[str]) -> str:
    """Write names as a reader expects them.

    Examples
    --------
    >>> join_names(["Coan"]), join_names(["Coan", "Winfield", "Fisher"])
    ('Coan', 'Coan, Winfield and Fisher')
    """
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def cite_slide(talk: Talk, slide: str) -> str:
    """Write where a result comes from: the talk and the slide's heading."""
    heading = talk["slides"].set_index("slide").loc[slide, "heading"]
    return f"Coan, Winfield and Fisher (2017), slide {slide} '{heading}'"


def name_source(talk: Talk, key: str) -> str:
    """Write a source as a reader knows it: publisher and year."""
    row = talk["sources"].set_index("source").loc[key]
    return f"{row['publisher']}, {row['year']}"
