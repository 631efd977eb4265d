"""A cumulative logit model by maximum likelihood, with a cluster-robust covariance.

Fitted by Newton's method: the maximum is that of R's ``clm`` and of statsmodels' ``OrderedModel``, the covariance that
of R's ``sandwich``. statsmodels' ``OrdinalGEE`` is not used: its estimate under independence is neither that of
maximum likelihood nor that of R's ``ordgee``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from coprod.errors import DataError
from coprod.training.sums import Array

DIGITS = 9
"""Decimal places beyond which scores that differ are the same."""
MOST_STEPS = 60
MOST_CELLS = 20_000_000
"""Rows times parameters above which the fit is refused."""
NEAR = 1e-10
"""Newton's decrement below which the next step is the last."""
TINY = 1e-300
"""In place of a chance of 0 or less, which crossed thresholds give: such a step is never taken."""
FAR = 15.0
"""A log odds ratio beyond this grows without end."""


class CumulativeLogit(NamedTuple):
    """A cumulative logit model at its maximum.

    Attributes
    ----------
    coefficients : ndarray, shape (p,)
        Log odds ratios of a higher grade.
    thresholds : ndarray, shape (K - 1,)
        Log odds of each grade or one below it, where all regressors are 0.
    covariance : ndarray, shape (p, p)
        Robust covariance of the coefficients.
    log_likelihood : float
        At the maximum.
    """

    coefficients: Array
    thresholds: Array
    covariance: Array
    log_likelihood: float


def fit_cumulative_logit(grades: ArrayLike, design: Array, cluster: Sequence[object]) -> CumulativeLogit:
    r"""Fit logit P(Y <= k) = theta_k - x' beta by maximum likelihood, with a cluster-robust covariance.

    The covariance is H^-1 (sum_g s_g s_g') H^-1, with s_g the sum of the scores of cluster g and H the Hessian, and no
    correction for few clusters.

    Parameters
    ----------
    grades : sequence, shape (n,)
        Ordered outcomes; each distinct value is a grade.
    design : ndarray, shape (n, p)
        Regressors, no constant among them.
    cluster : sequence, shape (n,)
        Cluster of each row.

    Returns
    -------
    CumulativeLogit
        ``coefficients, thresholds, covariance, log_likelihood``.

    Raises
    ------
    DataError
        If there is one grade only, there are too many rows and grades, or there is no maximum.

    References
    ----------
    McCullagh, P. (1980) Regression models for ordinal data. Journal of the Royal Statistical Society B 42(2): 109-142.
    doi:10.1111/j.2517-6161.1980.tb01109.x

    Examples
    --------
    >>> import math
    >>> x = np.array([[0.0], [0], [0], [1], [1], [1]])
    >>> fit = fit_cumulative_logit([1, 1, 2, 1, 2, 2], x, range(6))
    >>> round(fit.coefficients.item(), 6), round(2 * math.log(2), 6)
    (1.386294, 1.386294)
    """
    levels, grade = np.unique(np.asarray(grades, dtype=np.float64).round(DIGITS), return_inverse=True)
    grade = grade.astype(np.int64)
    size = len(levels) - 1 + design.shape[1]
    if len(levels) < 2 or len(grade) * size > MOST_CELLS:
        raise DataError(
            "all scores are equal, or they and the cohorts are too many for the cumulative logit; read the "
            "probability of improvement"
        )
    upper, lower = _edges(grade, len(levels), design)
    share = np.cumsum(np.bincount(grade))[:-1] / len(grade)
    theta = np.concatenate([special.logit(share), np.zeros(design.shape[1])])
    for _ in range(MOST_STEPS):
        value, rows, hessian = _differentiate(theta, upper, lower, grade, len(levels))
        step = _solve(-hessian, rows.sum(axis=0))
        if float(rows.sum(axis=0) @ step) < NEAR:
            theta = theta + step  # from here one step more is exact to rounding
            break
        theta = _move(theta, step, value, (upper, lower, grade, len(levels)))
        if np.abs(theta[len(levels) - 1 :]).max(initial=0.0) > FAR:
            raise DataError(
                "all scores of a cohort at a wave are beyond all others: there is no largest likelihood; count who rose"
            )
    else:
        raise DataError("the cumulative logit did not come to rest; read the probability of improvement")
    value, rows, hessian = _differentiate(theta, upper, lower, grade, len(levels))
    cut = len(levels) - 1
    _, codes = np.unique(np.asarray(cluster, dtype=object).astype(str), return_inverse=True)
    sums = np.zeros((codes.max() + 1, size))
    np.add.at(sums, codes, rows)
    pulled = _solve(-hessian, sums.T)
    return CumulativeLogit(theta[cut:], theta[:cut], np.asarray(pulled @ pulled.T)[cut:, cut:], value)


def _edges(grade: NDArray[np.int64], levels: int, design: Array) -> tuple[Array, Array]:
    """Return the rows that give the upper and the lower edge of each answer's grade from the parameters."""
    steps = np.eye(levels)[:, :-1]
    below = np.vstack([np.zeros(levels - 1), steps[:-1]])
    return np.hstack([steps[grade], -design]), np.hstack([below[grade], -design])


def _differentiate(
    theta: Array, upper: Array, lower: Array, grade: NDArray[np.int64], levels: int
) -> tuple[float, Array, Array]:
    """Return the log likelihood, its gradient by row, and its Hessian."""
    top, bottom = grade == levels - 1, grade == 0
    high = np.where(top, 1.0, special.expit(upper @ theta))
    low = np.where(bottom, 0.0, special.expit(lower @ theta))
    chance = np.maximum(high - low, TINY)
    value = float(np.log(chance).sum())
    slope_high, slope_low = high * (1 - high), low * (1 - low)
    pull_high, pull_low = slope_high / chance, -slope_low / chance
    rows = pull_high[:, None] * upper + pull_low[:, None] * lower
    bend_high = slope_high * (1 - 2 * high) / chance
    bend_low = -slope_low * (1 - 2 * low) / chance
    hessian = upper.T @ (bend_high[:, None] * upper) + lower.T @ (bend_low[:, None] * lower) - rows.T @ rows
    return value, np.asarray(rows), np.asarray(hessian)


def _move(theta: Array, step: Array, value: float, data: tuple[Array, Array, NDArray[np.int64], int]) -> Array:
    """Walk along the step until the likelihood is no lower."""
    tries = (theta + step / 2**halvings for halvings in range(40))
    return next((np.asarray(moved) for moved in tries if _differentiate(moved, *data)[0] >= value), theta)


def _solve(matrix: Array, right: Array) -> Array:
    try:
        return np.asarray(np.linalg.solve(matrix, right))
    except np.linalg.LinAlgError:
        raise DataError(
            "the cumulative logit has no single maximum; look for a cohort whose scores are all alike"
        ) from None
