"""Exact and enumerated tests for a handful of cohorts, each with the smallest p it can give."""

from __future__ import annotations

from itertools import product
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from coprod.errors import DataError, UsageError, check_word
from coprod.training.sums import Array

Weights = Literal["webb", "rademacher"]
POINTS: dict[str, list[float]] = {
    "webb": [sign * float(np.sqrt(size)) for sign in (-1, 1) for size in (0.5, 1.0, 1.5)],
    "rademacher": [-1.0, 1.0],
}
FEW = 5
MOST_ENUMERATED = 300_000
DRAWS = 99_999
TIE = 1e-9
"""Statistics closer than this, relatively, are the same: the sums differ by rounding only."""


class Resampled(NamedTuple):
    """A p value, and the smallest the test could have given."""

    p_value: float
    p_smallest: float


def check_bootstrap(
    changes: ArrayLike, cohort: ArrayLike, weights: Weights = "webb", rng: np.random.Generator | None = None
) -> Resampled:
    """Test a mean change of 0 by the wild cluster bootstrap, null imposed.

    Each cohort's changes are multiplied by one weight, and the cluster-robust t of the mean is taken
    again. With few cohorts every combination of weights is gone through once, so that p is an exact
    multiple of one over their number; the draws with one weight for all give the observed t itself.

    Parameters
    ----------
    changes : array_like, shape (n,)
        Change of each participant.
    cohort : array_like, shape (n,)
        Cohort of each participant.
    weights : {"webb", "rademacher"}
        Webb's six points, or plus and minus one, which with 5 cohorts or fewer give too few values.
    rng : numpy.random.Generator, optional
        Needed where there are too many combinations to go through.

    Returns
    -------
    Resampled
        ``p_value`` and ``p_smallest``.

    Raises
    ------
    UsageError
        If Rademacher weights are asked for with 5 cohorts or fewer, or an rng is needed.
    DataError
        If there are fewer than two cohorts, or the cohorts have no spread and the t is not defined.

    References
    ----------
    Webb, M. D. (2023) Reworking wild bootstrap-based inference for clustered errors. Canadian Journal
    of Economics 56(3): 839-858. doi:10.1111/caje.12661

    Examples
    --------
    >>> check_bootstrap([1, 2, 2, 3, 1, 2, 1, 1], [1, 1, 2, 2, 3, 3, 4, 4]).p_smallest == 6 / 6**4
    True
    """
    check_word(weights, get_args(Weights), "weights")
    sums, sizes = _cohort_sums(changes, cohort)
    if weights == "rademacher" and len(sums) <= FEW:
        raise UsageError(f"Rademacher weights give {2 ** len(sums)} values with {len(sums)} cohorts; take 'webb'")
    points = POINTS[weights]
    observed = float(_t(sums[None, :], sizes)[0])
    if not np.isfinite(observed):
        raise DataError("cohort changes without any spread give no t; describe them instead")
    if len(points) ** len(sums) <= MOST_ENUMERATED:
        draws = np.array(list(product(points, repeat=len(sums))))
        return Resampled(float(_reaches(_t(draws * sums, sizes), observed).mean()), len(points) / len(draws))
    if rng is None:
        raise UsageError(f"{len(sums)} cohorts give too many combinations of weights to go through; pass an rng")
    drawn = _reaches(_t(rng.choice(points, (DRAWS, len(sums))) * sums, sizes), observed).sum()
    return Resampled(float((1 + drawn) / (1 + DRAWS)), 1 / (1 + DRAWS))


def check_sign_flip(means: ArrayLike) -> Resampled:
    """Test a mean change of 0 by flipping the signs of the cohorts' means, all combinations.

    Exact when a cohort's mean change is as likely to be x as to be -x under the null.

    Parameters
    ----------
    means : array_like, shape (G,)
        Mean change of each cohort, 2 to 18 of them.

    Returns
    -------
    Resampled
        ``p_value``, a multiple of 1 / 2^G, and ``p_smallest``, 2 / 2^G.

    Examples
    --------
    >>> check_sign_flip([0.2, 0.5, 0.3, 0.1, 0.4])
    Resampled(p_value=0.0625, p_smallest=0.0625)
    """
    values = np.asarray(means, dtype=np.float64)
    if not 2 <= len(values) <= 18:
        raise DataError(f"{len(values)} cohort(s): sign flips are gone through for 2 to 18")
    flips = np.array(list(product([-1.0, 1.0], repeat=len(values))))
    return Resampled(float(_reaches(flips @ values, values.sum()).mean()), 2 / len(flips))


def _cohort_sums(changes: ArrayLike, cohort: ArrayLike) -> tuple[Array, Array]:
    _, codes = np.unique(np.asarray(cohort), return_inverse=True)
    sums: Array = np.bincount(codes, np.asarray(changes, dtype=np.float64)).astype(np.float64)
    if len(sums) < 2:
        raise DataError(f"{len(sums)} cohort(s): a bootstrap over cohorts needs at least two")
    return sums, np.bincount(codes).astype(np.float64)


def _t(sums: Array, sizes: Array) -> Array:
    """Return the cluster-robust t of the mean (CR0, up to a constant) for rows of cohort sums.

    Infinite where a draw makes all cohorts alike.
    """
    total = sums.sum(axis=1)
    spread = np.sqrt(((sums - sizes * (total / sizes.sum())[:, None]) ** 2).sum(axis=1))
    defined = spread > TIE * np.abs(sums).max(axis=1)
    return np.asarray(np.divide(total, spread, out=np.full(len(total), np.inf), where=defined))


def _reaches(statistics: Array, observed: float) -> NDArray[np.bool_]:
    return np.asarray(np.abs(statistics) >= abs(observed) * (1 - TIE))
