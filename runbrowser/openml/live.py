"""Rows straight from a server: lists and writes over V1, single runs over V1 or V2."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from runbrowser.client.calls import v1
from runbrowser.client.download import Progress as OnBytes
from runbrowser.client.http import AsyncHTTPClient
from runbrowser.client.resources.engines import first_engine, has_several_engines, of_first_engine
from runbrowser.client.resources.runs import AsyncRunV1API, AsyncRunV2API
from runbrowser.errors import OpenMLServerError
from runbrowser.fields.matching import told_by_rows, why_not_by_rows
from runbrowser.models import APIVersion, EvaluationRow, Run, RunFilter, RunRow, Trace
from runbrowser.openml.access import resolved
from runbrowser.openml.api_choice import APIChoice
from runbrowser.openml.base import Abilities, Facts, NameBook, Progress, Sort, SourcePage, Tally
from runbrowser.openml.listing import Budget, FilterListing, Listing, SearchListing
from runbrowser.openml.memory import NewestMemory
from runbrowser.openml.names import Names, NameStore
from runbrowser.openml.newest_listing import Memory, NewestListing
from runbrowser.openml.open_listings import OpenListing, OpenListings
from runbrowser.openml.sieve import BlockSieve, RowSieve, Sieve, StateSieve
from runbrowser.openml.state_blocks import StateBlocks, can_block
from runbrowser.openml.states import VERY_FEW, States
from runbrowser.openml.totals import count

if TYPE_CHECKING:
    from runbrowser.client.minio import MinIOClient

_MANY = 200  # rows of a list whose states are told by lists of the same filter
_SPARE = 100  # runs of which all measures are asked for, to spare a request
_KINDS = 3  # of names: tasks, flows and users
_SEARCH = Budget(5, 2)  # requests to find runs by their states; names are asked for besides


class LiveSource:
    """Pages of ``run/list``. V1 promises no order, gives no total and repeats runs (see "Lists of
    runs" in docs/protocol.md).

    ``user_id`` is who ``uploader:me`` stands for: the API does not tell whose a key is. ``tell``
    hears why one API stands in for the other.
    """

    def __init__(
        self,
        http: AsyncHTTPClient,
        http_v2: AsyncHTTPClient | None = None,
        *,
        prefer_v2: bool = False,
        fallback: bool = True,
        user_id: int | None = None,
        why_read_only: str = "",
        key_origin: str = "",
        minio: MinIOClient | None = None,
        names_on_disk: NameStore | None = None,
        memory: Memory | None = None,
        tell: Callable[[str], None] = lambda words: None,
    ) -> None:
        self.http = http  # of V1, which alone can change anything
        self._http_v2 = http_v2
        self._v1 = AsyncRunV1API(http, minio)
        self._v2 = AsyncRunV2API(http_v2) if http_v2 is not None and prefer_v2 else None
        self._choice = APIChoice(self._v2 is not None, fallback, tell)
        self._memory = memory if memory is not None else NewestMemory(http.server)
        self._names = Names(http, names_on_disk)
        self._states = States(http, self._names)
        self._listings = OpenListings()
        self.user_id = user_id
        self.why_read_only = why_read_only
        if not why_read_only and http.api_key is None:
            self.why_read_only = "Without an API key nothing can be changed: set OPENML_APIKEY."
        self.key_origin = key_origin
        self.abilities = Abilities(writes=not self.why_read_only)
        self.names: NameBook = self._names.book
        self.address = http.server
        self.label = f"{'V2+V1' if self._v2 else 'V1'} {http.host}"

    async def download_file(self, url: str, target: Path, progress: OnBytes | None = None) -> int:
        """Fetches a run's file, over HTTP or from object storage; its size in bytes."""
        return await self._v1.download_file(url, target, progress=progress)

    async def page(
        self,
        filter: RunFilter,
        number: int,
        size: int,
        progress: Progress | None = None,
        *,
        fresh: bool = False,
        oldest_first: bool = False,
        sort: Sort | None = None,
    ) -> SourcePage:
        """One page; what it takes of the list is read, and kept for the pages to come."""
        opened = self._open(filter, oldest_first, anew=fresh)
        async with opened.lock:
            listing = opened.listing
            # of a search, one more tells whether there is a next page
            await listing.read((number + 1) * size + filter.local, progress)
            return opened.page(number, size)

    def _open(
        self, filter: RunFilter, oldest_first: bool = False, *, anew: bool = False
    ) -> OpenListing:
        def make(long: bool) -> Listing:
            return self._listing(filter, oldest_first, long=long)

        return self._listings.open(filter, oldest_first, make, anew=anew)

    def _listing(self, filter: RunFilter, oldest_first: bool, *, long: bool) -> Listing:
        """``long``: the list was read before and takes more than a first request."""
        asked = resolved(filter, self.user_id)
        if filter.local:
            if told_by_rows(filter):
                search = SearchListing(self._v1, asked, RowSieve(filter))
            else:
                sieve = StateSieve(filter, asked, self._states)
                search = SearchListing(self._v1, asked, sieve, _SEARCH)
            return self._among_known(search, filter)
        if filter.empty:
            return NewestListing(self._v1, asked, self._memory, oldest_first=oldest_first)
        return FilterListing(self._v1, asked, at_once=long)

    def _among_known(self, search: SearchListing, filter: RunFilter) -> SearchListing:
        """A search through the list that the server's part of a filter gives, as far as that was
        read.
        """
        known = self.whole(filter.remote)
        begun = self._listings.begun(filter.remote)
        if known is not None:
            search.look_through(known)
        elif isinstance(begun, FilterListing) and begun.offset:
            search.look_through(begun.rows, begun.offset)
        return search

    def refusal(self, filter: RunFilter) -> str:
        """What only a mirror can look for."""
        return why_not_by_rows(filter)

    async def group_counts(self, filter: RunFilter, by: str) -> None:
        """The server does not count."""

    def note_changes(self, run_ids: Iterable[int], gone: Iterable[int]) -> None:
        """Nothing is held here for longer than a list is shown."""

    async def finish(self, filter: RunFilter) -> None:
        """Reads the rest of a list whose first page was provisional."""
        opened = self._open(filter)
        async with opened.lock:
            await opened.listing.finish()

    def whole(self, filter: RunFilter) -> Sequence[RunRow] | None:
        """All runs that match, once they were read; their order is the pages'."""
        return self._listings.whole(filter)

    async def count(self, filter: RunFilter) -> bool:
        """Asks for the length of the list, whose total its pages tell from then on."""
        number = await count(self.http, resolved(filter, self.user_id))
        self._listings.note_count(filter, number)
        return number is not None

    async def walk(
        self,
        filter: RunFilter,
        *,
        most: int | None = None,
        progress: Progress | None = None,
        tally: Tally | None = None,
    ) -> AsyncIterator[Sequence[RunRow]]:
        """All runs that match, each once, in pieces; at most ``most``. What was read for the pages
        is not asked for again if it is all there is; else 10,000 rows are asked for at a time.
        Pieces that were given are not held.
        """
        tally = tally or Tally()
        known = self.whole(filter)
        if known is not None:
            tally.looked_at, tally.found = len(known), len(known)
            yield known if most is None else known[:most]
            return
        listing = self._walked(filter)

        def on_progress(words: str) -> None:
            count()
            if progress is not None:
                progress(words)

        def count() -> None:
            tally.looked_at, tally.unread = listing.looked_at, listing.unread
            tally.found = given + len(listing.rows)

        given = 0
        while not listing.ended and (most is None or given < most):
            if isinstance(listing, SearchListing):
                await listing.read_more(on_progress)
            else:
                await listing.read(1)
                await listing.finish()
            count()
            rows, listing.rows = listing.rows, []
            given += len(rows)
            if rows:
                yield rows if most is None or given <= most else rows[: most - given]

    def _walked(self, filter: RunFilter) -> Listing:
        asked = resolved(filter, self.user_id)
        if not filter.local:
            return FilterListing(self._v1, asked)
        sieve: Sieve
        if told_by_rows(filter):
            begun, sieve = self._listings.begun(filter), RowSieve(filter)
            if isinstance(begun, SearchListing):
                return begun.continued(sieve)
        else:
            sieve = BlockSieve(filter, asked, self._states)
        return self._among_known(SearchListing(self._v1, asked, sieve, at_once=True), filter)

    async def matches(self, rows: Sequence[RunRow], filter: RunFilter) -> list[RunRow]:
        """The rows that the part of a filter lets through which the server cannot look for."""
        sieve = StateSieve(filter, RunFilter(ids=(0,)), self._states)
        sieve.put(rows, last=True)
        while sieve.open:
            await sieve.step()
        return sieve.take()

    async def run(self, run_id: int, *, fresh: bool = False) -> Run:
        """One run, over V2 where asked for; see :class:`runbrowser.openml.api_choice.APIChoice`."""

        async def ask(version: APIVersion) -> Run:
            return await self._api(version).get(run_id, reset_cache=fresh)

        run = await self._choice.run_async(ask)
        if has_several_engines(run):
            run = of_first_engine(run, await self._all_measures(run_id))
        return run

    async def _all_measures(self, run_id: int) -> list[EvaluationRow]:
        with contextlib.suppress(OpenMLServerError):
            return await self._states.evaluations((run_id,), None)
        return []

    async def with_files(self, run: Run) -> Run:
        """The run as V1 tells it, where V2 told no address of its predictions."""
        if run.predictions_url is None and run.api == "v2":
            return await self.http.send(v1.get_run(run.run_id))
        return run

    async def trace(self, run_id: int) -> Trace:
        """What a run's search tried, from the API that runs are read from."""

        async def ask(version: APIVersion) -> Trace:
            return await self._api(version).trace(run_id)

        return await self._choice.trace_async(ask)

    def _api(self, version: APIVersion) -> AsyncRunV1API | AsyncRunV2API:
        return self._v2 if version is APIVersion.V2 and self._v2 is not None else self._v1

    async def learning(
        self,
        rows: Sequence[RunRow],
        told: Callable[[dict[int, Facts]], None],
        following: Sequence[RunRow] = (),
    ) -> AsyncGenerator[str]:
        """Finds out states, scores and names of rows step by step: yields 'name' or 'state' before
        each request. Data sets come first, since tasks name the measure of their runs; those of
        ``following`` rows are asked for by the same request.
        """
        if not rows:
            return
        await self._names.recall((*rows, *following))
        names = self._names.kinds_missing(rows)
        if self._names.lack_tasks(rows):
            async for _ in self._names.learn_tasks((*rows, *following)):
                yield "name"
            told({})
        inquiry = self._states.inquiry(self._not_found(rows, told), told)
        # of a page that stands alone everything is to be known by as many requests as to open one
        spare = _SPARE if names == _KINDS and not following else 0
        async for _ in inquiry.scores(very_few=max(VERY_FEW, spare)):
            yield "state"
        first, second = self._names.missing(rows)
        async for _ in first:
            yield "name"
        told({})
        async for _ in inquiry.rest():
            yield "state"
        async for _ in second:
            yield "name"
        told({})

    def _not_found(
        self, rows: Sequence[RunRow], told: Callable[[dict[int, Facts]], None]
    ) -> list[RunRow]:
        """Rows that are to be inquired about; of the others a search has found out all there is."""
        found = self._listings.found(row.run_id for row in rows)
        final = {
            row.run_id: found[row.run_id].facts
            for row in rows
            if row.run_id in found and found[row.run_id].measure == self._states.measure_of(row)
        }
        told(final)
        return [row for row in rows if row.run_id not in final]

    async def learn(
        self,
        rows: Sequence[RunRow],
        told: Callable[[dict[int, Facts]], None],
        *,
        names: bool = True,
        states: bool = True,
    ) -> None:
        """States, scores and names of rows, all at once."""
        if names and states and len(rows) <= _MANY:
            async for _ in self.learning(rows, told):
                pass
            return
        if names:
            await self._names.learn(rows, most=None)
        if states:
            await self._learn_states(rows, told)

    async def _learn_states(
        self, rows: Sequence[RunRow], told: Callable[[dict[int, Facts]], None]
    ) -> None:
        """Those of a whole list are told by lists of the same filter."""
        filter = self._listings.filter_of(rows)
        if len(rows) > _MANY:  # tasks name the measure of their runs
            await self._names.recall(rows)
            async for _ in self._names.learn_tasks(rows):
                pass
        if filter is not None and not filter.local and len(rows) > _MANY and can_block(filter):
            await StateBlocks(self._states, resolved(filter, self.user_id)).take(rows, True, told)
            return
        async for _ in self._states.learn(rows, told):
            pass

    async def learn_names(self, rows: Sequence[RunRow]) -> None:
        """Names for rows, by two requests at the most."""
        await self._names.learn(rows)

    async def name_flow(self, flow_id: int) -> None:
        """Names and defaults of a flow and its components; what cannot be read stays a number."""
        try:
            learned = await self.http.send(v1.get_flow(flow_id))
        except OpenMLServerError:
            return
        self.names.flows.update(learned.names)
        self.names.defaults.update(learned.defaults)

    async def scores(
        self, run_ids: Sequence[int], measure: str, *, per_fold: bool = False
    ) -> list[EvaluationRow]:
        """One request for as many runs as a page has."""
        found = await self._states.evaluations(run_ids, measure, per_fold=per_fold)
        return list(first_engine(found).values())

    async def measures(self) -> list[str]:
        """As V1 lists them."""
        return await self.http.send(v1.list_measures())

    async def best(
        self, task_id: int, measure: str, *, highest_first: bool, limit: int
    ) -> list[EvaluationRow]:
        """Ordered by the server, which takes its time for it."""
        found = await self.http.send(
            v1.list_evaluations(
                RunFilter(task=(task_id,)),
                measure,
                limit=limit,
                sort_order="desc" if highest_first else "asc",
            )
        )
        once = first_engine(row for row in found if row.value is not None)
        async for _ in self._names.learn_users(row.uploader for row in found):
            pass
        return sorted(once.values(), key=lambda row: row.value or 0.0, reverse=highest_first)

    def run_page(self, run_id: int) -> str:
        """``https://www.openml.org/r/ID``, or the same place on another server."""
        parts = urlsplit(self.address)
        host = "www.openml.org" if parts.hostname == "api.openml.org" else parts.netloc
        return f"{parts.scheme}://{host}/r/{run_id}"

    async def tags(self) -> list[str]:
        """All tags in use, for completion."""
        return await self.http.send(v1.list_run_tags())

    async def close(self) -> None:
        """Closes all connections, to V1 and V2."""
        clients = [client for client in (self.http, self._http_v2) if client is not None]
        await asyncio.gather(*(client.close() for client in clients))
