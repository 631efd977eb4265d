"""Regression to the mean, against a simulation in which nothing changed."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from coprod.errors import DataError
from coprod.training import regression
from coprod.training.regression import compare_thirds, measure_reliability, tabulate_regression
from coprod.training.study import read_study


def simulate(n: int, reliability: float, change: float = 0.0) -> pd.DataFrame:
    """Two measurements of a standing that moves by change, with error of their own."""
    rng = np.random.default_rng(12)
    true = rng.normal(0, np.sqrt(reliability), n)
    error = rng.normal(0, np.sqrt(1 - reliability), (2, n))
    pre, post = 3 + true + error[0], 3 + true + change + error[1]
    people = pd.DataFrame({"participant": np.arange(n).astype(str), "cohort": "one", "pre": pre, "post": post})
    return people.melt(["participant", "cohort"], ["pre", "post"], "wave", "score")


@pytest.mark.parametrize("reliability", [0.5, 0.8])
@pytest.mark.parametrize("change", [0.0, 0.4])
def test_thirds_that_did_not_change_move_as_expected(reliability, change):
    n = 40_000
    found = compare_thirds(simulate(n, reliability, change=change), "pre", "post", reliability).set_index("label")
    assert found["n_participants"].tolist() == pytest.approx([n / 3, n / 3, n / 3, n], abs=2)
    # a third's mean change has standard deviation of at most sqrt(2 / (n / 3)): 4 of them
    assert (found["estimate"] - found["expected"] - change).abs().max() < 4 * np.sqrt(2 * 3 / n)
    # a normal variable's lowest third has mean -phi(z) / (1 / 3) standard deviations
    depth = stats.norm.pdf(stats.norm.ppf(1 / 3)) * 3
    assert found.loc["lowest third", "expected"] == pytest.approx((1 - reliability) * depth, abs=0.02)
    assert found.loc["highest third", "expected"] == pytest.approx(-(1 - reliability) * depth, abs=0.02)
    assert found.loc["all", "expected"] == pytest.approx(0, abs=1e-12)


def test_a_perfect_measure_does_not_regress():
    found = compare_thirds(simulate(30, 0.9), "pre", "post", 1.0)
    assert found["expected"].tolist() == pytest.approx([0, 0, 0, 0], abs=1e-12)


def test_ties_stay_together_and_an_empty_middle_has_no_row():
    scores = pd.DataFrame([(str(i), "one", wave, score) for i, pair in enumerate([(2, 3), (2, 2), (4, 4), (4, 3)])
                           for wave, score in zip(("pre", "post"), pair, strict=True)],
                          columns=["participant", "cohort", "wave", "score"])  # fmt: skip
    found = compare_thirds(scores, "pre", "post", 0.5)
    assert found["label"].tolist() == ["lowest third", "highest third", "all"]
    assert found["n_participants"].tolist() == [2, 2, 4]
    assert found["expected"].tolist() == [0.5, -0.5, 0]


def test_what_cannot_be_compared_is_refused():
    scores = simulate(12, 0.6)
    for reliability in (0.0, -0.2, 1.01):
        with pytest.raises(DataError, match="is not above 0 and up to 1"):
            compare_thirds(scores, "pre", "post", reliability)
    with pytest.raises(DataError, match="too alike to be parted"):
        compare_thirds(scores.assign(score=3.0), "pre", "post", 0.8)


def test_a_study_takes_its_own_alpha(monkeypatch):
    study = read_study()
    found = tabulate_regression(study)
    alpha = measure_reliability(study)
    wanted = compare_thirds(study.score(), "before", "after", alpha)
    pd.testing.assert_frame_equal(found, wanted)
    items = study.responses.query("wave == 'before' and item in ['c1', 'c2', 'c3', 'c4', 'c5']")
    wide = items.pivot_table(index="participant", columns="item", values="response").dropna()
    wide["c4"] = 6 - wide["c4"]
    covariance = np.cov(wide.to_numpy().T)
    assert alpha == pytest.approx(5 / 4 * (1 - np.trace(covariance) / covariance.sum()))
    monkeypatch.setattr(regression, "measure_reliability", lambda *_: -0.1)
    refused = tabulate_regression(study)
    assert refused["flag"].item().startswith("reliability -0.10 is not above 0")
    assert list(refused.columns) == list(found.columns)
