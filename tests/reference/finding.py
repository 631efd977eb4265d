"""What coprod finds in the public data sets, named as in ``public/reference.csv``."""

from __future__ import annotations

import sys
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import get_args

import numpy as np
import pandas as pd

from coprod.errors import DataError
from coprod.training.effects import estimate_cohort_change, estimate_effect_size, pair_scores
from coprod.training.meta import estimate_pooled_change
from coprod.training.mixed import MixedFit, Weights, fit_mixed
from coprod.training.multiplicity import adjust_benjamini_hochberg, adjust_holm
from coprod.training.omega import estimate_omega
from coprod.training.reliability import estimate_alpha
from coprod.training.reml import Frame
from coprod.training.robust import Kind, estimate_robust

sys.path.insert(0, str(Path(__file__).resolve().parent / "public"))
public = import_module("prepare")

Key = tuple[str, str, str]
Found = dict[Key, float]
"""By frame, term and quantity."""
SEED = 2017
MOST_BRUTE = 5
"""R goes through the draws of the bootstrap for this many cohorts at most."""


@cache
def find(data: str) -> Found:
    """Return what coprod finds in a public data set."""
    if data in public.SCALES:
        return _reliability(public.prepare_items(data))
    scores, waves = public.prepare(data), public.RECIPES[data][0]
    found = _mixed(scores, waves)
    for wave in waves[1:]:
        found |= _pairs(scores, waves[0], wave)
    return found | _adjusted().get(data, {})


def _mixed(scores: pd.DataFrame, waves: list[str]) -> Found:
    """Fit both frames; one that cannot speak gives nothing, here as in R."""
    found: Found = {}
    for frame in get_args(Frame):
        with suppress(DataError):
            fit = fit_mixed(scores, frame, waves=waves)
            found |= find_variances(fit) | find_changes(fit, frame, "cohorts")
            if frame == "these_cohorts" and scores["cohort"].nunique() > 1:
                found |= find_changes(fit, f"{frame} by participants", "participants")
    return found


def find_variances(fit: MixedFit) -> Found:
    found: Found = {(fit.frame, "", "criterion"): fit.criterion}
    for row in fit.table_variance().itertuples():
        found[fit.frame, str(row.component), "variance"] = float(str(row.variance))
        found[fit.frame, str(row.component), "at_zero"] = float(row.component in fit.boundary)
    return found


def find_changes(fit: MixedFit, frame: str, weights: Weights) -> Found:
    found: Found = {}
    rows = fit.estimate_changes(weights=weights).set_index("method")
    for wave, kr, ours in zip(fit.sums.waves[1:], _records(rows, "lmm-kenward-roger"),
                              _records(rows, "lmm-satterthwaite"), strict=True):  # fmt: skip
        values = {"estimate": ours["estimate"], "std_error": ours["std_error"], "df_satterthwaite": ours["df"],
                  "std_error_kr": kr["std_error"], "df_kr": kr["df"]}  # fmt: skip
        found |= _keyed(frame, wave, values)
    return found


def _pairs(scores: pd.DataFrame, before: str, after: str) -> Found:
    """Estimate what takes the participants seen at both waves."""
    sizes = estimate_effect_size(scores, before, after).set_index("method")
    found: Found = {}
    for method, name in (("d-z", "d_z"), ("d-av", "d_av")):
        values = _named(sizes.loc[method], name, estimate="", conf_low="_low", conf_high="_high")
        found |= _keyed("these_cohorts", after, values)
    ends = _named(sizes.loc["d-z"], "effectsize", conf_low="_low", conf_high="_high")
    found |= _keyed("these_cohorts", after, ends)
    if scores["cohort"].nunique() > 1:
        found |= _keyed("future_cohorts", after, _robust(scores, before, after) | find_cohorts(scores, before, after))
    return found


def _robust(scores: pd.DataFrame, before: str, after: str) -> dict[str, float]:
    pairs, values = pair_scores(scores, before, after), {}
    for kind in get_args(Kind):
        robust = estimate_robust(np.ones((len(pairs), 1)), pairs["change"], pairs["cohort"], [1], kind)
        values |= {f"{kind.lower()}_{name}": getattr(robust, name) for name in ("estimate", "std_error", "df")}
    return values


def find_cohorts(scores: pd.DataFrame, before: str, after: str) -> dict[str, float]:
    rows = estimate_cohort_change(scores, before, after, rng=np.random.default_rng(SEED))
    pooled = estimate_pooled_change(scores, before, after)
    rows = pd.concat([rows, pooled], ignore_index=True).set_index("method")
    test = {
        "estimate": "_estimate",
        "std_error": "_std_error",
        "p_value": "_p",
        "conf_low": "_low",
        "conf_high": "_high",
    }
    values = _named(rows.loc["cohort-means-t"], "t", **test) | _named(rows.loc["reml-knapp-hartung"], "meta", **test)
    values |= _named(rows.loc["prediction"], "predict", conf_low="_low", conf_high="_high")
    values["meta_at_zero"] = float("estimated at 0" in rows.loc["prediction", "flag"])
    if "sign-flip" in rows.index:
        values |= _counted(rows.loc["sign-flip"], "flips", 2)
    if rows.loc["wild-webb", "n_cohorts"] <= MOST_BRUTE:
        values |= _counted(rows.loc["wild-webb"], "webb", 6)
    return values


def _counted(row: pd.Series, name: str, points: int) -> dict[str, float]:
    """Return the number of draws and of those that reached the observed statistic.

    The draws that can only tie with it are as many as there are points, which the smallest p is made of.
    """
    draws = points / row["p_smallest"]
    return {name: draws, f"{name}_reached": row["p_value"] * draws}


def _reliability(items: pd.DataFrame) -> Found:
    alpha = estimate_alpha(items)
    values = {"alpha": alpha.alpha, "alpha_low": alpha.conf_low, "alpha_high": alpha.conf_high}
    return _keyed("", "", values | {"omega": estimate_omega(items).omega})


@cache
def _adjusted() -> dict[str, Found]:
    """Adjust the p values of the t on cohort means at the last wave, the public data sets together."""
    rows = []
    for data, (waves, _) in public.RECIPES.items():
        scores = public.prepare(data)
        if scores["cohort"].nunique() > 1:
            row = estimate_cohort_change(scores, waves[0], waves[-1], rng=np.random.default_rng(SEED)).iloc[1]
            rows.append((data, waves[-1], row["p_value"]))
    frame = pd.DataFrame(rows, columns=["data", "wave", "p"])
    frame["holm"], frame["bh"] = adjust_holm(frame["p"]), adjust_benjamini_hochberg(frame["p"])
    return {row.data: _keyed("future_cohorts", row.wave, {"holm": row.holm, "benjamini_hochberg": row.bh})
            for row in frame.itertuples()}  # fmt: skip


def _records(rows: pd.DataFrame, method: str) -> list[dict[str, float]]:
    return rows.loc[[method]].to_dict("records")  # type: ignore[return-value]


def _named(row: pd.Series, name: str, **endings: str) -> dict[str, float]:
    return {f"{name}{ending}": float(row[column]) for column, ending in endings.items()}


def _keyed(frame: str, term: str, values: dict[str, float]) -> Found:
    return {(frame, term, name): value for name, value in values.items()}
