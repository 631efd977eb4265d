"""The numbers of an evaluation that sentences rest on, each with its sentence."""

from __future__ import annotations

from numbers import Real

import numpy as np
import pandas as pd

from coprod.privacy import WITHHELD, check_result, release
from coprod.results import FITTED_TOLERANCE, Value
from coprod.training.enrolment import count_unseen
from coprod.training.outcomes import find_headline
from coprod.training.silence import ALL, tabulate_tipping
from coprod.training.study import Study
from coprod.training.tables.common import NOTHING, SLIDE
from coprod.training.words import TOO_FEW, say_change

OTHERS = ("cr2-satterthwaite", "cohort-means-t", "reml-knapp-hartung")
"""The methods that the sentence is held against."""
PARTS = {
    "estimate": ("change", "The change", "points"),
    "conf_low": ("change_low", "The interval begins at", "points"),
    "conf_high": ("change_high", "The interval ends at", "points"),
    "df": ("change_df", "Degrees of freedom", ""),
    "p_value": ("change_p", "p value", ""),
    "n_participants": ("change_people", "People who answered at least once", "people"),
    "n_cohorts": ("change_cohorts", "Cohorts", "cohorts"),
}
"""Column of an estimate and the id, title and unit of its value."""


def value_change(estimates: pd.DataFrame, study: Study, *, scale: str = "", wave: str = "") -> list[Value]:
    """Return the change that a sentence rests on, number by number; the first carries the sentence.

    Parameters
    ----------
    estimates : DataFrame
        Of :func:`coprod.training.outcomes.estimate_study`.
    study : Study
        What was asked.
    scale, wave : str
        The primary ones by default.

    Returns
    -------
    list of Value
        ``change, change_low, change_high, change_df, change_p, change_people, change_cohorts``, released under the
        study's profile; a number that is withheld is "[c]", one that cannot be estimated a dash.

    Examples
    --------
    >>> from coprod.training.study import read_study
    >>> from coprod.training.outcomes import estimate_study
    >>> study = read_study()
    >>> values = value_change(estimate_study(study), study)
    >>> [(value.id, round(value.value, 2)) for value in values[:3]]
    [('change', 0.48), ('change_low', 0.28), ('change_high', 0.69)]
    """
    entry, after = study.find_scale(scale), study.find_wave(wave)
    headline = pd.DataFrame([find_headline(study, estimates, entry.name, after)])
    (row,) = release(headline, study.profile).to_dict("records")
    term = f"{after} - {study.protocol.baseline}"
    others = estimates[
        (estimates["scale"] == entry.name) & (estimates["term"] == term) & estimates["method"].isin(OTHERS)
    ]
    released = release(others[others["frame"] == "future_cohorts"], study.profile).to_dict("records")
    level = study.protocol.analysis.level
    sentence = say_change(row, entry, study.protocol.baseline, after, level, released)
    place = f"Of {entry.name}, from {study.protocol.baseline} to {after}."
    said = {"estimate": sentence, "df": f"{place} {row['flag'] or ''}".strip()}
    return [
        _value(study, row[column], id=name, title=title, unit=unit, answer=said.get(column, place))
        for column, (name, title, unit) in PARTS.items()
    ]


def value_tipping(study: Study, *, scale: str = "", wave: str = "") -> list[Value]:
    """Return what those who did not reply would have to have done to undo a change, for future cohorts.

    Parameters
    ----------
    study : Study
        What was asked.
    scale, wave : str
        The primary ones by default.

    Returns
    -------
    list of Value
        ``tipping_silent``, how many they are; ``tipping_change``, by how many points they would have to have changed
        for the interval first to include no change, and ``tipping_difference``, how far that is from the others. Of
        the two directions the nearer one is taken; a dash where no change that the scale allows undoes the result.

    Examples
    --------
    >>> from coprod.training.study import read_study
    >>> values = value_tipping(read_study(), wave="later")
    >>> [(value.id, round(value.value, 2)) for value in values]
    [('tipping_silent', 42), ('tipping_change', 0.02), ('tipping_difference', -0.23)]
    """
    unseen = count_unseen(study, scale, wave)
    released = release(tabulate_tipping(study, scale, wave), study.profile, people=unseen)
    points = released[(released["frame"] == "future_cohorts") & (released["cohort"] == ALL)]
    if points.empty:
        points = released.head(1)
    row = min(points.to_dict("records"), key=lambda row: abs(row["delta"]) if _is_number(row["delta"]) else np.inf)
    where = f"At {study.find_wave(wave)}, by the t on cohort means: "
    sentence = TOO_FEW if row["verdict"] == WITHHELD else f"{where}{row['verdict']}."
    said = {
        "n_silent": ("tipping_silent", "People who did not reply", "people"),
        "assumed": ("tipping_change", "Undone if they changed by", "points"),
        "delta": ("tipping_difference", "Further from the others by", "points"),
    }
    return [_value(study, row[column], id=name, title=title, unit=unit, answer=sentence)
            for column, (name, title, unit) in said.items()]  # fmt: skip


def _value(study: Study, number: object, *, id: str, title: str, unit: str, answer: str) -> Value:  # noqa: A002
    """Make a value of a released number, and look at it once more."""
    known = _is_number(number)
    value = Value(
        id=id,
        title=title,
        answer=answer,
        slide=SLIDE,
        source=study.cited,
        value=number if known or number == WITHHELD else NOTHING,  # type: ignore[arg-type]
        unit=unit if known else "",
        tolerance=FITTED_TOLERANCE,
        synthetic=study.synthetic,
    )
    check_result(value, study.profile)
    return value


def _is_number(cell: object) -> bool:
    return isinstance(cell, Real) and not np.isnan(float(cell))
