from pathlib import Path

import pandera.pandas as pa
import pytest

from coprod import schemas
from coprod.data import Talk
from coprod.schemas import TALK, in_words

COLUMNS = [(table, name) for table, model in TALK.items() for name in model.to_schema().columns]


def column(table: str, name: str) -> pa.Column:
    return TALK[table].to_schema().columns[name]


def test_every_file_has_a_model_and_every_model_a_file(root: Path) -> None:
    assert {path.stem for path in (root / "data" / "talk").glob("*.csv")} == set(TALK)


def test_every_model_of_the_talk_is_used_and_described() -> None:
    models = {name for name in schemas.__all__ if isinstance(getattr(schemas, name), type)}
    assert {model.__name__ for model in TALK.values()} == models - {"TalkRow"}
    assert all(model.__doc__ and model.__doc__.endswith(".") for model in TALK.values())


@pytest.mark.parametrize(("table", "name"), COLUMNS)
def test_every_column_is_described_and_every_number_has_a_unit_or_is_a_place(table: str, name: str) -> None:
    rule = column(table, name)
    assert rule.description
    if str(rule.dtype) == "Int64" and not rule.metadata["unit"]:
        assert name in {"position", "line", "step", "volume", "issue"}


@pytest.mark.parametrize(
    ("table", "name", "words"),
    [
        ("survey", "slide", "a slide from S0 to S11"),
        ("survey", "percent", "a percentage from 0 to 100"),
        ("survey", "count", "a whole number of 0 or more"),
        ("works", "year", "a year from 1900 to 2100"),
        ("cohorts", "audience", "one of 'staff', 'students'"),
        ("slides", "heading", "text"),
    ],
)
def test_legal_values_are_said_in_words(table: str, name: str, words: str) -> None:
    assert in_words(column(table, name)) == words


def test_a_whole_number_without_a_least_value_is_said_in_words() -> None:
    assert in_words(pa.Column("Int64", metadata={"form": None})) == "a whole number"


def test_every_slide_of_the_talk_is_there(talk: Talk) -> None:
    assert list(talk["slides"]["slide"]) == [f"S{number}" for number in range(12)]


def test_every_source_is_used(talk: Talk) -> None:
    used = {source for name, table in talk.items() if name != "sources" for source in table["source"].dropna()}
    assert used == set(talk["sources"]["source"])
