"""The explorer: each control moves its figure, and nothing of it enters the report or what a rerun is held to."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import ipywidgets
import pytest

from coprod.data import Talk
from coprod.errors import UsageError
from coprod.report.explore import draw_ranges, draw_training, explore_request, explore_training
from coprod.reproduce.notebooks import list_notebooks
from coprod.talk.survey import answer_ranges
from coprod.training.nonresponse import estimate_under_delta
from coprod.training.study import Study, read_study


@pytest.fixture(scope="module")
def study(root: Path) -> Study:
    return read_study(root / "data/training/synthetic_responses.csv", root / "data/training/protocol.toml")


def parts(explorer: ipywidgets.VBox) -> tuple[dict[str, Any], list[ipywidgets.HTML]]:
    """Return the controls by what they say, and the places of the figures."""
    boxes = [box for box in explorer.children if isinstance(box, ipywidgets.VBox)] or [explorer]
    widgets = [widget for box in boxes for widget in box.children]
    shown = [widget for widget in widgets if isinstance(widget, ipywidgets.HTML)]
    return {widget.description: widget for widget in widgets if widget not in shown}, shown


def other(control: Any) -> Any:
    """Return a value that the control does not have."""
    if hasattr(control, "options"):
        return next(option for option in reversed(control.options) if option != control.value)
    return control.max if isinstance(control.value, int) else (control.min, control.max)


MOVED = {
    "They were rounded by": ["foi_waffle", "foi_bounds"],
    "Percentages are of this many groups": ["foi_waffle"],
    "Silent groups that would have said yes": ["foi_bounds"],
    "Cohort left out": ["tipping_point"],
    "Scale": ["tipping_point"],
    "Compared with the start": ["tipping_point"],
    "Those who did not reply differ by (points)": ["tipping_point"],
}


def test_each_control_moves_its_figures_no_other_and_back_again(talk: Talk, study: Study) -> None:
    moved = {}
    for explorer in (explore_request(talk), explore_training(study)):
        controls, shown = parts(explorer)
        for name, control in controls.items():
            before, value = [place.value for place in shown], control.value
            control.value = other(control)
            after = [place.value for place in shown]
            assert all(re.search('<img alt="[^"]', html) for html in after), name
            moved[name] = [
                re.findall('<figure id="([^"]*)"', new)[0] for old, new in zip(before, after, strict=True) if old != new
            ]
            control.value = value
            assert [place.value for place in shown] == before, name
    assert moved == MOVED


def test_a_guess_at_the_silent_groups_lies_inside_what_they_could_have_done(talk: Talk) -> None:
    whatever = answer_ranges(talk["survey"]).query("reading == 'whatever'")
    none, every = (draw_ranges(talk, "nearest", yes).data.query("reading == 'whatever'") for yes in (0, 13))
    assert none["low"].tolist() == whatever["low"].tolist()
    assert every["high"].tolist() == whatever["high"].tolist()
    assert (every["low"] - none["low"]).tolist() == [13] * len(none)
    assert (every["share_high"] * every["n"]).round(9).tolist() == every["high"].tolist()


def test_the_line_is_that_of_the_assumed_differences(study: Study) -> None:
    figure = draw_training(study, "none", "", "later", (-1.0, 0.5))
    line = figure.data[figure.data["what"] == "curve"]
    assert (line["delta"].min(), line["delta"].max()) == (-1.0, 0.5)
    found = estimate_under_delta(study.score(), "before", "later", [-1.0, 0.5]).query("frame == 'future_cohorts'")
    assert line["estimate"].iloc[[0, -1]].tolist() == pytest.approx(found["estimate"].tolist())


def test_a_cohort_left_out_is_left_out_and_named_and_the_mark_stays(study: Study) -> None:
    whole, part = (draw_training(study, without, "", "later", (-1.0, 1.0)) for without in ("none", "Cohort 2"))
    own = study.score().query("cohort == 'Cohort 2' and wave == 'before'")["score"].notna().sum()
    assert whole.data["n_participants"].iloc[0] - part.data["n_participants"].iloc[0] == own
    assert "without Cohort 2" in part.source
    assert part.synthetic
    assert "Synthetic data, made up" in part.to_html()


def test_why_there_is_no_figure_is_said_in_its_place(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise UsageError("no answer has a <range>")

    explorer = explore_request(talk)
    monkeypatch.setattr("coprod.report.explore.plot_bounds", refuse)
    controls, (_, ranges) = parts(explorer)
    controls["They were rounded by"].value = "truncation"
    assert ranges.value == "<p role='status'>no answer has a &lt;range&gt;</p>"


def test_the_explorer_is_thin_and_no_notebook_of_the_report(root: Path) -> None:
    path = root / "notebooks" / "explore" / "explorer.ipynb"
    assert path not in [notebook.path for notebook in list_notebooks(root)]
    code = [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
    assert len(code) <= 10
    for cell in code:
        source = "".join(cell["source"])
        assert len(source.splitlines()) <= 10
        kinds = {type(node) for node in ast.walk(ast.parse(source))}
        assert not kinds & {ast.FunctionDef, ast.Lambda, ast.For, ast.While}
        assert cell["outputs"] == []


def test_stored_results_are_not_looked_for_in_the_explorer(root: Path) -> None:
    command = [sys.executable, "-m", "pytest", "notebooks", "--coprod-lax", "--collect-only", "-q", "-p", "no:xdist",
               "-p", "no:cacheprovider"]  # fmt: skip
    listed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout
    assert "00_start.ipynb" in listed
    assert "explorer" not in listed
