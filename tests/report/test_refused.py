"""What no site is built of: it is named, and the site that stands stays byte for byte."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from coprod.errors import DataError
from coprod.report.extract import extract
from coprod.report.site import build_site
from coprod.report.site.chapters import write_chapters
from coprod.reproduce.collect import collect
from coprod.reproduce.notebooks import list_notebooks
from coprod.results import MIME

INDEX = "# Replies\n\n```{toctree}\n01_replies\n02_drawing\n```\n"


def build(project: Path) -> Path:
    reports = project / "reports"

    def write(source: Path) -> None:
        displayed = collect(sorted((reports / "notebooks").glob("*.ipynb")))
        write_chapters(source, reports, list_notebooks(project), displayed)
        (source / "index.md").write_text(INDEX, encoding="utf-8")

    return build_site(reports / "site", "Replies", write).parent


@pytest.fixture(scope="module")
def built(executed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small project with a site, to be copied."""
    project = tmp_path_factory.mktemp("built") / "project"
    shutil.copytree(executed, project)
    extract(project / "reports" / "notebooks", project / "reports")
    build(project)
    return project


def change(notebook: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    """Change the results inside an executed notebook."""
    content = json.loads(notebook.read_text(encoding="utf-8"))
    for cell in content["cells"]:
        for output in cell.get("outputs", []):
            if MIME in output.get("data", {}):
                edit(output["data"][MIME])
    notebook.write_text(json.dumps(content), encoding="utf-8")


def widen(name: str) -> Callable[[dict[str, Any]], object]:
    wider = {"wide": ("0 0 648", "0 0 649"), "narrow": ("0 0 270", "0 0 271")}
    return lambda result: result.update({name: result[name].replace(*wider[name])})


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (lambda result: result.update(alt=" "), ["'waffle'", "no alt text", "give it one"]),
        (lambda result: result.update(id="share"), ["'share'", "01_replies", "02_drawing", "rename one"]),
        (widen("wide"), ["'waffle'", "wide drawing is 649 points wide", "room for 648"]),
        (widen("narrow"), ["'waffle'", "narrow drawing is 271 points wide", "room for 270"]),
        (None, ["02_drawing.ipynb", "coprod run"]),
    ],
    ids=["no alt text", "an id twice", "wider than a page", "wider than a phone", "no notebook"],
)
def test_it_is_named_and_the_site_that_stands_stays(
    built: Path, tmp_path: Path, edit: Callable[[dict[str, Any]], object] | None, words: list[str]
) -> None:
    project = tmp_path / "project"
    shutil.copytree(built, project)
    notebook, site = project / "reports" / "notebooks" / "02_drawing.ipynb", project / "reports" / "site"
    before = {path: path.read_bytes() for path in site.rglob("*") if path.is_file()}
    assert site / "02_drawing.html" in before
    change(notebook, edit) if edit else notebook.unlink()
    with pytest.raises(DataError) as refused:
        build(project)
    assert [word for word in words if word not in str(refused.value)] == []
    assert {path: path.read_bytes() for path in site.rglob("*") if path.is_file()} == before
    assert sorted(path.name for path in site.parent.iterdir() if path.name.startswith(".site")) == []


def test_the_same_project_unchanged_is_built_to_the_same_bytes(built: Path, tmp_path: Path) -> None:
    shutil.copytree(built, tmp_path / "project")
    site = tmp_path / "project" / "reports" / "site"
    before = {path.relative_to(site): path.read_bytes() for path in site.rglob("*") if path.is_file()}
    build(tmp_path / "project")
    after = {path.relative_to(site): path.read_bytes() for path in site.rglob("*") if path.is_file()}
    assert [path for path in before.keys() | after.keys() if before.get(path) != after.get(path)] == []
