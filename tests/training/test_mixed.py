"""The mixed model, against lme4, lmerTest and pbkrtest, and against itself computed another way."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from coprod.errors import DataError, UsageError
from coprod.training import search
from coprod.training.estimates import COLUMNS
from coprod.training.mixed import MixedFit, fit_mixed
from coprod.training.problem import Problem, pose
from coprod.training.reml import evaluate
from coprod.training.sums import sum_scores

FOLDER = Path(__file__).resolve().parents[1] / "reference" / "mixed"
WAVES = ["pre", "post", "followup"]
REFERENCE = pd.read_csv(FOLDER / "reference.csv")


def read(name: str) -> tuple[pd.DataFrame, list[str]]:
    scores = pd.read_csv(FOLDER / f"{name}.csv", dtype={"participant": str, "cohort": str})
    return scores, [wave for wave in WAVES if wave in set(scores["wave"])]


FITS: dict[tuple[str, str], MixedFit] = {}


def fitted(name: str, frame: str) -> MixedFit:
    if (name, frame) not in FITS:
        scores, waves = read(name)
        FITS[name, frame] = fit_mixed(scores, frame, waves=waves)
    return FITS[name, frame]


def to_sum_contrasts(fit: MixedFit) -> float:
    """Return what the criterion gains when cohorts are coded by sum contrasts, as in the R script."""
    if fit.frame == "future_cohorts":
        return 0.0
    size = len(fit.sums.cohorts)
    coding = np.column_stack([np.ones(size), np.vstack([np.eye(size - 1), -np.ones(size - 1)])])
    return 2 * len(fit.sums.waves) * float(np.log(abs(np.linalg.det(coding))))


@pytest.mark.parametrize(
    "row", REFERENCE.to_dict("records"), ids=lambda row: f"{row['data']}-{row['frame']}-{row['wave']}"
)
def test_the_numbers_are_r_s(row):
    fit = fitted(row["data"], row["frame"])
    changes = fit.estimate_changes()
    kr, satterthwaite = (changes[changes["term"] == f"{row['wave']} - pre"].set_index("method").loc[method]
                         for method in ("lmm-kenward-roger", "lmm-satterthwaite"))  # fmt: skip
    # lme4 may stop a little early, never below the optimum
    assert fit.criterion + to_sum_contrasts(fit) <= row["criterion"] + 1e-6
    assert fit.criterion + to_sum_contrasts(fit) == pytest.approx(row["criterion"], abs=1e-4)
    assert satterthwaite["estimate"] == pytest.approx(row["estimate"], rel=1e-5)
    assert satterthwaite["std_error"] == pytest.approx(row["std_error"], rel=1e-5)
    # lmerTest and pbkrtest take derivatives numerically or at lme4's optimum
    assert satterthwaite["df"] == pytest.approx(row["df_satterthwaite"], rel=1e-3)
    assert kr["std_error"] == pytest.approx(row["std_error_kr"], rel=1e-3)
    assert kr["df"] == pytest.approx(row["df_kr"], rel=1e-3)


def dense(scores: pd.DataFrame, waves: list[str], frame: str, theta: np.ndarray) -> tuple[float, np.ndarray]:
    """Compute the criterion and the mean change from the full covariance matrix, row by row."""
    wave = pd.Categorical(scores["wave"], categories=waves).codes
    cohorts = pd.get_dummies(scores["cohort"]).to_numpy(float)
    people = pd.get_dummies(scores["participant"]).to_numpy(float)
    design = np.column_stack([np.ones(len(scores)), *(wave == k for k in range(1, len(waves)))]).astype(float)
    v = theta[0] * np.eye(len(scores)) + theta[1] * people @ people.T
    if frame == "future_cohorts":
        for k, tau in enumerate(theta[2:]):
            z = cohorts * design[:, [k]]
            v += tau * z @ z.T
    else:
        design = np.hstack([design * cohorts[:, [c]] for c in range(cohorts.shape[1])])
    inverse, y = np.linalg.inv(v), scores["score"].to_numpy()
    phi = np.linalg.inv(design.T @ inverse @ design)
    beta = phi @ design.T @ inverse @ y
    rest = y - design @ beta
    value = np.linalg.slogdet(v)[1] - np.linalg.slogdet(phi)[1] + rest @ inverse @ rest
    constant = (len(y) - design.shape[1]) * np.log(2 * np.pi)
    return float(value + constant), beta.reshape(-1, len(waves)).mean(axis=0)


def posed(scores: pd.DataFrame, waves: list[str], frame: str, covariance: str = "compound-symmetric") -> Problem:
    return pose([sum_scores(scores, waves)], frame, covariance, "level and change")


@pytest.mark.parametrize("frame", ["these_cohorts", "future_cohorts"])
@pytest.mark.parametrize("name", ["unequal_three", "single_wave"])
def test_sums_give_what_the_rows_give(name, frame):
    scores, waves = read(name)
    problem = posed(scores, waves, frame)
    theta = np.array([0.3, 0.2, 0.1, 0.05, 0.15])[: len(problem.names)]
    state = evaluate(problem, theta[None])
    criterion, change = dense(scores, waves, frame, theta)
    assert state.criterion[0] == pytest.approx(criterion, abs=1e-8)
    assert state.estimate[0, 1:] == pytest.approx(change[1:], abs=1e-10)


@pytest.mark.parametrize("covariance", ["compound-symmetric", "unstructured"])
@pytest.mark.parametrize("frame", ["these_cohorts", "future_cohorts"])
def test_gradient_and_hessian_are_the_slopes_of_the_criterion(frame, covariance):
    scores, waves = read("unequal_three")
    problem = posed(scores, waves, frame, covariance)
    theta, step = problem.start(0.1), 1e-5
    state = evaluate(problem, theta)
    ahead, behind = ([evaluate(problem, theta + sign * step * unit) for unit in np.eye(len(problem.names))]
                     for sign in (1, -1))  # fmt: skip
    slope = [(a.criterion[0] - b.criterion[0]) / (2 * step) for a, b in zip(ahead, behind, strict=True)]
    bend = [(a.gradient[0] - b.gradient[0]) / (2 * step) for a, b in zip(ahead, behind, strict=True)]
    tilt = [(a.variance[0] - b.variance[0]) / (2 * step) for a, b in zip(ahead, behind, strict=True)]
    # central differences: an error of the order of the step squared
    assert state.gradient[0] == pytest.approx(slope, abs=1e-4)
    assert state.hessian[0] == pytest.approx(np.array(bend), rel=1e-5, abs=1e-3)
    assert state.slopes[0] == pytest.approx(np.array(tilt).T, abs=1e-7)


@pytest.mark.parametrize("frame", ["these_cohorts", "future_cohorts"])
def test_no_covariance_near_the_optimum_is_better(frame):
    fit = fitted("unequal_three", frame)
    rng = np.random.default_rng(1)
    for _ in range(50):
        theta = fit.state.theta * np.exp(rng.normal(0, 0.05, fit.state.theta.size))
        assert evaluate(fit.problem, theta).criterion[0] >= fit.criterion - 1e-9


def test_unstructured_is_the_general_linear_model_with_balanced_data():
    # with everybody seen at both waves the mean change and its error are the paired ones
    scores, waves = read("equal_two")
    fit = fit_mixed(scores, "these_cohorts", covariance="unstructured", waves=waves)
    wide = scores.pivot_table(index=["cohort", "participant"], columns="wave", values="score")
    change = (wide["post"] - wide["pre"]).groupby("cohort")
    pooled = (change.var() * (change.size() - 1)).sum() / (change.size() - 1).sum()
    row = fit.estimate_changes().iloc[1]
    assert row["estimate"] == pytest.approx(change.mean().mean(), abs=1e-10)
    assert row["std_error"] == pytest.approx(np.sqrt(pooled / change.size().sum()), rel=1e-7)


def test_a_variance_of_zero_is_flagged():
    fit = fitted("boundary", "future_cohorts")
    assert fit.boundary == ("cohort x post",)
    assert "estimated at 0" in fit.estimate_changes()["flag"].iloc[0]
    table = fit.table_variance().set_index("component")
    assert table.loc["cohort x post", "variance"] == pytest.approx(0, abs=1e-8)
    assert table["boundary"].sum() == 1
    assert fitted("equal_two", "future_cohorts").estimate_changes()["flag"].eq("").all()


def test_weights_by_participants():
    scores, waves = read("unequal_two")
    fit = fitted("unequal_two", "these_cohorts")
    rows = fit.estimate_changes(weights="participants")
    people = scores.groupby("cohort")["participant"].nunique().to_numpy()
    # the model is linear in the scores: a change added to one cohort moves the average by its weight
    moved = scores.assign(score=scores["score"] + ((scores["cohort"] == "c01") & (scores["wave"] == "post")))
    after = fit_mixed(moved, "these_cohorts", waves=waves).estimate_changes(weights="participants")
    assert (after["estimate"] - rows["estimate"]).iloc[0] == pytest.approx(people[1] / people.sum())
    assert rows["term"].iloc[0] == "post - pre, by participants"
    assert list(rows.columns) == COLUMNS
    assert rows[["n_observations", "n_participants", "n_cohorts"]].iloc[0].tolist() == [len(scores), people.sum(), 5]


def test_the_interval_narrows_with_the_level():
    fit = fitted("equal_two", "future_cohorts")
    wide, tight = (fit.estimate_changes(level).iloc[0] for level in (0.99, 0.8))
    assert wide["conf_low"] < tight["conf_low"] < tight["estimate"] < tight["conf_high"] < wide["conf_high"]
    with pytest.raises(UsageError, match="write 95 per cent as 0.95"):
        fit.estimate_changes(95)


def paired(cohorts: list[str], changes: list[float]) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    before = rng.normal(3, 5, len(cohorts))
    people = [str(number) for number in range(len(cohorts))]
    pre = pd.DataFrame({"participant": people, "cohort": cohorts, "wave": "pre", "score": before})
    return pd.concat([pre, pre.assign(wave="post", score=before + changes)], ignore_index=True)


@pytest.mark.parametrize(
    ("scores", "frame", "words"),
    [
        (paired(["a"] * 4, [1, 2, 1, 0]), "future_cohorts", "one cohort only"),
        (paired(["a"] * 4 + ["b"] * 4, [1] * 8), "these_cohorts", "changed alike"),
        (paired(["a"] * 4, [1, 2, 1, 0]).query("wave == 'pre'"), "these_cohorts", "nobody has scores at two waves"),
        (
            paired(list("aabb"), [1, 2, 1, 0]).query("cohort == 'a' or wave == 'pre'"),
            "these_cohorts",
            "no score of cohort 'b'",
        ),
        (paired(list("aabb"), [1, 2, 1, 0]).assign(score=3.0), "these_cohorts", "all scores are equal"),
    ],
    ids=["one-cohort", "no-residual", "one-wave", "empty-cell", "constant"],
)
def test_data_that_cannot_hold_the_model_are_refused(scores, frame, words):
    with pytest.raises(DataError, match=words):
        fit_mixed(scores, frame, waves=["pre", "post"])


def test_a_wave_nobody_answered_is_named():
    with pytest.raises(DataError, match="no score at wave 'followup'; leave out the wave"):
        fit_mixed(paired(list("aabb"), [1, 2, 1, 0]), "future_cohorts", waves=WAVES)


def test_one_cohort_will_do_for_itself():
    row = fit_mixed(paired(["a"] * 4, [1, 2, 1, 0]), "these_cohorts", waves=["pre", "post"]).estimate_changes().iloc[0]
    # the paired t-test: mean 1, variance 2/3, n 4
    assert (row["estimate"], row["std_error"]) == (pytest.approx(1), pytest.approx(np.sqrt(2 / 3 / 4)))
    assert row["df"] == pytest.approx(3)


def test_unknown_words_are_named():
    with pytest.raises(UsageError, match="did you mean 'these_cohorts'"):
        fit_mixed(paired(["a"] * 4, [1, 2, 1, 0]), "these_cohort")
    with pytest.raises(UsageError, match="did you mean 'unstructured'"):
        fit_mixed(paired(["a"] * 4, [1, 2, 1, 0]), "these_cohorts", covariance="unstructred")


@pytest.mark.parametrize(("constant", "value"), [("MOST_STEPS", 1), ("NEARLY", -1.0)])
def test_a_search_that_does_not_rest_raises(monkeypatch, constant, value):
    monkeypatch.setattr(search, constant, value)
    monkeypatch.setattr(search, "DECREMENT", -np.inf)
    scores, waves = read("unequal_three")
    with pytest.raises(DataError, match="did not come to rest"):
        fit_mixed(scores, "future_cohorts", waves=waves)
