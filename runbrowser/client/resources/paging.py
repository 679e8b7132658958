"""Any number of runs, page by page: a few requests at once, every run once, to be taken up again.

V1 gives at most 10,000 runs at a time, in no promised order, some of them twice, and no total
("Lists of runs" in docs/protocol.md); its paths are at most 4,000 bytes long, so long lists of ids
are asked for in parts.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Protocol

from runbrowser.client.calls.v1 import MAX_LIMIT, MAX_PATH, filter_segments
from runbrowser.errors import UsageError, UsageTypeError
from runbrowser.fields.filters import FIELDS
from runbrowser.models import RunFilter, RunPage
from runbrowser.text import display

AT_ONCE = 4
"""Requests under way at the same time: more would be impolite to a server that is often slow."""

_ROOM = len("run/list/limit/10000/offset/") + 20  # what the path spends beside the filter


class _Api(Protocol):
    def page(self, filter: RunFilter, limit: int | None, offset: int = 0) -> RunPage: ...


class _AsyncApi(Protocol):
    async def page(self, filter: RunFilter, limit: int | None, offset: int = 0) -> RunPage: ...


@dataclass(frozen=True, slots=True)
class Position:
    """Where to go on: the part of a long filter, and the rows of it that were had."""

    part: int = 0
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Walked:
    """How far a walk has come: ``next`` is where another walk would go on."""

    runs: int  # different ones
    rows: int  # as the server sent them
    part: int
    parts: int
    next: Position


def check(filter: RunFilter) -> None:
    """Raises UsageTypeError for what is no RunFilter, such as a limit given in its place."""
    if not isinstance(filter, RunFilter):
        raise UsageTypeError(
            f"A filter comes first, as RunFilter(task=59), not {display(repr(filter), 60)}."
        )


def split(filter: RunFilter, most: int = MAX_PATH) -> list[RunFilter]:
    """The filter in parts whose paths are at most ``most`` bytes long: ids are ORed, so the parts
    together match what the whole does.

    Raises UsageError for a filter that is too long without its ids.
    """
    parts, done = deque([filter]), []
    while parts:
        part = parts.popleft()
        if len("/".join(filter_segments(part))) + _ROOM <= most:
            done.append(part)
            continue
        names = [field.attributes[0] for field in FIELDS.values() if field.several]
        name = max(names, key=lambda n: sum(len(str(i)) + 1 for i in getattr(part, n)))
        ids = getattr(part, name)
        if len(ids) < 2:
            raise UsageError(f"The filter is too long for one request (at most {most:,} bytes).")
        middle = len(ids) // 2
        parts.extendleft(
            [replace(part, **{name: ids[middle:]}), replace(part, **{name: ids[:middle]})]
        )
    return done


class Seen:
    """Run ids that were had, a bit each: ten million take some megabytes."""

    def __init__(self) -> None:
        self._blocks: dict[int, bytearray] = {}
        self.count = 0

    def copy(self) -> Seen:
        """The same ids, which go on by themselves."""
        other = Seen()
        other._blocks = {place: bytearray(block) for place, block in self._blocks.items()}
        other.count = self.count
        return other

    def __contains__(self, run_id: int) -> bool:
        block = self._blocks.get(run_id >> 16)
        return block is not None and bool(block[(run_id >> 3) & 8191] & (1 << (run_id & 7)))

    def add(self, run_id: int) -> bool:
        """Whether the id is new."""
        block = self._blocks.setdefault(run_id >> 16, bytearray(8192))
        index, bit = (run_id >> 3) & 8191, 1 << (run_id & 7)
        if block[index] & bit:
            return False
        block[index] |= bit
        self.count += 1
        return True


class _Walk:
    """What to ask next and what to make of what came; the asking itself is done elsewhere."""

    def __init__(
        self,
        filter: RunFilter,
        page_size: int,
        limit: int | None,
        start: Position,
        progress: Callable[[Walked], None] | None,
    ) -> None:
        check(filter)
        if not 1 <= page_size <= MAX_LIMIT:
            raise UsageError(f"A page holds 1 to {MAX_LIMIT:,} runs, not {page_size:,}.")
        self.parts = split(replace(filter, ids=tuple(dict.fromkeys(filter.ids))))
        self.size = page_size
        self._limit = limit
        self._progress = progress
        self._part, self._offset = start.part, start.offset  # the next page to ask for
        self._full: set[int] = set()  # parts of which a full page came: more may follow
        self._asked: set[int] = set()
        self._ended: set[int] = set()
        self._seen = Seen()
        self._rows = 0

    @property
    def enough(self) -> bool:
        return self._limit is not None and self._seen.count >= self._limit

    def next(self) -> tuple[RunFilter, Position] | None:
        """The next page to ask for; None while that depends on pages that are under way.

        A part's second page is asked for only after its first came back full, then several at a
        time, although the last of them may lie past the end.
        """
        while self._part < len(self.parts) and not self.enough:
            part = self.parts[self._part]
            # so few runs cannot fill a page, even if each is sent twice
            alone = part.ids and 2 * len(part.ids) < self.size
            if self._part in self._ended or (alone and self._part in self._asked):
                self._part, self._offset = self._part + 1, 0
                continue
            if self._part in self._asked and self._part not in self._full:
                return None
            self._asked.add(self._part)
            position = Position(self._part, self._offset)
            self._offset += self.size
            return part, position
        return None

    def needless(self, position: Position) -> bool:
        """Whether a page that was asked for turns out to lie past the end."""
        return self.enough or position.part in self._ended

    def take(self, position: Position, page: RunPage) -> RunPage:
        """The page's runs that are new."""
        (self._ended if page.last else self._full).add(position.part)
        self._rows += page.received
        fresh = []
        for index, run_id in enumerate(page.columns[0]):
            if self.enough:
                break
            if self._seen.add(run_id):
                fresh.append(index)
        columns: Sequence[Sequence[object]] = page.columns
        if len(fresh) < len(page):
            columns = [[column[index] for index in fresh] for column in page.columns]
        if self._progress is not None:
            after = Position(position.part, position.offset + page.received)
            if page.last:
                after = Position(position.part + 1, 0)
            self._progress(
                Walked(self._seen.count, self._rows, position.part + 1, len(self.parts), after)
            )
        return RunPage(
            columns,
            limit=page.limit,
            offset=page.offset,
            received=page.received,
            unread=page.unread,
        )


def pages(
    api: _Api,
    filter: RunFilter,
    *,
    page_size: int = 1_000,
    limit: int | None = None,
    start: Position | None = None,
    at_once: int = AT_ONCE,
    progress: Callable[[Walked], None] | None = None,
) -> Iterator[RunPage]:
    """All runs that the server's filter lets through, as pages in the server's order, each run
    once; at most ``limit`` of them.

    At most ``at_once`` pages are asked for or waiting at a time, whatever the number of runs.
    ``progress`` is told after each page; ``start`` takes a walk up where ``Walked.next`` says. An
    error ends the walk and is raised.
    """
    walk = _Walk(filter, page_size, limit, start or Position(), progress)
    under_way: deque[tuple[Position, Future[RunPage]]] = deque()
    pool = ThreadPoolExecutor(max(1, min(at_once, AT_ONCE)), "runbrowser-pages")
    try:
        while True:
            while len(under_way) < min(at_once, AT_ONCE) and (wanted := walk.next()) is not None:
                part, position = wanted
                asked = pool.submit(api.page, part, walk.size, position.offset)
                under_way.append((position, asked))
            if not under_way:
                return
            position, asked = under_way.popleft()
            if walk.needless(position):
                asked.cancel()
                continue
            yield walk.take(position, asked.result())
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


async def pages_async(
    api: _AsyncApi,
    filter: RunFilter,
    *,
    page_size: int = 1_000,
    limit: int | None = None,
    start: Position | None = None,
    at_once: int = AT_ONCE,
    progress: Callable[[Walked], None] | None = None,
) -> AsyncIterator[RunPage]:
    """See :func:`pages`; ending the walk early cancels what is under way."""
    walk = _Walk(filter, page_size, limit, start or Position(), progress)
    under_way: deque[tuple[Position, asyncio.Task[RunPage]]] = deque()
    try:
        while True:
            while len(under_way) < min(at_once, AT_ONCE) and (wanted := walk.next()) is not None:
                part, position = wanted
                asked = asyncio.ensure_future(api.page(part, walk.size, position.offset))
                under_way.append((position, asked))
            if not under_way:
                return
            position, asked = under_way[0]
            if walk.needless(position):
                asked.cancel()
                await asyncio.gather(asked, return_exceptions=True)
                under_way.popleft()
                continue
            page = await asked
            under_way.popleft()
            yield walk.take(position, page)
    finally:
        for _, asked in under_way:
            asked.cancel()
        await asyncio.gather(*(asked for _, asked in under_way), return_exceptions=True)
