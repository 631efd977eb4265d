"""What coprod finds beside what R found, for every number in the folders of this one.

The tests and ``benchmarks/tolerances.py`` both read it from here.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
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

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER / "public"))
public = import_module("prepare")

KEYS = ["data", "frame", "term", "quantity"]
REFERENCE_KEYS = ["data", "frame", "cohort_effects", "covariates"]
Key = tuple[str, str, str]
Found = dict[Key, float]
SEED = 2017
MOST_BRUTE = 5
"""R goes through the draws of the bootstrap for this many cohorts at most."""

TOLERANCES: dict[str, tuple[str, float]] = {
    # lme4 may stop a little early, so that a criterion below its own is allowed, and one above is not
    "criterion": ("above", 1e-6),
    "estimate": ("relative", 1e-5),
    "std_error": ("relative", 1e-5),
    # lmerTest takes derivatives numerically, pbkrtest at lme4's optimum
    "df_satterthwaite": ("relative", 1e-3),
    "df_kr": ("relative", 1e-3),
    "std_error_kr": ("relative", 1e-3),
    # the criterion is flat at its optimum: a change of 1e-8 in it moves a variance by about 1e-4
    "variance": ("of the total", 1e-4),
    "at_zero": ("exact", 0),
    # closed forms, in the same precision
    **{
        f"{kind}_{name}": ("relative", 1e-8)
        for kind in ("cr0", "cr1", "cr2")
        for name in ("estimate", "std_error", "df")
    },
    **{f"t_{name}": ("relative", 1e-8) for name in ("estimate", "std_error", "p", "low", "high")},
    **dict.fromkeys(("flips", "flips_reached", "webb", "webb_reached", "meta_at_zero"), ("exact", 0)),
    # metafor searches the variance between cohorts by Fisher scoring
    **{f"meta_{name}": ("relative", 1e-6) for name in ("estimate", "std_error", "p", "low", "high")},
    **{f"predict_{name}": ("relative", 1e-6) for name in ("low", "high")},
    "d_z": ("relative", 1e-10),
    "d_av": ("relative", 1e-10),
    # R's roots of an integral; effectsize searches the same roots by a general optimiser
    **{f"{name}_{end}": ("absolute", 1e-8) for name in ("d_z", "d_av") for end in ("low", "high")},
    **{f"effectsize_{end}": ("absolute", 1e-4) for end in ("low", "high")},
    **dict.fromkeys(("alpha", "alpha_low", "alpha_high"), ("absolute", 1e-10)),
    # psych::fa stops when the residuals change by less than about this
    "omega": ("absolute", 1e-6),
    "holm": ("relative", 1e-8),
    "benjamini_hochberg": ("relative", 1e-8),
}
"""How a quantity is compared, and how far apart the two may be."""


def read_reference() -> pd.DataFrame:
    """Return R's numbers for the public data sets: ``data, frame, term, quantity, value``."""
    text = dict.fromkeys(KEYS, "str")
    return pd.read_csv(FOLDER / "public" / "reference.csv", dtype=text, keep_default_na=False)


def compare(data: str) -> pd.DataFrame:
    """Put coprod's numbers beside R's for a public data set.

    Returns
    -------
    DataFrame
        ``data, frame, term, quantity, expected, found, kind, difference, tolerance, met``. What only one of the two
        gives is missing on the other's side, and not met.
    """
    reference = read_reference().query("data == @data").drop(columns="data")
    values = find(data)
    given = set(reference[KEYS[1:]].itertuples(index=False, name=None))
    # where effectsize did not reach its own roots there is nothing to compare with
    values = {key: value for key, value in values.items() if key in given or not key[2].startswith("effectsize_")}
    found = pd.DataFrame([(*key, value) for key, value in values.items()], columns=[*KEYS[1:], "found"])
    both = reference.rename(columns={"value": "expected"}).merge(found, on=KEYS[1:], how="outer")
    return _judge(both.assign(data=data))


def compare_simulated() -> pd.DataFrame:
    """Put coprod's numbers beside R's for the simulated data sets, in the columns of :func:`compare`."""
    parts = [*_simulated_mixed(), *_simulated_robust(), *_simulated_meta()]
    return _judge(pd.DataFrame(parts, columns=[*KEYS, "expected", "found"]))


def _judge(both: pd.DataFrame) -> pd.DataFrame:
    both["kind"] = [TOLERANCES[name][0] for name in both["quantity"]]
    both["tolerance"] = [TOLERANCES[name][1] for name in both["quantity"]]
    variances = both["expected"].where(both["quantity"] == "variance")
    unit = pd.Series(1.0, index=both.index)
    unit = unit.mask(both["kind"] == "relative", both["expected"].abs())
    unit = unit.mask(both["kind"] == "of the total", variances.groupby([both["data"], both["frame"]]).transform("sum"))
    apart = both["found"] - both["expected"]
    both["difference"] = apart.where(both["kind"] == "above", apart.abs()) / unit
    both["met"] = both["difference"] <= both["tolerance"]
    return both[[*KEYS, "expected", "found", "kind", "difference", "tolerance", "met"]]


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
            found |= _variances(fit) | _changes(fit, frame, "cohorts")
            if frame == "these_cohorts" and scores["cohort"].nunique() > 1:
                found |= _changes(fit, f"{frame} by participants", "participants")
    return found


def _variances(fit: MixedFit) -> Found:
    found: Found = {(fit.frame, "", "criterion"): fit.criterion}
    for row in fit.table_variance().itertuples():
        found[fit.frame, str(row.component), "variance"] = float(str(row.variance))
        found[fit.frame, str(row.component), "at_zero"] = float(row.component in fit.boundary)
    return found


def _changes(fit: MixedFit, frame: str, weights: Weights) -> Found:
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
    sizes = _sizes(scores, before, after)
    found: Found = {}
    for method, name in (("d-z", "d_z"), ("d-av", "d_av")):
        values = _named(sizes.loc[method], name, estimate="", conf_low="_low", conf_high="_high")
        found |= _keyed("these_cohorts", after, values)
    ends = _named(sizes.loc["d-z"], "effectsize", conf_low="_low", conf_high="_high")
    found |= _keyed("these_cohorts", after, ends)
    if scores["cohort"].nunique() > 1:
        found |= _keyed("future_cohorts", after, _robust(scores, before, after) | _cohorts(scores, before, after))
    return found


def _sizes(scores: pd.DataFrame, before: str, after: str) -> pd.DataFrame:
    """Estimate the sizes of the change; where that is refused by scipy's noncentral t, of the turned scores."""
    try:
        return estimate_effect_size(scores, before, after).set_index("method")
    except ValueError:
        turned = estimate_effect_size(scores.assign(score=-scores["score"]), before, after).set_index("method")
        ends = {"estimate": "estimate", "conf_low": "conf_high", "conf_high": "conf_low"}
        return turned.assign(**{name: -turned[other] for name, other in ends.items()})


def _robust(scores: pd.DataFrame, before: str, after: str) -> dict[str, float]:
    pairs, values = pair_scores(scores, before, after), {}
    for kind in get_args(Kind):
        robust = estimate_robust(np.ones((len(pairs), 1)), pairs["change"], pairs["cohort"], [1], kind)
        values |= {f"{kind.lower()}_{name}": getattr(robust, name) for name in ("estimate", "std_error", "df")}
    return values


def _cohorts(scores: pd.DataFrame, before: str, after: str) -> dict[str, float]:
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


Comparison = tuple[str, str, str, str, float, float]


def _read_simulated(name: str) -> tuple[pd.DataFrame, list[str]]:
    scores = pd.read_csv(FOLDER / "mixed" / f"{name}.csv", dtype={"participant": str, "cohort": str})
    return scores, [wave for wave in ("pre", "post", "followup") if wave in set(scores["wave"])]


def _simulated_mixed() -> Iterator[Comparison]:
    reference = pd.read_csv(FOLDER / "mixed" / "reference.csv", keep_default_na=False)
    reference = pd.DataFrame({"cohort_effects": "level and change", "covariates": ""}, reference.index).assign(
        **reference
    )
    for (data, frame, effects, covariates), rows in reference.groupby(REFERENCE_KEYS):
        scores, waves = _read_simulated(data)
        fit = fit_mixed(scores, frame, waves=waves, cohort_effects=effects, covariates=covariates.split())
        found = _variances(fit) | _changes(fit, frame, "cohorts")
        label = ", ".join([frame, *([effects] if effects == "level" else []), *covariates.split()])
        # R codes these cohorts by sum contrasts there, whose determinant is their number
        coding = 2 * len(waves) * np.log(len(fit.sums.cohorts)) if frame == "these_cohorts" else 0.0
        yield data, label, "", "criterion", float(rows["criterion"].iloc[0]), fit.criterion + coding
        for row in rows.to_dict("records"):
            for name in ("estimate", "std_error", "df_satterthwaite", "std_error_kr", "df_kr"):
                yield data, label, row["wave"], name, float(row[name]), found[frame, row["wave"], name]


def _simulated_robust() -> Iterator[Comparison]:
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


def _simulated_meta() -> Iterator[Comparison]:
    for row in pd.read_csv(FOLDER / "meta" / "reference.csv").to_dict("records"):
        scores, _ = _read_simulated(row["data"])
        found = _cohorts(scores, "pre", "post")
        expected = {f"meta_{name}": row[name] for name in ("estimate", "std_error")}
        expected |= {"meta_p": row["p_value"], "meta_low": row["conf_low"], "meta_high": row["conf_high"]}
        expected |= {f"predict_{end}": row[f"predict_{end}"] for end in ("low", "high")}
        expected |= {"meta_at_zero": float(row["tau2"] < 1e-9)}
        for name, value in expected.items():
            yield row["data"], "future_cohorts", "post", name, value, found[name]
