"""Which column of a file is which, and columns that must not be what the protocol takes them for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from coprod.data import refuse_faults
from coprod.errors import suggest
from coprod.faults import Fault
from coprod.training.answers import name_rows
from coprod.training.keys import read_words
from coprod.training.layouts import Arranged
from coprod.training.personal import holds_addresses, is_personal_name
from coprod.training.protocol import Protocol
from coprod.training.sections import fold

MADE_UP = "synthetic"
"""The column of a file that says whether its answers are made up."""
NO = ("no", "n", "false", "0")


def find_columns(arranged: Arranged, protocol: Protocol) -> dict[str, str]:
    """Find every column the protocol names, or say which are not there, or are there twice."""
    sheet = arranged.sheet
    known = [name for name in sheet.header if name]
    faults: list[Fault] = []
    named: dict[str, str] = {}
    for name, asked in _list_wanted(protocol):
        found = arranged.find(name) or (arranged.find(asked) if asked else ())
        if not found:
            near = suggest(name, known)
            mend = near if len(known) <= 12 or near.endswith("?") else "look for its name in the header"
            what = f"no such column, nor one that asks {asked!r}" if asked else "no such column"
            faults.append(Fault(sheet.name, 1, name, f"{what}; {mend}"))
        elif len(found) > 1:
            listed = " and ".join(repr(other) for other in found)
            faults.append(Fault(sheet.name, 1, name, f"this may be any of the columns {listed}; write one of these"))
        elif found[0] in named.values():
            faults.append(Fault(sheet.name, 1, name, f"this is the column {found[0]!r}, which is named already"))
        else:
            named[name] = found[0]
    refuse_faults(faults, sheet.name)
    return named


def _list_wanted(protocol: Protocol) -> Iterator[tuple[str, str]]:
    """Return the columns that are needed, each with the question that it asks; empty where none is known."""
    columns = protocol.columns
    yield from ((name, "") for name in columns.named)
    if columns.item:
        return
    for item, scale in protocol.items.items():
        asked = scale.wording.get(item)
        for wave in columns.waves if columns.wide else columns.waves[:1]:
            yield columns.name_answer(item, wave), columns.name_answer(asked, wave) if asked else ""


def check_addresses(arranged: Arranged, protocol: Protocol, named: Mapping[str, str]) -> Iterator[Fault]:
    """Refuse addresses where groups are wanted, and slips of the pen where people are named."""
    table = arranged.sheet.name
    for key, column in protocol.columns.keys.items():
        if key != "participant" and holds_addresses(arranged.cells(named[column])):
            yield Fault(table, None, column, f"this holds e-mail or IP addresses; name another column as the {key}")
    who = protocol.columns.participant
    personal = is_personal_name(named[who]) or holds_addresses(arranged.cells(named[who]))
    if personal and protocol.columns.codes == "self-generated":
        what = "this says who somebody is, so it is no self-generated code; take columns.codes out of the protocol"
        yield Fault(table, None, who, what)


def check_synthetic(arranged: Arranged, protocol: Protocol, named: Mapping[str, str]) -> Iterator[Fault]:
    """Refuse answers that are made up and a protocol that does not say so, or the reverse."""
    sheet = arranged.sheet
    there = [name for name in sheet.header if fold(name) == MADE_UP and name not in named.values()]
    if not there:
        if protocol.synthetic:
            what = "the protocol says synthetic = true, and no such column says yes; add it, or change the protocol"
            yield Fault(sheet.name, 1, MADE_UP, what)
        return
    filled = sheet.cells.notna().any(axis=1)
    words = read_words(arranged, there[0])[filled].map(fold, na_action="ignore")
    made_up = words.notna() & ~words.isin(NO)
    wrong = [int(row) + sheet.first_row for row in words.index[made_up != protocol.synthetic]]
    if wrong and protocol.synthetic:
        what = (
            f"this does not say that the answers are made up{name_rows(wrong)}, and the protocol does; keep such apart"
        )
        yield Fault(sheet.name, wrong[0], there[0], what)
    elif wrong:
        what = (
            f"this says that answers are made up{name_rows(wrong)}, and the protocol does not; write synthetic = true"
        )
        yield Fault(sheet.name, wrong[0], there[0], what)
