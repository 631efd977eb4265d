"""Cluster-robust inference for a linear regression with few clusters: CR0, CR1 and CR2."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from coprod.errors import DataError, check_word
from coprod.training.sums import Array

Kind = Literal["CR0", "CR1", "CR2"]
NULL = 1e-9
"""An eigenvalue below this is one of a direction that the fit takes up whole."""


@dataclass(frozen=True)
class Robust:
    """A coefficient with its cluster-robust standard error and Satterthwaite degrees of freedom."""

    estimate: float
    std_error: float
    df: float


def estimate_robust(design: ArrayLike, outcome: ArrayLike, cluster: ArrayLike, contrast: ArrayLike,
                    kind: Kind = "CR2") -> Robust:  # fmt: skip
    r"""Estimate a contrast of an ordinary regression, with clusters as the unit.

    The variance is c' M (sum_g X_g' A_g e_g e_g' A_g X_g) M c with M = (X'X)^-1. CR2 takes
    A_g = (I - X_g M X_g')^(-1/2), which makes it unbiased when errors are independent with one
    variance; CR0 takes I, CR1 sqrt(G / (G - 1)) I. Under the same working model the variance is
    distributed as a sum of chi-squares, whose first two moments give the degrees of freedom.

    Parameters
    ----------
    design : array_like, shape (n, p)
        Regressors, of full column rank.
    outcome : array_like, shape (n,)
        Outcome.
    cluster : array_like, shape (n,)
        Cluster of each row; at least two clusters.
    contrast : array_like, shape (p,)
        Weights of the coefficients.
    kind : {"CR0", "CR1", "CR2"}
        Correction.

    Returns
    -------
    Robust
        ``estimate, std_error, df``.

    Raises
    ------
    DataError
        If there are fewer than two clusters, or the regressors are collinear.

    References
    ----------
    Pustejovsky, J. E. and Tipton, E. (2018) Small-sample methods for cluster-robust variance
    estimation and hypothesis testing in fixed effects models. Journal of Business & Economic
    Statistics 36(4): 672-683. doi:10.1080/07350015.2016.1247004

    Examples
    --------
    >>> robust = estimate_robust(np.ones((4, 1)), [1, 2, 3, 6], list("aabb"), [1])
    >>> robust.estimate, round(robust.std_error, 6), round(robust.df, 6)
    (3.0, 1.5, 1.0)
    """
    check_word(kind, get_args(Kind), "correction")
    x, y = np.asarray(design, dtype=np.float64), np.asarray(outcome, dtype=np.float64)
    groups = [np.flatnonzero(np.asarray(cluster) == name) for name in dict.fromkeys(np.asarray(cluster).tolist())]
    if len(groups) < 2:
        raise DataError(f"{len(groups)} cluster(s): a cluster-robust error needs at least two")
    if np.linalg.matrix_rank(x) < x.shape[1]:
        raise DataError("the regressors are collinear; leave one out")
    bread: Array = np.asarray(np.linalg.inv(x.T @ x), dtype=np.float64)
    half = np.linalg.cholesky(bread)
    beta = bread @ x.T @ y
    weights = x @ bread @ np.asarray(contrast, dtype=np.float64)
    pulls = np.zeros((len(groups), len(y)))
    for row, group in enumerate(groups):
        pulls[row, group] = _adjust(weights[group], x[group] @ half, len(groups), kind)
    pulls -= (pulls @ x) @ bread @ x.T  # each row now gives the cluster's term as a product with y
    spread = pulls @ pulls.T
    variance = float(((pulls @ y) ** 2).sum())
    df = float(np.trace(spread) ** 2 / (spread**2).sum())
    return Robust(float(np.asarray(contrast) @ beta), float(np.sqrt(variance)), df)


def _adjust(weights: Array, halves: Array, clusters: int, kind: Kind) -> Array:
    """Return A_g w of a cluster.

    The hat matrix of its rows is the product of ``halves`` with its transpose, so that A_g differs from I in no more
    directions than there are regressors: no step takes a matrix of rows by rows.
    """
    if kind != "CR2":
        return weights * (1.0 if kind == "CR0" else np.sqrt(clusters / (clusters - 1)))
    directions, sizes, _ = np.linalg.svd(halves, full_matrices=False)
    values = 1 - sizes**2
    roots = np.where(values > NULL, 1 / np.sqrt(np.maximum(values, NULL)), 0.0)
    return np.asarray(weights + directions @ ((roots - 1) * (directions.T @ weights)))
