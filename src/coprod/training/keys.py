"""Who answered when, and in which cohort; what is wrong with that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from coprod.faults import Fault
from coprod.training.answers import MOST_SHOWN, list_rows, name_rows, suggest_or, to_word
from coprod.training.layouts import Arranged, strip_arm
from coprod.training.protocol import Protocol
from coprod.training.sections import fold

KEYS = ("participant", "cohort", "audience", "wave")
EVERYBODY = "all"
"""The audience where the protocol names no such column."""


def read_keys(
    arranged: Arranged, protocol: Protocol, named: Mapping[str, str], *, nameless: bool = False
) -> tuple[pd.DataFrame, list[Fault]]:
    """Read participant, cohort, audience and wave of each row.

    Parameters
    ----------
    arranged : Arranged
        The sheet.
    protocol : Protocol
        What it says of the columns.
    named : mapping
        The name that each column of the protocol has in the sheet.
    nameless : bool
        Whether faults leave out who it is, since the participant's column says so.

    Returns
    -------
    keys : DataFrame
        ``row`` (as a spreadsheet counts), ``participant, cohort, audience`` and, where rows are waves, ``wave``;
        rows without any cell are left out, and the index is that of the sheet's cells.
    faults : list of Fault
        What is missing, unknown, or differs in case only.
    """
    sheet, columns = arranged.sheet, protocol.columns
    filled = sheet.cells.notna().any(axis=1)
    keys = pd.DataFrame({"row": np.arange(len(sheet.cells)) + sheet.first_row})
    words = {key: read_words(arranged, named[column], columns.missing) for key, column in columns.keys.items()}
    keys = fill_events(keys.assign(**words)[filled], arranged)
    faults = [fault for key, column in columns.keys.items() for fault in _missing(keys, key, column, sheet.name)]
    for key, known in (("wave", columns.waves), ("cohort", columns.cohorts), ("audience", protocol.analysis.staff)):
        if known and key in keys:
            matched, unknown = _match(keys[key], known, arranged.layout == "redcap")
            if key != "audience":
                faults += _unknown(keys, key, unknown, columns.keys[key], known, sheet.name)
            keys[key] = matched
    faults += _absent_staff(keys, protocol, sheet.name)
    if columns.codes == "self-generated":
        keys["participant"] = _fold_codes(keys)
    for key in ("cohort", "participant", "audience"):
        if key in columns.keys:
            hidden = nameless and key == "participant"
            faults += find_variants(keys[key], keys["row"], key, columns.keys[key], sheet.name, hidden=hidden)
    return keys.assign(audience=keys.get("audience", EVERYBODY)), faults


def read_words(arranged: Arranged, column: str, missing: Sequence[str] = ()) -> pd.Series:
    """Read the cells of a column as words, a label of the file's in place of its number; missing where empty."""
    labels, none = arranged.sheet.labels.get(column, {}), {fold(word) for word in missing}
    cells = arranged.cells(column)
    meaning = {cell: labels.get(cell, to_word(cell)) for cell in cells.dropna().unique()}
    kept = {cell: word for cell, word in meaning.items() if fold(to_word(cell)) not in none}
    return cells.map(kept, na_action="ignore").astype(object)


def fill_events(rows: pd.DataFrame, arranged: Arranged) -> pd.DataFrame:
    """Let each event of REDCap have what it asks once, at one event: all columns but ``row, participant, wave``."""
    if arranged.layout != "redcap":
        return rows
    once = [column for column in rows.columns if column not in ("row", "participant", "wave")]
    first = rows.groupby("participant")[once].transform("first")
    return rows.assign(**{column: rows[column].fillna(first[column]) for column in once})


def find_variants(
    words: pd.Series, rows: pd.Series, key: str, column: str, table: str, *, hidden: bool = False
) -> Iterator[Fault]:
    """Name words that differ from others in case or space only."""
    first = pd.DataFrame({"word": words, "row": rows}).drop_duplicates("word").dropna(subset=["word"])
    folded = first["word"].map(fold)
    again = folded.duplicated(keep=False)
    for _, group in first[again].groupby(folded[again], sort=False):
        for word, row in zip(group["word"].iloc[1:], group["row"].iloc[1:], strict=True):
            other = f"row {group['row'].iloc[0]}"
            both = (
                f"this {key} and that of {other}"
                if hidden
                else f"{key} {word!r} and {group['word'].iloc[0]!r} ({other})"
            )
            yield Fault(table, int(row), column, f"{both} differ in case or space only; write one")


def find_clashes(long: pd.DataFrame, table: str, *, by_item: bool, nameless: bool) -> Iterator[Fault]:
    """Name participants twice in a wave, in two cohorts, or of two audiences.

    Parameters
    ----------
    long : DataFrame
        ``participant, cohort, audience, wave, item, row``, of those who answered.
    table : str
        Name of the file.
    by_item : bool
        Whether every answer has a row of its own.
    nameless : bool
        Whether to leave out who it is, since the column says so.
    """
    unit = ["participant", "wave", "item"]
    doubled = long[long.duplicated(unit, keep=False)].dropna(subset=unit)
    for which, found in doubled.groupby(unit if by_item else unit[:2], sort=False)["row"]:
        rows = sorted({int(row) for row in found})
        who = "a participant" if nameless else f"participant {which[0]!r}"
        task = f"has item {which[2]!r}" if by_item else "is there"
        yield Fault(
            table, rows[0], None, f"{who} {task} {len(rows)} times at wave {which[1]!r} ({list_rows(rows)}); keep one"
        )
    for key in ("cohort", "audience"):
        first = long.dropna(subset=["participant", key]).drop_duplicates(["participant", key])
        for person, group in first[first.duplicated("participant", keep=False)].groupby("participant", sort=False):
            words = " and ".join(f"{word!r} (row {row})" for word, row in zip(group[key], group["row"], strict=True))
            who = "a participant" if nameless else f"participant {person!r}"
            what = f"{who} has {key} {words}; correct one, or give one of them another code"
            yield Fault(table, int(group["row"].iloc[0]), None, what)


def tag_cohort(cohort: object) -> str:
    """Return what follows a self-generated code that several cohorts have made up."""
    return f" ({cohort})"


def _missing(keys: pd.DataFrame, key: str, column: str, table: str) -> Iterator[Fault]:
    rows = [int(row) for row in keys.loc[keys[key].isna(), "row"]]
    if rows:
        what = f"the {key} is missing{name_rows(rows)}; fill it in or take out the row"
        yield Fault(table, rows[0], column, what)


def _match(words: pd.Series, known: Sequence[str], events: bool) -> tuple[pd.Series, pd.Series]:
    """Put known words, compared in any case, in place of those given; say which are unknown."""
    folded = {strip_arm(fold(word)): word for word in known} if events else {}
    folded |= {fold(word): word for word in known}

    matched = {}
    for word in words.dropna().unique():
        key = fold(word)
        matched[word] = folded.get(key, folded.get(strip_arm(key)) if events else None)
    found = words.map(matched, na_action="ignore").astype(object)
    return found.fillna(words), found.isna() & words.notna()


def _unknown(
    keys: pd.DataFrame, key: str, unknown: pd.Series, column: str, known: Sequence[str], table: str
) -> Iterator[Fault]:
    words = keys.loc[unknown, key].unique()
    rows = [int(row) for row in keys.loc[unknown, "row"]]
    if len(words) > MOST_SHOWN:
        what = f"{len(words)} words are no {key} that is known, such as {words[0]!r} and {words[1]!r}{name_rows(rows)}"
        yield Fault(table, rows[0], column, f"{what}; name another column as the {key}, or add them to columns.{key}s")
        return
    for word in words:
        rows = [int(row) for row in keys.loc[unknown & (keys[key] == word), "row"]]
        mend = suggest_or(str(word), known, f"add it to columns.{key}s")
        yield Fault(table, rows[0], column, f"unknown {key} {word!r}{name_rows(rows)}; {mend}")


def _absent_staff(keys: pd.DataFrame, protocol: Protocol, table: str) -> Iterator[Fault]:
    for word in protocol.analysis.staff:
        there = keys["audience"].dropna().unique()
        if word not in there:
            mend = suggest_or(word, there, "correct analysis.staff")
            what = f"no row has the audience {word!r} of analysis.staff; {mend}"
            yield Fault(table, None, protocol.columns.audience, what)


def _fold_codes(keys: pd.DataFrame) -> pd.Series:
    """Write codes in capitals without signs; one that two cohorts have made up belongs to two people."""
    codes = keys["participant"].map(lambda code: "".join(filter(str.isalnum, code)).upper() or code, na_action="ignore")
    cohorts = keys["cohort"].groupby(codes).transform("nunique")
    return codes.mask(cohorts > 1, codes + keys["cohort"].map(tag_cohort, na_action="ignore"))
