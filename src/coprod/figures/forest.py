"""The change of each cohort, all of them pooled, and where a new cohort's change may lie."""

from __future__ import annotations

from typing import Any

import pandas as pd

from coprod.figures.outcome import (
    count_of,
    is_withheld,
    make_figure,
    name_cohort,
    scale_words,
    total,
)
from coprod.figures.rows import draw_rows
from coprod.figures.theme import percent
from coprod.figures.wording import HELD_BACK, is_shown
from coprod.privacy import WITHHELD, release
from coprod.results import Figure
from coprod.training.enrolment import note_enrolled
from coprod.training.study import Study
from coprod.training.words import count_decimals, write_points

POOLED, PREDICTION = "reml-knapp-hartung", "prediction"
EVERY_COHORT = "all"
AT_ZERO = "variance between cohorts is estimated at 0"
NEW_COHORT = "A new, similar cohort"


def plot_forest(
    cohorts: pd.DataFrame,
    estimates: pd.DataFrame,
    study: Study,
    *,
    scale: str = "",
    wave: str = "",
    id: str = "cohort_forest",  # noqa: A002
) -> Figure:
    """Draw each cohort's change with its interval, the cohorts pooled, and the prediction for a new one.

    Parameters
    ----------
    cohorts : DataFrame
        As :func:`coprod.training.describe.summarise_cohorts` for the same scale and wave.
    estimates : DataFrame
        As :func:`coprod.training.outcomes.estimate_study`; the rows ``reml-knapp-hartung`` and ``prediction`` of
        this scale and wave are drawn.
    study : Study
        Whose numbers they are; its profile decides what is drawn.
    scale, wave : str
        A scale and a later wave; the primary ones without a name.
    id : str
        Name of the figure.

    Returns
    -------
    Figure
        Squares are cohorts, larger with more people; the diamond is all of them pooled, the dashed line the
        prediction. People of the pooled row are the sum of those shown.

    Raises
    ------
    DataError
        If the profile does not let a column or a count through.

    Examples
    --------
    >>> from coprod.training.describe import summarise_cohorts
    >>> from coprod.training.outcomes import estimate_study
    >>> from coprod.training.study import read_study
    >>> study = read_study()
    >>> plot_forest(summarise_cohorts(study), estimate_study(study), study).title
    'How big was the change, cohort by cohort?'
    """
    name, after = study.find_scale(scale).name, study.find_wave(wave)
    data = _gather(cohorts, estimates, study, name, after)
    level = percent(study.protocol.analysis.level, 0)
    rows = [_say(row, count_decimals(study.find_scale(name))) for row in data.to_dict("records")]
    spoken = [f"{row['name']}, {row['count']}: {row['numbers']}" for row in rows if row["kind"] == "cohort"]
    answer = _answer(rows, level)
    before, whom = study.protocol.baseline, " by the protocol" if study.enrolled else ""
    reading = (
        f"Squares: mean change of a cohort, larger with more people; lines: {level} t intervals. "
        f"{_explain(data)}This is {study.say_place(name, after)}.{note_enrolled(study)}"
    )
    return make_figure(
        study,
        lambda sheet, note: draw_rows(sheet, rows, study, f"Change ({level} interval)", note),
        id=id,
        title="How big was the change, cohort by cohort?",
        subtitle=f"Change in {scale_words(study, name)} from {before} to {after}, in points: people who answered "
        f"both times, with {level} intervals",
        answer=answer,
        alt=f"Forest plot of the mean change in {name} from {before} to {after}, in points, with {level} intervals, "
        f"of people who answered both times, of those enrolled{whom}. {'. '.join(spoken)}. {answer}",
        reading=reading,
        data=data,
        parameters={"scale": name, "wave": after},
    )


def _gather(cohorts: pd.DataFrame, estimates: pd.DataFrame, study: Study, scale: str, after: str) -> pd.DataFrame:
    """Put cohorts, pooled change and prediction below each other, all of them as released."""
    released = release(cohorts, study.profile)
    hidden = released["n_participants"].map(is_withheld)
    for column in (
        "estimate",
        "std_error",
        "df",
        "conf_low",
        "conf_high",
        "flag",
    ):  # one left empty would tell of 0 or 1
        released[column] = released[column].mask(hidden, WITHHELD)
    chosen = estimates[
        estimates["method"].isin([POOLED, PREDICTION])
        & (estimates["scale"] == scale)
        & (estimates["term"] == f"{after} - {study.protocol.baseline}")
    ]
    columns = ["method", "estimate", "std_error", "df", "conf_low", "conf_high", "n_participants", "n_cohorts", "flag"]
    pooled = release(chosen[["frame", *columns]], study.profile).drop(columns=["frame", "n_cohorts"])
    every = len(cohorts) == chosen["n_cohorts"].max()
    used = released if every else released[cohorts["flag"].eq("").to_numpy()]
    people = total(used["n_participants"])
    pooled = pooled.assign(
        cohort=EVERY_COHORT,
        audience="" if every else "those with an interval",
        enrolled=people if is_withheld(people) else total(released["enrolled"]),
        n_participants=pooled["n_participants"] if is_withheld(people) else people,
        flag=pooled["flag"].map(lambda flag: AT_ZERO if AT_ZERO in str(flag) else ""),
    )
    parts = [released.assign(method="t"), pooled.dropna(subset="conf_low")[["method", *released.columns]]]
    return pd.concat([part.astype(object) for part in parts if len(part)], ignore_index=True)


def _say(row: dict[Any, Any], decimals: int) -> dict[str, Any]:
    """Add to a row what is written in it."""
    kind = {POOLED: "pooled", PREDICTION: "prediction"}.get(row["method"], "cohort")
    hidden = kind != "cohort" and is_withheld(row["enrolled"])
    count = HELD_BACK if hidden else count_of(row["n_participants"], row["enrolled"])
    ends = [row["conf_low"], row["conf_high"]]
    shown = all(map(is_shown, ends))
    span = " to ".join(write_points(end, decimals, signed=True) for end in ends) if shown else "no interval"
    if kind == "prediction":
        numbers = f"prediction {span}" if shown else HELD_BACK
    elif is_shown(row["estimate"]):
        numbers = f"{write_points(row['estimate'], decimals, signed=True)} ({span})"
    else:
        numbers = HELD_BACK if is_withheld(row["estimate"], row["n_participants"]) else "nobody answered both times"
    every = "All cohorts, pooled" if row["audience"] != "those with an interval" else "Cohorts with an interval, pooled"
    names = {"pooled": every, "prediction": NEW_COHORT}
    return {**row, "kind": kind, "name": names.get(kind) or name_cohort(row), "count": count, "numbers": numbers}


def _explain(data: pd.DataFrame) -> str:
    """Say what the marks of pooled rows mean, where there are any."""
    if not data["method"].eq(POOLED).any():
        return ""
    zero = f"The {AT_ZERO}. " if data["flag"].eq(AT_ZERO).any() else ""
    return (
        "Diamond: the cohorts pooled by random effects (REML, Knapp-Hartung). Dashed line: where the true change of "
        f"one more, similar cohort may lie. {zero}"
    )


def _answer(rows: list[dict[str, Any]], level: str) -> str:
    found = {row["kind"]: row for row in rows}
    if "pooled" not in found:
        return "The cohorts cannot be pooled: fewer than two have an interval."
    pooled = found["pooled"]
    if pooled["estimate"] == WITHHELD:
        return "The pooled change is withheld."
    people = "" if pooled["count"] == HELD_BACK else f", {pooled['count']} people"
    return (
        f"{pooled['name']}{people}: {pooled['numbers'].replace('(', f'({level} interval ')} points. "
        f"{NEW_COHORT}: {found['prediction']['numbers']} points."
    )
