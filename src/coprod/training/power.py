"""How likely a training still to come would show its change, by simulating it many times."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import pandas as pd
from scipy import stats

from coprod.errors import UsageError
from coprod.training.estimates import check_level
from coprod.training.inference import infer_kenward_roger, infer_satterthwaite
from coprod.training.mixed import METHODS
from coprod.training.problem import pose
from coprod.training.search import find_boundary, find_degenerate, find_indistinct, optimum
from coprod.training.sums import Array, Sums

AT_ONCE = 200_000
"""Participants simulated in one go."""


@dataclass(frozen=True)
class Plan:
    """A training to come: whom it is given to, and how their scores vary.

    Attributes
    ----------
    change : float
        Mean change between the two waves, in points of the score.
    sizes : tuple of int
        Participants of each cohort.
    cohort_sd, change_sd : float
        Standard deviation between cohorts of their level, and of their change.
    participant_sd, residual_sd : float
        Standard deviation between the participants of a cohort, and of one score of a participant.
    attrition : float
        Share of participants who do not answer at the second wave.
    """

    change: float
    sizes: tuple[int, ...]
    cohort_sd: float
    change_sd: float
    participant_sd: float
    residual_sd: float
    attrition: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what no training can be."""
        if len(self.sizes) < 2 or min(self.sizes) < 2:
            raise UsageError(f"sizes {self.sizes}: power is of two cohorts or more, of two participants or more each")
        for field in fields(self):
            if field.name.endswith("_sd") and not 0 <= getattr(self, field.name) < np.inf:
                raise UsageError(f"{field.name} is {getattr(self, field.name)}; give a standard deviation of 0 or more")
        if not self.residual_sd > 0:
            raise UsageError("residual_sd is 0; scores of a participant vary: give a standard deviation above 0")
        if not 0 <= self.attrition < 1:
            raise UsageError(f"attrition {self.attrition} is not a share between 0 and 1; write 20 per cent as 0.2")


def estimate_power(
    plan: Plan, *, simulations: int = 1000, level: float = 0.95, rng: np.random.Generator
) -> pd.DataFrame:
    """Estimate the power of the tests of a change in future cohorts.

    Scores are drawn from ``score ~ wave + (1|cohort) + (0+post|cohort) + (1|participant)`` and every data
    set is analysed as :func:`coprod.training.mixed.fit_mixed` would, all at once; the t on cohort means
    takes the participants seen twice. With a change of 0 the power is the share of false alarms.

    Parameters
    ----------
    plan : Plan
        The training to come.
    simulations : int
        Number of data sets.
    level : float
        Confidence level: a p below 1 - level counts as shown, in either direction.
    rng : numpy.random.Generator
        Source of the scores.

    Returns
    -------
    DataFrame
        One row per method: ``method, power, std_error`` (of the simulation), ``boundary`` (share of data sets
        with a variance estimated at 0) and ``simulations`` (data sets that could be analysed).

    Raises
    ------
    UsageError
        If there is nothing to simulate, or next to nobody would be seen twice.

    Examples
    --------
    >>> plan = Plan(0.4, (20,) * 5, cohort_sd=0.2, change_sd=0.1, participant_sd=0.6, residual_sd=0.5)
    >>> table = estimate_power(plan, simulations=200, rng=np.random.default_rng(1))
    >>> table["method"].tolist(), table["power"].between(0.7, 1).all()
    (['lmm-kenward-roger', 'lmm-satterthwaite', 'cohort-means-t'], np.True_)
    """
    check_level(level)
    if simulations < 1:
        raise UsageError(f"{simulations} simulations; give 1 or more")
    at_once = max(1, AT_ONCE // sum(plan.sizes))
    batches = [min(at_once, simulations - done) for done in range(0, simulations, at_once)]
    parts = [_analyse(simulate_sums(plan, batch, rng)) for batch in batches]
    p_values, at_zero = np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])
    usable = np.isfinite(p_values)
    number = usable.sum(axis=0)
    if not number.all():
        raise UsageError("hardly anybody is seen twice, and no data set can be analysed; plan for more who reply")
    shown = (np.where(usable, p_values, 1.0) < 1 - level).sum(axis=0) / number
    boundary = float(at_zero[usable[:, 0]].mean())
    return pd.DataFrame({
        "method": [*METHODS, "cohort-means-t"],
        "power": shown,
        "std_error": np.sqrt(shown * (1 - shown) / number),
        "boundary": [boundary, boundary, np.nan],
        "simulations": number,
    })  # fmt: skip


def simulate_sums(plan: Plan, simulations: int, rng: np.random.Generator) -> list[Sums]:
    """Draw data sets and sum their scores.

    Returns
    -------
    list of Sums
        Of waves ``before`` and ``after``; cohorts are named by their number.
    """
    people, cohorts = sum(plan.sizes), len(plan.sizes)
    home = np.repeat(np.arange(cohorts), plan.sizes)
    effects = rng.normal(0, 1, (2, simulations, cohorts)) * np.array([plan.cohort_sd, plan.change_sd])[:, None, None]
    scores = rng.normal(0, plan.residual_sd, (simulations, people, 2))
    scores += (rng.normal(0, plan.participant_sd, (simulations, people)) + effects[0][:, home])[..., None]
    scores[..., 1] += plan.change + effects[1][:, home]
    stayed = rng.random((simulations, people)) >= plan.attrition
    seen = np.stack([~stayed, stayed], axis=2)[..., None] * np.array([[1.0, 0.0], [1.0, 1.0]])
    present = seen * scores[:, :, None]
    starts = np.concatenate([[0], np.cumsum(plan.sizes)[:-1]])
    count, total, products = (np.add.reduceat(part, starts, axis=1) for part in (
        seen[..., 0], present, present[..., :, None] * present[..., None, :]))  # fmt: skip
    names, patterns = tuple(f"{number:06d}" for number in range(1, cohorts + 1)), np.array([[1, 0], [1, 1]], dtype=bool)
    return [Sums(("before", "after"), names, patterns, *parts, 0) for parts in zip(count, total, products, strict=True)]


def _analyse(many: list[Sums]) -> tuple[Array, Array]:
    """Return the p values of the methods (N, 3), and whether a variance is at 0."""
    p_values, at_zero = np.full((len(many), 3), np.nan), np.zeros(len(many))
    p_values[:, 2] = _test_means(many)
    fit = np.array([sums.count[:, 1].any() for sums in many])
    if not fit.any():
        return p_values, at_zero
    problem = pose([sums for sums, able in zip(many, fit, strict=True) if able],
                   "future_cohorts", "compound-symmetric", "level and change")  # fmt: skip
    state, rested = optimum(problem)
    fine = rested & ~find_degenerate(problem, state) & ~find_indistinct(state)
    fit[fit] = fine
    problem, state = problem.take(fine), state.take(fine)
    for place, (error, df) in enumerate((infer_kenward_roger(state), infer_satterthwaite(problem, state))):
        p_values[fit, place] = 2 * stats.t.sf(np.abs(state.estimate[:, 1] / error[:, 1]), df[:, 1])
    at_zero[fit] = find_boundary(problem, state).any(axis=1)
    return p_values, at_zero


def _test_means(many: list[Sums]) -> Array:
    """Return the p values of the t on the cohorts' mean changes."""
    count = np.stack([sums.count[:, 1] for sums in many])
    total = np.stack([sums.total[:, 1] for sums in many])
    used = count > 0
    means = np.where(used, (total[..., 1] - total[..., 0]) / np.maximum(count, 1), 0.0)
    number = used.sum(axis=1)
    centre = means.sum(axis=1) / np.maximum(number, 1)
    squares = (used * (means - centre[:, None]) ** 2).sum(axis=1)
    able = (number > 1) & (squares > 0)
    statistic = np.divide(centre, np.sqrt(squares / np.maximum(number * (number - 1), 1)),
                          out=np.full(len(many), np.nan), where=able)  # fmt: skip
    return np.asarray(2 * stats.t.sf(np.abs(statistic), np.maximum(number - 1, 1)))
