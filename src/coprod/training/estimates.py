"""The columns of an estimate, the same for every method, and the t test they share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
from scipy import stats

from coprod.errors import UsageError

COLUMNS = [
    "frame", "scale", "term", "method", "estimate", "std_error", "df", "statistic", "p_value", "p_smallest",
    "conf_low", "conf_high", "n_observations", "n_participants", "n_cohorts", "flag",
]  # fmt: skip
"""Every estimate has these; what a method does not give (a bootstrap has no degrees of freedom) is missing."""


def check_level(level: float) -> None:
    """Refuse a confidence level that is not between 0 and 1."""
    if not 0 < level < 1:
        raise UsageError(f"level {level} is not between 0 and 1; write 95 per cent as 0.95")


def t_test(estimate: float, std_error: float, df: float, level: float) -> dict[str, float]:
    """Test an estimate against 0 with Student's t, and give its interval.

    Examples
    --------
    >>> test = t_test(1.0, 0.5, 4, 0.95)
    >>> round(test["p_value"], 3), round(test["conf_low"], 3), round(test["conf_high"], 3)
    (0.116, -0.388, 2.388)
    """
    half = float(stats.t.ppf((1 + level) / 2, df)) * std_error
    return {
        "estimate": estimate,
        "std_error": std_error,
        "df": df,
        "statistic": estimate / std_error,
        "p_value": float(2 * stats.t.sf(abs(estimate / std_error), df)),
        "conf_low": estimate - half,
        "conf_high": estimate + half,
    }


def table_rows(rows: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    """Put estimates into a frame with all columns; what a row does not give is missing."""
    return pd.DataFrame(rows).reindex(columns=COLUMNS)
