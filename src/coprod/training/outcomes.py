"""Every method on every scale and wave, side by side; none of them chosen after the fact.

What cannot be estimated is a row with its reason in ``flag``, never a hole: a training of one cohort still has
its results for that cohort, and is told why it has none for future ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import get_args

import numpy as np
import pandas as pd

from coprod.errors import DataError
from coprod.training.effects import estimate_cohort_change, estimate_effect_size, pair_scores
from coprod.training.estimates import COLUMNS, t_test, table_rows
from coprod.training.meta import estimate_pooled_change
from coprod.training.mixed import METHODS, Weights, fit_mixed
from coprod.training.multiplicity import adjust_benjamini_hochberg, adjust_holm
from coprod.training.reml import Frame
from coprod.training.robust import estimate_robust
from coprod.training.study import Study

HEADLINE_FRAME, HEADLINE_METHOD = "future_cohorts", "lmm-kenward-roger"
"""The row that a sentence about a change rests on."""


def _of_cohorts(scores: pd.DataFrame, before: str, after: str, level: float, seed: int) -> pd.DataFrame:
    return estimate_cohort_change(scores, before, after, level=level, rng=np.random.default_rng(seed))


def _pooled(scores: pd.DataFrame, before: str, after: str, level: float, _: int) -> pd.DataFrame:
    return estimate_pooled_change(scores, before, after, level=level)


def _sizes(scores: pd.DataFrame, before: str, after: str, level: float, _: int) -> pd.DataFrame:
    return estimate_effect_size(scores, before, after, level=level)


METHODS_OF_PAIRS = (
    ("future_cohorts", ("cr2-satterthwaite", "cohort-means-t", "wild-webb", "sign-flip"), _of_cohorts),
    ("future_cohorts", ("reml-knapp-hartung", "prediction"), _pooled),
    ("these_cohorts", ("d-av", "d-z"), _sizes),
)


def estimate_changes(scores: pd.DataFrame, waves: Sequence[str], level: float = 0.95, seed: int = 2017) -> pd.DataFrame:
    """Estimate the change from the baseline to each later wave by every method.

    Parameters
    ----------
    scores : DataFrame
        ``participant, cohort, wave, score`` of one scale.
    waves : sequence of str
        In order, the baseline first.
    level : float
        Confidence level.
    seed : int
        For the bootstrap with many cohorts.

    Returns
    -------
    DataFrame
        The columns of :data:`coprod.training.estimates.COLUMNS`; a method that cannot speak has a row without
        numbers whose ``flag`` says why.
    """
    rows = [_mixed(scores, frame, waves, level) for frame in get_args(Frame)]
    for wave in waves[1:]:
        for frame, methods, estimate in METHODS_OF_PAIRS:
            rows.append(_attempt(partial(estimate, scores, waves[0], wave, level, seed), frame,
                                 f"{wave} - {waves[0]}", methods))  # fmt: skip
    return pd.concat([part for part in rows if len(part)], ignore_index=True)[COLUMNS]


def estimate_study(study: Study) -> pd.DataFrame:
    """Estimate the changes of all scales of a study: the rows of ``estimates.csv``."""
    analysis, waves = study.protocol.analysis, study.protocol.columns.waves
    parts = []
    for entry in study.protocol.scale:
        try:
            part = estimate_changes(study.score(entry.name), waves, analysis.level, analysis.seed)
        except DataError as error:
            part = table_rows([{"flag": str(error)}])
        parts.append(part.assign(scale=entry.name))
    return pd.concat(parts, ignore_index=True)


def find_headline(estimates: pd.DataFrame, scale: str, term: str, method: str = HEADLINE_METHOD) -> pd.Series:
    """Return the row of future cohorts that a sentence rests on."""
    chosen = estimates[_is_headline(estimates, method) & (estimates["scale"] == scale) & (estimates["term"] == term)]
    if chosen.empty or chosen["estimate"].isna().all():
        raise DataError(f"no estimate of scale {scale!r}, {term}, by {method}; see the flags in the table of estimates")
    return chosen.iloc[0]


def _mixed(scores: pd.DataFrame, frame: Frame, waves: Sequence[str], level: float) -> pd.DataFrame:
    """Fit the mixed model of a frame; for these cohorts both ways of weighing them."""
    weights: tuple[Weights, ...] = get_args(Weights) if frame == "these_cohorts" else ("cohorts",)

    def estimate() -> pd.DataFrame:
        fit = fit_mixed(scores, frame, waves=waves)
        return pd.concat([fit.estimate_changes(level, weight) for weight in weights], ignore_index=True)

    reasons = [_attempt(estimate, frame, f"{wave} - {waves[0]}", METHODS) for wave in waves[1:]]
    return reasons[0] if reasons[0]["estimate"].notna().any() else pd.concat(reasons, ignore_index=True)


def _attempt(estimate: Callable[[], pd.DataFrame], frame: str, term: str, methods: Sequence[str]) -> pd.DataFrame:
    """Estimate, or say for each method why it cannot."""
    try:
        return estimate()
    except DataError as error:
        shared = {"frame": frame, "term": term, "flag": str(error)}
        return table_rows([{**shared, "method": method} for method in methods])


def table_variances(study: Study) -> pd.DataFrame:
    """Return the variance components of every scale: ``scale, frame, component, variance, boundary``."""
    parts = []
    for entry in study.protocol.scale:
        for frame in get_args(Frame):
            with suppress(DataError):  # the table of estimates says why
                fit = fit_mixed(study.score(entry.name), frame, waves=study.protocol.columns.waves)
                parts.append(fit.table_variance().assign(scale=entry.name))
    columns = ["scale", "frame", "component", "variance", "boundary"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def _is_headline(estimates: pd.DataFrame, method: str = HEADLINE_METHOD) -> pd.Series:
    return (estimates["frame"] == HEADLINE_FRAME) & (estimates["method"] == method)


def compare_scales(estimates: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Adjust the headline p values of the scales that are not primary, by Holm, at the primary wave.

    Returns
    -------
    DataFrame
        ``scale, term, estimate, conf_low, conf_high, p_value, p_holm, role``.
    """
    term = f"{study.find_wave()} - {study.protocol.baseline}"
    rows = estimates[_is_headline(estimates) & (estimates["term"] == term)].copy()
    primary = rows["scale"] == study.protocol.analysis.primary_scale
    rows["role"] = np.where(primary, "primary", "secondary")
    rows["p_holm"] = adjust_holm(rows["p_value"].mask(primary))
    columns = ["scale", "term", "estimate", "conf_low", "conf_high", "p_value", "p_holm", "n_participants", "role"]
    return rows[columns].reset_index(drop=True)


def compare_items(study: Study, scale: str = "", wave: str = "") -> pd.DataFrame:
    """Estimate each item's change by CR2, p adjusted by Benjamini and Hochberg; exploratory.

    Returns
    -------
    DataFrame
        ``item, estimate, std_error, df, p_value, p_bh, n_participants, flag``; reverse-scored items are turned.
    """
    entry, after = study.find_scale(scale), study.find_wave(wave)
    turned = study.responses[study.responses["item"].isin(entry.answers)].rename(columns={"response": "score"})
    flipped = turned["item"].isin(entry.reverse)
    turned["score"] = turned["score"].where(~flipped, entry.minimum + entry.maximum - turned["score"])
    rows: list[dict[str, object]] = []
    for item in entry.answers:
        try:
            pairs = pair_scores(turned[turned["item"] == item], study.protocol.baseline, after)
            robust = estimate_robust(np.ones((len(pairs), 1)), pairs["change"], pairs["cohort"], [1])
            test = t_test(robust.estimate, robust.std_error, robust.df, study.protocol.analysis.level)
            rows.append({"item": item, **test, "n_participants": len(pairs)})
        except DataError as error:
            rows.append({"item": item, "flag": str(error)})
    names = ["item", "estimate", "std_error", "df", "p_value", "n_participants", "flag"]
    frame = pd.DataFrame(rows).reindex(columns=names)
    frame.insert(5, "p_bh", adjust_benjamini_hochberg(frame["p_value"]))
    return frame.assign(flag=frame["flag"].fillna(""))
