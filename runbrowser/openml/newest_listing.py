"""All runs of a server in the order of their ids, looked up by windows of ids."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from runbrowser.client.calls.v1 import MAX_LIMIT, MAX_PATH
from runbrowser.models import RunFilter, RunRow
from runbrowser.openml.base import Progress
from runbrowser.openml.listing import Listing, RunPages, newest_first
from runbrowser.openml.newest import Descent, find_newest, near

_PAGES_AT_ONCE = 300  # ids of a first look at the newest: a page and the next


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
