"""The package as somebody has it who never saw this repository: built, installed, and run in a folder of their own."""

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import flit_core.buildapi
import pytest

from coprod.home import SHIPPED


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that pip would build."""
    folder = tmp_path_factory.mktemp("dist")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        return folder / flit_core.buildapi.build_wheel(str(folder))


@pytest.fixture(scope="module")
def scripts(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the commands are of an environment that has the wheel, and the packages of this one."""
    home = tmp_path_factory.mktemp("elsewhere") / "env"
    venv.create(home, symlinks=True)
    names = {"base": str(home), "platbase": str(home)}
    (Path(sysconfig.get_path("purelib", vars=names)) / "locked.pth").write_text(sysconfig.get_path("purelib"))
    install = ["install", "--quiet", "--no-deps", "--no-index", "--disable-pip-version-check", str(wheel)]
    subprocess.run([sys.executable, "-m", "pip", "--python", str(home / "bin" / "python"), *install], check=True)
    return home / "bin"


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command as a stranger: an empty home, no variable of this project."""
    (folder / "home").mkdir(exist_ok=True)
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder / "home")}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_what_an_evaluation_needs_is_in_the_wheel_and_in_the_sdist(root: Path, wheel: Path, tmp_path: Path) -> None:
    links = sorted(path for path in SHIPPED.rglob("*") if not path.is_dir())
    assert [path.name for path in links] == [
        "methods.md",
        "06_outcomes.ipynb",
        "07_sensitivity.ipynb",
        "notebooks.toml",
    ]
    with zipfile.ZipFile(wheel) as packed:
        for path in links:
            assert packed.read(path.relative_to(root / "src").as_posix()) == path.read_bytes()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        name = flit_core.buildapi.build_sdist(str(tmp_path))
    subprocess.run(["tar", "-xzf", str(tmp_path / name), "-C", str(tmp_path)], check=True)
    unpacked = tmp_path / name.removesuffix(".tar.gz") / "src"
    assert all((unpacked / path.relative_to(root / "src")).read_bytes() == path.read_bytes() for path in links)


def test_an_installed_coprod_evaluates_outside_any_clone(root: Path, scripts: Path, tmp_path: Path) -> None:
    for name in ("synthetic_responses.csv", "protocol.toml"):
        (tmp_path / name).write_bytes((root / "data" / "training" / name).read_bytes())
    where = run([str(scripts / "python"), "-c", "import coprod; print(coprod.__file__)"], tmp_path)
    assert Path(where.stdout.strip()).is_relative_to(scripts.parent)
    words = "evaluate synthetic_responses.csv --protocol protocol.toml --out evaluation --report"
    done = run([str(scripts / "coprod"), *words.split()], tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("The mean score of confidence rose by ")
    assert done.stdout.endswith("\nevaluation/site/index.html\n")
    pages = {path.stem for path in (tmp_path / "evaluation" / "site").glob("*.html")}
    assert pages >= {"index", "06_outcomes", "07_sensitivity", "methods", "protocol", "files", "words"}


@pytest.mark.parametrize("command", [["run"], ["check"], ["list"], ["report"]])
def test_what_needs_the_talk_says_where_to_get_it(scripts: Path, tmp_path: Path, command: list[str]) -> None:
    done = run([str(scripts / "coprod"), *command], tmp_path)
    assert (done.returncode, done.stdout) == (5, "")
    assert "set COPROD_HOME to a checkout of coprod" in done.stderr
    assert "Traceback" not in done.stderr
