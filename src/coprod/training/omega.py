"""McDonald's omega of a scale with one factor."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import optimize

from coprod.errors import DataError
from coprod.training.sums import Array

LEAST_UNIQUE = 0.005
"""Least share of an item's variance that is its own, as in most programs."""


class Omega(NamedTuple):
    """Omega total, from the participants who answered every item; ``flag`` names a Heywood case."""

    omega: float
    n_participants: int
    n_items: int
    flag: str


def estimate_omega(answers: pd.DataFrame) -> Omega:
    r"""Estimate McDonald's omega total of one factor, fitted by least squares to the correlations.

    With loadings l and uniquenesses u of the standardised items omega = (sum l)^2 / ((sum l)^2 + sum u). The loadings
    make the off-diagonal residual correlations smallest (minres); an item with nothing of its own (a Heywood case) is
    held at a uniqueness of 0.005 and flagged.

    Parameters
    ----------
    answers : DataFrame
        One row per participant, one column per item, reverse-scored items turned. Rows with a missing answer are
        left out.

    Returns
    -------
    Omega
        ``omega, n_participants, n_items, flag``.

    Raises
    ------
    DataError
        If there are fewer than three items, not more complete participants than items, or an item does not vary.

    References
    ----------
    McDonald, R. P. (1999) Test theory: a unified treatment. Mahwah: Erlbaum. doi:10.4324/9781410601087

    Examples
    --------
    >>> shared = np.random.default_rng(1).normal(size=(200, 1))
    >>> noise = np.random.default_rng(2).normal(size=(200, 4))
    >>> estimate_omega(pd.DataFrame(shared + noise)).omega > 0.7
    True
    """
    complete = answers.dropna()
    n, k = complete.shape
    if k < 3 or n <= k:
        raise DataError(f"{k} item(s) answered by {n} participant(s): omega needs three items and more participants")
    if (complete.var(ddof=1) <= 0).any():
        raise DataError(f"item {complete.columns[complete.var(ddof=1) <= 0][0]!r} does not vary: omega is not defined")
    correlations = np.corrcoef(complete.to_numpy(dtype=float), rowvar=False)
    uniqueness, loadings = _one_factor(np.asarray(correlations))
    shared = float(loadings.sum()) ** 2
    heywood = [str(name) for name, own in zip(complete.columns, uniqueness, strict=True) if own <= LEAST_UNIQUE + 1e-6]
    flag = f"Heywood case: {', '.join(heywood)} has nothing of its own" if heywood else ""
    return Omega(shared / (shared + float(uniqueness.sum())), n, k, flag)


def _one_factor(correlations: Array) -> tuple[Array, Array]:
    """Return uniquenesses and loadings of the factor that leaves the smallest residual correlations."""
    k = len(correlations)
    above = np.triu_indices(k, 1)
    values, vectors = np.linalg.eigh(correlations)
    first = vectors[:, -1] * np.sqrt(values[-1]) * np.sign(vectors[:, -1].sum())
    most = np.sqrt(1 - LEAST_UNIQUE)

    def residuals(loadings: Array) -> Array:
        return np.asarray((correlations - np.outer(loadings, loadings))[above])

    start = np.clip(first, -most + 1e-6, most - 1e-6)
    found = optimize.least_squares(residuals, start, bounds=(-most, most), xtol=1e-12, ftol=1e-14, gtol=1e-12)
    loadings = np.asarray(found.x * np.sign(found.x.sum()))
    return 1 - loadings**2, loadings
