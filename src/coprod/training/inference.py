"""Standard errors and degrees of freedom of the estimates of a mixed model, for many data sets at once."""

from __future__ import annotations

import numpy as np

from coprod.training.problem import Problem
from coprod.training.reml import State
from coprod.training.search import find_boundary
from coprod.training.sums import Array


def infer_satterthwaite(problem: Problem, state: State) -> tuple[Array, Array]:
    """Return standard errors and degrees of freedom by Satterthwaite, each of shape (N, F).

    The degrees of freedom are 2 v^2 / (g' A g), with v the variance of the estimate, g its gradient and A
    twice the inverse Hessian of the criterion, over the parameters that are not at their bound.

    References
    ----------
    Kuznetsova, A., Brockhoff, P. B. and Christensen, R. H. B. (2017) lmerTest package. Journal of
    Statistical Software 82(13). doi:10.18637/jss.v082.i13
    """
    free = ~find_boundary(problem, state)
    inside = free[:, :, None] & free[:, None]
    inverse = np.linalg.pinv(np.where(inside, state.hessian, 0.0), hermitian=True)
    spread = 2 * np.einsum("nfi,nij,nfj->nf", state.slopes, inverse, state.slopes)
    return np.sqrt(state.variance), 2 * state.variance**2 / spread


def infer_kenward_roger(state: State) -> tuple[Array, Array]:
    """Return standard errors and degrees of freedom by Kenward and Roger, each of shape (N, F).

    With very few scores the corrected variance can be below 0; there is no standard error then, and it is NaN.
    Every parameter is kept, at its bound too; the information is the expected one, and the standard error
    is corrected for the covariance parameters being estimated.

    References
    ----------
    Kenward, M. G. and Roger, J. H. (1997) Small sample inference for fixed effects from restricted
    maximum likelihood. Biometrics 53(3): 983-997. doi:10.2307/2533558
    """
    inverse = 2 * np.linalg.pinv(state.traces, hermitian=True)
    correction = 2 * np.einsum("nij,nfij->nf", inverse, state.curves)
    spread = np.einsum("nfi,nij,nfj->nf", state.slopes, inverse, state.slopes)
    corrected = state.variance + correction
    return np.sqrt(np.where(corrected > 0, corrected, np.nan)), 2 * state.variance**2 / spread
