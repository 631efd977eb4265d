"""What the answers of slide S5 can mean: counts, joint solutions, and ranges under each reading.

The request went to every commissioning group, so there is no sampling error. What is open is
rounding, the base of the percentages, and the groups that did not reply.
"""

from __future__ import annotations

import math
from itertools import product

import pandas as pd

from coprod.data import each_row, find_row
from coprod.errors import UsageError
from coprod.talk.intervals import population_interval
from coprod.talk.rounding import ROUNDINGS, Rounding, counts_behind

READINGS = {
    "rounding": "as printed (rounding only)",
    "alike": "if the silent groups are like the rest",
    "whatever": "whatever the silent groups did",
}
MOST_SOLUTIONS = 1_000_000


def answer_counts(survey: pd.DataFrame, base: int, rounding: Rounding = "nearest") -> pd.DataFrame:
    """List the counts behind each percentage whose count is not printed.

    Parameters
    ----------
    survey : DataFrame
        As :class:`coprod.schemas.Survey`.
    base : int
        Groups the percentages are taken to be of.
    rounding : {"nearest", "half-even", "truncation", "ceiling"}
        Rule they were printed by.

    Returns
    -------
    DataFrame
        ``item, label, statement, percent, base, rounding, low, high``; counts are <NA> where none fits.

    Examples
    --------
    >>> from coprod.data import read_talk
    >>> counts = answer_counts(read_talk()["survey"], 196)
    >>> counts[["item", "low", "high"]].to_numpy().tolist()
    [['any_coproduction', 29, 30], ['ambition_more', 15, 16], ['ambition_in_line', 1, 2]]
    """
    rows = []
    for row in each_row(survey[survey["count"].isna()]):
        counts = counts_behind(row.percent, base, rounding)
        low, high = (counts[0], counts[-1]) if counts else (pd.NA, pd.NA)
        rows.append((row.item, row.label, row.statement, row.percent, base, rounding, low, high))
    columns = ["item", "label", "statement", "percent", "base", "rounding", "low", "high"]
    return pd.DataFrame(rows, columns=columns).astype({"low": "Int64", "high": "Int64"})


def joint_counts(survey: pd.DataFrame, base: int, rounding: Rounding = "nearest") -> pd.DataFrame:
    """List every joint solution: one count for each answer, with the parts inside their wholes.

    Parameters
    ----------
    survey : DataFrame
        As :class:`coprod.schemas.Survey`; ``subset_of`` names the answer another is part of, and
        its count may not be larger. A printed count stands if it prints as its own percentage.
    base : int
        Groups the percentages without a printed base are taken to be of.
    rounding : {"nearest", "half-even", "truncation", "ceiling"}
        Rule all percentages were printed by.

    Returns
    -------
    DataFrame
        One row per solution, one column per item; no row when the figures cannot all be true.

    Examples
    --------
    >>> from coprod.data import read_talk
    >>> len(joint_counts(read_talk()["survey"], 196))
    8
    """
    choices: dict[str, list[int]] = {}
    for row in each_row(survey):
        own_base = base if pd.isna(row.base) else int(row.base)
        fits = counts_behind(row.percent, own_base, rounding)
        choices[row.item] = list(fits) if pd.isna(row.count) else [c for c in [int(row.count)] if c in fits]
    size = math.prod(len(counts) for counts in choices.values())
    if size > MOST_SOLUTIONS:
        raise UsageError(f"{size} combinations of counts are more than {MOST_SOLUTIONS}; ask for fewer answers at once")
    parts = [(row.item, row.subset_of) for row in each_row(survey) if pd.notna(row.subset_of)]
    solutions = (dict(zip(choices, counts, strict=True)) for counts in product(*choices.values()))
    kept = [s for s in solutions if all(s[part] <= s[whole] for part, whole in parts)]
    return pd.DataFrame(kept, columns=list(choices), dtype="Int64")


def surviving_rules(survey: pd.DataFrame, bases: tuple[int, ...]) -> pd.DataFrame:
    """Try every rounding rule with every base on all printed figures at once.

    Parameters
    ----------
    survey : DataFrame
        As :class:`coprod.schemas.Survey`.
    bases : tuple of int
        Bases to try.

    Returns
    -------
    DataFrame
        ``rounding, base, known_shares`` (do the shares with a printed count come out?),
        ``solutions`` (joint solutions) and ``survives``.

    Examples
    --------
    >>> from coprod.data import read_talk
    >>> survey = read_talk()["survey"]
    >>> surviving_rules(survey, (196, 209))
         rounding  base  known_shares  solutions  survives
    0     nearest   196          True          8      True
    1     nearest   209          True          8      True
    2   half-even   196          True          8      True
    3   half-even   209          True          8      True
    4  truncation   196         False          0     False
    5  truncation   209         False          0     False
    6     ceiling   196          True          4      True
    7     ceiling   209          True          8      True
    """
    known = survey[survey["count"].notna()]
    rows = []
    for rule, base in product(ROUNDINGS, bases):
        shares = all(int(row.count) in counts_behind(row.percent, int(row.base), rule) for row in each_row(known))
        solutions = len(joint_counts(survey, base, rule))
        rows.append((rule, base, shares, solutions, solutions > 0))
    return pd.DataFrame(rows, columns=["rounding", "base", "known_shares", "solutions", "survives"])


def answer_ranges(survey: pd.DataFrame, rounding: Rounding = "nearest", level: float = 0.95) -> pd.DataFrame:
    """Give each answer's range under three readings and both bases.

    Parameters
    ----------
    survey : DataFrame
        As :class:`coprod.schemas.Survey`; the item ``replied`` has the groups asked and replied.
    rounding : {"nearest", "half-even", "truncation", "ceiling"}
        Rule of printing.
    level : float
        Level of the interval under the reading "alike".

    Returns
    -------
    DataFrame
        ``base, base_label, item, label, reading, reading_label, low, high, n, share_low,
        share_high``: counts low to high out of n, and the shares between 0 and 1. Answers with
        no count behind them are left out.

    Examples
    --------
    >>> from coprod.data import read_talk
    >>> ranges = answer_ranges(read_talk()["survey"])
    >>> ranges[["base", "reading", "low", "high", "n"]].to_numpy().tolist()[:3]
    [[196, 'rounding', 29, 30, 196], [196, 'alike', 29, 35, 209], [196, 'whatever', 29, 43, 209]]
    """
    replied, total = reply_counts(survey)
    rows = []
    for base, base_label in ((replied, f"of the {replied} that replied"), (total, f"of all {total} asked")):
        for row in each_row(answer_counts(survey, base, rounding).dropna()):
            low, high = int(row.low), min(int(row.high), replied)
            ranges = {
                "rounding": (low, high, base),
                "alike": (
                    population_interval(low, replied, total, level)[0],
                    population_interval(high, replied, total, level)[1],
                    total,
                ),
                "whatever": (low, high + total - replied, total),
            }
            for reading, (least, most, n) in ranges.items():
                head = (base, base_label, row.item, row.label, reading, READINGS[reading])
                rows.append((*head, least, most, n, least / n, most / n))
    columns = ["base", "base_label", "item", "label", "reading", "reading_label"]
    return pd.DataFrame(rows, columns=[*columns, "low", "high", "n", "share_low", "share_high"])


def reply_counts(survey: pd.DataFrame) -> tuple[int, int]:
    """Return how many groups replied and how many were asked.

    Parameters
    ----------
    survey : DataFrame
        As :class:`coprod.schemas.Survey`.

    Returns
    -------
    tuple of int
        Groups that replied, and groups asked.

    Examples
    --------
    >>> from coprod.data import read_talk
    >>> reply_counts(read_talk()["survey"])
    (196, 209)
    """
    row = find_row(survey, "item", "replied")
    return int(row.count), int(row.base)
