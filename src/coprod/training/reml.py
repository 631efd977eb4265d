r"""The REML criterion of a linear mixed model and its derivatives, from sums alone.

A participant who answered at the waves O has scores y = M_O (beta + u) + 1 z' gamma + e with e ~ N(0, Sigma_O),
covariates z and, in the frame of future cohorts, u ~ N(0, diag(tau)) once per cohort. The products of
scores and fixed effects under Sigma are linear in the sums; then the cohorts' effects are absorbed into
the covariance and the fixed effects swept out, one column at a time (:mod:`coprod.training.forms`).

With P as there the criterion (minus twice the restricted log-likelihood) has gradient
tr(P V_j) - y' P V_j P y and Hessian 2 y' P V_i P V_j P y - tr(P V_i P V_j).
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from coprod.training.forms import Forms, pair_parameters
from coprod.training.problem import Frame, Problem
from coprod.training.sums import Array

__all__ = ["Frame", "State", "base_forms", "evaluate", "sweep_waves"]


@dataclass(frozen=True)
class State:
    """The criterion of N data sets at one value each of the q covariance parameters.

    Attributes
    ----------
    theta : ndarray, shape (N, q)
        The covariance parameters.
    criterion : ndarray, shape (N,)
        Minus twice the restricted log-likelihood; not a number where the covariance is not positive definite.
    gradient, hessian, traces : ndarray, shape (N, q), (N, q, q) and (N, q, q)
        Its derivatives, and tr(P V_i P V_j), twice the expected information.
    estimate, variance : ndarray, shape (N, F)
        Estimates of the fixed effects (the mean at the baseline and the later waves' changes, averaged over
        the cohorts, then the covariates) and their variances.
    slopes, curves : ndarray, shape (N, F, q) and (N, F, q, q)
        a' V_i a and a' V_i P V_j a of an estimate a' y: the variance's gradient, and what Kenward and
        Roger correct it by.
    """

    theta: Array
    criterion: Array
    gradient: Array
    hessian: Array
    traces: Array
    estimate: Array
    variance: Array
    slopes: Array
    curves: Array

    def take(self, chosen: NDArray[np.bool_]) -> State:
        """Return some of the data sets."""
        return State(*(getattr(self, field.name)[chosen] for field in fields(self)))

    def put(self, chosen: NDArray[np.bool_], other: State) -> State:
        """Return the state with some of the data sets replaced."""
        if chosen.all():
            return other
        merged = [getattr(self, field.name).copy() for field in fields(self)]
        for own, field in zip(merged, fields(self), strict=True):
            own[chosen] = getattr(other, field.name)
        return State(*merged)


def evaluate(problem: Problem, theta: Array, weights: Array | None = None) -> State:
    """Compute the criterion, its derivatives and the estimates.

    Parameters
    ----------
    problem : Problem
        N data sets.
    theta : ndarray, shape (N, q)
        Covariance parameters.
    weights : ndarray, shape (N, C), optional
        Of these cohorts in the average, summing to 1; all alike by default.

    Returns
    -------
    State
        Of the N data sets.
    """
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        forms = sweep_waves(problem, theta, weights)
        for column in range(1 + len(problem.design), len(forms.zero)):
            forms = forms.sweep(column)
        return _read(problem, theta, forms)


def sweep_waves(problem: Problem, theta: Array, weights: Array | None = None) -> Forms:
    """Absorb the cohorts' effects and take the waves out, up to the covariates."""
    forms = base_forms(problem, theta)
    for effect, variance in zip(problem.random, theta[:, len(problem.kinds) :].T, strict=True):
        forms = forms.absorb(1 + effect, variance[:, None])
    if problem.frame == "future_cohorts":
        forms = forms.gather()
    share = 1 / forms.logdet.shape[-1] if weights is None else weights
    for column in range(1, 1 + len(problem.design)):
        forms = forms.sweep(column, share)
    return forms.gather()


def base_forms(problem: Problem, theta: Array) -> Forms:
    """Return the products under the participants' covariance alone, by cohort."""
    kernels, own, both, logdet = _kernels(problem, theta)
    weighted = kernels @ problem.design
    crossed = problem.design.T @ weighted
    sets, size, cohorts = len(theta), 1 + len(problem.effects), problem.count.shape[-1]
    out = np.empty((len(kernels), size, size, sets, cohorts))
    out[:, 0, 0] = _contract(kernels, problem.squares)
    for r, (wave, number) in enumerate(problem.effects, start=1):
        out[:, 0, r] = out[:, r, 0] = _contract(weighted[..., wave], problem.total[:, number])
        for s, (other, factor) in enumerate(problem.effects[:r], start=1):
            out[:, r, s] = out[:, s, r] = _contract(crossed[..., wave, other], problem.count[:, number, factor])
    people = problem.count[:, 0, 0]
    end = 1 + len(own)
    return Forms(out[0], out[1:end], out[end:],
                 _contract(own, people), _contract(both, people), _contract(logdet[None], people)[0])  # fmt: skip


def _contract(weights: Array, moments: Array) -> Array:
    """Add moments (N, J, C) by weights (L, N, ...), J of them: shape (L, N, C)."""
    flat = weights.reshape(*weights.shape[:2], -1)
    return np.swapaxes(np.swapaxes(flat, 0, 1) @ moments, 0, 1)


def _kernels(problem: Problem, theta: Array) -> tuple[Array, Array, Array, Array]:
    """Return Sigma^-1, Sigma^-1 V_i Sigma^-1 and Sigma^-1 V_i Sigma^-1 V_j Sigma^-1 by data set and waves answered.

    And the traces of Sigma^-1 V_i and Sigma^-1 V_i Sigma^-1 V_j, and log|Sigma|.
    """
    sigma = np.tensordot(theta[:, : len(problem.kinds)], problem.kinds, axes=1)
    inverse, logdet = _invert(sigma, problem.patterns)
    i, j = pair_parameters(len(problem.kinds))
    ratio = inverse @ problem.kinds[:, None, None]
    first = ratio @ inverse
    second = ratio[i] @ first[j]
    kernels = np.concatenate([inverse[None], first, (second + np.swapaxes(second, -1, -2)) / 2])
    own, both = np.einsum("qnkaa->qnk", ratio), np.einsum("pnkab,pnkba->pnk", ratio[i], ratio[j])
    return kernels, own, both, logdet


def _invert(sigma: Array, patterns: NDArray[np.bool_]) -> tuple[Array, Array]:
    """Invert the observed part of each matrix (N, W, W) for each pattern (K, W), and give its log determinant."""
    seen = patterns[:, :, None] & patterns[:, None]
    work, logdet = sigma[:, None] * seen, np.zeros((len(sigma), len(patterns)))
    for w, used in enumerate(patterns.T):
        pivot = np.where(used, work[..., w, w], 1.0)
        pivot = np.where(pivot > 0, pivot, np.nan)
        row = work[..., w, :] / pivot[..., None]
        work = work - work[..., :, w, None] * row[..., None, :]
        work[..., w, :] = work[..., :, w] = row
        work[..., w, w] = -1 / pivot
        logdet += np.log(pivot)
    return -work * seen, logdet


def _read(problem: Problem, theta: Array, forms: Forms) -> State:
    """Put the data sets first, and pairs of parameters into matrices."""
    i, j = pair_parameters(theta.shape[1])
    pairs = np.zeros((theta.shape[1], theta.shape[1]), dtype=np.int64)
    pairs[i, j] = pairs[j, i] = np.arange(len(i))
    zero, first, second, traces = (part[..., 0] for part in (forms.zero, forms.first, forms.second, forms.traces))
    fixed = np.arange(1, len(zero))
    first_own, second_own = first[:, fixed, fixed], second[:, fixed, fixed]
    expected = np.moveaxis(traces[pairs], -1, 0)
    return State(
        theta,
        criterion=forms.logdet[:, 0] + zero[0, 0] + problem.constant,
        gradient=(forms.trace[..., 0] - first[:, 0, 0]).T,
        hessian=2 * np.moveaxis(second[pairs, 0, 0], -1, 0) - expected,
        traces=expected,
        estimate=zero[0, fixed].T,
        variance=-zero[fixed, fixed].T,
        slopes=np.transpose(first_own, (2, 1, 0)),
        curves=np.transpose(second_own[pairs], (3, 2, 0, 1)),
    )
