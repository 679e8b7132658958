"""How values of folds spread: five numbers and the mean. Needs the standard library alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import fsum, isfinite
from statistics import quantiles

__all__ = ["Spread", "spread"]

_LARGE = 1e300


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
    # Values near the greatest float are summed up as parts of themselves: their sums are no floats.
    unit = 16.0 if max(map(abs, known)) > _LARGE else 1.0
    parts = [value / unit for value in known]
    lower, median, upper = (
        quantiles(parts, n=4, method="inclusive") if len(parts) > 1 else parts * 3
    )
    least, most = min(known), max(known)
    # parts of the smallest floats are 0: rounding must not put a quartile outside the values
    lower, median, upper = (min(max(part * unit, least), most) for part in (lower, median, upper))
    mean = fsum(part / len(parts) for part in parts) * unit
    return Spread(least, lower, median, upper, most, mean, len(known), len(given) - len(known))
