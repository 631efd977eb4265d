"""The numbers of an evaluation that sentences rest on, each with its sentence."""

from __future__ import annotations

import pandas as pd

from coprod.privacy import WITHHELD, check_result, release
from coprod.results import FITTED_TOLERANCE, Value
from coprod.training.outcomes import find_headline
from coprod.training.study import Study
from coprod.training.tables.common import NOTHING, SLIDE
from coprod.training.words import say_change

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
    """
    entry, after = study.find_scale(scale), study.find_wave(wave)
    headline = pd.DataFrame([find_headline(study, estimates, entry.name, after)])
    (row,) = release(headline, study.profile).to_dict("records")
    sentence = say_change(row, entry, study.protocol.baseline, after, study.protocol.analysis.level)
    place = f"{entry.name}, {after} - {study.protocol.baseline}, {study.say_place(entry.name, after)}."
    values = []
    for column, (name, title, unit) in PARTS.items():
        given = row[column]
        value = Value(
            id=name,
            title=title,
            answer=sentence if column == "estimate" else place,
            slide=SLIDE,
            source=f"{study.source}, disclosure profile {study.profile.name}",
            value=NOTHING if given is None or pd.isna(given) else given,
            unit="" if given == WITHHELD else unit,
            tolerance=FITTED_TOLERANCE,
            synthetic=study.synthetic,
        )
        check_result(value, study.profile)
        values.append(value)
    return values
