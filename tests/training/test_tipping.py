"""Tipping points, against the interval at and beside them and against a quadratic equation."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from coprod.errors import UsageError
from coprod.training.nonresponse import estimate_under_delta
from coprod.training.replies import count_replies
from coprod.training.tipping import _find_reach, find_tipping_points

FOLDER = Path(__file__).resolve().parents[1] / "reference" / "mixed"


def read(name: str) -> pd.DataFrame:
    return pd.read_csv(FOLDER / f"{name}.csv", dtype={"participant": str})


def intervals(scores, row, deltas):
    only = None if row.cohort == "all" else row.cohort
    found = estimate_under_delta(scores, "pre", "post", deltas, cohort=only)
    return found[found["frame"] == row.frame].reset_index(drop=True)


@pytest.mark.parametrize("name", ["unequal_two", "unequal_three", "boundary", "single_wave"])
def test_at_a_tipping_point_the_interval_touches_0_and_before_it_does_not(name):
    scores = read(name)
    points = find_tipping_points(scores, "pre", "post", minimum=1, maximum=5)
    assert (points["delta"].notna() == (points["flag"] == "")).all()
    for row in points[points["flag"] == ""].itertuples():
        assert np.sign(row.delta) == (1 if row.direction == "up" else -1)
        found = intervals(scores, row, row.delta * np.array([*np.linspace(0, 0.999, 25), 1]))
        ends = found[["conf_low", "conf_high"]].prod(axis=1)
        assert (ends[:-1] > 0).all()
        assert found[["conf_low", "conf_high"]].iloc[-1].abs().min() == pytest.approx(0, abs=1e-9)
        assert row.assumed == pytest.approx(found["assumed"].iloc[-1])
    for row in points[points["flag"].str.startswith("no change that")].itertuples():
        found = intervals(scores, row, np.linspace(0, 1 if row.direction == "up" else -1, 11))
        assert (found[["conf_low", "conf_high"]].prod(axis=1) > 0).all()


def test_a_point_for_future_cohorts_solves_its_quadratic_equation():
    # (A + B d)^2 = t^2 / G (var(m) + 2 d cov(m, q) + d^2 var(q))
    scores = read("unequal_two")
    replies = count_replies(scores, "pre", "post")
    m, q = replies.mean, replies.silent
    t2 = stats.t.ppf(0.975, 4) ** 2 / 5
    spread = np.cov(m, q)
    equation = [q.mean() ** 2 - t2 * spread[1, 1], 2 * (m.mean() * q.mean() - t2 * spread[0, 1]),
                m.mean() ** 2 - t2 * spread[0, 0]]  # fmt: skip
    roots = np.roots(equation)
    points = find_tipping_points(scores, "pre", "post", minimum=-50, maximum=50)
    found = points.query("frame == 'future_cohorts' and cohort == 'all' and direction == 'down'")["delta"].item()
    assert found == pytest.approx(max(root for root in roots.real if root < 0), rel=1e-9)


def test_what_the_scale_does_not_allow_is_no_tipping_point():
    scores = read("unequal_two")
    points = find_tipping_points(scores, "pre", "post", minimum=-50, maximum=50).set_index("frame")
    wide = points.query("cohort == 'all' and direction == 'down'")["assumed"]
    wide_scores = scores.pivot_table(index=["cohort", "participant"], columns="wave", values="score")
    silent = wide_scores.loc[wide_scores["post"].isna(), "pre"].mean()
    for frame in wide.index:
        for room, reached in ((1e-6, True), (-1e-6, False)):
            lowest = silent + wide[frame] - room  # the least score at which that mean change can still be had
            narrow = find_tipping_points(scores, "pre", "post", minimum=lowest, maximum=50)
            row = narrow[(narrow["frame"] == frame) & (narrow["direction"] == "down")].iloc[0]
            assert (row["flag"] == "") == reached
            assert pd.isna(row["delta"]) != reached


def test_counts_say_whose_change_is_assumed():
    scores = read("unequal_two")
    replies = count_replies(scores, "pre", "post")
    points = find_tipping_points(scores, "pre", "post", minimum=1, maximum=5).query("direction == 'up'")
    silent = (replies.started - replies.replied).astype(int)
    assert points["n_silent"].tolist() == 2 * [silent.sum(), *silent]
    assert points["n_participants"].eq(replies.started.sum()).all()


def test_there_is_none_where_there_is_nothing_to_tip():
    whole = find_tipping_points(read("equal_two"), "pre", "post", minimum=1, maximum=5)
    assert whole["flag"].eq("everybody replied").all()
    assert whole[["delta", "assumed"]].isna().all(axis=None)
    scores = read("unequal_two")
    level = scores.copy()
    shift = count_replies(scores, "pre", "post").mean.mean()
    level.loc[level["wave"] == "post", "score"] -= shift
    nothing = find_tipping_points(level, "pre", "post", minimum=-5, maximum=9)
    assert nothing["flag"].eq("the interval includes no change as it is").all()
    one = find_tipping_points(scores.query("cohort == 'c01'"), "pre", "post", minimum=1, maximum=5)
    assert one.query("frame == 'future_cohorts'")["flag"].str.startswith("one cohort only").all()
    with pytest.raises(UsageError, match="minimum 5 is not below maximum 1"):
        find_tipping_points(scores, "pre", "post", minimum=5, maximum=1)


def test_a_fall_is_tipped_upwards():
    scores = read("unequal_two")
    turned = scores.assign(score=6 - scores["score"])
    up = find_tipping_points(turned, "pre", "post", minimum=1, maximum=5).query("direction == 'up'")
    down = find_tipping_points(scores, "pre", "post", minimum=1, maximum=5).query("direction == 'down'")
    assert up["delta"].to_numpy() == pytest.approx(-down["delta"].to_numpy(), nan_ok=True)
    assert up["flag"].tolist() == down["flag"].tolist()


def test_those_never_seen_may_have_moved_over_the_whole_scale():
    scores = read("unequal_two")
    people = scores.groupby("cohort")["participant"].nunique()
    enrolled = {cohort: int(size) + 2 for cohort, size in people.items()}
    seen, all_of_them = count_replies(scores, "pre", "post"), count_replies(scores, "pre", "post", enrolled=enrolled)
    low, high = 0.0, 6.0
    silent = seen.started - seen.replied
    starts = np.nansum(silent * seen.start)
    n = silent.sum() + 2 * len(people)
    moved = all_of_them.assumed(0.0, all_of_them.silent)
    wanted = ((low * silent.sum() - starts + 2 * len(people) * (low - high)) / n - moved,
              (high * silent.sum() - starts + 2 * len(people) * (high - low)) / n - moved)  # fmt: skip
    assert _find_reach(all_of_them, all_of_them.silent, low, high) == pytest.approx(wanted)
    points = find_tipping_points(scores, "pre", "post", minimum=low, maximum=high, enrolled=enrolled)
    assert points.query("cohort == 'all'")["n_silent"].eq(n).all()
    tipped = points.dropna(subset="delta").query("cohort == 'all'")
    assert len(tipped)
    for row in tipped.to_dict("records"):
        found = estimate_under_delta(scores, "pre", "post", [row["delta"]], enrolled=enrolled)
        ends = found.set_index("frame").loc[row["frame"], ["conf_low", "conf_high"]]
        assert ends.abs().min() == pytest.approx(0, abs=1e-9)
