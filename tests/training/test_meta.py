"""Pooling over cohorts, against metafor and against the REML likelihood."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import optimize

from coprod.errors import DataError
from coprod.training.effects import pair_scores
from coprod.training.estimates import COLUMNS
from coprod.training.meta import estimate_pooled_change, pool_cohorts

FOLDER = Path(__file__).resolve().parents[1] / "reference"
REFERENCE = pd.read_csv(FOLDER / "meta" / "reference.csv")


def read(name: str) -> pd.DataFrame:
    return pd.read_csv(FOLDER / "mixed" / f"{name}.csv", dtype={"participant": str})


@pytest.mark.parametrize("row", REFERENCE.to_dict("records"), ids=lambda row: row["data"])
def test_the_numbers_are_metafor_s(row):
    found = estimate_pooled_change(read(row["data"]), "pre", "post").set_index("method")
    pooled, new = found.loc["reml-knapp-hartung"], found.loc["prediction"]
    # metafor searches tau2 by Fisher scoring; 12 digits are printed
    names = ["estimate", "std_error", "p_value", "conf_low", "conf_high"]
    assert pooled[names].tolist() == pytest.approx([row[name] for name in names], rel=1e-6)
    assert new[["conf_low", "conf_high"]].tolist() == pytest.approx([row["predict_low"], row["predict_high"]], rel=1e-6)
    assert ("estimated at 0" in pooled["flag"]) == (row["tau2"] < 1e-9)


@pytest.mark.parametrize("seed", range(6))
def test_tau2_is_the_top_of_the_restricted_likelihood(seed):
    rng = np.random.default_rng(seed)
    v = rng.uniform(0.01, 0.1, 5)
    y = rng.normal(0.4, np.sqrt(v + 0.05))

    def criterion(tau2: float) -> float:
        w = 1 / (v + tau2)
        mean = (w * y).sum() / w.sum()
        return float(-np.log(w).sum() + np.log(w.sum()) + (w * (y - mean) ** 2).sum())

    best = optimize.minimize_scalar(criterion, bounds=(0, 5), method="bounded", options={"xatol": 1e-10})
    assert pool_cohorts(y, v).tau2 == pytest.approx(best.x, abs=1e-6)


def test_equal_variances_give_the_plain_mean():
    y = [0.1, 0.5, 0.3, 0.9]
    pooled = pool_cohorts(y, [0.02] * 4)
    assert pooled.estimate == pytest.approx(np.mean(y))
    assert pooled.std_error == pytest.approx(np.std(y, ddof=1) / 2)
    assert pooled.tau2 == pytest.approx(np.var(y, ddof=1) - 0.02)


def test_a_cohort_too_small_for_a_variance_is_left_out_and_named():
    scores = read("equal_two")
    lone = pair_scores(scores, "pre", "post").query("cohort == 'c04'")["participant"].iloc[1:]
    found = estimate_pooled_change(scores[~scores["participant"].isin(lone)], "pre", "post")
    assert found["n_cohorts"].tolist() == [4, 4]
    assert found["flag"].str.contains("without c04").all()
    assert list(found.columns) == COLUMNS


def test_what_cannot_be_pooled_is_refused():
    rows = [
        (f"p{n}", f"c{n // 3}", wave, 2.0 + (wave == "post") * (1 + n % 3))
        for n in range(9)
        for wave in ("pre", "post")
    ]
    alike = pd.DataFrame(rows, columns=["participant", "cohort", "wave", "score"])
    with pytest.raises(DataError, match="mean changes are all equal"):
        estimate_pooled_change(alike, "pre", "post")
    with pytest.raises(DataError, match=r"1 cohort\(s\) with two participants"):
        estimate_pooled_change(read("equal_two").query("cohort == 'c00'"), "pre", "post")
    for estimates, variances in (([0.1], [0.1]), ([0.1, 0.2], [0.1, 0.0])):
        with pytest.raises(DataError, match="pooling needs two, each with a variance above 0"):
            pool_cohorts(estimates, variances)
