"""The covariance parameters with the smallest REML criterion: Newton's steps, held at the bounds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from coprod.errors import DataError
from coprod.training.reml import Problem, State
from coprod.training.sums import Array

MOST_STEPS = 200
FEW_COHORTS = 50
DECREMENT = 1e-14
"""Newton's decrement at which the search ends."""
NEARLY = 1e-11
"""The same as a share of the criterion, where no step gains anything in floating point."""


def optimum(problem: Problem) -> State:
    """Find the covariance parameters with the smallest criterion, variances at or above 0.

    Returns
    -------
    State
        With few cohorts the better of the optima reached from two first guesses, since the criterion
        can then have two.

    Raises
    ------
    DataError
        If the search does not come to rest, or no residual variation is left.
    """
    several = problem.frame == "future_cohorts" and len(problem.y) <= FEW_COHORTS
    shares = (0.05, 0.4) if several else (0.1,)
    best = min((_descend(problem, problem.start(share)) for share in shares), key=lambda state: state.criterion)
    if best.degenerate:
        raise DataError("the model leaves no residual variation: every participant changed alike; describe, do not fit")
    return best


def _descend(problem: Problem, theta: Array) -> State:
    state = State(problem, theta)
    for _ in range(MOST_STEPS):
        free: NDArray[np.bool_] = np.asarray((state.theta > problem.lower) | (state.gradient < 0))
        step = np.zeros_like(theta)
        step[free] = np.linalg.solve(_curvature(state, free), -state.gradient[free])
        decrement = float(-state.gradient @ step)
        if decrement < DECREMENT or state.degenerate:
            return state
        moved = _search(state, step)
        if moved is None and decrement < NEARLY * (1 + abs(state.criterion)):
            return state  # what is left to gain is lost in rounding
        if moved is None:
            break
        state = moved
    raise DataError(
        "the mixed model did not come to rest; look for a cohort or wave with few answers, or take cohort means"
    )


def _curvature(state: State, free: NDArray[np.bool_]) -> Array:
    """Return the Hessian where it is positive definite, else the expected one."""
    for matrix in (state.hessian, state.traces):
        part = matrix[np.ix_(free, free)]
        try:
            np.linalg.cholesky(part)
        except np.linalg.LinAlgError:
            continue
        return np.asarray(part)
    return np.asarray(np.diag(np.maximum(np.diag(state.traces)[free], 1e-300)))


def _search(state: State, step: Array) -> State | None:
    """Walk along the step, held at the bounds, until the criterion is lower; None when it cannot be."""
    for halvings in range(50):
        theta = np.maximum(state.theta + step / 2**halvings, state.problem.lower)
        moved = State(state.problem, theta)
        try:
            if moved.criterion < state.criterion:
                return moved
        except np.linalg.LinAlgError:
            continue
    return None
