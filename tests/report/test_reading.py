import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from math import isfinite
from pathlib import Path
from types import ModuleType

import pytest

from coprod.reproduce.notebooks import list_notebooks

COPIED = ("data", "notebooks", "docs", "requirements.lock")
PAGE = """<html><body><nav>Elsewhere there is a menu.</nav><article role="main"><h1>A heading</h1>
<p>The mean rose by 0.48 points. It is in data/annotations.csv!</p><ul><li>One. Two words.</li><li>no stop</li></ul>
<details><summary>More.</summary><p>This is folded.</p></details><table><tr><td>A cell is no prose.</td></tr></table>
<blockquote><p>This is quoted.</p></blockquote><svg><text>This is drawn.</text></svg><dl><dt>word</dt>
<dd>A meaning.</dd></dl><p>Why not?</p></article><p>A footer is left out.</p></body></html>"""


@pytest.fixture
def reading(root: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module; it stands outside the package."""
    monkeypatch.syspath_prepend(str(root / "benchmarks"))
    import reading

    return reading


@pytest.fixture(scope="module")
def site(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the notebooks as they are."""
    home = tmp_path_factory.mktemp("reading") / "home"
    home.mkdir()
    for name in COPIED:
        (shutil.copytree if (root / name).is_dir() else shutil.copyfile)(root / name, home / name)
    for command in ("run", "report"):
        subprocess.run(
            [str(Path(sys.executable).with_name("coprod")), command],
            env={**os.environ, "COPROD_HOME": str(home)}, check=True, capture_output=True,
        )  # fmt: skip
    return home / "reports" / "site"


def test_every_page_has_a_reading_age_and_the_summary_s_is_told(
    reading: ModuleType, site: Path, record_property: Callable[[str, object], None]
) -> None:
    found = reading.measure_site(site).set_index("page")
    assert set(found.index) == {page.stem for page in site.glob("*.html")} - {"search"}
    assert list(found.index[:4]) == list(reading.FOR_EVERYBODY)
    assert (found["words"] > 100).all(), found["words"]
    assert found[["grade", "age", "fog"]].map(isfinite).all(axis=None)
    assert found.loc["methods", "age"] > found.loc["champions", "age"]
    for page in reading.FOR_EVERYBODY:
        record_property("reading age", f"{page} {found.loc[page, 'age']} (grade {found.loc[page, 'grade']})")


def test_what_is_measured_is_what_the_pages_say(reading: ModuleType, site: Path, root: Path) -> None:
    summary = reading.read_prose(site / "index.html")
    assert {notebook.question for notebook in list_notebooks(root)} <= set(summary)
    assert "Nobody has answered back yet." in reading.read_prose(site / "champions.html")
    assert "A group of people who take the training together." in reading.read_prose(site / "words.html")


def test_folded_quoted_drawn_and_unfinished_text_is_no_prose(reading: ModuleType, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(PAGE, encoding="utf-8")
    assert reading.read_prose(page) == [
        "The mean rose by 048 points.", "It is in data/annotationscsv!", "One.", "Two words.", "A meaning.", "Why not?",
    ]  # fmt: skip


def test_the_grade_is_flesch_and_kincaid_s(reading: ModuleType) -> None:
    plain = reading.measure(["The cat sat on the mat.", "The dog sat on the big red mat."])
    assert plain["grade"] == round(0.39 * (6 + 8) / 2 + 11.8 * 14 / 14 - 15.59, 1)  # a syllable each
    assert plain == {**plain, "words": 14, "sentences": 2, "mean": 7.0, "age": plain["grade"] + 5, "longest": 8}
    assert reading.measure(["Heterogeneous commissioning organisations collaborated."])["age"] > 18


def test_a_page_without_prose_has_no_age(reading: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<article role='main'><h1>Nothing</h1></article>", encoding="utf-8")
    (tmp_path / "about.html").write_text("<article role='main'><p>A few words.</p></article>", encoding="utf-8")
    assert list(reading.measure_site(tmp_path)["page"]) == ["about"]


def test_measuring_needs_no_network(root: Path, site: Path) -> None:
    code = """
import runpy, socket, sys
def refuse(*_, **__): raise OSError("the network was asked")
socket.socket.connect = socket.getaddrinfo = refuse
sys.argv = ["reading.py", sys.argv[1]]
runpy.run_path("reading.py", run_name="__main__")
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, str(site)],
        cwd=root / "benchmarks", capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "| index | " in done.stdout
