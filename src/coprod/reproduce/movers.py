"""What each claim of the talk rests on: its data, found by changing each of them and judging the claim anew."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from coprod.data import Talk, each_row
from coprod.errors import CoprodError, UsageError, suggest
from coprod.reproduce.changed import EMPTY, SIZES, Change, Datum, Size, change_table
from coprod.schemas import TALK
from coprod.talk.rules import RULES, Ruling

PARTS = ("verdict", "recomputed", "published")
STATED = ("not testable", "untestable by design")
"""Verdicts that a rule may come to without a look at any table."""
NOTHING = Ruling(STATED[0], "").recomputed
LEDGER = "claims"


@dataclass(frozen=True)
class Move:
    """A change of one datum that makes something of a claim another; ``before`` and ``after`` are of ``part``."""

    change: Change
    part: str
    before: str
    after: str


@dataclass(frozen=True)
class Movers:
    """What moves a claim.

    Attributes
    ----------
    claim, rule, verdict : str
        Its key, the rule that judges it, and its verdict.
    tables : tuple of str
        Tables that the rule looks at.
    moves : tuple of Move
        For each datum that moves it and each part of it, the first change that does.
    fixed : tuple of str
        Parts that are computed, and that nothing moves: typed in.
    """

    claim: str
    rule: str
    verdict: str
    tables: tuple[str, ...]
    moves: tuple[Move, ...]
    fixed: tuple[str, ...]

    @property
    def typed(self) -> bool:
        """Whether what it compares is moved by nothing, or by nothing that its rule looks at.

        A verdict may hold against every change of one datum, where what it compares does not.
        """
        return any(part != "verdict" for part in self.fixed) or (bool(self.fixed) and not self.moves)

    @property
    def data(self) -> list[Datum]:
        """The data that move it, each once."""
        return [*dict.fromkeys(move.change.datum for move in self.moves)]

    def to_json(self) -> dict[str, Any]:
        """Return the claim as plain JSON values, with each move."""
        moves = [
            {
                "table": move.change.datum.table,
                "row": move.change.datum.row or None,
                "column": move.change.datum.column or None,
                "size": move.change.size,
                "from": move.change.before,
                "to": move.change.after,
                "part": move.part,
                "before": move.before,
                "after": move.after,
            }
            for move in self.moves
        ]
        return {
            "id": self.claim, "rule": self.rule, "verdict": self.verdict, "tables": list(self.tables),
            "fixed": list(self.fixed), "typed": self.typed, "moves": moves,
        }  # fmt: skip

    def of(self, part: str) -> list[Move]:
        """Return what moves its verdict, or the words of what it compared."""
        return [move for move in self.moves if move.part == part]


class _Watched(Talk):
    """A talk that notes which of its tables are taken out."""

    def __init__(self, tables: Mapping[str, pd.DataFrame]) -> None:
        super().__init__(tables)
        self.taken: set[str] = set()

    def __getitem__(self, name: str) -> pd.DataFrame:
        self.taken.add(name)
        return super().__getitem__(name)


def find_movers(
    talk: Talk, claims: Sequence[str] = (), *, on_claim: Callable[[str], None] = lambda _: None
) -> list[Movers]:
    """Change each datum of the tables that a claim's rule looks at, and see what becomes of the claim.

    Every datum is changed a little first. Only for what that does not move, data are replaced by what stands in other
    rows, and then changed by a lot.

    Parameters
    ----------
    talk : Talk
        From :func:`coprod.data.read_talk`.
    claims : sequence of str, optional
        Keys of the claims to look at; all by default.
    on_claim : callable, optional
        Told of each claim before it is looked at.

    Returns
    -------
    list of Movers
        One for each claim, in the order of the slides.

    Raises
    ------
    UsageError
        If a claim does not exist.
    """
    rows = {row.claim: row for row in each_row(talk[LEDGER])}
    for unknown in (claim for claim in claims if claim not in rows):
        raise UsageError(f"unknown claim {unknown!r}; {suggest(unknown, rows)}")
    tables, changes = {name: talk[name] for name in talk}, _Changes({name: talk[name] for name in talk})
    found = []
    for name in claims or rows:
        on_claim(name)
        found.append(_find(rows[name], tables, changes))
    return found


class _Changes(dict[tuple[str, Size], list[Change]]):
    """The valid changes of each table, found once."""

    def __init__(self, tables: Mapping[str, pd.DataFrame]) -> None:
        super().__init__()
        self._tables = tables

    def __missing__(self, key: tuple[str, Size]) -> list[Change]:
        self[key] = list(change_table(self._tables, key[0], TALK, [key[1]]))
        return self[key]


def _find(row: Any, tables: Mapping[str, pd.DataFrame], changes: _Changes) -> Movers:
    watched = _Watched(tables)
    subject = "" if pd.isna(row.subject) else row.subject
    ruling = RULES[row.rule](watched, subject)
    looked_at = sorted(watched.taken)
    moves: dict[tuple[Datum, str], Move] = {}
    wanted = left = _computed(ruling)
    idle: set[tuple[str, str]] = set()
    for size in SIZES:
        stirred: set[tuple[str, str]] = set()
        for change in (change for name in looked_at if left for change in changes[name, size]):
            datum = change.datum
            if size == "other" and datum[::2] in idle:
                continue
            again = _judge_again(row.rule, subject, tables, change)
            stirred |= {datum[::2]} if again != ruling else set()
            for part in left if again else ():
                before, after = (getattr(r, part) for r in (ruling, again))
                if before != after:
                    moves.setdefault((datum, part), Move(change, part, before, after))
            if size != "little":  # the first will do
                left = _without(left, moves)
            if not left:
                break
        little = (change for name in looked_at for change in changes[name, "little"])
        idle = {change.datum[::2] for change in little if change.before != EMPTY} - stirred
        left = _without(left, moves)
    moved = {part for _, part in moves}
    fixed = tuple(part for part in wanted if part not in moved)
    return Movers(row.claim, row.rule, ruling.verdict, tuple(looked_at), tuple(moves.values()), fixed)


def _without(parts: list[str], moves: Iterable[tuple[Datum, str]]) -> list[str]:
    moved = {part for _, part in moves}
    return [part for part in parts if part not in moved]


def _computed(ruling: Ruling) -> list[str]:
    """Return the parts of a ruling that data have to move; what a claim only states is none."""
    computed = [part for part in PARTS[1:] if getattr(ruling, part) not in ("", NOTHING)]
    return [*(["verdict"] if computed or ruling.verdict not in STATED else []), *computed]


def _judge_again(rule: str, subject: str, tables: Mapping[str, pd.DataFrame], change: Change) -> Ruling | None:
    """Judge a claim by changed tables; nothing where the rule then finds nothing to judge."""
    try:
        return RULES[rule](Talk({**tables, change.datum.table: change.frame}), subject)
    except (CoprodError, LookupError, ValueError, TypeError):
        return None
