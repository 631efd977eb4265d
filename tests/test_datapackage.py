import hashlib
import json
from pathlib import Path

import frictionless
import pytest

from coprod import datapackage
from coprod.data import read_talk
from coprod.errors import DataError
from coprod.schemas import ANNOTATIONS, TALK, TRAINING


@pytest.fixture(scope="module")
def descriptor(root: Path) -> dict[str, object]:
    return json.loads((root / "data" / "datapackage.json").read_text(encoding="utf-8"))


def resource(descriptor: dict[str, object], name: str) -> dict[str, object]:
    return next(resource for resource in descriptor["resources"] if resource["name"] == name)


def field(descriptor: dict[str, object], table: str, column: str) -> dict[str, object]:
    return next(f for f in resource(descriptor, table)["schema"]["fields"] if f["name"] == column)


def test_the_committed_descriptor_is_the_one_the_models_give(descriptor: dict[str, object], root: Path) -> None:
    assert descriptor == datapackage.describe(root), "run 'make datapackage'"


def test_writing_gives_the_same_bytes_wherever_it_is_done(home: Path, root: Path) -> None:
    written = datapackage.write(home)
    assert written == home / "data" / "datapackage.json"
    assert written.read_bytes() == (root / "data" / "datapackage.json").read_bytes()


def test_the_package_is_valid_for_frictionless(root: Path) -> None:
    report = frictionless.validate(str(root / "data" / "datapackage.json"))
    assert report.valid, report.to_summary()
    assert report.stats["tasks"] == len(TALK) + len(TRAINING) + len(ANNOTATIONS)


def test_frictionless_sees_a_key_that_dangles(home: Path) -> None:
    path = home / "data" / "talk" / "press.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("any_coproduction", "nothing", 1), encoding="utf-8")
    datapackage.write(home)
    report = frictionless.validate(str(home / "data" / "datapackage.json"))
    assert "foreign-key" in {error.type for task in report.tasks for error in task.errors}


def test_every_table_and_column_is_described(descriptor: dict[str, object], root: Path) -> None:
    assert [resource["name"] for resource in descriptor["resources"]] == [*TALK, *TRAINING, *ANNOTATIONS]
    for table in descriptor["resources"]:
        content = (root / "data" / table["path"]).read_bytes()
        assert table["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
        assert table["bytes"] == len(content)
        assert {"title", "description", "licenses", "sources", "encoding"} <= set(table)
        header = content.decode("utf-8").split("\n", 1)[0].split(",")
        assert [f["name"] for f in table["schema"]["fields"]] == header
        assert all(f["type"] and f["description"] for f in table["schema"]["fields"])


def test_a_column_keeps_its_type_unit_and_limits(descriptor: dict[str, object]) -> None:
    assert field(descriptor, "survey", "base") == {
        "name": "base",
        "type": "integer",
        "description": "Groups asked, where printed",
        "unit": "groups",
        "constraints": {"minimum": 1},
    }
    assert field(descriptor, "cohorts", "first_day")["type"] == "date"
    assert field(descriptor, "works", "year")["constraints"] == {"required": True, "minimum": 1900, "maximum": 2100}
    assert field(descriptor, "survey", "origin")["constraints"]["enum"] == ["document", "outside"]
    assert field(descriptor, "claims", "claim")["constraints"]["unique"] is True


def test_keys_are_described(descriptor: dict[str, object]) -> None:
    assert resource(descriptor, "works")["schema"]["primaryKey"] == ["work", "origin"]
    assert resource(descriptor, "survey")["schema"]["primaryKey"] == ["item"]
    assert "primaryKey" not in resource(descriptor, "duties")["schema"]
    links = {
        (link["fields"][0], link["reference"]["resource"], link["reference"]["fields"][0])
        for link in resource(descriptor, "survey")["schema"]["foreignKeys"]
    }
    assert links == {("slide", "slides", "slide"), ("source", "sources", "source"), ("subset_of", "", "item")}


def test_a_changed_table_is_named_and_still_read(home: Path) -> None:
    assert datapackage.changed_tables(home) == []
    path = home / "data" / "talk" / "survey.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("196", "195"), encoding="utf-8")
    assert datapackage.changed_tables(home) == ["talk/survey.csv"]
    assert read_talk(home)["survey"].loc[0, "count"] == 195
    (home / "data" / "talk" / "duties.csv").unlink()
    assert set(datapackage.changed_tables(home)) == {"talk/survey.csv", "talk/duties.csv"}


@pytest.mark.parametrize("content", [None, "", "[]", "{}", '{"resources": [{"path": "talk/survey.csv"}]}'])
def test_a_broken_descriptor_says_how_to_make_it_anew(home: Path, content: str | None) -> None:
    path = home / "data" / "datapackage.json"
    path.unlink() if content is None else path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match="datapackage.json cannot be read .*; run 'make datapackage'"):
        datapackage.changed_tables(home)
