"""Why methods that look at the same answers give different numbers, in sentences read off those numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from coprod.training.protocol import ScaleEntry
from coprod.training.words import say_count, say_points

Rows = Mapping[str, Mapping[Any, Any]]
AGREE, UNKNOWN = "The methods agree.", "There is too little to compare the methods by."
MANY_TIMES = 3
"""Degrees of freedom that differ by this factor are worth a sentence."""


def say_differences(estimates: pd.DataFrame, entry: ScaleEntry) -> str:
    """Say why the methods for future cohorts differ.

    Parameters
    ----------
    estimates : DataFrame
        Rows of one scale and term, released for their readers, in the columns of
        :data:`coprod.training.estimates.COLUMNS`.
    entry : ScaleEntry
        The scale.

    Returns
    -------
    str
        One sentence for each difference that these numbers show, or one that says there is none.
    """
    future = estimates[estimates["frame"] == "future_cohorts"]
    rows = {row["method"]: row for row in future.to_dict("records")}
    said = [*_weights(rows, entry), *_people(rows), *_degrees(rows), *_smallest(rows), *_second_opinion(rows, entry)]
    compared = all(_number(rows, method, "estimate") is not None for method in ("cr2-satterthwaite", "cohort-means-t"))
    return " ".join(said) or (AGREE if compared else UNKNOWN)


def _weights(rows: Rows, entry: ScaleEntry) -> Iterator[str]:
    people, cohorts = _number(rows, "cr2-satterthwaite", "estimate"), _number(rows, "cohort-means-t", "estimate")
    if people is None or cohorts is None:
        return
    one, other = (say_points(number, entry, signed=True) for number in (people, cohorts))
    if one == other:
        return
    more = "more" if people > cohorts else "less"
    yield (
        f"Each person with the same weight gives {one}, each cohort {other}, since in these data the larger cohorts "
        f"moved up {more}; that is no finding on large cohorts."
    )


def _people(rows: Rows) -> Iterator[str]:
    everybody = _number(rows, "lmm-kenward-roger", "n_participants")
    pairs = _number(rows, "cr2-satterthwaite", "n_participants")
    if everybody is not None and pairs is not None and everybody > pairs:
        yield f"The mixed model takes {everybody:g} people, also those who answered once; the others take {pairs:g}."


def _degrees(rows: Rows) -> Iterator[str]:
    kept, lost = _number(rows, "lmm-kenward-roger", "df"), _number(rows, "lmm-satterthwaite", "df")
    if kept is not None and lost is not None and lost > MANY_TIMES * kept:
        yield (
            f"A variance estimated at zero drops out of Satterthwaite's degrees of freedom, which rise to {lost:.0f}; "
            f"Kenward-Roger keeps it and has {kept:.1f}."
        )


def _smallest(rows: Rows) -> Iterator[str]:
    smallest, cohorts = _number(rows, "sign-flip", "p_smallest"), _number(rows, "sign-flip", "n_cohorts")
    if smallest is not None and cohorts is not None:
        yield f"With {say_count(int(cohorts))} cohorts sign flips cannot give a p below {smallest:.2g}."


def _second_opinion(rows: Rows, entry: ScaleEntry) -> Iterator[str]:
    own, other = "lmm-kenward-roger", "statsmodels-mixedlm"
    ends = [_number(rows, method, end) for method in (own, other) for end in ("conf_low", "conf_high")]
    known = [end for end in ends if end is not None]
    if len(known) < len(ends):
        return
    low, high, z_low, z_high = known
    if z_high - z_low < high - low:
        shown = [say_points(end, entry) for end in (z_low, z_high, low, high)]
        yield (
            f"statsmodels takes z where there are few cohorts, so its interval is too narrow: {shown[0]} to {shown[1]} "
            f"instead of {shown[2]} to {shown[3]}."
        )


def _number(rows: Rows, method: str, column: str) -> float | None:
    value = rows.get(method, {}).get(column)
    return float(value) if isinstance(value, Real) and not np.isnan(float(value)) else None
