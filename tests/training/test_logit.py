"""The cumulative logit, against R's ordinal and sandwich, statsmodels and a closed form."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coprod.errors import DataError
from coprod.training.logit import fit_cumulative_logit

FOLDER = Path(__file__).resolve().parents[1] / "reference"
REFERENCE = pd.read_csv(FOLDER / "ordinal" / "reference.csv")


def read(name: str) -> pd.DataFrame:
    scores = pd.read_csv(FOLDER / "mixed" / f"{name}.csv", dtype={"participant": str})
    scores = scores[scores["wave"].isin(["pre", "post"])]
    return scores.assign(score=np.floor(2 * scores["score"]) / 2)


def pairs_only(scores: pd.DataFrame) -> pd.DataFrame:
    return scores[scores.groupby("participant")["score"].transform("size") == 2]


@pytest.mark.parametrize("row", REFERENCE.to_dict("records"), ids=lambda row: row["data"])
def test_the_fit_is_that_of_clm_and_sandwich(row):
    scores = pairs_only(read(row["data"]))
    later = (scores["wave"] == "post").to_numpy(dtype=float)[:, None]
    fit = fit_cumulative_logit(scores["score"], later, scores["participant"])
    found = [fit.coefficients[0], np.sqrt(fit.covariance[0, 0]), fit.log_likelihood, fit.thresholds[0]]
    # both go by Newton to the end; 12 digits are printed
    assert found == pytest.approx([row[n] for n in ("estimate", "std_error", "log_likelihood", "threshold")], rel=1e-8)


def test_statsmodels_has_the_same_maximum():
    from statsmodels.miscmodels.ordinal_model import OrderedModel

    scores = pairs_only(read("unequal_two"))
    later = (scores["wave"] == "post").to_numpy(dtype=float)[:, None]
    fit = fit_cumulative_logit(scores["score"], later, scores["participant"])
    theirs = OrderedModel(pd.Categorical(scores["score"], ordered=True), later, distr="logit")
    found = theirs.fit(method="bfgs", disp=0, gtol=1e-7)
    assert fit.log_likelihood == pytest.approx(found.llf, abs=1e-8)
    assert fit.coefficients[0] == pytest.approx(np.asarray(found.params)[0], abs=1e-5)


@given(st.lists(st.integers(1, 30), min_size=4, max_size=4))
def test_two_grades_are_the_log_odds_ratio_of_a_table(cells):
    a, b, c, d = cells
    grades = [0] * a + [1] * b + [0] * c + [1] * d
    later = np.array([0.0] * (a + b) + [1.0] * (c + d))[:, None]
    fit = fit_cumulative_logit(grades, later, range(len(grades)))
    assert fit.coefficients[0] == pytest.approx(np.log(d * a / (b * c)), abs=1e-7)
    assert fit.covariance[0, 0] == pytest.approx(1 / a + 1 / b + 1 / c + 1 / d, rel=1e-6)


def test_regressors_that_say_the_same_are_refused():
    collinear = np.ones((4, 2)) * np.array([[0.0], [1], [0], [1]])
    with pytest.raises(DataError, match="no single maximum"):
        fit_cumulative_logit([1, 1, 2, 2], collinear, range(4))
