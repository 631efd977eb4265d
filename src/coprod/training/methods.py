"""The methods as readers are told of them: what each is called, what it does, and whom it speaks of."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import pandas as pd


class Method(NamedTuple):
    """A method's name for readers, and what makes its numbers differ from the others'."""

    label: str
    why: str
    unit: str = "points"


METHODS: Mapping[str, Method] = MappingProxyType({
    "lmm-kenward-roger": Method(
        "Mixed model, Kenward-Roger",
        "takes everybody who answered at least once; error and degrees of freedom corrected for few cohorts",
    ),
    "lmm-satterthwaite": Method(
        "Mixed model, Satterthwaite",
        "the same model; degrees of freedom leave out what is estimated at zero, and can then be far too many",
    ),
    "cr2-satterthwaite": Method(
        "Mean change, cluster-robust (CR2)", "takes those with both answers, each person with the same weight"
    ),
    "cohort-means-t": Method(
        "t test on the cohorts' mean changes", "takes those with both answers, each cohort with the same weight"
    ),
    "wild-webb": Method(
        "Wild bootstrap over cohorts (Webb)", "the cluster-robust test again, its p value by going through every draw"
    ),
    "sign-flip": Method(
        "Sign flips of the cohorts' means", "exact; with few cohorts it cannot give a small p value, whatever the data"
    ),
    "d-av": Method(
        "Effect size d_av", "in standard deviations of the scores, the average of both waves; Hedges-corrected",
        "standard deviations",
    ),
    "d-z": Method("Effect size d_z", "in standard deviations of the changes; Hedges-corrected", "standard deviations"),
    "reml-knapp-hartung": Method(
        "Cohorts pooled, Knapp-Hartung", "weighs each cohort by how exactly its change is known and by how cohorts vary"
    ),
    "stratified-t": Method(
        "Average of the cohorts' mean changes", "takes these cohorts as they are, each with the same weight"
    ),
    "pattern-mixture": Method(
        "Pattern mixture", "supposes how those who did not reply changed, and allows for their being unseen"
    ),
    "rubin": Method(
        "Multiple imputation, Rubin's rules", "fills in missing scores many times from what people answered"
    ),
    "cumulative-logit": Method(
        "Cumulative logit", "takes scores as ranked, not as distances; above 0 is a shift upwards", "log odds"
    ),
    "probability-of-improvement": Method(
        "Probability of improvement", "how often a later score is the higher of the two; one half is no change",
        "probability",
    ),
    "prediction": Method("Prediction for a new cohort", "where the true change of one more, similar cohort may lie"),
    "statsmodels-mixedlm": Method(
        "Mixed model of statsmodels", "the second opinion; takes z for t, as if there were cohorts without number"
    ),
    "statsmodels-cluster": Method(
        "Cluster-robust error of statsmodels", "the second opinion; its correction and z are made for many cohorts"
    ),
})  # fmt: skip
"""The methods by the name they have in tables."""
FRAMES: Mapping[str, str] = MappingProxyType({"these_cohorts": "these cohorts", "future_cohorts": "future cohorts"})
"""Whom an estimate speaks of, likewise."""


def name_methods(rows: pd.DataFrame) -> pd.DataFrame:
    """Add to estimates what a reader needs to tell them apart.

    Parameters
    ----------
    rows : DataFrame
        ``frame`` and ``method`` of estimates.

    Returns
    -------
    DataFrame
        With ``label``, the method's name in words; ``unit`` of the estimate, its error and its interval, missing where
        there is no method; and ``whom`` the estimate speaks of.

    Examples
    --------
    >>> rows = pd.DataFrame({"frame": ["these_cohorts"], "method": ["cumulative-logit"]})
    >>> name_methods(rows)[["label", "unit", "whom"]].to_numpy().tolist()
    [['Cumulative logit', 'log odds', 'these cohorts']]
    """
    known = [METHODS.get(method) for method in rows["method"]]
    labels = [row.label if row else method for row, method in zip(known, rows["method"], strict=True)]
    units = pd.Series([row.unit if row else None for row in known], index=rows.index, dtype=object)
    return rows.assign(label=labels, unit=units, whom=[FRAMES.get(frame, frame) for frame in rows["frame"]])
