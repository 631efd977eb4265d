r"""The products a mixed model's criterion is made of, and how effects are taken out of them one at a time.

Let A = [y, X] hold the scores and the columns of the fixed effects, and let the covariance be linear in its
parameters, V = sum_j theta_j V_j. Everything REML needs is in

    A' P A,   A' P V_i P A,   A' P V_i P V_j P A,   tr(P V_i),   tr(P V_i P V_j)   and   log|V| + log|X' V^-1 X|

with P = V^-1 - V^-1 X (X' V^-1 X)^-1 X' V^-1. To add tau z z' to V, or to take a column x out as a fixed
effect, changes P by a matrix of rank one, P - h P z z' P, with h = tau / (1 + tau z'Pz) or h = 1 / x'Px.
So both are one step with one number h, done for all cohorts and all data sets at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coprod.training.sums import Array


def pair_parameters(size: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the pairs i <= j of parameters, in the order in which they are kept.

    Examples
    --------
    >>> [row.tolist() for row in pair_parameters(2)]
    [[0, 0, 1], [0, 1, 1]]
    """
    j, i = np.tril_indices(size)
    return i.astype(np.int64), j.astype(np.int64)


@dataclass(frozen=True)
class Forms:
    """Products of R columns for q covariance parameters, for N data sets of C cohorts.

    Attributes
    ----------
    zero : ndarray, shape (R, R, N, C)
        A' P A.
    first : ndarray, shape (q, R, R, N, C)
        A' P V_i P A.
    second : ndarray, shape (q (q + 1) / 2, R, R, N, C)
        A' P V_i P V_j P A for the pairs of :func:`pair_parameters`; only its symmetric part counts.
    trace : ndarray, shape (q, N, C)
        tr(P V_i).
    traces : ndarray, shape (q (q + 1) / 2, N, C)
        tr(P V_i P V_j).
    logdet : ndarray, shape (N, C)
        log|V| + log|X' V^-1 X| of the columns taken out.
    """

    zero: Array
    first: Array
    second: Array
    trace: Array
    traces: Array
    logdet: Array

    def absorb(self, column: int, variance: Array) -> Forms:
        """Add ``variance`` (N, 1) times z z' to V for a column z, and the variance to the parameters."""
        scale = 1 + variance * self.zero[column, column]
        step = variance / scale
        moved = self._step(column, step, step * self.zero[column])
        z = moved.zero[column]
        outer = z[:, None] * z[None]
        mixed = moved.first[:, :, column, None] * z[None, None]
        return Forms(
            moved.zero,
            np.concatenate([moved.first, outer[None]]),
            np.concatenate([moved.second, mixed, (outer * z[column])[None]]),
            np.concatenate([moved.trace, z[None, column]]),
            np.concatenate([moved.traces, moved.first[:, column, column], z[None, column] ** 2]),
            moved.logdet + np.log(scale),
        )

    def sweep(self, column: int, weight: Array | float = 1.0) -> Forms:
        """Take out a column as a fixed effect, and let its place hold the weighted estimate of its coefficient.

        The estimate is a' y with a = weight P x / x'Px. Afterwards ``zero`` holds a'y beside the scores and
        minus the variance a'Va on the diagonal, ``first`` a'V_i a, and ``second`` a'V_i P V_j a.
        """
        pivot = self.zero[column, column]
        pull = self.zero[column] / pivot
        pull[column] = 1 - weight / pivot
        moved = self._step(column, 1 / pivot, pull)
        moved.zero[column] = moved.zero[:, column] = weight * self.zero[column] / pivot
        moved.zero[column, column] = -(weight**2) / pivot
        return Forms(moved.zero, moved.first, moved.second, moved.trace, moved.traces, self.logdet + np.log(pivot))

    def gather(self) -> Forms:
        """Add over the cohorts."""
        parts = (self.zero, self.first, self.second, self.trace, self.traces, self.logdet)
        return Forms(*(part.sum(axis=-1, keepdims=True) for part in parts))

    def _step(self, column: int, step: Array, pull: Array) -> Forms:
        """Change P by -``step`` P z z' P, and take ``pull`` times the column z from every column."""
        i, j = pair_parameters(len(self.first))
        own, corner = self.first[:, :, column], self.first[:, column, column]
        second = self.second - (step * own)[i][:, :, None] * own[j][:, None]
        traces = self.traces - 2 * step * self.second[:, column, column] + step**2 * corner[i] * corner[j]
        zero = self.zero - step * self.zero[:, None, column] * self.zero[None, column]
        return Forms(zero, _pull(self.first, column, pull), _pull(second, column, pull),
                     self.trace - step * corner, traces, self.logdet)  # fmt: skip


def _pull(forms: Array, column: int, pull: Array) -> Array:
    """Take ``pull`` times a column from every column, on both sides."""
    forms = forms - pull[:, None] * forms[:, None, column]
    return np.asarray(forms - forms[:, :, column, None] * pull[None])
