"""The claim ledger: every claim of the talk with a verdict and a reason, computed from its tables.

A claim is a row of ``data/talk/claims.csv``; its rule is a function of
:mod:`coprod.talk.rules`. Nothing here knows what the verdict should be.
"""

from __future__ import annotations

import pandas as pd

from coprod.data import Talk, each_row
from coprod.errors import DataError, UsageError, suggest
from coprod.talk.rules import RULES, VERDICTS

COLUMNS = ["claim", "slide", "statement", "published", "recomputed", "verdict", "reason"]


def adjudicate(talk: Talk) -> pd.DataFrame:
    """Judge every claim of the talk.

    Parameters
    ----------
    talk : Talk
        From :func:`coprod.data.read_talk`.

    Returns
    -------
    DataFrame
        ``claim, slide, statement, published, recomputed, verdict, reason``, all text, in the
        order of the slides. ``verdict`` is one of :data:`coprod.talk.rules.VERDICTS`.

    Raises
    ------
    DataError
        If a claim names a rule that does not exist.
    """
    rows = []
    for claim in each_row(talk["claims"]):
        if claim.rule not in RULES:
            raise DataError(
                f"claims.csv, claim {claim.claim!r}: no rule {claim.rule!r} in coprod.talk.rules; "
                f"{suggest(claim.rule, RULES)}"
            )
        ruling = RULES[claim.rule](talk, "" if pd.isna(claim.subject) else claim.subject)
        published = ruling.published or ("" if pd.isna(claim.published) else claim.published)
        rows.append(
            (claim.claim, claim.slide, claim.statement, published, ruling.recomputed, ruling.verdict, ruling.reason)
        )
    return pd.DataFrame(rows, columns=COLUMNS)


def select_claim(ledger: pd.DataFrame, claim: str) -> pd.Series:
    """Return one row of the ledger.

    Raises
    ------
    UsageError
        If there is no such claim.
    """
    found = ledger[ledger["claim"] == claim]
    if found.empty:
        raise UsageError(f"unknown claim {claim!r}; {suggest(claim, ledger['claim'])}")
    return found.iloc[0]


def count_verdicts(ledger: pd.DataFrame) -> pd.DataFrame:
    """Count the claims under each verdict.

    Returns
    -------
    DataFrame
        ``verdict, meaning, claims`` with every verdict once, in the order of the scale.
    """
    counts = ledger["verdict"].value_counts()
    rows = [(verdict, meaning, int(counts.get(verdict, 0))) for verdict, meaning in VERDICTS.items()]
    return pd.DataFrame(rows, columns=["verdict", "meaning", "claims"])
