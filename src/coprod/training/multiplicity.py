"""Several outcomes at once, and whether a change was kept."""

from __future__ import annotations

from typing import Literal, NamedTuple

import pandas as pd
from scipy import stats
from statsmodels.stats.multitest import multipletests

from coprod.errors import UsageError


def adjust_holm(p_values: pd.Series) -> pd.Series:
    """Adjust p values for the number of tests by Holm's step-down method; missing ones are no tests.

    Parameters
    ----------
    p_values : Series
        Each from 0 to 1, or missing.

    Returns
    -------
    Series
        With the same index. Holm (1979) Scandinavian Journal of Statistics 6(2): 65-70.

    Examples
    --------
    >>> adjust_holm(pd.Series([0.01, None, 0.04])).tolist()
    [0.02, nan, 0.04]
    """
    return _adjust(p_values, "holm")


def adjust_benjamini_hochberg(p_values: pd.Series) -> pd.Series:
    """Adjust p values for the share of false finds among those called finds; missing ones are no tests.

    Parameters
    ----------
    p_values : Series
        Each from 0 to 1, or missing.

    Returns
    -------
    Series
        With the same index.

    References
    ----------
    Benjamini, Y. and Hochberg, Y. (1995) Controlling the false discovery rate. Journal of the Royal Statistical
    Society B 57(1): 289-300. doi:10.1111/j.2517-6161.1995.tb02031.x

    Examples
    --------
    >>> adjust_benjamini_hochberg(pd.Series([0.01, 0.02, None])).tolist()
    [0.02, 0.02, nan]
    """
    return _adjust(p_values, "fdr_bh")


def _adjust(p_values: pd.Series, method: Literal["holm", "fdr_bh"]) -> pd.Series:
    given = p_values.dropna().astype(float)
    if not given.between(0, 1).all():
        raise UsageError(f"{given[~given.between(0, 1)].iloc[0]:g} is no p value; give numbers from 0 to 1")
    adjusted = pd.Series(float("nan"), index=p_values.index)
    if len(given):
        adjusted[given.index] = multipletests(given.to_numpy(), method=method)[1]
    return adjusted


class Kept(NamedTuple):
    """Whether a change was kept: the p of two one-sided tests, the interval they go with, and the verdict."""

    p_value: float
    conf_low: float
    conf_high: float
    verdict: Literal["kept", "not shown to be kept"]


def check_kept(difference: float, std_error: float, df: float, margin: float, alpha: float = 0.05) -> Kept:
    r"""Test whether a difference lies within a margin, by two one-sided t tests.

    ``kept`` is said where both tests reject, which is where the interval of level 1 - 2 alpha lies within the margin;
    a difference that is merely not significant is never called kept.

    Parameters
    ----------
    difference : float
        Change at the later wave less the change at the primary wave, in points.
    std_error, df : float
        Its standard error, above 0, and degrees of freedom.
    margin : float
        In points, above 0, set before the data were seen.
    alpha : float
        Of each test.

    Returns
    -------
    Kept
        ``p_value, conf_low, conf_high, verdict``.

    Raises
    ------
    UsageError
        If the margin or the standard error is not above 0.

    References
    ----------
    Schuirmann, D. J. (1987) A comparison of the two one-sided tests procedure and the power approach. Journal of
    Pharmacokinetics and Biopharmaceutics 15(6): 657-680. doi:10.1007/BF01068419

    Examples
    --------
    >>> check_kept(-0.05, 0.05, 20, margin=0.25).verdict, check_kept(-0.05, 0.3, 20, margin=0.25).verdict
    ('kept', 'not shown to be kept')
    """
    if not margin > 0 or not std_error > 0:
        raise UsageError(f"margin {margin:g} and standard error {std_error:g} have to be above 0")
    p_value = max(float(stats.t.sf((difference + margin) / std_error, df)),
                  float(stats.t.cdf((difference - margin) / std_error, df)))  # fmt: skip
    half = float(stats.t.ppf(1 - alpha, df)) * std_error
    verdict: Literal["kept", "not shown to be kept"] = "kept" if p_value < alpha else "not shown to be kept"
    return Kept(p_value, difference - half, difference + half, verdict)
