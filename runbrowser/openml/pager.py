"""Turns pages of one filter: keeps those seen, fetches the next one ahead, asks for none twice."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from runbrowser.errors import RunbrowserError
from runbrowser.models import Run, RunFilter, RunRow, RunState
from runbrowser.openml.base import Facts, Progress, RunSource, Sort, SourcePage
from runbrowser.openml.lessons import RUNS_TOGETHER, Lessons, has_unknown_states
from runbrowser.openml.order import Order, OrderedRows, page_of
from runbrowser.openml.scores import ScoreBook, Wish

_KEPT_PAGES = 100
REQUESTS_TO_OPEN = 6
REQUESTS_TO_TURN = 2


class Pager:
    """The pages of a source under one filter, and what has been learned of their rows.

    What an action may cost is bounded: to open takes 6 requests, to turn a page 2,
    to turn back none. What that leaves unknown of a page is found out with the
    pages after it.
    """

    def __init__(
        self,
        source: RunSource,
        filter: RunFilter,
        size: int,
        *,
        oldest_first: bool = False,
        sort: Sort | None = None,
    ) -> None:
        self.source = source
        self.filter = filter
        self.size = size
        self.oldest_first = oldest_first
        self.sort = sort
        self.scores = ScoreBook()
        self._facts: dict[int, Facts] = {}
        self._verdicts: dict[int, RunState] = {}  # of runs that were read, which lists cannot tell
        self._pages: OrderedDict[int, SourcePage] = OrderedDict()
        self._under_way: dict[int, asyncio.Task[SourcePage]] = {}
        self._asked_before = False
        self._lessons = Lessons(source, size, self._note)
        self._failed: set[int] = set()  # numbers of pages whose facts could not be had
        self._shown: set[int] = set()  # numbers of pages whose facts were asked for
        self._lingered: set[int] = set()  # numbers of pages that were learned to their end
        self._cost: dict[int, int] = {}  # requests for the rows of pages not yet shown
        self._learning: asyncio.Task[None] | None = None
        self._current: SourcePage | None = None  # the page that is learned of
        self._finishing: asyncio.Task[None] | None = None
        self._ordered = OrderedRows(source, filter, self._facts, self._note, self._show_order)
        self._wishes: tuple[Wish, ...] = ()
        self._granted: set[tuple[int, Wish]] = set()  # what was found out, by number of page
        self.news: Callable[[], None] = lambda: None  # called when more is known of some rows
        self.reordered: Callable[[], None] = lambda: None  # when pages have got their final order
        self.trouble: Callable[[str], None] = lambda words: None  # when it cannot be found out
        self.fault: Callable[[BaseException], None] = lambda error: None  # when that is our fault

    @property
    def facts(self) -> Mapping[int, Facts]:
        """Facts by run id, of all rows seen under this filter."""
        return self._facts

    def at_hand(self, number: int) -> SourcePage | None:
        """A page that can be shown at once."""
        page = self._pages.get(number)
        if page is None and self._ordered.rows is not None:
            page = self._pages[number] = page_of(self._ordered.rows, number, self.size)
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
            fresh, self._asked_before = not self._asked_before, True
            task = asyncio.create_task(
                self._read(number, progress, fresh=fresh),
                name=f"page {number}",
            )
            self._under_way[number] = task
            task.add_done_callback(lambda done: self._keep(number, done))
        return await asyncio.shield(task)

    def _keep(self, number: int, task: asyncio.Task[SourcePage]) -> None:
        self._under_way.pop(number, None)
        if task.cancelled() or task.exception() is not None:
            return
        page = task.result()
        self._pages[number] = page
        self._note({i: fact for i, fact in page.facts.items() if i not in self._facts})
        self._cost[number] = self._cost.get(number, 0) + page.requests
        while len(self._pages) > _KEPT_PAGES:
            gone, page = self._pages.popitem(last=False)
            self._shown.discard(gone)
            self._lingered.discard(gone)
            self._granted = {one for one in self._granted if one[0] != gone}
            self.scores.forget(row.run_id for row in page.rows)
            self._lessons.forget(row.run_id for row in page.rows)
            for row in page.rows:
                self._facts.pop(row.run_id, None)
                self._verdicts.pop(row.run_id, None)

    def wish(self, wishes: Iterable[Wish]) -> None:
        """Which scores are wanted beyond the usual one, from the next :meth:`learn` on."""
        self._wishes = tuple(wishes)

    def _unmet(self, number: int) -> Wish | None:
        return next((wish for wish in self._wishes if (number, wish) not in self._granted), None)

    def settled(self, number: int) -> bool:
        """Whether the states and scores of a page's rows are known, and all that is wanted."""
        page = self._pages.get(number)
        return page is not None and self._told_of(page) and self._unmet(number) is None

    def learn(self, page: SourcePage) -> None:
        """Finds out what the rows of a page that is shown do not tell; ``news`` hears of each step.

        Rows of the next pages are read and learned ahead, as far as that costs no more than
        turning to them may. What goes on for other pages is given up.
        """
        if page.provisional:
            self._finish()
            return
        if not page.rows or self._ordered.begin(self._learnt):
            return
        allowance = self._allowance(page)
        if self._learning is not None and not self._learning.done():
            same = self._current is not None and self._current.number == page.number
            if same or self._lessons.is_about(page):
                self._current = page
                self._lessons.left += allowance
                return
            self._learning.cancel()
        elif not allowance and self._unmet(page.number) is None:
            return
        self._current = page
        self._lessons.allow(allowance)
        self._learning = asyncio.create_task(self._learn(), name=f"facts of page {page.number}")
        self._learning.add_done_callback(self._learnt)

    def linger(self, page: SourcePage) -> None:
        """Finds out what showing a page was too cheap for, now that it is looked at for longer:
        once, and of its own rows alone.
        """
        again = page.number in self._lingered
        if self.busy or page.provisional or again or not self._is_wanting(page):
            return
        self._lingered.add(page.number)
        self._current = page
        self._lessons.allow(REQUESTS_TO_OPEN)
        self._learning = asyncio.create_task(self._complete(page), name=f"rest of {page.number}")
        self._learning.add_done_callback(self._learnt)

    def _is_wanting(self, page: SourcePage) -> bool:
        """States of a page's rows; names as well where a search has spent what they may cost."""
        if has_unknown_states(page, self._facts):
            return True
        return bool(self.filter.local) and self._lessons.is_open(page)

    async def _complete(self, page: SourcePage) -> None:
        try:
            while self._is_wanting(page) and await self._lessons.step(page, own_rows=True):
                pass
        except RunbrowserError as error:
            self._lingered.discard(page.number)
            self.trouble(str(error))
            return
        self.news()

    @property
    def busy(self) -> bool:
        """Whether anything is being asked for."""
        return bool(self._tasks)

    async def idle(self) -> None:
        """Waits until nothing is being asked for."""
        while tasks := self._tasks:
            await asyncio.wait(tasks)

    @property
    def _tasks(self) -> list[asyncio.Task[Any]]:
        every = *self._under_way.values(), self._learning, self._finishing, self._ordered.task
        return [task for task in every if task is not None and not task.done()]

    def _allowance(self, page: SourcePage) -> int:
        """Requests that what is not known of a page may cost."""
        spent = sum(self._cost.values())
        self._cost.clear()
        number = page.number
        if number in self._shown and number not in self._failed:
            return 0
        if number in self._shown:
            budget = REQUESTS_TO_OPEN
        elif {number - 1, number + 1} & self._shown:
            budget = REQUESTS_TO_TURN
        else:
            budget = REQUESTS_TO_OPEN
        self._shown.add(number)
        budget *= -(-len(page.rows) // RUNS_TOGETHER)
        return max(budget - spent, 0)

    def _told_of(self, page: SourcePage) -> bool:
        return all(row.run_id in self._facts for row in page.rows)

    def _finish(self) -> None:
        if self._finishing is None:
            self._finishing = asyncio.create_task(self._finish_list(), name="the whole list")
            self._finishing.add_done_callback(self._learnt)

    async def _finish_list(self) -> None:
        try:
            await self.source.finish(self.filter)
        except RunbrowserError as error:
            self.trouble(str(error))
            self._finishing = None  # asked for again when the page is shown again
            return
        self._pages.clear()
        self.reordered()

    @property
    def is_ordered(self) -> bool:
        """Whether the pages are those of all rows in the order that was asked for."""
        return self._ordered.rows is not None

    def arrange(self, order: Order | None) -> bool:
        """Puts all rows in an order, None for the source's; whether all are at hand for that. What
        the order goes by is asked for first; ``reordered`` is called at the end. Rows of a list
        that was not read whole stay as they are.
        """
        if self._ordered.want(order):
            self._forget_pages()
            if order is None:
                self.reordered()
        return self.is_ordered or self._ordered.begin(self._learnt)

    def _show_order(self) -> None:
        self._forget_pages()
        self.reordered()

    def _forget_pages(self) -> None:
        self._pages.clear()
        self._shown.clear()
        self._failed.clear()
        self._lingered.clear()
        self._granted.clear()

    async def count(self) -> bool:
        """Asks how many runs match; whether that is known. The pages at hand tell it as well."""
        if not await self.source.count(self.filter):
            return False
        for number, page in tuple(self._pages.items()):
            found = await self._read(number)  # its rows are at hand
            self._pages[number] = replace(page, total=found.total, about=found.about)
        return True

    async def read_again(self, number: int) -> SourcePage:
        """A page as it is now; one request as a rule."""
        found = await self._read(number, fresh=True)
        if found.provisional:  # the list has grown beyond what is read at once
            await self.source.finish(self.filter)
            found = await self._read(number)
        return found

    async def _read(
        self, number: int, progress: Progress | None = None, *, fresh: bool = False
    ) -> SourcePage:
        page = await self.source.page(
            self.filter,
            number,
            self.size,
            progress,
            fresh=fresh,
            oldest_first=self.oldest_first,
            sort=self.sort,
        )
        if not page.provisional and await self._ordered.arrange_again():
            self._pages.clear()
            return self._ordered.page(page)
        return page

    def _learnt(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if isinstance(error, RunbrowserError):
            self.trouble(str(error))
        elif error is not None:
            self.fault(error)

    async def _learn(self) -> None:
        try:
            await self._advance()
            page = self._current
            if page is not None:
                self._failed.discard(page.number)
            while page is not None and (wish := self._unmet(page.number)) is not None:
                await self.scores.learn(self.source, page.rows, wish, self._facts)
                self._granted.add((page.number, wish))
                self.news()
        except RunbrowserError as error:
            if self._current is not None:
                self._failed.add(self._current.number)
            self.trouble(str(error))
            return  # asked for again when the page is shown again
        self.news()

    async def _advance(self) -> None:
        """Takes as many steps as are allowed: for the page first, then for those after it."""
        while self._lessons.left > 0 and (page := self._current) is not None:
            if len(page.following) < self.size and await self._read_ahead(page):
                continue
            if not await self._lessons.step(page):
                return

    async def _read_ahead(self, page: SourcePage) -> bool:
        """Reads the next page's rows, unless they are at hand; whether any were read."""
        number = page.number + 1
        if page.last or page.provisional or self.filter.local or number in self._pages:
            return False
        ahead = await self.page(number)
        self._lessons.left -= self._cost.pop(number, 0)
        following = (*ahead.rows, *ahead.following)
        self._current = self._pages[page.number] = replace(page, following=following)
        return True

    def take_in(self, page: SourcePage) -> None:
        """A page that was read anew takes the place of the one kept."""
        self._pages[page.number] = page

    async def learn_again(self, rows: Sequence[RunRow]) -> None:
        """Finds out anew what rows do not tell. Raises OpenMLServerError and its kinds."""
        await self.source.learn(rows, self._note)

    def note_run(self, run: Run) -> None:
        """A run that was read has the last word on its state: lists do not tell that it was
        evaluated without a value, or by one engine in vain.
        """
        if run.state is RunState.UNKNOWN:
            return
        if run.state is RunState.NOT_EVALUATED:  # which may change at any time
            self._verdicts.pop(run.run_id, None)
        else:
            self._verdicts[run.run_id] = run.state
        fact = self._facts.get(run.run_id)
        if fact is not None and fact.state is not run.state:
            self._note({run.run_id: replace(fact, state=run.state)})

    def _note(self, facts: Mapping[int, Facts]) -> None:
        verdicts = self._verdicts
        self._facts.update(
            (run_id, replace(fact, state=verdicts.get(run_id, fact.state)))
            for run_id, fact in facts.items()
        )
        self.news()

    def stop(self) -> None:
        """Ends all requests under way; what was found of a search so far is kept."""
        for task in self._tasks:
            task.cancel()

    def close(self) -> None:
        """As :meth:`stop`, for good: nobody hears of it any more, nor of what comes in late."""
        self.news = self.reordered = lambda: None
        self.trouble = lambda words: None
        self.fault = lambda error: None
        self.stop()

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
