"""Newest runs first on a server that promises no order. No I/O: what to look up, and what it means.

V1 looks runs up by id quickly and takes any list of ids that fits into a path, so a list of ids
spread over an interval is a probe: a hit says that runs are there. :func:`find_newest` narrows the
newest id down by probes; :class:`Descent` pages downwards from it by windows of ids.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterable
from dataclasses import dataclass, field

_NEAR = 2 / 5  # of a probe that looks upwards: the ids right above the newest one known
_RATIO = 1.1  # between the distances of the others
_DOUBT = 8  # misses above the highest hit before nothing more is expected there
_FARTHEST = 1 << 33
MOST_ROUNDS = 18
"""Probes after which the highest id found so far is taken for the newest."""

_EMPTY_WINDOWS = 3  # in a row, before a gap is crossed by a spread probe

Probe = Generator[tuple[int, ...], Collection[int], int]
Room = Callable[[int], int]
"""How many ids up to a highest one a look-up takes."""


def near(known: int, room: Room, below: int = 0) -> int:
    """How many ids right above ``known`` the first look-up of :func:`find_newest` holds."""
    return max(1, int((room(known * 100) - below) * _NEAR))


def find_newest(known: int, room: Room, *, below: int = 0) -> Probe:
    """Yields ids to look up and is sent those that exist; returns the newest id.

    ``known``: an id that exists or once was the newest, 0 for none. ``room``: how many ids up to a
    highest one a look-up takes. ``below``: so many ids from ``known`` downwards are part of the
    first look-up, which then shows the newest runs at once if nothing is new.
    """
    newest, first = known, True
    for _ in range(MOST_ROUNDS):
        upwards = _upwards(newest, room, below if first else 0)
        under = range(max(1, known - below + 1), known + 1) if first else range(0)
        hits = yield (*under, *upwards)
        first = False
        above = [number for number in upwards if number in hits]
        if not above:
            break
        low, high = _bracket(upwards, max(above))
        newest = yield from _narrow(low, high, room)
    return newest


def _upwards(start: int, room: Room, taken: int) -> list[int]:
    """Ids above ``start``: those next to it, then ever farther ones."""
    next_to_it = near(start, room, taken)
    ids = list(range(start + 1, start + 1 + next_to_it))
    distance, most = float(next_to_it), room(start * 100) - taken
    while len(ids) < most and distance < _FARTHEST:
        distance = max(distance * _RATIO, distance + 1)
        ids.append(start + int(distance))
    return ids


def _bracket(probed: Iterable[int], hit: int) -> tuple[int, int]:
    """The highest hit, and an id some misses above it, up to which a newer run is looked for."""
    above = [number for number in probed if number > hit]
    return hit, above[min(_DOUBT, len(above)) - 1] if above else hit + 1


def _narrow(low: int, high: int, room: Room) -> Probe:
    """The highest id from ``low``, which exists, to ``high``."""
    for _ in range(MOST_ROUNDS):
        if high <= low:
            break
        step = max(1, -(-(high - low) // room(high)))
        ids = list(range(low + step, high + 1, step)) or [high]
        hits = yield tuple(ids)
        found = [number for number in ids if number in hits]
        top = max(found, default=low)
        if step == 1:
            return top
        low, high = (top, high) if not found else _bracket(ids, top)
        if not found:
            # sparse: the rest of the interval right above the hit is looked at one by one
            high = min(high, low + room(high))
    return low


@dataclass(slots=True)
class Descent:
    """Pages by windows of ids: downwards from ``start``, or upwards from 1 to it.

    ``looked_at`` ids held ``found`` runs so far. A gap is crossed by probes once some windows in
    a row were empty; ``crossed`` holds the intervals that were only probed.
    """

    start: int
    room: int
    upwards: bool = False
    looked_at: int = 0
    found: int = 0
    crossed: list[tuple[int, int]] = field(default_factory=list)
    _done: int = 0  # how many ids from the beginning lie behind
    _empty: int = 0
    _span: int = 0  # how many ids the last probe was spread over; 0: no gap is being crossed

    @property
    def ended(self) -> bool:
        """Whether every id was passed."""
        return self._done >= self.start

    @property
    def about(self) -> int:
        """How many runs there are, as far as the density of the windows tells."""
        if self.ended or not self.looked_at:
            return self.found
        return self.found + round(self.found / self.looked_at * (self.start - self._done))

    def next_ids(self) -> tuple[int, ...]:
        """The ids to look up next, in the order of paging."""
        left = self.start - self._done
        if self._empty < _EMPTY_WINDOWS or left <= self.room:
            self._span = 0
            return self._ids(range(self._done, self._done + min(self.room, left)))
        widest = self._span * 8 if self._span else self.room * self.room
        self._span = min(left, widest)
        step = -(-self._span // self.room)
        return self._ids(range(self._done + step - 1, self._done + self._span, step))

    def take(self, ids: tuple[int, ...], hits: Collection[int]) -> tuple[int, ...]:
        """What the look-up of ``ids`` found; gives the ids of runs that come next in the pages."""
        places = [self._place(number) for number in ids]
        if not self._span:
            self._done = places[-1] + 1
            self.looked_at += len(ids)
            found = tuple(number for number in ids if number in hits)
            self.found += len(found)
            self._empty = 0 if found else self._empty + 1
            return found
        before = self._done
        first = next((at for at, number in enumerate(ids) if number in hits), None)
        if first is None:
            self._done = before + self._span
        else:  # windows again, from right behind the last miss before the hit
            self._done = places[first - 1] + 1 if first else before
            self._empty = self._span = 0
        if self._done > before:
            ends = self._id(before), self._id(self._done - 1)
            self.crossed.append((min(ends), max(ends)))
        return ()

    def _id(self, place: int) -> int:
        return place + 1 if self.upwards else self.start - place

    def _place(self, number: int) -> int:
        return number - 1 if self.upwards else self.start - number

    def _ids(self, places: range) -> tuple[int, ...]:
        return tuple(map(self._id, places))
