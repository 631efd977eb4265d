"""Tables of the change: every estimate, the methods side by side, other scales, items, and whether it was kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from coprod.privacy import release
from coprod.results import Table
from coprod.training.comparisons import compare_items, compare_scales, estimate_kept
from coprod.training.differences import say_differences
from coprod.training.methods import METHODS, name_methods
from coprod.training.outcomes import table_variances
from coprod.training.study import Study
from coprod.training.tables.common import ESTIMATE, make_table
from coprod.training.words import say_kept

ROUGH_TOLERANCE = 0.05
"""For the table that shows statsmodels' numbers: where a variance is 0 its search ends elsewhere on another machine.
The project's own numbers in it stand in the table of estimates too, where they have to come out again exactly."""


def table_estimates(estimates: pd.DataFrame, study: Study) -> Table:
    """List every estimate: all scales, waves, frames and methods.

    Parameters
    ----------
    estimates : DataFrame
        Of :func:`coprod.training.outcomes.estimate_study`.
    study : Study
        What was asked.

    Returns
    -------
    Table
        ``estimates``: ``frame, scale, term, method, estimate, std_error, df, statistic, p_value, p_smallest, conf_low,
        conf_high, n_observations, n_participants, n_cohorts, flag, label, unit, whom``.

    Examples
    --------
    >>> from coprod.training.study import read_study
    >>> from coprod.training.outcomes import estimate_study
    >>> study = read_study()
    >>> table = table_estimates(estimate_study(study), study)
    >>> table.data[["scale", "term", "frame", "method", "estimate"]].round(2).to_numpy().tolist()[0]
    ['confidence', 'after - before', 'these_cohorts', 'lmm-kenward-roger', 0.51]
    """
    headings = {
        "scale": "Scale",
        "term": "Change",
        "whom": "For",
        "label": "Method",
        "unit": "In",
        **ESTIMATE,
    }
    first = f"{study.find_wave()} - {study.protocol.baseline} on {study.protocol.primary.name}"
    return make_table(
        study, name_methods(release(estimates, study.profile)), headings, id="estimates", title="Every estimate",
        answer=f"The primary outcome, named beforehand, is {first}; nothing else is tested at full level.",
    )  # fmt: skip


def table_methods(
    estimates: pd.DataFrame, opinions: pd.DataFrame, study: Study, *, scale: str = "", wave: str = ""
) -> Table:
    """Set every method's estimate of one change side by side, with what makes it differ.

    Parameters
    ----------
    estimates : DataFrame
        Of :func:`coprod.training.outcomes.estimate_study`.
    opinions : DataFrame
        Second opinions, of :func:`coprod.training.comparisons.ask_statsmodels`.
    study : Study
        What was asked.
    scale, wave : str
        The primary ones by default.

    Returns
    -------
    Table
        ``methods``: ``frame, scale, term, method, estimate, std_error, df, statistic, p_value, p_smallest, conf_low,
        conf_high, n_observations, n_participants, n_cohorts, flag, label, unit, whom, why``.

    Examples
    --------
    >>> from coprod.training.study import read_study
    >>> from coprod.training.outcomes import estimate_study
    >>> study = read_study()
    >>> estimates = estimate_study(study)
    >>> table = table_methods(estimates, estimates.head(0), study)
    >>> table.data[["label", "estimate", "why"]].round(2).to_numpy().tolist()[-1]
    ['Effect size d_z', 0.74, 'in standard deviations of the changes; Hedges-corrected']
    """
    entry, after = study.find_scale(scale), study.find_wave(wave)
    term = f"{after} - {study.protocol.baseline}"
    every = pd.concat([estimates, opinions], ignore_index=True)
    rows = release(every[(every["scale"] == entry.name) & (every["term"] == term)], study.profile)
    rows = rows.sort_values("frame", kind="stable", ignore_index=True)  # future cohorts first: the headline
    shown = name_methods(rows).assign(
        why=[_explain(row) for row in rows.to_dict("records")],
    )
    numbers = {name: words for name, words in ESTIMATE.items() if name not in ("n_cohorts", "flag")}
    headings = {
        "label": "Method",
        "whom": "For",
        "unit": "In",
        **numbers,
        "p_smallest": "Smallest p",
        "why": "What it does",
    }
    return make_table(
        study, shown, headings, id="methods", title=f"From {study.protocol.baseline} to {after}, by every method",
        answer=f"Scale {entry.name}, {study.say_place(entry.name, after)}. {say_differences(rows, entry)}",
        tolerance=ROUGH_TOLERANCE,
    )  # fmt: skip


def _explain(row: Mapping[Any, Any]) -> str:
    """Say what a method does, and what is to be said of this use of it."""
    method = row["method"]
    return "; ".join(filter(None, [METHODS[method].why if method in METHODS else "", row["flag"]]))


def table_scales(estimates: pd.DataFrame, study: Study) -> Table:
    """Set the scales side by side, those that are not primary adjusted for their number.

    Parameters
    ----------
    estimates : DataFrame
        Of :func:`coprod.training.outcomes.estimate_study`.
    study : Study
        What was asked, and the answers.

    Returns
    -------
    Table
        ``scales``: ``scale, term, estimate, conf_low, conf_high, p_value, p_holm, n_participants, role``.

    Examples
    --------
    >>> from coprod.training.study import read_study
    >>> from coprod.training.outcomes import estimate_study
    >>> study = read_study()
    >>> table_scales(estimate_study(study), study).data[["scale", "role", "estimate"]].round(2).to_numpy().tolist()
    [['confidence', 'primary', 0.48], ['knowledge', 'secondary', 0.34]]
    """
    rows = release(compare_scales(study, estimates), study.profile)
    headings = {"scale": "Scale", "role": "Role", "estimate": "Change", "conf_low": "From", "conf_high": "To",
                "p_value": "p", "p_holm": "p, Holm", "n_participants": "People"}  # fmt: skip
    return make_table(
        study, rows, headings, id="scales", title="The other scales",
        answer="Future cohorts, mixed model; Holm's adjustment is over the scales that are not primary.",
    )  # fmt: skip


def table_item_changes(study: Study, *, scale: str = "", wave: str = "") -> Table:
    """Show the change of each item, which is exploratory.

    Parameters
    ----------
    study : Study
        What was asked, and the answers.
    scale, wave : str
        A scale and a later wave; the primary ones by default.

    Returns
    -------
    Table
        ``item_changes``: ``item, wording, estimate, std_error, df, p_value, p_bh, n_participants, flag``.

    Examples
    --------
    >>> from coprod.training.study import read_study
    >>> table_item_changes(read_study()).data[["wording", "estimate"]].round(2).to_numpy().tolist()[0]
    ['I see strengths as well as danger', 0.44]
    """
    entry, after = study.find_scale(scale), study.find_wave(wave)
    turned = ", ".join(entry.reverse)
    note = f" Turned round, since it was asked the other way: {turned}." if turned else ""
    shared = {name: ESTIMATE[name] for name in ("estimate", "std_error", "df", "p_value")}
    headings = {"item": "Item", "wording": "Question", **shared, "p_bh": "p, Benjamini-Hochberg",
                "n_participants": "People", "flag": "Note"}  # fmt: skip
    return make_table(
        study, release(compare_items(study, entry.name, after), study.profile), headings, id="item_changes",
        title=f"Items of {entry.name}, from {study.protocol.baseline} to {after}",
        answer=f"Exploratory: no single item was named beforehand.{note}",
    )  # fmt: skip


def table_kept(estimates: pd.DataFrame, study: Study, *, scale: str = "") -> Table:
    """Say wave by wave whether the change was kept.

    Parameters
    ----------
    estimates : DataFrame
        Of :func:`coprod.training.outcomes.estimate_study`.
    study : Study
        What was asked, and the answers.
    scale : str
        A scale; the primary one by default.

    Returns
    -------
    Table
        ``kept``: ``wave, difference, std_error, df, p_value, conf_low, conf_high, margin, verdict, n_participants,
        n_cohorts, flag``.

    Examples
    --------
    >>> from coprod.training.study import read_study
    >>> from coprod.training.outcomes import estimate_study
    >>> study = read_study()
    >>> table_kept(estimate_study(study), study).data[["wave", "difference", "verdict"]].round(2).to_numpy().tolist()
    [['later', -0.2, 'not shown to be kept']]
    """
    entry = study.find_scale(scale)
    rows = release(estimate_kept(study, estimates, entry.name), study.profile)
    level = f"{100 * (2 * study.protocol.analysis.level - 1):g}%"  # of two one-sided tests
    said = [say_kept({**row, "level": level}, entry, study.find_wave(), row["wave"]) for row in rows.to_dict("records")]
    headings = {"wave": "Wave", "difference": "Difference", "conf_low": "From", "conf_high": "To", "margin": "Margin",
                "p_value": "p", "verdict": "Verdict", "n_participants": "People", "flag": "Note"}  # fmt: skip
    return make_table(
        study, rows, headings, id="kept", title="Was the change kept?",
        answer=" ".join(said) or "There is no wave after the primary one.",
    )  # fmt: skip


def table_variance(study: Study) -> Table:
    """Show the variance components of the mixed models.

    Parameters
    ----------
    study : Study
        What was asked, and the answers.

    Returns
    -------
    Table
        ``variance``: ``scale, frame, component, variance, boundary``.

    Examples
    --------
    >>> from coprod.training.study import read_study
    >>> table = table_variance(read_study()).data
    >>> table[["scale", "component", "variance", "boundary"]].round(2).to_numpy().tolist()[0]
    ['confidence', 'residual', 0.18, False]
    """
    found = table_variances(study)
    people = [study.score(name).dropna(subset="score")["participant"].nunique() for name in found["scale"].unique()]
    rows = release(found, study.profile, people=min(people, default=0))
    zeros = [f"{row['scale']}, {row['component']}" for row in rows.to_dict("records") if row["boundary"] is True]
    at_zero = f"Estimated at zero, the bound: {'; '.join(zeros)}." if zeros else "None is estimated at zero."
    headings = {
        "scale": "Scale",
        "frame": "Model for",
        "component": "Component",
        "variance": "Variance",
        "boundary": "At zero",
    }
    return make_table(
        study, rows, headings, id="variance", title="How much people and cohorts vary",
        answer=f"Variances in squared points. {at_zero}",
    )  # fmt: skip
