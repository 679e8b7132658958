"""The links on a page: where they are, and which of them Enter follows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from textual.content import Content, Span

from runbrowser.pages.lines import Line, Link

_AT_ONCE = 100  # rows that are looked through at a time
_FURTHEST = 2_000  # rows that are looked through for the next link


class LinkPlace(NamedTuple):
    """A row of a page that a link stands in, from one character to another."""

    row: int
    start: int
    end: int
    link: Link


def links_of(rows: Sequence[Line], first: int, last: int) -> Iterator[LinkPlace]:
    """The links in some rows; one that goes on in the next row is told again."""
    for number, line in enumerate(rows[max(0, first) : last], max(0, first)):
        start = 0
        for text, look in line:
            if isinstance(look, Link):
                yield LinkPlace(number, start, start + len(text), look)
            start += len(text)


class PageLinks:
    """Knows which link was chosen. ``wanted``: which one is meant until one is chosen."""

    def __init__(self) -> None:
        self.wanted: Callable[[Link], bool] = lambda link: True
        self._chosen: Link | None = None
        self._marked: Link | None = None

    def forget(self) -> None:
        """Another page: none of its links is chosen."""
        self._chosen = None

    def at_hand(self, rows: Sequence[Line], first: int, last: int) -> Link | None:
        """The link that Enter follows, of those in the rows that are seen: the chosen one, else
        the one that is wanted, else the first.
        """
        seen = [place.link for place in links_of(rows, first, last)]
        chosen = next((link for link in seen if self._is_same(link)), None)
        if chosen is not None:
            return chosen
        return next((link for link in seen if self.wanted(link)), seen[0] if seen else None)

    def _is_same(self, link: Link) -> bool:
        """Pages are laid out anew: what was chosen is known by where it leads."""
        return self._chosen is not None and link.target == self._chosen.target

    def step(self, rows: Sequence[Line], first: int, last: int, step: int) -> int | None:
        """Chooses the link after that at hand, or before it; the row that it is in, None where
        there is no other.
        """
        here = self.at_hand(rows, first, last)
        places: list[LinkPlace] = []
        for place in links_of(rows, first, last):
            if not places or places[-1].link is not place.link:  # not one that goes on
                places.append(place)
        at = next((n for n, place in enumerate(places) if place.link is here), None)
        if at is None:
            goal = next(iter(places), None)
        elif 0 <= at + step < len(places):
            goal = places[at + step]
        else:
            goal = None
        goal = goal or self._beyond(rows, first, last, step)
        if goal is None:
            return None
        self._chosen = goal.link
        return goal.row

    def _beyond(self, rows: Sequence[Line], first: int, last: int, step: int) -> LinkPlace | None:
        """The nearest link below what is seen, or above it."""
        looked = 0
        while looked < _FURTHEST:
            if step > 0:
                start, end = last + looked, last + looked + _AT_ONCE
                if start >= len(rows):
                    return None
            else:
                start, end = first - looked - _AT_ONCE, first - looked
                if end <= 0:
                    return None
            found = list(links_of(rows, start, end))
            if found:
                return found[0 if step > 0 else -1]
            looked += _AT_ONCE
        return None

    def has_moved(self, link: Link | None) -> bool:
        """Whether another link is to be marked than before."""
        moved, self._marked = link is not self._marked, link
        return moved

    def marked(self, row: Line, content: Content) -> Content:
        """A row with the link at hand reversed: seen without colour as well."""
        if self._marked is None:
            return content
        places = links_of([row], 0, 1)
        found = [
            Span(place.start, place.end, "reverse")
            for place in places
            if place.link is self._marked or place.link.target == self._marked.target
        ]
        return content.add_spans(found) if found else content
