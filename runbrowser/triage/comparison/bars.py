"""Differences per fold as small bars above and below a line of zero."""

from __future__ import annotations

from collections.abc import Mapping

from runbrowser.triage.compare import Place
from runbrowser.triage.measures import change_text

UP = " \u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588"
_DOWN = " \u2594\u2580\u2588"
_UP_COARSE = " \u2581\u2584\u2588"
ZERO, MISSING = "\u2500", "\u00b7"
_MOST_ROWS = 4  # pictures below each other; a task with more folds than fit in them is cut

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


def scale_words(scale: float) -> tuple[str, str, str]:
    """What stands beside the tallest bar above the line, the line, and the tallest below."""
    return change_text(scale), "0", change_text(-scale)
