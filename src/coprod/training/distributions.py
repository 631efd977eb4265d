"""How answers and scores are spread: what was answered to each item, and which scores there were.

These are frames of whole studies, as they are; before any of it is shown it goes through :mod:`coprod.privacy`.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from coprod.errors import DataError
from coprod.training.order import order_cohorts
from coprod.training.protocol import ScaleEntry
from coprod.training.study import Study

MOST_POINTS = 11
"""Answers of an item that can still be told apart in a bar."""
FEWEST_BINS, MOST_BINS = 4, 8
AS_ASKED = "reverse-scored, shown as asked"
_CLOSE = 1e-6


def count_answers(study: Study, scale: str = "", wave: str = "") -> pd.DataFrame:
    """Count who gave which answer to each item, among those who answered it at the baseline and at a later wave.

    Reverse-scored items are counted as they were asked: "strongly agree" is what people ticked.

    Parameters
    ----------
    study : Study
        The answers and their protocol.
    scale : str
        A scale of the protocol; the primary one by default.
    wave : str
        A wave after the first; the primary one by default.

    Returns
    -------
    DataFrame
        ``item, wording, wave, response, label, n, share, flag``, one row per item, wave and possible answer, in the
        order of the protocol. ``n`` counts people; ``share`` is n over those who answered the item at both waves,
        missing where nobody did; ``flag`` tells reverse-scored items.

    Raises
    ------
    DataError
        If answers are no whole numbers or there are more than eleven of them, so that bars of answers say nothing;
        or as :func:`coprod.training.scoring.answer_matrix`.
    UsageError
        If there is no later wave of that name.

    Examples
    --------
    >>> from coprod.training.study import read_study
    >>> answers = count_answers(read_study(), wave="after")
    >>> answers.loc[answers["item"] == "c1", ["wave", "response", "n"]].head(3).to_dict("list")
    {'wave': ['before', 'before', 'before'], 'response': [1, 2, 3], 'n': [1, 25, 38]}
    >>> answers.groupby(["item", "wave"])["share"].sum().round(9).unique().tolist()
    [1.0]
    """
    entry = study.find_scale(scale)
    waves = [study.protocol.baseline, study.find_wave(wave)]
    points = _points(entry)
    matrix = study.answers(entry.name).reset_index(["participant", "wave"])
    rows = []
    for item in entry.answers:
        wide = matrix.pivot(index="participant", columns="wave", values=item).reindex(columns=waves).dropna()
        asked = entry.minimum + entry.maximum - wide if item in entry.reverse else wide
        _refuse_fractions(asked, entry.name, item)
        words = {"item": item, "wording": entry.wording.get(item, item)}
        flag = AS_ASKED if item in entry.reverse else ""
        for each in waves:
            for point, label in points.items():
                n = int((asked[each] == point).sum())
                share = n / len(asked) if len(asked) else None
                rows.append({**words, "wave": each, "response": point, "label": label, "n": n, "share": share,
                             "flag": flag})  # fmt: skip
    return pd.DataFrame(rows).astype({"share": float})


def list_scores(study: Study, scale: str = "") -> pd.DataFrame:
    """List every score: one row per person and wave, for use inside the team only.

    Parameters
    ----------
    study : Study
        The answers and their protocol.
    scale : str
        A scale of the protocol; the primary one by default.

    Returns
    -------
    DataFrame
        ``participant, cohort, audience, wave, score``, by audience and participant, waves in their order; scores
        that are missing are left out.

    Raises
    ------
    DataError
        As :meth:`coprod.training.study.Study.score`.

    Examples
    --------
    >>> from coprod.training.study import read_study
    >>> list_scores(read_study())["wave"].value_counts(sort=False).to_dict()
    {'before': 105, 'after': 99, 'later': 64}
    """
    scores = study.score(scale).dropna(subset="score")
    scores = scores.assign(wave=pd.Categorical(scores["wave"], list(study.protocol.columns.waves), ordered=True))
    place = {name: place for place, name in enumerate(order_cohorts(scores["cohort"].unique()))}
    first = scores["cohort"].map(place).groupby(scores["audience"], observed=True).transform("min")
    scores = scores.assign(first=first).sort_values(["first", "audience", "participant", "wave"], kind="stable")
    return scores[["participant", "cohort", "audience", "wave", "score"]].reset_index(drop=True)


def bin_scores(study: Study, scale: str = "") -> pd.DataFrame:
    """Count scores in at most eight bins of equal breadth.

    Where the scores there can be share out evenly, every bin holds the same number of them, and its edges lie half
    a step beside them. Otherwise the bins part the theoretical range, at scores there can be where that is possible.
    A bin holds its lower edge and not its upper one; the last holds both.

    Parameters
    ----------
    study : Study
        The answers and their protocol.
    scale : str
        A scale of the protocol; the primary one by default.

    Returns
    -------
    DataFrame
        ``audience, wave, low, high, n, share``: one row per bin, empty ones too, for each wave with scores. ``low``
        and ``high`` are in points of the score; ``n`` counts people and ``share`` is of those with a score.

    Raises
    ------
    DataError
        As :meth:`coprod.training.study.Study.score`.

    Examples
    --------
    >>> from coprod.training.study import read_study
    >>> bins = bin_scores(read_study())
    >>> [(float(low), float(high)) for low, high in bins[["low", "high"]].head(7).round(9).to_numpy()]
    [(0.9, 1.5), (1.5, 2.1), (2.1, 2.7), (2.7, 3.3), (3.3, 3.9), (3.9, 4.5), (4.5, 5.1)]
    >>> bins["n"].sum().item()
    268
    """
    edges = _edges(study.find_scale(scale))
    scores = list_scores(study, scale)
    rows = []
    scores = scores.assign(audience=pd.Categorical(scores["audience"], scores["audience"].unique()))
    for (audience, wave), part in scores.groupby(["audience", "wave"], observed=True):
        place = np.floor((part["score"] - edges[0]) / (edges[1] - edges[0]) + _CLOSE).clip(0, len(edges) - 2)
        for number, (low, high) in enumerate(pairwise(edges)):
            n = int((place == number).sum())
            rows.append((audience, wave, low, high, n, n / len(part)))
    frame = pd.DataFrame(rows, columns=["audience", "wave", "low", "high", "n", "share"])
    return frame.assign(wave=pd.Categorical(frame["wave"], scores["wave"].cat.categories, ordered=True))


def _points(entry: ScaleEntry) -> dict[int, str]:
    """Return the answers there can be and how they are called."""
    low, high = entry.minimum, entry.maximum
    if not (low.is_integer() and high.is_integer() and high - low < MOST_POINTS):
        raise DataError(
            f"scale {entry.name!r} runs from {low:g} to {high:g}: answers can be counted one by one where they are "
            f"whole numbers and at most {MOST_POINTS} of them; look at its scores instead"
        )
    called = {number: label for label, number in reversed(entry.labels.items())}  # the first label of a number counts
    return {point: called.get(point, str(point)) for point in range(int(low), int(high) + 1)}


def _refuse_fractions(asked: pd.DataFrame, scale: str, item: str) -> None:
    broken = [float(answer) for answer in asked.to_numpy().ravel() if not float(answer).is_integer()]
    if broken:
        raise DataError(
            f"scale {scale!r}: item {item} has the answer {broken[0]:g}: answers can be counted one by one where they "
            "are whole numbers; look at its scores instead"
        )


def _edges(entry: ScaleEntry) -> list[float]:
    """Choose the edges of the bins from the scores there can be, never from those there are."""
    low, high = entry.range
    whole = entry.minimum.is_integer() and entry.maximum.is_integer()
    answers = len(entry.items) or 1
    steps = round((entry.maximum - entry.minimum) * answers) if whole else 0
    sizes = range(MOST_BINS, FEWEST_BINS - 1, -1)
    half = (high - low) / steps / 2 if steps else 0.0
    if entry.items and 0 < steps < MOST_BINS:
        return _part(low - half, high + half, steps + 1)
    even = next((size for size in sizes if entry.items and steps and (steps + 1) % size == 0), 0)
    if even:
        return _part(low - half, high + half, even)
    return _part(low, high, next((size for size in sizes if steps and steps % size == 0), MOST_BINS))


def _part(low: float, high: float, bins: int) -> list[float]:
    return [round(low + (high - low) * number / bins, 9) for number in range(bins + 1)]
