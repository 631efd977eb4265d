"""Enumerated tests, against going through the draws one at a time."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coprod.errors import DataError, UsageError
from coprod.training.resampling import check_bootstrap, check_sign_flip

WEBB = [-(1.5**0.5), -1.0, -(0.5**0.5), 0.5**0.5, 1.0, 1.5**0.5]


def slow_t(changes: np.ndarray, cohort: np.ndarray) -> float:
    rest = changes - changes.mean()
    meat = sum(rest[cohort == name].sum() ** 2 for name in set(cohort))
    return float(changes.sum() / meat**0.5)


@settings(max_examples=10)
@given(data=st.data(), cohorts=st.integers(2, 3))
def test_bootstrap_is_the_one_done_slowly(data, cohorts):
    sizes = data.draw(st.lists(st.integers(2, 4), min_size=cohorts, max_size=cohorts))
    rng = np.random.default_rng(data.draw(st.integers(0, 10**6)))
    cohort = np.repeat(range(cohorts), sizes)
    changes = rng.normal(0.5, 1, len(cohort))
    observed = abs(slow_t(changes, cohort))
    reached = sum(
        abs(slow_t(changes * np.array(draw)[cohort], cohort)) >= observed * (1 - 1e-9)
        for draw in product(WEBB, repeat=cohorts)
    )
    found = check_bootstrap(changes, cohort)
    assert found.p_value == pytest.approx(reached / 6**cohorts)
    assert found.p_value >= found.p_smallest


@settings(max_examples=25)
@given(seed=st.integers(0, 10**6), cohorts=st.integers(3, 5))
def test_p_is_a_whole_number_of_draws(seed, cohorts):
    rng = np.random.default_rng(seed)
    cohort = np.repeat(range(cohorts), 6)
    p = check_bootstrap(rng.normal(size=len(cohort)), cohort).p_value
    assert Fraction(p).limit_denominator(6**cohorts) == Fraction(round(p * 6**cohorts), 6**cohorts)
    assert p * 6**cohorts == pytest.approx(round(p * 6**cohorts), abs=1e-9)


def test_a_clear_change_reaches_the_smallest_p():
    cohort = np.repeat(range(5), 3)
    changes = np.tile([0.9, 1.0, 1.1], 5) + cohort / 100
    found = check_bootstrap(changes, cohort)
    assert found.p_value == found.p_smallest == 6 / 6**5


def test_rademacher_needs_more_than_five_cohorts():
    rng = np.random.default_rng(2)
    changes = rng.normal(size=24)
    with pytest.raises(UsageError, match="give 32 values with 5 cohorts; take 'webb'"):
        check_bootstrap(changes[:20], np.repeat(range(5), 4), weights="rademacher")
    p = check_bootstrap(changes, np.repeat(range(6), 4), weights="rademacher").p_value
    assert p * 2**6 == pytest.approx(round(p * 2**6), abs=1e-9)


def test_many_cohorts_are_drawn_with_an_rng():
    rng = np.random.default_rng(6)
    cohort = np.repeat(range(9), 4)
    changes = rng.normal(0.2, 1, len(cohort))
    with pytest.raises(UsageError, match="pass an rng"):
        check_bootstrap(changes, cohort)
    drawn, again = (check_bootstrap(changes, cohort, rng=np.random.default_rng(1)) for _ in range(2))
    assert drawn == again
    every = check_bootstrap(changes, cohort, weights="rademacher").p_value
    assert drawn.p_value == pytest.approx(every, abs=0.1)  # other weights, the same hypothesis


def test_the_null_is_rejected_at_its_level():
    rng = np.random.default_rng(9)
    cohort = np.repeat(range(4), 5)
    p = np.array([check_bootstrap(rng.normal(size=20), cohort).p_value for _ in range(300)])
    # 300 data sets at 10 %: four standard errors are 7 points
    assert 0.03 <= (p <= 0.1).mean() <= 0.17


@pytest.mark.parametrize(
    ("changes", "cohort", "words"),
    [([1.0, 2.0], ["a", "a"], r"1 cohort\(s\)"), ([1.0, 1.0], ["a", "b"], "without any spread")],
    ids=["one", "equal"],
)
def test_data_without_a_test_are_refused(changes, cohort, words):
    with pytest.raises(DataError, match=words):
        check_bootstrap(changes, cohort)


@given(means=st.lists(st.integers(-20, 20), min_size=2, max_size=7))
def test_sign_flips_are_those_gone_through_by_hand(means):
    reached = sum(abs(sum(s * m for s, m in zip(signs, means, strict=True))) >= abs(sum(means))
                  for signs in product([-1, 1], repeat=len(means)))  # fmt: skip
    assert check_sign_flip(means).p_value == reached / 2 ** len(means)


def test_sign_flips_need_cohorts_that_can_be_gone_through():
    for count in (1, 19):
        with pytest.raises(DataError, match="2 to 18"):
            check_sign_flip([0.1] * count)
