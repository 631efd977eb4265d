"""What a stranger does: clone the repository, and type the README's commands one after another.

``make test`` is left out here, being what runs this; ``.ci/run`` types it.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

KEPT = re.compile(r"LANG|LC_ALL|PATH|TMPDIR|PIP_.*|SSL_.*|.*_proxy|.*_PROXY")
NOT_HERE = {"make test", "make lab"}


def commands(readme: str) -> list[str]:
    """Return the lines of every ``sh`` block, cloning and what cannot run here left out."""
    lines = "".join(re.findall(r"^```sh\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)).splitlines()
    return [line for line in lines if line not in NOT_HERE and not line.startswith(("git clone", "cd ", "#"))]


def stranger(home: Path, root: Path) -> dict[str, str]:
    """Give the variables of somebody with an empty home; only pip's downloads are shared."""
    kept = {name: value for name, value in os.environ.items() if KEPT.fullmatch(name)}
    own = str(root / ".venv" / "bin")
    path = os.pathsep.join(folder for folder in kept["PATH"].split(os.pathsep) if folder != own)
    cache = subprocess.run([sys.executable, "-m", "pip", "cache", "dir"], capture_output=True, text=True, check=False)
    return {
        **kept,
        "PATH": path,
        "HOME": str(home),
        "PIP_CACHE_DIR": cache.stdout.strip() or str(home / "pip"),
        "PYTHON": getattr(sys, "_base_executable", sys.executable),
    }


@pytest.mark.fresh
def test_a_fresh_clone_with_an_empty_home_does_what_the_readme_says(root: Path, tmp_path: Path) -> None:
    if not (root / ".git").exists() or not shutil.which("git"):
        pytest.skip("not a clone: there is nothing to clone")
    clone, home = tmp_path / "coprod", tmp_path / "home"
    home.mkdir()
    subprocess.run(["git", "clone", "--quiet", str(root), str(clone)], check=True)
    environment = stranger(home, root)
    typed = commands((clone / "README.md").read_text(encoding="utf-8"))
    assert "make reproduce" in typed
    said = {}
    for line in typed:
        command = ["bash", "-c", line]
        done = subprocess.run(
            command, cwd=clone, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{line}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
        said[line] = done.stdout
    assert "reproduced" in said["make reproduce"]
    assert (clone / "reports" / "site" / "index.html").is_file()
    assert (clone / "reports" / "values.json").is_file()
    notebooks = {path.name for path in (clone / "notebooks").glob("*.ipynb")}
    assert {path.name for path in (clone / "reports" / "notebooks").glob("*.ipynb")} == notebooks
    changed = subprocess.run(["git", "status", "--porcelain"], cwd=clone, capture_output=True, text=True, check=True)
    assert changed.stdout == "", "a run changed or left files in the clone"
    # Folders of settings may be made, and stay empty; pip asks rustc for its version, which rustup notes.
    written = [path.relative_to(home) for path in home.rglob("*") if path.is_file()]
    assert {path.parts[0] for path in written} <= {".cache", ".rustup"}, "a run wrote into the home folder"
