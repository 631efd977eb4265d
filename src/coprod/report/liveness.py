"""What ``coprod check --live`` shows: for each claim the data that move it, and what is typed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:  # what a check needs takes a second to import
    from coprod.reproduce.liveness import Live
    from coprod.reproduce.movers import Move, Movers

LONGEST = 48
STATED = "stated only: its row in claims.csv is all there is"


def show_live(console: Console, found: Live) -> None:
    """Write a line for each claim, what displays do not move, and the sentence to quote."""
    claims = _table("Claim", "Data", "First of them that moves the verdict", "First that moves what is compared")
    for claim in found.claims:
        count = Text(str(len(claim.data)) if claim.tables else "\u2013")
        words = [move for move in claim.moves if move.part != "verdict"]
        claims.add_row(
            Text(claim.claim, "bold red" if claim.typed else ""), count, _verdict(claim), _first(claim, words)
        )
    console.print(claims)
    if found.typed:
        typed = _table("Typed in", "Value", "Why")
        for thing in found.typed:
            typed.add_row(Text(str(thing.shown)), Text(_short(thing.value)), Text(thing.why))
        console.print(typed)
    for claim in found.fixed:
        fixed = " and ".join(part for part in claim.fixed)
        console.print(
            Text(
                f"claim {claim.claim}: no datum moves its {fixed}; see rule {claim.rule!r} in coprod.talk.rules",
                "bold red",
            ),
            soft_wrap=True,
        )
    if found.words:
        listed = ", ".join(shown.result or shown.cell for shown in found.words)
        console.print(Text(f"Words without a number that no datum moves: {listed}."), soft_wrap=True)
    console.print(Text(found.sentence, "bold"), soft_wrap=True)


def _verdict(claim: Movers) -> Text:
    moves = claim.of("verdict")
    if not claim.tables:
        return Text(STATED)
    return _first(claim, moves) if moves else Text(f"none alone: {claim.verdict} whatever one datum says")


def _first(claim: Movers, moves: list[Move]) -> Text:
    if not moves:
        return Text("" if not claim.tables or "recomputed" not in claim.fixed else "nothing")
    change, after = moves[0].change, moves[0].after
    return Text(f"{change.datum}: {_short(change.before)} \u2192 {_short(change.after)}: {_short(after)}")


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}\u2026"


def _table(*headings: str) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for position, heading in enumerate(headings):
        table.add_column(heading, overflow="fold", no_wrap=position == 0 and heading == "Claim")
    return table
