"""Sufficient statistics of repeated scores: one pass over the rows, and never a row again.

Participants of one cohort who answered at the same waves share a design, so a linear mixed model
needs of them only how many they are, the sum of their scores and the sum of their products. Sums
from several machines add up (:func:`combine`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coprod.errors import DataError, suggest

Array = NDArray[np.float64]
MOST_WAVES = 10


@dataclass(frozen=True)
class Sums:
    """What a mixed model needs of the scores.

    Attributes
    ----------
    waves : tuple of str
        In order; the first is the baseline. W of them.
    cohorts : tuple of str
        Names, sorted. C of them.
    patterns : ndarray of bool, shape (K, W)
        Sets of waves answered that occur.
    count : ndarray, shape (C, K)
        Participants by cohort and pattern.
    total : ndarray, shape (C, K, W)
        Sum of their scores; 0 at waves not answered.
    products : ndarray, shape (C, K, W, W)
        Sum of the products of their scores.
    unanswered : int
        Rows without a score, left out.
    """

    waves: tuple[str, ...]
    cohorts: tuple[str, ...]
    patterns: NDArray[np.bool_]
    count: Array
    total: Array
    products: Array
    unanswered: int

    @property
    def n_participants(self) -> int:
        """Participants with at least one score."""
        return int(self.count.sum())

    @property
    def n_observations(self) -> int:
        """Scores."""
        return int(self.answered.sum())

    @property
    def answered(self) -> Array:
        """Scores by cohort and wave, shape (C, W)."""
        return np.asarray(self.count @ self.patterns, dtype=np.float64)


def sum_scores(scores: pd.DataFrame, waves: Sequence[str] | None = None) -> Sums:
    """Sum scores by cohort and by the waves a participant answered.

    Parameters
    ----------
    scores : DataFrame
        ``participant, cohort, wave, score`` of one scale, one row per participant and wave.
        Rows without a score are left out and counted.
    waves : sequence of str, optional
        Order of the waves, baseline first; by default the categories of ``wave``, which then has
        to be an ordered categorical.

    Returns
    -------
    Sums
        Of the order of cohorts times patterns, whatever the number of rows.

    Raises
    ------
    DataError
        If a wave is not known, a score is not a finite number, a participant is in two cohorts or
        has two scores at a wave, or no score is left.

    Examples
    --------
    >>> frame = pd.DataFrame(
    ...     {"participant": ["a", "a", "b"], "cohort": "one", "wave": ["pre", "post", "pre"], "score": [3.0, 4.0, 2.0]}
    ... )
    >>> sums = sum_scores(frame, ["pre", "post"])
    >>> sums.patterns.tolist(), sums.count.tolist(), sums.total.tolist()
    ([[True, False], [True, True]], [[1.0, 1.0]], [[[2.0, 0.0], [3.0, 4.0]]])
    """
    order = _wave_order(scores, waves)
    kept = scores[scores["score"].notna()]
    if kept.empty:
        raise DataError("no row has a score; give at least one participant a score at two waves")
    people, names = pd.factorize(kept["participant"])
    cohort_codes, cohorts = pd.factorize(kept["cohort"], sort=True)
    wave_codes = pd.Index(order, dtype=object).get_indexer(pd.Index(kept["wave"], dtype=object))
    _refuse(kept, wave_codes < 0, lambda row: f"wave {row.wave!r} is not known; {suggest(str(row.wave), order)}")
    values = _numbers(kept)
    cells = people * len(order) + wave_codes
    _refuse(
        kept, pd.Series(cells).duplicated().to_numpy(), lambda row: f"has two scores at wave {row.wave!r}; keep one"
    )
    home = np.zeros(len(names), dtype=np.int64)
    home[people] = cohort_codes
    _refuse(kept, home[people] != cohort_codes, lambda row: f"is in cohort {row.cohort!r} and in another; keep one")
    matrix = np.zeros((len(names), len(order)))
    seen = np.zeros(matrix.shape, dtype=bool)
    matrix[people, wave_codes] = values
    seen[people, wave_codes] = True
    return _aggregate(matrix, seen, home, tuple(map(str, cohorts)), order, len(scores) - len(kept))


def combine(one: Sums, other: Sums) -> Sums:
    """Add the sums of two sets of participants, as from two machines.

    Parameters
    ----------
    one, other : Sums
        Of the same waves; no participant in both.

    Returns
    -------
    Sums
        As if all rows had been summed at once.

    Raises
    ------
    DataError
        If their waves differ.
    """
    if one.waves != other.waves:
        raise DataError(f"sums over waves {one.waves} and {other.waves} cannot be added; sum over the same waves")
    cohorts = tuple(sorted({*one.cohorts, *other.cohorts}))
    width = len(one.waves)
    codes = [_codes(sums.patterns) for sums in (one, other)]
    every = np.unique(np.concatenate(codes))
    patterns = _patterns(every, width)
    count = np.zeros((len(cohorts), len(patterns)))
    total = np.zeros((*count.shape, width))
    products = np.zeros((*count.shape, width, width))
    for sums, own in zip((one, other), codes, strict=True):
        rows = np.searchsorted(cohorts, sums.cohorts)
        place = np.ix_(rows, np.searchsorted(every, own))
        count[place] += sums.count
        total[place] += sums.total
        products[place] += sums.products
    return Sums(one.waves, cohorts, patterns, count, total, products, one.unanswered + other.unanswered)


def _wave_order(scores: pd.DataFrame, waves: Sequence[str] | None) -> list[str]:
    missing = [name for name in ("participant", "cohort", "wave", "score") if name not in scores]
    if missing:
        raise DataError(f"the scores have no column {missing[0]!r}; they need participant, cohort, wave and score")
    if waves is None:
        if not isinstance(scores["wave"].dtype, pd.CategoricalDtype) or not scores["wave"].cat.ordered:
            raise DataError("the order of the waves is not known; make 'wave' an ordered categorical, baseline first")
        waves = list(scores["wave"].cat.categories)
    if not 1 < len(waves) <= MOST_WAVES:
        raise DataError(f"{len(waves)} wave(s) given; a change needs 2 to {MOST_WAVES}, baseline first")
    return list(waves)


def _numbers(kept: pd.DataFrame) -> Array:
    values = pd.to_numeric(kept["score"], errors="coerce").to_numpy(dtype=np.float64)
    _refuse(kept, ~np.isfinite(values), lambda row: f"score {row.score!r} is not a finite number; correct it")
    return values


def _refuse(rows: pd.DataFrame, bad: NDArray[np.bool_], say) -> None:  # type: ignore[no-untyped-def]
    """Raise for the first bad row, naming its participant and how many there are."""
    if bad.any():
        row = next(rows[bad].itertuples())
        more = f" ({int(bad.sum())} such rows)" if bad.sum() > 1 else ""
        raise DataError(f"participant {row.participant!r}: {say(row)}{more}")


def _aggregate(
    matrix: Array,
    seen: NDArray[np.bool_],
    home: NDArray[np.int64],
    cohorts: tuple[str, ...],
    waves: list[str],
    unanswered: int,
) -> Sums:
    """Sum the participants' rows by cohort and pattern."""
    codes, kinds = np.unique(_codes(seen), return_inverse=True)
    shape = (len(cohorts), len(codes))
    groups = home * len(codes) + kinds

    def add(weights: Array | None) -> Array:
        return np.bincount(groups, weights, minlength=shape[0] * shape[1]).reshape(shape).astype(np.float64)

    width = range(len(waves))
    total = np.stack([add(matrix[:, w]) for w in width], axis=-1)
    products = np.stack([np.stack([add(matrix[:, w] * matrix[:, v]) for v in width], axis=-1) for w in width], axis=-2)
    return Sums(tuple(waves), cohorts, _patterns(codes, len(waves)), add(None), total, products, unanswered)


def _codes(patterns: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Write each set of waves as a number, one bit a wave."""
    return np.asarray(patterns @ (1 << np.arange(patterns.shape[1])), dtype=np.int64)


def _patterns(codes: NDArray[np.int64], width: int) -> NDArray[np.bool_]:
    return np.asarray(codes[:, None] >> np.arange(width) & 1, dtype=bool)
