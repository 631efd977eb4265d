"""How far a share can move: the silent, a finite population, or groups yet to be formed."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from fractions import Fraction
from typing import Literal, get_args

from statsmodels.stats.proportion import proportion_confint

from coprod.errors import UsageError, check_word
from coprod.talk.rounding import check_base

Method = Literal["wilson", "clopper-pearson", "jeffreys"]
METHODS: tuple[Method, ...] = get_args(Method)


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

    Examples
    --------
    >>> [round(100 * share, 1) for share in superpopulation_interval(30, 196)]
    [10.9, 21.0]
    """
    check_base(base)
    _check_level(level)
    check_word(method, METHODS, "interval")
    names = {"wilson": "wilson", "clopper-pearson": "beta", "jeffreys": "jeffreys"}
    low, high = proportion_confint(count, base, alpha=1 - level, method=names[method])
    return float(low), float(high)


def _check_level(level: float) -> None:
    if not 0 < level < 1:
        raise UsageError(f"level {level} is not between 0 and 1; write 95 per cent as 0.95")
