"""The runs that one filter lets through, read from V1 as far as they are wanted.

V1 promises no order, gives no total and at most 10,000 rows at a time. A list of at most that many
is read whole, by one request of 1,000 rows and one of 10,000; then it is ordered, newest first,
and counted. Of a longer one blocks of 10,000 rows are read, each ordered for itself. Without any
filter the newest runs are looked up by id (see :mod:`runbrowser.openml.newest`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from operator import attrgetter
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

from runbrowser.client.calls.v1 import MAX_LIMIT
from runbrowser.client.resources.paging import Seen, split
from runbrowser.models import RunFilter, RunPage, RunRow
from runbrowser.openml.base import Progress
from runbrowser.openml.sieve import Found, Sieve

FIRST = 1_000
"""Rows of the first request of a list; the following ones ask for V1's most."""

SEARCH_MOST = 20_000
"""Rows looked at for one page before the user is asked to go on."""

_ON_THE_LOOP = 1_000  # rows made on the event loop: about a millisecond


class RunPages(Protocol):
    """Who lists runs."""

    async def page(self, filter: RunFilter, limit: int | None, offset: int = 0) -> RunPage:
        """One page of runs in the server's order."""
        ...


class Listing:
    """Rows in the order they are shown, as far as they were read. ``ended``: that is all of them.

    ``looked_at``, ``unread`` and ``repeated`` count the server's rows, ``requests`` what rows cost.
    ``provisional``: :meth:`finish` would put the rows into another order. ``found``: what was found
    out of rows while they were looked for.
    """

    found: Mapping[int, Found] = MappingProxyType({})

    def __init__(self, runs: RunPages) -> None:
        self._runs = runs
        self.rows: list[RunRow] = []
        self.ended = False
        self.provisional = False
        self.stopped = False
        self.newest_first = True
        self.first_of: int | None = None
        self.counted: int | None = None  # rows on the server, once it was asked for that
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

    @property
    def offset(self) -> int:
        """The server's rows that were read; 0 where they are to be read again, or by parts."""
        return 0 if self.provisional else self._offset

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


class Budget(NamedTuple):
    """How many requests a search may send for the first page that is asked of it, and for each
    later one.
    """

    first: int
    later: int


class SearchListing(Listing):
    """The runs that match what the server cannot look for: its rows are read block by block and
    put through a sieve.

    ``budget``: None where a bound on the rows is enough. ``at_once``: without a first short block.
    """

    def __init__(
        self,
        runs: RunPages,
        asked: RunFilter,
        sieve: Sieve,
        budget: Budget | None = None,
        *,
        at_once: bool = False,
    ) -> None:
        super().__init__(runs)
        self._asked = asked
        self._parts = split(asked)
        self._part = 0
        self._sieve = sieve
        self._budget = budget
        self._at_once = at_once
        self._seen = Seen()
        self._offset = 0
        self._received = 0  # rows that were read
        self._waiting: list[RunRow] = []  # of them those that were not put into the sieve yet
        self._places: dict[int, int] = {}  # of the piece that is in it
        self._piece_from = 0  # where the rows of that piece begin
        self._part_ended = False
        self._is_last = False  # the last piece of this part is in the sieve
        self._given = 0  # rows that were given to somebody: they stay in their places
        self.newest_first = False
        self.found = sieve.found

    async def read(self, wanted: int, progress: Progress | None = None) -> None:
        """Looks on until so many are found, within the budget. Two blocks are read in any case,
        where rows alone tell: they hold most lists whole, which are then ordered and counted.
        """
        stop_at, start, budget = self.looked_at + SEARCH_MOST, self.requests, self._budget
        most = None if budget is None else budget.later if self._given else budget.first

        def goes_on() -> bool:
            if self.looked_at >= stop_at or (most and self.requests - start >= most):
                return False
            begins = most is None and self.looked_at <= FIRST
            return len(self.rows) < wanted or begins or self._sieve.open > 0

        await self._search(goes_on, progress)
        self.stopped = not self.ended and len(self.rows) < wanted
        self._given = max(1, self._given, min(wanted, len(self.rows)))

    def look_through(self, rows: Sequence[RunRow], offset: int | None = None) -> None:
        """Takes runs that the server's part of the filter lets through, which were read before:
        none of them are asked for. They are all, or the rows up to an offset.
        """
        self._waiting, self._received = list(rows), len(rows)
        if offset is None:
            self._part, self._part_ended = len(self._parts) - 1, True
            return
        self._offset = offset
        for row in rows:
            self._seen.add(row.run_id)

    def continued(self, sieve: Sieve) -> SearchListing:
        """Another search that goes on from where this one is; where rows alone tell."""
        other = SearchListing(self._runs, self._asked, sieve)
        other.rows, other.ended = list(self.rows), self.ended
        other.looked_at, other.unread, other.repeated = self.looked_at, self.unread, self.repeated
        other._part, other._offset, other._part_ended = self._part, self._offset, self._part_ended
        other._waiting, other._seen = list(self._waiting), self._seen.copy()
        other._received, other._is_last = self._received, self._is_last
        other._given = len(other.rows)
        return other

    async def read_more(self, progress: Progress | None = None) -> None:
        """Looks on until at least one more is found, however many rows that takes."""
        before = len(self.rows)
        await self._search(lambda: len(self.rows) == before or self.looked_at <= FIRST, progress)
        self.stopped = False
        self._given = len(self.rows)

    async def _search(self, goes_on: Callable[[], bool], progress: Progress | None) -> None:
        self._end_part()
        while not self.ended and goes_on():
            if self._sieve.open:
                sent = self._sieve.requests
                await self._sieve.step()
                self.requests += self._sieve.requests - sent
            elif self._waiting:
                self._put()
            else:
                await self._read_block()
                self._end_part()  # nothing may have come
                continue
            self._release()
            self._end_part()
            if progress is not None and not self.ended:
                progress(f"looked at {self.looked_at:,} runs, found {len(self.rows):,}")

    def _put(self) -> None:
        """The next piece goes into the sieve."""
        size = self._sieve.size(whole=self.requests <= 1 and self._part_ended)
        rows, self._waiting = self._waiting[:size], self._waiting[size or len(self._waiting) :]
        self._is_last = self._part_ended and not self._waiting
        self._sieve.put(rows, last=self._is_last)
        self._piece_from = len(self.rows)
        told = not self._sieve.open
        self._places = {} if told else {row.run_id: at for at, row in enumerate(rows)}

    def _release(self) -> None:
        """What is told by now; of a piece, in its order as far as nobody has seen its rows."""
        new = self._sieve.take()
        places, start = self._places, max(self._piece_from, self._given)
        if places and new:
            new = self.rows[start:] + new
            new.sort(key=lambda row: places.get(row.run_id, -1))
            self.rows[start:] = new
        else:
            self.rows += new
        self.looked_at = self._received - len(self._waiting) - self._sieve.open

    def _end_part(self) -> None:
        """Goes on to the next part of a filter once all rows of one were told, or ends."""
        while not self.ended and self._part_ended and not self._waiting and not self._sieve.open:
            if not self._is_last:
                self._put()
                self._release()
                continue
            self._part, self._offset = self._part + 1, 0
            self._part_ended = self._is_last = False
            self.ended = self._part == len(self._parts)
            if self.ended and not self._given:
                self.rows, self.newest_first = newest_first(self.rows), True

    async def _read_block(self) -> None:
        long = self._at_once or self._offset or len(self._parts) > 1
        step = MAX_LIMIT if long else FIRST
        page, rows = await self._ask(self._parts[self._part], step, self._offset)
        self.unread += len(page.unread)
        self.repeated += page.received - len(page) - len(page.unread)
        self._waiting = [row for row in rows if self._seen.add(row.run_id)]
        self._received += page.received
        self.looked_at = self._received - len(self._waiting)
        self._offset += page.received
        self._part_ended = page.last
