"""The worked example of ``data/training/``: a table that is made up, and says so in every row."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa
from pandera.typing import Series

from coprod.schemas.columns import cells


def _answers(question: str) -> Series[pd.Int64Dtype]:
    return cells(  # type: ignore[no-any-return]
        f"Answer to '{question}'; empty where left out", "points", form="a whole number from 1 to 5",
        ge=1, le=5, nullable=True,
    )  # fmt: skip


class SyntheticResponses(pa.DataFrameModel):
    """One row per questionnaire returned; SYNTHETIC, made up by coprod.training.synthetic."""

    code: Series[str] = cells("Code the participant made up, sometimes with a slip at a later wave")
    cohort: Series[str] = cells("Cohort that was trained together")
    audience: Series[str] = cells("Who the cohort was", isin=["staff", "students"])
    time: Series[str] = cells("Wave: before the training, after it, or later", isin=["before", "after", "later"])
    c1: Series[pd.Int64Dtype] = _answers("I see strengths as well as danger")
    c2: Series[pd.Int64Dtype] = _answers("I can talk about risk with the person")
    c3: Series[pd.Int64Dtype] = _answers("My team shares decisions about risk")
    c4: Series[pd.Int64Dtype] = _answers("Risk is for experts to judge")
    c5: Series[pd.Int64Dtype] = _answers("I would ask a patient champion to co-lead")
    w1: Series[pd.Int64Dtype] = _answers("I know what co-production means")
    w2: Series[pd.Int64Dtype] = _answers("I know who makes a safety plan")
    w3: Series[pd.Int64Dtype] = _answers("I know where champions can be asked")
    synthetic: Series[str] = cells("Says that the row is made up", isin=["yes"])

    class Config:
        """Only the columns named here, in the types named here; a code is there once a wave."""

        strict = True
        coerce = True
        unique = ["code", "cohort", "time"]


TRAINING: dict[str, type[pa.DataFrameModel]] = {"synthetic_responses": SyntheticResponses}
"""The tables of ``data/training/`` by name."""
