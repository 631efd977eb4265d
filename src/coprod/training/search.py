"""The covariance parameters with the smallest REML criterion: Newton's steps, held at the bounds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from coprod.training.problem import Problem
from coprod.training.reml import State, base_forms, evaluate, sweep_waves
from coprod.training.sums import Array

MOST_STEPS = 200
MOST_HALVINGS, FEW_HALVINGS = 50, 2
FEW_COHORTS = 50
AT_ZERO = 1e-8
"""A variance below this share of the scores' variance is at its bound."""
DECREMENT = 1e-14
"""Newton's decrement at which the search ends."""
NEARLY = 1e-11
"""The same as a share of the criterion, where no step gains anything in floating point."""

Chosen = NDArray[np.bool_]


def optimum(problem: Problem) -> tuple[State, Chosen]:
    """Find the covariance parameters with the smallest criterion, variances at or above 0.

    Returns
    -------
    State, ndarray of bool, shape (N,)
        With few cohorts the better of the optima reached from two first guesses, since the criterion
        can then have two. And where the search came to rest.
    """
    several = bool(problem.random) and problem.count.shape[-1] <= FEW_COHORTS
    best, rested = _descend(problem, problem.start(0.05 if several else 0.1))
    if several:
        other, also = _descend(problem, problem.start(0.4))
        better = also & ~(rested & (best.criterion <= other.criterion))
        best = best.put(better, other.take(better))
        rested = rested | also
    return best, rested


def find_boundary(problem: Problem, state: State) -> Chosen:
    """Tell which parameters are variances at 0, shape (N, q)."""
    return np.asarray((problem.lower == 0) & (state.theta <= AT_ZERO * problem.spread[:, None]))


def find_degenerate(problem: Problem, state: State) -> Chosen:
    """Tell where no residual variation is left, shape (N,)."""
    return np.asarray((find_boundary(problem, state) & problem.own).any(axis=1))


def find_indistinct(state: State, share: float = 1e-10) -> Chosen:
    """Tell where the data cannot tell the covariance parameters apart, shape (N,)."""
    scaled, _ = _scale_information(state)
    return np.asarray(~(np.linalg.eigvalsh(scaled)[:, 0] > share))


def _scale_information(state: State) -> tuple[Array, Array]:
    """Return the expected information with ones on its diagonal, and the scale taken out."""
    diagonal = np.einsum("nqq->nq", state.traces)
    scale = np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
    units = scale[:, :, None] * scale[:, None]
    return state.traces / units, units


def _descend(problem: Problem, theta: Array) -> tuple[State, Chosen]:
    state = evaluate(problem, theta)
    rested = np.zeros(len(theta), dtype=bool)
    going = ~rested
    for _ in range(MOST_STEPS):
        step, decrement = _newton(problem, state)
        rested |= going & ((decrement < DECREMENT) | find_degenerate(problem, state))
        going &= ~rested
        if not going.any():
            break
        nearly = decrement < NEARLY * (1 + np.abs(state.criterion))
        state, moved = _search(problem, state, step, going, nearly)
        rested |= going & ~moved & nearly  # no step helps: what is left to gain is lost in rounding
        going &= moved
    return state, rested


def _newton(problem: Problem, state: State) -> tuple[Array, Array]:
    """Return each data set's step over its free parameters, and the gain it promises."""
    free = (state.theta > problem.lower) | (state.gradient < 0)
    pull = np.where(free, -state.gradient, 0.0)
    step: Array = np.linalg.solve(_curvature(state, free), pull[..., None])[..., 0].astype(np.float64)
    return step, np.asarray((pull * step).sum(axis=1))


def _curvature(state: State, free: Chosen) -> Array:
    """Return the Hessian where it is positive definite, else the expected one, else its diagonal."""
    inside, size = free[:, :, None] & free[:, None], state.theta.shape[1]
    expected, units = _scale_information(state)
    chosen = np.broadcast_to(np.eye(size), inside.shape).copy()
    for matrix in (expected, state.hessian / units):
        part = np.where(inside, matrix, np.eye(size))
        definite = np.linalg.eigvalsh(part)[:, 0] > 1e-14
        chosen[definite] = part[definite]
    return np.asarray(chosen * units)


def _search(problem: Problem, state: State, step: Array, going: Chosen, nearly: Chosen) -> tuple[State, Chosen]:
    """Walk along the steps, held at the bounds, until each criterion is lower; tell where one could be."""
    moved = np.zeros(len(going), dtype=bool)
    for halvings in range(MOST_HALVINGS):
        todo = going & ~moved & ~(nearly & (halvings > FEW_HALVINGS))
        if not todo.any():
            break
        theta = np.maximum(state.theta[todo] + step[todo] / 2**halvings, problem.lower)
        tried = evaluate(problem.take(todo), theta)
        lower = (tried.criterion < state.criterion[todo]) & np.isfinite(tried.hessian).all(axis=(1, 2))
        todo[todo] = lower
        state, moved = state.put(todo, tried.take(lower)), moved | todo
    return state, moved


def find_collinear(problem: Problem, share: float = 1e-8) -> str:
    """Name the first covariate that the columns before it leave no variation of its own; empty when none."""
    theta = problem.start(0.1)
    forms = sweep_waves(problem, theta)
    before = base_forms(problem, theta).zero.sum(axis=-1)
    for column in range(1 + len(problem.design), len(forms.zero)):
        if (forms.zero[column, column, :, 0] < share * before[column, column]).any():
            return problem.labels[column - 1]
        forms = forms.sweep(column)
    return ""
