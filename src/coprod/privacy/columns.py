"""Which columns count people, which rest on people, and which say nothing of anybody; all others are refused."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pandas as pd

from coprod.errors import DataError
from coprod.privacy.profiles import Profile

COUNTED = ("n_participants", "n", "answered", "participants", "n_replied")
"""Columns that count the people whose answers a row's statistics are made of."""
PEOPLE = frozenset({*COUNTED, "enrolled", "silent", "n_silent", "n_floor", "n_ceiling", "n_observations"})
"""Columns that count people, or their answers."""
STATISTICS = frozenset({
    "estimate", "std_error", "df", "statistic", "p_value", "p_smallest", "p_holm", "p_bh", "conf_low", "conf_high",
    "mean", "sd", "alpha", "omega", "item_rest", "difference", "mean_replied", "mean_silent", "assumed", "tipping",
    "delta", "expected", "expected_false", "fmi", "variance", "boundary", "verdict",
})  # fmt: skip
"""Columns that rest on the people a row counts."""
SHARES = frozenset({"share", "floor", "ceiling"})
"""Shares of people; they are made from released counts, never from others."""
LABELS = frozenset({
    "frame", "scale", "term", "method", "flag", "scenario", "cohort", "audience", "wave", "item", "wording", "role",
    "component", "response", "label", "low", "high", "n_cohorts", "n_items", "change", "synthetic", "direction",
    "what", "margin", "why", "unit", "whom",
})  # fmt: skip
"""Columns that say nothing of a single person; cohorts are organisations and are counted as they are."""
HEADINGS = PEOPLE | frozenset({
    "people", "persons", "respondents", "questionnaires", "answers", "replied", "replies", "returned", "lost",
    "missing", "of", "not answered", "did not answer", "at the floor", "at the ceiling", "at the least score",
    "at the greatest", "n participants", "number of people", "number of participants", "observations", "count",
})  # fmt: skip
"""Headings of columns that count people, in small letters, as readers see them."""
PERSONS = frozenset({
    "participant", "participant id", "participant_id", "person", "respondent", "respondent_id",
    "score", "scores", "score before", "score after",
})  # fmt: skip
"""Names and headings of columns with a row, and so a mark, for each person."""
KNOWN = PEOPLE | STATISTICS | SHARES | LABELS
WHOLES: Mapping[str, tuple[tuple[str, ...], ...]] = MappingProxyType({
    "enrolled": (("answered", "silent"), ("n",), ("n_participants",)),
    "n": (("n_floor", "n_ceiling"), ("n_replied", "n_silent")),
    "n_participants": (("n_replied", "n_silent"), ("n_silent",)),
})  # fmt: skip
"""Columns that count a whole, and the columns of the same row that count parts of it."""
PARTS = ("cohort", "audience", "change", "label")
"""Columns whose values part all people; the first one that is there does."""
TOTALS = frozenset({"all", ""})
"""What stands in such a column for everybody."""
KEYS = (
    "frame", "scale", "term", "method", "scenario", "wave", "item", "component", "response", "direction",
    "delta", "low", "high",
)  # fmt: skip
"""Columns that tell apart several tables of the same people, put below each other."""


def check_columns(frame: pd.DataFrame, profile: Profile) -> None:
    """Refuse a frame with a column that is not known to hide single people.

    Raises
    ------
    DataError
        Naming the column.
    """
    for name in frame:
        if name not in KNOWN:
            raise DataError(
                f"column {name!r} may not leave the house under profile {profile.name!r}: it is not known to hide "
                "single people; leave it out, or name it in privacy/columns.py"
            )
