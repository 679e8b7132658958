"""Tests of classifiers over many data sets by ranks, as Demsar (2006) recommends them.

Wilcoxon's signed-rank test for two, Friedman's with Nemenyi's post-hoc test for more.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from runbrowser.triage.suite.distributions import (
    chi_square_tail,
    normal_tail,
    studentized_range_quantile,
    studentized_range_tail,
)

__all__ = [
    "ALPHA",
    "Friedman",
    "Wilcoxon",
    "average_ranks",
    "critical_difference",
    "friedman",
    "nemenyi",
    "rounded",
    "wilcoxon",
]

ALPHA = 0.05
"""The level of every test here."""

_MOST_EXACT = 50  # differences of which the exact distribution is worked out
_DIGITS = 12  # significant digits in which values are told apart: the rest is rounding


def rounded(values: Sequence[float], among: Sequence[float] = ()) -> list[float]:
    """Values without the rounding of binary fractions, so that 0.95 - 0.93 is 0.90 - 0.88: in 12
    significant digits of the greatest one, or of the greatest of ``among`` that they come from.
    """
    scale = max(map(abs, among or values), default=0.0)
    if not scale or not math.isfinite(scale):
        return list(values)
    places = _DIGITS - 1 - math.floor(math.log10(scale))
    return [round(value, places) for value in values]


def average_ranks(values: Sequence[float]) -> list[float]:
    """The rank of each value, 1 for the lowest; equal values share the mean of theirs."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start + 1
        while end < len(order) and values[order[end]] == values[order[start]]:
            end += 1
        for place in order[start:end]:
            ranks[place] = (start + 1 + end) / 2
        start = end
    return ranks


@dataclass(frozen=True, slots=True)
class Wilcoxon:
    """Wilcoxon's signed-rank test of paired values, two-sided.

    ``plus`` and ``minus`` are the sums of the ranks of the differences above and below 0;
    differences of 0 are left out (``zeros``). ``exact``: by the distribution of the ranks as they
    are, ties included; else by its normal approximation with the correction for ties.
    """

    plus: float
    minus: float
    pairs: int
    zeros: int
    p: float
    exact: bool

    @property
    def statistic(self) -> float:
        """The smaller sum of ranks, as it is usually reported."""
        return min(self.plus, self.minus)


def wilcoxon(one: Sequence[float], two: Sequence[float]) -> Wilcoxon | None:
    """The test of ``one`` against ``two``, pair by pair; None when no pair differs."""
    raw = [a - b for a, b in zip(one, two, strict=True)]
    differences = rounded(raw, [*one, *two])
    told = [difference for difference in differences if difference]
    if not told:
        return None
    ranks = average_ranks(list(map(abs, told)))
    plus = sum(rank for rank, difference in zip(ranks, told, strict=True) if difference > 0)
    minus = sum(ranks) - plus
    exact = len(told) <= _MOST_EXACT
    p = _exact_p(ranks, min(plus, minus)) if exact else _normal_p(ranks, plus)
    return Wilcoxon(plus, minus, len(told), len(raw) - len(told), p, exact)


def _exact_p(ranks: Sequence[float], smaller: float) -> float:
    """Over all signs of the ranks; ranks are doubled, since shared ones may be halves."""
    doubled = [round(2 * rank) for rank in ranks]
    ways = [1] + [0] * sum(doubled)
    reach = 0
    for rank in doubled:
        reach += rank
        for total in range(reach, rank - 1, -1):
            ways[total] += ways[total - rank]
    tail = sum(ways[: round(2 * smaller) + 1])
    return min(1.0, 2 * tail / (1 << len(ranks)))


def _normal_p(ranks: Sequence[float], plus: float) -> float:
    count = len(ranks)
    ties = sum(size**3 - size for size in Counter(ranks).values())
    variance = count * (count + 1) * (2 * count + 1) / 24 - ties / 48
    z = (plus - count * (count + 1) / 4) / math.sqrt(variance)
    return min(1.0, 2 * normal_tail(abs(z)))


@dataclass(frozen=True, slots=True)
class Friedman:
    """Friedman's test that all groups are alike, corrected for ties.

    ``ranks`` are the mean ranks of the groups, 1 the best; ``chi_square`` and ``p`` are None where
    all values of every block are the same.
    """

    ranks: tuple[float, ...]
    blocks: int
    chi_square: float | None
    p: float | None


def friedman(rows: Sequence[Sequence[float]], *, higher: bool = True) -> Friedman:
    """The test of groups over blocks: a row a block (1 or more), a value for each group (2 or
    more). ``higher``: the highest value has rank 1, else the lowest.
    """
    count, groups = len(rows), len(rows[0])
    sign = -1.0 if higher else 1.0
    ranked = [average_ranks([sign * value for value in rounded(row)]) for row in rows]
    sums = [sum(row[group] for row in ranked) for group in range(groups)]
    means = tuple(total / count for total in sums)
    ties = sum(size**3 - size for row in ranked for size in Counter(row).values())
    correction = 1 - ties / (count * groups * (groups * groups - 1))
    if correction <= 0:
        return Friedman(means, count, None, None)
    squares = sum(total * total for total in sums)
    raw = 12 / (count * groups * (groups + 1)) * squares - 3 * count * (groups + 1)
    chi_square = max(0.0, raw / correction)
    return Friedman(means, count, chi_square, chi_square_tail(chi_square, groups - 1))


def nemenyi(ranks: Sequence[float], blocks: int) -> list[list[float]]:
    """The p-value of every pair of groups by Nemenyi's test, from their mean ranks."""
    groups = len(ranks)
    error = math.sqrt(groups * (groups + 1) / (6 * blocks))
    return [
        [studentized_range_tail(math.sqrt(2) * abs(a - b) / error, groups) for b in ranks]
        for a in ranks
    ]


def critical_difference(groups: int, blocks: int, alpha: float = ALPHA) -> float:
    """Mean ranks that differ by less than this do not differ significantly (Nemenyi)."""
    q = studentized_range_quantile(alpha, groups) / math.sqrt(2)
    return q * math.sqrt(groups * (groups + 1) / (6 * blocks))
