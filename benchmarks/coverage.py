"""How often each 95 per cent interval holds the true change: ``python benchmarks/coverage.py``.

Questionnaires are made up from the worked example's truth over and over, once with replies that are lost by chance
alone and once with replies that depend on the first score. What speaks of future cohorts is held against the change
over all cohorts there could be, what speaks of these cohorts against the true change of the cohorts of each data set,
which differ from one to the next. Prints Markdown; what it printed is in
``results/coverage.md``.
"""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace

import numpy as np
import pandas as pd
from markdown_table import format_table
from numpy.typing import NDArray

from coprod.training.effects import estimate_cohort_change, pair_scores
from coprod.training.estimates import t_test
from coprod.training.meta import estimate_pooled_change
from coprod.training.mixed import fit_mixed
from coprod.training.scoring import Scale, score_scale
from coprod.training.synthetic import Design, simulate_responses

ITEMS = ("c1", "c2", "c3", "c4", "c5")
SLOPES = {"by chance alone": 0.0, "more often with a low first score": 0.6}
THESE = ("lmm-kenward-roger, these cohorts", "paired-t")
"""Held against the cohorts of each data set: their average, and the average of their people."""
METHODS = (
    "cr2-satterthwaite",
    "cohort-means-t",
    "lmm-kenward-roger",
    "lmm-satterthwaite",
    "reml-knapp-hartung",
    *THESE,
)
BATCH = 50


def draw_standings(design: Design, rng: np.random.Generator) -> dict[str, NDArray[np.float64]]:
    """Draw the mean standing of each cohort at each wave: its level, the mean change and its own deviation from it."""
    cohorts = len(design.sizes)
    level = design.mean + rng.normal(0, design.cohort_sd, cohorts)
    first = next(iter(design.changes))
    return {wave: level + change + (0.0 if wave == first else rng.normal(0, design.change_sd, cohorts))
            for wave, change in design.changes.items()}  # fmt: skip


def simulate_scores(
    design: Design, rng: np.random.Generator, standings: dict[str, NDArray[np.float64]]
) -> pd.DataFrame:
    """Make up questionnaires and score the scale; participants are known, whatever their codes say."""
    answers = simulate_responses(design, rng, standings=standings)
    answers = answers.rename(columns={"person": "participant", "time": "wave"})
    long = answers.melt(["participant", "cohort", "wave"], list(ITEMS), "item", "response")
    reverse = tuple(item for item in ITEMS if item in design.reverse)
    return score_scale(long, Scale(name="confidence", items=ITEMS, minimum=1, maximum=5, reverse=reverse))


def find_truth(design: Design, wave: str) -> float:
    """Return the true change, in points of the scale, over all cohorts there could be."""
    return design.true_mean(wave, ITEMS) - design.true_mean(next(iter(design.changes)), ITEMS)


def find_truth_of_these(design: Design, standings: dict[str, NDArray[np.float64]], wave: str) -> NDArray[np.float64]:
    """Return the true change of each cohort there is, over all people it could have, in points of the scale."""
    first = next(iter(design.changes))
    means = [
        [replace(design, mean=float(standing), cohort_sd=0.0).true_mean(first, ITEMS) for standing in standings[name]]
        for name in (first, wave)
    ]
    return np.subtract(means[1], means[0])


def estimate_all(scores: pd.DataFrame, waves: list[str]) -> pd.DataFrame:
    """Estimate the changes by every method that gives an interval: ``method, wave, estimate, conf_low, conf_high``."""
    first, parts = waves[0], []
    mixed = {frame: fit_mixed(scores, frame, waves=waves).estimate_changes() for frame in
             ("future_cohorts", "these_cohorts")}  # fmt: skip
    these = mixed["these_cohorts"].query("method == 'lmm-kenward-roger'")
    parts += [mixed["future_cohorts"], these.assign(method="lmm-kenward-roger, these cohorts")]
    for wave in waves[1:]:
        parts += [estimate_cohort_change(scores, first, wave), estimate_pooled_change(scores, first, wave)]
        change = pair_scores(scores, first, wave)["change"]
        paired = t_test(float(change.mean()), float(change.sem()), len(change) - 1, 0.95)
        parts.append(pd.DataFrame([{"method": "paired-t", "term": f"{wave} - {first}", **paired}]))
    rows = pd.concat([part[["method", "term", "estimate", "conf_low", "conf_high"]] for part in parts])
    return rows[rows["method"].isin(METHODS)].assign(wave=lambda frame: frame["term"].str.split(" - ").str[0])


def estimate_batch(replies: str, seed: np.random.SeedSequence) -> pd.DataFrame:
    """Estimate a batch of data sets, and put the truth beside them."""
    design, rng = Design(reply_slope=SLOPES[replies]), np.random.default_rng(seed)
    waves = list(design.changes)
    future = {wave: find_truth(design, wave) for wave in waves[1:]}
    sizes, parts = list(design.sizes.values()), []
    for _ in range(BATCH):
        standings = draw_standings(design, rng)
        rows = estimate_all(simulate_scores(design, rng, standings), waves)
        own = {wave: find_truth_of_these(design, standings, wave) for wave in waves[1:]}
        truths = {THESE[0]: {wave: found.mean() for wave, found in own.items()},
                  THESE[1]: {wave: np.average(found, weights=sizes) for wave, found in own.items()}}  # fmt: skip
        pairs = zip(rows["method"], rows["wave"], strict=True)
        parts.append(rows.assign(truth=[truths.get(method, future)[wave] for method, wave in pairs]))
    return pd.concat(parts).assign(replies=replies)


def run(data_sets: int, seed: int, workers: int) -> pd.DataFrame:
    """Estimate all data sets of both kinds of replies."""
    tasks = [replies for replies in SLOPES for _ in range(-(-data_sets // BATCH))]
    with ProcessPoolExecutor(workers) as pool:
        return pd.concat(pool.map(estimate_batch, tasks, np.random.SeedSequence(seed).spawn(len(tasks))))


def table_coverage(rows: pd.DataFrame) -> pd.DataFrame:
    """Return coverage, bias and width by replies, wave and method, each with its Monte-Carlo error."""
    rows = rows.assign(
        held=rows["truth"].between(rows["conf_low"], rows["conf_high"]),
        off=rows["estimate"] - rows["truth"],
        width=rows["conf_high"] - rows["conf_low"],
    )
    groups = rows.groupby(["replies", "wave", "method"])
    table = groups.agg(truth=("truth", "mean"), size=("held", "size"), held=("held", "mean"), bias=("off", "mean"),
                       bias_error=("off", "sem"), width=("width", "mean")).reset_index()  # fmt: skip
    return table.assign(held_error=np.sqrt(table["held"] * (1 - table["held"]) / table["size"]))


def format_coverage(table: pd.DataFrame) -> str:
    """Write a table for each kind of replies and wave."""
    headings = {"method": "Method", "covered": "Coverage, %", "shifted": "Bias, points", "wide": "Mean width, points"}
    text = ""
    for replies in SLOPES:
        for wave in table["wave"].unique():
            part = table[(table["replies"] == replies) & (table["wave"] == wave)].set_index("method")
            part = part.loc[list(METHODS)].reset_index()
            part["covered"] = [f"{100 * row.held:.1f} ({100 * row.held_error:.1f})" for row in part.itertuples()]
            part["shifted"] = [f"{row.bias:+.4f} ({row.bias_error:.4f})" for row in part.itertuples()]
            part["wide"] = [f"{width:.3f}" for width in part["width"]]
            text += f"## Replies lost {replies}: {wave}, true change over all cohorts {part['truth'].iloc[0]:.4f}\n\n"
            text += format_table(part, headings) + "\n"
    return text


def main() -> None:
    """Run the simulation and print its tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data-sets", type=int, default=1000, help="simulated data sets for each kind of replies")
    parser.add_argument("--seed", type=int, default=2017)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    design = Design()
    sys.stdout.write(
        "# Coverage of the true change\n\n"
        f"{given.data_sets} data sets each, seed {given.seed}; the worked example's truth: five cohorts of "
        f"{', '.join(map(str, design.sizes.values()))}, five items, standard deviation of the cohorts' changes "
        f"{design.change_sd}. What speaks of future cohorts is held against the true change over all cohorts there "
        "could be, the last two rows against that of the five cohorts of each data set: the mixed model for these "
        "cohorts against the average of the cohorts' own true changes, the paired t against the average of their "
        "people's. In points of the scale; Monte-Carlo standard errors in brackets. The mixed model takes everybody, "
        "the other methods the participants seen at both waves.\n\n"
        + format_coverage(table_coverage(run(given.data_sets, given.seed, given.workers)))
    )


if __name__ == "__main__":
    main()
