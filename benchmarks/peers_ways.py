"""The ways to run all notebooks of a project that ``peers.py`` times, each as a user of it would type it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

SERIAL = """
import pathlib, papermill
for path in sorted(pathlib.Path("notebooks").glob("*.ipynb")):
    papermill.execute_notebook(path, pathlib.Path("out", path.name), cwd=path.parent, progress_bar=False)
"""
POOL = """
import pathlib
from concurrent.futures import ProcessPoolExecutor
import papermill

def run(path):
    papermill.execute_notebook(path, pathlib.Path("out", path.name), cwd=path.parent, progress_bar=False)

if __name__ == "__main__":
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(run, sorted(pathlib.Path("notebooks").glob("*.ipynb"))))
"""
SNAKEFILE = """
NAMES = glob_wildcards("notebooks/{name,[^/]+}.ipynb").name
DATA = [str(path) for path in sorted(Path("data").rglob("*")) if path.is_file()]

rule all:
    input: expand("out/{name}.ipynb", name=NAMES)

rule run:
    input: notebook="notebooks/{name}.ipynb", data=DATA
    output: "out/{name}.ipynb"
    shell: "papermill --cwd notebooks --no-progress-bar {input.notebook} {output}"
"""


@dataclass(frozen=True)
class Way:
    """One way to run all notebooks.

    Attributes
    ----------
    name : str
        What ``--only`` calls it.
    label : str
        What the table calls it.
    command : sequence of str
        Run in the project's folder. The first word is a program of the peers' environment, or of the project's.
    prepare : callable
        Writes what the way needs into the project's folder, before the clock starts; returns commands to run there.
    made : str
        Pattern of the executed notebooks it leaves; empty where it leaves none.
    is_incremental : bool
        Whether the same command does nothing when nothing has changed.
    cold_in_table : bool
        Whether its cold run is reported; a way that is only there for its rerun runs cold in the first round alone.
    without : sequence of str
        Variables that are not set for it.
    """

    name: str
    label: str
    command: Sequence[str]
    prepare: Callable[[Path], list[Sequence[str]]] = lambda _: []
    made: str = ""
    is_incremental: bool = False
    cold_in_table: bool = True
    without: Sequence[str] = ()


def _notebooks(project: Path) -> list[str]:
    return [path.relative_to(project).as_posix() for path in sorted((project / "notebooks").glob("*.ipynb"))]


def _script(text: str) -> Callable[[Path], list[Sequence[str]]]:
    def write(project: Path) -> list[Sequence[str]]:
        (project / "script.py").write_text(text, encoding="utf-8")
        return []

    return write


def _prepare_jupyter_cache(_: Path) -> list[Sequence[str]]:
    return [["sh", "-c", "echo y | jcache notebook add notebooks/*.ipynb"]]


def _prepare_snakemake(project: Path) -> list[Sequence[str]]:
    (project / "Snakefile").write_text(SNAKEFILE, encoding="utf-8")
    return []


def _prepare_dvc(project: Path) -> list[Sequence[str]]:
    stages = {
        "run": {
            "foreach": [Path(path).stem for path in _notebooks(project)],
            "do": {
                "cmd": "papermill --cwd notebooks --no-progress-bar notebooks/${item}.ipynb out/${item}.ipynb",
                "deps": ["notebooks/${item}.ipynb", "data"],
                "outs": [{"out/${item}.ipynb": {"cache": False}}],
            },
        }
    }
    (project / "dvc.yaml").write_text(json.dumps({"stages": stages}), encoding="utf-8")  # JSON is YAML
    return [["dvc", "init", "--no-scm", "--quiet"]]


COPROD = Way("coprod", "`coprod run`", ["coprod", "run"], made="reports/notebooks/*.ipynb", is_incremental=True,
             without=("JUPYTER_PATH",))  # fmt: skip  # it starts the kernel of its own environment
_NBCONVERT = "jupyter nbconvert --to notebook --execute --output-dir out notebooks/*.ipynb"
PEERS = (
    Way("papermill", "Papermill, one process, one after another", ["python", "script.py"], _script(SERIAL),
        "out/*.ipynb"),
    Way("papermill-2", "Papermill, a pool of 2 processes", ["python", "script.py"], _script(POOL), "out/*.ipynb"),
    Way("nbconvert", "nbconvert `--execute`", ["sh", "-c", _NBCONVERT], made="out/*.ipynb"),
    Way("nbmake-2", "nbmake `-n2`", ["pytest", "--nbmake", "--nbmake-timeout=600", "-n2", "notebooks"]),
    Way("nbval", "nbval `--nbval-lax`", ["pytest", "--nbval-lax", "notebooks"]),
    Way("nbval-2", "nbval `--nbval-lax -n2`", ["pytest", "--nbval-lax", "-n2", "--dist=loadfile", "notebooks"]),
    Way("jupyter-cache", "jupyter-cache, local-parallel",
        ["jcache", "project", "execute", "--executor=local-parallel", "--timeout=600"], _prepare_jupyter_cache,
        ".jupyter_cache/executed/*/base.ipynb", is_incremental=True),
    Way("snakemake", "snakemake `-c2`, Papermill", ["snakemake", "-c2", "--quiet"], _prepare_snakemake, "out/*.ipynb",
        is_incremental=True),
    Way("dvc", "DVC `repro`, Papermill", ["dvc", "repro", "--quiet"], _prepare_dvc, "out/*.ipynb",
        is_incremental=True, cold_in_table=False),
)  # fmt: skip
