"""What Binder needs, as far as it can be tried without a network: what it would run is run, in a copy of the project.

Binder (repo2docker) takes ``environment.yml``, ``postBuild`` and ``start`` from the top folder, unless there is a
folder for them, in which it then looks for all three.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

SCRIPTS = ("postBuild", "start")
TOKEN = "only-for-this-test"


@pytest.fixture(scope="module")
def copy(root: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A copy of the project after ``postBuild``, and the variables a container would start with."""
    home = tmp_path_factory.mktemp("binder") / "jovyan"
    for name in ("data", "notebooks"):
        shutil.copytree(root / name, home / name)
    for name in SCRIPTS:
        shutil.copy(root / name, home)
    own = {"HOME": str(home), "JUPYTERLAB_WORKSPACES_DIR": str(home / ".workspaces")}  # not those of this environment
    path = os.pathsep.join([str(Path(sys.executable).parent), "/usr/bin", "/bin"])
    variables = {**own, "PATH": path, "COPROD_HOME": str(home), "MPLCONFIGDIR": str(home / ".matplotlib")}
    done = subprocess.run([home / "postBuild"], cwd="/", env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "00_start" in done.stdout
    return home, variables


@pytest.fixture(scope="module")
def lab(copy: tuple[Path, dict[str, str]]) -> Iterator[str]:
    """JupyterLab, started by ``start`` as a container starts it."""
    home, variables = copy
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [home / "start", "jupyter", "lab", "--no-browser", "--ip=127.0.0.1", f"--port={port}",
               "--ServerApp.port_retries=0", f"--IdentityProvider.token={TOKEN}", "--allow-root"]  # fmt: skip
    with open(home / "log", "wb") as log:
        process = subprocess.Popen(command, cwd=home, env=variables, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}/lab/api"
    try:
        end = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < end:
            try:
                ask(f"{url}/translations")
                break
            except OSError:
                time.sleep(0.1)
        else:
            pytest.fail((home / "log").read_text(encoding="utf-8"))
        yield url
    finally:
        process.terminate()
        process.wait(20)


def ask(url: str) -> dict[str, Any]:
    request = urllib.request.Request(url, headers={"Authorization": f"token {TOKEN}"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return dict(json.loads(answer.read()))


def test_the_files_lie_where_binder_looks_for_them(root: Path) -> None:
    assert [name for name in ("binder", ".binder", "Dockerfile") if (root / name).exists()] == []
    packages = yaml.safe_load((root / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    assert "--editable ." in next(entry["pip"] for entry in packages if isinstance(entry, dict))
    kept = subprocess.run(["git", "ls-files", "-s", *SCRIPTS], cwd=root, capture_output=True, text=True, check=True)
    assert [line.split()[0] for line in kept.stdout.splitlines()] == ["100755", "100755"], "they have to be executable"


def test_a_script_that_starts_hands_over_to_what_it_was_given(copy: tuple[Path, dict[str, str]]) -> None:
    home, variables = copy
    told = subprocess.run(
        [home / "start", "sh", "-c", 'echo "$0 $1 $$ $PPID"', "a b", "c"],
        cwd=home, env=variables, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    assert told[:3] == ["a", "b", "c"]
    assert told[4] == str(os.getpid()), "a signal to the container reaches JupyterLab itself"


def test_jupyterlab_opens_the_first_notebook(lab: str) -> None:
    layout = ask(f"{lab}/workspaces/default")["data"]["layout-restorer:data"]
    assert layout["main"]["current"] == "notebook:notebooks/00_start.ipynb"


def test_jupyterlab_asks_nothing_and_wraps_long_lines(lab: str) -> None:
    news = ask(f"{lab}/settings/@jupyterlab/apputils-extension:notification")["schema"]["properties"]["fetchNews"]
    assert news["default"] == "false"
    cells = ask(f"{lab}/settings/@jupyterlab/notebook-extension:tracker")["schema"]["properties"]["codeCellConfig"]
    assert cells["default"]["lineWrap"] is True
