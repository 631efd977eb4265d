"""The average over cohorts, against scipy's t tests and Welch's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from coprod.errors import UsageError
from coprod.training.strata import average_cohorts, find_error

RNG = np.random.default_rng(3)
GROUPS = [RNG.normal(0.3, 1, n) for n in (6, 11)]
MEANS = [group.mean() for group in GROUPS]
VARIANCES = [group.var(ddof=1) / len(group) for group in GROUPS]
DFS = [len(group) - 1 for group in GROUPS]


def test_two_cohorts_with_their_own_variances_are_welch_s_test():
    # the average of two cohorts is half the difference to the other with its sign turned
    found = average_cohorts(MEANS, VARIANCES, DFS, "these_cohorts")
    welch = stats.ttest_ind(GROUPS[0], -GROUPS[1], equal_var=False)
    ends = welch.confidence_interval(0.95)
    names = ("statistic", "df", "p_value", "conf_low", "conf_high")
    wanted = (welch.statistic, welch.df, welch.pvalue, ends.low / 2, ends.high / 2)
    assert [found[name] for name in names] == pytest.approx(wanted)


def test_future_cohorts_are_student_s_test_of_the_means():
    numbers = [0.1, 0.5, 0.4, 0.2]
    found = average_cohorts(numbers, [np.nan] * 4, [0] * 4, "future_cohorts", 0.9)
    student = stats.ttest_1samp(numbers, 0)
    wanted = (student.statistic, student.df, student.pvalue, *student.confidence_interval(0.9))
    assert [found[n] for n in ("statistic", "df", "p_value", "conf_low", "conf_high")] == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("arguments", "flag"),
    [
        (([0.5], [0.1], [9], "future_cohorts"), "one cohort only"),
        (([0.5, 0.5], [0.1, 0.1], [9, 9], "future_cohorts"), "no spread"),
        (([0.5, 0.1], [0.1, np.nan], [9, 0], "these_cohorts"), "too few participants"),
        (([0.5, 0.1], [0.0, 0.0], [9, 9], "these_cohorts"), "no spread"),
    ],
)
def test_where_nothing_judges_the_average_it_stands_alone_with_its_reason(arguments, flag):
    found = average_cohorts(*arguments)
    assert set(found) == {"estimate", "flag"}
    assert flag in str(found["flag"])
    assert found["estimate"] == pytest.approx(np.mean(arguments[0]))


def test_rows_are_taken_one_by_one():
    rows = np.array([[0.1, 0.5], [0.4, 0.6]])
    for frame in ("these_cohorts", "future_cohorts"):
        together = np.array(find_error(rows, [VARIANCES, VARIANCES], DFS, frame))
        apart = np.array([find_error(row, VARIANCES, DFS, frame) for row in rows]).T
        assert together == pytest.approx(apart)


@given(st.lists(st.tuples(st.floats(-3, 3), st.floats(0.01, 2), st.integers(1, 40)), min_size=2, max_size=7))
def test_degrees_of_freedom_lie_between_the_smallest_and_their_sum(cohorts):
    means, variances, dfs = map(list, zip(*cohorts, strict=True))
    found = average_cohorts(means, variances, dfs, "these_cohorts")
    assert min(dfs) * (1 - 1e-9) <= float(str(found["df"])) <= sum(dfs) * (1 + 1e-9)


def test_a_level_beyond_0_and_1_is_refused():
    with pytest.raises(UsageError, match="level 95"):
        average_cohorts([0.1, 0.2], [1, 1], [1, 1], "these_cohorts", 95)
