"""Time the mixed model and the simulations beside lme4 and statsmodels: ``python benchmarks/speed.py``.

Every measurement is a process of its own on one core, with one thread for linear algebra. Times are the
processor's (user and system), so that another program on the machine does not count; rounds of the tools are
interleaved, and medians are printed as a Markdown table. Where Rscript with lme4, lmerTest and pbkrtest is not
found, the column of lme4 says so. ``--quick``: one round, up to 100 000 rows; lme4 takes a minute or two for a
million, and statsmodels is not asked. What it printed is in ``results/speed.md``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from statistics import median

import pandas as pd
from markdown_table import format_table
from speed_jobs import ROWS_A_COHORT, SIMULATIONS, Numbers, simulate, simulate_sets, store

HERE = Path(__file__).resolve().parent
ROWS = (10_000, 100_000, 1_000_000)
STATSMODELS_ROWS = (10_000, 100_000)
SETS = 100
R_PACKAGES = ("lme4", "lmerTest", "pbkrtest")
HEADINGS = {
    "task": "task",
    "coprod": "coprod",
    "lme4": "lme4",
    "statsmodels": "statsmodels",
    "ratio": "lme4 / coprod",
    "memory": "memory beyond the data: coprod",
    "memory_lme4": "lme4",
}
Job = tuple[str, str, Path]


def run(job: Job) -> Numbers:
    """Measure one job in a process of its own."""
    tool, task, folder = job
    script = (
        ["Rscript", str(HERE / "speed_lme4.R")] if tool == "lme4" else [sys.executable, str(HERE / "speed_jobs.py")]
    )
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OPENBLAS_")}
    done = subprocess.run(  # noqa: S603
        [*script, task, str(folder)], env={**kept, **threads}, capture_output=True, text=True, check=True
    )
    if tool == "lme4":
        pairs = [line.split("=") for line in done.stdout.split() if "=" in line]
        return {name: float(value) for name, value in pairs}
    return dict(json.loads(done.stdout))


def ask_r(code: str) -> str:
    """Return what R prints; empty where it cannot."""
    rscript = shutil.which("Rscript")
    if not rscript:
        return ""
    done = subprocess.run([rscript, "-e", code], capture_output=True, text=True, check=False)  # noqa: S603
    return "" if done.returncode else done.stdout


def find_r() -> str:
    """Return the versions of R and its packages; empty where one is not found."""
    parts = [f"'{name}', as.character(packageVersion('{name}'))" for name in R_PACKAGES]
    return ask_r(f"cat('R', paste0(R.version$major, '.', R.version$minor), {', '.join(parts)})")


def describe_machine(r_versions: str) -> str:
    """Say on what the times were taken."""
    info = Path("/proc/cpuinfo")
    lines = [line for line in (info.read_text() if info.exists() else "").splitlines() if line.startswith("model name")]
    model = lines[0].split(":")[1].strip() if lines else platform.machine()
    parts = [f"One core of {os.cpu_count()} ({model})", f"Python {platform.python_version()}"]
    parts += [f"{name} {version(name)}" for name in ("numpy", "pandas", "scipy", "statsmodels")]
    return ", ".join([*parts, r_versions or "no R"]) + "."


def plan_jobs(folder: Path, rows: tuple[int, ...], rounds: int, has_r: bool) -> dict[Job, int]:
    """Write the data, and return how often each tool does each task."""
    paths = {size: store(simulate(size), folder / str(size)) for size in rows}
    sets = store(simulate_sets(SETS), folder / "sets")
    jobs: dict[Job, int] = {("coprod", "fit", path): rounds for path in paths.values()}
    jobs |= {("coprod", task, sets): rounds for task in ("bootstrap", "power", "one-by-one")}
    jobs |= {
        ("statsmodels", "statsmodels", paths[size]): min(rounds, 1 + 2 * (size < 100_000)) for size in STATSMODELS_ROWS
    }
    if has_r:
        jobs |= {("lme4", "fit", path): 1 if size >= 1_000_000 else min(rounds, 3) for size, path in paths.items()}
        jobs["lme4", "power", sets] = min(rounds, 3)
    return jobs


class Medians(dict[tuple[str, str, str], Numbers]):
    """Medians of the rounds by tool, task and data."""

    def line(self, task: str, ours: str, theirs: str, data: str, scale: tuple[int, int] = (1, 1)) -> dict[str, str]:
        """Return one row of the table; times of coprod and lme4 are scaled up where they did fewer data sets."""
        own, other = self["coprod", ours, data], self.get(("lme4", theirs, data))
        third = self.get(("statsmodels", "statsmodels", data)) if ours == "fit" else None
        times = own["seconds"] * scale[0], other["seconds"] * scale[1] if other else 0.0
        return {
            "task": task,
            "coprod": _say(times[0]),
            "lme4": _say(times[1]) if other else "no R" if theirs else "",
            "statsmodels": f"{_say(third['seconds'])} (no df)" if third else "not run" if ours == "fit" else "",
            "ratio": f"{times[1] / times[0]:.0f}" if other else "",
            "memory": f"{own['megabytes']:.0f} MB",
            "memory_lme4": f"{other['megabytes']:.0f} MB" if other else "",
        }

    def compare(self) -> list[str]:
        """Say how far the numbers are from lme4's."""
        lines = []
        for (tool, task, data), theirs in self.items():
            if tool == "lme4":
                ours = self["coprod", "fit" if task == "fit" else "one-by-one", data]
                keys = [key for key in ours if key in theirs and key not in ("seconds", "megabytes", "criterion")]
                gaps = [f"{key} {abs(ours[key] / theirs[key] - 1):.0e}" for key in keys]
                if "criterion" in ours:
                    gaps.append(
                        f"criterion {ours['criterion'] - theirs['criterion']:+.1e} of {theirs['criterion']:.0f}"
                    )
                lines.append(f"- {task}, {data}: {', '.join(gaps)}")
        return lines


def _say(seconds: float) -> str:
    return f"{1000 * seconds:.1f} ms" if seconds < 1 else f"{seconds:.1f} s"


def write(medians: Medians, rows: tuple[int, ...], machine: str) -> str:
    """Write the report in Markdown."""
    table = [medians.line(f"random intercepts, Satterthwaite df: {size:,} rows, {size / ROWS_A_COHORT:,.0f} cohorts",
                          "fit", "fit", str(size)) for size in rows]  # fmt: skip
    times = SIMULATIONS // SETS
    table += [
        medians.line("Webb bootstrap of 5 cohorts, all 7776 draws", "bootstrap", "", "sets"),
        medians.line(f"power: {SIMULATIONS} data sets of 5 x 20, two waves, Kenward-Roger df", "power", "power", "sets",
                     (1, times)),
        medians.line("the same, one data set after the other", "one-by-one", "power", "sets", (times, times)),
    ]  # fmt: skip
    low, high = (medians["coprod", "fit", str(size)]["seconds"] for size in (rows[0], rows[-1]))
    return "\n".join([
        format_table(pd.DataFrame(table), HEADINGS),
        f"Processor times. Of the power simulation lme4, and coprod one by one, did {SETS} data sets; times {times}.",
        f"For {rows[-1] // rows[0]} times the rows coprod takes {high / low:.1f} times as long.",
        "", "Difference of coprod from lme4, relative (of the criterion absolute; below 0, coprod's is lower):", "",
        *(medians.compare() or ["- no R"]), "", machine, "",
    ])  # fmt: skip


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="measurements of each job of coprod; of others up to 3")
    parser.add_argument("--quick", action="store_true", help="one round, up to 100 000 rows")
    options = parser.parse_args()
    rounds, rows = (1, ROWS[:2]) if options.quick else (options.rounds, ROWS)
    r_versions = find_r()
    with tempfile.TemporaryDirectory() as name:
        jobs = plan_jobs(Path(name), rows, rounds, bool(r_versions))
        found: dict[Job, list[Numbers]] = {job: [] for job in jobs}
        for round_ in range(rounds):
            for job in [job for job, times in jobs.items() if round_ < times]:
                found[job].append(run(job))
    medians = Medians({(tool, task, path.name): {key: median(one[key] for one in rounds_) for key in rounds_[0]}
                       for (tool, task, path), rounds_ in found.items()})  # fmt: skip
    sys.stdout.write(write(medians, rows, describe_machine(r_versions)))


if __name__ == "__main__":
    main()
