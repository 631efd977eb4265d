"""What the answers of slide S5 can mean: counts, joint solutions, bounds and intervals.

The request went to every commissioning group, so there is no sampling error. What is open is
rounding, the base of the percentages, and the groups that did not reply.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from fractions import Fraction
from itertools import product
from typing import Literal, get_args

import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from coprod.data import each_row, find_row
from coprod.errors import UsageError, suggest
from coprod.talk.rounding import ROUNDINGS, Rounding, check_base, counts_behind

Method = Literal["wilson", "clopper-pearson", "jeffreys"]
METHODS: tuple[Method, ...] = get_args(Method)
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
    """
    known = survey[survey["count"].notna()]
    rows = []
    for rule, base in product(ROUNDINGS, bases):
        shares = all(int(row.count) in counts_behind(row.percent, int(row.base), rule) for row in each_row(known))
        solutions = len(joint_counts(survey, base, rule))
        rows.append((rule, base, shares, solutions, solutions > 0))
    return pd.DataFrame(rows, columns=["rounding", "base", "known_shares", "solutions", "survives"])


def nonresponse_bounds(low: int, high: int, replied: int, total: int) -> tuple[float, float]:
    """Bound a share of everybody asked, whatever those who did not reply would have said.

    The lower bound counts every silent group as a no, the upper one as a yes:
    low / total and (high + total - replied) / total.

    Parameters
    ----------
    low, high : int
        Fewest and most groups that said yes.
    replied, total : int
        Groups that replied and groups asked.

    Returns
    -------
    tuple of float
        Shares between 0 and 1.

    References
    ----------
    Manski, C. F. (1989) Anatomy of the selection problem. Journal of Human Resources 24(3):
    343-360. doi:10.2307/145818

    Examples
    --------
    >>> [round(100 * share, 1) for share in nonresponse_bounds(29, 30, 196, 209)]
    [13.9, 20.6]
    """
    check_base(total)
    if not 0 <= low <= high <= replied <= total:
        raise UsageError(f"0 <= {low} <= {high} <= {replied} <= {total} does not hold; correct the counts")
    return low / total, (high + total - replied) / total


def population_interval(count: int, sample: int, population: int, level: float = 0.95) -> tuple[int, int]:
    """Return the exact interval for a count in a finite population, from a sample without replacement.

    The interval holds every population count K for which neither tail of the hypergeometric
    distribution, P(X >= count | K) or P(X <= count | K), is at most (1 - level) / 2, in rational
    arithmetic and by bisection. Here the sample is the groups that replied, with non-response taken as random.

    Parameters
    ----------
    count : int
        Yeses in the sample.
    sample, population : int
        Sizes, sample <= population.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    tuple of int
        Smallest and largest population count.

    References
    ----------
    Buonaccorsi, J. P. (1987) A note on confidence intervals for proportions in finite
    populations. The American Statistician 41(3): 215-218. doi:10.1080/00031305.1987.10475484

    Examples
    --------
    >>> population_interval(30, 196, 209)
    (30, 35)
    """
    check_base(population)
    _check_level(level)
    if not 0 <= count <= sample <= population:
        raise UsageError(f"0 <= {count} <= {sample} <= {population} does not hold; correct the counts")
    tail = (1 - Fraction(str(level))) / 2
    yeses = range(count, population - sample + count + 1)
    first = bisect_right(yeses, tail, key=lambda k: 1 - _at_most(count - 1, k, sample, population))
    beyond = bisect_left(yeses, -tail, key=lambda k: -_at_most(count, k, sample, population))
    return yeses[first], yeses[beyond - 1]


def _at_most(count: int, yeses: int, sample: int, population: int) -> Fraction:
    """Return the hypergeometric P(X <= count) as a fraction, so that a tie with a tail is a tie."""
    seen = range(max(0, sample - (population - yeses)), min(count, yeses) + 1)
    ways = sum(math.comb(yeses, k) * math.comb(population - yeses, sample - k) for k in seen)
    return Fraction(ways, math.comb(population, sample))


def superpopulation_interval(
    count: int, base: int, level: float = 0.95, method: Method = "wilson"
) -> tuple[float, float]:
    """Return an interval for the probability behind a count, where a superpopulation is meant.

    Not for the share among the groups that were asked: all of them were. It answers what share
    would be expected of groups yet to be formed by the same process.

    Parameters
    ----------
    count, base : int
        Yeses and answers.
    level : float
        Confidence level.
    method : {"wilson", "clopper-pearson", "jeffreys"}
        Interval, as in statsmodels.

    Returns
    -------
    tuple of float
        Shares between 0 and 1.

    References
    ----------
    Brown, L. D., Cai, T. T. and DasGupta, A. (2001) Interval estimation for a binomial
    proportion. Statistical Science 16(2): 101-133. doi:10.1214/ss/1009213286
    """
    check_base(base)
    _check_level(level)
    names = {"wilson": "wilson", "clopper-pearson": "beta", "jeffreys": "jeffreys"}
    if method not in names:
        raise UsageError(f"unknown interval {method!r}; {suggest(method, names)}")
    low, high = proportion_confint(count, base, alpha=1 - level, method=names[method])
    return float(low), float(high)


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
    """Return how many groups replied and how many were asked."""
    row = find_row(survey, "item", "replied")
    return int(row.count), int(row.base)


def _check_level(level: float) -> None:
    if not 0 < level < 1:
        raise UsageError(f"level {level} is not between 0 and 1; write 95 per cent as 0.95")
