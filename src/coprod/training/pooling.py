"""Estimates of several imputed data sets put together by Rubin's rules."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from coprod.errors import DataError


class PooledImputations(NamedTuple):
    """Estimates over imputed data sets put together by Rubin's rules."""

    estimate: float
    within: float
    between: float
    total: float
    df: float
    fmi: float


def pool_imputations(estimates: ArrayLike, variances: ArrayLike, df_complete: float = np.inf) -> PooledImputations:
    r"""Pool the estimates of m imputed data sets by Rubin's rules, with Barnard and Rubin's degrees of freedom.

    Total variance T = W + (1 + 1/m) B, with W the mean variance and B the variance of the estimates;
    lambda = (1 + 1/m) B / T; df_old = (m - 1) / lambda^2, df_obs = (nu + 1) / (nu + 3) nu (1 - lambda) with nu the
    degrees of freedom of complete data, df = df_old df_obs / (df_old + df_obs); the fraction of missing information
    is (r + 2 / (df + 3)) / (r + 1) with r = (1 + 1/m) B / W.

    Parameters
    ----------
    estimates, variances : array_like, shape (m,)
        Of each imputed data set, at least two; variances above 0.
    df_complete : float
        Degrees of freedom had nothing been missing.

    Returns
    -------
    PooledImputations
        ``estimate, within, between, total, df, fmi``.

    Raises
    ------
    DataError
        If there are fewer than two data sets or a variance is not above 0.

    References
    ----------
    Barnard, J. and Rubin, D. B. (1999) Small-sample degrees of freedom with multiple imputation. Biometrika 86(4):
    948-955. doi:10.1093/biomet/86.4.948

    Examples
    --------
    >>> pooled = pool_imputations([0.4, 0.5, 0.6], [0.01, 0.01, 0.01], df_complete=20)
    >>> round(pooled.estimate, 3), round(pooled.total, 4), round(pooled.df, 2)
    (0.5, 0.0233, 3.44)
    """
    q, u = np.asarray(estimates, dtype=np.float64), np.asarray(variances, dtype=np.float64)
    m = len(q)
    if m < 2 or len(u) != m or not ((u > 0) & np.isfinite(q)).all():
        raise DataError(
            f"{m} estimate(s) and {len(u)} variance(s): at least two of each are needed, the variances above 0"
        )
    within, between = float(u.mean()), float(q.var(ddof=1))
    total = within + (1 + 1 / m) * between
    share, ratio = (1 + 1 / m) * between / total, (1 + 1 / m) * between / within
    lost = share**2 / (m - 1)  # one over the degrees of freedom that imputing leaves
    lost += 0 if np.isinf(df_complete) else (df_complete + 3) / ((df_complete + 1) * df_complete * (1 - share))
    df = 1 / lost if lost > 0 else float("inf")
    return PooledImputations(float(q.mean()), within, between, total, df, (ratio + 2 / (df + 3)) / (ratio + 1))
