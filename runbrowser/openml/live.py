"""Rows straight from a server: lists and writes over V1, single runs over V1 or V2."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from runbrowser.client.calls import v1
from runbrowser.client.download import Progress as OnBytes
from runbrowser.client.http import AsyncHTTPClient
from runbrowser.client.resources.runs import AsyncRunV1API, AsyncRunV2API
from runbrowser.errors import OpenMLServerError, OpenMLServerException, UsageError
from runbrowser.fields.matching import sift, verdict
from runbrowser.models import EvaluationRow, Run, RunFilter, RunRow, Trace
from runbrowser.openml import facts
from runbrowser.openml.base import Abilities, Facts, NameBook, Progress, SourcePage

if TYPE_CHECKING:
    from runbrowser.client.minio import MinIOClient

_AT_ONCE = 1_000  # rows made on the event loop: about a millisecond
_SEARCH_STEP = 1_000  # rows of the first request while looking for what only rows can tell
_SEARCH_BLOCK = 10_000  # rows of the following ones
_SEARCH_MOST = 20_000  # rows looked at for one page before the user is asked to go on


class LiveSource:
    """Pages of ``run/list``. V1 promises no order, gives no total and repeats runs (PROTOCOL 2).

    ``user_id`` is who ``uploader:me`` stands for: the API does not tell whose a key is.
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
    ) -> None:
        self._http = http
        self._http_v2 = http_v2
        self._v1 = AsyncRunV1API(http, minio)
        self._v2 = AsyncRunV2API(http_v2) if http_v2 is not None and prefer_v2 else None
        self._fallback = fallback
        self._search: _Search | None = None
        self.user_id = user_id
        self.why_read_only = why_read_only
        if not why_read_only and http.api_key is None:
            self.why_read_only = "Without an API key nothing can be changed: set OPENML_APIKEY."
        self.key_origin = key_origin
        self.abilities = Abilities(writes=not self.why_read_only)
        self.names = NameBook()
        self.address = http.server
        self.label = f"{'V2+V1' if self._v2 else 'V1'} {http.host}"

    @property
    def http(self) -> AsyncHTTPClient:
        """The client of V1, which alone can change anything."""
        return self._http

    async def download_file(self, url: str, target: Path, progress: OnBytes | None = None) -> int:
        """Fetches a run's file, over HTTP or from object storage; its size in bytes."""
        return await self._v1.download_file(url, target, progress=progress)

    async def page(
        self, filter: RunFilter, number: int, size: int, progress: Progress | None = None
    ) -> SourcePage:
        """One page. A filter on state or error text is looked for in the rows, page by page."""
        asked = self._resolve(filter)
        if not filter.local:
            found = await self._v1.page(asked, size, number * size)
            rows = tuple(found) if size <= _AT_ONCE else await asyncio.to_thread(tuple, found)
            return SourcePage(
                rows=rows,
                number=number,
                size=size,
                last=found.last,
                looked_at=found.received,
                unread=len(found.unread),
                repeated=found.received - len(found) - len(found.unread),
            )
        search = self._search
        # the first page anew looks anew, unless its search was given up before it was full
        anew = number == 0 and search is not None and search.fills(size)
        if search is None or search.filter != filter or anew:
            self._search = search = _Search(filter, asked)
        return await search.page(self, number, size, progress)

    def _resolve(self, filter: RunFilter) -> RunFilter:
        """The filter in the server's words: ``me`` becomes an id, a limit stands for no filter."""
        if not filter.mine:
            return filter
        if self.user_id is None:
            raise UsageError(
                "OpenML does not tell whose a key is. Say who you are: set user_id in config.toml "
                "or RUNBROWSER_USER_ID to the number in the address of your profile page."
            )
        uploader = tuple(dict.fromkeys((*filter.uploader, self.user_id)))
        return replace(filter, uploader=uploader, mine=False)

    async def matches(self, rows: Sequence[RunRow], filter: RunFilter) -> list[RunRow]:
        """The rows that the part of a filter lets through which the server cannot look for."""
        possible, open_rows = sift(filter, rows)
        if not open_rows:
            return possible
        known: dict[int, Facts] = {}
        await facts.learn_states(self._http, open_rows, self.names, known.update)
        part = filter.in_rows
        return [row for row in possible if verdict(part, row, known.get(row.run_id))]

    async def run(self, run_id: int, *, fresh: bool = False) -> Run:
        """One run, over V2 where asked for; a V2 that fails inside is passed over for V1."""
        if self._v2 is not None:
            try:
                return await self._v2.get(run_id, reset_cache=fresh)
            except OpenMLServerException:
                raise
            except OpenMLServerError:
                if not self._fallback:
                    raise
        return await self._v1.get(run_id, reset_cache=fresh)

    async def trace(self, run_id: int) -> Trace:
        """What a run's search tried, from the API that runs are read from."""
        if self._v2 is not None:
            try:
                return await self._v2.trace(run_id)
            except OpenMLServerException:
                raise
            except OpenMLServerError:
                if not self._fallback:
                    raise
        return await self._v1.trace(run_id)

    async def learn(
        self,
        rows: Sequence[RunRow],
        told: Callable[[dict[int, Facts]], None],
        *,
        names: bool = True,
    ) -> None:
        """States, scores and names of rows; data sets first, since tasks name their measure."""
        if not rows:
            return
        if names:
            await facts.learn_names(self._http, rows, self.names, told)
        await facts.learn_states(self._http, rows, self.names, told)
        if names:
            await facts.learn_flows(self._http, rows, self.names, told)

    async def name_flow(self, flow_id: int) -> None:
        """Names and defaults of a flow and its components; what cannot be read stays a number."""
        try:
            learned = await self._http.send(v1.get_flow(flow_id))
        except OpenMLServerError:
            return
        self.names.flows.update(learned.names)
        self.names.defaults.update(learned.defaults)

    async def scores(
        self, run_ids: Sequence[int], measure: str, *, per_fold: bool = False
    ) -> list[EvaluationRow]:
        """One request for as many runs as a page has (PROTOCOL 6)."""
        return await facts.evaluations(self._http, run_ids, measure, per_fold=per_fold)

    async def measures(self) -> list[str]:
        """As V1 lists them."""
        return await self._http.send(v1.list_measures())

    async def best(
        self, task_id: int, measure: str, *, highest_first: bool, limit: int
    ) -> list[EvaluationRow]:
        """Ordered by the server, which takes its time for it (PROTOCOL 6)."""
        found = await self._http.send(
            v1.list_evaluations(
                RunFilter(task=(task_id,)),
                measure,
                limit=limit,
                sort_order="desc" if highest_first else "asc",
            )
        )
        once = {row.run_id: row for row in found if row.value is not None}
        users = [row.uploader for row in found if row.uploader is not None]
        await facts.learn_users(self._http, users, self.names)
        return list(once.values())

    def run_page(self, run_id: int) -> str:
        """``https://www.openml.org/r/ID``, or the same place on another server."""
        parts = urlsplit(self.address)
        host = "www.openml.org" if parts.hostname == "api.openml.org" else parts.netloc
        return f"{parts.scheme}://{host}/r/{run_id}"

    async def tags(self) -> list[str]:
        """All tags in use, for completion."""
        return await self._http.send(v1.list_run_tags())

    async def close(self) -> None:
        """Closes all connections, to V1 and V2."""
        clients = [client for client in (self._http, self._http_v2) if client is not None]
        await asyncio.gather(*(client.close() for client in clients))


class _Search:
    """Rows that match what the server cannot look for, found so far, and where to go on."""

    def __init__(self, filter: RunFilter, asked: RunFilter) -> None:
        self.filter = filter
        self.asked = asked
        self.found: list[RunRow] = []
        self.seen: set[int] = set()
        self.offset = 0
        self.ended = False
        self.unread = 0

    def fills(self, size: int) -> bool:
        """Whether the first page is known in full, and whether one comes after it."""
        return self.ended or len(self.found) > size

    async def page(
        self, source: LiveSource, number: int, size: int, progress: Progress | None
    ) -> SourcePage:
        wanted = (number + 1) * size + 1  # one more tells whether there is a next page
        stop_at = self.offset + _SEARCH_MOST
        while len(self.found) < wanted and not self.ended and self.offset < stop_at:
            step = _SEARCH_BLOCK if self.offset else _SEARCH_STEP
            page = await source._v1.page(self.asked.remote, step, self.offset)
            new = [row for row in page if row.run_id not in self.seen]
            matching = await source.matches(new, self.filter)
            # noted all at once: whoever cancels the search above loses no row of it
            self.seen.update(row.run_id for row in new)
            self.found += matching
            self.unread += len(page.unread)
            self.offset += page.received
            self.ended = page.last
            if progress is not None and not self.ended:
                progress(f"looked at {self.offset:,} runs, found {len(self.found):,}")
        rows = tuple(self.found[number * size : (number + 1) * size])
        last = self.ended and len(self.found) <= (number + 1) * size
        stopped = not self.ended and len(self.found) < wanted
        return SourcePage(
            rows=rows,
            number=number,
            size=size,
            last=last,
            looked_at=self.offset,
            unread=self.unread,
            stopped=stopped,
        )
