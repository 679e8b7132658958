"""How values of folds spread: five numbers and the mean. Needs the standard library alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite
from statistics import fmean, quantiles

__all__ = ["Spread", "spread"]


@dataclass(frozen=True, slots=True)
class Spread:
    """The five numbers of a box plot (Tukey 1977), the mean, and how many values they sum up.

    Quartiles are those of linear interpolation between values, as numpy and scikit-learn have them.
    ``missing`` counts values that are not there, or not finite.
    """

    least: float
    lower: float
    median: float
    upper: float
    most: float
    mean: float
    count: int
    missing: int


def spread(values: Iterable[float | None]) -> Spread | None:
    """The spread of the finite ones among the values; None when there are none."""
    given = list(values)
    known = [value for value in given if value is not None and isfinite(value)]
    if not known:
        return None
    lower, median, upper = (
        quantiles(known, n=4, method="inclusive") if len(known) > 1 else known * 3
    )
    try:
        mean = fmean(known)
    except OverflowError:  # the sum is larger than any float
        mean = sum(value / len(known) for value in known)
    return Spread(
        min(known), lower, median, upper, max(known), mean, len(known), len(given) - len(known)
    )
