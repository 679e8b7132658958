"""Turns pages of one filter: keeps those seen, fetches the next one ahead, asks for none twice."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping

from runbrowser.models import RunFilter, RunRow
from runbrowser.sources.base import Facts, Progress, RunSource, SourcePage

_KEPT_PAGES = 100


class Pager:
    """The pages of a source under one filter, and what has been learned of their rows."""

    def __init__(self, source: RunSource, filter: RunFilter, size: int) -> None:
        self.source = source
        self.filter = filter
        self.size = size
        self._facts: dict[int, Facts] = {}
        self._pages: OrderedDict[int, SourcePage] = OrderedDict()
        self._under_way: dict[int, asyncio.Task[SourcePage]] = {}
        self._learned: set[int] = set()  # numbers of pages whose facts were asked for

    @property
    def facts(self) -> Mapping[int, Facts]:
        """Facts by run id, of all rows seen under this filter."""
        return self._facts

    def at_hand(self, number: int) -> SourcePage | None:
        """A page that can be shown at once."""
        page = self._pages.get(number)
        if page is not None and not page.stopped:
            self._pages.move_to_end(number)
            return page
        return None

    async def page(self, number: int, progress: Progress | None = None) -> SourcePage:
        """One page; a request that is under way for it already is waited for, not repeated.

        Whoever waits may be cancelled without ending the request.
        """
        page = self.at_hand(number)
        if page is not None:
            return page
        task = self._under_way.get(number)
        if task is None:
            task = asyncio.create_task(
                self.source.page(self.filter, number, self.size, progress), name=f"page {number}"
            )
            self._under_way[number] = task
            task.add_done_callback(lambda done: self._keep(number, done))
        return await asyncio.shield(task)

    def _keep(self, number: int, task: asyncio.Task[SourcePage]) -> None:
        self._under_way.pop(number, None)
        if task.cancelled() or task.exception() is not None:
            return
        self._pages[number] = task.result()
        while len(self._pages) > _KEPT_PAGES:
            gone, page = self._pages.popitem(last=False)
            self._learned.discard(gone)
            for row in page.rows:
                self._facts.pop(row.run_id, None)

    def has_next(self, number: int) -> bool:
        """Whether a page after this one may exist."""
        page = self._pages.get(number)
        return page is None or not page.last

    def needs_facts(self, page: SourcePage) -> bool:
        """Whether nobody has asked for this page's facts yet; asking counts as having asked."""
        if page.number in self._learned:
            return False
        self._learned.add(page.number)
        return True

    def note(self, facts: Mapping[int, Facts]) -> None:
        """Keeps what was learned of rows."""
        self._facts.update(facts)

    def forget_facts(self, page: SourcePage) -> None:
        """Facts of a page were not found out after all; they may be asked for again."""
        self._learned.discard(page.number)

    def close(self) -> None:
        """Ends all requests under way; nobody waits for these pages any more."""
        for task in self._under_way.values():
            task.cancel()

    def find(self, run_id: int) -> RunRow | None:
        """The row of a run on any page seen."""
        for page in self._pages.values():
            for row in page.rows:
                if row.run_id == run_id:
                    return row
        return None
