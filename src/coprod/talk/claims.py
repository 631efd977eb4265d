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

    Examples
    --------
    >>> from coprod.data import read_talk
    >>> ledger = adjudicate(read_talk())
    >>> ledger.loc[ledger["claim"] == "any_coproduction", ["published", "recomputed", "verdict"]].to_numpy().tolist()
    [['15%', '29 or 30 of 196; 31 or 32 of 209', 'ambiguous']]
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

    Parameters
    ----------
    ledger : DataFrame
        From :func:`coprod.talk.claims.adjudicate`.
    claim : str
        Key of a claim, as ``data/talk/claims.csv`` has it.

    Returns
    -------
    Series
        The row of the ledger.

    Raises
    ------
    UsageError
        If there is no such claim.

    Examples
    --------
    >>> from coprod.data import read_talk
    >>> select_claim(adjudicate(read_talk()), "press_agrees")["verdict"]
    'differs'
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

    Parameters
    ----------
    ledger : DataFrame
        From :func:`coprod.talk.claims.adjudicate`.

    Examples
    --------
    >>> from coprod.data import read_talk
    >>> count_verdicts(adjudicate(read_talk())).to_numpy().tolist()[:2]
    [['reproduced', 'recomputed from other published numbers, and equal as printed', 5], ['consistent', 'fits what \
else is published', 2]]
    """
    counts = ledger["verdict"].value_counts()
    rows = [(verdict, meaning, int(counts.get(verdict, 0))) for verdict, meaning in VERDICTS.items()]
    return pd.DataFrame(rows, columns=["verdict", "meaning", "claims"])
