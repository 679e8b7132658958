"""How the work of a reader grows when its input is doubled."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

MOST_GROWTH = 2.5
"""Linear work doubles with its input, a little more with sorting; quadratic work is four times."""

_ENOUGH = 0.02  # seconds of the processor that can be told from its noise
_TRIALS = 4


def growth(make: Callable[[int], T], read: Callable[[T], object], size: int, most: int) -> float:
    """How many times the work of ``read`` grows from half the size to the whole.

    The size is doubled from ``size`` until the work can be measured, or is ``most``; what is not
    measurable there grows by nothing. Time of this process alone is counted, the least of several
    trials, so that other processes do not matter.
    """
    while True:
        small, large = make(size // 2), make(size)
        whole = _least(read, large)
        if whole >= _ENOUGH or size >= most:
            break
        size = min(2 * size, most)
    if whole < _ENOUGH:
        return 0.0
    return min(_least(read, large) / _least(read, small) for _ in range(3))


def _least(read: Callable[[T], object], given: T) -> float:
    best = float("inf")
    for _ in range(_TRIALS):
        begin = time.process_time()
        read(given)
        best = min(best, time.process_time() - begin)
    return max(best, 1e-9)
