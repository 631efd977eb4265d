"""The site of an evaluation, made of a few real results without running a notebook; tests/browser reads a whole one."""

import hashlib
import html
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from coprod.errors import DataError
from coprod.figures.outcomes import plot_flow
from coprod.privacy import check_folder
from coprod.report.extract import extract
from coprod.report.made import FILES, Made
from coprod.report.site.evaluated import PAGES, add_site, say_command
from coprod.reproduce.notebooks import Notebook
from coprod.results import Result
from coprod.training import describe, tables
from coprod.training.study import Study, read_study

QUESTION = "What changed after the training?"
ANSWERS, PLAN = "our answers.csv", "plan.toml"
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python", "language": "python"}}
METHODS = "# Methods\n\nTwo codes of one person look like 2 people.\n"
PICTURE = "synthetic_questionnaires_returned.png"


def make(folder: Path, root: Path, profile: str) -> Made:
    """Make what an evaluation has made before its site: results in a notebook, and files beside it."""
    plan = (root / "data" / "training" / PLAN.replace("plan", "protocol")).read_text(encoding="utf-8")
    (folder / "in").mkdir(parents=True)
    (folder / "in" / PLAN).write_text(plan.replace('"internal"', f'"{profile}"'), encoding="utf-8")
    answers = (root / "data" / "training" / "synthetic_responses.csv").read_bytes()
    (folder / "in" / ANSWERS).write_bytes(answers)
    study = read_study(folder / "in" / ANSWERS, folder / "in" / PLAN)
    flow = describe.count_flow(study)
    results = [tables.table_reading(study), plot_flow(flow, study), tables.table_flow(flow, study)]
    out = folder / "out"
    notebook = write_notebook(out / "notebooks" / "06_outcomes.ipynb", results)
    for name, _ in FILES:
        (out / name).write_text("", encoding="utf-8")
    displayed = tuple(extract(out / "notebooks", out))
    (folder / "home" / "docs").mkdir(parents=True)
    (folder / "home" / "docs" / "methods.md").write_text(METHODS, encoding="utf-8")
    given = (folder / "in" / ANSWERS, folder / "in" / PLAN)
    return Made(out, study, (notebook,), displayed, "It rose.", *given, out, folder / "home")


def write_notebook(path: Path, results: list[Result]) -> Notebook:
    words = {"cell_type": "markdown", "id": "title", "metadata": {}, "source": "# A talk\n\nThe talk of slide S9."}
    outputs = [
        {"output_type": "display_data", "metadata": {}, "data": result._repr_mimebundle_()} for result in results
    ]
    code = {
        "cell_type": "code",
        "id": "reading",
        "metadata": {},
        "source": "show()",
        "execution_count": 1,
        "outputs": outputs,
    }
    content = {"nbformat": 4, "nbformat_minor": 5, "metadata": KERNEL, "cells": [words, code]}
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(content), encoding="utf-8")
    return Notebook(path.stem, QUESTION, ("S9",), tuple(result.id for result in results), path, "Results")


@pytest.fixture(scope="module")
def built(root: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Made, frozenset[str]]:
    """A site under opensafely, and what is known of its files; to be read only."""
    made = make(tmp_path_factory.mktemp("evaluated"), root, "opensafely")
    return made, add_site(made)


def codes(study: Study) -> list[str]:
    return sorted({*study.intake.responses["participant"]})


def words_of(page: Path) -> str:
    article = page.read_text(encoding="utf-8").split("<article", 1)[1].split(">", 1)[1].split("</article>")[0]
    unlinked = re.sub(r"</?(?:a|span|strong|code)\b[^>]*>", "", article)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", unlinked)).split())


def test_every_page_is_there_and_says_what_it_is_for(built: tuple[Made, frozenset[str]]) -> None:
    made, site = built[0], built[0].folder / "site"
    assert {*PAGES, "06_outcomes", "methods"} <= {path.stem for path in site.glob("*.html")}
    summary = words_of(site / "index.html")
    for words in (
        "It rose. This is the primary outcome of the protocol.",
        made.study.protocol.title,
        "synthetic",
        "That patients fare better",
        made.study.profile.words,
    ):
        assert words in summary
    (figure,) = [result for _, result in made.displayed if result.id == "questionnaires_returned"]
    assert f"{figure.title} {figure.answer}" in summary
    assert made.study.protocol.hash in words_of(site / "protocol.html")
    assert "'confidence' needs 4 of 5 answers." in words_of(site / "protocol.html")
    files = words_of(site / "files.html")
    assert "coprod evaluate 'our answers.csv' --protocol plan.toml --out out --report" in files
    for name, what in FILES:
        assert f"{name} : {what}".replace(" :", ":") in files
        assert (site / "_static" / name).is_file()


def test_an_outcome_that_is_not_the_primary_one_is_called_so_and_its_command_asks_for_it(
    built: tuple[Made, frozenset[str]],
) -> None:
    assert built[0].place == "the primary outcome of the protocol"
    other = replace(built[0], scale="knowledge", wave="later")
    assert other.place == "not the primary outcome of the protocol"
    assert say_command(other).endswith(" --out out --scale knowledge --wave later --report")


def test_a_chapter_says_nothing_of_the_talk(built: tuple[Made, frozenset[str]]) -> None:
    chapter = words_of(built[0].folder / "site" / "06_outcomes.html")
    assert chapter.startswith(QUESTION)
    assert "talk" not in chapter
    assert "Slide" not in chapter
    assert "To make it again coprod evaluate 'our answers.csv' --protocol plan.toml" in chapter


def test_a_site_that_reveals_nothing_passes_the_search(built: tuple[Made, frozenset[str]]) -> None:
    made, known = built
    assert check_folder(made.folder / "site", made.study.profile, codes(made.study), known) == []
    unknown = {fault.table for fault in check_folder(made.folder / "site", made.study.profile)}
    assert {f"_static/figures/{PICTURE}", "_static/fonts/Bold.woff"} <= unknown


@pytest.mark.parametrize(
    ("name", "edit", "words"),
    [
        ("index.html", lambda content, _: content.replace(b"It rose.", b"Of 3 people it rose."), "count 3 people"),
        ("methods.html", lambda content, _: content.replace(b"<h1>", b"<p>Of 3 people it rose.</p><h1>"), "3 people"),
        ("searchindex.js", lambda content, code: content.replace(b"{", b"{" + code + b":0,", 1), "participant's code"),
        (f"_static/figures/{PICTURE}", lambda content, _: content + b"!", "cannot be searched"),
        ("_static/fonts/Bold.woff", lambda content, _: content + b"!", "cannot be searched"),
        ("_static/coprod.css", lambda content, code: content + b"/* " + code + b" */", "participant's code"),
    ],
)  # fmt: skip
def test_what_reveals_somebody_is_found_in_any_file_of_it(
    built: tuple[Made, frozenset[str]], name: str, edit: Callable[[bytes, bytes], bytes], words: str
) -> None:
    made, known = built
    path, code = made.folder / "site" / name, codes(made.study)[0]
    content = path.read_bytes()
    path.write_bytes(edit(content, code.lower().encode()))
    try:
        faults = check_folder(made.folder / "site", made.study.profile, codes(made.study), known)
    finally:
        path.write_bytes(content)
    assert {fault.table for fault in faults} == {name}
    assert words in str(faults[0])


def test_the_checksum_of_the_answers_is_told_inside_the_team_only(
    root: Path, built: tuple[Made, frozenset[str]], tmp_path: Path
) -> None:
    digest = hashlib.sha256(built[0].responses.read_bytes()).hexdigest()
    assert not [path for path in built[0].folder.rglob("*.html") if digest in path.read_text(encoding="utf-8")]
    inside = make(tmp_path, root, "internal")
    add_site(inside)
    told = words_of(inside.folder / "site" / "files.html")
    assert digest in told
    assert "inside the team" in told


def test_a_notebook_that_is_not_there_is_named_and_leaves_no_site(root: Path, tmp_path: Path) -> None:
    made = make(tmp_path, root, "opensafely")
    gone = replace(made, notebooks=(replace(made.notebooks[0], path=Path("07_sensitivity.ipynb")),))
    with pytest.raises(DataError, match="no executed notebook 07_sensitivity.ipynb"):
        add_site(gone)
    assert not (made.folder / "site").exists()
