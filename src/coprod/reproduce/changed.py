"""A datum in another value that its table allows: a little changed, replaced, or changed by a lot."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any, Literal, NamedTuple

import pandas as pd
import pandera.pandas as pa

from coprod.faults import dangling_keys, references
from coprod.schemas import TalkRow

Size = Literal["little", "other", "large", "together"]
SIZES: tuple[Size, ...] = ("little", "other", "large", "together")
EMPTY = "empty"
MARKS = (" (changed)", "_changed")
FILLINGS: Mapping[str, tuple[object, ...]] = {
    "Int64": (1, 2000),
    "str": ("changed", "2017-01-01", "https://example.org/changed", "1"),
}
"""What an empty cell may be filled with; the first that the column allows is taken."""

Tables = Mapping[str, pd.DataFrame]
Models = Mapping[str, type[pa.DataFrameModel]]


class Datum(NamedTuple):
    """One cell of a table, or a whole row (no column) or column (row 0); rows as a spreadsheet counts them."""

    table: str
    row: int
    column: str

    def __str__(self) -> str:
        place = [f"row {self.row}"] * bool(self.row) + [self.column] * bool(self.column)
        return f"{self.table}.csv, {', '.join(place)}" if place else f"{self.table}.csv"


class Change(NamedTuple):
    """A datum, what it is, what it becomes and how far that is from it, and the table with it."""

    datum: Datum
    before: str
    after: str
    size: Size
    frame: pd.DataFrame


def change_cell(value: Any, column: pa.Column, others: Iterable[object] = ()) -> Iterator[tuple[Size, object]]:
    """Give other values that a cell could hold, by what the model says of its column.

    Parameters
    ----------
    value : object
        What it holds; missing where it is empty.
    column : pandera.Column
        Its column in one of :mod:`coprod.schemas`.
    others : iterable, optional
        What other rows hold, or the keys that it could point to.

    Yields
    ------
    tuple of str and object
        ``"little"``: a number by one, a percentage by one in its last place, a date by a day, a word marked, a
        category for another, an empty cell filled. ``"other"``: what stands in another row, or nothing. ``"large"``:
        half, twice, a decimal more, a year.

    Examples
    --------
    >>> from coprod.schemas import Survey
    >>> columns = Survey.to_schema().columns
    >>> [*change_cell("15", columns["percent"])]
    [('little', '16'), ('little', '14'), ('large', '15.5'), ('large', '30'), ('large', '7')]
    >>> [*change_cell("document", columns["origin"])]
    [('little', 'outside')]
    """
    given = list(others)
    seen = {value} if pd.notna(value) else set()
    for size, after in (*_little(value, column, given), *_other(value, column, given), *_large(value, column)):
        if after is pd.NA:
            yield size, after
        elif after not in seen and _allows(column, after):
            seen.add(after)
            yield size, after


def change_table(tables: Tables, name: str, models: Models, sizes: Iterable[Size]) -> Iterator[Change]:
    """Give each change of a datum of a table that leaves all tables valid.

    Parameters
    ----------
    tables : mapping
        Frames by name.
    name : str
        The table to change.
    models : mapping
        Their models.
    sizes : iterable of str
        Those of :func:`change_cell`, and ``"together"``: a column the same in all rows, a row left out or with
        the cells of another that tells of the same thing, all empty cells filled.

    Yields
    ------
    Change
        A datum that the models allow no change of is not among them.
    """
    wanted = set(sizes)
    frame = tables[name]
    for column_name, column in models[name].to_schema().columns.items():
        others = [*dict.fromkeys([*frame[column_name].dropna(), *_keys(tables, models[name], column_name)])]
        for place, value in enumerate(frame[column_name]):
            for size, after in change_cell(value, column, others):
                if size not in wanted:
                    continue
                changed = put(frame, place, column_name, after)
                if is_valid({**tables, name: changed}, name, models, column_name):
                    yield Change(Datum(name, place + 2, column_name), _say(value), _say(after), size, changed)
    for change in _together(frame, name, models[name].to_schema()) if "together" in wanted else ():
        if not change.frame.equals(frame) and is_valid({**tables, name: change.frame}, name, models):
            yield change


def put(frame: pd.DataFrame, place: int, column: str, value: Any) -> pd.DataFrame:
    """Return a frame with one cell in another value."""
    changed = frame.copy()
    changed.loc[changed.index[place], column] = value
    return changed


def _together(frame: pd.DataFrame, name: str, schema: pa.DataFrameSchema) -> Iterator[Change]:
    for place in range(len(frame)):
        rest = frame.drop(index=frame.index[place]).reset_index(drop=True)
        yield Change(Datum(name, place + 2, ""), "there", "left out", "together", rest)
    filled = frame.copy()
    for column in schema.columns:
        for value in frame[column].dropna().unique():
            alike = frame.assign(**{column: frame[column].mask(frame[column].notna(), value)})
            yield Change(Datum(name, 0, column), "as printed", f"{value} in all rows", "together", alike)
        for _, value in (
            ()
            if column in TalkRow.__annotations__
            else _little(pd.NA, schema.columns[column], list(frame[column].dropna()))
        ):
            filled[column] = (
                filled[column].astype(object).where(filled[column].notna(), value).astype(frame[column].dtype)
            )
    yield Change(Datum(name, 0, ""), "with empty cells", "all filled", "together", filled)
    keys = [*(schema.unique or ())]  # several columns: rows that share one of them tell of the same thing
    columns = [column for column in frame if column not in {*keys, *TalkRow.__annotations__}]
    for key in keys if len(keys) > 1 else ():
        for one, other in permutations(range(len(frame)), 2):
            if frame[key].iloc[one] == frame[key].iloc[other] and key not in TalkRow.__annotations__:
                copied = frame.copy()
                copied.loc[frame.index[one], columns] = frame.loc[frame.index[other], columns].to_numpy()
                yield Change(Datum(name, one + 2, ""), "as printed", f"like row {other + 2}", "together", copied)


def _say(value: object) -> str:
    return EMPTY if pd.isna(value) else str(value)  # type: ignore[call-overload]


def is_valid(tables: Tables, name: str, models: Models, column: str | None = None) -> bool:
    """Tell whether a table is valid by its model, and no key points to nothing; or only what one column bears on."""
    model = models[name]
    pointed_at = {there for other in models.values() for there in references(other).values()}
    whole = column is None or column in references(model) or (name, column) in pointed_at
    try:
        (model.to_schema() if column is None else _about(model.to_schema(), column)).validate(tables[name])
    except (pa.errors.SchemaError, pa.errors.SchemaErrors):
        return False
    return not (whole and dangling_keys(tables, models))


def _about(schema: pa.DataFrameSchema, column: str) -> pa.DataFrameSchema:
    """Return what a schema says of one column, and of rows as wholes."""
    return pa.DataFrameSchema({column: schema.columns[column]}, checks=schema.checks, unique=schema.unique)


def _keys(tables: Tables, model: type[pa.DataFrameModel], column: str) -> list[object]:
    table, key = references(model).get(column, ("", ""))
    return list(tables[table][key].dropna()) if table in tables else []


def _little(value: Any, column: pa.Column, others: list[object]) -> Iterator[tuple[Size, object]]:
    if pd.isna(value):
        fillings = [filling for filling in (*others, *FILLINGS[_kind(column)]) if _allows(column, filling)]
        values: Iterable[object] = fillings[:1] if column.nullable else ()
    elif _kind(column) == "Int64":
        values = (value + 1, value - 1)
    elif column.metadata["unit"] == "per cent":
        step = Decimal(1).scaleb(Decimal(value).as_tuple().exponent)  # type: ignore[arg-type]
        values = (str(Decimal(value) + step), str(Decimal(value) - step))
    elif column.metadata["unit"] == "date":
        values = (_days(value, 1), _days(value, -1))
    elif allowed := _rules(column).get("allowed_values"):
        values = allowed
    else:
        marked = [f"{value}{mark}" for mark in MARKS]
        values = [text for text in marked if _allows(column, text)][:1]
    yield from (("little", after) for after in values)


def _other(value: Any, column: pa.Column, others: list[object]) -> Iterator[tuple[Size, object]]:
    if pd.notna(value):
        yield from (("other", after) for after in others)
        if column.nullable:
            yield "other", pd.NA


def _large(value: Any, column: pa.Column) -> Iterator[tuple[Size, object]]:
    values: Iterable[object] = ()
    if pd.notna(value) and _kind(column) == "Int64":
        values = (value * 2, value // 2, value // 10)
    elif pd.notna(value) and column.metadata["unit"] == "per cent":
        values = (f"{value}.5", str(2 * Decimal(value)), str(Decimal(value) // 2))
    elif pd.notna(value) and column.metadata["unit"] == "date":
        values = (_days(value, 366), _days(value, -366))
    yield from (("large", after) for after in values)


def _days(day: str, by: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=by)).isoformat()


def _kind(column: pa.Column) -> str:
    return "Int64" if str(column.dtype) == "Int64" else "str"


def _rules(column: pa.Column) -> dict[str, Any]:
    return {name: value for check in column.checks for name, value in check.statistics.items()}


def _allows(column: pa.Column, value: Any) -> bool:
    """Tell whether a value passes the rules of its column; what it has to do with others the model alone knows."""
    tests: dict[str, Callable[[Any], bool]] = {
        "min_value": lambda least: value >= least,
        "max_value": lambda most: value <= most,
        "allowed_values": lambda allowed: value in allowed,
        "pattern": lambda pattern: bool(re.match(pattern, value)),
    }
    return all(tests[name](given) for name, given in _rules(column).items() if name in tests)
