"""How every table of an evaluation is made: marked where synthetic, released, and looked at once more."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from coprod.privacy import check_result
from coprod.results import FITTED_TOLERANCE, Table
from coprod.training.study import Study

SLIDE = "S9"
NOTHING = "\u2013"
ESTIMATE = {
    "estimate": "Change", "conf_low": "From", "conf_high": "To", "std_error": "Std. error", "df": "Degrees of freedom",
    "p_value": "p", "n_participants": "People", "n_cohorts": "Cohorts", "flag": "Note",
}  # fmt: skip
"""Headings of the columns that every estimate has."""


def make_table(
    study: Study, released: pd.DataFrame, headings: Mapping[str, str], *, id: str, title: str, answer: str,  # noqa: A002
    tolerance: float = FITTED_TOLERANCE,
) -> Table:  # fmt: skip
    """Make a table of a frame that was released under the study's profile.

    Raises
    ------
    DataError
        If it still shows what the profile hides.
    """
    table = Table(
        id=id,
        title=title,
        answer=answer,
        slide=SLIDE,
        source=study.cited,
        data=released,
        headings=headings,
        missing=NOTHING,
        synthetic=study.synthetic,
        tolerance=tolerance,
    )
    check_result(table, study.profile)
    return table
