"""Sufficient statistics of repeated scores: one pass over the rows, and never a row again.

Participants of one cohort who answered at the same waves share a design, so a linear mixed model
needs of them only how many they are, the sum of their scores and the sum of their products; covariates
of the participants join as further columns beside the scores. Sums from several machines add up
(:func:`combine`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coprod.errors import DataError
from coprod.training.predictors import Column, code_covariates
from coprod.training.rows import find_waves, order_waves, refuse_rows, spread_out

Array = NDArray[np.float64]


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
    total : ndarray, shape (C, K, W + p)
        Sum of their scores, 0 at waves not answered, and of their p covariate columns.
    products : ndarray, shape (C, K, W + p, W + p)
        Sum of the products of these.
    unanswered : int
        Rows without a score, left out.
    columns : tuple of (str, str or None)
        Covariate columns: a covariate and its level, every level being a column of 0 and 1; a numeric
        covariate has one column and no level.
    incomplete : int
        Participants without a covariate, left out.
    """

    waves: tuple[str, ...]
    cohorts: tuple[str, ...]
    patterns: NDArray[np.bool_]
    count: Array
    total: Array
    products: Array
    unanswered: int
    columns: tuple[Column, ...] = ()
    incomplete: int = 0

    @property
    def covariates(self) -> tuple[str, ...]:
        """Names of the covariates."""
        return tuple(dict.fromkeys(name for name, _ in self.columns))

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


def sum_scores(scores: pd.DataFrame, waves: Sequence[str] | None = None, covariates: Sequence[str] = ()) -> Sums:
    """Sum scores by cohort and by the waves a participant answered.

    Parameters
    ----------
    scores : DataFrame
        ``participant, cohort, wave, score`` of one scale, one row per participant and wave.
        Rows without a score are left out and counted.
    waves : sequence of str, optional
        Order of the waves, baseline first; by default the categories of ``wave``, which then has
        to be an ordered categorical.
    covariates : sequence of str, optional
        Further columns that describe the participant: numbers as they are, all else as categories.
        A value given in one row of a participant holds for all; participants without one are left out
        and counted.

    Returns
    -------
    Sums
        Of the order of cohorts times patterns, whatever the number of rows.

    Raises
    ------
    DataError
        If a wave is not known, a score is not a finite number, a row has no participant or cohort, a
        participant is in two cohorts, has two scores at a wave or two values of a covariate, or no score
        is left.

    Examples
    --------
    >>> frame = pd.DataFrame(
    ...     {"participant": ["a", "a", "b"], "cohort": "one", "wave": ["pre", "post", "pre"], "score": [3.0, 4.0, 2.0]}
    ... )
    >>> sums = sum_scores(frame, ["pre", "post"])
    >>> sums.patterns.tolist(), sums.count.tolist(), sums.total.tolist()
    ([[True, False], [True, True]], [[1.0, 1.0]], [[[2.0, 0.0], [3.0, 4.0]]])
    """
    order = order_waves(scores, waves, covariates)
    answered = scores["score"].notna().to_numpy()
    kept = scores if answered.all() else scores[answered]
    if kept.empty:
        raise DataError("no row has a score; give at least one participant a score at two waves")
    wave_codes = find_waves(kept, order)
    for name in ("participant", "cohort"):
        lacking = kept[name].isna().to_numpy()
        refuse_rows(kept, lacking, lambda row: f"a row at wave {row.wave!r} has no {name}; give it")  # noqa: B023
    people, names = pd.factorize(kept["participant"])
    cohort_codes, cohorts = pd.factorize(kept["cohort"], sort=True)
    home = np.zeros(len(names), dtype=np.int64)
    home[people] = cohort_codes
    refuse_rows(kept, home[people] != cohort_codes, lambda row: f"is in cohort {row.cohort!r} and in another; keep one")
    matrix, seen = spread_out(kept, people, wave_codes, (len(names), len(order)))
    values, columns = code_covariates(scores, covariates, names)
    full = np.asarray(np.isfinite(values).all(axis=1))
    if not full.any():
        raise DataError(f"no participant has every one of {', '.join(covariates)}; leave out a covariate")
    if columns:
        matrix, seen, home = np.hstack([matrix, values])[full], seen[full], home[full]
    sums = _aggregate(matrix, seen, home, len(cohorts))
    unanswered, incomplete = len(scores) - len(kept), len(full) - int(np.count_nonzero(full))
    return Sums(tuple(order), tuple(map(str, cohorts)), *sums, unanswered, columns, incomplete)


def combine(one: Sums, other: Sums) -> Sums:
    """Add the sums of two sets of participants, as from two machines.

    Parameters
    ----------
    one, other : Sums
        Of the same waves and covariates; no participant in both.

    Returns
    -------
    Sums
        As if all rows had been summed at once.

    Raises
    ------
    DataError
        If their waves or covariates differ.

    Examples
    --------
    >>> frame = pd.DataFrame({"participant": ["a", "a"], "cohort": "one", "wave": ["pre", "post"], "score": [3.0, 4.0]})
    >>> other = frame.assign(participant="b", cohort="two")
    >>> both = combine(*(sum_scores(rows, ["pre", "post"]) for rows in (frame, other)))
    >>> both.cohorts, both.n_participants
    (('one', 'two'), 2)
    """
    if one.waves != other.waves:
        raise DataError(f"sums over waves {one.waves} and {other.waves} cannot be added; sum over the same waves")
    cohorts = tuple(sorted({*one.cohorts, *other.cohorts}))
    columns = _common_columns(one, other)
    codes = [_codes(sums.patterns) for sums in (one, other)]
    every = np.unique(np.concatenate(codes))
    width = len(one.waves)
    count = np.zeros((len(cohorts), len(every)))
    total = np.zeros((*count.shape, width + len(columns)))
    products = np.zeros((*total.shape, total.shape[-1]))
    for sums, own in zip((one, other), codes, strict=True):
        rows, kinds = np.searchsorted(cohorts, sums.cohorts), np.searchsorted(every, own)
        cells = np.concatenate([np.arange(width), [width + columns.index(column) for column in sums.columns]]).astype(
            int
        )
        count[np.ix_(rows, kinds)] += sums.count
        total[np.ix_(rows, kinds, cells)] += sums.total
        products[np.ix_(rows, kinds, cells, cells)] += sums.products
    left_out = one.unanswered + other.unanswered, one.incomplete + other.incomplete
    return Sums(one.waves, cohorts, _patterns(every, width), count, total, products, left_out[0], columns, left_out[1])


def align(many: Sequence[Sums]) -> list[Sums]:
    """Give all sums the same cohorts, patterns and covariate columns, with nobody in those they had not.

    Parameters
    ----------
    many : sequence of Sums
        Sums of the same waves and covariates.

    Returns
    -------
    list of Sums
        One for each, in their order.
    """
    first = many[0]
    if all(sums.cohorts == first.cohorts and sums.columns == first.columns
           and np.array_equal(sums.patterns, first.patterns) for sums in many):  # fmt: skip
        return list(many)
    whole = reduce(combine, many)
    empty = replace(whole, count=0 * whole.count, total=0 * whole.total, products=0 * whole.products,
                    unanswered=0, incomplete=0)  # fmt: skip
    return [combine(empty, sums) for sums in many]


def _common_columns(one: Sums, other: Sums) -> tuple[Column, ...]:
    """Return the columns of both, by covariate and level."""
    kinds = [{(name, level is None) for name, level in sums.columns} for sums in (one, other)]
    if one.covariates != other.covariates or kinds[0] != kinds[1]:
        raise DataError(
            f"sums with covariates {one.covariates} and {other.covariates} cannot be added; "
            "sum with the same covariates, each numeric in both or in neither"
        )
    return tuple(sorted({*one.columns, *other.columns}, key=lambda c: (one.covariates.index(c[0]), c[1] or "")))


def _aggregate(
    matrix: Array, seen: NDArray[np.bool_], home: NDArray[np.int64], size: int
) -> tuple[NDArray[np.bool_], Array, Array, Array]:
    """Sum the participants' rows by cohort and pattern."""
    written = _codes(seen)
    codes = np.flatnonzero(np.bincount(written))
    groups = home * len(codes) + np.searchsorted(codes, written)
    shape = (size, len(codes))

    def add(weights: Array | None) -> Array:
        return np.bincount(groups, weights, minlength=shape[0] * shape[1]).reshape(shape).astype(np.float64)

    columns = np.ascontiguousarray(matrix.T)
    total = np.stack([add(column) for column in columns], axis=-1)
    products = np.empty((*total.shape, len(columns)))
    for a, left in enumerate(columns):
        for b, right in enumerate(columns[: a + 1]):
            products[..., a, b] = products[..., b, a] = add(left * right)
    return _patterns(codes, seen.shape[1]), add(None), total, products


def _codes(patterns: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Write each set of waves as a number, one bit a wave."""
    return np.asarray(patterns @ (1 << np.arange(patterns.shape[1])), dtype=np.int64)


def _patterns(codes: NDArray[np.int64], width: int) -> NDArray[np.bool_]:
    return np.asarray(codes[:, None] >> np.arange(width) & 1, dtype=bool)
