"""Time coprod beside other ways to run this project's notebooks.

``make bench`` does so for all of them. A quick try of some::

    .venv/bin/python benchmarks/peers.py --rounds 1 --only papermill,nbval

A cold run begins in a fresh copy of the project; a rerun follows in the same copy with nothing changed. In each round
every way is run once, in an order that moves on by one from round to round, and a ratio is that of two runs of one
round. The peers have an environment of their own; every kernel is one of the project's environment.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from peers_report import describe_machine, make_table, write_report
from peers_ways import COPROD, PEERS, Way

HOME = Path(__file__).resolve().parents[1]
RERUNS = 3
LONGEST = 1800
OWN_FOLDERS = ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "XDG_CACHE_HOME", "DVC_GLOBAL_CONFIG_DIR", "DVC_SITE_CACHE_DIR")
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class Place(NamedTuple):
    """A copy of the project to run in, and what is set for what runs there."""

    project: Path
    environment: Mapping[str, str]
    starts: Path

    def count_starts(self) -> int:
        """Count the kernels started from the kernelspec that is set here."""
        return len(self.starts.read_text().splitlines()) if self.starts.exists() else 0


def make_place(folder: Path, source: Path, peers: Path) -> Place:
    """Copy the project, and write a kernelspec that notes each start of the project's own kernel.

    Parameters
    ----------
    folder : Path
        Empty.
    source : Path
        Project to copy.
    peers : Path
        Environment whose programs are found first.
    """
    project, starts = folder / "project", folder / "starts"
    for part in ("data", "notebooks"):
        shutil.copytree(source / part, project / part, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    shutil.copy(source / "requirements.lock", project)
    (project / "out").mkdir()
    spec = folder / "jupyter" / "kernels" / "python3" / "kernel.json"
    spec.parent.mkdir(parents=True)
    kernel = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    argv = ["sh", "-c", 'echo start >>"$0"; exec "$@"', str(starts), *kernel]
    spec.write_text(json.dumps({"argv": argv, "display_name": "Python 3", "language": "python"}), encoding="utf-8")
    environment = {
        "MPLCONFIGDIR": str(folder.parent / "matplotlib"),  # one cache of fonts for all
        **{name: value for name, value in os.environ.items() if name not in {"VIRTUAL_ENV", "PYTEST_ADDOPTS"}},
        **{name: str(folder / name.lower()) for name in OWN_FOLDERS},
        **ONE_THREAD,
        "COPROD_HOME": str(project),
        "DVC_NO_ANALYTICS": "1",
        "JUPYTER_PATH": str(folder / "jupyter"),
        "PATH": os.pathsep.join([str(peers / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]]),
    }
    return Place(project, environment, starts)


def run(command: Sequence[str], place: Place, without: Sequence[str] = ()) -> tuple[float, float]:
    """Return seconds of the clock and of the processor that a command took; say what it said if it failed."""
    environment = {name: value for name, value in place.environment.items() if name not in without}
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    program = shutil.which(command[0], path=place.environment["PATH"]) or command[0]
    done = subprocess.run(  # noqa: S603
        [program, *command[1:]], cwd=place.project, env=environment, capture_output=True, text=True, check=False,
        timeout=LONGEST,
    )  # fmt: skip
    wall, after = time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(
            f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
        )
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def run_cold(way: Way, place: Place) -> dict[str, Any]:
    """Time a first run, and hold that it executed every notebook."""
    for command in way.prepare(place.project):
        run(command, place)
    wall, processor = run(way.command, place, way.without)
    count = len(list((place.project / "notebooks").glob("*.ipynb")))
    executed = sum(_is_executed(path) for path in place.project.glob(way.made)) if way.made else count
    started = place.count_starts() if way is not COPROD else count  # its kernels are forked
    if (executed, started) != (count, count):
        raise SystemExit(f"{way.name} executed {executed} of {count} notebooks and started {started} kernels")
    return {"way": way.name, "run": "cold", "wall": wall, "processor": processor}


def run_again(way: Way, place: Place) -> dict[str, Any]:
    """Time a rerun with nothing changed, and hold that it did nothing."""
    before = _state(way, place)
    wall, processor = run(way.command, place, way.without)
    if _state(way, place) != before:
        raise SystemExit(f"{way.name} ran notebooks again though nothing had changed")
    return {"way": way.name, "run": "again", "wall": wall, "processor": processor}


def measure(ways: Sequence[Way], source: Path, peers: Path, rounds: int) -> pd.DataFrame:
    """Time every way in each round: first all cold runs, then reruns in turn.

    Returns
    -------
    DataFrame
        ``round, way, run, wall, processor``; seconds, one row for each run.
    """
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="coprod-bench-") as name, ExitStack() as kept:
        lasting: dict[str, Place] = {}
        for number in range(1, rounds + 1):
            turn = [*ways[(number - 1) % len(ways) :], *ways[: (number - 1) % len(ways)]]
            with ExitStack() as ended:
                places: dict[str, Place] = {}
                for way in turn:
                    if way.name in lasting:
                        places[way.name] = lasting[way.name]
                        continue
                    stack = ended if way.cold_in_table else kept
                    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=name)))
                    places[way.name] = make_place(folder, source, peers)
                    if not way.cold_in_table:
                        lasting[way.name] = places[way.name]
                    rows.append({"round": number, **run_cold(way, places[way.name])})
                    sys.stderr.write(f"round {number}: {way.name} {rows[-1]['wall']:.1f} s\n")
                again = [way for way in turn if way.is_incremental]
                rows += [{"round": number, **run_again(way, places[way.name])} for _ in range(RERUNS) for way in again]
    return pd.DataFrame(rows)


def main() -> None:
    """Measure, print the table, and write it with its plot where all ways were run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="how often each way is run (5)")
    parser.add_argument("--only", help=f"some of {','.join(way.name for way in PEERS)}; coprod is always run")
    parser.add_argument("--peers", type=Path, default=HOME / ".venv" / "bench", help="environment of the peers")
    parser.add_argument("--project", type=Path, default=HOME, help="project whose notebooks are run")
    parser.add_argument("--write", action="store_true", help="write README.md, peers.svg and results/peers.csv")
    given = parser.parse_args()
    names = given.only.split(",") if given.only else [way.name for way in PEERS]
    if unknown := set(names) - {way.name for way in PEERS}:
        parser.error(f"--only: {', '.join(sorted(unknown))} is not among {', '.join(way.name for way in PEERS)}")
    if not (given.peers / "bin" / "python").exists():
        parser.error(f"no environment in {given.peers}; 'make bench' makes it")
    ways = [COPROD, *(way for way in PEERS if way.name in names)]
    found = measure(ways, given.project, given.peers.absolute(), given.rounds)
    machine = describe_machine(given.peers)
    sys.stdout.write(f"{make_table(found, ways)}\n{machine}\n")
    if given.write:
        write_report(found, ways, machine)


def _is_executed(path: Path) -> bool:
    """Tell whether every code cell with code was run and none ended in an error."""
    cells = [cell for cell in json.loads(path.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"]
    outputs = [output for cell in cells for output in cell["outputs"]]
    return all(cell["execution_count"] for cell in cells if "".join(cell["source"]).strip()) and not any(
        output["output_type"] == "error" for output in outputs
    )


def _state(way: Way, place: Place) -> object:
    """Tell what changes when a notebook runs: kernels started, and executed notebooks written."""
    return place.count_starts(), sorted((str(path), path.stat().st_mtime_ns) for path in place.project.glob(way.made))


if __name__ == "__main__":
    main()
