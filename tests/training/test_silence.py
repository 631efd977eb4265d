"""Who did not reply, against scipy; tipping points in words; the curve that is drawn."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from coprod.errors import DataError, UsageError
from coprod.privacy import find_profile, release
from coprod.training import silence
from coprod.training.silence import describe_silence, tabulate_tipping, trace_silence
from coprod.training.study import Study, read_study
from coprod.training.tipping import INCLUDES, find_tipping_points

STUDY = read_study()


class Scored(Study):
    """A study with the scores given."""

    def score(self, _: str = "") -> pd.DataFrame:
        return SCORES[self.name].copy()


SCORES: dict[str, pd.DataFrame] = {}


def scored(scores: pd.DataFrame, name: str = "made") -> Study:
    SCORES[name] = scores
    return Scored(STUDY.protocol, STUDY.intake, name)


def test_repliers_and_silent_are_compared_as_welch_does():
    found = describe_silence(STUDY, wave="later").set_index("cohort")
    scores = STUDY.score().pivot_table(index=["cohort", "participant"], columns="wave", values="score", observed=True)
    scores = scores[scores["before"].notna()]
    for cohort, row in found.iterrows():
        own = scores if cohort == "all" else scores.loc[[cohort]]
        silent = own["later"].isna()
        welch = stats.ttest_ind(own.loc[~silent, "before"], own.loc[silent, "before"], equal_var=False)
        ends = welch.confidence_interval(0.95)
        assert (row["n_replied"], row["n_silent"]) == ((~silent).sum(), silent.sum())
        assert row["difference"] == pytest.approx(row["mean_replied"] - row["mean_silent"])
        assert (row["conf_low"], row["conf_high"]) == pytest.approx((ends.low, ends.high))
    assert found.index.tolist() == [f"Cohort {n}" for n in range(1, 6)] + ["all"]
    one = found.drop(index="all")
    assert found.loc["all", ["n_replied", "n_silent"]].tolist() == one[["n_replied", "n_silent"]].sum().tolist()


def test_all_later_waves_by_default_and_every_hole_has_its_reason():
    found = describe_silence(STUDY, scale="knowledge")
    assert found["wave"].drop_duplicates().tolist() == ["after", "later"]
    assert found["scale"].eq("knowledge").all()
    holes = found.isna().any(axis=1)
    assert holes.any()
    assert found.loc[holes, "flag"].str.contains("everybody replied|too few for an interval").all()
    assert found.loc[~holes, "flag"].isin(["", "without those who replied later and not at the start"]).all()
    released = release(found, find_profile("opensafely"))
    assert len(released) == len(found)


def made(cells: list[tuple[str, str, str, float]]) -> pd.DataFrame:
    return pd.DataFrame(cells, columns=["participant", "cohort", "wave", "score"])


def test_groups_that_cannot_be_compared_say_so():
    cells = [("a", "A", "before", 3.0), ("b", "A", "before", 3.0), ("c", "A", "before", 3.0), ("d", "A", "before", 3.0),
             ("a", "A", "after", 4.0), ("b", "A", "after", 4.0), ("e", "B", "after", 4.0),
             ("f", "C", "before", 2.0)]  # fmt: skip
    found = describe_silence(scored(made(cells)), wave="after").set_index("cohort")
    assert found.loc["A", "flag"] == "scores do not vary"
    assert found.loc["B", "flag"].startswith("nobody has a score before; without those who replied later")
    assert found.loc["C", "flag"] == "nobody replied"
    assert found.loc["A", "difference"] == 0
    assert found.loc["all", "n_silent"] == 3


def test_verdicts_follow_from_the_points():
    found = tabulate_tipping(STUDY, wave="later")
    points = find_tipping_points(STUDY.score(), "before", "later", minimum=1, maximum=5)
    assert found["delta"].tolist() == pytest.approx(points["delta"].tolist(), nan_ok=True)
    assert found["term"].eq("later - before").all()
    tipped = found[found["flag"] == ""]
    fell = tipped["verdict"].str.contains("fell or stayed as they were, where those who replied rose")
    less = tipped["verdict"].str.contains("rose by less than those who replied")
    more = tipped["verdict"].str.contains("rose by so much more than those who replied")
    assert fell.tolist() == (tipped["assumed"] <= 0).tolist()
    assert less.tolist() == ((tipped["assumed"] > 0) & (tipped["delta"] < 0)).tolist()
    assert more.tolist() == (tipped["delta"] > 0).tolist()
    assert fell.any()
    assert less.any()
    assert more.any()
    named = tipped["cohort"] != "all"
    assert [row.cohort in row.verdict for row in tipped[named].itertuples()] == [True] * named.sum()
    assert found["verdict"].str.replace(r"Cohort \d", "", regex=True).str.contains(r"\d").sum() == 0
    whole = found[found["flag"] != ""]
    assert whole["verdict"].eq("not undone by any change that the scale allows").all()


def test_verdicts_of_a_fall_are_turned():
    scores = STUDY.score()
    turned = tabulate_tipping(scored(scores.assign(score=6 - scores["score"])), wave="later")
    words = turned.loc[turned["flag"] == "", "verdict"]
    assert words.str.contains("rose or stayed as they were, where those who replied fell").any()
    assert words.str.contains("fell by less than those who replied").any()


def test_where_there_is_nothing_to_find_the_verdict_says_so():
    scores = STUDY.score()
    first = scores["wave"] == "before"
    rng = np.random.default_rng(3)
    flat = scores.assign(score=np.where(first, 3.0, 3.0 + rng.choice([-1.0, 1.0], len(scores))))
    nothing = tabulate_tipping(scored(flat), wave="later")
    assert nothing["flag"].eq(INCLUDES).all()
    assert nothing["verdict"].str.startswith("there is nothing to undo").all()
    everybody = tabulate_tipping(scored(scores[scores["participant"].isin(scores.loc[scores["wave"] == "after",
                                                                                     "participant"])]))  # fmt: skip
    assert everybody["verdict"].str.startswith("everybody replied").any()
    one = tabulate_tipping(scored(scores[scores["cohort"] == "Cohort 5"]), wave="later")
    assert one.query("frame == 'future_cohorts'")["verdict"].eq("it cannot be said what would undo it").all()
    gone = tabulate_tipping(scored(scores[first | (scores["cohort"] == "Cohort 1")]), wave="later")
    assert gone["flag"].item().startswith("nobody of cohort 'Cohort 2'")
    assert list(gone.columns) == silence.TIPPING


def test_the_curve_reaches_the_tipping_point():
    for scores in (STUDY.score(), STUDY.score().assign(score=lambda frame: 6 - frame["score"])):
        study = scored(scores)
        curve = trace_silence(study, wave="later")
        points = tabulate_tipping(study, wave="later")
        tips = points.loc[points["cohort"] == "all", "delta"].dropna()
        assert curve["delta"].min() < tips.min()
        assert curve["delta"].max() > tips.max()
        assert curve.groupby("frame").size().tolist() == [61, 61]
    plain = trace_silence(STUDY)  # no tipping point on the scale
    assert plain["delta"].agg(["min", "max"]).tolist() == [-1.5, 1.5]


def test_scales_without_scores_and_unknown_names(monkeypatch):
    def refuse(*_: object) -> None:
        raise DataError("scale 'confidence': nobody answered enough of its items for a score")

    monkeypatch.setattr(Study, "score", refuse)
    study = replace(STUDY)
    for found in (describe_silence(study), tabulate_tipping(study)):
        assert found["flag"].item().startswith("scale 'confidence': nobody answered")
        assert found["cohort"].item() == "all"
    with pytest.raises(UsageError, match="is not a wave after the first"):
        describe_silence(study, wave="never")
    with pytest.raises(DataError, match="the protocol has no scale"):
        tabulate_tipping(study, scale="never")
