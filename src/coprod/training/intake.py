"""Questionnaires as they come, turned into one answer a row; everything that is wrong is said at once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from coprod.data import Sheet, refuse_faults
from coprod.faults import Fault
from coprod.training.answers import Wrong, name_rows, suggest_or, to_numbers
from coprod.training.columns import MADE_UP, check_addresses, check_synthetic, find_columns
from coprod.training.covariates import read_covariates
from coprod.training.keys import KEYS, find_clashes, read_keys, read_words
from coprod.training.layouts import Arranged, arrange
from coprod.training.personal import find_personal, is_personal_name
from coprod.training.protocol import Protocol
from coprod.training.sections import fold

CHECKBOX = "___"
"""Stands in the names of REDCap's checkbox columns, which are 0 also where nobody has answered."""


@dataclass(frozen=True, eq=False)
class Intake:
    """Answers, and what was left behind.

    Attributes
    ----------
    responses : DataFrame
        ``participant, cohort, audience, wave, item, response``: one row per item of each questionnaire that came
        back, its answer missing where it was left out; ``wave`` an ordered categorical, the baseline first.
    dropped : tuple of str
        Columns that say who somebody is; nothing of them was kept.
    ignored : tuple of str
        Columns the protocol does not name.
    layout : str
        Which tool wrote the file.
    notes : tuple of str
        What was assumed on reading.
    covariates : DataFrame
        One column for each covariate of the protocol, indexed by participant; missing where empty.
    synthetic : bool
        Whether the file says that its answers are made up.
    """

    responses: pd.DataFrame
    dropped: tuple[str, ...]
    ignored: tuple[str, ...]
    layout: str
    notes: tuple[str, ...] = ()
    covariates: pd.DataFrame = field(default_factory=pd.DataFrame)
    synthetic: bool = False


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
        words that no label knows, an unknown wave or cohort, a participant twice in a wave or in two cohorts, a
        covariate with two values, answers that are made up where the protocol does not say so, or the reverse.

    Examples
    --------
    >>> cells = pd.DataFrame([["AN07", "one", "pre", "4"], ["AN07", "one", "post", "5"]])
    >>> plan = Protocol.model_validate(
    ...     {
    ...         "title": "A training",
    ...         "columns": {"participant": "code", "cohort": "group", "wave": "time", "waves": ["pre", "post"]},
    ...         "scale": [{"name": "sure", "items": ["q1"], "minimum": 1, "maximum": 5}],
    ...         "analysis": {"primary_scale": "sure", "primary_wave": "post"},
    ...     }
    ... )
    >>> tidy_responses(Sheet("answers.csv", ("code", "group", "time", "q1"), cells), plan).responses[
    ...     "response"
    ... ].tolist()
    [4.0, 5.0]
    """
    arranged = arrange(sheet, protocol.file.layout)
    named = find_columns(arranged, protocol)
    personal = find_personal(arranged.sheet)
    who = named[protocol.columns.participant]
    keys, faults = read_keys(arranged, protocol, named, nameless=who in personal)
    covariates, more = read_covariates(arranged, protocol, named, keys)
    faults += [*more, *check_addresses(arranged, protocol, named), *check_synthetic(arranged, protocol, named)]
    read = _read_long if protocol.columns.item else _read_wide
    long, more = read(arranged, protocol, named, keys)
    returned = long[_is_returned(long, protocol, arranged.layout)]
    by_item = protocol.columns.item is not None
    faults += [*more, *find_clashes(returned, sheet.name, by_item=by_item, nameless=who in personal)]
    refuse_faults(faults or _check_answered(returned, protocol, sheet.name), sheet.name)
    numbers = _number_people(returned["participant"]) if who in personal else {}
    used = set(named.values()) - {who} if who in personal else set(named.values())
    notes = [*sheet.notes, *_say_notes(long, returned, protocol), *_say_kept(arranged, protocol, named)]
    if numbers:
        notes.append(f"participants are numbered, since column {who!r} says who they are")
    return Intake(
        _complete(returned, protocol, numbers),
        tuple(name for name in personal if name not in used),
        tuple(_list_ignored(arranged.sheet.header, {*used, *personal})),
        arranged.layout,
        tuple(notes),
        covariates.reindex(sorted(returned["participant"].unique())).rename(index=numbers).sort_index(),
        protocol.synthetic,
    )


def _read_wide(
    arranged: Arranged, protocol: Protocol, named: Mapping[str, str], keys: pd.DataFrame
) -> tuple[pd.DataFrame, list[Fault]]:
    """Read a sheet with a column for each item, and perhaps for each item and wave."""
    columns, sheet, parts = protocol.columns, arranged.sheet, []
    faults: list[Fault] = []
    for wave in columns.waves if columns.wide else columns.waves[:1]:
        for item, scale in protocol.items.items():
            name = columns.name_answer(item, wave)
            cells, labels = arranged.cells(named[name])[keys.index], sheet.labels.get(named[name], {})
            numbers, wrong = to_numbers(cells, scale, item, labels, columns.missing)
            faults += _locate(wrong, keys, name, sheet.name)
            part = keys.assign(item=item, response=numbers)
            parts.append(part.assign(wave=wave) if columns.wide else part)
    return pd.concat(parts, ignore_index=True), faults


def _read_long(
    arranged: Arranged, protocol: Protocol, named: Mapping[str, str], keys: pd.DataFrame
) -> tuple[pd.DataFrame, list[Fault]]:
    """Read a sheet with a row for each answer; items the protocol does not name are left alone."""
    columns, table, parts = protocol.columns, arranged.sheet.name, []
    faults: list[Fault] = []
    item_column, response = str(columns.item), str(columns.response)
    given = read_words(arranged, named[item_column])[keys.index].map(fold, na_action="ignore")
    cells, labels = arranged.cells(named[response])[keys.index], arranged.sheet.labels.get(named[response], {})
    for item, scale in protocol.items.items():
        rows = given.index[given.isin([fold(item), fold(scale.wording.get(item, item))])]
        if rows.empty:
            mend = suggest_or(fold(item), sorted(given.dropna().unique())[:12], "correct columns.item or the scale")
            faults.append(Fault(table, None, item_column, f"no row has the item {item!r}; {mend}"))
        numbers, wrong = to_numbers(cells[rows], scale, item, labels, columns.missing)
        faults += _locate(wrong, keys, response, table)
        parts.append(keys.loc[rows].assign(item=item, response=numbers))
    return pd.concat(parts, ignore_index=True), faults


def _locate(wrong: Iterable[Wrong], keys: pd.DataFrame, column: str, table: str) -> Iterator[Fault]:
    for rows, what, mend in wrong:
        places = [int(row) for row in keys.loc[list(rows), "row"]]
        yield Fault(table, places[0], column, f"{what}{name_rows(places)}; {mend}")


def _is_returned(long: pd.DataFrame, protocol: Protocol, layout: str) -> pd.Series:
    """Tell which rows are of questionnaires with an answer; an empty box of REDCap's is none by itself."""
    given = long["response"].notna()
    boxes = long["item"].str.contains(CHECKBOX, regex=False)
    if layout == "redcap" and not boxes.all():
        given &= ~boxes | (long["response"] != 0)
    unit = ["participant", "wave"] if protocol.columns.item else ["row", "wave"]
    return given.groupby([long[key] for key in unit], dropna=False).transform("any")


def _check_answered(returned: pd.DataFrame, protocol: Protocol, table: str) -> list[Fault]:
    """Say what is missing for a change of the primary scale: the first wave, a later one, or any answer to it."""
    waves = protocol.columns.waves
    there = set(returned["wave"])
    column = protocol.columns.wave or protocol.columns.wide
    faults: list[Fault] = []
    if waves[0] not in there or len(there) < 2:
        empty = " and ".join(repr(wave) for wave in waves if wave not in there)
        what = f"no answers at wave {empty}; a change needs the first wave and a later one, look at columns.waves"
        faults.append(Fault(table, None, column, what))
    primary = returned[returned["item"].isin(protocol.primary.answers)]
    if not faults and primary["response"].isna().all():
        what = f"nobody answered an item of the primary scale {protocol.primary.name!r}; look at the names of its items"
        faults.append(Fault(table, None, None, what))
    return faults


def _complete(returned: pd.DataFrame, protocol: Protocol, numbers: Mapping[str, str]) -> pd.DataFrame:
    """Give each questionnaire one row per item, in order; name waves and participants."""
    people = returned[list(KEYS)].drop_duplicates(["participant", "wave"])
    grid = people.merge(pd.DataFrame({"item": list(protocol.items)}), how="cross")
    answers = returned[["participant", "wave", "item", "response"]]
    frame = grid.merge(answers, on=["participant", "wave", "item"], how="left")
    frame["participant"] = frame["participant"].replace(dict(numbers)).astype("str")
    frame["wave"] = pd.Categorical(frame["wave"], list(protocol.columns.waves), ordered=True)
    return frame.sort_values(["cohort", "participant", "wave", "item"], kind="stable", ignore_index=True)


def _number_people(participants: pd.Series) -> dict[str, str]:
    """Give people numbers, in an order that is always the same and not that of their names."""
    people = sorted(participants.unique(), key=lambda name: hashlib.sha256(name.encode()).hexdigest())
    return {name: f"P{number:04d}" for number, name in enumerate(people, start=1)}


def _list_ignored(header: Sequence[str], known: set[str]) -> Iterator[str]:
    for place, name in enumerate(header, start=1):
        if not name:
            yield f"column {place}, which has no name"
        elif name not in known and fold(name) != MADE_UP:
            yield name


def _say_notes(long: pd.DataFrame, returned: pd.DataFrame, protocol: Protocol) -> Iterator[str]:
    """Say what came back with nothing in it."""
    empty = len(long.drop_duplicates(["row", "wave"])) - len(returned.drop_duplicates(["row", "wave"]))
    if empty and not (protocol.columns.wide or protocol.columns.item):
        yield f"rows without an answer to any item, taken as not returned: {empty}"
    there = set(returned["wave"])
    yield from (f"no answers at wave {wave!r}" for wave in protocol.columns.waves if wave not in there)
    cohorts = set(returned["cohort"])
    yield from (f"no answers of cohort {name!r}" for name in protocol.columns.cohorts or () if name not in cohorts)
    given = set(returned.loc[returned["response"].notna(), "item"])
    yield from (f"nobody answered item {item!r}" for item in protocol.items if item not in given)


def _say_kept(arranged: Arranged, protocol: Protocol, named: Mapping[str, str]) -> Iterator[str]:
    """Say which columns look personal and are kept all the same, and what REDCap gives once."""
    for column in named:
        if column != protocol.columns.participant and is_personal_name(named[column]):
            yield f"column {named[column]!r} looks personal; it is kept, since the protocol names it"
    if arranged.layout == "redcap" and arranged.cells(named[protocol.columns.cohort]).isna().any():
        yield "what REDCap gives at one event, such as the cohort, is taken for all events of a participant"
