"""The notebooks: their form, what they give under every parameter that matters, and twice the same."""

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest

from coprod.data import read_talk
from coprod.reproduce.check import check
from coprod.reproduce.execute import Task, run_notebooks
from coprod.reproduce.notebooks import Notebook, list_notebooks
from coprod.reproduce.parameters import read_parameters
from coprod.results import Figure, Value, read_notebook
from coprod.talk.claims import adjudicate
from coprod.talk.rules import VERDICTS

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = list_notebooks(ROOT)
each_notebook = pytest.mark.parametrize("notebook", NOTEBOOKS, ids=[notebook.name for notebook in NOTEBOOKS])


def cells(notebook: Notebook) -> list[dict[str, Any]]:
    return json.loads(notebook.path.read_text(encoding="utf-8"))["cells"]


def code(notebook: Notebook) -> list[dict[str, Any]]:
    return [cell for cell in cells(notebook) if cell["cell_type"] == "code"]


def test_every_notebook_is_listed_and_every_slide_has_one():
    assert {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")} == {notebook.name for notebook in NOTEBOOKS}
    slides = {slide for notebook in NOTEBOOKS if notebook.name != "00_start" for slide in notebook.slides}
    assert slides == set(read_talk()["slides"]["slide"])


def test_the_map_leads_to_every_other_notebook():
    text = "".join(cells(NOTEBOOKS[0])[0]["source"])
    for notebook in NOTEBOOKS[1:]:
        row = f"| [{notebook.name}]({notebook.path.name}) | {notebook.question} | {', '.join(notebook.slides)} |"
        assert row in text


@each_notebook
def test_a_notebook_is_thin(notebook):
    assert "".join(cells(notebook)[0]["source"]).startswith(f"# {notebook.question}")
    assert len(code(notebook)) <= 10
    for cell in code(notebook):
        source = "".join(cell["source"])
        assert len(source.splitlines()) <= 10, cell["id"]
        kinds = {type(node) for node in ast.walk(ast.parse(source))}
        assert not kinds & {ast.FunctionDef, ast.Lambda, ast.For, ast.While, ast.ListComp}, cell["id"]
        assert not re.search(r"open\(|read_csv|Path\(|\.to_csv|savefig", source), cell["id"]


@each_notebook
def test_prose_types_no_number(notebook):
    for cell in cells(notebook)[1:]:
        if cell["cell_type"] == "markdown":
            assert not re.search(r"\d", "".join(cell["source"])), cell["id"]


@each_notebook
def test_the_parameters_are_typed_and_explained(notebook):
    assert code(notebook)[0]["metadata"]["tags"] == ["parameters"]
    for parameter in read_parameters(notebook.path):
        assert parameter.comment
        assert parameter.convert(str(parameter.default)) == parameter.default


@each_notebook
def test_only_the_check_cell_keeps_its_output(notebook):
    *others, check_cell = code(notebook)
    assert check_cell["id"] == "check"
    assert check_cell["metadata"]["tags"] == ["nbval-check-output", "keep_output"]
    assert check_cell["outputs"], "a check cell without output passes whatever it prints"
    assert [cell["id"] for cell in others if cell["outputs"]] == []
    assert [cell["id"] for cell in code(notebook) if cell["execution_count"] is None] == []


def run(folder: Path, *tasks: tuple[Notebook, dict[str, object]]) -> list[Path]:
    outcomes = run_notebooks([Task(notebook, folder, values) for notebook, values in tasks], home=ROOT)
    assert [outcome.message for outcome in outcomes if outcome.status == "failed"] == []
    return [outcome.path for outcome in outcomes]


VARIANTS = [
    {"base": 209, "rounding": "nearest", "level": 0.9},
    {"base": 196, "rounding": "truncation"},
    {"base": 209, "rounding": "half-even", "claim": "rounding_rule"},
    {"base": 196, "rounding": "ceiling", "level": 0.99},
]


@pytest.mark.parametrize("values", VARIANTS, ids=lambda values: f"{values['base']}-{values['rounding']}")
def test_commissioning_runs_under_every_reading(tmp_path, values):
    (commissioning,) = [notebook for notebook in NOTEBOOKS if notebook.name == "03_commissioning"]
    (path,) = run(tmp_path, (commissioning, values))
    results = {result.id: result for result in read_notebook(path)}
    waffle, low = results["foi_waffle"], results["any_coproduction_low"]
    assert isinstance(waffle, Figure)
    assert isinstance(low, Value)
    assert low.parameters == {"base": values["base"], "rounding": values["rounding"]}
    assert f"{low.value} or " in waffle.alt
    assert f"Of {values['base']} groups" in waffle.alt
    assert f"{100 * values.get('level', 0.95):g}%" in results["foi_superpopulation"].answer


def without_times(path: Path) -> dict[str, Any]:
    content = json.loads(path.read_text(encoding="utf-8"))
    for part in [content, *content["cells"]]:
        for key in ("start_time", "end_time", "duration"):
            part["metadata"].get("papermill", {}).pop(key, None)
    return content


def test_all_notebooks_come_out_as_stored_and_twice_the_same(tmp_path):
    found = check(ROOT)
    assert found.to_json()["ok"], found.to_json()["sentence"]
    first, second = (run(tmp_path / name, *((notebook, {}) for notebook in NOTEBOOKS)) for name in ("one", "two"))
    for one, two in zip(first, second, strict=True):
        assert without_times(one) == without_times(two), one.name


def test_the_readme_shows_what_came_out():
    ledger, slides = adjudicate(read_talk()), read_talk()["slides"]
    rows = []
    for slide, heading in zip(slides["slide"], slides["heading"], strict=True):
        name = next(n.name for n in NOTEBOOKS[1:] if slide in n.slides)
        counts = ledger[ledger["slide"] == slide]["verdict"].value_counts()
        verdicts = ", ".join(f"{counts[verdict]} {verdict}" for verdict in VERDICTS if verdict in counts)
        rows.append(f"| {slide} {heading} | [{name}](notebooks/{name}.ipynb) | {verdicts or 'no claim of its own'} |")
    assert "\n".join(rows) in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_readme_figure_is_the_one_a_run_draws():
    from coprod.figures.survey import plot_waffle
    from coprod.talk.survey import answer_counts, reply_counts

    survey = read_talk()["survey"]
    replied, total = reply_counts(survey)
    figure = plot_waffle(answer_counts(survey, replied), total=total, base=replied, replied=replied)
    assert (ROOT / "docs" / "foi_waffle.svg").read_text(encoding="utf-8") == figure.wide
