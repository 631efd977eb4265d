"""Every number of the evaluation on public data sets, against R."""

import sys
from importlib import import_module
from pathlib import Path

import pandas as pd
import pytest

from coprod.training.mixed import fit_mixed

FOLDER = Path(__file__).resolve().parents[1] / "reference"
sys.path.insert(0, str(FOLDER))
agreement = import_module("agreement")
REFERENCE = agreement.read_reference()
CASES = REFERENCE[["data", "quantity"]].drop_duplicates().to_numpy().tolist()
COMPARED: dict[str, pd.DataFrame] = {}


def compared(data: str) -> pd.DataFrame:
    if data not in COMPARED:
        COMPARED[data] = agreement.compare(data)
    return COMPARED[data]


@pytest.mark.parametrize(("data", "quantity"), CASES)
def test_the_numbers_are_r_s(data, quantity):
    rows = compared(data)
    rows = rows[rows["quantity"] == quantity]
    assert len(rows) == ((REFERENCE["data"] == data) & (REFERENCE["quantity"] == quantity)).sum()
    assert rows["met"].all(), rows[~rows["met"]].to_string()


def test_every_number_of_r_s_is_used_and_none_is_missing():
    rows = pd.concat([compared(data) for data in REFERENCE["data"].unique()])
    keys = agreement.KEYS
    assert not REFERENCE.duplicated(keys).any()
    assert REFERENCE["value"].notna().all()
    both = REFERENCE.merge(rows, on=keys, how="outer", indicator=True)
    assert both["_merge"].eq("both").all()
    assert both[["expected", "found"]].notna().all(axis=None)
    assert (both["expected"] == both["value"]).all()
    assert set(REFERENCE["data"]) == {*agreement.public.RECIPES, *agreement.public.SCALES}


def test_lme4_did_not_stop_early_by_much():
    # the tolerance allows a lower criterion; a wrong constant would show as one
    rows = pd.concat([compared(data).query("quantity == 'criterion'") for data in agreement.public.RECIPES])
    assert (rows["expected"] - rows["found"]).abs().max() < 1e-4


def test_the_data_sets_are_of_the_shape_of_a_training():
    scores = {name: agreement.public.prepare(name) for name in agreement.public.RECIPES}
    cohorts = {name: table["cohort"].nunique() for name, table in scores.items()}
    kept = {name: table.dropna(subset="score") for name, table in scores.items()}
    answered = {name: table["wave"].value_counts() for name, table in kept.items()}
    assert sum(number >= 3 for number in cohorts.values()) >= 4
    assert sum(number == 5 for number in cohorts.values()) >= 2
    assert sum(len(waves) >= 3 for waves in answered.values()) >= 3
    assert sum(waves.iloc[-1] < 0.9 * waves.max() for waves in answered.values()) >= 2
    for table in kept.values():
        assert not table.duplicated(["participant", "wave"]).any()
        assert table.groupby("participant")["cohort"].nunique().eq(1).all()


def test_the_variance_of_dyestuff2_is_zero_and_flagged():
    fit = fit_mixed(agreement.public.prepare("dyestuff2"), "these_cohorts")
    assert fit.boundary == ("participant",)
    table = fit.table_variance().set_index("component")
    assert table.loc["participant", "variance"] == pytest.approx(0, abs=1e-8)
    assert fit.estimate_changes()["flag"].str.contains("variance of participant is estimated at 0").all()


def test_the_simulated_data_sets_agree_too():
    rows = agreement.compare_simulated()
    assert {*rows["quantity"], *REFERENCE["quantity"]} == set(agreement.TOLERANCES)
    assert rows["met"].all(), rows[~rows["met"]].to_string()
    assert rows["found"].notna().all()


@pytest.mark.parametrize(
    ("quantity", "factor"),
    [("criterion", 1 + 1e-8), ("std_error", 1.0001), ("df_kr", 0.99), ("cr2_df", 1 + 1e-7), ("webb_reached", 2)],
)
def test_a_number_that_is_off_is_not_met(quantity, factor):
    rows = compared("anorexia")
    rows = rows[rows["quantity"] == quantity].reset_index(drop=True)
    rows["found"] *= factor
    assert not agreement.judge(rows)["met"].any()
