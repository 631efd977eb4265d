"""Hatching drawn line by line, since Chromium prints a pattern of SVG as a coarse and heavy picture."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import floor
from xml.etree.ElementTree import Element, SubElement

_FILL = re.compile(r"fill: ?url\(#([^)]+)\)")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_ABSOLUTE = re.compile(r"[MLQCZz\d\s.,-]*")


def draw_hatching(drawing: Element) -> None:
    """Put the lines of a pattern, clipped to the shape, in place of each fill with it.

    Patterns are those that matplotlib writes: a square tile with a background and one path. A shape that is not a path
    of absolute coordinates keeps its pattern.

    Parameters
    ----------
    drawing : Element
        An SVG; it is changed.
    """
    patterns = {pattern.get("id", ""): pattern for pattern in drawing.iter("pattern")}
    made = 0
    for parent in list(drawing.iter()):
        for place, child in enumerate(list(parent)):
            filled = _FILL.search(child.get("style", ""))
            pattern = patterns.get(filled[1]) if filled else None
            if pattern is not None and child.tag == "path" and _ABSOLUTE.fullmatch(child.get("d", "")):
                made += 1
                parent[place] = _hatch(child, pattern, f"{pattern.get('id')}-{made}")


def _hatch(shape: Element, pattern: Element, name: str) -> Element:
    """Draw the background, the lines over it and the outline over both."""
    group = Element("g", {"clip-path": shape.attrib.pop("clip-path")} if "clip-path" in shape.attrib else {})
    group.tail, shape.tail = shape.tail, None
    outline, (ground, lines) = shape.get("d", ""), (pattern.find("rect"), pattern.find("path"))
    SubElement(SubElement(group, "clippath", {"id": name}), "path", {"d": outline})
    if ground is not None:
        SubElement(group, "path", {"d": outline, "style": f"fill: {ground.get('fill', 'none')}"})
    tiles = SubElement(group, "g", {"clip-path": f"url(#{name})"})
    if lines is not None:
        for x, y in _corners(outline, float(pattern.get("width", 0))):
            SubElement(tiles, "path", {**lines.attrib, "transform": f"translate({x:g} {y:g})"})
    shape.set("style", _FILL.sub("fill: none", shape.get("style", "")))
    group.append(shape)
    return group


def _corners(outline: str, size: float) -> Iterator[tuple[float, float]]:
    """Yield the upper left corner of each tile that a shape reaches into."""
    numbers = [float(number) for number in _NUMBER.findall(outline)]
    spans = [(floor(min(one) / size), floor(max(one) / size)) for one in (numbers[::2], numbers[1::2])]
    for column in range(spans[0][0], spans[0][1] + 1):
        for row in range(spans[1][0], spans[1][1] + 1):
            yield column * size, row * size
