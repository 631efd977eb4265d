"""Time a cold run of every notebook against Papermill and against one plain process: ``python benchmarks/kernels.py``.

Every measurement is a process of its own, in a folder of its own, so that nothing is up to date. Rounds of the five
ways are interleaved, and medians are printed as a Markdown table, with what was aimed at. What it printed is in
``results/kernels.md``.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from statistics import median

import pandas as pd
from markdown_table import format_table

HOME = Path(__file__).resolve().parents[1]
COPROD = str(Path(sys.executable).parent / "coprod")
SERIAL = """
import pathlib, papermill, sys
home, out = map(pathlib.Path, sys.argv[1:3])
for path in sorted((home / "notebooks").glob("*.ipynb")):
    papermill.execute_notebook(path, out / path.name, cwd=path.parent, progress_bar=False)
"""
POOL = """
import pathlib, sys
from concurrent.futures import ProcessPoolExecutor
import papermill
home, out = map(pathlib.Path, sys.argv[1:3])

def run(path):
    papermill.execute_notebook(path, out / path.name, cwd=path.parent, progress_bar=False)

if __name__ == "__main__":
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(run, sorted((home / "notebooks").glob("*.ipynb"))))
"""
FLOOR = """
import contextlib, io, json, os, pathlib, sys
home, out = map(pathlib.Path, sys.argv[1:3])
os.chdir(home / "notebooks")
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
for path in sorted(pathlib.Path().glob("*.ipynb")):
    shell.reset()
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            with contextlib.redirect_stdout(io.StringIO()):
                shell.run_cell("".join(cell["source"])).raise_error()
    (out / path.name).touch()
"""
"""The cells of all notebooks in one process, where each import is paid for once: the floor for one core."""
WARM = "`coprod run --jobs 2 --kernels warm`"
PLAIN_PROCESS = "all cells in one plain process, on one core"
POOL_OF_2 = "Papermill, a pool of 2 processes"
ONE_BY_ONE = "Papermill, one process, one after another"
WAYS = {
    WARM: [COPROD, "run", "--jobs", "2", "--kernels", "warm"],
    "`coprod run --jobs 2 --kernels plain`": [COPROD, "run", "--jobs", "2", "--kernels", "plain"],
    PLAIN_PROCESS: [sys.executable, "FLOOR"],
    POOL_OF_2: [sys.executable, "POOL"],
    ONE_BY_ONE: [sys.executable, "SERIAL"],
}
AIMS = {PLAIN_PROCESS: ("at most", 1.5), POOL_OF_2: ("at least", 2.0), ONE_BY_ONE: ("at least", 3.0)}
"""How much longer a warm run may take than the plain process, and how much faster than Papermill it has to be."""
HEADINGS = {
    "way": "way",
    "wall": "wall s",
    "cpu": "processor s",
    "times": "times warm",
    "rounds": "wall s of each round",
}


def measure(command: list[str]) -> tuple[float, float]:
    """Return seconds of the clock and of the processor for one cold run in a fresh copy of the project."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        home, out = folder / "project", folder / "out"
        out.mkdir()
        for part in ("data", "notebooks"):
            shutil.copytree(HOME / part, home / part)
        shutil.copy(HOME / "requirements.lock", home)
        scripts = {"POOL": POOL, "SERIAL": SERIAL, "FLOOR": FLOOR}
        if command[1] in scripts:
            (folder / "script.py").write_text(scripts[command[1]])
            command = [command[0], str(folder / "script.py"), str(home), str(out)]
        before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        environment = {**os.environ, "COPROD_HOME": str(home)}
        subprocess.run(command, env=environment, check=True, capture_output=True)  # noqa: S603
        wall, after = time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
        found = len(list((home / "reports" / "notebooks").glob("*.ipynb"))) or len(list(out.glob("*.ipynb")))
        if found != len(list((home / "notebooks").glob("*.ipynb"))):
            raise RuntimeError(f"{command} made {found} notebooks")
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def judge_aims(walls: dict[str, float]) -> list[str]:
    """Say of each aim how it was met: walls are the medians by way."""
    lines = []
    for way, (kind, aim) in AIMS.items():
        if way in walls:
            slower = kind == "at most"
            ratio = walls[WARM] / walls[way] if slower else walls[way] / walls[WARM]
            word = "times as long as" if slower else "times faster than"
            met = ratio <= aim if slower else ratio >= aim
            lines.append(f"- {ratio:.2f} {word} {way}; aimed at: {kind} {aim:g}. {'Met' if met else 'Not met'}.")
    return lines


def describe_machine() -> str:
    """Say on what the times were taken."""
    info = Path("/proc/cpuinfo")
    lines = [line for line in (info.read_text() if info.exists() else "").splitlines() if line.startswith("model name")]
    model = lines[0].split(":")[1].strip() if lines else platform.machine()
    parts = [f"{os.cpu_count()} cores ({model})", f"Python {platform.python_version()}"]
    return ", ".join(
        [*parts, *(f"{name} {version(name)}" for name in ("papermill", "nbclient", "jupyter-client", "ipykernel"))]
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="measurements of each way; Ctrl-C prints those there are")
    rounds = parser.parse_args().rounds
    found: dict[str, list[tuple[float, float]]] = {way: [] for way in WAYS}
    with suppress(KeyboardInterrupt):
        for _ in range(rounds):
            for way, command in WAYS.items():
                found[way].append(measure(command))
    found = {way: runs for way, runs in found.items() if runs}
    warm = median(wall for wall, _ in next(iter(found.values())))
    rows = []
    for way, runs in found.items():
        wall, cpu = (median(run[position] for run in runs) for position in (0, 1))
        row = {"way": way, "wall": f"{wall:.1f}", "cpu": f"{cpu:.1f}", "times": f"{wall / warm:.2f}"}
        rows.append({**row, "rounds": ", ".join(f"{run[0]:.1f}" for run in runs)})
    medians = {way: median(wall for wall, _ in runs) for way, runs in found.items()}
    count = len(list((HOME / "notebooks").glob("*.ipynb")))
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    sys.stdout.write("\n".join([
        f"A cold run of the {count} notebooks; medians of up to {rounds} rounds, the ways in turn.",
        "`coprod run` also notes what each was made from and extracts figures, tables and values; Papermill does not.",
        "",
        format_table(pd.DataFrame(rows), HEADINGS),
        "A warm run is", "", *judge_aims(medians), "",
        "Processor seconds include kernels only where the run waits for them.", "",
        f"{describe_machine()}. Load of the machine at the end, other work included: {load}.", "",
    ]))  # fmt: skip


if __name__ == "__main__":
    main()
