import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions, version
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import coprod

USED_BY_NAME = {"furo", "ipykernel", "ipywidgets", "jupyterlab", "myst-nb"}


def dependencies(root: Path, group: str | None = None) -> set[str]:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    listed = project["dependency-groups"][group] if group else project["project"]["dependencies"]
    return {canonicalize_name(Requirement(line).name) for line in listed}


def extras(root: Path) -> set[str]:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    listed = project["optional-dependencies"].values()
    return {canonicalize_name(Requirement(line).name) for lines in listed for line in lines}


@pytest.fixture(scope="module")
def lock(root: Path) -> dict[str, str]:
    """Version of each locked package."""
    text = (root / "requirements.lock").read_text(encoding="utf-8")
    found = re.findall(r"^([a-z0-9-]+)(?:\[[a-z0-9,-]+\])?==([^\s;]+)", text, re.MULTILINE)
    assert len(found) == len(dict(found)), "a package is locked at two versions"
    return dict(found)


def conda_pins(root: Path) -> Iterator[tuple[str, str]]:
    listed = yaml.safe_load((root / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    under_pip = next(entry["pip"] for entry in listed if isinstance(entry, dict))
    for entry in [*(entry for entry in listed if isinstance(entry, str)), *under_pip]:
        if entry not in {"pip", "--editable ."} and not entry.startswith("python="):
            name, pinned = re.split("==?", entry)
            yield canonicalize_name(name), pinned


def test_conda_gets_the_locked_version_of_every_dependency(root: Path, lock: dict[str, str]) -> None:
    pins = dict(conda_pins(root))
    assert pins == {name: lock[name] for name in dependencies(root)}


def test_this_environment_is_the_locked_one(root: Path, lock: dict[str, str]) -> None:
    direct = dependencies(root) | dependencies(root, "dev") | extras(root)
    assert {name: Version(version(name)) for name in direct} == {name: Version(lock[name]) for name in direct}


def test_every_locked_line_has_a_hash_and_none_a_host(root: Path, lock: dict[str, str]) -> None:
    text = (root / "requirements.lock").read_text(encoding="utf-8")
    entries = re.split(r"\n(?=\S)", text.strip())
    assert len(entries) == len(lock)
    assert all(re.search(r"--hash=sha256:[0-9a-f]{64}", entry) for entry in entries)
    assert "://" not in text
    assert "--index" not in text


def imported(root: Path) -> set[str]:
    names = set()
    for path in (root / "src" / "coprod").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                names.add(str(node.module).split(".")[0])
    return names - set(sys.stdlib_module_names) - {"coprod"}


def test_every_import_is_a_dependency_and_every_dependency_is_used(root: Path) -> None:
    homes = packages_distributions()
    used = {canonicalize_name(homes[name][0]) for name in imported(root)}
    assert dependencies(root) <= used | USED_BY_NAME <= dependencies(root) | extras(root)


def test_the_readme_says_what_each_dependency_is_for(root: Path) -> None:
    readme = (root / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([a-z0-9, -]+)(?: \(extra `\w+`\))? \| .+ \|$", readme, re.MULTILINE)
    assert dependencies(root) | extras(root) <= {name for row in rows for name in row.split(", ")}


def test_one_version_is_told_everywhere(root: Path) -> None:
    citation = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert citation["version"] == project["version"] == coprod.__version__ == version("coprod")
    assert (citation["license"], project["license"]) == ("MIT", "MIT")


def test_the_citation_names_the_talk_and_those_who_gave_it(root: Path) -> None:
    citation = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
    (talk,) = citation["references"]
    assert [author["family-names"] for author in talk["authors"]] == ["Coan", "Winfield", "Fisher"]


def test_the_licence_of_the_tables_gives_credit(root: Path) -> None:
    licence = " ".join((root / "data" / "LICENSE").read_text(encoding="utf-8").split())
    credit = (
        "Coan, S., Winfield, L. and Fisher, P. (2017) 'Co-production and Mental Health: Patient Champions "
        '"Speak Back" to Power\', IRiS International Conference 2017, University of Birmingham, 14-15 September.'
    )
    assert credit in licence
    assert "https://creativecommons.org/licenses/by/4.0/legalcode" in licence
    assert "eprints.leedsbeckett.ac.uk/id/eprint/4189" in licence


def test_the_changelog_has_a_heading_for_results(root: Path) -> None:
    changelog = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "## [Unreleased]" in changelog
    assert "### Results" in changelog


def test_the_recipes_stay_short(root: Path) -> None:
    assert len((root / "CONTRIBUTING.md").read_text(encoding="utf-8").splitlines()) <= 80


def test_no_file_names_a_registry_s_host_or_a_folder_of_one_machine(root: Path) -> None:
    if not (root / ".git").exists():
        pytest.skip("not a clone: git cannot say which files belong to the project")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, check=True).stdout.decode()
    forbidden = re.compile(
        "py" + r"pi\.org|python" + r"hosted\.org|conda\.ana" + r"conda\.org|/(?:root|work|home/\w+)" + "/"
    )
    named = {
        name: forbidden.findall(path.read_text(encoding="utf-8", errors="replace"))
        for name in listed.split("\0")
        if (path := root / name).is_file()
    }
    assert {name: found for name, found in named.items() if found} == {}


def make(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    command = ["make", *arguments]
    return subprocess.run(command, cwd=folder, env={**kept, **environment}, capture_output=True, text=True, check=False)


def test_make_alone_lists_its_targets(root: Path) -> None:
    listed = make(root).stdout
    assert {"reproduce", "test", "lab", "lint", "clean", "lock"} <= set(
        re.findall(r"^make (\w+)", listed, re.MULTILINE)
    )


def test_a_python_that_is_too_old_is_named_with_the_mend(root: Path, tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.9.2" && exit 0\nexit 1\n', encoding="utf-8")
    old.chmod(0o755)
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        (tmp_path / name).write_bytes((root / name).read_bytes())
    done = make(tmp_path, "reproduce", PYTHON=str(old))
    assert done.returncode != 0
    assert "coprod needs Python 3.11 or newer, and" in done.stderr
    assert "is Python 3.9.2; name another one: make PYTHON=python3.12" in done.stderr
    assert not (tmp_path / ".venv").exists()


def test_clean_keeps_what_a_rerun_is_compared_with(root: Path, tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_bytes((root / "Makefile").read_bytes())
    for name in (
        "reports/expected/values.json",
        "reports/notebooks/a.ipynb",
        "reports/site/index.html",
        "src/a.py",
        "tests/a.py",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert make(tmp_path, "clean").returncode == 0
    left = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {"Makefile", "reports/expected/values.json", "src/a.py", "tests/a.py"}


def test_continuous_integration_runs_the_readme_s_test_command(root: Path) -> None:
    script = (root / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    readme = (root / "README.md").read_text(encoding="utf-8").splitlines()
    assert "make test" in script
    assert "make test" in readme
    assert os.access(root / ".ci" / "run", os.X_OK)
