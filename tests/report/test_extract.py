import csv
import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from coprod.errors import DataError, EnvironmentProblem
from coprod.report.extract import extract
from coprod.results import read_notebook


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def again(project: Path) -> Path:
    reports = project / "reports"
    extract(reports / "notebooks", reports)
    return reports


def test_every_result_becomes_its_files(project: Path) -> None:
    names = {name for name in files(project / "reports") if name.split("/")[0] in {"figures", "tables", "values.json"}}
    assert names == {
        "figures/synthetic_waffle.svg", "figures/synthetic_waffle-narrow.svg", "figures/synthetic_waffle.csv",
        "tables/replies.csv", "values.json",
    }  # fmt: skip


def test_extracting_twice_gives_the_same_bytes(project: Path) -> None:
    before = files(project / "reports")
    assert files(again(project)) == before


def test_the_data_are_those_of_the_result(project: Path) -> None:
    table = read_notebook(project / "reports" / "notebooks" / "01_replies.ipynb")[1]
    read = pd.read_csv(project / "reports" / "tables" / "replies.csv")
    pd.testing.assert_frame_equal(read, table.data.astype(read.dtypes), check_exact=True)  # type: ignore[attr-defined]
    text = (project / "reports" / "tables" / "replies.csv").read_text()
    assert "silent,,0.5" in text  # a missing cell is empty
    assert "0.30000000000000004" in text  # nothing is rounded


def test_synthetic_data_say_so_in_a_column(project: Path) -> None:
    with open(project / "reports" / "figures" / "synthetic_waffle.csv", newline="") as file:
        assert list(csv.DictReader(file)) == [{"synthetic": "True", "n": "209"}]


def test_the_drawings_are_kept_as_they_are(project: Path) -> None:
    for name, word in (("synthetic_waffle.svg", "wide"), ("synthetic_waffle-narrow.svg", "narrow")):
        assert f"<title>{word}</title>" in (project / "reports" / "figures" / name).read_text()


def test_a_value_keeps_its_words_and_its_place(project: Path) -> None:
    document = json.loads((project / "reports" / "values.json").read_text())
    assert document["schema"] == 1
    (value,) = document["values"]
    assert value.pop("value") == pytest.approx(100 * 196 / 209)
    assert value == {
        "id": "share", "unit": "%", "tolerance": 1e-6, "title": "Replies", "answer": "Most <replied>.", "slide": "S5",
        "notebook": "01_replies", "parameters": {"base": 209}, "synthetic": False,
    }  # fmt: skip


def test_stale_files_go_and_others_stay(project: Path) -> None:
    for name in ("figures/old.svg", "tables/old.csv"):
        (project / "reports" / name).write_text("old")
    (project / "reports" / "notebooks" / "02_drawing.ipynb").unlink()
    reports = again(project)
    assert [path.name for path in (reports / "tables").iterdir()] == ["replies.csv"]
    assert not (reports / "figures").exists()
    assert (reports / "expected" / "values.json").exists()
    assert not list(reports.glob(".*"))


def test_a_broken_notebook_leaves_the_files_as_they_were(project: Path) -> None:
    path = project / "reports" / "notebooks" / "02_drawing.ipynb"
    path.write_text(path.read_text()[:-100])
    before = files(project / "reports")
    with pytest.raises(DataError, match="02_drawing.ipynb is not a whole notebook"):
        again(project)
    assert files(project / "reports") == before


def test_without_executed_notebooks_it_says_what_to_run(project: Path) -> None:
    shutil.rmtree(project / "reports" / "notebooks")
    with pytest.raises(DataError, match="no executed notebook in .* run 'coprod run'"):
        again(project)


def test_reports_that_are_a_file_are_an_environment_problem(project: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentProblem, match="cannot write to"):
        extract(project / "reports" / "notebooks", tmp_path / "file")
