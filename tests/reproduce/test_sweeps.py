import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from coprod.cli import main
from coprod.errors import UsageError
from coprod.reproduce.fingerprint import place_of_run
from coprod.reproduce.notebooks import Notebook, list_notebooks
from coprod.reproduce.sweeps import Member, read_given, settle, settle_one, split_assignments

MANY = """
base: "Literal[196, 209]" = 209
level: "Annotated[float, Gt(0), Lt(1)]" = 0.95
scale: "str" = "confidence"
"""


def coprod(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def labels(members: list[Member]) -> list[str]:
    return [member.label for member in members]


@pytest.fixture
def varied(tmp_path: Path, write_notebook: Callable[..., Path]) -> Notebook:
    """A notebook whose parameters are of all kinds."""
    path = write_notebook(tmp_path / "03_many.ipynb", "1", parameters=MANY)
    return Notebook(name="03_many", path=path, question="", slides=(), results=())


@pytest.mark.parametrize("text", ["base", "=3", ""])
def test_an_assignment_has_a_name_and_an_equals_sign(text: str) -> None:
    with pytest.raises(UsageError, match="not of the form name=value"):
        split_assignments([text])


def test_a_value_goes_to_the_notebooks_that_have_it(project: Path) -> None:
    assert labels(settle(list_notebooks(project), {"base": ["196"]})) == ["01_replies base=196", "02_drawing"]


def test_a_value_equal_to_the_default_changes_nothing(project: Path) -> None:
    assert labels(settle(list_notebooks(project), {"base": ["209"]})) == ["01_replies", "02_drawing"]


def test_a_name_no_notebook_has_gets_the_nearest(project: Path) -> None:
    with pytest.raises(UsageError) as caught:
        settle(list_notebooks(project), {"bse": ["196"]})
    assert str(caught.value) == "unknown parameter 'bse' for 01_replies, 02_drawing; did you mean 'base'?"


def test_every_combination_is_a_run_and_none_comes_twice(varied: Notebook) -> None:
    members = settle([varied], {"level": ["0.9,0.95", "0.9"], "base": ["196,209"]})
    assert labels(members) == [
        "03_many base=196 level=0.9", "03_many base=196", "03_many level=0.9", "03_many",
    ]  # fmt: skip


def test_a_comma_parts_values_only_where_the_whole_is_none(varied: Notebook) -> None:
    assert labels(settle([varied], {"scale": ["hope, trust"]})) == ["03_many scale=hope, trust"]
    assert labels(settle([varied], {"scale": ["hope", "trust"]})) == ["03_many scale=hope", "03_many scale=trust"]


@pytest.mark.parametrize("text", ["0.9,2", "0.9,", "2"])
def test_each_value_of_several_has_to_be_legal(varied: Notebook, text: str) -> None:
    with pytest.raises(UsageError, match=r"level=2?: .*\(Annotated\[float, Gt\(0\), Lt\(1\)\]\)"):
        settle([varied], {"level": [text]})


def test_where_one_run_is_meant_several_values_are_too_many(varied: Notebook) -> None:
    assert settle_one(varied, {"base": ["196"]}).parameters == {"base": 196}
    with pytest.raises(UsageError, match="the values make 2 \\(03_many base=196, 03_many\\); give one of each"):
        settle_one(varied, {"base": ["196,209"]})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("p.yaml", "base: [196, 209]\nlevel: 0.9\nscale: 'a, b'\n"),
        ("p.json", '{"base": [196, 209], "level": 0.9, "scale": "a, b"}'),
    ],
)
def test_a_file_gives_values_and_lists_of_them(tmp_path: Path, varied: Notebook, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    first, second = settle([varied], read_given(tmp_path / name))
    assert first.parameters == {"base": 196, "level": 0.9, "scale": "a, b"}
    assert second.parameters == {"level": 0.9, "scale": "a, b"}


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("p.yaml", "base: [196", "cannot read the parameters in"),
        ("p.json", "{", "cannot read the parameters in"),
        ("p.yaml", "- 196", "holds no names with values"),
        ("p.yaml", "", "holds no names with values"),
        ("p.yaml", "base: []", "'base' has an empty list"),
        ("gone.yaml", None, "cannot read the parameters in"),
    ],
)
def test_a_file_that_is_no_such_thing_is_named(tmp_path: Path, name: str, text: str | None, words: str) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(UsageError, match=words) as caught:
        read_given(tmp_path / name)
    assert name in str(caught.value)


def test_a_wrong_type_in_a_file_is_a_wrong_value(tmp_path: Path, varied: Notebook) -> None:
    (tmp_path / "p.yaml").write_text("level: {a: 1}")
    with pytest.raises(UsageError, match="level="):
        settle([varied], read_given(tmp_path / "p.yaml"))


def test_runs_whose_values_are_written_alike_have_folders_of_their_own(tmp_path: Path) -> None:
    places = {place_of_run("x", {"rule": rule}, tmp_path).name for rule in ("a b", "a/b", "a_b", "a" * 300, "a" * 301)}
    assert len(places) == 5
    assert "x-rule=a_b" in places
    assert all(len(place) < 140 for place in places)


def test_a_sweep_runs_siblings_and_puts_their_values_side_by_side(project: Path) -> None:
    result = coprod("run", "01", "-p", "base=196,209", "--json")
    assert result.exit_code == 0
    assert [(run["parameters"], run["status"]) for run in json.loads(result.stdout)["runs"]] == [
        ({"base": 196}, "ok"), ({}, "up to date"),
    ]  # fmt: skip
    with open(project / "reports" / "runs" / "01_replies.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["base"], row["id"], float(row["value"])) for row in rows] == [
        ("196", "share", 100.0), ("209", "share", pytest.approx(100 * 196 / 209)),
    ]  # fmt: skip
    assert coprod("why", "01", "-p", "base=196").stdout == "up to date\n"
    again = coprod("run", "01", "-p", "base=209", "-p", "base=196", "--json")
    assert [run["status"] for run in json.loads(again.stdout)["runs"]] == ["up to date", "up to date"]


def test_a_member_that_fails_leaves_its_siblings_and_says_so(project: Path) -> None:
    path = project / "notebooks" / "01_replies.ipynb"
    path.write_text(path.read_text().replace("100 * 196 / base", "100 * 196 / (base - 196)"))
    result = coprod("run", "01", "-p", "base=196,209", "--json")
    assert result.exit_code == 1
    first, second = json.loads(result.stdout)["runs"]
    assert (first["status"], first["error"], first["cell"]) == ("failed", "ZeroDivisionError", "step2")
    assert second["status"] == "ok"
    text = (project / "reports" / "runs" / "01_replies.csv").read_text()
    assert [line.split(",")[0] for line in text.splitlines()] == ["base", "209"]


def test_a_file_of_parameters_gives_way_to_the_command_line(project: Path, tmp_path: Path) -> None:  # noqa: ARG001
    (tmp_path / "p.yaml").write_text("base: [196, 209]\n")
    result = coprod("run", "01", "--params", "p.yaml", "-p", "base=209", "--json")
    assert [run["parameters"] for run in json.loads(result.stdout)["runs"]] == [{}]


def test_a_wrong_value_runs_nothing(project: Path) -> None:
    result = coprod("run", "-p", "base=196,197")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "base=197" in result.stderr
    assert not (project / "reports" / "runs").exists()
