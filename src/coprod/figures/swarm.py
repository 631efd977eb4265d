"""Where the dots of people stand, and how densely their scores lie."""

from __future__ import annotations

import numpy as np
import pandas as pd

from coprod.training.sums import Array

DOT = 5.0
"""Breadth of a dot in points, and of the room it takes."""
ASIDE = 8.0


def place_dots(rows: pd.DataFrame, middle: float, scale: float, reach: float) -> pd.DataFrame:
    """Set dots of about the same height side by side, to the left of a middle, closer where they are many.

    Parameters
    ----------
    rows : DataFrame
        ``participant, score``.
    middle : float
        In points.
    scale : float
        Points for each point of the score.
    reach : float
        Points that the dots may take to the left.

    Returns
    -------
    DataFrame
        Sorted by score and participant, with ``x`` in points.

    Examples
    --------
    >>> rows = pd.DataFrame({"participant": ["a", "b", "c"], "score": [3.0, 2.0, 3.0]})
    >>> place_dots(rows, 100, 50, 40)[["participant", "x"]].to_numpy().tolist()
    [['b', 92.0], ['a', 92.0], ['c', 87.0]]
    """
    rows = rows.sort_values(["score", "participant"])
    level = (rows["score"] * scale / DOT).round(6).floordiv(1)
    order, most = level.groupby(level).cumcount(), level.groupby(level).transform("size")
    step = np.minimum(DOT, (reach + 1 - ASIDE) / (most - 1).clip(lower=1))
    return rows.assign(x=middle - ASIDE - order * step)


def estimate_density(values: Array, grid: Array) -> Array:
    r"""Estimate a density by Gaussian kernels, turned back at both ends of a scale.

    With h the standard deviation over the fifth root of n (Scott), the density at g is the sum of
    phi((g - v) / h) / (n h) over all values v and their mirror images at both ends.

    Parameters
    ----------
    values : array_like, shape (n,)
        Within the scale.
    grid : array_like, shape (k,)
        Where it is estimated, from one end of the scale to the other.

    Returns
    -------
    ndarray, shape (k,)
        All 0 where the values are all alike.

    References
    ----------
    Silverman, B. W. (1986) Density Estimation for Statistics and Data Analysis. Chapman and Hall, section 2.10.

    Examples
    --------
    >>> estimate_density(np.array([2.0, 2.5, 4.0]), np.array([1.0, 3.0, 5.0])).round(3).tolist()
    [0.22, 0.289, 0.16]
    """
    if np.ptp(values) < 1e-9:
        return np.zeros_like(grid)
    breadth = values.std(ddof=1) * len(values) ** -0.2
    turned = np.concatenate([values, 2 * grid[0] - values, 2 * grid[-1] - values])
    kernels = np.exp(-0.5 * ((grid[:, None] - turned) / breadth) ** 2)
    return np.asarray(kernels.sum(axis=1) / (len(values) * breadth * np.sqrt(2 * np.pi)))
