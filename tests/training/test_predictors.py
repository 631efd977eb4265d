"""Covariates: one value a participant, numbers or categories, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from coprod.errors import DataError
from coprod.training.mixed import fit_mixed
from coprod.training.predictors import code_covariates
from coprod.training.sums import combine, sum_scores

WAVES = ["pre", "post"]


def scores(**covariates: object) -> pd.DataFrame:
    """Eight participants in two cohorts at two waves; a covariate has one value a participant."""
    rng = np.random.default_rng(8)
    frame = pd.DataFrame({"participant": np.repeat(list("abcdefgh"), 2), "cohort": np.repeat(["one", "two"], 8),
                          "wave": WAVES * 8, "score": rng.normal(3, 1, 16)})  # fmt: skip
    for name, values in covariates.items():
        frame[name] = pd.Series(values).repeat(2).to_numpy()
    return frame


AGES = [34, 51, 28, 45, 39, 60, 23, 42]
JOBS = ["nurse", "porter", "nurse", "doctor", "nurse", "doctor", "porter", "nurse"]


@pytest.mark.parametrize(
    ("column", "names"),
    [
        (AGES, [("x", None)]),
        (pd.Series(AGES, dtype="Int64"), [("x", None)]),
        (JOBS, [("x", "doctor"), ("x", "nurse"), ("x", "porter")]),
        (pd.Categorical(JOBS), [("x", "doctor"), ("x", "nurse"), ("x", "porter")]),
        ([True, False] * 4, [("x", "False"), ("x", "True")]),
    ],
    ids=["number", "nullable", "text", "category", "yes-or-no"],
)
def test_the_kind_of_a_covariate_is_that_of_its_column(column, names):
    values, columns = code_covariates(scores(x=column), ["x"], pd.Index(list("abcdefgh")))
    assert list(columns) == names
    expected = np.array(AGES)[:, None] if len(names) == 1 else pd.get_dummies(pd.Series(column).astype(str))
    assert np.array_equal(values, np.asarray(expected, dtype=float))


def test_sums_of_covariates_are_those_by_hand():
    frame = scores(age=AGES, job=JOBS)
    sums = sum_scores(frame, WAVES, ["age", "job"])
    wide = frame.pivot(index="participant", columns="wave", values="score")[WAVES].to_numpy()
    rows = np.hstack([wide, np.array(AGES)[:, None], pd.get_dummies(pd.Series(JOBS)).to_numpy(float)])
    for cohort, part in enumerate((rows[:4], rows[4:])):
        assert np.allclose(sums.total[cohort, 0], part.sum(axis=0))
        assert np.allclose(sums.products[cohort, 0], part.T @ part)
    assert sums.covariates == ("age", "job")


def test_a_value_given_once_holds_and_a_participant_without_one_is_left_out():
    frame = scores(age=AGES, job=JOBS)
    once = frame.assign(age=frame["age"].where(frame["wave"] == "pre"))
    once.loc[once["participant"].isin(["c", "h"]), "job"] = None
    kept = frame[~frame["participant"].isin(["c", "h"])]
    sums, expected = (sum_scores(rows, WAVES, ["age", "job"]) for rows in (once, kept))
    assert np.array_equal(sums.products, expected.products)
    assert (sums.incomplete, sums.n_participants, expected.incomplete) == (2, 6, 0)
    flag = fit_mixed(sums, "these_cohorts").estimate_changes()["flag"].iloc[0]
    assert flag == "2 participant(s) without a covariate left out"


def test_parts_with_other_levels_add_up():
    frame = scores(age=AGES, job=JOBS)
    here = frame["participant"].isin(["a", "c"])  # nurses only
    parts = [sum_scores(frame[side], WAVES, ["age", "job"]) for side in (here, ~here)]
    whole = sum_scores(frame, WAVES, ["age", "job"])
    for both in (combine(*parts), combine(*parts[::-1])):
        assert both.columns == whole.columns
        assert np.allclose(both.products, whole.products)
        assert np.allclose(both.total, whole.total)


def test_sums_of_other_covariates_do_not_add():
    frame = scores(age=AGES)
    for other in (scores(job=JOBS), scores(age=JOBS)):
        with pytest.raises(DataError, match="cannot be added"):
            combine(sum_scores(frame, WAVES, ["age"]), sum_scores(other, WAVES, list(other.columns[4:])))


@pytest.mark.parametrize(
    ("columns", "frame", "words"),
    [
        ({"age": [34, 51, 28, 45, 39, np.inf, 23, 42]}, "these_cohorts", "participant 'f': covariate 'age' is not fin"),
        ({"age": [None] * 8}, "these_cohorts", "no participant has a value of covariate 'age'"),
        (
            {"age": [34, 51, *[None] * 6], "job": [None, None, *JOBS[2:]]},
            "these_cohorts",
            "no participant has every one",
        ),
        ({"job": ["nurse"] * 8}, "these_cohorts", "covariate 'job' has one level only, 'nurse'"),
        ({"age": [1970] * 8}, "future_cohorts", "covariate 'age' has one value only"),
        ({"age": AGES, "born": [2017 - age for age in AGES]}, "future_cohorts", "covariate 'born' follows from"),
        ({"job": JOBS, "pay": [len(job) for job in JOBS]}, "future_cohorts", "covariate 'pay' follows from"),
        ({"site": ["x"] * 4 + ["y"] * 4}, "these_cohorts", "covariate 'site y' follows from.*cohort"),
    ],
    ids=["infinite", "empty", "never-both", "one-level", "one-value", "collinear", "levels", "cohort"],
)
def test_covariates_that_cannot_be_used_are_named(columns, frame, words):
    with pytest.raises(DataError, match=words):
        fit_mixed(scores(**columns), frame, waves=WAVES, covariates=list(columns))


def test_a_covariate_that_changes_is_refused_with_the_participant():
    frame = scores(age=AGES)
    frame.loc[5, "age"] = 29
    with pytest.raises(DataError, match="participant 'c': covariate 'age' is both 28 and 29"):
        sum_scores(frame, WAVES, ["age"])


def test_a_column_that_is_not_there_is_named():
    with pytest.raises(DataError, match="no column 'age'; they need participant, cohort, wave, age and score"):
        sum_scores(scores(), WAVES, ["age"])


def test_a_covariate_of_the_cohort_may_explain_future_ones():
    frame = scores(site=["x"] * 2 + ["y"] * 2 + ["x"] * 2 + ["y"] * 2)
    frame["cohort"] = np.repeat(list("pqrs"), 4)
    changes = fit_mixed(frame, "future_cohorts", waves=WAVES, covariates=["site"]).estimate_changes()
    assert changes[["estimate", "std_error", "df"]].notna().all(axis=None)
