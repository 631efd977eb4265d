import numpy as np
import pandas as pd
import pytest

from coprod.training.comparisons import MISSING, NO_CHANGE, NOT_ASKED, compare_items, compare_scales, estimate_kept
from coprod.training.effects import pair_scores
from coprod.training.outcomes import estimate_study
from coprod.training.study import Study, read_study


@pytest.fixture(scope="module")
def example() -> Study:
    return read_study()


@pytest.fixture(scope="module")
def estimates(example) -> pd.DataFrame:
    return estimate_study(example)


def with_analysis(study: Study, **change: object) -> Study:
    analysis = study.protocol.analysis.model_copy(update=change)
    return Study(study.protocol.model_copy(update={"analysis": analysis}), study.intake, study.name)


def test_the_primary_scale_is_tested_at_full_level_and_the_others_by_holm(example, estimates):
    rows = compare_scales(example, estimates).set_index("scale")
    assert rows["role"].to_dict() == {"confidence": "primary", "knowledge": "secondary"}
    assert np.isnan(rows.loc["confidence", "p_holm"])
    assert rows.loc["knowledge", "p_holm"] == rows.loc["knowledge", "p_value"]  # one test is not adjusted
    third = estimates[estimates["scale"] == "knowledge"].assign(scale="third")
    both = compare_scales(example, pd.concat([estimates, third], ignore_index=True)).set_index("scale")
    assert both.loc["third", "p_holm"] == pytest.approx(2 * both.loc["third", "p_value"])


def test_items_are_turned_and_their_changes_are_means(example):
    rows = compare_items(example).set_index("item")
    wide = example.responses.pivot_table(
        index="participant", columns=["item", "wave"], values="response", observed=True
    )
    asked = (wide["c4", "after"] - wide["c4", "before"]).dropna()
    assert rows.loc["c4", "estimate"] == pytest.approx(-asked.mean())
    assert rows.loc["c4", "n_participants"] == len(asked)
    assert (rows["p_bh"] >= rows["p_value"]).all()
    assert rows["p_bh"].max() == rows["p_value"].max()
    assert rows.loc["c1", "wording"] == "I see strengths as well as danger"


def test_an_item_that_moves_alike_everywhere_says_so(example):
    answers = example.intake.responses.copy()
    fixed = answers["item"] == "c1"
    answers.loc[fixed, "response"] = 2.0 + (answers.loc[fixed, "wave"] == "after")
    nobody = answers["item"] == "c2"
    answers.loc[nobody & (answers["wave"] == "after"), "response"] = np.nan
    intake = type(example.intake)(**{**vars(example.intake), "responses": answers})
    rows = compare_items(Study(example.protocol, intake, example.name)).set_index("item")
    assert rows.loc["c1", ["estimate", "flag"]].tolist() == [1.0, "the cohorts' changes do not vary"]
    assert "at least two are needed" in rows.loc["c2", "flag"]
    assert rows.loc[["c1", "c2"], "p_value"].isna().all()


def test_kept_follows_the_margin(example, estimates):
    (row,) = estimate_kept(example, estimates).to_dict("records")
    pairs = pair_scores(example.score("confidence"), "after", "later")
    means = pairs.groupby("cohort")["change"].mean()
    assert row["difference"] == pytest.approx(means.mean())
    assert row["std_error"] == pytest.approx(means.std(ddof=1) / np.sqrt(5))
    assert row["verdict"] == "not shown to be kept"
    wide = with_analysis(example, margin=1.0)
    (row,) = estimate_kept(wide, estimates).to_dict("records")
    assert row["verdict"] == "kept"
    assert -1.0 < row["conf_low"] < row["conf_high"] < 1.0


def test_without_a_margin_nothing_is_said_of_kept(example, estimates):
    (row,) = estimate_kept(with_analysis(example, margin=None), estimates).to_dict("records")
    assert row["verdict"] == "no margin in the protocol"
    assert np.isnan(row["p_value"])
    assert row["conf_low"] < row["difference"] < row["conf_high"]


def test_a_change_that_is_not_clear_cannot_be_kept(example, estimates):
    unclear = estimates.assign(std_error=estimates["std_error"] * 100, df=4.0, conf_low=-5.0, conf_high=5.0)
    (row,) = estimate_kept(with_analysis(example, margin=1.0), unclear).to_dict("records")
    assert row["verdict"] == NO_CHANGE


def test_waves_are_asked_in_their_order(example, estimates):
    answers = example.intake.responses
    last = answers[answers["wave"] == "later"].assign(wave="last")
    waves = ["before", "after", "later", "last"]
    longer = pd.concat([answers.astype({"wave": str}), last.astype({"wave": str})], ignore_index=True)
    longer["wave"] = pd.Categorical(longer["wave"], waves, ordered=True)
    columns = example.protocol.columns.model_copy(update={"waves": tuple(waves)})
    intake = type(example.intake)(**{**vars(example.intake), "responses": longer})
    study = Study(example.protocol.model_copy(update={"columns": columns}), intake, example.name)
    assert estimate_kept(study, estimates)["verdict"].tolist() == ["not shown to be kept", NOT_ASKED]
    assert estimate_kept(with_analysis(study, margin=1.0), estimates)["verdict"].tolist() == ["kept", "kept"]
    assert estimate_kept(with_analysis(study, primary_wave="last"), estimates).empty


def test_a_wave_of_one_cohort_has_a_reason(example, estimates):
    answers = example.intake.responses
    few = answers[(answers["wave"] != "later") | (answers["cohort"] == "Cohort 1")]
    intake = type(example.intake)(**{**vars(example.intake), "responses": few})
    (row,) = estimate_kept(Study(example.protocol, intake, example.name), estimates).to_dict("records")
    assert row["verdict"] == "cannot be said"
    assert "future cohorts" in row["flag"]


def test_a_change_of_some_cohorts_only_is_not_called_kept(example, estimates):
    answers = example.intake.responses
    some = answers[(answers["wave"] != "later") | ~answers["cohort"].isin(["Cohort 1", "Cohort 2"])]
    intake = type(example.intake)(**{**vars(example.intake), "responses": some})
    study = with_analysis(Study(example.protocol, intake, example.name), margin=2.0)
    (found,) = estimate_kept(study, estimates).to_dict("records")
    assert (found["verdict"], found["flag"]) == (MISSING, "3 of the 5 cohorts replied")
