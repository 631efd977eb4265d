"""What a rule gives back, and how a rule is registered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from coprod.data import Talk

VERDICTS = {
    "reproduced": "recomputed from other published numbers, and equal as printed",
    "consistent": "fits what else is published",
    "ambiguous": "fits under more than one reading",
    "differs": "two places of the talk, or the talk and a named source, do not agree",
    "not testable": "no data are published to hold it against",
    "untestable by design": "a definition, an aim or a value",
}


@dataclass(frozen=True)
class Ruling:
    """What a rule found: the verdict, why, and the two things it compared."""

    verdict: str
    reason: str
    recomputed: str = "nothing to recompute"
    published: str = ""

    def __post_init__(self) -> None:
        """Refuse a verdict that is not on the scale."""
        if self.verdict not in VERDICTS:
            raise ValueError(f"unknown verdict {self.verdict!r}; the scale is: {', '.join(VERDICTS)}")


Rule = Callable[[Talk, str], Ruling]
RULES: dict[str, Rule] = {}


def rule(function: Rule) -> Rule:
    """Register a rule under its name, the word ``claims.csv`` uses."""
    RULES[function.__name__] = function
    return function


def compare(published: str, recomputed: str, same: str, other: str, *, equal: bool | None = None) -> Ruling:
    """Rule "reproduced" when two things agree and "differs" when they do not, each with its reason."""
    agrees = published == recomputed if equal is None else equal
    return Ruling("reproduced" if agrees else "differs", same if agrees else other, recomputed, published)
