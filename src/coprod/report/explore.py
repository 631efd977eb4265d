"""Controls that move a figure: what slide S5 can mean, and what those who did not reply can do to a change.

The figures are those of the report, drawn anew by the same functions; nothing drawn here enters the report.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from html import escape
from typing import Any

import ipywidgets  # type: ignore[import-untyped]
import numpy as np

from coprod.data import Talk
from coprod.errors import CoprodError
from coprod.figures.survey import plot_bounds, plot_waffle
from coprod.figures.tipping import plot_tipping
from coprod.results import Figure
from coprod.talk.rounding import ROUNDINGS, Rounding
from coprod.talk.survey import answer_counts, answer_ranges, reply_counts
from coprod.training.nonresponse import estimate_under_delta
from coprod.training.order import order_cohorts
from coprod.training.study import Study
from coprod.training.tipping import find_tipping_points

NOBODY = "none"
LEVEL = 0.95
STEPS = 61
LOOK = {"description_width": "21em"}
ROOM = ipywidgets.Layout(width="42em", max_width="100%")


def explore_request(talk: Talk) -> ipywidgets.VBox:
    """Show the answers of slide S5 under a base, a rounding rule, and a guess at the groups that did not reply.

    Parameters
    ----------
    talk : Talk
        The tables of the talk.

    Returns
    -------
    VBox
        The waffle below its controls, and the ranges, for both bases, below the slider of the silent groups; both
        follow the rounding rule.

    Examples
    --------
    >>> from coprod.data import read_talk
    >>> squares, ranges = explore_request(read_talk()).children
    >>> [control.description for control in squares.children[:-1]]
    ['They were rounded by', 'Percentages are of this many groups']
    >>> squares.children[0].value = "truncation"
    >>> "done any co-production: 15%, 30 or 31" in squares.children[-1].value
    True
    """
    replied, total = reply_counts(talk["survey"])
    base = ipywidgets.Dropdown(options=[replied, total], description="Percentages are of this many groups")
    rounding = ipywidgets.Dropdown(options=ROUNDINGS, value="nearest", description="They were rounded by")
    yes = ipywidgets.IntSlider(max=total - replied, description="Silent groups that would have said yes")
    return ipywidgets.VBox([
        _follow(cache(lambda rounding, base: draw_squares(talk, base, rounding)), rounding, base),
        _follow(cache(lambda yes, rounding: draw_ranges(talk, rounding, yes)), yes, also=rounding),
    ])  # fmt: skip


def draw_ranges(talk: Talk, rounding: Rounding, yes: int) -> Figure:
    """Draw each answer's range, if so many of the groups that did not reply would have said yes to it.

    Parameters
    ----------
    talk : Talk
        The tables of the talk.
    rounding : {"nearest", "half-even", "truncation", "ceiling"}
        Rule the percentages were printed by.
    yes : int
        Groups without a reply that would have said yes.

    Returns
    -------
    Figure
        ``foi_bounds``, where this one guess stands for the reading "whatever the silent groups did".

    Raises
    ------
    UsageError
        If no whole count fits any percentage.
    """
    replied, total = reply_counts(talk["survey"])
    ranges = answer_ranges(talk["survey"], rounding, LEVEL)
    guess = ranges["reading"] == "whatever"
    ranges.loc[guess, "reading_label"] = f"if {yes} of the {total - replied} silent groups said yes"
    ranges.loc[guess, "low"] += yes
    ranges.loc[guess, "high"] += yes - (total - replied)
    ranges["share_low"], ranges["share_high"] = ranges["low"] / ranges["n"], ranges["high"] / ranges["n"]
    return plot_bounds(ranges, level=LEVEL)


def draw_squares(talk: Talk, base: int, rounding: Rounding) -> Figure:
    """Draw the waffle of slide S5 (:func:`coprod.figures.survey.plot_waffle`) under a base and a rounding rule."""
    replied, total = reply_counts(talk["survey"])
    return plot_waffle(answer_counts(talk["survey"], base, rounding), total=total, base=base, replied=replied)


def explore_training(study: Study) -> ipywidgets.VBox:
    """Show the change of everybody who started, under assumptions about those who did not reply.

    Parameters
    ----------
    study : Study
        Whose answers are looked at.

    Returns
    -------
    VBox
        Controls for a cohort to leave out, the scale, the wave, and by how many points those who did not reply may
        have changed differently from the others of their cohort; and the figure that follows them.

    Examples
    --------
    >>> from coprod.training.study import read_study
    >>> explorer = explore_training(read_study())
    >>> explorer.children[0].value = "Cohort 5"
    >>> "average change of all 74 people" in explorer.children[-1].value
    True
    """
    cohorts = order_cohorts(study.responses["cohort"].astype(str).unique(), study.protocol.columns.cohorts)
    reach = max(high - low for low, high in (entry.range for entry in study.protocol.scale))
    waves = study.protocol.columns.waves[1:]
    return _follow(
        cache(lambda without, scale, wave, deltas: draw_training(study, without, scale, wave, deltas)),
        ipywidgets.Dropdown(options=[NOBODY, *cohorts], description="Cohort left out"),
        ipywidgets.Dropdown(
            options=[entry.name for entry in study.protocol.scale], value=study.find_scale().name, description="Scale"
        ),
        ipywidgets.Dropdown(options=waves, value=waves[-1], description="Compared with the start"),
        ipywidgets.FloatRangeSlider(
            min=-reach, max=reach, step=reach / 40, value=(-reach / 2, reach / 2), readout_format="+.1f",
            description="Those who did not reply differ by (points)",
        ),
    )  # fmt: skip


def draw_training(study: Study, without: str, scale: str, wave: str, deltas: tuple[float, float]) -> Figure:
    """Draw the average change by what is assumed of those who did not reply.

    Parameters
    ----------
    study : Study
        Whose answers are looked at.
    without : str
        A cohort to leave out, "none" for none; the figure's source names it.
    scale, wave : str
        A scale and a later wave; the primary ones without a name.
    deltas : tuple of float
        From where to where those who did not reply may have changed more than the others of their cohort, in points.

    Returns
    -------
    Figure
        ``tipping_point``, as :func:`coprod.figures.tipping.plot_tipping`.

    Raises
    ------
    DataError
        As :func:`coprod.figures.tipping.plot_tipping`.
    """
    if without != NOBODY:
        study = study.leave_out(without)
    entry, after = study.find_scale(scale), study.find_wave(wave)
    scores, before, level = study.score(entry.name), study.protocol.baseline, study.protocol.analysis.level
    low, high = entry.range
    counted: dict[str, Any] = {"level": level, "enrolled": study.enrolled}
    curve = estimate_under_delta(scores, before, after, np.linspace(*deltas, STEPS), **counted)
    points = find_tipping_points(scores, before, after, minimum=low, maximum=high, **counted)
    return plot_tipping(curve, points, study, scale=entry.name, wave=after)


def _follow(
    draw: Callable[..., Figure], *controls: ipywidgets.DOMWidget, also: ipywidgets.DOMWidget | None = None
) -> ipywidgets.VBox:
    """Put a figure below controls, drawn anew when one of them moves, or one that stands elsewhere.

    Why there is no figure is said in its place.
    """
    moving, shown = [*controls, *([also] if also else [])], ipywidgets.HTML()

    def redraw(_: object = None) -> None:
        try:
            shown.value = draw(*(control.value for control in moving)).to_html()
        except CoprodError as error:
            shown.value = f"<p role='status'>{escape(str(error))}</p>"

    for control in moving:
        control.style, control.layout = LOOK, ROOM
        control.observe(redraw, "value")
    redraw()
    return ipywidgets.VBox([*controls, shown])
