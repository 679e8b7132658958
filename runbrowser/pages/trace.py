"""A search as a chart of scores by iteration, and its attempts as cells."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, isfinite

from runbrowser.pages.charts import BLOCKS, MISSING, finite, share
from runbrowser.pages.lines import FAINT, Line, Lines, Span, hang, spans
from runbrowser.pages.numbers import number
from runbrowser.pages.rows import Cell
from runbrowser.text import display
from runbrowser.triage.measures import change_text
from runbrowser.triage.searches import Attempt, Search

SELECTED, HIGHEST = "\u2713", "\u25b2"
_WIDEST_VALUE = 20
_LEAST_LAST = 16  # cells for the last column
_HEIGHT = 4  # lines of a chart


def short(value: str) -> str:
    """A parameter's value as it is compared: numbers with four digits."""
    try:
        found = float(value)
    except ValueError:
        return value.strip('"')
    if not isfinite(found):
        return value
    whole = found == found // 1 and abs(found) < 1e6 and "." not in value
    return value if whole else f"{found:.4g}"


def columns(
    search: Search, varying: Sequence[str], room: int
) -> tuple[list[tuple[str, int]], list[str]]:
    """(name, width) of the parameters that get a column, and those left for the last column."""
    shown: list[tuple[str, int]] = []
    left = list(varying)
    while left:
        name = left[0]
        values = (short(attempt.parameters.get(name, "")) for attempt in search.attempts)
        longest = max(map(len, values), default=0)
        width = min(max(longest, min(len(name), 14)), _WIDEST_VALUE)
        if width + 2 > room - (_LEAST_LAST if len(left) > 1 else 0) or len(left) == 1:
            break
        shown.append((name, width))
        room -= width + 2
        left.pop(0)
    return shown, left


def cells(
    attempt: Attempt,
    place: int,
    search: Search,
    shown: Sequence[tuple[str, int]],
    left: Sequence[str],
    width: int,
) -> list[Cell]:
    """Marks, iteration, score, the distance to the highest, parameters."""
    highest = None if search.highest is None else search.attempts[search.highest].score
    score = attempt.score
    distance = "" if score is None or highest is None else _distance(score - highest)
    mark = (SELECTED if attempt.selected else "") + (HIGHEST if place == search.highest else "")
    look = "score" if mark else ""
    made = [
        Cell(mark, "score"),
        Cell(str(attempt.iteration), look, right=True),
        Cell("\u2013" if score is None else number(score), look, right=True),
        Cell("" if place == search.highest else distance, "faint", right=True),
    ]
    made += [
        Cell(display(short(attempt.parameters.get(name, "\u2013")), wide), look)
        for name, wide in shown
    ]
    if len(left) == 1:
        rest = short(attempt.parameters.get(left[0], "\u2013"))
    else:
        rest = ", ".join(f"{name}={short(attempt.parameters.get(name, '-'))}" for name in left)
    made.append(Cell(display(rest or attempt.unread, width), look))
    return made


def _distance(difference: float) -> str:
    return f"{difference:+.4f}" if abs(difference) < 1e6 else change_text(difference)


def summary(search: Search, place: int, count: int, *, many_repeats: bool) -> str:
    """What became of one fold's search, in a line."""
    where = f"fold {search.fold}"
    if many_repeats:
        where = f"repeat {search.repeat}, {where}"
    words = f"{where} ({place + 1}/{count}): {len(search.attempts):,} tries"
    if search.highest is None:
        return f"{words}, none with a score"
    best = search.attempts[search.highest]
    words += f", highest {number(best.score or 0.0)} at {best.iteration}"
    chosen = search.selected
    if chosen is None:
        return f"{words}, none selected"
    if search.attempts[chosen].score == best.score:
        return f"{words}, selected" if chosen == search.highest else f"{words}, an equal selected"
    return f"{words}; selected is {search.attempts[chosen].iteration}, which is not the highest"


def chart(search: Search, cursor: int, width: int) -> list[Line]:
    """Scores by iteration as bars, lowest to highest; below them marks for cursor and highest.

    Where there are more attempts than cells, a bar is the highest of several.
    """
    scores = [attempt.score for attempt in search.attempts]
    known = finite(scores)
    if not known:
        return [spans(("No attempt has a score.", FAINT))]
    indent = max(len(number(min(known))), len(number(max(known)))) + 1
    room = max(8, width - indent)
    several = ceil(len(scores) / room)
    wide = max(1, min(4, room // max(1, ceil(len(scores) / several))))
    bars = [_highest_of(scores[at : at + several]) for at in range(0, len(scores), several)]
    high = max(known)
    low = min(finite(bars)) if min(finite(bars)) < high else min(known)
    axis = [number(high), *[""] * (_HEIGHT - 2), number(low)]
    lines = [
        spans(
            (f"{text:>{indent - 1}} ", FAINT),
            *(_slice(score, low, high, _HEIGHT - 1 - line, wide) for score in bars),
        )
        for line, text in enumerate(axis)
    ]
    marks = [" "] * (len(bars) * wide)
    if search.highest is not None:
        marks[search.highest // several * wide] = HIGHEST
    if search.selected is not None:
        marks[search.selected // several * wide] = SELECTED
    marks[min(cursor // several, len(bars) - 1) * wide] = "\u2191"
    foot = spans(" " * indent, ("".join(marks).rstrip(), "strong-accent"))
    if several > 1:
        foot += spans((f"  a bar is the highest of {several}", FAINT))
    return [*lines, foot]


def _highest_of(scores: Sequence[float | None]) -> float | None:
    known = finite(scores)
    return max(known) if known else None


def _slice(score: float | None, low: float, high: float, level: int, wide: int) -> Span:
    """One line's part of one bar; bars are a cell apart where there is room."""
    gap = " " if wide > 1 else ""
    if score is None or not isfinite(score):
        return ((MISSING if level == 0 else " ") * (wide - len(gap)) + gap, FAINT)
    steps = 1 + round(share(score, low, high) * (_HEIGHT * 8 - 1)) - level * 8
    block = " " if steps <= 0 else BLOCKS[min(steps, 8) - 1]
    style = "accent" if score == high else "second"
    return (block * (wide - len(gap)) + gap, style)


def page(search: Search, attempt: Attempt, place: int, width: int) -> Lines:
    """The chart, and every parameter of the attempt under the cursor in full."""
    lines = chart(search, place, width)
    indent = min(max((len(name) for name in attempt.parameters), default=0) + 2, 30)
    for name, value in attempt.parameters.items():
        lines += hang(display(name, indent - 1), display(value, 2_000), width, indent)
    if attempt.unread:
        lines += hang("", display(attempt.unread, 2_000), width, 0)
    return Lines([lines])
