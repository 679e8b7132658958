"""Text that a person reads, as lines of spans: harmless text, each with the name of its look.

What a look is drawn with is decided at the last step: the browser has a table of styles, a terminal
or a file may take the text alone. A page is a function of the width it is laid out for and gives
:class:`Lines`, of which only those are made that are seen: a run may have 100,000 parameters.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate
from textwrap import wrap
from typing import Generic, TypeVar, overload

from runbrowser.fields.subjects import Subject
from runbrowser.models import RunFilter
from runbrowser.text import cells

__all__ = [
    "BLANK",
    "FAINT",
    "Each",
    "Line",
    "Lines",
    "Link",
    "Span",
    "broken",
    "broken_height",
    "hang",
    "hang_height",
    "line_width",
    "sentence",
    "spans",
    "text_of",
    "title",
]

T = TypeVar("T")

Span = tuple[str, str]
"""Harmless text and the name of its look; '' is text as it is."""

Line = list[Span]
"""One row of a page, without a line break."""

BLANK: Line = []
FAINT = "faint"

_WORD = re.compile(r"\s++(?:\S++\s*+)?|\S++\s*+")


class Link(str):
    """The look of a text that leads somewhere. ``target`` is what it leads to: a page about
    something, or the runs that a filter lets through.
    """

    target: Subject | RunFilter

    def __new__(cls, look: str, target: Subject | RunFilter) -> Link:
        link = super().__new__(cls, look)
        link.target = target
        return link


class Lines(Sequence[Line]):
    """The rows of a page, made when they are asked for.

    parts: sequences of lines, one below the other. They are asked for their length at once, and
    for lines only when those are looked at.
    """

    def __init__(self, parts: Iterable[Sequence[Line]] = ()) -> None:
        self._parts = [part for part in parts if len(part)]
        self._ends = list(accumulate(map(len, self._parts)))

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    @overload
    def __getitem__(self, index: int) -> Line: ...
    @overload
    def __getitem__(self, index: slice) -> list[Line]: ...
    def __getitem__(self, index: int | slice) -> Line | list[Line]:
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            if step == 1:
                return self._some(start, stop)
            return [self[place] for place in range(start, stop, step)]
        place = index + len(self) if index < 0 else index
        if not 0 <= place < len(self):
            raise IndexError(index)
        return self._some(place, place + 1)[0]

    def _some(self, start: int, stop: int) -> list[Line]:
        found: list[Line] = []
        number = bisect_right(self._ends, start)
        while start < stop and number < len(self._parts):
            part, end = self._parts[number], self._ends[number]
            begin = end - len(part)
            found += part[start - begin : min(stop, end) - begin]
            start, number = end, number + 1
        return found

    def __iter__(self) -> Iterator[Line]:
        for part in self._parts:
            yield from part

    @property
    def plain(self) -> str:
        """All rows as one text."""
        return "\n".join(map(text_of, self))


class Each(Sequence[Line], Generic[T]):
    """The lines of many things, drawn thing by thing when they are seen.

    draw: the lines of one thing. height: how many those are, found out with less work; None where
    each thing has one line.
    """

    def __init__(
        self,
        things: Sequence[T],
        draw: Callable[[T], Sequence[Line]],
        height: Callable[[T], int] | None = None,
    ) -> None:
        self._things = things
        self._draw = draw
        self._ends = None if height is None else array("q", accumulate(map(height, things)))

    def __len__(self) -> int:
        if self._ends is None:
            return len(self._things)
        return self._ends[-1] if self._ends else 0

    @overload
    def __getitem__(self, index: int) -> Line: ...
    @overload
    def __getitem__(self, index: slice) -> list[Line]: ...
    def __getitem__(self, index: int | slice) -> Line | list[Line]:
        if isinstance(index, int):
            place = index + len(self) if index < 0 else index
            if not 0 <= place < len(self):
                raise IndexError(index)
            return self[place : place + 1][0]
        start, stop, step = index.indices(len(self))
        if start >= stop:
            return []
        if self._ends is None:
            first, found = start, list(self._drawn(start, stop))
        else:
            number, last = bisect_right(self._ends, start), bisect_right(self._ends, stop - 1)
            first = self._ends[number - 1] if number else 0
            found = list(self._drawn(number, last + 1))
        return found[start - first : stop - first : step]

    def _drawn(self, start: int, stop: int) -> Iterator[Line]:
        for number in range(start, stop):
            yield from self._draw(self._things[number])

    def __iter__(self) -> Iterator[Line]:
        return self._drawn(0, len(self._things))


def spans(*parts: str | Span) -> Line:
    """A line of texts, with a look or as they are; what is empty is left out."""
    spans = [(part, "") if isinstance(part, str) else part for part in parts]
    return [span for span in spans if span[0]]


def text_of(line: Line) -> str:
    """The text of a line, without looks."""
    return "".join(text for text, _ in line)


def line_width(line: Line) -> int:
    """The cells that a line takes."""
    return sum(cells(text) for text, _ in line)


def title(text: str, after: str = "") -> list[Line]:
    """An empty line and a title; ``after`` is said faintly beside it."""
    return [BLANK, spans((text, "title"), (after, FAINT))]


def sentence(text: str, width: int, look: str = FAINT) -> list[Line]:
    """A sentence of ours, broken between words."""
    return [spans((piece, look)) for piece in wrap(text, max(12, width))]


def _room(width: int, indent: int) -> int:
    return max(12, width - indent)


def hang(name: str, value: str, width: int, indent: int, look: str = "") -> list[Line]:
    """A name and its value, the value's further lines standing under its first."""
    pieces = _pieces(value, _room(width, indent))
    first = spans((f"{name:<{indent}}", FAINT), (pieces[0], look))
    return [first, *(spans((" " * indent + piece, look)) for piece in pieces[1:])]


def hang_height(value: str, width: int, indent: int) -> int:
    """How many lines :func:`hang` makes."""
    room = _room(width, indent)
    if len(value) <= room:
        return 1
    if value.isalnum():  # one word: it is cut, not broken
        return -(-len(value) // room)
    return len(_pieces(value, room))


def _pieces(value: str, room: int) -> list[str]:
    return wrap(value, room, break_on_hyphens=False, replace_whitespace=False) or [""]


# -- rows of a width -------------------------------------------------------------------------------


def broken(lines: Iterable[Line], width: int) -> list[Line]:
    """Lines of which none is wider than ``width`` cells: broken between words, and within words
    that are longer.
    """
    rows: list[Line] = []
    for one in lines:
        if line_width(one) <= width:
            rows.append(one)
        else:
            rows += _divided(one, _breaks(text_of(one), width))
    return rows


def broken_height(one: Line, width: int) -> int:
    """How many rows :func:`broken` makes of a line."""
    text = text_of(one)
    return 1 if cells(text) <= width else 1 + len(_breaks(text, width))


def _divided(one: Line, places: list[int]) -> list[Line]:
    """A line cut at places of its text; blanks before a cut are left out."""
    rows: list[Line] = [[]]
    number, at = 0, 0
    for text, look in one:
        while number < len(places) and places[number] < at + len(text):
            cut = places[number] - at
            number += 1
            rows[-1].append((text[:cut], look))
            rows.append([])
            text, at = text[cut:], at + cut
        rows[-1].append((text, look))
        at += len(text)
    for row in rows[:-1]:
        while row and not row[-1][0].rstrip():
            row.pop()
        if row:
            row[-1] = (row[-1][0].rstrip(), row[-1][1])
    return rows


def _breaks(text: str, width: int) -> list[int]:
    """The places at which a text is broken so that no piece is wider than ``width`` cells."""
    places: list[int] = []
    used = 0
    for match in _WORD.finditer(text):
        start, word = match.start(), match[0]
        wide = cells(word.rstrip())
        if used + wide <= width:
            used += cells(word)
            continue
        if wide <= width:
            if used and start:
                places.append(start)
            used = cells(word)
            continue
        if start:
            places.append(start)
        if word.isascii():
            places += range(start + width, start + len(word), width)
            used = (len(word) - 1) % width + 1
            continue
        used = 0
        for offset, char in enumerate(word):
            size = cells(char)
            if used + size > width:
                places.append(start + offset)
                used = 0
            used += size
    return places
