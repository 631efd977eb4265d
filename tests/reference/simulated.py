"""What coprod finds beside what R found in the simulated data sets, and in numbers made up for pooling."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd

from coprod.training.effects import pair_scores
from coprod.training.mixed import MixedFit, fit_mixed
from coprod.training.ordinal import estimate_odds
from coprod.training.pooling import pool_imputations
from coprod.training.robust import estimate_robust

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER))
finding = import_module("finding")

REFERENCE_KEYS = ["data", "frame", "cohort_effects", "covariates"]
Comparison = tuple[str, str, str, str, float, float]
"""Data, frame, term, quantity, what R found and what coprod finds."""


def list_all() -> list[Comparison]:
    """Return every pair of numbers."""
    return [*_list_mixed(), *_list_unstructured(), *_list_robust(), *_list_meta(), *_list_pooled(), *_list_ordinal()]


def _read_simulated(name: str) -> tuple[pd.DataFrame, list[str]]:
    scores = pd.read_csv(FOLDER / "mixed" / f"{name}.csv", dtype={"participant": str, "cohort": str})
    return scores, [wave for wave in ("pre", "post", "followup") if wave in set(scores["wave"])]


def _list_mixed() -> Iterator[Comparison]:
    reference = pd.read_csv(FOLDER / "mixed" / "reference.csv", keep_default_na=False)
    for (data, frame, effects, covariates), rows in reference.groupby(REFERENCE_KEYS):
        scores, waves = _read_simulated(data)
        fit = fit_mixed(scores, frame, waves=waves, cohort_effects=effects, covariates=covariates.split())
        found = finding.find_variances(fit) | finding.find_changes(fit, frame, "cohorts")
        label = ", ".join([frame, *([effects] if effects == "level" else []), *covariates.split()])
        criterion = fit.criterion + _coding(fit)
        yield data, label, "", "criterion", float(rows["criterion"].iloc[0]), criterion
        for row in rows.to_dict("records"):
            for name in ("estimate", "std_error", "df_satterthwaite", "std_error_kr", "df_kr"):
                yield data, label, row["wave"], name, float(row[name]), found[frame, row["wave"], name]


def _coding(fit: MixedFit) -> float:
    """Return what the criterion gains by the sum contrasts that R codes these cohorts with there.

    Their determinant is the number of cohorts.
    """
    return 2 * len(fit.sums.waves) * float(np.log(len(fit.sums.cohorts))) if fit.frame == "these_cohorts" else 0.0


def _list_unstructured() -> Iterator[Comparison]:
    reference = pd.read_csv(FOLDER / "mixed" / "unstructured.csv", keep_default_na=False)
    for (data, covariates), rows in reference.groupby(["data", "covariates"]):
        scores, waves = _read_simulated(data)
        columns = covariates.split()
        fit = fit_mixed(scores, "these_cohorts", waves=waves, covariance="unstructured", covariates=columns)
        found = finding.find_changes(fit, "these_cohorts", "cohorts")
        label = ", ".join(["these_cohorts", "unstructured", *columns])
        yield data, label, "", "criterion", float(rows["criterion"].iloc[0]), fit.criterion + _coding(fit)
        for row in rows.to_dict("records"):
            for name in ("estimate", "std_error"):
                yield data, label, row["wave"], name, float(row[name]), found["these_cohorts", row["wave"], name]


def _list_robust() -> Iterator[Comparison]:
    for row in pd.read_csv(FOLDER / "robust" / "reference.csv").to_dict("records"):
        scores, _ = _read_simulated(row["data"])
        if row["model"] == "change":
            pairs = pair_scores(scores, "pre", "post")
            design, outcome, cohort, contrast = np.ones((len(pairs), 1)), pairs["change"], pairs["cohort"], [1]
        else:
            rows = scores[scores["wave"] != "followup"]
            design = np.column_stack([np.ones(len(rows)), rows["wave"] == "post"]).astype(float)
            outcome, cohort, contrast = rows["score"], rows["cohort"], [0, 1]
        robust = estimate_robust(design, outcome, cohort, contrast, row["kind"])
        for name in ("estimate", "std_error", "df"):
            yield row["data"], row["model"], "post", f"{row['kind'].lower()}_{name}", row[name], getattr(robust, name)


def _list_meta() -> Iterator[Comparison]:
    for row in pd.read_csv(FOLDER / "meta" / "reference.csv").to_dict("records"):
        scores, _ = _read_simulated(row["data"])
        found = finding.find_cohorts(scores, "pre", "post")
        expected = {f"meta_{name}": row[name] for name in ("estimate", "std_error")}
        expected |= {"meta_p": row["p_value"], "meta_low": row["conf_low"], "meta_high": row["conf_high"]}
        expected |= {f"predict_{end}": row[f"predict_{end}"] for end in ("low", "high")}
        expected |= {"meta_at_zero": float(row["tau2"] < 1e-9)}
        for name, value in expected.items():
            yield row["data"], "future_cohorts", "post", name, value, found[name]


def _list_pooled() -> Iterator[Comparison]:
    for number, row in enumerate(pd.read_csv(FOLDER / "imputation" / "pooled.csv").to_dict("records")):
        estimates, variances = ([float(part) for part in row[name].split()] for name in ("q", "u"))
        found = pool_imputations(estimates, variances, df_complete=row["df_complete"])
        for name in ("estimate", "within", "between", "total", "df", "fmi"):
            yield "pooled", "", f"case {number}", f"rubin_{name}", row[name], getattr(found, name)


def _list_ordinal() -> Iterator[Comparison]:
    for row in pd.read_csv(FOLDER / "ordinal" / "reference.csv").to_dict("records"):
        scores = _read_simulated(row["data"])[0].query("wave != 'followup'")
        halves = scores.assign(score=np.floor(2 * scores["score"]) / 2)
        found = estimate_odds(halves, "pre", "post").set_index("frame")
        cohorts = halves["cohort"].nunique()
        these, future = found.loc["these_cohorts"], found.loc["future_cohorts"]
        yield row["data"], "these_cohorts", "post", "clm_estimate", row["average"], these["estimate"]
        yield row["data"], "these_cohorts", "post", "clm_std_error", row["average_error"], these["std_error"]
        spread = row["spread"] / np.sqrt(cohorts)
        yield row["data"], "future_cohorts", "post", "clm_std_error_cohorts", spread, future["std_error"]
