"""One outcome estimated in the ways that the sensitivities ask for, each of them a row or two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import get_args

import numpy as np
import pandas as pd

from coprod.errors import DataError
from coprod.training.effects import pair_scores
from coprod.training.estimates import table_rows
from coprod.training.mixed import METHODS, fit_mixed
from coprod.training.nonresponse import STRATIFIED
from coprod.training.order import order_cohorts
from coprod.training.problem import Covariance, Frame
from coprod.training.strata import average_cohorts

KENWARD_ROGER, COHORT_MEANS = METHODS[0], "cohort-means-t"
NOT_TOLD_APART = "people cannot be told apart: the waves' means are compared, and there may be more people than counted"


@dataclass(frozen=True)
class Outcome:
    """What is asked: the change of one scale between two waves.

    Attributes
    ----------
    scores : DataFrame
        ``participant, cohort, wave, score`` of one scale.
    waves : tuple of str
        In order, the baseline first.
    after : str
        The later wave.
    level : float
        Confidence level.
    """

    scores: pd.DataFrame
    waves: tuple[str, ...]
    after: str
    level: float

    @property
    def before(self) -> str:
        """The baseline."""
        return self.waves[0]

    @property
    def term(self) -> str:
        """The change, as estimates name it."""
        return f"{self.after} - {self.before}"

    @property
    def cohorts(self) -> list[str]:
        """Names of the cohorts with a score, as people count."""
        return order_cohorts(self.scores.loc[self.scores["score"].notna(), "cohort"].astype(str).unique())

    def keep(self, rows: pd.Series) -> Outcome:
        """Return the outcome of some of the scores."""
        return replace(self, scores=self.scores[rows])

    def leave_out(self, cohort: str) -> Outcome:
        """Return the outcome without a cohort."""
        return self.keep(self.scores["cohort"].astype(str) != cohort)

    def keep_complete(self) -> Outcome:
        """Return the outcome of the participants with a score at every wave."""
        seen = self.scores.loc[self.scores["score"].notna(), "participant"]
        return self.keep(self.scores["participant"].map(seen.value_counts()) == len(self.waves))


def estimate_mixed(
    outcome: Outcome, frame: Frame, *, covariance: Covariance = "compound-symmetric", covariates: Sequence[str] = ()
) -> pd.DataFrame:
    """Estimate the change by the mixed model with Kenward and Roger's correction, one row.

    Raises
    ------
    DataError
        As :func:`coprod.training.mixed.fit_mixed`.

    Examples
    --------
    >>> from coprod.training.study import read_study
    >>> scores = read_study().score()
    >>> outcome = Outcome(scores, ("before", "after", "later"), "after", 0.95)
    >>> estimate_mixed(outcome, "future_cohorts")[["term", "estimate"]].round(2).to_numpy().tolist()
    [['after - before', 0.48]]
    """
    fit = fit_mixed(outcome.scores, frame, covariance=covariance, waves=outcome.waves, covariates=covariates)
    rows = fit.estimate_changes(outcome.level)
    return rows[(rows["method"] == KENWARD_ROGER) & (rows["term"] == outcome.term)]


def estimate_cohort_means(outcome: Outcome) -> pd.DataFrame:
    """Estimate the change by Student's t on the cohorts' mean changes, one row.

    Examples
    --------
    >>> from coprod.training.study import read_study
    >>> scores = read_study().score()
    >>> outcome = Outcome(scores, ("before", "after", "later"), "after", 0.95)
    >>> estimate_cohort_means(outcome)[["term", "estimate"]].round(2).to_numpy().tolist()
    [['after - before', 0.5]]
    """
    pairs = pair_scores(outcome.scores, outcome.before, outcome.after)
    means = pairs.groupby(pairs["cohort"].astype(str))["change"].mean()
    found = average_cohorts(means, means, means, "future_cohorts", outcome.level)
    size = {"n_observations": 2 * len(pairs), "n_participants": len(pairs), "n_cohorts": len(means)}
    shared = {"frame": "future_cohorts", "term": outcome.term, "method": COHORT_MEANS}
    return table_rows([{**shared, **size, **found}])


def compare_waves(outcome: Outcome) -> pd.DataFrame:
    r"""Estimate the change where nobody is known from one wave to the next, one row a frame.

    Of each cohort the difference of the waves' means, averaged by :func:`coprod.training.strata.average_cohorts`; its
    variance is s_1^2 / n_1 + s_2^2 / n_2, which is too large where the same people answered and agree with themselves.

    Raises
    ------
    DataError
        If a cohort has no score at one of the waves.
    """
    given = outcome.scores[outcome.scores["score"].notna()]
    cells = [given[given["wave"] == wave].groupby(given["cohort"].astype(str))["score"] for wave in
             (outcome.before, outcome.after)]  # fmt: skip
    sizes = pd.concat([cell.size() for cell in cells], axis=1, keys=["before", "after"])
    for cohort in sizes.index[sizes.isna().any(axis=1)]:
        raise DataError(f"cohort {cohort!r} has no score at one of the waves; leave out the cohort")
    if sizes.empty:
        raise DataError(f"no scores at {outcome.before!r} and {outcome.after!r}")
    found = [subtract_means(*(cell.get_group(cohort) for cell in reversed(cells))) for cohort in sizes.index]
    means, variances, dfs = np.array(found).T
    size = {"n_observations": int(sizes.to_numpy().sum()), "n_participants": int(sizes.max(axis=1).sum()),
            "n_cohorts": len(sizes)}  # fmt: skip
    rows = []
    for frame in get_args(Frame):
        numbers = average_cohorts(means, variances, dfs, frame, outcome.level)
        flag = "; ".join(filter(None, [str(numbers["flag"]), NOT_TOLD_APART]))
        method = COHORT_MEANS if frame == "future_cohorts" else STRATIFIED
        rows.append({"frame": frame, "term": outcome.term, "method": method, **size, **numbers, "flag": flag})
    return table_rows(rows)


def subtract_means(one: pd.Series, other: pd.Series) -> tuple[float, float, float]:
    """Return the difference of two means, its variance and Welch's degrees of freedom; missing from fewer than two.

    Examples
    --------
    >>> subtract_means(pd.Series([1.0, 3.0]), pd.Series([0.0, 2.0]))
    (1.0, 2.0, 2.0)
    """
    difference = float(one.mean() - other.mean())
    if min(len(one), len(other)) < 2:
        return difference, float("nan"), float("nan")
    parts = [float(scores.var(ddof=1)) / len(scores) for scores in (one, other)]
    squares = sum(part**2 / (len(scores) - 1) for part, scores in zip(parts, (one, other), strict=True))
    return difference, sum(parts), sum(parts) ** 2 / squares if squares > 0 else 1.0
