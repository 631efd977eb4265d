"""Regression to the mean, against a simulation in which nothing changed, and against scipy."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from coprod.errors import DataError
from coprod.training import regression
from coprod.training.regression import compare_thirds, measure_reliability, relate_to_baseline, tabulate_regression
from coprod.training.study import read_study


def simulate(n: int, reliability: float, slope: float = 0.0, change: float = 0.0) -> pd.DataFrame:
    """Two measurements of a standing that changes by change + slope x standing, with error of their own."""
    rng = np.random.default_rng(12)
    true = rng.normal(0, np.sqrt(reliability), n)
    error = rng.normal(0, np.sqrt(1 - reliability), (2, n))
    pre, post = 3 + true + error[0], 3 + true * (1 + slope) + change + error[1]
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


def test_relations_are_scipy_s():
    scores = simulate(25, 0.6)
    wide = scores.pivot_table(index="participant", columns="wave", values="score")
    change = wide["post"] - wide["pre"]
    found = relate_to_baseline(scores, "pre", "post", 0.6, level=0.9).set_index("method")
    for method, other in (("correlation", wide["pre"]), ("oldham", wide["pre"] + wide["post"])):
        r = np.corrcoef(change, other)[0, 1]
        ends = np.tanh(np.arctanh(r) + np.array([-1, 1]) * stats.norm.ppf(0.95) / np.sqrt(22))
        assert found.loc[method, ["estimate", "conf_low", "conf_high"]].tolist() == pytest.approx([r, *ends])
    slope = np.polyfit(wide["pre"], change, 1)[0]
    line = found.loc["slope"]
    assert line["estimate"] == pytest.approx(slope)
    t = slope / np.sqrt((1 - found.loc["correlation", "estimate"] ** 2) * change.var() / wide["pre"].var() / 23)
    assert (line["conf_high"] - line["conf_low"]) / 2 == pytest.approx(stats.t.ppf(0.95, 23) * slope / t)
    assert found["n_participants"].eq(25).all()


@pytest.mark.parametrize("slope", [0.0, -0.3])
def test_the_corrections_see_through_the_error_of_measurement(slope):
    found = relate_to_baseline(simulate(40_000, 0.6, slope), "pre", "post", 0.6).set_index("method")
    blomqvist, naive = found.loc["blomqvist"], found.loc["slope"]
    assert blomqvist["conf_low"] < slope < blomqvist["conf_high"]
    assert naive["conf_high"] < slope - 0.2
    assert (abs(found.loc["oldham", "estimate"]) < 0.02) == (slope == 0)


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
    with pytest.raises(DataError, match="nothing to relate the change to"):
        relate_to_baseline(scores.assign(score=3.0), "pre", "post", 0.8)
    turned = scores.copy()
    turned.loc[turned["wave"] == "post", "score"] = 6 - turned.loc[turned["wave"] == "pre", "score"].to_numpy()
    with pytest.raises(DataError, match="nothing to relate the change to"):
        relate_to_baseline(turned, "pre", "post", 0.8)


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
