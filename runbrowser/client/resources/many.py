"""Many runs for one call: all rows as a DataFrame, page by page, and runs by their ids.

Mixed into the APIs, over what each of them has: ``page`` and ``get``. At most four requests are
under way at once, whatever the number of runs.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING

from runbrowser.client.calls.v1 import MAX_LIMIT
from runbrowser.client.resources import paging
from runbrowser.client.resources.listing import (
    Slice,
    distinct,
    list_filter,
    parts_of,
    say_unread,
)
from runbrowser.client.resources.paging import AT_ONCE, Position, Walked
from runbrowser.client.resources.turns import in_turn
from runbrowser.errors import OpenMLServerError
from runbrowser.frames import RunRows
from runbrowser.ids import Id, Ids
from runbrowser.models import Run, RunFilter, RunPage

if TYPE_CHECKING:
    import pandas as pd

Runs = list[Run]
OnProgress = Callable[[int, int], None]
"""Told after each run: how many are done, and how many there are in all."""
OnError = Callable[[int, OpenMLServerError], None]
"""Told of each run that could not be read: its id, and why."""


class ManyRuns:
    """What an API of runs can do with ``page`` and ``get``, blocking."""

    def page(self, filter: RunFilter, limit: int | None, offset: int = 0) -> RunPage:
        """One page of runs as light rows, without pandas."""
        raise NotImplementedError

    def get(self, run_id: Id, *, reset_cache: bool = False, description: bool = False) -> Run:
        """One run with everything it has."""
        raise NotImplementedError

    def _listed(self, filter: RunFilter | None, limit: int, offset: int) -> pd.DataFrame:
        parts = parts_of(filter, limit, offset)
        if len(parts) == 1 and filter is not None:
            page = self.page(filter, limit, offset)
        else:
            found = Slice(limit, offset)
            for piece in (
                self.pages(filter, page_size=found.page_size, limit=found.most)
                if filter is not None
                else ()
            ):
                found.add(piece)
            page = found.page()
        say_unread(page.unread)
        return page.frame()

    def pages(
        self,
        filter: RunFilter | None = None,
        *,
        page_size: int = 1_000,
        limit: int | None = None,
        start: Position | None = None,
        progress: Callable[[Walked], None] | None = None,
    ) -> Iterator[RunPage]:
        """All runs that a filter lets through (None: all there are), as pages in the server's
        order, each run once; at most ``limit`` of them.

        ``progress`` is told after each page; ``start`` takes a walk up where ``Walked.next`` says.
        """
        return paging.pages(
            self,
            filter or RunFilter(),
            page_size=page_size,
            limit=limit,
            start=start,
            progress=progress,
        )

    def list_all(
        self,
        *,
        progress: Callable[[Walked], None] | None = None,
        ids: Ids = None,
        task: Ids = None,
        setup: Ids = None,
        flow: Ids = None,
        uploader: Ids = None,
        study: Id | None = None,
        tag: str | None = None,
        display_errors: bool = False,
        task_type: Ids = None,
    ) -> pd.DataFrame:
        """All runs that match, each once, as one DataFrame with the columns of ``list``.

        They are asked for 10,000 at a time, long lists of ids in parts; what is held of a page are
        its values as the frame needs them. ``progress`` is told after each page: ``runs`` and
        ``rows`` so far, ``part`` of ``parts``. Parameters and errors are those of ``list``.
        """
        filter = list_filter(
            ids=ids,
            task=task,
            setup=setup,
            flow=flow,
            uploader=uploader,
            study=study,
            tag=tag,
            display_errors=display_errors,
            task_type=task_type,
        )
        rows, unread = RunRows(), list[str]()
        if filter is not None:
            for page in self.pages(filter, page_size=MAX_LIMIT, progress=progress):
                rows.add(page.named_columns())
                unread += page.unread
        say_unread(unread)
        return rows.frame()

    def get_many(
        self,
        ids: Ids,
        *,
        progress: OnProgress | None = None,
        on_error: OnError | None = None,
        reset_cache: bool = False,
    ) -> Runs:
        """The runs with these ids, in their order, each once; four are asked for at a time.

        ``progress(done, total)`` is told after each. A run that cannot be read ends it with its
        exception, unless ``on_error(run_id, error)`` is there to be told: then it is left out.
        """
        wanted = list(distinct(ids))
        found: Runs = []

        def one(run_id: int) -> Run:
            return self.get(run_id, reset_cache=reset_cache)

        for done, (run_id, future) in enumerate(in_turn(one, wanted, AT_ONCE), 1):
            error = future.exception()
            if isinstance(error, OpenMLServerError) and on_error is not None:
                on_error(run_id, error)
            else:
                found.append(future.result())
            if progress is not None:
                progress(done, len(wanted))
        return found


class AsyncManyRuns:
    """As ManyRuns, with coroutines."""

    async def page(self, filter: RunFilter, limit: int | None, offset: int = 0) -> RunPage:
        """See ManyRuns.page."""
        raise NotImplementedError

    async def get(self, run_id: Id, *, reset_cache: bool = False, description: bool = False) -> Run:
        """See ManyRuns.get."""
        raise NotImplementedError

    async def _listed(self, filter: RunFilter | None, limit: int, offset: int) -> pd.DataFrame:
        parts = parts_of(filter, limit, offset)
        if len(parts) == 1 and filter is not None:
            page = await self.page(filter, limit, offset)
        else:
            found = Slice(limit, offset)
            if filter is not None:
                async for piece in self.pages(filter, page_size=found.page_size, limit=found.most):
                    found.add(piece)
            page = found.page()
        say_unread(page.unread)
        return page.frame()

    def pages(
        self,
        filter: RunFilter | None = None,
        *,
        page_size: int = 1_000,
        limit: int | None = None,
        start: Position | None = None,
        progress: Callable[[Walked], None] | None = None,
    ) -> AsyncIterator[RunPage]:
        """See ManyRuns.pages."""
        return paging.pages_async(
            self,
            filter or RunFilter(),
            page_size=page_size,
            limit=limit,
            start=start,
            progress=progress,
        )

    async def list_all(
        self,
        *,
        progress: Callable[[Walked], None] | None = None,
        ids: Ids = None,
        task: Ids = None,
        setup: Ids = None,
        flow: Ids = None,
        uploader: Ids = None,
        study: Id | None = None,
        tag: str | None = None,
        display_errors: bool = False,
        task_type: Ids = None,
    ) -> pd.DataFrame:
        """See ManyRuns.list_all."""
        filter = list_filter(
            ids=ids,
            task=task,
            setup=setup,
            flow=flow,
            uploader=uploader,
            study=study,
            tag=tag,
            display_errors=display_errors,
            task_type=task_type,
        )
        rows, unread = RunRows(), list[str]()
        if filter is not None:
            async for page in self.pages(filter, page_size=MAX_LIMIT, progress=progress):
                rows.add(page.named_columns())
                unread += page.unread
        say_unread(unread)
        return rows.frame()

    async def get_many(
        self,
        ids: Ids,
        *,
        progress: OnProgress | None = None,
        on_error: OnError | None = None,
        reset_cache: bool = False,
    ) -> Runs:
        """See ManyRuns.get_many."""
        wanted = list(distinct(ids))
        found: dict[int, Run] = {}
        left = iter(wanted)
        done = 0

        async def worker() -> None:
            nonlocal done
            for run_id in left:
                try:
                    found[run_id] = await self.get(run_id, reset_cache=reset_cache)
                except OpenMLServerError as error:
                    if on_error is None:
                        raise
                    on_error(run_id, error)
                done += 1
                if progress is not None:
                    progress(done, len(wanted))

        workers = [asyncio.ensure_future(worker()) for _ in range(AT_ONCE)]
        try:
            await asyncio.gather(*workers)
        finally:
            for one in workers:
                one.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
        return [found[run_id] for run_id in wanted if run_id in found]
