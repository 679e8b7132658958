"""The line of views: which there are, and which is in force."""

from __future__ import annotations

from collections.abc import Sequence

from runbrowser.pages.lines import FAINT, Line, line_width, spans
from runbrowser.text import cells, display

PLAIN = "all runs"
_MOST_TAB = 24  # cells of a name
_GAP = " \u2502 "
_MORE = "\u2026"


def _cut(name: str, width: int) -> str:
    """A name of at most so many cells."""
    name = display(name, width)
    while cells(name) > width:
        name = f"{name.rstrip(_MORE)[:-1]}{_MORE}"
    return name


def tabs(
    names: Sequence[str], current: int, changed: bool, width: int
) -> tuple[Line, list[tuple[int, int, int]]]:
    """The line, at most ``width`` cells, and the place of each tab in it as (first cell, cell
    behind it, number). Tab 0 shows all runs, the others are views. Those around the current one
    are shown when there is no room for all; ``changed`` marks the current one with a star.
    """
    texts = [_cut(name, max(4, min(_MOST_TAB, width - 8))) for name in (PLAIN, *names)]
    if changed:
        texts[current] += "*"
    sizes = [cells(text) for text in texts]
    first = last = current

    def taken(first: int, last: int) -> int:
        size = sum(sizes[first : last + 1]) + len(_GAP) * (last - first) + 2
        return size + (2 if first else 0) + (2 if last < len(texts) - 1 else 0)

    grown = True
    while grown:
        grown = False
        if last < len(texts) - 1 and taken(first, last + 1) <= width:
            last, grown = last + 1, True
        if first > 0 and taken(first - 1, last) <= width:
            first, grown = first - 1, True
    line = spans(f" {_MORE} " if first else " ")
    places: list[tuple[int, int, int]] = []
    for number in range(first, last + 1):
        if number > first:
            line += spans((_GAP, FAINT))
        begin = line_width(line)
        line += spans((texts[number], "strong-accent" if number == current else FAINT))
        places.append((begin, line_width(line), number))
    if last < len(texts) - 1:
        line += spans((f" {_MORE}", FAINT))
    return line, places
