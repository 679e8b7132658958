"""Tails of the distributions that ranks are judged by, so that no statistics package is needed."""

from __future__ import annotations

import math

__all__ = ["chi_square_tail", "normal_tail", "studentized_range_quantile", "studentized_range_tail"]

_STEP = 0.05  # the sums below converge far faster than their step shrinks (entire integrands)
_REACH = 9.0  # beyond so many deviations nothing is left of a normal density


def normal_tail(z: float) -> float:
    """The chance that a standard normal value is greater than ``z``."""
    return 0.5 * math.erfc(z / math.sqrt(2))


def chi_square_tail(x: float, degrees: int) -> float:
    """The chance that a chi-square value with so many degrees of freedom (1 or more) is greater.

    The regularised upper incomplete gamma function of half a whole number, by its recurrence
    (Abramowitz and Stegun 6.5.22 and 26.4.4 to 26.4.5).
    """
    if x <= 0:
        return 1.0
    half = x / 2
    order, found = (0.5, math.erfc(math.sqrt(half))) if degrees % 2 else (1.0, math.exp(-half))
    while order < degrees / 2:
        found += math.exp(order * math.log(half) - half - math.lgamma(order + 1))
        order += 1
    return min(1.0, found)


def studentized_range_tail(q: float, groups: int) -> float:
    """The chance that the range of so many standard normal values (2 or more) is greater than
    ``q``: the studentized range with infinitely many degrees of freedom.

    The trapezoidal rule over the density of the greatest value (Lund and Lund 1983, AS 190).
    """
    if q <= 0:
        return 1.0
    steps = round((2 * _REACH + q) / _STEP)
    total = 0.0
    for step in range(steps + 1):
        z = -_REACH + step * _STEP
        within = normal_tail(z - q) - normal_tail(z)  # between z - q and z
        total += math.exp(-z * z / 2) * within ** (groups - 1)
    below = groups * total * _STEP / math.sqrt(2 * math.pi)
    return min(1.0, max(0.0, 1.0 - below))


def studentized_range_quantile(p: float, groups: int) -> float:
    """The range that is passed with chance ``p`` (0 < p < 1): 3.314 for 0.05 and 3 groups."""
    low, high = 0.0, 1.0
    while studentized_range_tail(high, groups) > p:
        low, high = high, 2 * high
    while high - low > 1e-12 * high:
        middle = (low + high) / 2
        if studentized_range_tail(middle, groups) > p:
            low = middle
        else:
            high = middle
    return (low + high) / 2
