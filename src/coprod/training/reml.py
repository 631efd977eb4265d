r"""The REML criterion of a linear mixed model and its derivatives, from sums alone.

The n participants of a cohort who answered at the same waves O have scores y_i = M_O (beta + u) + e_i,
with e_i ~ N(0, Sigma_O) and, in the frame of future cohorts, u ~ N(0, diag(tau)) once per cohort. An
orthogonal transformation parts them into sqrt(n) times their mean, which holds beta and u, and n - 1
contrasts that are N(0, Sigma_O) and nothing else. What is left to invert is one small matrix per cohort,
whatever the number of participants.

The covariance is linear in its parameters theta, V = sum_j theta_j V_j. With P = V^-1 - V^-1 X Phi X' V^-1
and Phi = (X' V^-1 X)^-1 the criterion (minus twice the restricted log-likelihood) has gradient
tr(P V_j) - y' P V_j P y and Hessian 2 y' P V_i P V_j P y - tr(P V_i P V_j).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from coprod.errors import DataError
from coprod.training.sums import Array, Sums

Frame = Literal["these_cohorts", "future_cohorts"]
Covariance = Literal["compound-symmetric", "unstructured"]
AT_ZERO = 1e-8
"""A variance below this share of the scores' variance is at its bound."""


class Problem:
    """One model for one set of sums.

    Parameters
    ----------
    sums : Sums
        At least two waves and two cohorts (one is enough for these cohorts).
    frame : {"these_cohorts", "future_cohorts"}
        Cohorts as fixed effects, each with its own means; or as random effects, one variance for
        their level and one for each later wave's change.
    covariance : {"compound-symmetric", "unstructured"}
        Covariance of a participant's scores: a residual and a participant variance, or free.
    """

    def __init__(self, sums: Sums, frame: Frame, covariance: Covariance) -> None:
        self.frame = frame
        width = len(sums.waves)
        pattern, wave = np.nonzero(sums.patterns)
        root = np.sqrt(sums.count[:, pattern])
        design = np.eye(width)
        design[:, 0] = 1
        self.X = root[:, :, None] * design[wave]
        self.y = np.divide(sums.total[:, pattern, wave], root, out=np.zeros_like(root), where=root > 0)
        same = pattern[:, None] == pattern[None, :]
        self.names, kinds = _kinds(sums.waves, covariance)
        self.blocks = np.array([kind[np.ix_(wave, wave)] * same for kind in kinds])
        self.contrasts = (sums.count - 1).sum(axis=0)[pattern]
        means = np.divide(sums.total, np.sqrt(sums.count)[..., None], out=np.zeros_like(sums.total),
                          where=sums.count[..., None] > 0)  # fmt: skip
        rest = (sums.products - means[..., :, None] * means[..., None, :]).sum(axis=0)
        self.rest = rest[pattern[:, None], wave[:, None], wave[None, :]] * same
        self.lower = np.array([0.0 if name in ("participant", "residual") or name.startswith("var ") else -np.inf
                               for name in self.names])  # fmt: skip
        if frame == "future_cohorts":
            self.names += ["cohort", *(f"cohort x {name}" for name in sums.waves[1:])]
            self.lower = np.concatenate([self.lower, np.zeros(width)])
        blocks_of_means = 1 if frame == "future_cohorts" else len(sums.cohorts)
        self.spread = _spread(sums)
        self.constant = (sums.n_observations - width * blocks_of_means) * np.log(2 * np.pi)

    @property
    def size(self) -> int:
        """Number of covariance parameters."""
        return len(self.names)

    def gather(self, terms: Array) -> Array:
        """Add terms over the cohorts that share their fixed effects; the first axis is the blocks."""
        return terms.sum(axis=0, keepdims=True) if self.frame == "future_cohorts" else terms

    def start(self, share: float) -> Array:
        """Return a first guess that gives each cohort variance a share of the scores' variance."""
        theta = np.array([0.5 * self.spread if name == "residual" or name.startswith("var ") else
                          0.4 * self.spread if name == "participant" else 0.1 * self.spread
                          for name in self.names])  # fmt: skip
        theta[len(self.blocks) :] = share * self.spread
        return theta


def _kinds(waves: tuple[str, ...], covariance: Covariance) -> tuple[list[str], list[Array]]:
    """Return the names and the matrices of a participant's covariance parameters."""
    width = len(waves)
    if covariance == "compound-symmetric":
        return ["residual", "participant"], [np.eye(width), np.ones((width, width))]
    names, kinds = [], []
    for w in range(width):
        for v in range(w, width):
            kind = np.zeros((width, width))
            kind[w, v] = kind[v, w] = 1
            kinds.append(kind)
            names.append(f"var {waves[w]}" if w == v else f"cov {waves[w]}, {waves[v]}")
    return names, kinds


def _spread(sums: Sums) -> float:
    """Return the variance of all scores."""
    n = sums.n_observations
    squares = np.trace(sums.products.sum(axis=(0, 1)))
    spread = float(squares / n - (sums.total.sum() / n) ** 2)
    if spread <= 1e-12 * max(1.0, float(squares / n)):
        raise DataError("all scores are equal: there is no variation to model")
    return spread


@dataclass(frozen=True)
class State:
    """The criterion at one value of the covariance parameters, and what follows from it."""

    problem: Problem
    theta: Array

    @property
    def degenerate(self) -> bool:
        """Tell whether no residual variation is left."""
        own = [name == "residual" or name.startswith("var ") for name in self.problem.names]
        return bool((self.theta[own] <= AT_ZERO * self.problem.spread).any())

    @cached_property
    def block_inverse(self) -> Array:
        """Inverse of the participants' covariance, all patterns in one matrix."""
        sigma = np.tensordot(self.theta[: len(self.problem.blocks)], self.problem.blocks, axes=1)
        np.linalg.cholesky(sigma)
        return np.asarray(np.linalg.inv(sigma))

    @cached_property
    def inverse(self) -> Array:
        """Inverse covariance of each cohort's means, shape (C, m, m), by Woodbury's identity."""
        tau = self.theta[len(self.problem.blocks) :]
        if not tau.size:
            return np.broadcast_to(self.block_inverse, (len(self.problem.y), *self.block_inverse.shape))
        scaled = self.problem.X * np.sqrt(tau)
        left = self.block_inverse @ scaled
        return self.block_inverse - left @ np.linalg.solve(self._inner, np.swapaxes(left, 1, 2))

    @cached_property
    def _inner(self) -> Array:
        scaled = self.problem.X * np.sqrt(self.theta[len(self.problem.blocks) :])
        return np.eye(scaled.shape[2]) + np.swapaxes(scaled, 1, 2) @ self.block_inverse @ scaled

    @cached_property
    def phi(self) -> Array:
        """Covariance of the fixed effects by block, shape (B, W, W)."""
        weighted = np.swapaxes(self.problem.X, 1, 2) @ self.inverse
        return np.asarray(np.linalg.inv(self.problem.gather(weighted @ self.problem.X)))

    @cached_property
    def beta(self) -> Array:
        """Fixed effects by block, shape (B, W): the baseline, then each later wave's change."""
        weighted = np.swapaxes(self.problem.X, 1, 2) @ (self.inverse @ self.problem.y[..., None])
        return (self.phi @ self.problem.gather(weighted))[..., 0]

    @cached_property
    def residual(self) -> Array:
        """Inverse covariance times residual, shape (C, m)."""
        fitted = self.problem.X @ self.beta[..., None]
        return (self.inverse @ (self.problem.y[..., None] - fitted))[..., 0]

    @cached_property
    def criterion(self) -> float:
        """Minus twice the restricted log-likelihood."""
        problem, inverse = self.problem, self.block_inverse
        weights = problem.contrasts + len(problem.y)
        chol = np.linalg.cholesky(inverse)
        value = -2 * float(weights @ np.log(np.diag(chol)))
        if len(self.theta) > len(problem.blocks):
            value += float(np.linalg.slogdet(self._inner)[1].sum())
        value -= float(np.linalg.slogdet(self.phi)[1].sum())
        value += float((inverse * problem.rest).sum())
        value += float(((problem.y[..., None] - problem.X @ self.beta[..., None])[..., 0] * self.residual).sum())
        return float(value + problem.constant)

    @cached_property
    def _steps(self) -> tuple[Array, Array, Array, Array]:
        """Return V^-1 V_j, X'V^-1 V_j V^-1 r, V_j V^-1 r and Sigma^-1 G_j for every parameter."""
        problem = self.problem
        shape = (len(problem.y), *self.block_inverse.shape)
        products = [np.broadcast_to(self.inverse @ block, shape) for block in problem.blocks]
        pulls = [(block @ self.residual[..., None])[..., 0] for block in problem.blocks]
        for k in range(problem.size - len(problem.blocks)):
            z = problem.X[:, :, k]
            products.append((self.inverse @ z[..., None]) * z[:, None, :])
            pulls.append(z * (z * self.residual).sum(axis=1, keepdims=True))
        ratio, pull = np.array(products), np.array(pulls)
        cross = np.swapaxes(problem.X, 1, 2) @ self.inverse @ pull[..., None]
        return ratio, cross[..., 0], pull, np.array([self.block_inverse @ block for block in problem.blocks])

    @cached_property
    def slopes(self) -> Array:
        """X' V^-1 V_j V^-1 X by parameter and block, shape (q, B, W, W)."""
        problem = self.problem
        whole = np.swapaxes(problem.X, 1, 2) @ self._steps[0] @ self.inverse @ problem.X
        return np.array([problem.gather(one) for one in whole])

    @cached_property
    def bends(self) -> Array:
        """X' V^-1 V_i V^-1 V_j V^-1 X by two parameters and block, shape (q, q, B, W, W)."""
        problem, ratio = self.problem, self._steps[0]
        outer = np.swapaxes(problem.X, 1, 2) @ ratio
        inner = ratio @ (self.inverse @ problem.X)
        return np.array([[problem.gather(left @ right) for right in inner] for left in outer])

    @cached_property
    def gradient(self) -> Array:
        """Gradient of the criterion, shape (q,)."""
        problem = self.problem
        ratio, _, pull, small = self._steps
        result = np.einsum("qcii->q", ratio) - np.einsum("bij,qbji->q", self.phi, self.slopes)
        result -= (self.residual * pull).sum(axis=(1, 2))
        count = len(small)
        result[:count] += np.einsum("qii,i->q", small, problem.contrasts)
        result[:count] -= np.einsum("qij,jk,ki->q", small, self.block_inverse, problem.rest)
        return np.asarray(result)

    @cached_property
    def traces(self) -> Array:
        """tr(P V_i P V_j), shape (q, q): twice the expected information."""
        ratio, _, _, small = self._steps
        result = np.einsum("icab,jcba->ij", ratio, ratio, optimize=True)
        result -= 2 * np.einsum("bxy,ijbyx->ij", self.phi, self.bends)
        weighted = self.phi @ self.slopes
        result += np.einsum("ibxy,jbyx->ij", weighted, weighted)
        count = len(small)
        result[:count, :count] += np.einsum("iab,jba,a->ij", small, small, self.problem.contrasts)
        return np.asarray(result)

    @cached_property
    def hessian(self) -> Array:
        """Hessian of the criterion, shape (q, q)."""
        _, cross, pull, small = self._steps
        quadratic = np.einsum("ica,cab,jcb->ij", pull, self.inverse, pull, optimize=True)
        gathered = np.array([self.problem.gather(one) for one in cross])
        quadratic -= np.einsum("ibx,bxy,jby->ij", gathered, self.phi, gathered)
        count = len(small)
        shaped = np.einsum("iab,jbc,cd,da->ij", small, small, self.block_inverse, self.problem.rest, optimize=True)
        quadratic[:count, :count] += (shaped + shaped.T) / 2
        return np.asarray(2 * quadratic - self.traces)
