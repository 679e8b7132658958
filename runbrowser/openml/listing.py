"""The runs that one filter lets through, read from V1 as far as they are wanted.

V1 promises no order, gives no total and at most 10,000 rows at a time. A list of at most that many
is read whole, by one request of 1,000 rows and one of 10,000; then it is ordered, newest first,
and counted. Of a longer one blocks of 10,000 rows are read, each ordered for itself. Without any
filter the newest runs are looked up by id (see :mod:`runbrowser.openml.newest`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Any, Protocol

from runbrowser.client.calls.v1 import MAX_LIMIT, MAX_PATH
from runbrowser.client.resources.paging import Seen, split
from runbrowser.models import RunFilter, RunPage, RunRow
from runbrowser.openml.base import Progress
from runbrowser.openml.newest import Descent, find_newest, near

FIRST = 1_000
"""Rows of the first request of a list; the following ones ask for V1's most."""

SEARCH_MOST = 20_000
"""Rows looked at for one page before the user is asked to go on."""

_ON_THE_LOOP = 1_000  # rows made on the event loop: about a millisecond
_PAGES_AT_ONCE = 300  # ids of a first look at the newest: a page and the next


class RunPages(Protocol):
    """Who lists runs."""

    async def page(self, filter: RunFilter, limit: int | None, offset: int = 0) -> RunPage:
        """One page of runs in the server's order."""
        ...


class Listing:
    """Rows in the order they are shown, as far as they were read. ``ended``: that is all of them.

    ``looked_at``, ``unread`` and ``repeated`` count the server's rows, ``requests`` what rows cost.
    ``provisional``: :meth:`finish` would put the rows into another order.
    """

    def __init__(self, runs: RunPages) -> None:
        self._runs = runs
        self.rows: list[RunRow] = []
        self.ended = False
        self.provisional = False
        self.stopped = False
        self.newest_first = True
        self.first_of: int | None = None
        self.looked_at = 0
        self.unread = 0
        self.repeated = 0
        self.requests = 0

    @property
    def total(self) -> int | None:
        """How many runs there are, once all were read."""
        return len(self.rows) if self.ended else None

    @property
    def about(self) -> int | None:
        """An estimate of :attr:`total`."""
        return None

    async def read(self, wanted: int, progress: Progress | None = None) -> None:
        """Reads on until so many rows are there, or all."""
        raise NotImplementedError

    async def finish(self) -> None:
        """Reads what makes a provisional order final."""

    async def _ask(self, filter: RunFilter, limit: int, offset: int = 0) -> tuple[RunPage, Any]:
        self.requests += 1
        page = await self._runs.page(filter.remote, limit, offset)
        few = len(page) <= _ON_THE_LOOP
        rows = tuple(page) if few else await asyncio.to_thread(tuple, page)
        return page, rows

    def _count(self, page: RunPage) -> None:
        self.looked_at += page.received
        self.unread += len(page.unread)
        self.repeated += page.received - len(page) - len(page.unread)


def newest_first(rows: Collection[RunRow]) -> list[RunRow]:
    """Rows in the order of their ids, the highest first."""
    return sorted(rows, key=attrgetter("run_id"), reverse=True)


class FilterListing(Listing):
    """The runs that the server's filter lets through. ``at_once``: without a first short request,
    which shows a page early.
    """

    def __init__(self, runs: RunPages, asked: RunFilter, *, at_once: bool = False) -> None:
        super().__init__(runs)
        self._at_once = at_once
        self._parts = split(asked)  # a filter with very many ids takes several requests
        self._seen = Seen()
        self._offset = 0

    async def read(self, wanted: int, progress: Progress | None = None) -> None:
        """The first rows at once, if they are enough; else all, or block by block."""
        if not self._offset and not self.ended:
            await self._begin()
        if self.provisional and wanted > len(self.rows):
            await self.finish()
        while not self.ended and wanted > len(self.rows):
            await self._block()

    async def _begin(self) -> None:
        if len(self._parts) > 1:
            await self._all_parts()
            return
        if self._at_once:
            self.provisional = True
            await self.finish()
            return
        page, rows = await self._ask(self._parts[0], FIRST)
        self._count(page)
        self.rows, self.ended = newest_first(rows) if page.last else list(rows), page.last
        self.provisional = not page.last
        self._offset = page.received
        self._seen_all(rows)

    async def _all_parts(self) -> None:
        found: dict[int, RunRow] = {}
        for part in self._parts:
            offset, last = 0, False
            while not last:
                page, rows = await self._ask(part, MAX_LIMIT, offset)
                self._count(page)
                found |= {row.run_id: row for row in rows}
                offset, last = offset + MAX_LIMIT, page.last
        self.rows, self.ended = await asyncio.to_thread(newest_first, found.values()), True

    async def finish(self) -> None:
        """The whole list, or its first 10,000 rows, in order."""
        if not self.provisional:
            return
        page, rows = await self._ask(self._parts[0], MAX_LIMIT)
        ordered = await asyncio.to_thread(newest_first, rows)
        self.looked_at = self.unread = self.repeated = 0
        self._count(page)
        self.rows, self.ended, self.provisional = ordered, page.last, False
        self.first_of = None if page.last else MAX_LIMIT
        self._offset = page.received
        self._seen_all(rows)

    async def _block(self) -> None:
        """Another 10,000 rows of a long list, in order among themselves."""
        page, rows = await self._ask(self._parts[0], MAX_LIMIT, self._offset)
        new = [row for row in rows if self._seen.add(row.run_id)]
        self._count(page)
        self.rows += await asyncio.to_thread(newest_first, new)
        self._offset += page.received
        self.ended = page.last

    def _seen_all(self, rows: Sequence[RunRow]) -> None:
        for row in rows:
            self._seen.add(row.run_id)


Matches = Callable[[Sequence[RunRow], bool], Awaitable[tuple[list[RunRow], int]]]
"""Gives the rows that match, of some and of earlier ones, and how many requests that took; it is
told whether no more rows come.
"""


class SearchListing(Listing):
    """The runs that match what only their rows can tell, looked for block by block.

    ``at_once``: where finding out costs requests, so many rows are looked at for a page.
    """

    def __init__(
        self, runs: RunPages, asked: RunFilter, matches: Matches, at_once: int | None = None
    ) -> None:
        super().__init__(runs)
        self._asked = asked
        self._parts = split(asked)
        self._part = 0
        self._matches = matches
        self._at_once = at_once
        self._seen = Seen()
        self._offset = 0
        self._waiting: list[RunRow] = []  # rows read that were not looked at
        self._part_ended = False
        self._told = False  # whether rows were given to anybody
        self.newest_first = False

    async def read(self, wanted: int, progress: Progress | None = None) -> None:
        """Looks on until so many are found. Two blocks are read in any case, where rows alone
        tell: they hold most lists whole, which are then ordered and counted.
        """
        stop_at = self.looked_at + SEARCH_MOST
        step = self.looked_at + 1 if self._at_once else stop_at

        def goes_on() -> bool:
            begins = not self._at_once and self.looked_at <= FIRST
            return (len(self.rows) < wanted or begins) and self.looked_at < min(step, stop_at)

        await self._search(goes_on, progress)
        self.stopped = not self.ended and len(self.rows) < wanted
        self._told = True

    def look_through(self, rows: Sequence[RunRow]) -> None:
        """Takes all runs that the server's part of the filter lets through, which were read
        before: none are asked for.
        """
        self._part, self._part_ended, self._waiting = len(self._parts) - 1, True, list(rows)

    def continued(self) -> SearchListing:
        """Another search that goes on from where this one is; where rows alone tell."""
        other = SearchListing(self._runs, self._asked, self._matches)
        other.rows, other.ended = list(self.rows), self.ended
        other.looked_at, other.unread, other.repeated = self.looked_at, self.unread, self.repeated
        other._part, other._offset, other._part_ended = self._part, self._offset, self._part_ended
        other._waiting, other._seen = list(self._waiting), self._seen.copy()
        other._told = bool(other.rows)
        return other

    async def read_more(self, progress: Progress | None = None) -> None:
        """Looks on until at least one more is found, however many rows that takes."""
        before = len(self.rows)
        await self._search(lambda: len(self.rows) == before or self.looked_at <= FIRST, progress)
        self.stopped = False
        self._told = True

    async def _search(self, goes_on: Callable[[], bool], progress: Progress | None) -> None:
        while not self.ended and goes_on():
            if not self._waiting and not self._part_ended:
                await self._read_block()
            rows, whole = self._waiting, self.requests <= 1 and self._part_ended
            if self._at_once and not whole:
                rows = rows[: self._at_once]
            last = self._part_ended and len(rows) == len(self._waiting)
            matching, requests = await self._matches(rows, last)
            # noted all at once: whoever cancels the search above loses no row of it
            self.rows += matching
            self.looked_at += len(rows)
            self.requests += requests
            self._waiting = self._waiting[len(rows) :]
            if last:
                self._part, self._offset, self._part_ended = self._part + 1, 0, False
                self.ended = self._part == len(self._parts)
                if self.ended and not self._told:
                    self.rows, self.newest_first = newest_first(self.rows), True
            if progress is not None and not self.ended:
                progress(f"looked at {self.looked_at:,} runs, found {len(self.rows):,}")

    async def _read_block(self) -> None:
        step = MAX_LIMIT if self._offset or len(self._parts) > 1 else FIRST
        page, rows = await self._ask(self._parts[self._part], step, self._offset)
        self.unread += len(page.unread)
        self.repeated += page.received - len(page) - len(page.unread)
        self._waiting = [row for row in rows if self._seen.add(row.run_id)]
        self.looked_at += page.received - len(self._waiting)
        self._offset += page.received
        self._part_ended = page.last


class Memory(Protocol):
    """What is remembered of a server between two sessions."""

    def newest(self) -> int:
        """The newest run id known, 0 for none."""
        ...

    def keep_newest(self, run_id: int) -> None:
        """Remembers the newest run id."""
        ...


def ids_in_a_path(highest: int) -> int:
    """How many ids up to ``highest`` one look-up takes."""
    return (MAX_PATH - len("run/list/limit/10000/run//show_errors/true")) // (
        len(str(max(1, highest))) + 1
    )


class NewestListing(Listing):
    """All runs of a server, by id: the newest first, or the oldest.

    A server with at most 10,000 rows is read whole instead.
    """

    def __init__(
        self, runs: RunPages, asked: RunFilter, memory: Memory, *, oldest_first: bool = False
    ) -> None:
        super().__init__(runs)
        self._asked = asked
        self._memory = memory
        self._oldest_first = oldest_first
        self.newest_first = not oldest_first
        self._descent: Descent | None = None
        self._at_hand: dict[int, RunRow] = {}  # what the first look brought besides
        self._passed = 0  # ids below which the first look saw all

    @property
    def about(self) -> int | None:
        """From the density of what was looked at."""
        return None if self.ended or self._descent is None else self._descent.about

    @property
    def crossed(self) -> Sequence[tuple[int, int]]:
        """Intervals of ids that were only probed."""
        return self._descent.crossed if self._descent is not None else ()

    async def read(self, wanted: int, progress: Progress | None = None) -> None:
        """Finds the newest run, then pages by windows of ids."""
        if self._descent is None and not self.ended:
            await self._begin()
        descent = self._descent
        while descent is not None and not self.ended and len(self.rows) < wanted:
            ids = descent.next_ids()
            rows = await self._look_up(ids)
            self.rows += [rows[number] for number in descent.take(ids, rows)]
            self.ended = descent.ended

    async def _begin(self) -> None:
        known = await asyncio.to_thread(self._memory.newest)
        if not known:
            beyond, rows = await self._ask(self._asked, 1, MAX_LIMIT)
            if not len(beyond):
                await self._whole()
                self.requests = 1
                return
            known = rows[0].run_id
        newest = await self._find(known)
        self.requests = 1  # the search for the newest is told apart from what pages cost
        await asyncio.to_thread(self._memory.keep_newest, newest)
        self._descent = Descent(newest, ids_in_a_path(newest), upwards=self._oldest_first)
        if not self._oldest_first:
            self._take_first_look(newest)

    async def _whole(self) -> None:
        page, rows = await self._ask(self._asked, MAX_LIMIT)
        self._count(page)
        self.rows, self.ended = await asyncio.to_thread(newest_first, rows), True
        if self._oldest_first:
            self.rows.reverse()

    async def _find(self, known: int) -> int:
        below = 0 if self._oldest_first else _PAGES_AT_ONCE
        search = find_newest(known, ids_in_a_path, below=below)
        try:
            ids = next(search)
            while True:
                found = await self._look_up(ids)
                self._at_hand |= found
                ids = search.send(found)
        except StopIteration as end:
            newest: int = end.value
        seen_all = below and newest - known < near(known, ids_in_a_path, below)
        self._passed = max(0, known - below) if seen_all else newest
        return newest

    def _take_first_look(self, newest: int) -> None:
        """The runs next to the newest that the search has met already."""
        descent = self._descent
        count = newest - self._passed
        if descent is None or count <= 0:
            return
        ids = tuple(range(newest, newest - count, -1))
        self.rows += [self._at_hand[number] for number in descent.take(ids, self._at_hand)]
        self.ended = descent.ended

    async def _look_up(self, ids: Sequence[int]) -> dict[int, RunRow]:
        """The runs that exist among ids; each counts once, whoever evaluated it."""
        page, rows = await self._ask(replace(self._asked, ids=tuple(ids)), MAX_LIMIT)
        self._count(page)
        return {row.run_id: row for row in rows}
