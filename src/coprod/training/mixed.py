r"""The change since the baseline by a REML mixed model, with Kenward-Roger and Satterthwaite inference.

Two frames, always named. **These cohorts**: cohorts are fixed, participants are the unit; in lme4's
words ``score ~ wave * cohort + (1|participant)``, and the change is the average of the cohorts'
changes. **Future cohorts**: cohorts are the unit; ``score ~ wave + (1|cohort) + (0+post|cohort)
[+ (0+followup|cohort)] + (1|participant)``. Covariates of the participants are added to either.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from coprod.errors import DataError, UsageError, check_word
from coprod.training.estimates import check_level, t_test, table_rows
from coprod.training.inference import infer_kenward_roger, infer_satterthwaite
from coprod.training.problem import CohortEffects, Covariance, Frame, Problem, pose, refuse_unfit
from coprod.training.reml import State, evaluate
from coprod.training.search import find_boundary, find_collinear, find_degenerate, find_indistinct, optimum
from coprod.training.sums import Sums, align, sum_scores

Weights = Literal["cohorts", "participants"]
METHODS = ("lmm-kenward-roger", "lmm-satterthwaite")
NO_ERROR = "the mixed model finds no standard error in so few scores; read the t on cohort means"


@dataclass(frozen=True)
class MixedFit:
    """A fitted mixed model.

    Attributes
    ----------
    sums : Sums
        What it was fitted to.
    problem : Problem
        The model.
    state : State
        Its optimum.
    """

    sums: Sums
    problem: Problem
    state: State

    @property
    def frame(self) -> Frame:
        """Whom it speaks of: these cohorts, or future ones."""
        return self.problem.frame

    @property
    def criterion(self) -> float:
        """Minus twice the restricted log-likelihood, as lme4's REML criterion."""
        return float(self.state.criterion[0])

    @property
    def boundary(self) -> tuple[str, ...]:
        """Names of the variances estimated at 0."""
        at_zero = find_boundary(self.problem, self.state)[0]
        return tuple(name for name, zero in zip(self.problem.names, at_zero, strict=True) if zero)

    def table_variance(self) -> pd.DataFrame:
        """Return the covariance parameters: ``frame, component, variance, boundary``."""
        names = self.problem.names
        rows = [(self.frame, name, float(value), name in self.boundary)
                for name, value in zip(names, self.state.theta[0], strict=True)]  # fmt: skip
        return pd.DataFrame(rows, columns=["frame", "component", "variance", "boundary"])

    def estimate_changes(self, level: float = 0.95, weights: Weights = "cohorts") -> pd.DataFrame:
        """Estimate the change from the baseline to each later wave, by both methods.

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

        See Also
        --------
        coprod.training.inference : The two methods.
        """
        check_level(level)
        check_word(weights, get_args(Weights), "weights")
        state, words = self.state, ""
        if weights == "participants":
            words = ", by participants"
        if words and self.frame == "these_cohorts":
            people = self.sums.count.sum(axis=1)
            state = evaluate(self.problem, state.theta, people[None] / people.sum())
        inference = (infer_kenward_roger(state), infer_satterthwaite(self.problem, state))
        rows = []
        for place, wave in enumerate(self.sums.waves[1:], start=1):
            term = f"{wave} - {self.sums.waves[0]}{words}"
            for method, (error, df) in zip(METHODS, inference, strict=True):
                row: dict[str, object] = {"frame": self.frame, "term": term, "method": method, "flag": self._flag()}
                if np.isfinite([error[0, place], df[0, place]]).all():
                    row |= t_test(float(state.estimate[0, place]), float(error[0, place]), float(df[0, place]), level)
                    row |= self._size()
                rows.append(row if "estimate" in row else {**row, "flag": NO_ERROR})
        return table_rows(rows)

    def _size(self) -> dict[str, int]:
        sums = self.sums
        return {
            "n_observations": sums.n_observations,
            "n_participants": sums.n_participants,
            "n_cohorts": len(sums.cohorts),
        }

    def _flag(self) -> str:
        parts = []
        if self.boundary:
            verb = "is" if len(self.boundary) == 1 else "are"
            parts.append(f"variance of {', '.join(self.boundary)} {verb} estimated at 0; see the t on cohort means")
        if len(self.problem.random) == 1:
            parts.append("cohorts are taken to change alike")
        if self.sums.incomplete:
            parts.append(f"{self.sums.incomplete} participant(s) without a covariate left out")
        return "; ".join(parts)


def fit_mixed(
    scores: pd.DataFrame | Sums,
    frame: Frame,
    *,
    covariance: Covariance = "compound-symmetric",
    cohort_effects: CohortEffects = "level and change",
    waves: Sequence[str] | None = None,
    covariates: Sequence[str] = (),
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
    cohort_effects : {"level and change", "level"}
        For future cohorts: what varies between them. With "level", in lme4's words
        ``score ~ wave + (1|cohort) + (1|participant)``, all cohorts are taken to change alike, so that the
        interval holds participants' variation only.
    waves : sequence of str, optional
        Order of the waves where ``wave`` is not an ordered categorical.
    covariates : sequence of str, optional
        Columns of ``scores`` that describe the participant, in lme4's words ``score ~ wave + age + ...``:
        numbers, or categories. Participants without one are left out, which the flag says.

    Returns
    -------
    MixedFit
        The fit; ``boundary`` names variances estimated at 0.

    Raises
    ------
    UsageError
        If the frame, the covariance or the effects of cohorts are not known, or covariates are asked for
        that are not in the sums.
    DataError
        If the scores cannot be summed (:func:`coprod.training.sums.sum_scores`), a cohort has no score at
        a wave, nobody has scores at two waves, there is one cohort only and future cohorts are meant,
        a covariate has one value or follows from others, or the fit does not come to rest.

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
    _check_words(frame, covariance, cohort_effects)
    sums = scores if isinstance(scores, Sums) else sum_scores(scores, waves, covariates)
    if covariates and sums.covariates != tuple(covariates):
        raise UsageError(f"the sums have covariates {sums.covariates}, not {tuple(covariates)}; sum with these")
    return fit_many([sums], frame, covariance=covariance, cohort_effects=cohort_effects)[0]


def fit_many(
    many: Sequence[Sums],
    frame: Frame,
    *,
    covariance: Covariance = "compound-symmetric",
    cohort_effects: CohortEffects = "level and change",
) -> list[MixedFit]:
    """Fit the same mixed model to many data sets at once, as simulated or imputed ones.

    Parameters
    ----------
    many : sequence of Sums
        Sums of the same waves, cohorts and covariates.
    frame, covariance, cohort_effects : str
        As of :func:`fit_mixed`.

    Returns
    -------
    list of MixedFit
        As :func:`fit_mixed` gives for each.

    Raises
    ------
    DataError
        If one of the data sets cannot be fitted.
    """
    _check_words(frame, covariance, cohort_effects)
    for sums in many:
        refuse_unfit(sums, frame)
    aligned = align(many)
    problem = pose(aligned, frame, covariance, cohort_effects)
    culprit = find_collinear(problem)
    if culprit:
        raise DataError(
            f"covariate {culprit!r} follows from the other covariates or, where cohorts are fixed, from the cohort; "
            "leave it out"
        )
    state, rested = optimum(problem)
    if not rested.all():
        raise DataError(
            "the mixed model did not come to rest; look for a cohort or wave with few answers, or take cohort means"
            + (" or the compound-symmetric covariance" if covariance == "unstructured" else "")
        )
    if find_degenerate(problem, state).any():
        raise DataError("the model leaves no residual variation: every participant changed alike; describe, do not fit")
    if find_indistinct(state).any():
        raise DataError(
            "too few participants were seen twice to tell the variances apart; take cohort means, or describe"
        )
    places = np.eye(len(many), dtype=bool)
    return [MixedFit(sums, problem.take(place), state.take(place)) for sums, place in zip(many, places, strict=True)]


def _check_words(frame: str, covariance: str, cohort_effects: str) -> None:
    check_word(frame, get_args(Frame), "frame")
    check_word(covariance, get_args(Covariance), "covariance")
    check_word(cohort_effects, get_args(CohortEffects), "cohort effects")
    if (frame, cohort_effects) == ("these_cohorts", "level"):
        raise UsageError("these cohorts have fixed effects each; cohort_effects is for future_cohorts")
