from pathlib import Path

import pandas as pd
import pandera.pandas as pa
import pytest

from coprod import schemas
from coprod.data import Talk
from coprod.faults import check_frame
from coprod.schemas import ANNOTATIONS, TALK, TRAINING, in_words

MODELS = {**TALK, **TRAINING, **ANNOTATIONS}
COLUMNS = [(table, name) for table, model in MODELS.items() for name in model.to_schema().columns]


def column(table: str, name: str) -> pa.Column:
    return MODELS[table].to_schema().columns[name]


def test_every_file_has_a_model_and_every_model_a_file(root: Path) -> None:
    for folder, models in (("talk", TALK), ("training", TRAINING), (".", ANNOTATIONS)):
        assert {path.stem for path in (root / "data" / folder).glob("*.csv")} == set(models)


def test_every_model_is_used_and_described() -> None:
    models = {name for name in schemas.__all__ if isinstance(getattr(schemas, name), type)}
    assert {model.__name__ for model in MODELS.values()} == models - {"TalkRow"}
    assert all(model.__doc__ and model.__doc__.endswith(".") for model in MODELS.values())


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


def test_the_worked_example_is_valid_and_asks_what_its_protocol_says(root: Path) -> None:
    import tomllib

    folder = root / "data" / "training"
    frame = pd.read_csv(folder / "synthetic_responses.csv", dtype="string")
    valid, faults = check_frame(frame, TRAINING["synthetic_responses"], "synthetic_responses.csv")
    assert faults == []
    assert set(valid["synthetic"]) == {"yes"}
    protocol = tomllib.loads((folder / "protocol.toml").read_text(encoding="utf-8"))
    for scale in protocol["scale"]:
        for item, question in scale["wording"].items():
            assert f"'{question}'" in column("synthetic_responses", item).description
