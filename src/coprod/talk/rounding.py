"""Rounding, inverted: every whole count that prints as a given percentage.

All arithmetic is rational; no count is ever found by dividing and rounding floats.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Literal, get_args

from coprod.errors import UsageError, check_word

Rounding = Literal["nearest", "half-even", "truncation", "ceiling"]
ROUNDINGS: tuple[Rounding, ...] = get_args(Rounding)


def printed_percent(count: int, base: int, rounding: Rounding = "nearest", decimals: int = 0) -> str:
    """Return a share as it is printed under a rounding rule.

    Parameters
    ----------
    count, base : int
        Numerator and denominator, 0 <= count <= base.
    rounding : {"nearest", "half-even", "truncation", "ceiling"}
        ``nearest`` takes halves up; ``half-even`` takes them to the even digit.
    decimals : int
        Digits printed after the point.

    Returns
    -------
    str
        Percentage with exactly ``decimals`` digits after the point.

    Examples
    --------
    >>> [printed_percent(196, 209, rule) for rule in ROUNDINGS]
    ['94', '94', '93', '94']
    """
    check_base(base)
    check_word(rounding, ROUNDINGS, "rounding rule")
    if not 0 <= count <= base:
        raise UsageError(f"count {count} is not between 0 and its base {base}; correct one of them")
    steps = Fraction(100 * 10**decimals * count, base)
    whole = {
        "nearest": math.floor(steps + Fraction(1, 2)),
        "half-even": round(steps),
        "truncation": math.floor(steps),
        "ceiling": math.ceil(steps),
    }[rounding]
    return f"{whole / 10**decimals:.{decimals}f}"


def counts_behind(percent: str, base: int, rounding: Rounding = "nearest") -> range:
    """Return every whole count that prints as a percentage.

    A percentage p printed in steps of u stands for the shares x, in per cent, with
    p - u/2 <= x < p + u/2 (nearest), the same with both ends in or out (half-even),
    p <= x < p + u (truncation), or p - u < x <= p (ceiling). The counts are the whole
    numbers in that interval times base / 100, found with fractions.

    Parameters
    ----------
    percent : str
        As printed: its decimals set the step u, so ``"15"`` and ``"15.0"`` differ.
    base : int
        Denominator, at least 1.
    rounding : {"nearest", "half-even", "truncation", "ceiling"}
        Rule the percentage was printed by.

    Returns
    -------
    range
        Consecutive counts, empty when none fits.

    Raises
    ------
    UsageError
        If the percentage is not between 0 and 100, the base below 1 or the rule unknown.

    References
    ----------
    Brown, N. J. L. and Heathers, J. A. J. (2017) The GRIM test. Social Psychological and
    Personality Science 8(4): 363-369. doi:10.1177/1948550616673876

    Examples
    --------
    >>> list(counts_behind("15", 196)), list(counts_behind("15", 209))
    ([29, 30], [31, 32])
    """
    check_base(base)
    check_word(rounding, ROUNDINGS, "rounding rule")
    value, step = _parse_percent(percent)
    half = step / 2
    even = (value / step) % 2 == 0
    low, high, low_in, high_in = {
        "nearest": (value - half, value + half, True, False),
        "half-even": (value - half, value + half, even, even),
        "truncation": (value, value + step, True, False),
        "ceiling": (value - step, value, False, True),
    }[rounding]
    first = _edge(low * base / 100, up=True, included=low_in)
    last = _edge(high * base / 100, up=False, included=high_in)
    return range(max(first, 0), min(last, base) + 1)


def grim_power(base: int, rounding: Rounding = "nearest", decimals: int = 0) -> float:
    """Return how often an invented percentage would be found impossible.

    A test of "is there any count behind this percentage" can only fail a percentage that no
    count prints as. Its power against a percentage picked at random is the share of such
    percentages between 0 and 100; where that is 0, nothing can be tested.

    Parameters
    ----------
    base : int
        Denominator.
    rounding : {"nearest", "half-even", "truncation", "ceiling"}
        Rule of printing.
    decimals : int
        Digits printed after the point.

    Returns
    -------
    float
        Between 0 (cannot be tested) and 1.

    Examples
    --------
    >>> grim_power(196), round(grim_power(20), 3)
    (0.0, 0.792)
    """
    printable = 100 * 10**decimals + 1
    attained = {printed_percent(count, base, rounding, decimals) for count in range(base + 1)}
    return float(1 - Fraction(len(attained), printable))


def check_base(base: int) -> None:
    """Refuse a base there is no share of."""
    if base < 1:
        raise UsageError(f"base {base} has nothing to take a share of; give a base of at least 1")


def _parse_percent(percent: str) -> tuple[Fraction, Fraction]:
    try:
        value = Fraction(percent)
    except (ValueError, ZeroDivisionError):
        raise UsageError(f"{percent!r} is not a percentage; write it as printed, for example '15'") from None
    if not 0 <= value <= 100:
        raise UsageError(f"percentage {percent} is not between 0 and 100; correct it")
    return value, Fraction(1, 10 ** len(percent.partition(".")[2]))


def _edge(bound: Fraction, *, up: bool, included: bool) -> int:
    whole = math.ceil(bound) if up else math.floor(bound)
    if included or whole != bound:
        return whole
    return whole + 1 if up else whole - 1
