"""Of each cohort: who started or was enrolled, who replied, and by how much these changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from coprod.errors import DataError, suggest
from coprod.training.effects import pair_scores
from coprod.training.sums import Array


class Replies(NamedTuple):
    """Of each cohort: who started, who replied, and by how much these changed.

    Attributes
    ----------
    cohort : tuple of str
        Names.
    started, replied : ndarray
        Participants with a score at the first wave, or, where it is known, all who were enrolled; and those with a
        score at both waves.
    newcomers : ndarray
        Participants with a score at the later wave and none at the first who are not among those who started; where
        all enrolled are counted there are none.
    mean, variance : ndarray
        Of the change of those who replied; no variance from fewer than two.
    start : ndarray
        Mean score at the first wave of those who did not reply; missing where nobody has one.
    unseen : ndarray
        Those of ``started`` without a score at the first wave.
    scores : int
        Scores at the two waves of those who are counted.
    """

    cohort: tuple[str, ...]
    started: Array
    replied: Array
    newcomers: Array
    mean: Array
    variance: Array
    start: Array
    unseen: Array
    scores: int

    @property
    def silent(self) -> Array:
        """Share of those who started that did not reply."""
        return np.asarray(1 - self.replied / self.started)

    def shift(self, cohort: str | None = None) -> Array:
        """Return by how much each cohort's change moves with one point of delta, for all cohorts or one."""
        if cohort is None:
            return self.silent
        if cohort not in self.cohort:
            raise DataError(f"no cohort {cohort!r}; {suggest(cohort, self.cohort)}")
        return np.asarray(np.where(np.array(self.cohort) == cohort, self.silent, 0.0))

    def under(self, delta: float | Array, shift: Array) -> tuple[Array, Array, Array]:
        """Return the cohorts' changes under delta, their variances and the degrees of freedom of these."""
        own = self.variance / self.replied
        mixing = delta**2 * shift * (1 - shift) / self.started
        return np.asarray(self.mean + shift * delta), np.asarray(own + mixing), self.replied - 1

    def assumed(self, delta: float, shift: Array) -> float:
        """Return the mean change of those who did not reply; missing where everybody did."""
        silent = (self.started - self.replied) * (shift > 0)
        return float((silent * self.mean).sum() / silent.sum()) + delta if silent.any() else float("nan")


def count_replies(
    scores: pd.DataFrame, before: str, after: str, *, enrolled: Mapping[str, int] | None = None
) -> Replies:
    """Count, in each cohort, who has a score at the first wave, or was enrolled, and who has one at both.

    Parameters
    ----------
    scores : DataFrame
        ``participant, cohort, wave, score`` of one scale.
    before, after : str
        Two waves.
    enrolled : mapping, optional
        How many were enrolled in each cohort; without it those with a score at the first wave are counted.

    Returns
    -------
    Replies
        The cohorts in which somebody started, or was enrolled, sorted by name.

    Raises
    ------
    DataError
        If nobody of a cohort replied, fewer than two of all did, or the scores are not valid
        (:func:`coprod.training.effects.pair_scores`).
    """
    pairs = pair_scores(scores, before, after).astype({"cohort": str})
    given = scores[scores["score"].notna()].astype({"cohort": str, "score": float})
    first, later = (given[given["wave"] == wave] for wave in (before, after))
    changes = pairs.groupby("cohort")["change"].agg(["size", "mean", "var"])
    first_sizes = first.groupby("cohort").size()
    started = first_sizes if enrolled is None else count_all(given[given["wave"].isin([before, after])], enrolled)
    for cohort in started.index.difference(changes.index):
        raise DataError(
            f"nobody of cohort {cohort!r} has scores at both {before!r} and {after!r}: what its others may have done "
            "cannot be measured against anybody; leave out the cohort"
        )
    new = later[~later["participant"].isin(first["participant"]) & later["cohort"].isin(started.index)]
    silent = first[~first["participant"].isin(pairs["participant"])]
    newcomers = new.groupby("cohort").size().reindex(started.index, fill_value=0)
    unseen = started - first_sizes.reindex(started.index, fill_value=0)
    columns = [
        started, changes["size"], newcomers * (enrolled is None), changes["mean"],
        changes["var"], silent.groupby("cohort")["score"].mean().reindex(started.index), unseen,
    ]  # fmt: skip
    seen = len(first) + (len(pairs) if enrolled is None else len(later))
    arrays = (np.asarray(column, dtype=np.float64) for column in columns)
    return Replies._make((tuple(started.index), *arrays, seen))


def count_all(given: pd.DataFrame, enrolled: Mapping[str, int]) -> pd.Series:
    """Count who was enrolled in each cohort, never fewer than there are codes.

    Parameters
    ----------
    given : DataFrame
        ``participant, cohort`` of all scores there are.
    enrolled : mapping
        How many were enrolled in each cohort. Where people made up their own codes there can be more of these.

    Returns
    -------
    Series
        Whole numbers by cohort, sorted by name.

    Examples
    --------
    >>> given = pd.DataFrame({"participant": ["a", "b", "c"], "cohort": ["one", "one", "two"]})
    >>> count_all(given, {"two": 4, "one": 1}).to_dict()
    {'one': 2, 'two': 4}
    """
    people = given.groupby("cohort")["participant"].nunique()
    return pd.Series(dict(sorted(enrolled.items()))).combine(people, max, fill_value=0).astype(int)
