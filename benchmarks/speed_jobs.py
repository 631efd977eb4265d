"""The jobs that ``speed.py`` times: ``python benchmarks/speed_jobs.py JOB FOLDER`` does one and prints its numbers.

The folder holds the columns of the data as raw numbers, which R and numpy read alike.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from coprod.training.mixed import fit_mixed
from coprod.training.power import Plan, estimate_power
from coprod.training.resampling import check_bootstrap

Numbers = dict[str, float]
ROWS_A_COHORT = 1_000_000 / 12_000
SIMULATIONS = 1000
PLAN = Plan(change=0.4, sizes=(20,) * 5, cohort_sd=0.3, change_sd=0.2, participant_sd=0.6, residual_sd=0.5)
TYPES = {"participant": np.int32, "cohort": np.int32, "wave": np.int32, "score": np.float64, "set": np.int32}


def simulate(rows: int, seed: int = 2017) -> pd.DataFrame:
    """Draw cohorts of unequal size at two waves, 15 per cent not seen again, rows in no order."""
    rng = np.random.default_rng(seed)
    people, cohorts = round(rows / 1.85), round(rows / ROWS_A_COHORT)
    cohort = rng.integers(0, cohorts, people)
    level = 3 + rng.normal(0, 0.3, cohorts)[cohort] + rng.normal(0, 0.6, people)
    back = np.flatnonzero(rng.random(people) < 0.85)
    frame = pd.DataFrame({
        "participant": np.concatenate([np.arange(people), back]),
        "cohort": np.concatenate([cohort, cohort[back]]),
        "wave": np.repeat([0, 1], [people, len(back)]),
        "score": np.concatenate([level, level[back] + 0.4]) + rng.normal(0, 0.5, people + len(back)),
    })  # fmt: skip
    return frame.iloc[rng.permutation(len(frame))]


def simulate_sets(sets: int) -> pd.DataFrame:
    """Draw small data sets as the power simulation does, row by row."""
    rng = np.random.default_rng(2017)
    people = sets * sum(PLAN.sizes)
    cohort = np.repeat(np.arange(sets * len(PLAN.sizes)), PLAN.sizes[0])
    level, change = (rng.normal(0, sd, cohort[-1] + 1)[cohort] for sd in (PLAN.cohort_sd, PLAN.change_sd))
    level += rng.normal(0, PLAN.participant_sd, people)
    frame = pd.DataFrame({"participant": np.tile(np.arange(people), 2), "cohort": np.tile(cohort, 2),
                          "wave": np.repeat([0, 1], people), "set": np.tile(cohort // len(PLAN.sizes), 2)})  # fmt: skip
    ends = np.concatenate([level, level + PLAN.change + change])
    return frame.assign(score=ends + rng.normal(0, PLAN.residual_sd, 2 * people))


def store(frame: pd.DataFrame, folder: Path) -> Path:
    """Write the columns as raw numbers, which R and numpy read alike."""
    folder.mkdir()
    for name in frame.columns:
        frame[name].to_numpy(TYPES[name]).tofile(folder / f"{name}.bin")
    return folder


def load(folder: Path) -> pd.DataFrame:
    """Read the columns back; the wave is an ordered categorical."""
    columns = {path.stem: np.fromfile(path, TYPES[path.stem]) for path in sorted(folder.iterdir())}
    waves = pd.Categorical.from_codes(columns.pop("wave"), ["pre", "post"], ordered=True)
    return pd.DataFrame({**columns, "wave": waves}, copy=False)


def fit_ours(folder: Path) -> Callable[[], Numbers]:
    """Fit random intercepts of cohorts and participants, with Satterthwaite's degrees of freedom."""
    scores = load(folder)

    def run() -> Numbers:
        fit = fit_mixed(scores, "future_cohorts", cohort_effects="level")
        row = fit.estimate_changes().set_index("method").loc["lmm-satterthwaite"]
        return {**row[["estimate", "std_error", "df"]].astype(float), "criterion": fit.criterion}

    return run


def fit_statsmodels(folder: Path) -> Callable[[], Numbers]:
    """Fit the same by MixedLM, which has no degrees of freedom."""
    from statsmodels.formula.api import mixedlm  # noqa: PLC0415

    scores = load(folder)

    def run() -> Numbers:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = mixedlm("score ~ wave", scores, groups="cohort", re_formula="1",
                            vc_formula={"participant": "0 + C(participant)"})  # fmt: skip
            fit = model.fit(reml=True)
        return {"estimate": fit.params["wave[T.post]"], "std_error": fit.bse["wave[T.post]"], "criterion": -2 * fit.llf}

    return run


def bootstrap_ours(_: Path) -> Callable[[], Numbers]:
    """Go through the 7776 draws of Webb's weights for five cohorts."""
    changes, cohort = np.random.default_rng(2017).normal(0.3, 1, 100), np.repeat(np.arange(5), 20)
    return lambda: {"p": check_bootstrap(changes, cohort).p_value}


def power_ours(_: Path) -> Callable[[], Numbers]:
    """Simulate power, all data sets at once."""
    return lambda: {"power": estimate_power(PLAN, simulations=SIMULATIONS, rng=np.random.default_rng(2017))["power"][0]}


def one_by_one_ours(folder: Path) -> Callable[[], Numbers]:
    """Analyse the data sets R gets, one after the other, from their rows."""
    parts = [part for _, part in load(folder).groupby("set")]

    def run() -> Numbers:
        fits = [fit_mixed(part, "future_cohorts").estimate_changes() for part in parts]
        p = np.array([fit.loc[fit["method"] == "lmm-kenward-roger", "p_value"].iloc[0] for fit in fits])
        return {"power": float((p < 0.05).mean()), "p_mean": float(p.mean())}

    return run


JOBS = {"fit": fit_ours, "statsmodels": fit_statsmodels, "bootstrap": bootstrap_ours, "power": power_ours,
            "one-by-one": one_by_one_ours}  # fmt: skip


def memory(key: str) -> float:
    """Return the memory of this process in megabytes: now (VmRSS) or at most so far (VmHWM).

    Linux tells of this program alone; elsewhere it is the largest memory so far, the data's included.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith(key))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024)


def measure(job: str, folder: Path) -> Numbers:
    """Take the seconds of one job in this process; of those that take milliseconds, the second time."""
    run = JOBS[job](folder)
    if job == "bootstrap":
        run()
    before, started = memory("VmRSS"), time.process_time()
    found = run()
    return {"seconds": time.process_time() - started, "megabytes": memory("VmHWM") - before, **found}


if __name__ == "__main__":
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    sys.stdout.write(json.dumps(measure(sys.argv[1], Path(sys.argv[2]))))
