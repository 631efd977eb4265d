"""The table of ``data/annotations.csv``: what patient champions say about a claim, with their consent."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pandera.pandas as pa
from pandera.typing import Series

from coprod.schemas.columns import DAY, cells, days, keys

CONSENT = "yes"
_PLAIN = r"^[^=+\-@\s\x00-\x08\x0e-\x1f\x7f][^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
_FORM = "text that begins with none of = + - @, which a spreadsheet takes for a formula"


def _said(description: str, **rules: Any) -> Any:
    return cells(description, form=_FORM, str_matches=_PLAIN, **rules)


class Annotations(pa.DataFrameModel):
    """What patient champions and others the talk is about say of a claim; nobody stands here without their consent."""

    annotation: Series[str] = keys("Key of the annotation", unique=True)
    claim: Series[str] = keys("Claim it answers", refers_to="claims.claim")
    who: Series[str] = _said("Name of the person, as they want to be named")
    role: Series[str] = _said("Role as the person gives it; empty where none is given", nullable=True)
    words: Series[str] = _said("What they say, in their own words")
    date: Series[str] = days("Day on which they said it")
    consent: Series[str] = cells(
        "yes: the person has agreed in writing that name, role, words and date are published under the licence of "
        "this folder, and knows how to have them taken out",
        isin=[CONSENT],
    )

    @pa.dataframe_check(error="the date is no day of the calendar; correct the cell")
    @classmethod
    def _is_a_day(cls, frame: pd.DataFrame) -> pd.Series[bool]:
        written = frame["date"].astype("string").str.match(DAY).fillna(False)
        return ~written | pd.to_datetime(frame["date"], format="%Y-%m-%d", errors="coerce").notna()

    @pa.dataframe_check(error="another row has the same words of the same person about the same claim; keep one")
    @classmethod
    def _said_once(cls, frame: pd.DataFrame) -> pd.Series[bool]:
        return ~frame.duplicated(["claim", "who", "words"], keep=False) | frame["words"].isna()

    class Config:
        """Only the columns named here, in the types named here."""

        strict = True
        coerce = True


ANNOTATIONS: dict[str, type[pa.DataFrameModel]] = {"annotations": Annotations}
"""The table of ``data/`` itself, by name; it may have no rows, and older copies are without it."""
