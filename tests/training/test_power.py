"""Power by simulation: the same verdicts as one fit after the other, on data that are what the plan says."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from coprod.errors import UsageError
from coprod.training import power
from coprod.training.mixed import fit_mixed
from coprod.training.power import Plan, estimate_power, simulate_sums

PLAN = Plan(0.4, (20,) * 5, cohort_sd=0.3, change_sd=0.2, participant_sd=0.6, residual_sd=0.5)
UNEQUAL = Plan(0.3, (8, 30, 12, 5), cohort_sd=0.1, change_sd=0.1, participant_sd=0.6, residual_sd=0.5, attrition=0.3)


@pytest.mark.parametrize("plan", [PLAN, UNEQUAL], ids=["equal", "unequal"])
def test_the_verdicts_are_those_of_one_fit_after_the_other(plan):
    simulations = 120
    table = estimate_power(plan, simulations=simulations, rng=np.random.default_rng(4)).set_index("method")
    shown, at_zero = [], 0
    for sums in simulate_sums(plan, simulations, np.random.default_rng(4)):
        fit = fit_mixed(sums, "future_cohorts")
        at_zero += bool(fit.boundary)
        rows = fit.estimate_changes().set_index("method")["p_value"]
        means = (sums.total[:, 1, 1] - sums.total[:, 1, 0]) / sums.count[:, 1]
        shown.append([*rows[table.index[:2]], stats.ttest_1samp(means, 0).pvalue])
    expected = (np.array(shown) < 0.05).mean(axis=0)
    assert table["power"].to_numpy() == pytest.approx(expected)
    assert table["std_error"].to_numpy() == pytest.approx(np.sqrt(expected * (1 - expected) / simulations))
    assert table["boundary"].to_numpy()[:2] == pytest.approx(at_zero / simulations)
    assert 0 < at_zero < simulations
    assert table["simulations"].eq(simulations).all()


def test_the_scores_vary_as_planned():
    plan = Plan(0.5, (400, 600), cohort_sd=0.0, change_sd=0.0, participant_sd=0.6, residual_sd=0.8, attrition=0.25)
    (sums,) = simulate_sums(plan, 1, np.random.default_rng(2))
    assert sums.count.sum(axis=1).tolist() == [400, 600]
    assert sums.count[:, 1].sum() / 1000 == pytest.approx(0.75, abs=0.04)  # 3 standard errors
    n = sums.count[:, 1].sum()
    mean = sums.total[:, 1].sum(axis=0) / n
    covariance = sums.products[:, 1].sum(axis=0) / n - np.outer(mean, mean)
    assert mean == pytest.approx([0, 0.5], abs=0.11)
    # a variance of 1.0 of 750 people has a standard error of 0.05
    assert covariance == pytest.approx(np.array([[1.0, 0.36], [0.36, 1.0]]), abs=0.16)


def test_the_cohorts_vary_as_planned():
    plan = Plan(0.0, (2000, 2000), cohort_sd=2.0, change_sd=1.0, participant_sd=0.1, residual_sd=0.1)
    many = simulate_sums(plan, 300, np.random.default_rng(3))
    means = np.concatenate([sums.total[:, 1] / sums.count[:, 1, None] for sums in many])
    # a standard deviation from 600 draws is known to 3 per cent
    assert means[:, 0].std() == pytest.approx(2.0, rel=0.1)
    assert (means[:, 1] - means[:, 0]).std() == pytest.approx(1.0, rel=0.1)
    assert abs(np.corrcoef(means[:, 0], means[:, 1] - means[:, 0])[0, 1]) < 0.13


def test_a_large_change_is_shown_and_a_wider_level_shows_more():
    large = Plan(3.0, (20,) * 5, cohort_sd=0.3, change_sd=0.2, participant_sd=0.6, residual_sd=0.5)
    assert estimate_power(large, simulations=50, rng=np.random.default_rng(1))["power"].eq(1).all()
    strict, lax = (estimate_power(PLAN, simulations=100, level=level, rng=np.random.default_rng(1))["power"]
                   for level in (0.99, 0.8))  # fmt: skip
    assert (strict < lax).all()


def test_simulating_in_batches_simulates_as_many(monkeypatch):
    monkeypatch.setattr(power, "AT_ONCE", 700)
    table = estimate_power(PLAN, simulations=31, rng=np.random.default_rng(1))
    assert table["simulations"].eq(31).all()


def test_data_sets_nobody_came_back_in_are_not_counted():
    plan = Plan(0.0, (3, 3), cohort_sd=0.1, change_sd=0.1, participant_sd=0.5, residual_sd=0.5, attrition=0.8)
    table = estimate_power(plan, simulations=200, rng=np.random.default_rng(6))
    assert table["simulations"].between(1, 199).all()
    assert table[["power", "std_error"]].notna().all(axis=None)
    nobody = Plan(0.0, (2, 2), cohort_sd=0.1, change_sd=0.1, participant_sd=0.5, residual_sd=0.5, attrition=1 - 1e-9)
    with pytest.raises(UsageError, match="plan for more who reply"):
        estimate_power(nobody, simulations=5, rng=np.random.default_rng(6))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"sizes": (20,)}, "two cohorts or more"),
        ({"sizes": (20, 1)}, "two participants or more"),
        ({"change_sd": -0.1}, "change_sd is -0.1"),
        ({"cohort_sd": float("nan")}, "cohort_sd is nan"),
        ({"residual_sd": 0}, "residual_sd is 0"),
        ({"attrition": 20}, "write 20 per cent as 0.2"),
    ],
    ids=["one-cohort", "one-participant", "negative", "missing", "no-residual", "attrition"],
)
def test_plans_no_training_can_have_are_refused(changes, words):
    shape = {"change": 0.4, "sizes": (20, 20), "cohort_sd": 0.3, "change_sd": 0.2}
    with pytest.raises(UsageError, match=words):
        Plan(**{**shape, "participant_sd": 0.6, "residual_sd": 0.5, **changes})


def test_nothing_to_simulate_is_refused():
    with pytest.raises(UsageError, match="0 simulations"):
        estimate_power(PLAN, simulations=0, rng=np.random.default_rng(1))


def test_columns():
    table = estimate_power(PLAN, simulations=5, rng=np.random.default_rng(1))
    assert list(table.columns) == ["method", "power", "std_error", "boundary", "simulations"]
    assert isinstance(table, pd.DataFrame)
