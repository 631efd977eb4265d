"""Questionnaires made up from a known truth: the example is what is committed, and every number has its effect."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from coprod.data import project_home
from coprod.errors import UsageError
from coprod.training.study import read_study
from coprod.training.synthetic import SEED, Design, simulate_responses, write_example

EXAMPLE = project_home() / "data" / "training" / "synthetic_responses.csv"
MANY = {f"Cohort {n}": 15 for n in range(200)}
BASE = {
    "sizes": MANY, "audiences": dict.fromkeys(MANY, "staff"), "items": {"a": 0.3, "b": -0.2, "r": 0.1},
    "reverse": ("r",),
    "changes": {"before": 0.0, "after": 0.5}, "reply": {}, "item_missing": 0.0,
    "slip": 0.0,
}  # fmt: skip


def simulate(**changes: object) -> pd.DataFrame:
    frame = simulate_responses(Design(**{**BASE, **changes}), np.random.default_rng(1))
    return frame.set_index(["time", "person"])


def score(frame: pd.DataFrame) -> pd.Series:
    return pd.concat([frame["a"], frame["b"], 6 - frame["r"]], axis=1).astype(float).mean(axis=1)


def test_the_committed_example_is_what_the_module_prints():
    printed = subprocess.run(
        [sys.executable, "-m", "coprod.training.synthetic"], capture_output=True, check=True
    ).stdout  # fmt: skip
    assert printed == EXAMPLE.read_bytes()
    assert write_example().encode() == printed


def test_the_example_says_in_every_row_that_it_is_made_up_and_so_does_its_protocol():
    frame = pd.read_csv(EXAMPLE)
    assert (frame["synthetic"] == "yes").all()
    assert "person" not in frame
    study = read_study()
    assert study.synthetic
    assert study.intake.synthetic
    assert study.source.startswith("Synthetic data, made up: synthetic_responses.csv, protocol ")
    plan = (EXAMPLE.parent / "protocol.toml").read_text(encoding="utf-8")
    assert plan.startswith("# SYNTHETIC")


def test_the_same_seed_gives_the_same_and_another_seed_something_else():
    first, again, other = (simulate_responses(Design(), np.random.default_rng(s)) for s in (SEED, SEED, SEED + 1))
    pd.testing.assert_frame_equal(first, again)
    assert not first.equals(other)


def test_the_frame_is_laid_out_as_promised():
    frame = simulate_responses(Design(), np.random.default_rng(3))
    design = Design()
    assert list(frame.columns) == ["code", "cohort", "audience", "time", *design.items, "person", "synthetic"]
    assert frame["code"].str.fullmatch(r"[A-Z]{2}\d{2}[A-Z]{2}").all()
    before = frame[frame["time"] == "before"]
    assert before["cohort"].value_counts().to_dict() == design.sizes
    assert before["code"].is_unique
    assert (frame["audience"] == frame["cohort"].map(design.audiences)).all()
    answers = frame[list(design.items)]
    assert answers.min().min() == 1
    assert answers.max().max() == 5


@pytest.mark.parametrize(
    "change",
    [{}, {"mean": 4.2}, {"items": {"a": 0.9, "b": 0.9, "r": 0.9}}, {"item_sd": 1.5}, {"occasion_sd": 1.0},
     {"participant_sd": 1.2}, {"cohort_sd": 0.6}, {"change_sd": 0.8}, {"changes": {"before": 0.0, "after": -0.8}},
     {"cohort_sd": 0.0, "mean": 4.5, "change_sd": 1.5}],
    ids=lambda change: next(iter(change), "base"),
)  # fmt: skip
def test_the_true_mean_is_that_of_very_many_people(change):
    design = Design(**{**BASE, **change})
    frame = simulate(**change)
    for wave in ("before", "after"):
        means = score(frame.loc[wave]).groupby(frame.loc[wave]["cohort"]).mean()
        assert design.true_mean(wave) == pytest.approx(means.mean(), abs=4 * means.sem())


def test_the_true_mean_of_some_items_is_theirs():
    design = Design(**BASE)
    parts = [design.true_mean("after", (item,)) for item in design.items]
    assert design.true_mean("after") == pytest.approx(np.mean(parts))
    assert parts[0] > parts[2] > parts[1]


def test_with_no_spread_at_all_every_answer_is_the_rounded_standing():
    none = dict.fromkeys(["cohort_sd", "change_sd", "participant_sd", "occasion_sd", "item_sd"], 0.0)
    frame = simulate_responses(Design(**{**BASE, **none, "mean": 3.2}), np.random.default_rng(1)).set_index("time")
    assert (frame.loc["before", ["a", "b", "r"]] == [4, 3, 3]).all().all()  # 3.5 goes to even; r is 6 - 3
    assert (frame.loc["after", ["a", "b", "r"]] == [4, 4, 2]).all().all()


def spread_of_cohorts(frame: pd.DataFrame, wave: str) -> float:
    return float(score(frame.loc[wave]).groupby(frame.loc[wave]["cohort"]).mean().std())


def within(frame: pd.DataFrame) -> pd.Series:
    before = frame.loc["before"]
    return score(before) - score(before).groupby(before["cohort"]).transform("mean")


def test_each_standard_deviation_spreads_what_it_belongs_to():
    base = simulate()
    assert spread_of_cohorts(simulate(cohort_sd=0.6), "before") > 2 * spread_of_cohorts(base, "before")
    changed = simulate(change_sd=0.8)
    assert spread_of_cohorts(changed, "before") == spread_of_cohorts(base, "before")
    assert spread_of_cohorts(changed, "after") > 2 * spread_of_cohorts(base, "after")
    assert within(simulate(participant_sd=1.0)).std() > 1.3 * within(base).std()

    def correlate(frame: pd.DataFrame) -> float:
        return float(np.corrcoef(score(frame.loc["before"]), score(frame.loc["after"]))[0, 1])

    assert correlate(simulate(occasion_sd=1.0)) < correlate(base) - 0.15
    items = ["a", "b"]
    noisy = simulate(item_sd=1.2)
    assert noisy.loc["before", items].astype(float).corr().iloc[0, 1] < (
        base.loc["before", items].astype(float).corr().iloc[0, 1] - 0.15
    )


def test_reverse_items_are_asked_the_other_way_round():
    turned = simulate()["r"].astype(float)
    plain = simulate(reverse=())["r"].astype(float)
    pd.testing.assert_series_equal(turned, 6 - plain)


def test_the_range_holds_the_answers():
    frame = simulate(minimum=0, maximum=3, mean=2.5, reverse=())
    assert set(frame[["a", "b", "r"]].to_numpy().ravel()) == {0, 1, 2, 3}


def test_replies_come_back_at_their_share_and_depend_on_the_first_score():
    base = simulate(reply={"after": 0.6}, reply_slope=0.0)
    share = len(base.loc["after"]) / len(base.loc["before"])
    assert share == pytest.approx(0.6, abs=4 * np.sqrt(0.24 / len(base.loc["before"])))
    assert len(simulate().loc["after"]) == len(simulate().loc["before"])

    def tell_apart(frame: pd.DataFrame) -> float:
        first = score(frame.loc["before"])
        stayed = first.index.isin(frame.loc["after"].index)
        return float(first[stayed].mean() - first[~stayed].mean())

    assert abs(tell_apart(base)) < 0.06
    assert tell_apart(simulate(reply={"after": 0.6}, reply_slope=2.0)) > 0.3


def test_answers_are_left_out_and_codes_slip_at_their_shares():
    assert simulate()[["a", "b", "r"]].notna().all().all()
    missing = simulate(item_missing=0.2)[["a", "b", "r"]].isna().to_numpy().mean()
    assert missing == pytest.approx(0.2, abs=4 * np.sqrt(0.16 / (3 * len(simulate()))))

    def slips(frame: pd.DataFrame) -> float:
        return float((frame.loc["after", "code"] != frame.loc["before", "code"].loc[frame.loc["after"].index]).mean())

    assert slips(simulate()) == 0
    # one time in 26 the letter that is drawn anew is the same
    assert slips(simulate(slip=0.3)) == pytest.approx(0.3 * 25 / 26, abs=0.025)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"reverse": ("z",)}, "'z' is reverse-scored and not an item; add or remove it"),
        ({"changes": {"before": 0.1, "after": 1}}, "at least two waves, the first with a change of 0"),
        ({"changes": {"before": 0.0}}, "at least two waves"),
        ({"changes": {}}, "at least two waves"),
        ({"sizes": {}}, "at least one cohort, each with a participant"),
        ({"sizes": {"Cohort 1": 0}}, "at least one cohort, each with a participant"),
        ({"sizes": {"Cohort X": 3}}, "cohort 'Cohort X' has no audience; add it"),
        ({"items": {}, "reverse": ()}, "at least one item, and a minimum below the maximum"),
        ({"minimum": 5}, "a minimum below the maximum"),
        ({"change_sd": -0.1}, "a standard deviation of -0.1 cannot be; give 0 or more"),
        ({"slip": 1.5}, "slip is 1.5, which is no share; give 0 to 1"),
        ({"item_missing": -0.5}, "item_missing is -0.5, which is no share"),
        ({"reply": {"after": 0.0}}, "a share of 0.0 replies at wave 'after' cannot be; give one above 0, up to 1"),
    ],
)
def test_a_truth_that_cannot_be_is_refused(change, message):
    with pytest.raises(UsageError, match=message):
        Design(**change)


def test_cohorts_can_be_given_a_standing_of_their_own():
    sizes = {"low": 6000, "high": 9000}
    design = Design(sizes=sizes, audiences=dict.fromkeys(sizes, "staff"), reply={}, item_missing=0.0)
    standings = {"before": np.array([2.6, 3.1]), "after": np.array([2.8, 3.9]), "later": np.array([3.0, 3.2])}
    frame = simulate_responses(design, np.random.default_rng(4), standings=standings)
    frame["c4"] = 6 - frame["c4"]
    scores = frame[list(design.items)].astype(float).mean(axis=1)
    for wave, wanted in standings.items():
        for cohort, standing in zip(sizes, wanted, strict=True):
            own = scores[(frame["time"] == wave) & (frame["cohort"] == cohort)]
            truth = replace(design, mean=standing, cohort_sd=0.0).true_mean("before")
            assert own.mean() == pytest.approx(truth, abs=4 * own.sem())
