"""Tables of the change: every estimate, the methods side by side, other scales, items, and whether it was kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from coprod.privacy import release
from coprod.results import Table
from coprod.training.comparisons import compare_items, compare_scales, estimate_kept
from coprod.training.differences import say_differences
from coprod.training.outcomes import table_variances
from coprod.training.study import Study
from coprod.training.tables.common import ESTIMATE, make_table
from coprod.training.words import METHODS, name_methods, say_kept

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
    """Set the scales side by side, those that are not primary adjusted for their number."""
    rows = release(compare_scales(study, estimates), study.profile)
    headings = {"scale": "Scale", "role": "Role", "estimate": "Change", "conf_low": "From", "conf_high": "To",
                "p_value": "p", "p_holm": "p, Holm", "n_participants": "People"}  # fmt: skip
    return make_table(
        study, rows, headings, id="scales", title="The other scales",
        answer="Future cohorts, mixed model; Holm's adjustment is over the scales that are not primary.",
    )  # fmt: skip


def table_item_changes(study: Study, *, scale: str = "", wave: str = "") -> Table:
    """Show the change of each item, which is exploratory."""
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
    """Say wave by wave whether the change was kept."""
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
    """Show the variance components of the mixed models."""
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
