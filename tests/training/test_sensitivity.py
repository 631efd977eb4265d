"""Scenarios, each against the estimate it stands for; and data that leave little to estimate."""

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from coprod.errors import DataError, UsageError
from coprod.training import sensitivity
from coprod.training.effects import estimate_cohort_change
from coprod.training.estimates import COLUMNS, flag_degrees
from coprod.training.mixed import fit_mixed
from coprod.training.sensitivity import estimate_sensitivities
from coprod.training.study import Study, read_study

NUMBERS = ["estimate", "std_error", "df", "p_value", "conf_low", "conf_high"]
EXAMPLE = read_study()
FOUND = estimate_sensitivities(EXAMPLE, wave="later")
SCORES = EXAMPLE.score()
WAVES = ["before", "after", "later"]


def row_of(found: pd.DataFrame, scenario: str, frame: str, method: str) -> pd.Series:
    chosen = found[(found["scenario"] == scenario) & (found["frame"] == frame) & (found["method"] == method)]
    assert len(chosen) == 1
    return chosen.iloc[0]


def fitted(scores: pd.DataFrame, frame: str, **options) -> pd.Series:
    rows = fit_mixed(scores, frame, waves=WAVES, **options).estimate_changes()
    return rows.query("method == 'lmm-kenward-roger' and term == 'later - before'").iloc[0]


def test_all_scenarios_are_there_each_with_its_frames():
    deltas = [f"those who did not reply changed by {delta} more" for delta in ("-0.5", "-0.25", "0", "+0.25", "+0.5")]
    wanted = ["as planned", *(f"without Cohort {n}" for n in range(1, 6)), "staff only", "complete cases",
              "exact codes only", "codes not linked", "worst case", "best case", "multiple imputation", *deltas,
              "ordinal", "unstructured covariance"]  # fmt: skip
    assert FOUND["scenario"].drop_duplicates().tolist() == wanted
    assert list(FOUND.columns) == ["scenario", *COLUMNS]
    assert FOUND["scale"].eq("confidence").all()
    assert FOUND["term"].eq("later - before").all()
    assert FOUND[NUMBERS].notna().all(axis=None)
    frames = FOUND.groupby("scenario")["frame"].unique().map(set)
    assert all(
        found == ({"future_cohorts"} if scenario.startswith("without") else {"these_cohorts", "future_cohorts"})
        for scenario, found in frames.items()
    )
    assert not FOUND.duplicated(["scenario", "frame", "method"]).any()


@pytest.mark.parametrize("frame", ["these_cohorts", "future_cohorts"])
@pytest.mark.parametrize("scenario", ["as planned", "staff only", "complete cases", "unstructured covariance"])
def test_mixed_rows_are_the_fit_of_their_scores(scenario, frame):
    waves_seen = SCORES.groupby("participant")["score"].transform("count")
    chosen = {"staff only": SCORES["audience"] == "staff", "complete cases": waves_seen == 3}
    options = {"covariance": "unstructured"} if scenario == "unstructured covariance" else {}
    wanted = fitted(SCORES[chosen.get(scenario, slice(None))], frame, **options)
    row = row_of(FOUND, scenario, frame, "lmm-kenward-roger")
    assert row[NUMBERS].tolist() == wanted[NUMBERS].tolist()
    (flagged,) = flag_degrees(wanted.to_frame().T)["flag"]
    assert row["flag"] == flagged


def test_each_cohort_is_left_out():
    for cohort in SCORES["cohort"].unique():
        rest = SCORES[SCORES["cohort"] != cohort]
        row = row_of(FOUND, f"without {cohort}", "future_cohorts", "lmm-kenward-roger")
        assert row[NUMBERS].tolist() == fitted(rest, "future_cohorts")[NUMBERS].tolist()
        assert row["n_participants"] == rest.loc[rest["score"].notna(), "participant"].nunique()
        means = estimate_cohort_change(rest, "before", "later").set_index("method").loc["cohort-means-t"]
        own = row_of(FOUND, f"without {cohort}", "future_cohorts", "cohort-means-t")
        assert own[NUMBERS].tolist() == pytest.approx(means[NUMBERS].tolist())
        assert own["n_participants"] == means["n_participants"]


def test_codes_are_linked_in_three_ways():
    exact = EXAMPLE.link("exact").score()
    row = row_of(FOUND, "exact codes only", "future_cohorts", "lmm-kenward-roger")
    assert row[NUMBERS].tolist() == fitted(exact, "future_cohorts")[NUMBERS].tolist()
    apart = row_of(FOUND, "codes not linked", "future_cohorts", "cohort-means-t")
    means = SCORES.groupby(["cohort", "wave"], observed=True)["score"].mean().unstack()
    assert apart["estimate"] == pytest.approx((means["later"] - means["before"]).mean())


def test_scenarios_of_the_silent_agree_with_each_other():
    future = FOUND[FOUND["frame"] == "future_cohorts"].set_index("scenario")["estimate"]
    pairs = row_of(FOUND, "as planned", "future_cohorts", "cohort-means-t")
    same = row_of(FOUND, "those who did not reply changed by 0 more", "future_cohorts", "pattern-mixture")
    assert same[NUMBERS].tolist() == pytest.approx(pairs[NUMBERS].tolist())
    steps = [future[name] for name in future.index.unique() if name.startswith("those who")]
    assert np.diff(steps) == pytest.approx([steps[1] - steps[0]] * 4)
    assert future["worst case"] < min(steps) < max(steps) < future["best case"]
    assert future["worst case"] < future["multiple imputation"] < future["best case"]


def test_the_seed_of_the_protocol_settles_the_imputation():
    again = estimate_sensitivities(read_study(), wave="later")
    pd.testing.assert_frame_equal(again, FOUND)


def test_names_are_checked():
    with pytest.raises(DataError, match="the protocol has no scale 'confidense'; did you mean"):
        estimate_sensitivities(EXAMPLE, scale="confidense")
    with pytest.raises(UsageError, match="'before' is not a wave after the first"):
        estimate_sensitivities(EXAMPLE, wave="before")
    other = estimate_sensitivities(EXAMPLE, scale="knowledge")
    assert other["scale"].eq("knowledge").all()
    assert other["term"].eq("after - before").all()


PROTOCOL = """
title = "Made up for a test"
[columns]
participant = "code"
cohort = "group"
wave = "time"
{columns}
waves = [{waves}]
[[scale]]
name = "s"
items = ["i1", "i2"]
minimum = {minimum}
maximum = {maximum}
score = "{score}"
better = "{better}"
[analysis]
primary_scale = "s"
primary_wave = "post"
imputations = 5
"""


def write(
    folder: Path, rows: pd.DataFrame, waves: str = '"pre", "post"', columns: str = "", score: str = "mean",
    better: str = "higher", ends: tuple[int, int] = (1, 5),
) -> Study:  # fmt: skip
    plan = PROTOCOL.format(waves=waves, columns=columns, minimum=ends[0], maximum=ends[1], score=score, better=better)
    (folder / "protocol.toml").write_text(plan)
    rows.to_csv(folder / "responses.csv", index=False)
    return read_study(folder / "responses.csv", folder / "protocol.toml")


def answers(cohorts: int = 3, people: int = 8, waves: tuple[str, ...] = ("pre", "post"), seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    cells = [(f"{c}{p:02d}", f"G{c}", wave) for c, p, wave in product(range(cohorts), range(people), waves)]
    rows = pd.DataFrame(cells, columns=["code", "group", "time"])
    later = (rows["time"] != waves[0]).astype(int)
    return rows.assign(**{item: np.clip(rng.integers(1, 5, len(rows)) + later, 1, 5) for item in ("i1", "i2")})


def check_holes(found: pd.DataFrame) -> None:
    """Assert that what is missing has its reason, and nothing is infinite."""
    holes = found[["estimate", "std_error", "conf_low", "conf_high", "p_value"]].isna().any(axis=1)
    assert (found.loc[holes, "flag"] != "").all()
    assert found.loc[~holes, "n_participants"].notna().all()
    assert np.isfinite(found.loc[~holes, NUMBERS].to_numpy(dtype=float)).all()
    assert found["method"].notna().all()


def test_the_deltas_are_in_proportion_to_the_scale(tmp_path):
    rows = answers().drop(index=[1, 5, 21, 41])
    names, tables = {}, {}
    for score, ends in (("mean", (1, 5)), ("sum", (1, 5)), ("mean", (0, 100))):
        found = estimate_sensitivities(write(tmp_path, rows, score=score, ends=ends))
        names[score, ends[1]] = [name.split()[-2] for name in found["scenario"].unique() if name.startswith("those")]
        tables[score, ends[1]] = found
        check_holes(found)
    assert names["mean", 5] == ["-0.5", "-0.25", "0", "+0.25", "+0.5"]
    assert names["sum", 5] == ["-1", "-0.5", "0", "+0.5", "+1"]
    assert names["mean", 100] == ["-12.5", "-6.25", "0", "+6.25", "+12.5"]
    # a sum over two items is twice their mean, and ordered alike
    mean, total = tables["mean", 5], tables["sum", 5]
    points = ~mean["method"].isin(["cumulative-logit", "probability-of-improvement"])
    assert total.loc[points, "estimate"].to_numpy() == pytest.approx(2 * mean.loc[points, "estimate"].to_numpy())
    assert total.loc[~points, "estimate"].to_numpy() == pytest.approx(mean.loc[~points, "estimate"].to_numpy())


def test_where_lower_is_better_worst_and_best_change_places(tmp_path):
    rows = answers().drop(index=[1, 5, 21, 41])
    up, down = (estimate_sensitivities(write(tmp_path, rows, better=better)) for better in ("higher", "lower"))
    for frame, method in (("these_cohorts", "stratified-t"), ("future_cohorts", "cohort-means-t")):
        worst, best = (row_of(down, name, frame, method)["estimate"] for name in ("worst case", "best case"))
        assert (worst, best) == tuple(row_of(up, n, frame, method)["estimate"] for n in ("best case", "worst case"))
        chances = [row_of(table, "ordinal", frame, "probability-of-improvement")["estimate"] for table in (up, down)]
        assert sum(chances) == pytest.approx(1)


def test_covariates_are_adjusted_for(tmp_path):
    rows = answers(people=10)
    people = rows["code"].drop_duplicates()
    rng = np.random.default_rng(4)
    ages = dict(zip(people, rng.integers(20, 60, len(people)), strict=True))
    for name in ("age", "score"):
        study = write(tmp_path, rows.assign(**{name: rows["code"].map(ages)}), columns=f'covariates = ["{name}"]')
        found = estimate_sensitivities(study)
        scores = study.score().assign(age=lambda frame: frame["participant"].map(ages))
        for frame in ("these_cohorts", "future_cohorts"):
            row = row_of(found, "adjusted for covariates", frame, "lmm-kenward-roger")
            fit = fit_mixed(scores, frame, waves=["pre", "post"], covariates=["age"]).estimate_changes().iloc[0]
            assert row[NUMBERS].tolist() == pytest.approx(fit[NUMBERS].tolist())


@pytest.mark.parametrize("kept", ["one cohort", "two cohorts", "three waves, one of them empty in a cohort", "no reply",
                                  "all equal", "all rose alike", "few people"])  # fmt: skip
def test_little_data_gives_rows_with_reasons(tmp_path, kept):
    rows = answers(waves=("pre", "post", "late"))
    waves = '"pre", "post", "late"'
    two = rows[rows["time"] != "late"]
    studies = {
        "one cohort": two[two["group"] == "G1"],
        "two cohorts": two[two["group"] != "G1"],
        "three waves, one of them empty in a cohort": rows[(rows["time"] != "late") | (rows["group"] != "G0")],
        "no reply": two[(two["time"] == "pre") | (two["group"] == "G2")],
        "all equal": two.assign(i1=3, i2=3),
        "all rose alike": two.assign(i1=np.where(two["time"] == "pre", 2, 3), i2=np.where(two["time"] == "pre", 2, 3)),
        "few people": two[two["code"].isin(["000", "001", "100", "200", "201"])],
    }
    study = write(tmp_path, studies[kept], waves=waves if kept.startswith("three") else '"pre", "post"')
    found = estimate_sensitivities(study)
    check_holes(found)
    assert (found["flag"] != "").any()
    if kept == "one cohort":
        assert found.loc[found["frame"] == "future_cohorts", "flag"].str.startswith("one cohort only").all()
        assert (found["scenario"] == "without each cohort in turn").sum() == 1
        assert row_of(found, "as planned", "these_cohorts", "lmm-kenward-roger")["p_value"] > 0
    if kept == "no reply":
        assert row_of(found, "worst case", "future_cohorts", "cohort-means-t")["estimate"] < 0
        assert found.loc[found["method"] == "pattern-mixture", "flag"].str.startswith("nobody of cohort 'G0'").all()


def test_where_everybody_replied_the_silent_change_nothing(tmp_path):
    found = estimate_sensitivities(write(tmp_path, answers()))
    plan = row_of(found, "as planned", "future_cohorts", "cohort-means-t")
    silent = found["scenario"].str.startswith(("worst", "best", "those who", "multiple"))
    future = found[silent & (found["frame"] == "future_cohorts")]
    assert future["estimate"].tolist() == pytest.approx([plan["estimate"]] * len(future))
    assert future.loc[future["method"] != "rubin", "flag"].eq("everybody replied").all()


def test_many_cohorts_are_not_left_out_one_by_one(monkeypatch):
    monkeypatch.setattr(sensitivity, "MOST_LEFT_OUT", 4)
    found = estimate_sensitivities(EXAMPLE)
    left = found[found["scenario"].str.startswith("without")]
    assert left["flag"].tolist() == ["too many cohorts to leave out each in turn"]


def test_a_scale_nobody_answered_is_one_row(monkeypatch):
    def refuse(*_: object) -> None:
        raise DataError("scale 'confidence': nobody answered enough of its items for a score")

    monkeypatch.setattr(Study, "score", refuse)
    found = estimate_sensitivities(EXAMPLE)
    assert found[["scenario", "scale"]].to_numpy().tolist() == [["as planned", "confidence"]]
    assert found["flag"].item().startswith("scale 'confidence': nobody answered")
