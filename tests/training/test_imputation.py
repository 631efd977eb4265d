"""Multiple imputation: draws against mice's and against a known truth."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from coprod.errors import DataError
from coprod.training.estimates import COLUMNS
from coprod.training.imputation import estimate_imputed_change, impute_scores

FOLDER = Path(__file__).resolve().parents[1] / "reference"
IMPUTED = pd.read_csv(FOLDER / "imputation" / "imputed.csv")
WAVES = ["pre", "post", "followup"]


def read(name: str) -> pd.DataFrame:
    return pd.read_csv(FOLDER / "mixed" / f"{name}.csv", dtype={"participant": str})


@pytest.mark.parametrize("name", ["unequal_two", "unequal_three", "both_zero"])
def test_draws_are_distributed_as_mice_s(name):
    m = 1000
    waves = [wave for wave in WAVES if wave in set(read(name)["wave"])]
    rng = np.random.default_rng(11)
    found = estimate_imputed_change(read(name), "pre", "post", waves=waves, m=m, rng=rng).set_index("frame")
    for row in IMPUTED[IMPUTED["data"] == name].itertuples():
        # both sides have Monte-Carlo error: 4 of its standard errors; a variance of m draws has 2 / m of its square
        assert found.loc[row.frame, "estimate"] == pytest.approx(row.estimate, abs=4 * np.sqrt(2 * row.between / m))
        total = row.within + (1 + 1 / m) * row.between
        slack = 4 * np.sqrt(2 * 2 / m) * row.between + 0.02 * row.within
        assert found.loc[row.frame, "std_error"] ** 2 == pytest.approx(total, abs=slack)
        assert found.loc[row.frame, "df"] == pytest.approx(row.df, rel=0.1)


def test_one_wave_is_drawn_from_its_posterior_predictive_distribution():
    # one cohort, one hole, one predictor: Student's t with n - 2 degrees of freedom round the regression line
    rng = np.random.default_rng(5)
    n, m = 4, 1500  # so few that a variance taken as known would show
    x = rng.normal(3, 1, n)
    y = 1 + 0.5 * x + rng.normal(0, 0.4, n)
    new = 5.0
    line = stats.linregress(x, y)
    rest = y - line.intercept - line.slope * x
    sd = np.sqrt(rest @ rest / (n - 2))
    scale = sd * np.sqrt(1 + 1 / n + (new - x.mean()) ** 2 / ((x - x.mean()) ** 2).sum())
    wide = pd.DataFrame({"pre": [*x, new], "post": [*y, np.nan]})
    drawn = impute_scores(wide, pd.Series("one", index=wide.index), m, np.random.default_rng(6))
    assert drawn.shape == (m, n + 1, 2)
    assert (drawn[:, :n, 1] == y).all()
    assert (drawn[:, :, 0] == wide["pre"].to_numpy()).all()
    fit = stats.kstest(drawn[:, n, 1], stats.t(n - 2, line.intercept + line.slope * new, scale).cdf)
    assert fit.pvalue > 0.01


def simulate(rng: np.random.Generator, truth: float = 0.5) -> pd.DataFrame:
    """Two cohorts, and a reply at the later wave that depends on the first score."""
    n = 60
    pre = rng.normal(3, 1, n)
    post = 3 + truth + 0.7 * (pre - 3) + rng.normal(0, 0.5, n)
    post[rng.random(n) < 1 / (1 + np.exp(-2 * (pre - 3)))] = np.nan
    cohort = np.repeat(["one", "two"], n // 2)
    frame = pd.DataFrame({"participant": np.arange(n).astype(str), "cohort": cohort, "pre": pre, "post": post})
    return frame.melt(["participant", "cohort"], ["pre", "post"], "wave", "score")


def test_the_truth_is_found_where_replying_depends_on_what_was_seen():
    rng = np.random.default_rng(2017)
    found, complete = [], []
    for _ in range(60):
        scores = simulate(rng)
        imputed = estimate_imputed_change(scores, "pre", "post", waves=["pre", "post"], m=10, rng=rng)
        found.append(imputed.set_index("frame").loc["these_cohorts"])
        wide = scores.pivot_table(index=["participant", "cohort"], columns="wave", values="score").dropna()
        complete.append((wide["post"] - wide["pre"]).groupby("cohort").mean().mean())
    table = pd.DataFrame(found)
    error = table["estimate"].std() / np.sqrt(60)
    assert table["estimate"].mean() == pytest.approx(0.5, abs=3 * error)
    assert np.mean(complete) > 0.5 + 8 * error  # those who replied started lower, and rose by more
    covered = ((table["conf_low"] < 0.5) & (table["conf_high"] > 0.5)).sum()
    assert stats.binomtest(int(covered), 60, 0.95).pvalue > 0.01


def test_all_who_started_are_counted_and_newcomers_are_not():
    scores = pd.concat([read("unequal_three"), pd.DataFrame(
        {"participant": ["new"], "cohort": ["c00"], "wave": ["post"], "score": [5.0]})])  # fmt: skip
    found = estimate_imputed_change(scores, "pre", "post", waves=WAVES, m=5, rng=np.random.default_rng(1))
    assert list(found.columns) == ["scenario", *COLUMNS]
    assert found["frame"].tolist() == ["these_cohorts", "future_cohorts"]
    first = read("unequal_three").query("wave == 'pre'")
    assert found["n_participants"].tolist() == [len(first)] * 2
    assert found["n_cohorts"].tolist() == [5, 5]
    assert found["flag"].str.fullmatch(r"share of the variance that is due to missing scores: 0\.\d\d").all()


def test_nothing_missing_gives_the_plain_test():
    scores = read("equal_two")
    found = estimate_imputed_change(scores, "pre", "post", waves=["pre", "post"], m=2, rng=np.random.default_rng(1))
    wide = scores.pivot_table(index=["participant", "cohort"], columns="wave", values="score")
    means = (wide["post"] - wide["pre"]).groupby("cohort").mean()
    future = found.set_index("frame").loc["future_cohorts"]
    assert future["statistic"] == pytest.approx(stats.ttest_1samp(means, 0).statistic)
    assert found["flag"].str.endswith(": 0.00").all()
    assert future["df"] == pytest.approx(5 / 7 * 4)  # Barnard and Rubin's, with nothing missing


def test_a_third_wave_helps_only_where_it_can():
    scores = read("unequal_three")
    without = scores[~((scores["wave"] == "followup") & (scores["cohort"] == "c02"))]
    found = estimate_imputed_change(without, "pre", "post", waves=WAVES, m=3, rng=np.random.default_rng(1))
    two = scores[scores["wave"] != "followup"]
    wanted = estimate_imputed_change(two, "pre", "post", waves=["pre", "post"], m=3, rng=np.random.default_rng(1))
    assert found["estimate"].tolist() == wanted["estimate"].tolist()


def test_what_has_no_interval_is_flagged():
    scores = read("unequal_two")
    rng = np.random.default_rng(1)
    one = estimate_imputed_change(scores.query("cohort == 'c01'"), "pre", "post", waves=["pre", "post"], rng=rng)
    assert one.set_index("frame").loc["future_cohorts", "flag"].startswith("one cohort only")
    assert one.set_index("frame").loc["these_cohorts", "std_error"] > 0
    people = scores.query("cohort == 'c00'").groupby("participant")["score"].size()
    lone = scores["participant"].isin(people[people == 2].index[1:].union(people[people == 1].index))
    few = estimate_imputed_change(scores[~lone], "pre", "post", waves=["pre", "post"], rng=rng)
    assert few.set_index("frame").loc["these_cohorts", "flag"].startswith("a cohort has too few")
    assert few["std_error"].notna().tolist() == [False, True]
    same = scores.assign(score=3.0)
    flat = estimate_imputed_change(same, "pre", "post", waves=["pre", "post"], rng=rng)
    assert flat["flag"].eq("no spread to judge the average by").all()
    assert flat["estimate"].tolist() == pytest.approx([0, 0], abs=1e-6)


def test_too_few_to_impute_from_is_refused():
    scores = read("unequal_two")
    gone = scores[~((scores["wave"] == "post") & (scores["cohort"] == "c00"))]
    with pytest.raises(DataError, match="'post': too few scores, or none of a cohort"):
        estimate_imputed_change(gone, "pre", "post", waves=["pre", "post"], rng=np.random.default_rng(1))
