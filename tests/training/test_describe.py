"""Who replied and what they scored, against counts made by hand and intervals from the textbook."""

import math
import statistics

import pandas as pd
import pytest
from scipy import stats

from coprod.training.describe import (
    NO_SPREAD,
    TOO_FEW,
    count_flow,
    summarise_cohort_waves,
    summarise_cohorts,
    summarise_waves,
)
from coprod.training.intake import Intake
from coprod.training.meta import estimate_pooled_change, pool_cohorts
from coprod.training.protocol import Analysis, Columns, Protocol, ScaleEntry
from coprod.training.study import Study, read_study

WAVES = ("before", "after", "later")
ANSWERS = {
    # cohort, audience, participant: answers to the one item before, after and later
    ("Zed", "staff", "a"): (2, 3, None),
    ("Zed", "staff", "b"): (3, 5, 4),
    ("Zed", "staff", "c"): (1, None, None),
    ("Ash", "students", "d"): (2, 3, None),
    ("Ash", "students", "e"): (4, 5, None),
    ("Elm", "staff", "f"): (1, 5, None),
    ("Elm", "staff", "g"): (None, 4, None),
    ("Oak", "staff", "h"): (None, None, 4),
    ("Oak", "students", "i"): (2, None, 5),
}


def make_study(answers: dict = ANSWERS, **columns: object) -> Study:
    rows = [(*key, wave, "c1", answer) for key, given in answers.items() for wave, answer in zip(WAVES, given)]  # noqa: B905
    responses = pd.DataFrame(rows, columns=["cohort", "audience", "participant", "wave", "item", "response"])
    responses["wave"] = pd.Categorical(responses["wave"], WAVES, ordered=True)
    responses["response"] = responses["response"].astype(float)
    protocol = Protocol(
        title="Tiny",
        columns=Columns(participant="p", cohort="c", wave="w", waves=WAVES, audience="a", **columns),
        scale=(ScaleEntry(name="confidence", items=("c1",), minimum=1, maximum=5),),
        analysis=Analysis(primary_scale="confidence", primary_wave="after", level=0.9),
    )
    return Study(protocol, Intake(responses, (), (), "plain"), "tiny.csv")


def by_cohort(frame: pd.DataFrame, column: str) -> dict[str, list[object]]:
    return frame.groupby("cohort", sort=False)[column].agg(list).to_dict()


def test_flow_counts_whoever_gave_an_answer():
    flow = count_flow(make_study())
    assert list(flow.columns) == ["cohort", "audience", "wave", "enrolled", "answered"]
    assert by_cohort(flow, "answered") == {"Zed": [3, 2, 1], "Ash": [2, 2, 0], "Elm": [1, 2, 0], "Oak": [1, 0, 2]}
    assert by_cohort(flow, "enrolled") == {"Zed": [3] * 3, "Ash": [2] * 3, "Elm": [2] * 3, "Oak": [2] * 3}
    assert by_cohort(flow, "wave")["Ash"] == list(WAVES)
    assert flow.drop_duplicates("cohort")["audience"].tolist() == ["students", "staff", "staff and students", "staff"]


def test_cohorts_follow_the_protocol_and_then_their_names():
    study = make_study(cohorts=("Elm", "Never came", "Ash"))
    assert list(by_cohort(count_flow(study), "wave")) == ["Elm", "Ash", "Oak", "Zed"]
    assert list(summarise_cohorts(study)["cohort"]) == ["Elm", "Ash", "Oak", "Zed"]


def test_a_code_with_a_slip_counts_once():
    study = read_study()
    slips = study.linkage.links["how"].eq("distance 1").sum()
    assert slips > 0
    apart = count_flow(study.link("exact")).drop_duplicates("cohort")["enrolled"].sum()
    assert count_flow(study).drop_duplicates("cohort")["enrolled"].sum() == apart - slips


def test_waves_have_student_s_interval_of_those_who_answered():
    found = summarise_waves(make_study()).set_index(["audience", "wave"])
    assert list(found.columns) == ["n", "mean", "sd", "conf_low", "conf_high"]
    assert list(found.index) == [(who, wave) for who in ("students", "staff") for wave in WAVES]
    for key, given in {("staff", "before"): [2, 3, 1, 1], ("students", "after"): [3, 5]}.items():
        row = found.loc[key]
        half = stats.t.ppf(0.95, len(given) - 1) * statistics.stdev(given) / math.sqrt(len(given))
        assert row["n"] == len(given)
        assert row["mean"] == statistics.mean(given)
        assert row["sd"] == pytest.approx(statistics.stdev(given))
        assert [row["conf_low"], row["conf_high"]] == pytest.approx([row["mean"] - half, row["mean"] + half])
    single = found.loc["students", "later"]
    assert (single["n"], single["mean"]) == (1, 5)
    assert single[["sd", "conf_low", "conf_high"]].isna().all()
    assert found.loc[("staff", "later"), "sd"] == 0
    assert found.loc[("staff", "later"), ["conf_low", "conf_high"]].isna().all()


def test_cohort_waves_average_those_who_answered():
    found = summarise_cohort_waves(make_study())
    assert list(found.columns) == ["cohort", "audience", "wave", "enrolled", "n", "mean"]
    assert by_cohort(found, "n") == {"Zed": [3, 2, 1], "Ash": [2, 2, 0], "Elm": [1, 2, 0], "Oak": [1, 0, 2]}
    assert by_cohort(found, "mean")["Zed"] == [2, 4, 4]
    assert by_cohort(found, "mean")["Ash"][:2] == [3, 4]
    assert math.isnan(by_cohort(found, "mean")["Ash"][2])


def test_a_wave_nobody_answered_counts_nobody():
    nobody = make_study({key: (first, second, None) for key, (first, second, _) in ANSWERS.items() if first})
    assert (count_flow(nobody).query("wave == 'later'")["answered"] == 0).all()
    found = summarise_cohort_waves(nobody).query("wave == 'later'")
    assert (found["n"] == 0).all()
    assert found["mean"].isna().all()
    assert summarise_cohorts(nobody, wave="later")["flag"].eq(TOO_FEW).all()
    assert summarise_waves(nobody).query("wave == 'later'")["n"].tolist() == [0, 0]


def test_cohorts_have_the_change_of_their_pairs():
    found = summarise_cohorts(make_study()).set_index("cohort")
    names = ["audience", "enrolled", "n_participants", "estimate", "std_error", "df", "conf_low", "conf_high", "flag"]
    assert list(found.columns) == names
    zed = found.loc["Zed"]
    half = stats.t.ppf(0.95, 1) * statistics.stdev([1, 2]) / math.sqrt(2)
    assert (zed["enrolled"], zed["n_participants"], zed["estimate"], zed["df"], zed["flag"]) == (3, 2, 1.5, 1, "")
    assert [zed["conf_low"], zed["conf_high"]] == pytest.approx([1.5 - half, 1.5 + half])
    ends = ["std_error", "df", "conf_low", "conf_high"]
    assert found.loc[["Ash", "Elm", "Oak"], ends].isna().all(axis=None)
    assert found["flag"].to_dict() == {"Zed": "", "Ash": NO_SPREAD, "Elm": TOO_FEW, "Oak": TOO_FEW}
    assert found["n_participants"].to_dict() == {"Zed": 2, "Ash": 2, "Elm": 1, "Oak": 0}
    assert found.loc["Elm", "estimate"] == 4
    assert math.isnan(found.loc["Oak", "estimate"])


def test_without_linked_codes_nobody_has_a_pair():
    found = summarise_cohorts(make_study().link("unlinked"))
    assert (found["n_participants"] == 0).all()
    assert found["flag"].eq(TOO_FEW).all()


def test_the_changes_of_the_example_pool_to_its_estimate():
    study = read_study()
    found = summarise_cohorts(study, "knowledge", "later")
    pooled = pool_cohorts(found["estimate"], found["std_error"] ** 2)
    row = estimate_pooled_change(study.score("knowledge"), "before", "later").iloc[0]
    assert pooled.estimate == pytest.approx(row["estimate"])
    assert found["n_participants"].sum() == row["n_participants"]
    assert [found[name].iloc[0] for name in ("estimate", "n_participants")] != [
        summarise_cohorts(study)[name].iloc[0] for name in ("estimate", "n_participants")
    ]
