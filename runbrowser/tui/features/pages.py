"""Turning pages: what the main screen does with a source's lists."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress

from textual.widgets import Static

from runbrowser.errors import RunbrowserError
from runbrowser.fields.filters import to_text
from runbrowser.models import RunFilter, RunRow
from runbrowser.openml.base import RunSource, SourcePage
from runbrowser.openml.pager import Pager
from runbrowser.openml.scores import Wish
from runbrowser.pages.rows import state_of
from runbrowser.pages.status import Note
from runbrowser.text import display
from runbrowser.tui.panes import Panes
from runbrowser.views.arrangement import Arrangement

OpenSource = Callable[[Callable[[str], None]], RunSource]
"""Makes the source, off the event loop; it is given a function that tells how far it is."""

_TURNS_TO_HEAR = 10  # turns of the event loop until a cancelled task's own tasks have ended
_MEANWHILE = 12.0  # seconds for which a word about a repeated request stays, at the most
_NEWS_AT_MOST_EVERY = 0.25  # seconds between two redraws for names and scores
_ROWS_A_SECOND = 10_000  # and a second more for so many rows, which are counted anew each time


class Paging(Panes):
    """Fetches pages and what is known of their rows. Each concern has a group of workers, so that
    a new page ends the wait for the old one and nothing ever holds up a key.
    """

    def __init__(self, open_source: OpenSource, filter: RunFilter, page_size: int) -> None:
        super().__init__()
        self._open_source = open_source
        self._filter = filter
        self._page_size = page_size
        self._page: SourcePage | None = None
        self._news_waiting = False
        self._afterwards: Note | None = None
        self.arrangement = Arrangement()
        self.first_note: Note | None = None  # told with the first page
        self.first_page = 0

    async def on_unmount(self) -> None:
        """Leaves no request under way and no connection open."""
        if self.pager is not None:
            self.pager.stop()
        # whoever is at work hears that it is over, and does not take it for a failure of the server
        self.workers.cancel_all()
        for _ in range(_TURNS_TO_HEAR):
            await asyncio.sleep(0)
        if self.source is not None:
            await self.source.close()

    def begin(self) -> None:
        self.run_worker(self._connect(), group="source", exclusive=True, exit_on_error=False)

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        here = contextvars.copy_context()  # a thread's own knows no app, which timers want
        opened: asyncio.Future[RunSource] = loop.create_future()

        def later(call: Callable[..., object], *values: object) -> None:
            with suppress(RuntimeError):  # the browser was left meanwhile
                loop.call_soon_threadsafe(call, *values, context=here)

        def settle(source: RunSource | None, error: Exception | None) -> None:
            if opened.done():
                return
            if error is not None:
                opened.set_exception(error)
            elif source is not None:
                opened.set_result(source)

        def open_it() -> None:
            try:
                later(
                    settle, self._open_source(lambda words: later(self.say_meanwhile, words)), None
                )
            except Exception as error:  # noqa: BLE001 - raised again where it is awaited
                later(settle, None, error)

        # Imports and a server's start take their time. A daemon thread, unlike one of the loop's
        # own pool, does not hold up quitting.
        threading.Thread(target=open_it, daemon=True, name="open source").start()
        try:
            self.source = await opened
        except RunbrowserError as error:
            self._fail(str(error))
            return
        self.status.source = self.source.label
        self.start_over(number=self.first_page, note=self.first_note)
        await self.connected()

    async def connected(self) -> None:
        """Called once the source is there and the first page is asked for."""

    def say_meanwhile(self, words: str) -> None:
        """Shows what is going on meanwhile, for as long as nothing else is told."""
        note = Note(words, "busy")
        self.status.note = note

        def fade() -> None:
            if self.status.note is note:
                self.say("")

        self.set_timer(_MEANWHILE, fade)

    def start_over(self, *, number: int = 0, cursor: int = 0, note: Note | None = None) -> None:
        """Asks for everything anew under the filter in force; ``note`` is told afterwards."""
        if self.source is None:
            return
        if self.pager is not None:
            self.pager.stop()
        self.pager = Pager(self.source, self._filter, self._page_size)
        self.pager.wish(self.wishes())
        self.pager.news = self._news
        self.pager.trouble = self._trouble
        self.pager.fault = self.say_fault
        self._afterwards = note
        self.turn_to(number, cursor=cursor)

    def turn_to(self, number: int, *, cursor: int = 0) -> None:
        if self.pager is None:
            return
        page = self.pager.at_hand(number)
        if page is not None:
            self.workers.cancel_group(self, "page")
            self._show(page, cursor)
            return
        self.say(f"asking for page {number + 1}", "busy")
        self.run_worker(
            self._fetch(self.pager, number, cursor),
            group="page",
            exclusive=True,
            exit_on_error=False,
        )

    async def _fetch(self, pager: Pager, number: int, cursor: int) -> None:
        def progress(text: str) -> None:
            if pager is self.pager:
                self.say(f"{text}; esc stops", "busy")

        try:
            page = await pager.page(number, progress)
        except RunbrowserError as error:
            if pager is self.pager:
                self._fail(str(error))
            return
        if pager is self.pager:
            self._show(page, cursor)

    def _show(self, page: SourcePage, cursor: int) -> None:
        pager = self.pager
        if pager is None:
            return
        if not page.rows and page.number > 0:
            self.say("there is no further page", "info")
            return
        self._page = page
        self.status.note, self._afterwards = self._afterwards, None
        self._draw_page(cursor)
        self._show_notice()
        self._show_facts()
        self.call_after_refresh(self._after_rows, pager, page)

    def _after_rows(self, pager: Pager, page: SourcePage) -> None:
        """What must not hold back the rows: filter fields, names and scores, the next page."""
        self.sidebar.fill()
        if pager is not self.pager:
            return
        pager.learn(page)
        if not page.last and not self._filter.local:
            self.run_worker(
                self._fetch_ahead(pager, page.number + 1),
                group="ahead",
                exclusive=True,
                exit_on_error=False,
            )

    def _draw_page(self, cursor: int = 0) -> None:
        pager, page = self.pager, self._page
        if pager is None or page is None:
            return
        self.table.rearrange(self.arrangement)
        self.table.show_page(
            self.in_order(page.rows),
            pager.facts,
            pager.source.names,
            scores=pager.scores,
            settled=pager.settled(page.number),
            cursor=cursor,
        )

    def in_order(self, rows: Sequence[RunRow]) -> Sequence[RunRow]:
        """The rows of a page as they are to be shown."""
        return rows

    def wishes(self) -> Sequence[Wish]:
        """The scores that are wanted beyond the one every row gets."""
        return ()

    async def _fetch_ahead(self, pager: Pager, number: int) -> None:
        """The next page with its names and scores, so that turning to it draws it once."""
        try:
            page = await pager.page(number)
        except RunbrowserError:
            return  # told when the page is really wanted
        if pager is self.pager:
            pager.learn(page)

    def _show_notice(self, words: str = "") -> None:
        """Says in the middle why there are no rows."""
        page = self._page
        empty = bool(words) or page is None or not page.rows
        if not words and page is not None and not page.rows:
            words = "No run matches."
            if page.stopped:
                words = f"No match among the first {page.looked_at:,} runs. r looks again."
            elif not self._filter.empty:
                words = f"No run matches\n{display(to_text(self._filter), 400)}\n\nesc clears it"
        notice = self.query_one("#notice", Static)
        notice.display = empty
        # the table keeps the keys: without it they would go into the filter fields
        self.table.styles.height = 0 if empty else "1fr"
        notice.update(words)

    def _fail(self, words: str) -> None:
        """Tells of a failure; rows that are on the screen stay there."""
        self.say(f"{words}  r tries again", "error")
        if self._page is None or not self._page.rows:
            self._show_notice(f"{words}\n\nr tries again")

    def _news(self) -> None:
        if not self._news_waiting:
            self._news_waiting = True
            rows = len(self._page.rows) if self._page is not None else 0
            self.set_timer(_NEWS_AT_MOST_EVERY + rows / _ROWS_A_SECOND, self._show_news)

    def _trouble(self, words: str) -> None:
        if self.status.note is None:
            self.say(f"names and scores are missing: {words}", "error")

    def _show_news(self) -> None:
        self._news_waiting = False
        page, pager = self._page, self.pager
        settled = page is not None and pager is not None and pager.settled(page.number)
        self.table.update_rows(settled=settled)
        self._show_facts()

    def _show_facts(self) -> None:
        status, pager, page = self.status, self.pager, self._page
        status.page = page
        if page is not None and pager is not None:
            facts = pager.facts
            status.states = Counter(state_of(row, facts.get(row.run_id)) for row in page.rows)

    def action_next_page(self) -> None:
        page = self._page
        if page is None:
            return
        if page.stopped:
            self.turn_to(page.number, cursor=len(page.rows))
        elif page.last:
            self.say("this is the last page", "info")
        else:
            self.turn_to(page.number + 1)

    def action_previous_page(self) -> None:
        if self._page is not None and self._page.number > 0:
            self.turn_to(self._page.number - 1)
        else:
            self.say("this is the first page", "info")
