"""Cluster-robust errors, against clubSandwich."""

import tracemalloc
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from coprod.errors import DataError, UsageError
from coprod.training.robust import estimate_robust

FOLDER = Path(__file__).resolve().parents[1] / "reference"
REFERENCE = pd.read_csv(FOLDER / "robust" / "reference.csv")


def regression(name: str, model: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[int]]:
    scores = pd.read_csv(FOLDER / "mixed" / f"{name}.csv").query("wave != 'followup'")
    if model == "long":
        later = (scores["wave"] == "post").to_numpy(float)
        design = np.column_stack([np.ones(len(scores)), later])
        return design, scores["score"].to_numpy(), scores["cohort"].to_numpy(), [0, 1]
    wide = scores.pivot_table(index=["cohort", "participant"], columns="wave", values="score").dropna()
    return np.ones((len(wide), 1)), (wide["post"] - wide["pre"]).to_numpy(), wide.index.get_level_values(0), [1]


@pytest.mark.parametrize("row", REFERENCE.to_dict("records"), ids=lambda row: "-".join(list(row.values())[:3]))
def test_the_numbers_are_clubsandwich_s(row):
    found = estimate_robust(*regression(row["data"], row["model"]), row["kind"])
    # the same closed form in the same precision; R prints 14 digits
    assert found.estimate == pytest.approx(row["estimate"], rel=1e-8)
    assert found.std_error == pytest.approx(row["std_error"], rel=1e-8)
    assert found.df == pytest.approx(row["df"], rel=1e-8)


def test_with_one_row_a_cluster_cr2_is_hc2():
    rng = np.random.default_rng(3)
    x = np.column_stack([np.ones(12), rng.normal(size=12)])
    y = rng.normal(size=12)
    hat = x @ np.linalg.inv(x.T @ x) @ x.T
    rest = (y - hat @ y) / np.sqrt(1 - np.diag(hat))
    bread = np.linalg.inv(x.T @ x)
    hc2 = bread @ (x.T * rest**2) @ x @ bread
    assert estimate_robust(x, y, range(12), [0, 1]).std_error == pytest.approx(np.sqrt(hc2[1, 1]), rel=1e-12)


def test_equal_clusters_have_one_degree_of_freedom_less_than_clusters():
    y = np.random.default_rng(4).normal(size=30)
    robust = estimate_robust(np.ones((30, 1)), y, np.repeat(range(6), 5), [1])
    means = y.reshape(6, 5).mean(axis=1)
    assert robust.df == pytest.approx(5)
    assert robust.std_error == pytest.approx(means.std(ddof=1) / np.sqrt(6))


def test_a_direction_the_fit_takes_up_whole_is_left_out():
    # a dummy for one cluster alone: its residuals say nothing of that coefficient
    x = np.column_stack([np.ones(9), np.repeat([1, 0, 0], 3)])
    robust = estimate_robust(x, np.arange(9.0), np.repeat([1, 2, 3], 3), [1, 0])
    assert robust.df == pytest.approx(1)
    assert np.isfinite(robust.std_error)


def test_cr2_is_the_square_root_of_the_whole_matrix():
    rng = np.random.default_rng(5)
    x = np.column_stack([np.ones(60), rng.normal(size=(60, 2))])
    cluster = np.repeat(range(6), [2, 4, 8, 10, 16, 20])  # two rows have fewer directions than three regressors
    y = rng.normal(size=60)
    bread = np.linalg.inv(x.T @ x)
    rest, meat = y - x @ bread @ x.T @ y, np.zeros((3, 3))
    for name in range(6):
        own = cluster == name
        values, vectors = np.linalg.eigh(np.eye(own.sum()) - x[own] @ bread @ x[own].T)
        pull = x[own].T @ (vectors / np.sqrt(values)) @ vectors.T @ rest[own]
        meat += np.outer(pull, pull)
    variance = bread @ meat @ bread
    for place in range(3):
        robust = estimate_robust(x, y, cluster, np.eye(3)[place])
        assert robust.std_error == pytest.approx(np.sqrt(variance[place, place]), rel=1e-12)


def test_a_large_cluster_needs_no_matrix_of_rows_by_rows():
    rng = np.random.default_rng(6)
    tracemalloc.start()
    estimate_robust(np.ones((20_000, 1)), rng.normal(size=20_000), np.repeat(range(5), 4000), [1])
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 20e6  # of 4000 by 4000 numbers one matrix alone takes 128e6


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ((np.ones((3, 1)), [1, 2, 3], ["a"] * 3, [1]), DataError, "at least two"),
        ((np.ones((3, 2)), [1, 2, 3], list("abc"), [1, 0]), DataError, "collinear"),
        ((np.ones((3, 1)), [1, 2, 3], list("abc"), [1], "CR3"), UsageError, "unknown correction 'CR3'"),
    ],
    ids=["one-cluster", "collinear", "kind"],
)
def test_bad_input_is_named(arguments, error, words):
    with pytest.raises(error, match=words):
        estimate_robust(*arguments)
