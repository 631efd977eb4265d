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


TOO_MANY = "more degrees of freedom than cohorts less one: no finding on future cohorts"


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


def flag_degrees(estimates: pd.DataFrame) -> pd.DataFrame:
    """Flag what has more degrees of freedom for future cohorts than there are cohorts less one: it is no finding.

    Examples
    --------
    >>> rows = table_rows([{"frame": "future_cohorts", "df": 80.0, "n_cohorts": 5, "flag": ""}])
    >>> flag_degrees(rows)["flag"].item()
    'more degrees of freedom than cohorts less one: no finding on future cohorts'
    """
    df, cohorts = (pd.to_numeric(estimates[name], errors="coerce") for name in ("df", "n_cohorts"))
    many = (estimates["frame"] == "future_cohorts") & (df > cohorts - 1 + 1e-6)
    said = estimates["flag"].fillna("").map(lambda flag: "; ".join(filter(None, [flag, TOO_MANY])))
    return estimates.assign(flag=estimates["flag"].mask(many, said))


def table_rows(rows: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    """Put estimates into a frame with all columns; what a row does not give is missing."""
    return pd.DataFrame(rows).reindex(columns=COLUMNS)
