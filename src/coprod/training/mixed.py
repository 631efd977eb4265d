r"""The change since the baseline by a REML mixed model, with Kenward-Roger and Satterthwaite inference.

Two frames, always named. **These cohorts**: cohorts are fixed, participants are the unit; in lme4's
words ``score ~ wave * cohort + (1|participant)``, and the change is the average of the cohorts'
changes. **Future cohorts**: cohorts are the unit; ``score ~ wave + (1|cohort) + (0+post|cohort)
[+ (0+followup|cohort)] + (1|participant)``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from coprod.errors import DataError, UsageError, suggest
from coprod.training.estimates import check_level, t_test, table_rows
from coprod.training.reml import AT_ZERO, Covariance, Frame, Problem, State
from coprod.training.search import optimum
from coprod.training.sums import Array, Sums, sum_scores

Weights = Literal["cohorts", "participants"]
METHODS = ("lmm-kenward-roger", "lmm-satterthwaite")


@dataclass(frozen=True)
class MixedFit:
    """A fitted mixed model.

    Attributes
    ----------
    sums : Sums
        What it was fitted to.
    frame : {"these_cohorts", "future_cohorts"}
        Whom it speaks of.
    state : State
        The optimum.
    """

    sums: Sums
    frame: Frame
    state: State

    @property
    def criterion(self) -> float:
        """Minus twice the restricted log-likelihood, as lme4's REML criterion."""
        return self.state.criterion

    @property
    def boundary(self) -> tuple[str, ...]:
        """Names of the variances estimated at 0."""
        problem = self.state.problem
        at_zero = (problem.lower == 0) & (self.state.theta <= AT_ZERO * problem.spread)
        return tuple(name for name, zero in zip(problem.names, at_zero, strict=True) if zero)

    def table_variance(self) -> pd.DataFrame:
        """Return the covariance parameters: ``frame, component, variance, boundary``."""
        names = self.state.problem.names
        rows = [(self.frame, name, float(value), name in self.boundary)
                for name, value in zip(names, self.state.theta, strict=True)]  # fmt: skip
        return pd.DataFrame(rows, columns=["frame", "component", "variance", "boundary"])

    def estimate_changes(self, level: float = 0.95, weights: Weights = "cohorts") -> pd.DataFrame:
        """Estimate the change from the baseline to each later wave, by both methods.

        Satterthwaite's degrees of freedom are 2 v^2 / (g' A g), with v the variance of the change, g
        its gradient and A twice the inverse Hessian of the criterion, over the parameters that are not
        at their bound. Kenward and Roger's keep every parameter, take the expected information, and
        correct the standard error.

        Parameters
        ----------
        level : float
            Confidence level.
        weights : {"cohorts", "participants"}
            For these cohorts: each cohort the same weight, or by its participants.

        Returns
        -------
        DataFrame
            Two rows per later wave: ``frame, term, method, estimate, std_error, df, statistic,
            p_value, p_smallest, conf_low, conf_high, n_observations, n_participants, n_cohorts, flag``.

        References
        ----------
        Kenward, M. G. and Roger, J. H. (1997) Small sample inference for fixed effects from restricted
        maximum likelihood. Biometrics 53(3): 983-997. doi:10.2307/2533558

        Kuznetsova, A., Brockhoff, P. B. and Christensen, R. H. B. (2017) lmerTest package. Journal of
        Statistical Software 82(13). doi:10.18637/jss.v082.i13
        """
        check_level(level)
        rows = []
        for position, wave in enumerate(self.sums.waves[1:], start=1):
            contrast = self._contrast(position, weights)
            estimate = float((contrast * self.state.beta).sum())
            term = f"{wave} - {self.sums.waves[0]}" + (", by participants" if weights == "participants" else "")
            inference = (self._kenward_roger(contrast), self._satterthwaite(contrast))
            for method, (error, df) in zip(METHODS, inference, strict=True):
                test = t_test(estimate, error, df, level)
                rows.append({"frame": self.frame, "term": term, "method": method, **test, **self._size()})
        return table_rows([{**row, "flag": self._flag()} for row in rows])

    def _size(self) -> dict[str, int]:
        sums = self.sums
        return {
            "n_observations": sums.n_observations,
            "n_participants": sums.n_participants,
            "n_cohorts": len(sums.cohorts),
        }

    def _flag(self) -> str:
        if not self.boundary:
            return ""
        verb = "is" if len(self.boundary) == 1 else "are"
        return f"variance of {', '.join(self.boundary)} {verb} estimated at 0; see the t on cohort means"

    def _contrast(self, position: int, weights: Weights) -> Array:
        contrast = np.zeros_like(self.state.beta)
        if weights == "participants" and self.frame == "these_cohorts":
            people = self.sums.count.sum(axis=1)
            contrast[:, position] = people / people.sum()
        else:
            contrast[:, position] = 1 / len(contrast)
        return contrast

    def _variance(self, contrast: Array) -> float:
        return float(np.einsum("bi,bij,bj->", contrast, self.state.phi, contrast))

    def _gradient(self, contrast: Array) -> Array:
        """Return the gradient of the contrast's variance in the covariance parameters."""
        pulled = np.einsum("bij,bj->bi", self.state.phi, contrast)
        return np.asarray(np.einsum("bi,qbij,bj->q", pulled, self.state.slopes, pulled))

    def _satterthwaite(self, contrast: Array) -> tuple[float, float]:
        problem, variance = self.state.problem, self._variance(contrast)
        free = np.array([name not in self.boundary for name in problem.names])
        gradient = self._gradient(contrast)[free]
        spread = 2 * gradient @ np.linalg.solve(self.state.hessian[np.ix_(free, free)], gradient)
        return float(np.sqrt(variance)), float(2 * variance**2 / spread)

    def _kenward_roger(self, contrast: Array) -> tuple[float, float]:
        phi, slopes, variance = self.state.phi, self.state.slopes, self._variance(contrast)
        spread = 2 * np.linalg.pinv(self.state.traces)
        gradient = self._gradient(contrast)
        curves = self.state.bends - np.einsum("qbij,bjk,rbkl->qrbil", slopes, phi, slopes, optimize=True)
        pulled = np.einsum("bij,bj->bi", phi, contrast)
        correction = 2 * np.einsum("qr,bi,qrbij,bj->", spread, pulled, curves, pulled, optimize=True)
        return float(np.sqrt(variance + correction)), float(2 * variance**2 / (gradient @ spread @ gradient))


def fit_mixed(
    scores: pd.DataFrame | Sums,
    frame: Frame,
    *,
    covariance: Covariance = "compound-symmetric",
    waves: Sequence[str] | None = None,
) -> MixedFit:
    """Fit the mixed model of one scale by REML.

    Parameters
    ----------
    scores : DataFrame or Sums
        ``participant, cohort, wave, score`` of one scale, or their sums.
    frame : {"these_cohorts", "future_cohorts"}
        Cohorts as fixed effects, or as a sample of cohorts.
    covariance : {"compound-symmetric", "unstructured"}
        Covariance of a participant's scores.
    waves : sequence of str, optional
        Order of the waves where ``wave`` is not an ordered categorical.

    Returns
    -------
    MixedFit
        The fit; ``boundary`` names variances estimated at 0.

    Raises
    ------
    UsageError
        If the frame or the covariance is not known.
    DataError
        If the scores cannot be summed (:func:`coprod.training.sums.sum_scores`), a cohort has no score at
        a wave, nobody has scores at two waves, there is one cohort only and future cohorts are meant,
        or the fit does not come to rest.

    Examples
    --------
    >>> frame = pd.DataFrame(
    ...     {
    ...         "participant": list("aabbccdd"),
    ...         "cohort": ["one"] * 4 + ["two"] * 4,
    ...         "wave": ["pre", "post"] * 4,
    ...         "score": [2, 3, 3, 3.5, 1, 3, 2, 2.5],
    ...     }
    ... )
    >>> fit_mixed(frame, "these_cohorts", waves=["pre", "post"]).estimate_changes()["estimate"].round(9).tolist()
    [1.0, 1.0]
    """
    for word, known in ((frame, get_args(Frame)), (covariance, get_args(Covariance))):
        if word not in known:
            raise UsageError(f"unknown {word!r}; {suggest(word, known)}")
    sums = scores if isinstance(scores, Sums) else sum_scores(scores, waves)
    _refuse_unfit(sums, frame)
    return MixedFit(sums, frame, optimum(Problem(sums, frame, covariance)))


def _refuse_unfit(sums: Sums, frame: Frame) -> None:
    """Raise where the data cannot hold the model."""
    if frame == "future_cohorts" and len(sums.cohorts) < 2:
        raise DataError(
            f"one cohort only ({sums.cohorts[0]!r}): nothing can be said of future cohorts; ask for these_cohorts"
        )
    if not (sums.count[:, sums.patterns.sum(axis=1) > 1] > 0).any():
        raise DataError("nobody has scores at two waves; a change needs people who answered before and after")
    for wave in np.flatnonzero((sums.answered == 0).all(axis=0)):
        raise DataError(f"no score at wave {sums.waves[wave]!r}; leave out the wave")
    if frame == "these_cohorts":
        for cohort, wave in np.argwhere(sums.answered == 0):
            name = sums.cohorts[cohort]
            raise DataError(f"no score of cohort {name!r} at wave {sums.waves[wave]!r}; leave out the cohort")
