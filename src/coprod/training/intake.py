"""Questionnaires as they come, turned into one answer a row; everything that is wrong is said at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from coprod.data import Sheet
from coprod.errors import DataError, suggest
from coprod.faults import Fault
from coprod.training.answers import to_numbers
from coprod.training.layouts import Arranged, arrange, find_personal
from coprod.training.protocol import Protocol, fold

MOST_LISTED = 20
KEYS = ("participant", "cohort", "audience", "wave")
EVERYBODY = "all"
"""The audience where the protocol names no such column."""


@dataclass(frozen=True)
class Intake:
    """Answers, and what was left behind.

    Attributes
    ----------
    responses : DataFrame
        ``participant, cohort, audience, wave, item, response``: one row per answer given or left out; ``wave`` an
        ordered categorical, the baseline first.
    dropped : tuple of str
        Columns that say who somebody is; nothing of them was kept.
    ignored : tuple of str
        Columns the protocol does not name.
    layout : str
        Which tool wrote the file.
    notes : tuple of str
        What was assumed on reading.
    """

    responses: pd.DataFrame
    dropped: tuple[str, ...]
    ignored: tuple[str, ...]
    layout: str
    notes: tuple[str, ...] = ()


def tidy_responses(sheet: Sheet, protocol: Protocol) -> Intake:
    """Turn a sheet into answers, as the protocol says.

    Parameters
    ----------
    sheet : Sheet
        As :func:`coprod.data.read_sheet` read it.
    protocol : Protocol
        Which columns are what.

    Returns
    -------
    Intake
        The answers. Participants who are named by a personal column are numbered in its place.

    Raises
    ------
    DataError
        One error with every fault, each with row and column: a column that is missing, an answer out of range or in
        words that no label knows, an unknown wave or cohort, a participant twice in a wave or in two cohorts.
    """
    arranged = arrange(sheet, protocol.file.layout)
    named = _positions(arranged, protocol)
    keys, faults = _read_keys(arranged, protocol, named)
    if protocol.columns.item:
        long, more = _read_long(arranged, protocol, named, keys)
    else:
        long, more = _read_wide(arranged, protocol, named, keys)
    faults += more + _clashes(long, sheet.name)
    _refuse(faults, sheet.name)
    personal = find_personal(arranged.sheet)
    used = {arranged.sheet.header[position] for position in named.values()}
    responses, notes = _finish(long, protocol, arranged.sheet.header[named[protocol.columns.participant]] in personal)
    rest = [name for name in arranged.sheet.header if name and name not in used and name not in personal]
    return Intake(responses, tuple(personal), tuple(rest), arranged.layout, (*sheet.notes, *notes))


def _positions(arranged: Arranged, protocol: Protocol) -> dict[str, int]:
    """Find every column the protocol names, or say which are not there."""
    columns = protocol.columns
    wanted = [columns.participant, columns.cohort, columns.audience, columns.wave, columns.item, columns.response]
    answers = [answer for scale in protocol.scale for answer in scale.answers]
    if columns.wide:
        wanted += [columns.wide.format(item=answer, wave=wave) for answer in answers for wave in columns.waves]
    elif not columns.item:
        wanted += answers
    found = {name: arranged.find(name) for name in wanted if name}
    known = [name for name in arranged.sheet.header if name]
    _refuse(
        [
            Fault(arranged.sheet.name, arranged.sheet.first_row - 1, name, f"no such column; {_near(name, known)}")
            for name, position in found.items()
            if position is None
        ],
        arranged.sheet.name,
    )
    return {name: position for name, position in found.items() if position is not None}


def _near(name: str, known: Sequence[str]) -> str:
    return suggest(name, known) if len(known) <= 12 or suggest(name, known).startswith("did") else "look at the header"


def _read_keys(arranged: Arranged, protocol: Protocol, named: dict[str, int]) -> tuple[pd.DataFrame, list[Fault]]:
    """Return participant, cohort, audience and wave of each row, and what is wrong with them."""
    sheet, columns = arranged.sheet, protocol.columns
    given = {"participant": columns.participant, "cohort": columns.cohort}
    given |= {"audience": columns.audience} if columns.audience else {}
    given |= {"wave": columns.wave} if columns.wave else {}
    keys, faults = pd.DataFrame({"row": np.arange(len(sheet.cells)) + sheet.first_row}), []
    answered = sheet.cells.notna().any(axis=1)
    for key, column in given.items():
        cells = sheet.cells[named[column]]
        labels = sheet.labels.get(column, {})
        keys[key] = cells.map(lambda cell, labels=labels: labels.get(cell, _word(cell)), na_action="ignore")
        what = f"the {key} is missing; fill it in or take out the row"
        faults += [Fault(sheet.name, int(row), column, what) for row in keys.loc[cells.isna() & answered, "row"]]
    keys = keys[answered].copy()
    if columns.codes == "self-generated":
        keys["participant"] = _fold_codes(keys)
    if columns.wave:
        keys["wave"], found = _match(keys, "wave", columns.wave, columns.waves, sheet.name)
        faults += found
    if columns.cohorts:
        keys["cohort"], found = _match(keys, "cohort", columns.cohort, columns.cohorts, sheet.name)
        faults += found
    for key in ("cohort", "participant", "audience"):
        if key in given:
            faults += _variants(keys, key, given[key], sheet.name)
    return keys.assign(audience=keys.get("audience", EVERYBODY)), faults


def _fold_codes(keys: pd.DataFrame) -> pd.Series:
    """Write codes in capitals without signs; one that two cohorts have made up belongs to two people."""
    codes = keys["participant"].str.replace(r"[^0-9A-Za-z]", "", regex=True).str.upper()
    cohorts = keys["cohort"].groupby(codes).transform("nunique")
    return codes.mask(cohorts > 1, codes + " (" + keys["cohort"].astype("str") + ")")


def _word(cell: object) -> str:
    return f"{cell:g}" if isinstance(cell, float) else str(cell).strip()


def _match(
    keys: pd.DataFrame, key: str, column: str, known: Sequence[str], table: str
) -> tuple[pd.Series, list[Fault]]:
    """Put known words, compared in any case, in place of those given; name the unknown ones."""
    folded = {fold(word): word for word in known}
    words = keys[key].map(lambda word: folded.get(fold(word)), na_action="ignore")
    unknown = keys[words.isna() & keys[key].notna()]
    faults = []
    for word, rows in unknown.groupby(key, sort=False)["row"]:
        times = f" ({len(rows)} rows)" if len(rows) > 1 else ""
        what = f"unknown {key} {word!r}{times}; {suggest(str(word), known)}, or add it to the protocol"
        faults.append(Fault(table, int(rows.iloc[0]), column, what))
    return words, faults


def _variants(keys: pd.DataFrame, key: str, column: str, table: str) -> Iterator[Fault]:
    """Name words that differ from others in case or space only."""
    words = keys.drop_duplicates(key).dropna(subset=[key])
    for _, group in words.groupby(words[key].map(fold), sort=False):
        for word, row in zip(group[key].iloc[1:], group["row"].iloc[1:], strict=True):
            what = f"{key} {word!r} and {group[key].iloc[0]!r} differ in case or space only; write one"
            yield Fault(table, int(row), column, what)


def _read_wide(
    arranged: Arranged, protocol: Protocol, named: dict[str, int], keys: pd.DataFrame
) -> tuple[pd.DataFrame, list[Fault]]:
    """Read a sheet with a column for each item, and perhaps for each item and wave."""
    columns, parts, faults = protocol.columns, [], []
    waves: Iterable[str | None] = columns.waves if columns.wide else [None]
    for wave in waves:
        block, answered = [], np.zeros(len(keys), dtype=bool)
        for scale in protocol.scale:
            for item in scale.answers:
                name = columns.wide.format(item=item, wave=wave) if columns.wide else item
                cells = arranged.sheet.cells.loc[keys.index, named[name]]
                header = arranged.sheet.header[named[name]]
                numbers, found = to_numbers(cells, scale, item, arranged.sheet.labels.get(header, {}))
                faults += [Fault(arranged.sheet.name, int(keys["row"][row]), name, what) for row, what in found]
                answered |= numbers.notna().to_numpy()
                block.append(keys.assign(item=item, response=numbers, column=name))
        parts += [part[answered].assign(wave=wave) for part in block] if wave is not None else block
    return pd.concat(parts, ignore_index=True), faults


def _read_long(
    arranged: Arranged, protocol: Protocol, named: dict[str, int], keys: pd.DataFrame
) -> tuple[pd.DataFrame, list[Fault]]:
    """Read a sheet with a row for each answer; items the protocol does not name are left alone."""
    columns, sheet = protocol.columns, arranged.sheet
    given = sheet.cells.loc[keys.index, named[str(columns.item)]].map(_word, na_action="ignore")
    cells, parts, faults = sheet.cells.loc[keys.index, named[str(columns.response)]], [], []
    for scale in protocol.scale:
        for item in scale.answers:
            rows = given.index[given.map(fold, na_action="ignore") == fold(item)]
            if rows.empty:
                what = f"no row has the item {item!r}; {_near(item, sorted(given.dropna().unique()))}"
                faults.append(Fault(sheet.name, None, str(columns.item), what))
            numbers, found = to_numbers(cells[rows], scale, item, {})
            faults += [Fault(sheet.name, int(keys["row"][row]), columns.response, what) for row, what in found]
            parts.append(keys.loc[rows].assign(item=item, response=numbers, column=str(columns.response)))
    return pd.concat(parts, ignore_index=True), faults


def _clashes(long: pd.DataFrame, table: str) -> list[Fault]:
    """Name participants twice in a wave, in two cohorts, or of two audiences."""
    faults = []
    unit = ["participant", "wave", "item"]
    doubled = long[long.duplicated(unit, keep=False)].dropna(subset=unit)
    for (person, wave), found in doubled.groupby(["participant", "wave"], sort=False)["row"]:
        lines = sorted(set(found))
        what = f"participant {person!r} is there {len(lines) or 2} times at wave {wave!r} ({_list(lines)}); keep one"
        faults.append(Fault(table, int(lines[0]), None, what))
    for key in ("cohort", "audience"):
        first = long.dropna(subset=[key]).drop_duplicates(["participant", key])
        for person, rows in first[first.duplicated("participant", keep=False)].groupby("participant", sort=False):
            words = " and ".join(f"{word!r} (row {row})" for word, row in zip(rows[key], rows["row"], strict=True))
            what = f"participant {person!r} has {key} {words}; correct one, or give one of them another code"
            faults.append(Fault(table, int(rows["row"].iloc[0]), None, what))
    return faults


def _list(rows: Sequence[int]) -> str:
    shown = ", ".join(str(row) for row in rows[:4])
    return f"rows {shown} and {len(rows) - 4} more" if len(rows) > 4 else f"rows {shown}"


def _finish(long: pd.DataFrame, protocol: Protocol, personal: bool) -> tuple[pd.DataFrame, list[str]]:
    """Order waves, cohorts and rows; number participants whose code is a name or an address."""
    notes = []
    frame = long[["participant", "cohort", "audience", "wave", "item", "response"]].copy()
    if personal:
        codes = {code: f"P{number:04d}" for number, code in enumerate(sorted(frame["participant"].unique()), start=1)}
        frame["participant"] = frame["participant"].map(codes)
        notes.append("participants are named by a personal column; they are numbered, and what named them is dropped")
    waves = list(protocol.columns.waves)
    frame["wave"] = pd.Categorical(frame["wave"], waves, ordered=True)
    empty = [wave for wave in waves if not frame.loc[frame["wave"] == wave, "response"].notna().any()]
    if waves[0] in empty or len(empty) == len(waves) - 1:
        raise DataError(
            f"no answers at wave {empty[0]!r}: a change needs the first wave and a later one; look at columns.waves"
        )
    notes += [f"no answers at wave {wave!r}" for wave in empty]
    order = ["cohort", "participant", "wave", "item"]
    return frame.sort_values(order, kind="stable", ignore_index=True), notes


def _refuse(faults: Sequence[Fault], table: str) -> None:
    """Raise one error with all faults, the first of them written out."""
    listed = list(dict.fromkeys(faults))
    if listed:
        lines = [f"  {fault}" for fault in listed[:MOST_LISTED]]
        lines += [f"  and {len(listed) - MOST_LISTED} more"] if len(listed) > MOST_LISTED else []
        noun = "fault" if len(listed) == 1 else "faults"
        raise DataError("\n".join([f"{table} has {len(listed)} {noun}:", *lines]))
