import json
from pathlib import Path

import pytest

from coprod.errors import DataError, UsageError
from coprod.reproduce.notebooks import choose, list_notebooks, read_source, say_slides


def listing(project: Path) -> Path:
    return project / "notebooks" / "notebooks.toml"


def test_the_listing_gives_order_question_slides_and_results(project: Path) -> None:
    first, second = list_notebooks(project)
    assert (first.name, first.slides, first.results) == ("01_replies", ("S5",), ("share", "replies"))
    assert first.question == "How many groups <replied>?"
    assert second.path == project / "notebooks" / "02_drawing.ipynb"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('name = "01_replies"', "name = 1", "name, title and question are not all texts"),
        ('results = ["waffle"]', 'results = "waffle"', "results is not a list of texts"),
        ('results = ["waffle"]', "", "KeyError: 'results'"),
        ('slides = ["S5"]', 'slides = ["S12"]', "slide 'S12' is not one of S0 to S11"),
        ("question", "qestion", "unknown key 'qestion', did you mean 'question'"),
        ("[[notebook]]", "[[notebook", "TOMLDecodeError"),
        ("[[notebook]]", "[[chapter]]", "KeyError: 'notebook'"),
        ('"02_drawing"', '"01_replies"', "notebook '01_replies' is listed twice"),
        ('"waffle"', '"share"', "result 'share' is listed twice"),
    ],
)
def test_a_faulty_listing_is_named_with_its_fault(project: Path, old: str, new: str, message: str) -> None:
    text = listing(project).read_text()
    listing(project).write_text(text.replace(old, new))
    with pytest.raises(DataError, match="notebooks.toml") as caught:
        list_notebooks(project)
    assert message in str(caught.value)


def test_a_missing_listing_says_how_to_restore_it(project: Path) -> None:
    listing(project).unlink()
    with pytest.raises(DataError, match="git checkout"):
        list_notebooks(project)


@pytest.mark.parametrize("word", ["02_drawing", "02", "2", "notebooks/02_drawing.ipynb", "02_drawing.ipynb"])
def test_a_notebook_is_found_by_name_number_or_path(project: Path, word: str) -> None:
    assert [n.name for n in choose(list_notebooks(project), [word])] == ["02_drawing"]


def test_no_word_means_all_and_order_is_reading_order(project: Path) -> None:
    notebooks = list_notebooks(project)
    assert choose(notebooks, []) == notebooks
    assert choose(notebooks, ["02", "01", "2"]) == notebooks


def test_an_unknown_notebook_gets_the_nearest(project: Path) -> None:
    with pytest.raises(UsageError, match="'02_drawin' names no notebook; did you mean '02_drawing'"):
        choose(list_notebooks(project), ["02_drawin"])


def test_a_number_of_two_notebooks_is_refused(project: Path) -> None:
    listing(project).write_text(listing(project).read_text().replace('"02_drawing"', '"01_drawing"'))
    with pytest.raises(UsageError, match="'01' names more than one notebook; known are: 01_replies, 01_drawing"):
        choose(list_notebooks(project), ["01"])


def test_a_truncated_notebook_is_named_with_the_place(project: Path) -> None:
    path = project / "notebooks" / "01_replies.ipynb"
    path.write_text(path.read_text()[:200])
    with pytest.raises(DataError, match=r"01_replies.ipynb is not a whole notebook: .* line 1, column \d+; restore it"):
        read_source(path)


@pytest.mark.parametrize("content", [{}, {"nbformat": 3, "cells": []}, {"nbformat": 4, "cells": [1]}, []])
def test_json_that_is_no_notebook_is_refused(tmp_path: Path, content: object) -> None:
    path = tmp_path / "x.ipynb"
    path.write_text(json.dumps(content))
    with pytest.raises(DataError, match=r"x.ipynb is not a whole notebook \("):
        read_source(path)


def test_a_missing_notebook_says_how_to_mend(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is missing; restore it"):
        read_source(tmp_path / "x.ipynb")


def test_slides_are_said_in_few_words() -> None:
    assert say_slides(["S5"]) == "S5"
    assert say_slides(["S4", "S5"]) == "S4, S5"
    assert say_slides([f"S{number}" for number in range(12)]) == "S0 to S11"
