"""Beside the primary outcome: other scales, single items, and whether a change was kept."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pandas as pd

from coprod.errors import DataError
from coprod.training.effects import estimate_cohort_change, pair_scores
from coprod.training.estimates import t_test, table_rows
from coprod.training.multiplicity import adjust_benjamini_hochberg, adjust_holm, check_kept
from coprod.training.outcomes import find_headline, find_headlines
from coprod.training.reml import Frame
from coprod.training.robust import estimate_robust
from coprod.training.second_opinion import METHODS, estimate_statsmodels
from coprod.training.study import Study
from coprod.training.words import find_direction

SECOND_OPINION = METHODS[0]
NO_CHANGE = "no clear change to keep"
MISSING = "a cohort is missing"
NOT_ASKED = "not asked, since the change was not shown to be kept before"


def compare_scales(study: Study, estimates: pd.DataFrame) -> pd.DataFrame:
    """Set the scales side by side at the primary wave; p values of those not primary are adjusted by Holm.

    Parameters
    ----------
    study : Study
        What was asked.
    estimates : DataFrame
        Of :func:`coprod.training.outcomes.estimate_study`.

    Returns
    -------
    DataFrame
        ``scale, term, estimate, conf_low, conf_high, p_value, p_holm, n_participants, role``; ``p_holm`` is missing
        for the primary scale, which is the only one tested at full level.

    Examples
    --------
    >>> from coprod.training.study import read_study
    >>> from coprod.training.outcomes import estimate_study
    >>> study = read_study()
    >>> compare_scales(study, estimate_study(study))[["scale", "role"]].to_numpy().tolist()
    [['confidence', 'primary'], ['knowledge', 'secondary']]
    """
    term = f"{study.find_wave()} - {study.protocol.baseline}"
    rows = find_headlines(estimates, study.protocol.analysis.level)
    rows = rows[rows["term"] == term].copy()
    primary = rows["scale"] == study.protocol.analysis.primary_scale
    rows["role"] = np.where(primary, "primary", "secondary")
    rows["p_holm"] = adjust_holm(rows["p_value"].mask(primary))
    columns = ["scale", "term", "estimate", "conf_low", "conf_high", "p_value", "p_holm", "n_participants", "role"]
    return rows[columns].reset_index(drop=True)


def compare_items(study: Study, scale: str = "", wave: str = "") -> pd.DataFrame:
    """Estimate each item's change by CR2, p adjusted by Benjamini and Hochberg; exploratory.

    Parameters
    ----------
    study : Study
        What was asked.
    scale, wave : str
        The primary ones by default.

    Returns
    -------
    DataFrame
        ``item, wording, estimate, std_error, df, p_value, p_bh, n_participants, flag``; reverse-scored items are
        turned, and what cannot be estimated has a reason in ``flag``.

    Examples
    --------
    >>> from coprod.training.study import read_study
    >>> items = compare_items(read_study())[["item", "estimate", "n_participants"]]
    >>> items.round(2).to_numpy().tolist()[0]
    ['c1', 0.44, 98]
    """
    entry, after = study.find_scale(scale), study.find_wave(wave)
    turned = study.answers(entry.name)
    rows: list[dict[str, object]] = []
    for item in entry.answers:
        row: dict[str, object] = {"item": item, "wording": entry.wording.get(item, item), "flag": ""}
        try:
            pairs = pair_scores(turned[item].rename("score").reset_index(), study.protocol.baseline, after)
            robust = estimate_robust(np.ones((len(pairs), 1)), pairs["change"], pairs["cohort"], [1])
            row |= {"estimate": robust.estimate, "n_participants": len(pairs)}
            if robust.std_error > 1e-12 * max(1.0, abs(robust.estimate)):
                row |= t_test(robust.estimate, robust.std_error, robust.df, study.protocol.analysis.level)
            else:
                row["flag"] = "the cohorts' changes do not vary"
        except DataError as error:
            row["flag"] = str(error)
        rows.append(row)
    names = ["item", "wording", "estimate", "std_error", "df", "p_value", "n_participants", "flag"]
    frame = pd.DataFrame(rows).reindex(columns=names)
    frame.insert(6, "p_bh", adjust_benjamini_hochberg(frame["p_value"].astype(float)))
    return frame


def ask_statsmodels(study: Study, scale: str = "") -> pd.DataFrame:
    """Ask statsmodels for the changes of a scale, for both frames: the second opinion.

    Returns
    -------
    DataFrame
        Rows of :func:`coprod.training.second_opinion.estimate_statsmodels`, ``scale`` filled in; a frame that cannot
        be estimated has rows whose ``flag`` says why.

    Parameters
    ----------
    study : Study
        What was asked, and the answers.
    scale : str
        A scale; the primary one by default.

    Examples
    --------
    >>> from coprod.training.study import read_study
    >>> opinions = ask_statsmodels(read_study(), "knowledge")
    >>> opinions[["frame", "term", "method"]].to_numpy().tolist()[0]
    ['these_cohorts', 'after - before', 'statsmodels-mixedlm']
    """
    entry = study.find_scale(scale)
    scores, waves, level = study.score(entry.name), study.protocol.columns.waves, study.protocol.analysis.level
    parts = []
    for frame in get_args(Frame):
        try:
            parts.append(estimate_statsmodels(scores, waves, frame, level))
        except DataError as error:
            shared = {"frame": frame, "method": SECOND_OPINION, "flag": str(error)}
            parts.append(table_rows([{**shared, "term": f"{wave} - {waves[0]}"} for wave in waves[1:]]))
    return pd.concat(parts, ignore_index=True).assign(scale=entry.name)


def estimate_kept(study: Study, estimates: pd.DataFrame, scale: str = "") -> pd.DataFrame:
    """Ask wave by wave, in their order, whether the change at the primary wave was kept.

    The difference between a later wave and the primary one is taken with cohorts as the unit (t on cohort means) and
    tested for equivalence with the protocol's margin. A wave is asked only if the change was clear and was kept at
    every wave before it, so that no adjustment for several waves is needed.

    Parameters
    ----------
    study : Study
        What was asked.
    estimates : DataFrame
        Of :func:`coprod.training.outcomes.estimate_study`.
    scale : str
        The primary one by default.

    Returns
    -------
    DataFrame
        ``wave, difference, std_error, df, p_value, conf_low, conf_high, margin, verdict, n_participants, n_cohorts,
        flag``, one row per wave after the primary one; no rows where there is none.

    Examples
    --------
    >>> from coprod.training.study import read_study
    >>> from coprod.training.outcomes import estimate_study
    >>> study = read_study()
    >>> kept = estimate_kept(study, estimate_study(study))
    >>> kept[["wave", "difference", "verdict"]].round(2).to_numpy().tolist()
    [['later', -0.2, 'not shown to be kept']]
    """
    waves = list(study.protocol.columns.waves)
    later = waves[waves.index(study.find_wave()) + 1 :]
    verdict = "" if find_direction(find_headline(study, estimates, scale)) in ("rose", "fell") else NO_CHANGE
    rows = []
    for wave in later:
        row = _kept_at(study, wave, scale)
        if verdict:
            row["verdict"] = verdict
        elif row["verdict"] != "kept":
            verdict = NOT_ASKED
        rows.append(row)
    names = ["wave", "difference", "std_error", "df", "p_value", "conf_low", "conf_high", "margin", "verdict",
             "n_participants", "n_cohorts", "flag"]  # fmt: skip
    return pd.DataFrame(rows, columns=names)


def _kept_at(study: Study, wave: str, scale: str) -> dict[str, object]:
    analysis = study.protocol.analysis
    row: dict[str, object] = {"wave": wave, "margin": analysis.margin, "verdict": "cannot be said", "flag": ""}
    try:
        rng = np.random.default_rng(analysis.seed)
        methods = estimate_cohort_change(study.score(scale), analysis.primary_wave, wave, level=analysis.level, rng=rng)
    except DataError as error:
        return {**row, "flag": str(error)}
    found = methods[methods["method"] == "cohort-means-t"].iloc[0]
    difference, std_error, df = (float(found[name]) for name in ("estimate", "std_error", "df"))
    row |= {"difference": difference, "std_error": std_error, "df": df}
    row |= {"n_participants": found["n_participants"], "n_cohorts": found["n_cohorts"]}
    cohorts = study.responses["cohort"].nunique()
    kept = check_kept(difference, std_error, df, analysis.margin or np.inf, alpha=1 - analysis.level)
    row |= {"conf_low": kept.conf_low, "conf_high": kept.conf_high}
    if analysis.margin is None:
        return {**row, "verdict": "no margin in the protocol"}
    row["p_value"] = kept.p_value
    if found["n_cohorts"] < cohorts:
        return {**row, "verdict": MISSING, "flag": f"{found['n_cohorts']} of the {cohorts} cohorts replied"}
    return {**row, "verdict": kept.verdict}
