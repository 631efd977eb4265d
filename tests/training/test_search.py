"""The search for the smallest criterion: it holds at the bounds, rests, and says when it does not."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from coprod.errors import DataError
from coprod.training import search
from coprod.training.mixed import fit_mixed
from coprod.training.problem import pose
from coprod.training.reml import evaluate
from coprod.training.sums import sum_scores

FOLDER = Path(__file__).resolve().parents[1] / "reference" / "mixed"
WAVES = ["pre", "post", "followup"]


def read(name):
    scores = pd.read_csv(FOLDER / f"{name}.csv", dtype={"participant": str})
    return scores, [wave for wave in WAVES if wave in set(scores["wave"])]


@pytest.mark.parametrize("covariance", ["compound-symmetric", "unstructured"])
@pytest.mark.parametrize("frame", ["these_cohorts", "future_cohorts"])
@pytest.mark.parametrize("name", ["unequal_three", "boundary"])
def test_no_covariance_near_the_optimum_is_better(name, frame, covariance):
    scores, waves = read(name)
    fit = fit_mixed(scores, frame, waves=waves, covariance=covariance)
    rng, theta = np.random.default_rng(1), fit.state.theta[0]
    spread = 0.05 * np.abs(theta) + 1e-3
    tried = np.maximum(theta + spread * rng.normal(0, 1, (100, theta.size)), fit.problem.lower)
    values = [evaluate(fit.problem, one[None]).criterion[0] for one in tried]
    assert np.nanmin(values) >= fit.criterion - 1e-9
    assert np.isfinite(values).mean() > 0.9


def test_the_steps_reach_the_optimum_from_afar():
    scores, waves = read("unequal_three")
    problem = pose([sum_scores(scores, waves)], "future_cohorts", "compound-symmetric", "level and change")
    best, _ = search.optimum(problem)
    for theta in ([5, 0, 0, 0, 0], [0.01, 9, 9, 9, 9], [1, 1e-6, 1e-6, 3, 1e-6]):
        state, rested = search._descend(problem, np.array([theta], dtype=float))
        assert rested.all()
        assert state.criterion[0] == pytest.approx(best.criterion[0], abs=1e-8)


def test_a_covariance_the_data_leave_open_is_refused():
    # two participants seen twice, the others once: the criterion falls without end
    people = ["a", "b", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "l", "m"]
    scores = pd.DataFrame({
        "participant": people,
        "cohort": ["c0", "c1", "c1", "c1", "c1", "c2", "c2", "c2", "c2", "c2", "c3", "c3", "c4", "c4", "c4"],
        "wave": [WAVES[place] for place in (0, 0, 1, 1, 1, 0, 1, 0, 1, 0, 1, 0, 0, 1, 0)],
        "score": [1, 4, 4, 5, 4, 5, 3, 4, 5, 1, 5, 3, 4, 4, 3],
    })  # fmt: skip
    with pytest.raises(DataError, match="did not come to rest.*compound-symmetric"):
        fit_mixed(scores, "future_cohorts", waves=WAVES[:2], covariance="unstructured")


@pytest.mark.parametrize(("constant", "value"), [("MOST_STEPS", 1), ("NEARLY", -1.0)])
def test_a_search_that_does_not_rest_raises(monkeypatch, constant, value):
    monkeypatch.setattr(search, constant, value)
    monkeypatch.setattr(search, "DECREMENT", -np.inf)
    scores, waves = read("unequal_three")
    with pytest.raises(DataError, match="did not come to rest"):
        fit_mixed(scores, "future_cohorts", waves=waves)
