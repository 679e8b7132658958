"""How far the values of a measure lie apart over the folds of a run."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import NamedTuple

__all__ = ["FoldSpread", "fold_spread", "fold_values"]

_NUMBER = re.compile(r"-?(?:\d++(?:\.\d*+)?|\.\d++)(?:[eE][+-]?\d++)?\Z")


class FoldSpread(NamedTuple):
    """folds: how many values there are, at least 1. mean: theirs, which need not be the value of
    the run, pooled over all folds. deviation: their sample standard deviation (divided by
    folds - 1, as the evaluation engine does), None for a single fold. All in the measure's unit.
    """

    folds: int
    mean: float
    deviation: float | None


def fold_values(text: str) -> list[float]:
    """The numbers of ``[0.9,0.8]``, as ``evaluation/list`` gives them with ``per_fold``.

    Their order says nothing (the server promises none), and what is no finite number is left out.
    """
    parts = (part.strip() for part in text.strip().strip("[]").split(","))
    values = [float(part) for part in parts if _NUMBER.match(part)]
    return [value for value in values if math.isfinite(value)]


def fold_spread(values: Sequence[float]) -> FoldSpread | None:
    """The spread of the values of all folds (and repeats) of a run; None without any, or
    when they are too large to reckon with."""
    if not values:
        return None
    count = len(values)
    try:
        mean = math.fsum(values) / count
        if count == 1:
            return FoldSpread(1, mean, None)
        square = math.fsum((value - mean) ** 2 for value in values) / (count - 1)
    except OverflowError:  # larger than any float: nothing that could be shown
        return None
    return FoldSpread(count, mean, math.sqrt(square))
