"""The average over cohorts, each with the same weight, for these cohorts and for future ones."""

from __future__ import annotations

from typing import get_args

import numpy as np
from numpy.typing import ArrayLike

from coprod.errors import check_word
from coprod.training.estimates import check_level, t_test
from coprod.training.problem import Frame
from coprod.training.sums import Array

NO_SPREAD = 1e-12
"""A standard error below this share of the numbers themselves is rounding."""


def average_cohorts(
    means: ArrayLike, variances: ArrayLike, dfs: ArrayLike, frame: Frame, level: float = 0.95
) -> dict[str, object]:
    r"""Average what each cohort gives, and test the average against 0.

    Future cohorts: Student's t on the G numbers, G - 1 degrees of freedom. These cohorts: variance
    sum v_c / G^2 and Welch and Satterthwaite's degrees of freedom, (sum v_c)^2 / sum (v_c^2 / df_c).

    Parameters
    ----------
    means : array_like, shape (G,)
        One number a cohort.
    variances : array_like, shape (G,)
        Squared standard error of each, missing where a cohort is too small for one; for future cohorts not used.
    dfs : array_like, shape (G,)
        Degrees of freedom of each variance.
    frame : {"these_cohorts", "future_cohorts"}
        Whom the average speaks of.
    level : float
        Confidence level.

    Returns
    -------
    dict
        ``estimate, std_error, df, statistic, p_value, conf_low, conf_high, flag``; where there is no error to judge
        by, only the estimate and the flag that says why.

    References
    ----------
    Satterthwaite, F. E. (1946) An approximate distribution of estimates of variance components. Biometrics
    Bulletin 2(6): 110-114. doi:10.2307/3002019

    Examples
    --------
    >>> found = average_cohorts([0.2, 0.6], [0.01, 0.03], [10, 10], "these_cohorts")
    >>> [round(found[name], 4) for name in ("estimate", "std_error", "df")]
    [0.4, 0.1, 16.0]
    >>> average_cohorts([0.2], [0.01], [10], "future_cohorts")["flag"]
    'one cohort only: nothing can be said of future cohorts'
    """
    check_level(level)
    check_word(frame, get_args(Frame), "frame")
    values: Array = np.asarray(means, dtype=np.float64)
    if frame == "future_cohorts" and len(values) < 2:
        return {"estimate": float(values.mean()), "flag": "one cohort only: nothing can be said of future cohorts"}
    estimate, error, df = map(float, find_error(values, variances, dfs, frame))
    if np.isnan(error):
        return {"estimate": estimate, "flag": "a cohort has too few participants for a variance of its own"}
    if error <= NO_SPREAD * max(1.0, float(np.abs(values).max())):
        return {"estimate": estimate, "flag": "no spread to judge the average by"}
    return {**t_test(estimate, error, df, level), "flag": ""}


def find_error(means: ArrayLike, variances: ArrayLike, dfs: ArrayLike, frame: Frame) -> tuple[Array, Array, Array]:
    """Return the average, its standard error and degrees of freedom; cohorts along the last axis."""
    check_word(frame, get_args(Frame), "frame")
    values: Array = np.asarray(means, dtype=np.float64)
    cohorts, estimate = values.shape[-1], np.asarray(values.mean(axis=-1))
    if frame == "future_cohorts":
        error = np.asarray(values.std(axis=-1, ddof=1) / np.sqrt(cohorts))
        return estimate, error, np.full_like(error, cohorts - 1)
    parts: Array = np.asarray(variances, dtype=np.float64)
    total = np.asarray(parts.sum(axis=-1))
    squares = np.asarray((parts**2 / np.maximum(np.asarray(dfs, dtype=np.float64), 1.0)).sum(axis=-1))
    df = np.divide(total**2, squares, out=np.zeros_like(total), where=squares > 0)
    return estimate, np.sqrt(total) / cohorts, df
