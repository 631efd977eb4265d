"""What those who did not reply could have said, against filled-in scores and against multiple imputation."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from coprod.errors import DataError
from coprod.training.estimates import COLUMNS
from coprod.training.nonresponse import NEWCOMERS, estimate_extremes, estimate_under_delta
from coprod.training.pooling import pool_imputations
from coprod.training.replies import count_replies

FOLDER = Path(__file__).resolve().parents[1] / "reference" / "mixed"


def read(name: str) -> pd.DataFrame:
    return pd.read_csv(FOLDER / f"{name}.csv", dtype={"participant": str})


SCORES = read("unequal_two")


def changes_of_all(scores: pd.DataFrame, delta: float, only: str | None = None) -> pd.DataFrame:
    """Fill in each silent participant's change by hand: the mean of the cohort's repliers, and delta."""
    wide = scores.pivot_table(index=["cohort", "participant"], columns="wave", values="score")
    wide = wide[wide["pre"].notna()]
    change = wide["post"] - wide["pre"]
    filled = []
    for (cohort, _), value in change.items():
        shift = delta if only in (None, cohort) else 0.0
        filled.append(change.loc[cohort].mean() + shift if np.isnan(value) else value)
    return pd.DataFrame({"change": filled, "silent": change.isna().to_numpy(),
                         "cohort": change.index.get_level_values("cohort")})  # fmt: skip


@pytest.mark.parametrize("delta", [-1.0, -0.3, 0.0, 0.7])
@pytest.mark.parametrize("only", [None, "c01"])
def test_the_estimate_is_that_of_scores_filled_in(delta, only):
    found = estimate_under_delta(SCORES, "pre", "post", [delta], cohort=only).set_index("frame")
    filled = changes_of_all(SCORES, delta, only)
    means = filled.groupby("cohort")["change"].mean()
    future = found.loc["future_cohorts"]
    student = stats.ttest_1samp(means, 0)
    ends = student.confidence_interval(0.95)
    assert found["estimate"].tolist() == pytest.approx([means.mean()] * 2)
    wanted = (student.statistic, student.pvalue, ends.low, ends.high)
    assert future[["statistic", "p_value", "conf_low", "conf_high"]].tolist() == pytest.approx(wanted)
    shifted = filled["silent"] & (filled["cohort"] == only if only else True)
    assert found["assumed"].tolist() == pytest.approx([filled.loc[shifted, "change"].mean()] * 2)
    assert found["n_participants"].tolist() == [len(filled)] * 2
    assert found["n_observations"].tolist() == [len(SCORES)] * 2


@pytest.mark.parametrize("delta", [0.0, -1.5])
def test_the_error_for_these_cohorts_is_that_of_multiple_imputation(delta):
    # each set: the mean of the repliers' changes drawn from its distribution, then the silent participants' changes;
    # Rubin's rules over 4000 sets, whose between-variance is good to about 2 per cent
    rng, m = np.random.default_rng(4), 4000
    wide = SCORES.pivot_table(index=["cohort", "participant"], columns="wave", values="score")
    means, parts = [], []
    for _, group in wide[wide["pre"].notna()].groupby("cohort"):
        change = group["post"] - group["pre"]
        seen, missing = change.dropna().to_numpy(), int(change.isna().sum())
        middle = rng.normal(seen.mean(), seen.std() / np.sqrt(len(seen)), (m, 1))
        drawn = np.hstack([np.tile(seen, (m, 1)), middle + delta + rng.normal(0, seen.std(), (m, missing))])
        means.append(drawn.mean(axis=1))
        parts.append(drawn.var(axis=1) / drawn.shape[1])
    estimates, variances = np.mean(means, axis=0), np.sum(parts, axis=0) / len(means) ** 2
    pooled = pool_imputations(estimates, variances)
    found = estimate_under_delta(SCORES, "pre", "post", [delta]).set_index("frame").loc["these_cohorts"]
    assert found["estimate"] == pytest.approx(pooled.estimate, abs=4 * np.sqrt(pooled.between / m))
    # ours divides the sum of squares by n - 1, the draws by n
    replies = count_replies(SCORES, "pre", "post")
    n, started, q = replies.replied, replies.started, replies.silent
    large = ((replies.variance * (n - 1) / n / n + delta**2 * q * (1 - q) / started).sum()) / 25
    ours = ((replies.variance / n + delta**2 * q * (1 - q) / started).sum()) / 25
    assert large == pytest.approx(pooled.total, rel=0.03)
    assert found["std_error"] ** 2 == pytest.approx(ours)


def test_the_share_that_replies_is_itself_a_matter_of_chance():
    # by enumeration: of N people each replies with probability p, and the silent differ by delta; then
    # delta (1 - n / N) has variance delta^2 p (1 - p) / N, the second term of the error
    people, p, delta = 7, 0.6, -1.3
    chances = stats.binom.pmf(np.arange(people + 1), people, p)
    values = delta * (1 - np.arange(people + 1) / people)
    variance = (chances * values**2).sum() - (chances * values).sum() ** 2
    assert variance == pytest.approx(delta**2 * p * (1 - p) / people)


def tiny(rows: dict[str, list[tuple[float, float | None]]]) -> pd.DataFrame:
    made = [
        (f"{cohort}-{number}", cohort, wave, score)
        for cohort, people in rows.items()
        for number, pair in enumerate(people)
        for wave, score in zip(("pre", "post"), pair, strict=True)
        if score is not None
    ]
    return pd.DataFrame(made, columns=["participant", "cohort", "wave", "score"])


def test_a_tiny_example_by_hand():
    scores = tiny({"a": [(2, 3), (2, 2), (3, None)], "b": [(1, 3), (2, 2), (2, None), (2, None)]})
    replies = count_replies(scores, "pre", "post")
    assert replies.cohort == ("a", "b")
    assert replies.started.tolist() == [3, 4]
    assert replies.replied.tolist() == [2, 2]
    assert replies.start.tolist() == [3, 2]
    found = estimate_under_delta(scores, "pre", "post", [-1.0]).set_index("frame")
    # changes 1, 0 and 2, 0: means 0.5 and 1; silent shares 1/3 and 1/2
    assert found["estimate"].tolist() == pytest.approx([(0.5 - 1 / 3 + 1 - 1 / 2) / 2] * 2)
    assert found["assumed"].tolist() == pytest.approx([(0.5 + 1 + 1) / 3 - 1] * 2)
    variance = (0.5 / 2 + 2 / 9 / 3 + 2 / 2 + 1 / 4 / 4) / 4
    assert found.loc["these_cohorts", "std_error"] == pytest.approx(np.sqrt(variance))


def test_the_extremes_hold_every_way_of_filling_in_the_scale():
    scores = tiny({"a": [(2, 3), (2, 2), (3, None)], "b": [(1, 3), (2, 2), (2, None)]})
    found = estimate_extremes(scores, "pre", "post", minimum=1, maximum=4)
    every = []
    for first in (1, 2, 3, 4):
        for second in (1, 2, 3, 4):
            filled = tiny({"a": [(2, 3), (2, 2), (3, first)], "b": [(1, 3), (2, 2), (2, second)]})
            every.append(estimate_under_delta(filled, "pre", "post", [0])["estimate"].iloc[0])
    by_scenario = found.groupby("scenario", sort=False)["estimate"].agg(["min", "max"])
    assert by_scenario.loc["worst case"].tolist() == pytest.approx([min(every)] * 2)
    assert by_scenario.loc["best case"].tolist() == pytest.approx([max(every)] * 2)
    assert found["method"].tolist() == ["stratified-t", "cohort-means-t"] * 2
    assert list(found.columns) == ["scenario", *COLUMNS]
    assert found["n_observations"].eq(10).all()
    turned = estimate_extremes(scores, "pre", "post", minimum=1, maximum=4, better="lower")
    assert turned["estimate"].tolist() == found["estimate"].tolist()[2:] + found["estimate"].tolist()[:2]


def test_extremes_are_tests_of_the_filled_in_changes():
    found = estimate_extremes(SCORES, "pre", "post", minimum=1, maximum=5)
    wide = SCORES.pivot_table(index=["cohort", "participant"], columns="wave", values="score")
    wide = wide[wide["pre"].notna()]
    change = (wide["post"].fillna(1.0) - wide["pre"]).groupby("cohort")
    worst = found[found["scenario"] == "worst case"].set_index("frame")
    student = stats.ttest_1samp(change.mean(), 0)
    assert worst.loc["future_cohorts", "statistic"] == pytest.approx(student.statistic)
    error = np.sqrt((change.var() / change.size()).sum()) / 5
    assert worst.loc["these_cohorts", "std_error"] == pytest.approx(error)


@settings(max_examples=15, deadline=None)
@given(st.permutations(range(len(SCORES))))
def test_the_order_of_rows_changes_nothing(order):
    shuffled = estimate_under_delta(SCORES.iloc[order], "pre", "post", [-0.5])
    wanted = estimate_under_delta(SCORES, "pre", "post", [-0.5])
    assert shuffled["estimate"].tolist() == pytest.approx(wanted["estimate"].tolist(), rel=1e-12)
    assert shuffled["std_error"].tolist() == pytest.approx(wanted["std_error"].tolist(), rel=1e-12)


def test_where_everybody_replied_delta_is_nothing():
    scores = read("equal_two")
    found = estimate_under_delta(scores, "pre", "post", [-1, 0, 1])
    assert found["flag"].eq("everybody replied").all()
    assert found["estimate"].nunique() == 1
    assert found["assumed"].isna().all()
    assert estimate_extremes(scores, "pre", "post", minimum=1, maximum=5)["flag"].eq("everybody replied").all()


def test_who_replied_later_only_is_counted_apart_and_said():
    new = pd.DataFrame({"participant": ["x", "y"], "cohort": ["c02", "zz"], "wave": "post", "score": 5.0})
    scores = pd.concat([SCORES, new])
    replies = count_replies(scores, "pre", "post")
    assert replies.newcomers.tolist() == [0, 0, 1, 0, 0]
    found = estimate_under_delta(scores, "pre", "post", [0.5])
    wanted = estimate_under_delta(SCORES, "pre", "post", [0.5])
    assert found["flag"].eq(NEWCOMERS).all()
    assert found["estimate"].tolist() == wanted["estimate"].tolist()
    assert found["n_participants"].tolist() == wanted["n_participants"].tolist()
    assert wanted["flag"].eq("").all()


def test_one_cohort_and_a_cohort_of_one_are_told_why():
    one = SCORES.query("cohort == 'c01'")
    one = one.assign(cohort=pd.Categorical(one["cohort"], ["c01", "never"]))
    found = estimate_under_delta(one, "pre", "post", [0.0]).set_index("frame")
    assert found.loc["future_cohorts", "flag"].startswith("one cohort only")
    assert found.loc["these_cohorts", "df"] == pytest.approx(count_replies(one, "pre", "post").replied[0] - 1)
    lone = tiny({"a": [(2, 3), (2, 2), (3, None)], "b": [(1, 3), (2, None)]})
    few = estimate_under_delta(lone, "pre", "post", [0.0]).set_index("frame")
    assert few.loc["these_cohorts", "flag"].startswith("a cohort has too few")
    assert few.loc["future_cohorts", "p_value"] > 0


def test_a_cohort_of_which_nobody_replied_is_refused():
    scores = tiny({"a": [(2, 3), (2, 2)], "b": [(1, None), (2, None)]})
    with pytest.raises(DataError, match="nobody of cohort 'b' has scores at both 'pre' and 'post'"):
        estimate_under_delta(scores, "pre", "post", [0.0])
    # the bounds of the scale need nobody's reply
    assert estimate_extremes(scores, "pre", "post", minimum=1, maximum=5)["estimate"].notna().all()


def test_an_unknown_cohort_is_refused():
    with pytest.raises(DataError, match="no cohort 'c1'; did you mean"):
        estimate_under_delta(SCORES, "pre", "post", [0.0], cohort="c1")


def add_people(scores: pd.DataFrame, never: dict[str, int], **ends: float) -> pd.DataFrame:
    """Give each cohort people with the same scores at the waves named."""
    rows = [(f"new {cohort} {number}", cohort, wave, score) for cohort, count in never.items()
            for number in range(count) for wave, score in ends.items()]  # fmt: skip
    return pd.concat([scores, pd.DataFrame(rows, columns=["participant", "cohort", "wave", "score"])])


def count_enrolled(scores: pd.DataFrame) -> tuple[dict[str, int], dict[str, int]]:
    """Return how many never answered, 0 to 3 a cohort, and how many were enrolled."""
    people = scores[scores["score"].notna()].groupby("cohort")["participant"].nunique()
    never = {cohort: number % 4 for number, cohort in enumerate(people.index)}
    return never, {cohort: int(people[cohort]) + more for cohort, more in never.items()}


@pytest.mark.parametrize("delta", [0.0, -0.7])
@pytest.mark.parametrize("only", [None, "c02"])
def test_those_who_never_answered_are_as_those_who_did_not_reply(delta, only):
    never, enrolled = count_enrolled(SCORES)
    found = estimate_under_delta(SCORES, "pre", "post", [delta], cohort=only, enrolled=enrolled)
    newcomers = SCORES[(SCORES["wave"] == "post") & SCORES["score"].notna()]
    started = SCORES.loc[(SCORES["wave"] == "pre") & SCORES["score"].notna(), "participant"]
    assert newcomers["participant"].isin(started).all()  # otherwise they had to be given a score too
    filled = add_people(SCORES, never, pre=3.0)  # where they begin does not count
    wanted = estimate_under_delta(filled, "pre", "post", [delta], cohort=only)
    same = [name for name in found if name != "n_observations"]
    pd.testing.assert_frame_equal(found[same], wanted[same])
    assert found["n_observations"].eq(SCORES["score"].notna().sum()).all()


@pytest.mark.parametrize(("better", "ends"), [("higher", (4.0, 1.0)), ("lower", (1.0, 4.0))])
def test_the_extremes_of_all_enrolled_let_the_unseen_move_over_the_whole_scale(better, ends):
    scores = SCORES[~((SCORES["wave"] == "pre") & SCORES["participant"].isin(SCORES["participant"].unique()[:5]))]
    never, enrolled = count_enrolled(scores)
    given = scores[scores["score"].notna()]
    first, later = (given[given["wave"] == wave] for wave in ("pre", "post"))
    new = later[~later["participant"].isin(first["participant"])]
    assert len(new) > 2
    kwargs = {"minimum": 1, "maximum": 4, "better": better}
    found = estimate_extremes(scores, "pre", "post", enrolled=enrolled, **kwargs)
    for scenario, (start, end) in (("worst case", ends), ("best case", ends[::-1])):
        filled = add_people(pd.concat([scores, new.assign(wave="pre", score=start)]), never, pre=start, post=end)
        wanted = estimate_extremes(filled, "pre", "post", **kwargs)
        wanted, row = (rows[rows["scenario"] == scenario] for rows in (wanted, found))
        same = [name for name in found if name != "n_observations"]
        pd.testing.assert_frame_equal(row[same], wanted[same])
    assert found["n_participants"].eq(sum(enrolled.values())).all()
    assert found["n_observations"].eq(len(given)).all()
    assert not found["flag"].str.contains(NEWCOMERS).any()
