"""The talk's slides once more: what was printed, and beside it what comes out when it is worked out again."""

from __future__ import annotations

from base64 import b64encode
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from markupsafe import Markup

from coprod.data import Talk, each_row
from coprod.errors import DataError
from coprod.report.pages import render_page
from coprod.report.printed import Printed, read_printed
from coprod.report.site.inline import inline_svg
from coprod.report.site.style import typeface
from coprod.reproduce.check import Check
from coprod.reproduce.folders import replace_tree
from coprod.results import Figure
from coprod.talk.claims import count_verdicts

PLACE = "slides"
PAGE = "index.html"
MOST_CLAIMS = 6
"""Claims that a screen has room for."""
FEW_CLAIMS = 4
"""Claims that have room beside what was printed, or in large type."""
Claim = dict[str, Any]


@dataclass(frozen=True)
class Slide:
    """A slide of the talk and what became of it.

    Attributes
    ----------
    key, heading : str
        Such as ``"S5"``, and its heading as printed.
    printed : Printed
        What stood on it.
    figures : tuple of Figure
        What is drawn of it now.
    claims : tuple of dict
        Rows of the ledger that are shown.
    more : int
        Rows that are not.
    """

    key: str
    heading: str
    printed: Printed
    figures: tuple[Figure, ...]
    claims: tuple[Claim, ...]
    more: int

    @property
    def beside(self) -> bool:
        """Whether the claims have room beside what was printed."""
        return not self.figures and len(self.claims) <= FEW_CLAIMS


def write_slides(reports: Path, found: Check, talk: Talk, citation: str) -> Path:
    """Write ``slides/index.html``: one file that needs no script, no server and no network.

    Parameters
    ----------
    reports : Path
        Folder that gets it; what lay in its ``slides/`` before is replaced.
    found : Check
        The results and the verdicts.
    talk : Talk
        What was printed.
    citation : str
        The talk, as it asks to be cited.

    Returns
    -------
    Path
        The page, the same bytes for the same input.

    Raises
    ------
    DataError
        If a notebook failed or is not up to date; the slides before stay.
    EnvironmentProblem
        If they cannot be written.
    """
    if found.failed:
        raise DataError("; ".join(f"notebook {outcome.name}: {outcome.message}" for outcome in found.failed))
    page = render_page(
        "slides.html",
        title=_title(talk),
        citation=citation,
        sentence=found.sentence,
        few=FEW_CLAIMS,
        slides=list(gather_slides(found, talk)),
        counts=count_verdicts(found.claims).to_dict("records"),
        typefaces={"400": _inline("Regular"), "700": _inline("Bold")},
        draw=lambda figure, width: Markup(inline_svg(figure, width)),  # noqa: S704 - escaped there
    )
    replace_tree(reports, {f"{PLACE}/{PAGE}": page}, [PLACE])
    return reports / PLACE / PAGE


def gather_slides(found: Check, talk: Talk) -> Iterator[Slide]:
    """Put together each slide, what is drawn of it and what was found about it.

    A figure that belongs to several slides stands with the first; one of made-up data stands with none, since the talk
    has none.

    Yields
    ------
    Slide
        In the order of the talk.
    """
    printed = read_printed(talk)
    figures: dict[str, list[Figure]] = defaultdict(list)
    for _, result in found.displayed:
        if isinstance(result, Figure) and result.drawn and not result.synthetic:
            figures[result.slide.partition(",")[0]].append(result)
    for row in each_row(talk["slides"]):
        claims = found.claims[found.claims["slide"] == row.slide].to_dict("records")
        shown = choose_claims(claims)
        yield Slide(row.slide, row.heading, printed[row.slide], tuple(figures[row.slide]), tuple(shown),
                    len(claims) - len(shown))  # fmt: skip


def choose_claims(claims: Sequence[Claim], most: int = MOST_CLAIMS) -> list[Claim]:
    """Choose claims so that every verdict is seen before any is seen twice.

    Parameters
    ----------
    claims : sequence of dict
        Rows of the ledger.
    most : int, optional
        How many there is room for.

    Returns
    -------
    list of dict
        In the order of the ledger.

    Examples
    --------
    >>> rows = [{"claim": c, "verdict": v} for c, v in ("ax", "bx", "cx", "dy")]
    >>> [row["claim"] for row in choose_claims(rows, 2)]
    ['a', 'd']
    """
    by_verdict: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        by_verdict[claim["verdict"]].append(claim)
    in_turn = [claim for turn in zip_longest(*by_verdict.values()) for claim in turn if claim]
    chosen = {claim["claim"] for claim in in_turn[:most]}
    return [claim for claim in claims if claim["claim"] in chosen]


def _title(talk: Talk) -> str:
    return str(talk["record"].query("slide == 'S1' and field == 'title'")["value"].iloc[0])


def _inline(face: str) -> str:
    return b64encode(typeface(face)).decode()
