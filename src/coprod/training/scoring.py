"""Scores of a scale from answers to its items; a scale is data, never a function of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from coprod.errors import DataError, UsageError

KEYS = ["participant", "cohort", "audience", "wave"]


@dataclass(frozen=True, kw_only=True)
class Scale:
    """How answers become a score.

    Attributes
    ----------
    name : str
        Name of the scale.
    items : tuple of str
        Its items.
    minimum, maximum : float
        The theoretical range of an answer, never the observed one.
    reverse : tuple of str
        Reverse-scored items.
    score : {"mean", "sum"}
        What a score is; a sum over missing answers is prorated, the mean times the number of items.
    min_answered : float
        Share of items that has to be answered for a score, above 0.
    """

    name: str
    items: tuple[str, ...]
    minimum: float
    maximum: float
    reverse: tuple[str, ...] = ()
    score: Literal["mean", "sum"] = "mean"
    min_answered: float = 0.8

    def __post_init__(self) -> None:
        """Refuse a scale that cannot be scored."""
        strays = [item for item in self.reverse if item not in self.items]
        if not self.items or len(set(self.items)) < len(self.items):
            raise UsageError(f"scale {self.name!r}: give each item once, and at least one")
        if strays:
            raise UsageError(f"scale {self.name!r}: {strays[0]!r} is reverse-scored and not an item; add or remove it")
        if not self.minimum < self.maximum:
            raise UsageError(f"scale {self.name!r}: minimum {self.minimum} is not below maximum {self.maximum}")
        if not 0 < self.min_answered <= 1:
            raise UsageError(f"scale {self.name!r}: min_answered {self.min_answered} is not a share above 0, up to 1")
        if self.score not in ("mean", "sum"):
            raise UsageError(f"scale {self.name!r}: score {self.score!r} is neither 'mean' nor 'sum'")


def answer_matrix(responses: pd.DataFrame, scale: Scale) -> pd.DataFrame:
    """Put the answers to a scale side by side, reverse-scored items turned.

    An item is turned by the theoretical range: minimum + maximum - answer.

    Parameters
    ----------
    responses : DataFrame
        ``participant, cohort, wave, item, response`` and, where known, ``audience``; other items
        are left alone.
    scale : Scale
        Which items, and how.

    Returns
    -------
    DataFrame
        One row per participant and wave, indexed by them with cohort and audience; one column per
        item, in the scale's order; missing where not answered.

    Raises
    ------
    DataError
        If an item was never answered, an answer is no number or outside the range, or a participant
        answered an item twice at a wave.

    Examples
    --------
    >>> scale = Scale(name="c", items=("c1", "c2"), reverse=("c2",), minimum=1, maximum=5)
    >>> people = {"participant": "a", "cohort": "one", "audience": "staff", "wave": "pre"}
    >>> rows = pd.DataFrame({**people, "item": ["c1", "c2"], "response": [4.0, 2.0]})
    >>> answer_matrix(rows, scale).to_dict("records")
    [{'c1': 4.0, 'c2': 4.0}]
    """
    keys = [key for key in KEYS if key in responses]
    rows = responses[responses["item"].isin(scale.items)].copy()
    asked = set(rows["item"])
    missing = [item for item in scale.items if item not in asked]
    if missing:
        raise DataError(
            f"scale {scale.name!r}: no answer to item {missing[0]!r} anywhere; correct its name or remove it"
        )
    numbers = pd.to_numeric(rows["response"], errors="coerce")
    bad = rows["response"].notna() & ~numbers.between(scale.minimum, scale.maximum)
    for row in rows[bad].itertuples():
        raise DataError(
            f"scale {scale.name!r}: item {row.item} has response {row.response}, outside {scale.minimum:g}-"
            f"{scale.maximum:g} (participant {row.participant!r}, wave {row.wave!r}; {int(bad.sum())} such answer(s)); "
            "recode or drop it"
        )
    rows["response"] = numbers.where(~rows["item"].isin(scale.reverse), scale.minimum + scale.maximum - numbers)
    if rows.duplicated([*keys, "item"]).any():
        row = next(rows[rows.duplicated([*keys, "item"])].itertuples())
        raise DataError(
            f"participant {row.participant!r} answered item {row.item} twice at wave {row.wave!r}; keep one"
        )
    wide = rows.set_index([*keys, "item"])["response"].unstack("item")
    return wide[list(scale.items)].rename_axis(columns=None)


def score_scale(responses: pd.DataFrame, scale: Scale) -> pd.DataFrame:
    """Score a scale for every participant and wave.

    Parameters
    ----------
    responses : DataFrame
        As for :func:`answer_matrix`.
    scale : Scale
        Which items, and how.

    Returns
    -------
    DataFrame
        ``participant, cohort, [audience,] wave, scale, score, n_items``: the score is missing where too
        few of the items were answered; ``n_items`` is how many were.

    Raises
    ------
    DataError
        As :func:`answer_matrix`.

    Examples
    --------
    >>> answers = pd.DataFrame(
    ...     {"participant": "a", "cohort": "one", "wave": "pre", "item": ["c1", "c2"], "response": [5, 1]}
    ... )
    >>> score_scale(answers, Scale(name="c", items=("c1", "c2"), minimum=1, maximum=5, reverse=("c2",)))["score"].item()
    5.0
    """
    return score_matrix(answer_matrix(responses, scale), scale)


def score_matrix(matrix: pd.DataFrame, scale: Scale) -> pd.DataFrame:
    """Score answers that stand side by side (:func:`answer_matrix`), as :func:`score_scale` does."""
    answered = matrix.notna().sum(axis=1)
    score = matrix.mean(axis=1) * (len(scale.items) if scale.score == "sum" else 1)
    enough = answered >= scale.min_answered * len(scale.items) - 1e-9
    frame = pd.DataFrame({"scale": scale.name, "score": score.where(enough), "n_items": answered})
    return frame.reset_index()
