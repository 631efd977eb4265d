"""How scores are spread at each wave: every person where that may be shown, and counts where it may not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from coprod.figures.clouds import Clouds, draw_clouds, say_replies
from coprod.figures.outcome import audience_styles, make_figure, scale_words, sentence
from coprod.figures.theme import headline
from coprod.figures.wording import HELD_BACK, is_shown
from coprod.privacy import release, release_parts
from coprod.privacy.columns import TOTALS
from coprod.results import Figure
from coprod.results.plain import show
from coprod.training.distributions import bin_scores, list_scores
from coprod.training.enrolment import count_audiences, note_enrolled
from coprod.training.protocol import ScaleEntry
from coprod.training.study import Study
from coprod.training.words import count_decimals, write_points

MOST_DOTS = 600
"""Scores that can still be drawn, and told apart, one by one."""
PEOPLE_KIND = "Raincloud plot: a dot for each person, lines between the dots of the same person, half densities"
BINS_KIND = "Bar chart: the share of people by score, in bands,"


def plot_raincloud(
    study: Study, summary: pd.DataFrame, *, scale: str = "", id: str = "score_distribution"  # noqa: A002
) -> Figure:  # fmt: skip
    """Draw the scores of each audience at each wave, with their means.

    Where the profile lets single people be shown, each is a dot, joined to their other scores, beside a half
    density; otherwise, and above six hundred scores, bars count who scored what.

    Parameters
    ----------
    study : Study
        Whose scores; its profile decides what is drawn.
    summary : DataFrame
        As :func:`coprod.training.describe.summarise_waves`: ``audience, wave, n, mean, sd, conf_low, conf_high``.
    scale : str
        Name of a scale; the primary one without it.
    id : str
        Name of the figure.

    Returns
    -------
    Figure
        Its data have ``what``: "mean" for a row of the summary, "score" for a person's score, "bin" for a count.

    Raises
    ------
    DataError
        As :meth:`coprod.training.study.Study.score`; or if the profile does not let the figure through.

    Examples
    --------
    >>> from coprod.training.describe import summarise_waves
    >>> from coprod.training.study import read_study
    >>> study = read_study()
    >>> plot_raincloud(study, summarise_waves(study)).title
    'Did scores rise after the training, and did it last?'
    """
    entry, waves = study.find_scale(scale), study.protocol.columns.waves
    means = release(_count_enrolled(summary, study), study.profile)
    people, bins = _show_people(study, scale), _show_bins(study, scale)
    heads = {who: _say_head(who, study) for who in dict.fromkeys(means["audience"])}
    colours = {who: style[0] for who, style in audience_styles(heads, study).items()}
    clouds = Clouds(waves, entry.range, count_decimals(entry), heads, colours, means, people, bins)
    said = [f"{heads[who]}: {_say_means(clouds.of(who))}" for who in heads]
    level = f"{100 * study.protocol.analysis.level:g}%"
    data = [means.assign(what="mean"), people.assign(what="score"), bins.assign(what="bin")]
    kind = PEOPLE_KIND if len(people) else BINS_KIND
    return make_figure(
        study,
        lambda sheet, note: draw_clouds(sheet, clouds, note),
        id=id,
        title=_title(study, entry),
        subtitle=f"{_say_score(entry)}. {_say_marks(waves[-1], people)}",
        answer=f"Mean score of {entry.name}. {'; '.join(said)}.",
        alt=f"{kind} and means with {level} intervals, one panel for each audience. {scale_words(study, scale)}. "
        f"{'. '.join(said)}.{_say_spread(bins)}",
        reading=f"Black: mean and {level} interval of everybody who answered that time. {_say_reading(study, bins)}"
        f"{note_enrolled(study, audiences=True)}",
        data=pd.concat([frame for frame in data if len(frame)], ignore_index=True),
        parameters={"scale": entry.name},
    )


def _show_people(study: Study, scale: str) -> pd.DataFrame:
    """Return every score where people may be shown and can be told apart, else none."""
    scores = list_scores(study, scale)
    shown = scores.iloc[: len(scores) if study.profile.person_level and len(scores) <= MOST_DOTS else 0]
    return shown.assign(wave=shown["wave"].astype(str))


def _show_bins(study: Study, scale: str) -> pd.DataFrame:
    """Return the released counts of scores where people are not shown, else none."""
    bins = bin_scores(study, scale)
    shown = bins.iloc[: 0 if len(_show_people(study, scale)) else len(bins)]
    return release_parts(shown.assign(wave=shown["wave"].astype(str)), ["audience", "wave"], study.profile)


def _title(study: Study, entry: ScaleEntry) -> str:
    if not study.synthetic:
        return headline(f"Scores of {entry.name} at each wave", "Scores at each wave")
    lasting = ", and did it last" if len(study.protocol.columns.waves) > 2 else ""
    return f"Did scores {'rise' if entry.better == 'higher' else 'fall'} after the training{lasting}?"


def _say_head(audience: str, study: Study) -> str:
    rows = study.responses[study.responses["audience"] == audience]
    cohorts = rows["cohort"].nunique()
    words = "Everybody" if audience in TOTALS else sentence(audience)
    return f"{words} ({cohorts} {'cohort' if cohorts == 1 else 'cohorts'})"


def _count_enrolled(summary: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Add how many of an audience were enrolled."""
    enrolled = summary["audience"].map(count_audiences(study))
    return summary.assign(wave=summary["wave"].astype(str), enrolled=enrolled)


def _say_score(entry: ScaleEntry) -> str:
    low, high = (show(end) for end in entry.range)
    count = len(entry.items)
    what = f"{sentence(entry.score)} of {count} questions" if count > 1 else "Score"
    return f"{what}, {low} to {high}, {entry.better} is better"


def _say_means(own: Clouds) -> str:
    return ", ".join(_say_mean(row, own.decimals) for row in own.means.to_dict("records"))


def _say_mean(row: Mapping[Any, Any], decimals: int) -> str:
    if not is_shown(row["mean"]):
        return f"{row['wave']} {'nobody replied' if row['n'] == 0 else HELD_BACK}"
    ends = [write_points(row[end], decimals) for end in ("conf_low", "conf_high") if is_shown(row[end])]
    interval = f"{' to '.join(ends)}; " if ends else ""
    return f"{row['wave']} {write_points(row['mean'], decimals)} ({interval}{say_replies(row)})"


def _say_spread(bins: pd.DataFrame) -> str:
    """Name the fullest bin of each audience and wave."""
    said = []
    for (who, wave), rows in bins.groupby(["audience", "wave"], sort=False):
        full = [row for row in rows.to_dict("records") if is_shown(row["share"])]
        if full:
            row = max(full, key=lambda row: float(row["share"]))
            said.append(f"{who}, {wave}: {show(row['low'])} to {show(row['high'])}, {100 * row['share']:.0f}%")
    return f" Where most people scored: {'; '.join(said)}." if said else ""


def _say_marks(last: str, people: pd.DataFrame) -> str:
    if people.empty:
        return "Bars: share of people with such a score."
    return f"One dot for each person, lines join the same person; hollow dots are people who did not reply at “{last}”."


def _say_reading(study: Study, bins: pd.DataFrame) -> str:
    if bins.empty:
        return "Shaded: how densely scores lie, up to the ends of the scale."
    many = f"More than {MOST_DOTS} scores are counted, not drawn one by one. " if study.profile.person_level else ""
    hatched = "Hatched: withheld; shares are of the people shown. " if not all(map(is_shown, bins["n"])) else ""
    return f"{many}{hatched}A band holds its lower end."
