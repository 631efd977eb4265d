"""Every method on every scale and wave, side by side; none of them chosen after the fact.

What cannot be estimated is a row with its reason in ``flag``, never a hole: a training of one cohort still has
its results for that cohort, and is told why it has none for future ones.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, get_args

import numpy as np
import pandas as pd

from coprod.errors import DataError
from coprod.training.effects import estimate_cohort_change, estimate_effect_size
from coprod.training.estimates import COLUMNS, TOO_MANY, flag_degrees, t_test, table_rows
from coprod.training.meta import estimate_pooled_change
from coprod.training.mixed import METHODS, Weights, fit_mixed
from coprod.training.reml import Frame
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

    Examples
    --------
    >>> from coprod.training.study import read_study
    >>> scores = read_study().score()
    >>> rows = estimate_changes(scores, ["before", "after", "later"])
    >>> rows[["frame", "method", "estimate"]].round(2).to_numpy().tolist()[0]
    ['these_cohorts', 'lmm-kenward-roger', 0.51]
    """
    rows = [_mixed(scores, frame, waves, level) for frame in get_args(Frame)]
    for wave in waves[1:]:
        for frame, methods, estimate in METHODS_OF_PAIRS:
            rows.append(_attempt(partial(estimate, scores, waves[0], wave, level, seed), frame,
                                 f"{wave} - {waves[0]}", methods))  # fmt: skip
    return flag_degrees(pd.concat([part for part in rows if len(part)], ignore_index=True)[COLUMNS])


def estimate_study(study: Study) -> pd.DataFrame:
    """Estimate the changes of all scales of a study: the rows of ``estimates.csv``.

    Parameters
    ----------
    study : Study
        What was asked, and the answers.

    Returns
    -------
    DataFrame
        Rows of :func:`estimate_changes` with ``scale``, one for each scale, wave, frame and method.

    Examples
    --------
    >>> from coprod.training.study import read_study
    >>> estimates = estimate_study(read_study())
    >>> row = find_headline(read_study(), estimates)
    >>> row["term"], round(row["estimate"], 2), row["n_participants"]
    ('after - before', 0.48, 106)
    """
    analysis, waves = study.protocol.analysis, study.protocol.columns.waves
    parts = []
    for entry in study.protocol.scale:
        try:
            part = estimate_changes(study.score(entry.name), waves, analysis.level, analysis.seed)
        except DataError as error:
            part = table_rows([{"flag": str(error)}])
        parts.append(part.assign(scale=entry.name))
    return pd.concat(parts, ignore_index=True)


def find_headlines(estimates: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """Return the rows of future cohorts that sentences rest on, with no more degrees of freedom than cohorts allow.

    It is always the mixed model with Kenward and Roger's correction. Its degrees of freedom can exceed G - 1, when a
    variance between cohorts is estimated near 0; a sentence about future cohorts then takes G - 1 instead, and its
    interval and p value follow.

    Parameters
    ----------
    estimates : DataFrame
        Of :func:`estimate_study` or :func:`estimate_changes`.
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        One row per scale and term, in the columns of :data:`coprod.training.estimates.COLUMNS`.

    Examples
    --------
    >>> row = {"frame": HEADLINE_FRAME, "method": HEADLINE_METHOD, "estimate": 1.0, "std_error": 0.5}
    >>> find_headlines(table_rows([{**row, "df": 7.5, "n_cohorts": 5}]))["df"].item()
    4.0
    """
    chosen = (estimates["frame"] == HEADLINE_FRAME) & (estimates["method"] == HEADLINE_METHOD)
    rows = estimates[chosen].reset_index(drop=True).astype({"flag": object})
    most = rows["n_cohorts"] - 1
    for index in rows.index[(rows["df"] > most).to_numpy(dtype=bool, na_value=False)]:
        row = rows.loc[index]
        held = t_test(float(row["estimate"]), float(row["std_error"]), float(most[index]), level)
        rows.loc[index, list(held)] = list(held.values())
        said = (
            f"degrees of freedom held at {most[index]:g}, the cohorts less one; Kenward and Roger's are {row['df']:.1f}"
        )
        flag = row["flag"] if isinstance(row["flag"], str) else ""
        rows.loc[index, "flag"] = (
            flag.replace(TOO_MANY, said) if TOO_MANY in flag else "; ".join(filter(None, [flag, said]))
        )
    return rows


def find_headline(study: Study, estimates: pd.DataFrame, scale: str = "", wave: str = "") -> dict[Hashable, Any]:
    """Return the row that the sentence on a scale's change at a wave rests on; without numbers where there is none.

    Examples
    --------
    >>> from coprod.training.study import read_study
    >>> study = read_study()
    >>> row = find_headline(study, estimate_study(study))
    >>> row["frame"], row["method"], round(row["estimate"], 2)
    ('future_cohorts', 'lmm-kenward-roger', 0.48)
    """
    entry, term = study.find_scale(scale), f"{study.find_wave(wave)} - {study.protocol.baseline}"
    rows = find_headlines(estimates, study.protocol.analysis.level)
    chosen = rows[(rows["scale"] == entry.name) & (rows["term"] == term)]
    if len(chosen):
        return chosen.iloc[0].to_dict()
    flags = estimates.loc[estimates["scale"] == entry.name, "flag"].fillna("")
    reason = next(filter(None, flags), "there are no answers")
    return dict.fromkeys(COLUMNS) | {"scale": entry.name, "term": term, "flag": reason}


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
    """Return the variance components of every scale: ``scale, frame, component, variance, boundary``.

    Examples
    --------
    >>> from coprod.training.study import read_study
    >>> rows = table_variances(read_study())
    >>> rows[["scale", "frame", "component"]].to_numpy().tolist()[0]
    ['confidence', 'these_cohorts', 'residual']
    """
    parts = []
    for entry in study.protocol.scale:
        for frame in get_args(Frame):
            with suppress(DataError):  # the table of estimates says why
                fit = fit_mixed(study.score(entry.name), frame, waves=study.protocol.columns.waves)
                parts.append(fit.table_variance().assign(scale=entry.name))
    columns = ["scale", "frame", "component", "variance", "boundary"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)
