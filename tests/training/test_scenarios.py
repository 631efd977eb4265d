"""Single ways of estimating one outcome, against scipy and against the whole fit."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from coprod.errors import DataError
from coprod.training.mixed import fit_mixed
from coprod.training.scenarios import Outcome, compare_waves, estimate_cohort_means, estimate_mixed, subtract_means

FOLDER = Path(__file__).resolve().parents[1] / "reference" / "mixed"
WAVES = ("pre", "post", "followup")


def read(name: str) -> Outcome:
    scores = pd.read_csv(FOLDER / f"{name}.csv", dtype={"participant": str})
    waves = tuple(wave for wave in WAVES if wave in set(scores["wave"]))
    return Outcome(scores, waves, "post", 0.95)


@pytest.mark.parametrize("frame", ["these_cohorts", "future_cohorts"])
@pytest.mark.parametrize("covariance", ["compound-symmetric", "unstructured"])
def test_the_mixed_row_is_that_of_the_later_wave(frame, covariance):
    outcome = read("unequal_three")
    whole = fit_mixed(outcome.scores, frame, covariance=covariance, waves=WAVES).estimate_changes()
    for after in WAVES[1:]:
        row = estimate_mixed(Outcome(outcome.scores, WAVES, after, 0.95), frame, covariance=covariance).iloc[0]
        wanted = whole.query("method == 'lmm-kenward-roger' and term == @after + ' - pre'").iloc[0]
        assert row[["estimate", "std_error", "df"]].tolist() == wanted[["estimate", "std_error", "df"]].tolist()


def test_cohort_means_are_student_s_test():
    outcome = read("unequal_two")
    wide = outcome.scores.pivot_table(index=["cohort", "participant"], columns="wave", values="score").dropna()
    student = stats.ttest_1samp((wide["post"] - wide["pre"]).groupby("cohort").mean(), 0)
    row = estimate_cohort_means(outcome).iloc[0]
    assert row[["statistic", "p_value"]].tolist() == pytest.approx([student.statistic, student.pvalue])
    assert row[["n_participants", "n_observations", "n_cohorts", "flag"]].tolist() == [len(wide), 2 * len(wide), 5, ""]


def test_without_links_the_waves_means_are_compared():
    outcome = read("unequal_two")
    found = compare_waves(outcome).set_index("frame")
    cells = outcome.scores.groupby(["cohort", "wave"])["score"]
    means, variances = cells.mean().unstack(), (cells.var() / cells.size()).unstack()
    differences = means["post"] - means["pre"]
    future, these = found.loc["future_cohorts"], found.loc["these_cohorts"]
    assert future["statistic"] == pytest.approx(stats.ttest_1samp(differences, 0).statistic)
    assert these["std_error"] == pytest.approx(np.sqrt(variances.to_numpy().sum()) / 5)
    assert these["df"] < future["n_observations"]
    assert found["n_observations"].tolist() == [len(outcome.scores)] * 2
    assert found["n_participants"].tolist() == [outcome.scores["participant"].nunique()] * 2  # the first is the larger
    assert found["flag"].str.startswith("people cannot be told apart").all()


def test_a_difference_of_means_is_welch_s():
    rng = np.random.default_rng(2)
    one, other = pd.Series(rng.normal(0, 1, 7)), pd.Series(rng.normal(1, 3, 12))
    difference, variance, df = subtract_means(one, other)
    welch = stats.ttest_ind(one, other, equal_var=False)
    assert difference / np.sqrt(variance) == pytest.approx(welch.statistic)
    assert df == pytest.approx(welch.df)
    assert subtract_means(pd.Series([1.0, 1.0]), pd.Series([2.0, 2.0])) == (-1, 0, 1)
    assert np.isnan(subtract_means(one, other[:1])[1:]).all()


def test_parts_of_an_outcome():
    outcome = read("unequal_three")
    assert outcome.cohorts == ["c00", "c01", "c02", "c03", "c04"]
    assert outcome.leave_out("c01").cohorts == ["c00", "c02", "c03", "c04"]
    complete = outcome.keep_complete().scores
    assert complete.groupby("participant")["wave"].nunique().eq(3).all()
    per_person = outcome.scores.groupby("participant")["wave"].nunique()
    assert complete["participant"].nunique() == (per_person == 3).sum() > 0


def test_a_cohort_without_a_wave_is_refused():
    outcome = read("unequal_two")
    scores = outcome.scores
    with pytest.raises(DataError, match="cohort 'c02' has no score at one of the waves"):
        compare_waves(outcome.keep(~((scores["cohort"] == "c02") & (scores["wave"] == "post"))))
    with pytest.raises(DataError, match="no scores at 'pre' and 'post'"):
        compare_waves(outcome.keep(scores["wave"] == "never"))
