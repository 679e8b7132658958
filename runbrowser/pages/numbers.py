"""Numbers, times and ages as people compare them: one way for every page."""

from __future__ import annotations

import time
from collections.abc import Sequence
from math import isfinite

from runbrowser.triage.folds import fold_spread
from runbrowser.triage.measures import value_text

number = value_text  # as every table shows a measure's value


def deviation(values: Sequence[float]) -> str:
    """The sample deviation of folds, as it is shown; '' where there is none, or none that is a
    number.
    """
    found = fold_spread(values)
    return "" if found is None or found.deviation is None else f"\u00b1 {number(found.deviation)}"


def duration(seconds: float) -> str:
    """A time as people say it: 3.2 ms, 731 ms, 1.2 s, 3 min 5 s, 2 h 7 min, 3 d 4 h."""
    if not isfinite(seconds):
        return str(seconds)
    if seconds < 0:
        return f"-{duration(-seconds)}"
    if seconds < 0.9995:
        millis = seconds * 1000
        return f"{millis:.1f} ms" if millis < 9.95 else f"{millis:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    for unit, below, size, lower in (("min", 3600, 60, "s"), ("h", 86400, 3600, "min")):
        if whole < below:
            rest = whole % size // (1 if lower == "s" else 60)
            return f"{whole // size} {unit}" + (f" {rest} {lower}" if rest else "")
    days, rest = divmod(whole, 86400)
    return f"{days:,} d" + (f" {rest // 3600} h" if rest // 3600 else "")


def age(then: float, now: float | None = None) -> str:
    """How long ago, in words; times in seconds since 1970."""
    passed = max(0.0, (time.time() if now is None else now) - then)
    for unit, seconds in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        count = int(passed // seconds)
        if count:
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"


def size_words(size: int) -> str:
    """Bytes for the eye: 512 B, 12.3 kB, 4.9 GB."""
    number = float(size)
    for unit in ("B", "kB", "MB", "GB"):
        if number < 1000 or unit == "GB":
            break
        number /= 1000
    return f"{number:,.0f} B" if unit == "B" else f"{number:,.1f} {unit}"
