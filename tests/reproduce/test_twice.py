import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner

from coprod.cli import main
from coprod.data import read_talk
from coprod.reproduce.twice import Difference, Twice, _shuffle_rows, check_twice
from coprod.talk.claims import adjudicate

DRAW = """
import os, pandas as pd, time
from coprod.data import project_home
from coprod.results import Table, Value
words = {"title": "T", "answer": "A.", "slide": "S5", "source": "s"}
"""
SHOW = 'Value(id="{}", value={}, unit="", tolerance=1e-9, **words)'
WORKS = "pd.read_csv(open(project_home() / 'data' / 'talk' / 'works.csv'))"
CELLS = {
    "01_steady": SHOW.format("steady", "1.5"),
    "02_rows": f'Table(id="rows", data={WORKS}[["work"]], headings={{"work": "Work"}}, **words)',
    "03_hash": "print(list({'one', 'two', 'three', 'four', 'five', 'six'}))",
    "04_zone": SHOW.format("zone", "time.localtime(0).tm_hour"),
    "05_threads": SHOW.format("threads", "int(os.environ['OMP_NUM_THREADS'])"),
    "06_locale": "print(os.environ.get('LC_ALL'))",
    "07_order": f"{WORKS}['work'].iloc[0]",
    "08_gone": f"assert {WORKS}['work'].iloc[0] == 'fisher_lees', 'another row stands first'",
    "09_broken": "1 / 0",
}


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory, root: Path, write_notebook: Callable[..., Path]) -> Twice:
    """What came out of a project with a notebook for each thing that should make no difference."""
    home = tmp_path_factory.mktemp("twice") / "home"
    shutil.copytree(root / "data", home / "data")
    listed = []
    for name, cell in CELLS.items():
        write_notebook(home / "notebooks" / f"{name}.ipynb", DRAW, cell)
        shown = [name[3:]] if "**words" in cell else []
        listed.append(
            f'[[notebook]]\nname = "{name}"\nquestion = "Q?"\nslides = ["S5"]\nresults = {json.dumps(shown)}\n'
        )
    (home / "notebooks" / "notebooks.toml").write_text("\n".join(listed))
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    found = check_twice(home)
    assert {path: path.read_bytes() for path in home.rglob("*") if path.is_file()} == before
    return found


@pytest.fixture(scope="module")
def differences(twice: Twice) -> Mapping[str, Difference]:
    return {difference.notebook: difference for difference in twice.differences}


def test_what_is_the_same_but_for_the_order_of_rows_is_the_same(differences: Mapping[str, Difference]) -> None:
    assert not {"01_steady", "02_rows"} & set(differences)


@pytest.mark.parametrize(
    ("notebook", "condition", "words"),
    [
        ("03_hash", "hash seed", 'its text: first "['),
        ("04_zone", "time zone", "result 'zone': stored "),
        ("05_threads", "number of threads", "result 'threads': stored 1; now "),
        ("06_locale", "locale", "its text: first "),
        ("07_order", "row order", "its text: first "),
        ("08_gone", "row order", "failed: AssertionError: another row stands first"),
    ],
)
def test_what_depends_on_something_is_named_with_it(
    differences: Mapping[str, Difference], notebook: str, condition: str, words: str
) -> None:
    found = differences[notebook]
    assert (found.cell, found.conditions) == ("step2", (condition,))
    assert found.words.startswith(words)


def test_a_notebook_that_fails_at_first_is_not_compared(twice: Twice) -> None:
    assert [outcome.name for outcome in twice.failed] == ["09_broken"]
    assert twice.exit_code == 1
    assert twice.sentence.startswith("2 of 9 notebooks gave the same again, under another hash seed, time zone, ")
    assert "row order shuffled" in twice.says_how


def test_the_command_says_what_differs_and_ends_with_3(project: Path) -> None:
    path = project / "notebooks" / "02_drawing.ipynb"
    path.write_text(path.read_text().replace('DataFrame({\\"n\\": [209]})', 'DataFrame({\\"n\\": [hash(\\"a\\")]})'))
    result = CliRunner().invoke(main, ["check", "--twice", "--json"])
    assert result.exit_code == 3
    (difference,) = json.loads(result.stdout)["differences"]
    assert (difference["notebook"], difference["cell"]) == ("02_drawing", "step2")
    assert difference["conditions"] == ["hash seed"]


@pytest.mark.parametrize("option", ["--last-run", "--accept"])
def test_twice_goes_with_nothing_that_runs_once(project: Path, option: str) -> None:  # noqa: ARG001
    result = CliRunner().invoke(main, ["check", "--twice", option])
    assert result.exit_code == 2
    assert "--twice runs everything twice and stores nothing" in result.stderr


def test_every_verdict_is_the_same_whatever_the_order_of_rows(tmp_path: Path, root: Path) -> None:
    other = adjudicate(read_talk(_shuffle_rows(root, tmp_path / "shuffled"))).set_index("claim")
    first = adjudicate(read_talk(root)).set_index("claim")
    assert dict(other["verdict"]) == dict(first["verdict"])
    assert other.loc["series_tag", "published"] == first.loc["series_tag", "published"] == "#Esrrccopro"
