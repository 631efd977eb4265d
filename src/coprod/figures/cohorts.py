"""The average score of each cohort from wave to wave."""

from __future__ import annotations

from typing import Any

import pandas as pd

from coprod.figures.lines import draw_lines
from coprod.figures.outcome import count_of, is_withheld, make_figure, name_cohort, scale_words
from coprod.figures.wording import is_shown
from coprod.privacy import WITHHELD, release
from coprod.results import Figure
from coprod.results.plain import show
from coprod.training.enrolment import note_enrolled
from coprod.training.study import Study
from coprod.training.words import count_decimals, write_points


def plot_cohort_change(
    cohort_waves: pd.DataFrame,
    study: Study,
    *,
    scale: str = "",
    id: str = "cohort_change",  # noqa: A002
) -> Figure:
    """Draw one line for each cohort over the waves, through the averages of those who answered.

    Parameters
    ----------
    cohort_waves : DataFrame
        As :func:`coprod.training.describe.summarise_cohort_waves` for the same scale.
    study : Study
        Whose numbers they are; its profile decides what is drawn.
    scale : str
        A scale; the primary one without a name.
    id : str
        Name of the figure.

    Returns
    -------
    Figure
        Each cohort has a mark of its own, each audience a colour and a dash. A line breaks where a wave has no
        average, and its label says why.

    Raises
    ------
    DataError
        If the profile does not let a column or a count through.

    Examples
    --------
    >>> from coprod.training.describe import summarise_cohort_waves
    >>> from coprod.training.study import read_study
    >>> study = read_study()
    >>> plot_cohort_change(summarise_cohort_waves(study), study).title
    'How did the cohorts’ average scores move over time?'
    """
    name = study.find_scale(scale).name
    data = release(cohort_waves, study.profile)
    decimals = count_decimals(study.find_scale(name))
    data["mean"] = data["mean"].mask(data["n"].map(is_withheld), WITHHELD)  # one left empty would tell of nobody
    low, high = (show(end) for end in study.find_scale(scale).range)
    waves = list(dict.fromkeys(data["wave"]))
    spoken = [
        f"{name_cohort(rows.iloc[0])}: {', '.join(_say(row, decimals) for row in rows.to_dict('records'))}"
        for _, rows in data.groupby("cohort", sort=False)
    ]
    return make_figure(
        study,
        lambda sheet, note: draw_lines(sheet, data, study, study.find_scale(scale).range, note),
        id=id,
        title="How did the cohorts’ average scores move over time?",
        subtitle=f"Average {scale_words(study, name)} of those who answered at each time, one line for each cohort",
        answer=f"Average {name}, lowest to highest cohort: {_span(data, waves, decimals)}.",
        alt=f"Line chart of average {name}, {len(spoken)} cohorts at {len(waves)} times, with how many have a score, "
        f"of those enrolled{' by the protocol' if study.enrolled else ''}. {'. '.join(spoken)}.",
        reading="Points: averages of everybody who answered that time, not of the same people. Beside the names: the "
        f"last average and how many it is of. The axis shows the part of the scale, {low} to {high}, that is used."
        f"{note_enrolled(study)}",
        data=data,
        parameters={"scale": name},
    )


def _say(row: dict[Any, Any], decimals: int) -> str:
    """Say a cohort's average at a wave and how many it is of."""
    count = count_of(row["n"], row["enrolled"])
    if is_withheld(row["mean"], row["n"]):
        return f"{row['wave']} withheld"
    average = write_points(row["mean"], decimals) if is_shown(row["mean"]) else "no average"
    return f"{row['wave']} {average} ({count})"


def _span(data: pd.DataFrame, waves: list[str], decimals: int) -> str:
    """Say between which averages the cohorts lie at the first and at the last wave."""
    said = []
    for wave in (waves[0], waves[-1]):
        means = [float(mean) for mean in data.loc[data["wave"] == wave, "mean"] if is_shown(mean)]
        ends = [write_points(end, decimals) for end in (min(means), max(means))] if means else []
        said.append(f"{wave} {' to '.join(dict.fromkeys(ends)) or 'no cohort’s can be shown'}")
    return "; ".join(said)
