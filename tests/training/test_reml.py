"""The criterion and all that follows from it, against the full covariance matrix, row by row."""

from itertools import combinations_with_replacement
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from coprod.training.inference import infer_kenward_roger, infer_satterthwaite
from coprod.training.problem import pose
from coprod.training.reml import evaluate
from coprod.training.sums import sum_scores

FOLDER = Path(__file__).resolve().parents[1] / "reference" / "mixed"
WAVES = ["pre", "post", "followup"]
COVARIATES = ("age", "profession")


class Dense:
    """The model with n by n matrices."""

    def __init__(self, scores, covariates, frame, covariance, effects):
        waves = [wave for wave in WAVES if wave in set(scores["wave"])]
        wave = pd.Categorical(scores["wave"], categories=waves).codes
        time = np.column_stack([np.ones(len(scores)), *(wave == k for k in range(1, len(waves)))]).astype(float)
        cohorts = pd.get_dummies(scores["cohort"]).to_numpy(float)
        same = scores["participant"].to_numpy()[:, None] == scores["participant"].to_numpy()[None]
        if covariance == "compound-symmetric":
            self.kinds = [np.eye(len(scores)), same.astype(float)]
        else:
            pairs = combinations_with_replacement(range(len(waves)), 2)
            at = [wave == k for k in range(len(waves))]
            self.kinds = [same * (np.outer(at[a], at[b]) | np.outer(at[b], at[a])).astype(float) for a, b in pairs]
        self.average = np.vstack([np.zeros(len(waves) - 1), np.eye(len(waves) - 1)])
        self.design = time
        if frame == "future_cohorts":
            for k in range(1 if effects == "level" else len(waves)):
                z = cohorts * time[:, [k]]
                self.kinds.append(z @ z.T)
        else:
            self.design = np.hstack([time * cohorts[:, [c]] for c in range(cohorts.shape[1])])
            self.average = np.vstack([self.average] * cohorts.shape[1]) / cohorts.shape[1]
        numbers = pd.get_dummies(scores[["score", *covariates]], drop_first=True).to_numpy(float)[:, 1:]
        self.design = np.hstack([self.design, numbers])
        self.average = np.vstack([self.average, np.zeros((numbers.shape[1], len(waves) - 1))])
        self.y = scores["score"].to_numpy()

    def solve(self, theta):
        v = sum(t * kind for t, kind in zip(theta, self.kinds, strict=True))
        inverse = np.linalg.inv(v)
        phi = np.linalg.inv(self.design.T @ inverse @ self.design)
        p = inverse - inverse @ self.design @ phi @ self.design.T @ inverse
        value = np.linalg.slogdet(v)[1] - np.linalg.slogdet(phi)[1] + self.y @ p @ self.y
        constant = (len(self.y) - self.design.shape[1]) * np.log(2 * np.pi)
        return value + constant, inverse @ self.design @ phi @ self.average, p, v


MODELS = [
    ("these_cohorts", "level and change"),
    ("future_cohorts", "level and change"),
    ("future_cohorts", "level"),
]


@pytest.mark.parametrize("covariates", [(), COVARIATES], ids=["plain", "covariates"])
@pytest.mark.parametrize("covariance", ["compound-symmetric", "unstructured"])
@pytest.mark.parametrize(("frame", "effects"), MODELS)
@pytest.mark.parametrize("name", ["covariates_two", "covariates_three"])
def test_sums_give_what_the_rows_give(name, frame, effects, covariance, covariates):
    scores = pd.read_csv(FOLDER / f"{name}.csv", dtype={"participant": str}).dropna()
    waves = [wave for wave in WAVES if wave in set(scores["wave"])]
    problem = pose([sum_scores(scores, waves, covariates)], frame, covariance, effects)
    theta = problem.start(0.15) * (1 + 0.1 * np.arange(len(problem.names)))
    state = evaluate(problem, theta)
    dense = Dense(scores, covariates, frame, covariance, effects)
    criterion, a, p, v = dense.solve(theta[0])
    later, kinds = slice(1, len(waves)), dense.kinds
    assert state.criterion[0] == pytest.approx(criterion, abs=1e-8)
    assert state.gradient[0] == pytest.approx([np.sum(p * k) - dense.y @ p @ k @ p @ dense.y for k in kinds], abs=1e-7)
    pulls = np.array([k @ p @ dense.y for k in kinds])
    turned = [p @ k for k in kinds]
    expected = np.array([[np.sum(one * other.T) for other in turned] for one in turned])
    assert state.traces[0] == pytest.approx(expected, rel=1e-8, abs=1e-8)
    assert state.hessian[0] == pytest.approx(2 * pulls @ p @ pulls.T - expected, rel=1e-8, abs=1e-7)
    assert state.estimate[0, later] == pytest.approx(a.T @ dense.y, abs=1e-10)
    assert state.variance[0, later] == pytest.approx(np.diag(a.T @ v @ a), abs=1e-10)
    assert pytest.approx(np.array([np.diag(a.T @ k @ a) for k in kinds]), abs=1e-10) == state.slopes[0, later].T
    curves = np.array([[np.diag(a.T @ k @ one @ a) for one in turned] for k in kinds])
    assert np.moveaxis(state.curves[0, later], 0, -1) == pytest.approx(curves, abs=1e-10)


@pytest.mark.parametrize("frame", ["these_cohorts", "future_cohorts"])
def test_gradient_and_hessian_are_the_slopes_of_the_criterion(frame):
    scores = pd.read_csv(FOLDER / "unequal_three.csv", dtype={"participant": str})
    problem = pose([sum_scores(scores, WAVES)], frame, "unstructured", "level and change")
    theta, step = problem.start(0.1), 1e-5
    state = evaluate(problem, theta)
    ahead, behind = ([evaluate(problem, theta + sign * step * unit) for unit in np.eye(theta.shape[1])]
                     for sign in (1, -1))  # fmt: skip
    slope = [(a.criterion[0] - b.criterion[0]) / (2 * step) for a, b in zip(ahead, behind, strict=True)]
    bend = [(a.gradient[0] - b.gradient[0]) / (2 * step) for a, b in zip(ahead, behind, strict=True)]
    # central differences: an error of the order of the step squared
    assert state.gradient[0] == pytest.approx(slope, abs=1e-4)
    assert state.hessian[0] == pytest.approx(np.array(bend), rel=1e-5, abs=1e-3)


def test_a_covariance_that_is_none_gives_no_number():
    scores = pd.read_csv(FOLDER / "equal_two.csv", dtype={"participant": str})
    problem = pose([sum_scores(scores, WAVES[:2])], "these_cohorts", "compound-symmetric", "level and change")
    assert np.isnan(evaluate(problem, np.array([[-1.0, 0.2]])).criterion[0])


def test_two_waves_of_everybody_have_the_degrees_of_freedom_of_the_paired_test():
    # with a free covariance the change is the mean of the paired ones, and both methods agree on n - 1
    scores = pd.read_csv(FOLDER / "equal_two.csv", dtype={"participant": str}).assign(cohort="one")
    wide = scores.pivot(index="participant", columns="wave", values="score")
    change = wide["post"] - wide["pre"]
    problem = pose([sum_scores(scores, WAVES[:2])], "these_cohorts", "unstructured", "level and change")
    theta = wide[WAVES[:2]].cov().to_numpy()[[0, 0, 1], [0, 1, 1]][None]  # the optimum is the sample covariance
    state = evaluate(problem, theta)
    assert state.gradient[0] == pytest.approx(np.zeros(3), abs=1e-9)
    for error, df in (infer_kenward_roger(state), infer_satterthwaite(problem, state)):
        assert error[0, 1] == pytest.approx(change.std() / np.sqrt(len(change)))
        assert df[0, 1] == pytest.approx(len(change) - 1)
