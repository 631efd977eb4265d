"""The figures of an evaluation, each in its own module; notebooks take them from here.

Where the answers do not allow a figure, a sheet in its place says why, so that no result is missing without a word.
"""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
from matplotlib.figure import Figure as Drawing

from coprod.errors import DataError
from coprod.figures.cohorts import plot_cohort_change
from coprod.figures.flow import plot_flow
from coprod.figures.forest import plot_forest
from coprod.figures.likert import plot_likert
from coprod.figures.outcome import make_figure
from coprod.figures.raincloud import plot_raincloud
from coprod.figures.sheet import Sheet
from coprod.figures.tipping import plot_tipping
from coprod.privacy import release_words
from coprod.results import UNDRAWN, Figure
from coprod.training.distributions import count_answers
from coprod.training.silence import tabulate_tipping, trace_silence
from coprod.training.study import Study

__all__ = ["plot_answers", "plot_cohort_change", "plot_flow", "plot_forest", "plot_raincloud", "plot_silence"]


def plot_answers(study: Study, *, scale: str = "", wave: str = "") -> Figure:
    """Draw the answers to each item (:func:`coprod.figures.likert.plot_likert`), or say why not.

    Parameters
    ----------
    study : Study
        What was asked, and the answers.
    scale, wave : str
        A scale and a later wave; the primary ones by default.

    Returns
    -------
    Figure
        ``item_answers``.

    Examples
    --------
    >>> from coprod.training.study import read_study
    >>> plot_answers(read_study()).title
    'How did the answers to each question change?'
    """
    return _plot_or_say(
        lambda: plot_likert(count_answers(study, scale, wave), study, scale=scale, wave=wave),
        study, "item_answers", "How did people answer each question?",
    )  # fmt: skip


def plot_silence(study: Study, *, scale: str = "", wave: str = "") -> Figure:
    """Draw what those who did not reply could undo (:func:`coprod.figures.tipping.plot_tipping`), or say why not.

    Parameters
    ----------
    study : Study
        What was asked, and the answers.
    scale, wave : str
        A scale and a later wave; the primary ones by default.

    Returns
    -------
    Figure
        ``tipping_point``.

    Examples
    --------
    >>> from coprod.training.study import read_study
    >>> plot_silence(read_study(), wave="later").answer
    'The interval would reach no change if those who did not reply had changed by +0.02 points on average (95% \
interval for cohorts yet to come; 42 of 105 people did not reply).'
    """
    return _plot_or_say(
        lambda: plot_tipping(
            trace_silence(study, scale, wave), tabulate_tipping(study, scale, wave), study, scale=scale, wave=wave
        ),
        study, "tipping_point", "Could those who did not reply undo the result?",
    )  # fmt: skip


def _plot_or_say(plot: Callable[[], Figure], study: Study, id: str, title: str) -> Figure:  # noqa: A002
    try:
        return plot()
    except DataError as error:
        reason = release_words(str(error), study.profile)

    def draw(sheet: Sheet, note: str) -> Drawing:
        return sheet.close(note)

    answer = f"Nothing to draw: {reason}."
    return make_figure(
        study, draw, id=id, title=title, subtitle=answer, answer=answer,
        alt=f"{UNDRAWN}{reason}.", reading="", data=pd.DataFrame({"what": [title], "flag": [reason]}), parameters={},
    )  # fmt: skip
