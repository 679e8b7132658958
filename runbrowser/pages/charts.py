"""The chart kit: numbers as characters of one width: bars, blocks, a box plot, bars about zero."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import isfinite

from runbrowser.triage.compare import Place
from runbrowser.triage.spread import Spread

BLOCKS = "\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588"
MISSING = "\u00b7"
ZERO = "\u2500"

UP = f" {BLOCKS}"
_DOWN = " \u2594\u2580\u2588"
_UP_COARSE = " \u2581\u2584\u2588"
_MOST_ROWS = 4  # pictures below each other; a task with more folds than fit in them is cut


def finite(values: Iterable[float | None]) -> list[float]:
    """The values that are numbers."""
    return [value for value in values if value is not None and isfinite(value)]


def share(value: float, low: float, high: float) -> float:
    """Where a value stands between two others, 0 to 1; they may be as far apart as floats go."""
    span = high / 2 - low / 2  # halves: their difference is always a number
    return min(1.0, max(0.0, (value / 2 - low / 2) / span)) if span > 0 else 0.5


def blocks(
    values: Sequence[float | None],
    *,
    among: Sequence[float | None] | None = None,
    highest: str = BLOCKS[7],
) -> str:
    """One block a value, the lowest value lowest; a middle dot for a missing or infinite one.

    ``among`` are the values that the lowest and the highest are taken from, where these are only
    some of them; ``highest`` is the block of the highest: a lower one keeps lines apart.
    """
    known = finite(values if among is None else among)
    if not known:
        return ""
    low, high, steps = min(known), max(known), BLOCKS.index(highest)
    flat = high / 2 - low / 2 <= 0
    return "".join(
        MISSING
        if value is None or not isfinite(value)
        else BLOCKS[3]
        if flat
        else BLOCKS[round(share(value, low, high) * steps)]
        for value in values
    )


def bar(part: float, width: int) -> str:
    """A bar for a part of 1, to half a cell; half as high as a line, so that bars stay apart."""
    full, half = divmod(round(max(0.0, min(1.0, part)) * width * 2), 2)
    return "\u2584" * full + "\u2596" * half


def box(found: Spread, low: float, room: int) -> str:
    """The five numbers of a box plot on the axis from ``low`` to the greatest value."""
    if found.most <= found.least:
        return "\u2503 all the same"
    at = [
        round(share(value, low, found.most) * (room - 1))
        for value in (found.least, found.lower, found.median, found.upper, found.most)
    ]
    drawn = [" "] * room
    drawn[at[0] : at[4] + 1] = "\u2500" * (at[4] - at[0] + 1)
    drawn[at[1] : at[3] + 1] = "\u2592" * (at[3] - at[1] + 1)
    if at[0] < at[1]:
        drawn[at[0]] = "\u251c"
    if at[4] > at[3]:
        drawn[at[4]] = "\u2524"
    drawn[at[2]] = "\u2503"
    return "".join(drawn)


# -- bars above and below a line of zero -----------------------------------------------------------

Bars = tuple[str, str, str, str]
"""Bars above the line, the line, bars below it, and which of those are to be drawn reversed."""


def level(difference: float, scale: float) -> int:
    """The height of a bar in eighths, -8 to 8; a difference that is not 0 shows."""
    if difference == 0 or scale <= 0:
        return 0
    height = max(1, min(8, round(abs(difference) / scale * 8)))
    return height if difference > 0 else -height


def bars(
    differences: Mapping[Place, float | None], scale: float, room: int, *, fine: bool
) -> tuple[list[Bars], int]:
    """Pictures of at most ``room`` columns, a column a fold and a gap between repeats.

    ``scale`` is the difference of the tallest bar. With ``fine`` bars below the line have eight
    heights as those above, drawn with colours reversed (the fourth text marks those with 'r');
    without, both have three. Also how many folds found no place.
    """
    repeats: dict[int, list[float | None]] = {}
    for (repeat, _), difference in sorted(differences.items()):
        repeats.setdefault(repeat, []).append(difference)
    pictures: list[list[tuple[str, str, str, str]]] = [[]]
    left = 0
    for values in repeats.values():
        row = pictures[-1]
        if row and len(row) + 1 + len(values) > room:
            pictures.append([])
        elif row:
            row.append((" ", " ", " ", " "))
        for value in values:
            if len(pictures[-1]) >= room:
                pictures.append([])
            if len(pictures) > _MOST_ROWS:
                left += 1
                pictures[-1].clear()
            else:
                pictures[-1].append(_column(value, scale, fine))
    rows = [row for row in pictures[:_MOST_ROWS] if row]
    return [_joined(row) for row in rows], left


def _joined(row: list[tuple[str, str, str, str]]) -> Bars:
    up, line, down, turned = ("".join(parts) for parts in zip(*row, strict=True))
    return up, line, down, turned


def _column(value: float | None, scale: float, fine: bool) -> tuple[str, str, str, str]:
    if value is None:
        return " ", MISSING, " ", " "
    height = level(value, scale)
    size = abs(height)
    if not fine:
        third = 0 if not size else 1 if size < 3 else 2 if size < 7 else 3
        return (
            _UP_COARSE[third] if height > 0 else " ",
            ZERO,
            _DOWN[third] if height < 0 else " ",
            " ",
        )
    if height == -8:
        return " ", ZERO, UP[8], " "
    return (
        UP[height] if height > 0 else " ",
        ZERO,
        UP[8 + height] if height < 0 else " ",
        "r" if height < 0 else " ",
    )


def scale_of(all_differences: list[Mapping[Place, float | None]]) -> float:
    """The largest difference of any fold, so that pictures can be compared; 0 without any."""
    return max(
        (abs(d) for table in all_differences for d in table.values() if d is not None), default=0.0
    )
