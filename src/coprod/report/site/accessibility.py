"""What the accessibility statement says was tested; the tests in the browser take it from here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

STANDARD = "Web Content Accessibility Guidelines (WCAG) 2.2, levels A and AA"
TAGS: Sequence[str] = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa")
"""The same in the terms of axe, which looks for breaches."""
WIDTHS: Sequence[int] = (1280, 360)
"""Widths in pixels at which each page is opened: a desk and a phone."""


def describe_tests() -> Mapping[str, Any]:
    """Return what the statement fills in."""
    *most, last = (str(width) for width in WIDTHS)
    return {"standard": STANDARD, "widths": f"{', '.join(most)} and {last}"}
