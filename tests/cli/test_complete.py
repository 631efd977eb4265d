import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from coprod.cli import main

HEAVY = {"numpy", "pandas", "papermill", "nbformat", "rich", "jinja2", "pydantic"}
COMPLETE = f"""
import json, sys
from coprod.cli import main
try: main(prog_name="coprod")
finally: print(json.dumps(sorted({HEAVY} & set(sys.modules))), file=sys.stderr)
"""


def complete(*words: str, shell: str = "zsh") -> list[str]:
    """Ask as a shell does, the last word being the one under way; only what the answer needs may be imported."""
    asked = {"COMP_WORDS": " ".join(["coprod", *words]), "COMP_CWORD": str(len(words))}
    done = subprocess.run(
        [sys.executable, "-c", COMPLETE],
        env={**os.environ, **asked, "_COPROD_COMPLETE": f"{shell}_complete"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert json.loads(done.stderr) == []
    lines = done.stdout.splitlines()
    return (
        [line for line in lines[1::3] if line] if shell == "zsh" else [line.split(",", 1)[1] for line in lines if line]
    )


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["ru"], ["run"]),
        (["run", "0"], ["01_replies", "02_drawing"]),
        (["run", "01_replies", "0"], ["02_drawing"]),
        (["why", "01"], ["01_replies"]),
        (["params", "02"], ["02_drawing"]),
        (["run", "01", "-p", "b"], ["base=196", "base=209"]),
        (["run", "-p", "base=2"], ["base=209"]),
        (["run", "-p", "base=196,"], ["base=196,209"]),
        (["run", "02", "-p", "b"], []),
        (["run", "none_such", "-p", "b"], []),
        (["why", "1", "-p", "base=1"], ["base=196"]),
        (["run", "--kernels", ""], ["warm", "plain"]),
        (["completion", "f"], ["fish"]),
    ],
)
def test_a_shell_is_offered_commands_notebooks_and_values_and_nothing_heavy_is_imported(
    words: list[str], offered: list[str]
) -> None:
    assert complete(*words) == offered


def test_a_value_that_has_no_list_is_offered_as_it_is_by_default(project: Path) -> None:
    path = project / "notebooks" / "01_replies.ipynb"
    free = ["level: 'Annotated[float, Gt(0)]' = 0.95", "exact: 'bool' = False", ""]
    path.write_text(path.read_text().replace('"source": "base:', '"source": "' + "\\n".join(free) + "base:"))
    assert complete("run", "01", "-p", "") == ["level=0.95", "exact=True", "exact=False", "base=196", "base=209"]


def test_a_broken_notebook_or_no_project_at_all_offers_nothing_and_says_nothing(project: Path) -> None:
    (project / "notebooks" / "01_replies.ipynb").write_text("{")
    assert complete("run", "-p", "") == []
    (project / "notebooks" / "notebooks.toml").write_text("=")
    assert complete("run", "") == []
    shutil.rmtree(project / "data")
    assert complete("run", "") == []


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("coprod run 02", ["02_drawing"]),
        ("coprod run 01 -p ba", ["base=196", "base=209"]),
        ("coprod run 01 -p base=", ["196", "209"]),
        ("coprod run 01 -p base=20", ["209"]),
        ("coprod run 01 -p base=196,2", ["196,209"]),
    ],
)
def test_bash_itself_completes_what_it_parts_at_an_equals_sign(typed: str, offered: list[str]) -> None:
    parted = typed.replace("=", " = ").split()
    words = " ".join(f"'{word}'" for word in parted)
    coprod = shutil.which("coprod", path=str(Path(sys.executable).parent))
    assert coprod
    ask = f"""
        eval "$({coprod} completion bash)"
        COMP_WORDS=({words}); COMP_CWORD={len(parted) - 1}
        _coprod_completion {coprod} {parted[-1]} {parted[-2]}
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(["bash", "--norc", "-c", ask], capture_output=True, text=True, check=True)
    assert (done.stdout.splitlines(), done.stderr) == (offered, "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_its_script(shell: str) -> None:
    script = CliRunner().invoke(main, ["completion", shell]).stdout
    assert f"_COPROD_COMPLETE={shell}_complete" in script
