"""Changes by cohort and effect sizes, against scipy's own tests and published numbers."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from coprod.errors import DataError, UsageError
from coprod.training.effects import estimate_cohort_change, estimate_effect_size, hedges_correction, pair_scores
from coprod.training.estimates import COLUMNS

FOLDER = Path(__file__).resolve().parents[1] / "reference"
REFERENCE = pd.read_csv(FOLDER / "robust" / "reference.csv")


def read(name: str) -> pd.DataFrame:
    return pd.read_csv(FOLDER / "mixed" / f"{name}.csv", dtype={"participant": str})


@pytest.mark.parametrize("name", ["equal_two", "unequal_two", "unequal_three", "single_wave"])
def test_cohort_change_by_each_method(name):
    scores = read(name)
    found = estimate_cohort_change(scores, "pre", "post").set_index("method")
    pairs = pair_scores(scores, "pre", "post")
    means = pairs.groupby("cohort")["change"].mean()
    r = REFERENCE.query("data == @name and model == 'change' and kind == 'CR2'").iloc[0]
    cr2, t = found.loc["cr2-satterthwaite"], found.loc["cohort-means-t"]
    assert cr2[["estimate", "std_error", "df"]].tolist() == pytest.approx(r[["estimate", "std_error", "df"]].tolist())
    scipy_t = stats.ttest_1samp(means, 0)
    assert (t["statistic"], t["p_value"]) == (pytest.approx(scipy_t.statistic), pytest.approx(scipy_t.pvalue))
    assert (t["conf_low"], t["conf_high"]) == pytest.approx(tuple(scipy_t.confidence_interval(0.95)))
    signs = stats.permutation_test((means,), np.sum, permutation_type="samples", n_resamples=np.inf).pvalue
    assert found.loc["sign-flip", "p_value"] == pytest.approx(signs)
    assert found.loc["wild-webb", "p_smallest"] == 6 / 6 ** len(means)
    assert found.loc["wild-webb", "estimate"] == cr2["estimate"]
    assert found["n_participants"].eq(len(pairs)).all()
    assert found["frame"].eq("future_cohorts").all()
    assert list(estimate_cohort_change(scores, "pre", "post").columns) == COLUMNS


def test_many_cohorts_are_bootstrapped_by_drawing_and_not_flipped():
    found = estimate_cohort_change(read("many"), "pre", "post", rng=np.random.default_rng(1))
    assert found["method"].tolist() == ["cr2-satterthwaite", "cohort-means-t", "wild-webb"]


def paired(before: list[float], after: list[float], cohort: str | list[str] = "one") -> pd.DataFrame:
    people = [str(number) for number in range(len(before))]
    pre = pd.DataFrame({"participant": people, "cohort": cohort, "wave": "pre", "score": before})
    return pd.concat([pre, pre.assign(wave="post", score=after)], ignore_index=True)


def test_effect_sizes_are_their_definitions():
    rng = np.random.default_rng(8)
    before = rng.normal(10, 2, 25)
    after = before + rng.normal(1, 1.5, 25)
    found = estimate_effect_size(paired(before.tolist(), after.tolist()), "pre", "post").set_index("method")
    change, correction = after - before, hedges_correction(24)
    assert found.loc["d-z", "estimate"] == pytest.approx(correction * change.mean() / change.std(ddof=1))
    average = np.sqrt((before.var(ddof=1) + after.var(ddof=1)) / 2)
    assert found.loc["d-av", "estimate"] == pytest.approx(correction * change.mean() / average)
    # at either end of the interval of d_z the observed t is at the end of a tail
    t = change.mean() / change.std(ddof=1) * 5
    low, high = found.loc["d-z", ["conf_low", "conf_high"]] / correction * 5
    assert stats.nct.sf(t, 24, low) == pytest.approx(0.025, abs=1e-8)
    assert stats.nct.cdf(t, 24, high) == pytest.approx(0.025, abs=1e-8)
    # both intervals come from the same noncentral t
    scale = change.std(ddof=1) / average
    assert found.loc["d-av", "conf_low"] == pytest.approx(found.loc["d-z", "conf_low"] * scale)


@pytest.mark.parametrize("shift", [0.5, -0.5, -1.2, -6.0])
def test_a_fall_is_a_rise_seen_in_a_mirror(shift):
    rng = np.random.default_rng(4)
    before = rng.normal(3, 1, 59)
    after = before + shift + rng.normal(0, 0.9, 59)
    seen, mirrored = (
        estimate_effect_size(paired((sign * before).tolist(), (sign * after).tolist()), "pre", "post")
        for sign in (1, -1)
    )
    assert seen["estimate"].tolist() == pytest.approx((-mirrored["estimate"]).tolist())
    assert seen["conf_low"].tolist() == pytest.approx((-mirrored["conf_high"]).tolist())
    assert (seen["conf_low"] < seen["estimate"]).all()
    assert (seen["estimate"] < seen["conf_high"]).all()


def test_the_correction_is_its_closed_form():
    # Gamma(1) / Gamma(1/2) and Gamma(5) / (sqrt(5) Gamma(9/2)), with Gamma(9/2) = 105 sqrt(pi) / 16
    assert hedges_correction(2) == pytest.approx(1 / np.sqrt(np.pi))
    assert hedges_correction(10) == pytest.approx(24 * 16 / (np.sqrt(5) * 105 * np.sqrt(np.pi)))
    # Hedges' own approximation, 1 - 3 / (4 df - 1), is good to the third digit from 10 degrees of freedom
    assert hedges_correction(40) == pytest.approx(1 - 3 / 159, abs=5e-5)
    assert hedges_correction(1) == 0


def test_the_interval_of_d_z_covers_at_its_level():
    rng = np.random.default_rng(12)
    covered = 0
    for _ in range(200):
        change = rng.normal(0.6, 1, 12)
        before = rng.normal(0, 1, 12)
        found = estimate_effect_size(paired(before.tolist(), (before + change).tolist()), "pre", "post", level=0.9)
        row, correction = found.iloc[1], hedges_correction(11)
        covered += row["conf_low"] / correction <= 0.6 <= row["conf_high"] / correction
    # 200 data sets at 90 %: four standard errors are 8.5 points
    assert 0.815 <= covered / 200 <= 0.985


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: estimate_cohort_change(paired([1, 2], [2, 4]), "pre", "post"), DataError, "1 cohort with scores"),
        (lambda: estimate_cohort_change(paired([1, 2], [2, 3], ["a", "b"]), "pre", "post"), DataError, "all equal"),
        (lambda: estimate_effect_size(paired([1, 2], [2, 3]), "pre", "post"), DataError, "do not vary"),
        (lambda: pair_scores(paired([1, 2], [2, 3]), "pre", "later"), DataError, r"0 participant\(s\) with scores"),
        (lambda: estimate_effect_size(paired([1, 2], [2, 5]), "pre", "post", level=2), UsageError, "level 2"),
    ],
    ids=["one-cohort", "no-spread", "no-change-spread", "unknown-wave", "level"],
)
def test_bad_input_is_named(call, error, words):
    with pytest.raises(error, match=words):
        call()
