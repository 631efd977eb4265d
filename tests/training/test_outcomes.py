from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from coprod.training.estimates import COLUMNS
from coprod.training.methods import METHODS
from coprod.training.outcomes import (
    HEADLINE_METHOD,
    estimate_changes,
    estimate_study,
    find_headline,
    find_headlines,
    table_variances,
)
from coprod.training.study import Study, read_study

WAVES = ["before", "after", "later"]
SHARED = ("cr2-satterthwaite", "cohort-means-t", "wild-webb", "sign-flip", "reml-knapp-hartung", "prediction")
PROTOCOL = """
title = "A training"
[columns]
participant = "code"
cohort = "group"
wave = "time"
waves = ["pre", "post"]
[[scale]]
name = "confidence"
items = ["a", "b"]
minimum = 1
maximum = 5
[analysis]
primary_scale = "confidence"
primary_wave = "post"
"""


def study_of(folder: Path, frame: pd.DataFrame) -> Study:
    frame.to_csv(folder / "answers.csv", index=False)
    (folder / "protocol.toml").write_text(PROTOCOL, encoding="utf-8")
    return read_study(folder / "answers.csv", folder / "protocol.toml")


def answers(cohorts: int, size: int = 6, seed: int = 1, spread: float = 1.0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    people = cohorts * size
    parts = []
    for time, shift in (("pre", 0.0), ("post", 0.7)):
        latent = 3 + shift + spread * rng.normal(size=(people, 2))
        parts.append(pd.DataFrame(np.clip(np.rint(latent), 1, 5).astype(int), columns=["a", "b"]).assign(time=time))
        parts[-1]["code"] = [f"P{number:03d}" for number in range(people)]
        parts[-1]["group"] = [f"G{number // size}" for number in range(people)]
    return pd.concat(parts, ignore_index=True)


SECOND_OPINION = {"statsmodels-mixedlm", "statsmodels-cluster"}
SENSITIVITY = {"cumulative-logit", "pattern-mixture", "probability-of-improvement", "rubin", "stratified-t"}


@pytest.fixture(scope="module")
def example() -> Study:
    return read_study()


@pytest.fixture(scope="module")
def estimates(example) -> pd.DataFrame:
    return estimate_study(example)


def test_every_method_speaks_on_every_scale_and_wave(estimates):
    assert list(estimates) == COLUMNS
    assert set(estimates["method"]) == set(METHODS) - SECOND_OPINION - SENSITIVITY
    for (_, _), rows in estimates.groupby(["scale", "term"]):
        assert not rows.duplicated(["frame", "method"]).any()
    full = estimates[~estimates["term"].str.endswith("by participants")]
    assert set(full.groupby(["scale", "term"]).size()) == {12}
    assert estimates["estimate"].notna().all()


def test_the_seed_alone_decides_what_is_drawn(example):
    scores = example.score("confidence")
    one, two = (estimate_changes(scores, WAVES, seed=7) for _ in range(2))
    pd.testing.assert_frame_equal(one, two)


def test_a_sentence_on_future_cohorts_never_has_more_degrees_of_freedom_than_cohorts_allow(example, estimates):
    rows = find_headlines(estimates)
    assert (rows["df"] <= rows["n_cohorts"] - 1).all()
    free = estimates[(estimates["frame"] == "future_cohorts") & (estimates["method"] == HEADLINE_METHOD)]
    assert (free["df"] > free["n_cohorts"] - 1).any(), "nothing was held, so nothing is tested"
    held = find_headline(example, estimates, "confidence", "after")
    half = stats.t.ppf(0.975, 4) * held["std_error"]
    assert held["conf_low"] == pytest.approx(held["estimate"] - half)
    assert "degrees of freedom held at 4" in held["flag"]
    assert held["p_value"] == pytest.approx(2 * stats.t.sf(held["estimate"] / held["std_error"], 4))


def test_too_many_degrees_of_freedom_are_no_finding(estimates):
    future = estimates["frame"] == "future_cohorts"
    many = future & (estimates["df"] > estimates["n_cohorts"] - 1 + 1e-6)
    assert many.any()
    assert (estimates["flag"].str.contains("no finding on future cohorts") == many).all()


def test_degrees_of_freedom_within_the_cohorts_are_left_as_they_are(estimates):
    fewer = estimates.assign(df=3.0)
    rows = find_headlines(fewer)
    assert (rows["df"] == 3.0).all()
    chosen = fewer[(fewer["frame"] == "future_cohorts") & (fewer["method"] == HEADLINE_METHOD)]
    assert rows["p_value"].tolist() == chosen["p_value"].tolist()


def test_one_cohort_has_results_for_itself_and_reasons_for_the_rest(tmp_path):
    study = study_of(tmp_path, answers(cohorts=1, size=12))
    found = estimate_study(study)
    own = found[found["frame"] == "these_cohorts"]
    assert own["estimate"].notna().all()
    future = found[found["frame"] == "future_cohorts"]
    assert set(future["method"]) == {*SHARED, "lmm-kenward-roger", "lmm-satterthwaite"}
    assert future["estimate"].isna().all()
    assert future["flag"].str.contains("cohort").all()
    headline = find_headline(study, found)
    assert headline["estimate"] is None or np.isnan(headline["estimate"])
    assert "cohort" in headline["flag"]


def test_equal_scores_are_told_of_and_not_divided_by(tmp_path):
    study = study_of(tmp_path, answers(cohorts=3).assign(a=3, b=3))
    found = estimate_study(study)
    assert found["estimate"].isna().all()
    assert (found["flag"] != "").all()
    assert table_variances(study).empty


def test_a_scale_nobody_answered_is_a_row_with_its_reason(tmp_path):
    frame = answers(cohorts=3)
    more = PROTOCOL.replace(
        "[analysis]", '[[scale]]\nname = "empty"\nitems = ["c"]\nminimum = 1\nmaximum = 5\n[analysis]'
    )
    frame.assign(c="").to_csv(tmp_path / "answers.csv", index=False)
    (tmp_path / "protocol.toml").write_text(more, encoding="utf-8")
    study = read_study(tmp_path / "answers.csv", tmp_path / "protocol.toml")
    found = estimate_study(study)
    (row,) = found[found["scale"] == "empty"].to_dict("records")
    assert "nobody answered" in row["flag"]
    headline = find_headline(study, found, "empty")
    assert (headline["estimate"], headline["flag"]) == (None, row["flag"])


def test_variances_are_those_of_the_models(example):
    found = table_variances(example)
    assert list(found) == ["scale", "frame", "component", "variance", "boundary"]
    assert (found["variance"] >= 0).all()
    assert found.loc[found["boundary"], "variance"].max() < 1e-6
    assert (found.groupby(["scale", "frame"]).size() == [5, 2, 5, 2]).all()
