from collections.abc import Callable
from xml.etree import ElementTree as ET

import pandas as pd
import pytest

SVG = "{http://www.w3.org/2000/svg}"


def find_path(svg: str, group: str) -> str:
    """Return the path data of the group with an id."""
    path = ET.fromstring(svg).find(f".//{SVG}g[@id='{group}']/{SVG}path")
    return "" if path is None else path.attrib["d"]


@pytest.fixture
def path_of() -> Callable[[str, str], str]:
    return find_path


@pytest.fixture
def extent_of() -> Callable[[str, str], tuple[float, float]]:
    """Return the left and right end of a group's path in points."""

    def extent(svg: str, group: str) -> tuple[float, float]:
        words = find_path(svg, group).replace("M", " ").replace("L", " ").replace("z", " ").split()
        x = [float(word) for word in words[::2]]
        return min(x), max(x)

    return extent


ITEMS = {
    "any_coproduction": ("Done any co-production", "Had undertaken any co-production in mental health commissioning"),
    "ambition_more": ("Ambition to do more", "Had an ambition to do more co-production"),
    "ambition_in_line": (
        "Ambition in line with the recommendation",
        "Had an ambition in line with the Five Year Forward View recommendation",
    ),
}
COUNTS = {196: [(29, 30), (15, 16), (1, 2)], 209: [(31, 32), (16, 17), (2, 3)]}
PERCENTS = ["15", "8", "1"]


@pytest.fixture
def counts_of() -> Callable[[int], pd.DataFrame]:
    """Return the counts behind the percentages of slide S5, worked out by hand."""

    def counts(base: int) -> pd.DataFrame:
        rows = [
            (item, *words, percent, base, low, high)
            for (item, words), percent, (low, high) in zip(ITEMS.items(), PERCENTS, COUNTS[base], strict=True)
        ]
        columns = ["item", "label", "statement", "percent", "base", "low", "high"]
        return pd.DataFrame(rows, columns=columns).astype({"low": "Int64", "high": "Int64"})

    return counts


@pytest.fixture
def ranges() -> pd.DataFrame:
    """Return ranges under the two readings that need no interval and both bases."""
    rows = []
    for base, counts in COUNTS.items():
        for (item, (label, _)), (low, high) in zip(ITEMS.items(), counts, strict=True):
            for reading, most, n in (
                ("rounding", high, base),
                ("alike", high + 5, 209),
                ("whatever", high + 13, 209),
            ):
                words = (f"of {base} groups", item, label, reading, f"the reading {reading}")
                rows.append((base, *words, low, most, n, low / n, most / n))
    columns = ["base", "base_label", "item", "label", "reading", "reading_label"]
    return pd.DataFrame(rows, columns=[*columns, "low", "high", "n", "share_low", "share_high"])
