import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = Path(sys.executable).parent / "coprod"


def coprod(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a shell does."""
    return subprocess.run([str(COMMAND), *arguments], capture_output=True, text=True, check=False)


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_good_is_0(project: Path) -> None:  # noqa: ARG001
    assert coprod("run").returncode == 0
    assert coprod("check", "--last-run").returncode == 0


def test_a_notebook_that_failed_is_1(project: Path) -> None:
    edit(project / "notebooks" / "01_replies.ipynb", "100 * 196 / base", "196 / 0")
    done = coprod("run", "01")
    assert done.returncode == 1
    assert "ZeroDivisionError: division by zero" in done.stderr


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["chek"], "No such command 'chek'. Did you mean 'check'?"),
        (["run", "--forse"], "No such option"),
        (["run", "03_drawing"], "did you mean '02_drawing'?"),
        (["params", "01", "02"], "unexpected extra argument"),
        ([], "Usage: coprod [OPTIONS] COMMAND [ARGS]..."),
    ],
)
def test_a_command_line_that_is_not_understood_is_2_and_names_what_is_near(arguments: list[str], message: str) -> None:
    done = coprod(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


def test_a_value_that_differs_is_3(project: Path) -> None:
    edit(project / "reports" / "expected" / "values.json", '"share": {\n   "value": 93.', '"share": {\n   "value": 92.')
    assert coprod("check", "--last-run").returncode == 3


def test_data_that_are_not_valid_are_4(project: Path) -> None:
    (project / "notebooks" / "notebooks.toml").write_text("[[notebook]]\nname = 1\n")
    done = coprod("list", "--json")
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr.startswith("Error: ")


def test_a_folder_that_is_not_the_project_is_5_and_says_how_to_name_it(project: Path) -> None:
    shutil.rmtree(project / "data")
    done = coprod("run")
    assert (done.returncode, done.stdout) == (5, "")
    assert f"no data/talk in {project}; set COPROD_HOME to a checkout of coprod" in done.stderr


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("arguments", "key", "first"),
    [
        (["list"], "notebooks", {"name": "01_replies", "slides": ["S5"]}),
        (["params", "01"], "parameters", {"name": "base", "annotation": "Literal[196, 209]", "default": 209}),
        (["doctor"], "findings", {"subject": "Python", "ok": True}),
        (["cite"], "works", {"key": "coprod", "kind": "software"}),
    ],
)
def test_every_answer_is_one_document_when_asked(arguments: list[str], key: str, first: dict[str, object]) -> None:
    done = coprod(*arguments, "--json")
    document = json.loads(done.stdout)
    assert (done.returncode, done.stderr, document["schema"]) == (0, "", 1)
    assert {name: document[key][0][name] for name in first} == first
