"""The truth that questionnaires are made from is found again."""

from functools import cache

import numpy as np
import pytest
from scipy import stats

from coprod.training.synthetic import Design, simulate_responses

ITEMS = ("c1", "c2", "c3", "c4", "c5")
SEEDS = 200


@cache
def estimate(reply_slope: float, seeds: int) -> dict[str, np.ndarray]:
    """Return by wave the mean over cohorts of their mean changes, and its t interval, of each data set."""
    found: dict[str, list[tuple[float, float, float]]] = {"after": [], "later": []}
    for seed in range(seeds):
        design = Design(reply_slope=reply_slope)
        answers = simulate_responses(design, np.random.default_rng(seed)).set_index(["time", "person"])
        items = answers[list(ITEMS)].astype(float)
        items["c4"] = design.minimum + design.maximum - items["c4"]
        score = items.mean(axis=1)
        for wave, rows in found.items():
            change = (score[wave] - score["before"]).dropna()
            means = change.groupby(answers["cohort"]["before"]).mean()
            interval = stats.ttest_1samp(means, 0).confidence_interval(0.95)
            rows.append((float(means.mean()), interval.low, interval.high))
    return {wave: np.array(rows).T for wave, rows in found.items()}


def find_truth(wave: str) -> float:
    return Design().true_mean(wave, ITEMS) - Design().true_mean("before", ITEMS)


@pytest.mark.parametrize("wave", ["after", "later"])
def test_the_interval_on_cohort_means_holds_the_true_change(wave):
    truth = find_truth(wave)
    means, low, high = estimate(0.0, SEEDS)[wave]
    # four Monte-Carlo errors either way
    assert means.mean() == pytest.approx(truth, abs=4 * means.std(ddof=1) / np.sqrt(SEEDS))
    assert ((low <= truth) & (truth <= high)).mean() == pytest.approx(0.95, abs=4 * np.sqrt(0.95 * 0.05 / SEEDS))


def test_replies_that_depend_on_the_first_score_shift_the_change_of_those_who_replied():
    # those who stay had a high score at first, and fall back towards the mean; a strong dependence shows it soon
    means = estimate(3.0, 60)["later"][0]
    assert means.mean() < find_truth("later") - 4 * means.std(ddof=1) / np.sqrt(60)
