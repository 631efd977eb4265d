"""The ordinal models, against R's ordinal and sandwich, statsmodels, closed forms and counting."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from coprod.errors import DataError
from coprod.training import logit, ordinal
from coprod.training.estimates import COLUMNS
from coprod.training.ordinal import estimate_improvement, estimate_odds

FOLDER = Path(__file__).resolve().parents[1] / "reference"
REFERENCE = pd.read_csv(FOLDER / "ordinal" / "reference.csv")


def read(name: str) -> pd.DataFrame:
    scores = pd.read_csv(FOLDER / "mixed" / f"{name}.csv", dtype={"participant": str})
    scores = scores[scores["wave"].isin(["pre", "post"])]
    return scores.assign(score=np.floor(2 * scores["score"]) / 2)


@pytest.mark.parametrize("row", REFERENCE.to_dict("records"), ids=lambda row: row["data"])
def test_the_average_over_cohorts_is_that_of_clm_and_sandwich(row):
    found = estimate_odds(read(row["data"]), "pre", "post").set_index("frame")
    these, future = found.loc["these_cohorts"], found.loc["future_cohorts"]
    assert these[["estimate", "std_error"]].tolist() == pytest.approx([row["average"], row["average_error"]], rel=1e-8)
    assert future["std_error"] == pytest.approx(row["spread"] / np.sqrt(5), rel=1e-8)
    assert future["df"] == 4
    assert these["df"] == these["n_participants"] - 5
    assert list(estimate_odds(read(row["data"]), "pre", "post").columns) == COLUMNS


@settings(max_examples=20, deadline=None)
@given(st.randoms(use_true_random=False))
def test_only_the_order_of_grades_counts(random):
    scores = read("boundary")
    levels = sorted(scores["score"].unique())
    steps = np.cumsum([random.uniform(0.1, 5) for _ in levels])
    stretched = scores.assign(score=scores["score"].map(dict(zip(levels, steps, strict=True))))
    for estimate in (estimate_odds, estimate_improvement):
        one, other = estimate(scores, "pre", "post"), estimate(stretched, "pre", "post")
        assert other["estimate"].tolist() == pytest.approx(one["estimate"].tolist(), abs=1e-8)
        assert other["std_error"].tolist() == pytest.approx(one["std_error"].tolist(), rel=1e-6)


def test_scores_that_differ_by_rounding_are_one_grade():
    scores = read("boundary")
    noisy = scores.assign(score=scores["score"] + np.random.default_rng(1).uniform(-1e-13, 1e-13, len(scores)))
    for estimate in (estimate_odds, estimate_improvement):
        one, other = estimate(scores, "pre", "post"), estimate(noisy, "pre", "post")
        assert other["estimate"].tolist() == pytest.approx(one["estimate"].tolist())


@pytest.mark.parametrize("name", ["equal_two", "unequal_two", "single_wave"])
def test_the_probability_of_improvement_is_counted(name):
    scores = read(name)
    wide = scores.pivot_table(index=["cohort", "participant"], columns="wave", values="score").dropna()
    won = [(1.0 if b > a else 0.5 if a == b else 0.0, c) for (c, _), (b, a) in
           zip(wide.index, wide[["post", "pre"]].to_numpy(), strict=True)]  # fmt: skip
    table = pd.DataFrame(won, columns=["won", "cohort"]).groupby("cohort")["won"]
    shares = table.mean()
    found = estimate_improvement(scores, "pre", "post").set_index("frame")
    future = found.loc["future_cohorts"]
    student = stats.ttest_1samp(shares, 0.5)
    ends = student.confidence_interval(0.95)
    assert found["estimate"].tolist() == pytest.approx([shares.mean()] * 2)
    assert future[["statistic", "p_value"]].tolist() == pytest.approx([student.statistic, student.pvalue])
    assert future[["conf_low", "conf_high"]].tolist() == pytest.approx([ends.low, min(ends.high, 1.0)])
    error = np.sqrt((table.var() / table.size()).sum()) / len(shares)
    assert found.loc["these_cohorts", "std_error"] == pytest.approx(error)


def test_turning_the_scale_turns_the_results():
    scores = read("unequal_two")
    turned = scores.assign(score=6 - scores["score"])
    odds, other = estimate_odds(scores, "pre", "post"), estimate_odds(turned, "pre", "post")
    assert other["estimate"].tolist() == pytest.approx((-odds["estimate"]).tolist())
    assert other["std_error"].tolist() == pytest.approx(odds["std_error"].tolist())
    higher = estimate_improvement(scores, "pre", "post")
    lower = estimate_improvement(turned, "pre", "post", better="lower")
    pd.testing.assert_frame_equal(higher, lower)
    assert estimate_improvement(scores, "pre", "post", better="lower")["estimate"].iloc[0] == pytest.approx(
        1 - higher["estimate"].iloc[0]
    )


def made(rows: list[tuple[str, float, float]]) -> pd.DataFrame:
    cells = [(str(i), cohort, wave, score) for i, (cohort, *pair) in enumerate(rows)
             for wave, score in zip(("pre", "post"), pair, strict=True)]  # fmt: skip
    return pd.DataFrame(cells, columns=["participant", "cohort", "wave", "score"])


def test_ends_are_held_within_0_and_1():
    found = estimate_improvement(made([("a", 1, 2), ("a", 2, 3), ("a", 3, 3), ("b", 1, 2), ("b", 2, 3), ("b", 2, 1)]),
                                 "pre", "post")  # fmt: skip
    assert found["conf_low"].ge(0).all()
    assert found["conf_high"].eq(1).all()


def test_one_cohort_has_no_future_and_no_change_no_error():
    found = estimate_odds(read("equal_two").query("cohort == 'c01'"), "pre", "post").set_index("frame")
    assert found.loc["future_cohorts", "flag"].startswith("one cohort only")
    assert found.loc["these_cohorts", "flag"] == ""
    still = estimate_odds(made([("a", 1, 1), ("a", 2, 2), ("b", 1, 1), ("b", 2, 2)]), "pre", "post")
    assert still["estimate"].tolist() == pytest.approx([0, 0], abs=1e-9)
    assert still["flag"].eq("no spread to judge the average by").all()


def test_where_there_is_no_maximum_it_is_said(monkeypatch):
    with pytest.raises(DataError, match="all scores of a cohort at a wave are beyond all others"):
        estimate_odds(made([("a", 1, 2), ("a", 1, 2), ("b", 1, 2), ("b", 2, 1)]), "pre", "post")
    with pytest.raises(DataError, match="all scores are equal, or they and the cohorts are too many"):
        estimate_odds(made([("a", 3, 3), ("a", 3, 3), ("b", 3, 3)]), "pre", "post")
    monkeypatch.setattr(logit, "MOST_STEPS", 2)
    with pytest.raises(DataError, match="did not come to rest"):
        estimate_odds(read("equal_two"), "pre", "post")
    monkeypatch.setattr(ordinal, "MOST_CELLS", 100)
    with pytest.raises(DataError, match="too many cohorts and people"):
        estimate_odds(read("equal_two"), "pre", "post")
