"""Turns pages of one filter: keeps those seen, fetches the next one ahead, asks for none twice."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence

from runbrowser.errors import RunbrowserError
from runbrowser.models import RunFilter, RunRow
from runbrowser.openml.base import Facts, Progress, RunSource, SourcePage
from runbrowser.openml.scores import ScoreBook, Wish

_KEPT_PAGES = 100


class Pager:
    """The pages of a source under one filter, and what has been learned of their rows."""

    def __init__(self, source: RunSource, filter: RunFilter, size: int) -> None:
        self.source = source
        self.filter = filter
        self.size = size
        self.scores = ScoreBook()
        self._facts: dict[int, Facts] = {}
        self._pages: OrderedDict[int, SourcePage] = OrderedDict()
        self._under_way: dict[int, asyncio.Task[SourcePage]] = {}
        self._learned: set[int] = set()  # numbers of pages whose facts are known
        self._learning: dict[int, asyncio.Task[None]] = {}
        self._wishes: tuple[Wish, ...] = ()
        self._granted: set[tuple[int, Wish]] = set()  # what was found out, by number of page
        self.news: Callable[[], None] = lambda: None  # called when more is known of some rows
        self.trouble: Callable[[str], None] = lambda words: None  # when it cannot be found out
        self.fault: Callable[[BaseException], None] = lambda error: None  # when that is our fault

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
            self._granted = {one for one in self._granted if one[0] != gone}
            self.scores.forget(row.run_id for row in page.rows)
            for row in page.rows:
                self._facts.pop(row.run_id, None)

    def has_next(self, number: int) -> bool:
        """Whether a page after this one may exist."""
        page = self._pages.get(number)
        return page is None or not page.last

    def wish(self, wishes: Iterable[Wish]) -> None:
        """Which scores are wanted beyond the usual one, from the next :meth:`learn` on."""
        self._wishes = tuple(wishes)

    def _unmet(self, number: int) -> Wish | None:
        return next((wish for wish in self._wishes if (number, wish) not in self._granted), None)

    def settled(self, number: int) -> bool:
        """Whether all that is wanted of a page's rows is known."""
        return number in self._learned and self._unmet(number) is None

    def learn(self, page: SourcePage) -> None:
        """Finds out what the rows of a page do not tell, once; ``news`` hears of each step.

        What goes on for pages other than this one and the next is given up: nobody looks there.
        """
        for number, task in self._learning.items():
            if number not in (page.number - 1, page.number, page.number + 1):
                task.cancel()
        under_way = self._learning.get(page.number)
        if under_way is not None and not under_way.done():
            return
        if self.settled(page.number) or not page.rows:
            return
        task = asyncio.create_task(self._learn(page), name=f"facts of page {page.number}")
        self._learning[page.number] = task
        task.add_done_callback(lambda done: self._learnt(page, done))

    def _learnt(self, page: SourcePage, task: asyncio.Task[None]) -> None:
        if self._learning.get(page.number) is task:
            del self._learning[page.number]
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self.fault(error)

    async def _learn(self, page: SourcePage) -> None:
        try:
            if page.number not in self._learned:
                await self.source.learn(page.rows, self._note)
                self._learned.add(page.number)
            while (wish := self._unmet(page.number)) is not None:
                await self.scores.learn(self.source, page.rows, wish, self._facts)
                self._granted.add((page.number, wish))
                self.news()
        except RunbrowserError as error:
            self.trouble(str(error))
            return  # asked for again when the page is shown again
        self.news()

    def take_in(self, page: SourcePage) -> None:
        """A page that was read anew takes the place of the one kept."""
        self._pages[page.number] = page

    async def learn_again(self, rows: Sequence[RunRow]) -> None:
        """Finds out anew what rows do not tell. Raises OpenMLServerError and its kinds."""
        await self.source.learn(rows, self._note)

    def _note(self, facts: Mapping[int, Facts]) -> None:
        self._facts.update(facts)
        self.news()

    def stop(self) -> None:
        """Ends all requests under way; what was found of a search so far is kept."""
        for task in (*self._under_way.values(), *self._learning.values()):
            task.cancel()

    def rows_seen(self) -> list[RunRow]:
        """The rows of all pages kept, page by page."""
        return [row for _, page in sorted(self._pages.items()) for row in page.rows]

    def find(self, run_id: int) -> RunRow | None:
        """The row of a run on any page seen."""
        for page in self._pages.values():
            for row in page.rows:
                if row.run_id == run_id:
                    return row
        return None
