"""Watching: what the main screen does so that new and changed runs appear by themselves."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from textual.timer import Timer

from runbrowser.errors import OpenMLServerError, RunbrowserError
from runbrowser.models import RunFilter
from runbrowser.tui.features.export import Exporting
from runbrowser.tui.features.pages import OpenSource

if TYPE_CHECKING:
    from runbrowser.openml.base import SourcePage
    from runbrowser.tui.watch import Watch

_AWAY = 600.0  # seconds without the terminal's focus after which nothing is asked any more


class Watching(Exporting):
    """The page shown is read again at intervals. Nothing is asked while another screen or a dialog
    is open, nor while the terminal has been without focus for ten minutes.
    """

    watch_seconds = 30.0

    def __init__(self, open_source: OpenSource, filter: RunFilter, page_size: int) -> None:
        super().__init__(open_source, filter, page_size)
        self.watching: Watch | None = None
        self._next_poll: Timer | None = None
        self._away_since: float | None = None
        self._sees_focus = False

    def action_watch(self) -> None:
        from runbrowser.tui.watch import Watch

        if self.watching is not None:
            self._stop_watching()
            self.say("no longer watching", "info")
            return
        if self.pager is None or self._page is None:
            self.say("there is no page to watch yet", "info")
            return
        if not self._sees_focus:
            self._sees_focus = True
            self.watch(self.app, "app_focus", self._focus_changed, init=False)
        self.watching = Watch(self.watch_seconds)
        self.watching.begin(self._page, self.pager.facts)
        self._show_watch()
        pause = self._poll_later()
        self.say(f"watching this page, every {_span(pause)}; the same key stops it", "done")

    def _stop_watching(self) -> None:
        self.workers.cancel_group(self, "watch")
        if self._next_poll is not None:
            self._next_poll.stop()
        self.watching, self._next_poll = None, None
        self._show_watch()

    def _show_watch(self) -> None:
        watch = self.watching
        self.status.watching = watch.words if watch is not None else ""
        self.table.signs = dict(watch.signs) if watch is not None else {}
        self.table.update_rows()

    def _focus_changed(self, focused: bool) -> None:
        was_away = self._away
        self._away_since = None if focused else time.monotonic()
        if focused and was_away:
            self._poll()  # what was not asked meanwhile

    @property
    def _away(self) -> bool:
        return self._away_since is not None and time.monotonic() - self._away_since > _AWAY

    def _poll_later(self, retry_after: float | None = None) -> float:
        watch = self.watching
        if watch is None:
            return 0.0
        pause = watch.pause(local=self._filter.local, retry_after=retry_after)
        if self._next_poll is not None:
            self._next_poll.stop()
        self._next_poll = self.set_timer(pause, self._poll)
        return pause

    def _poll(self) -> None:
        if self.watching is None:
            return
        if self._away or self.app.screen is not self or self.job is not None:
            self._poll_later()
            return
        self.run_worker(self._ask_again(), group="watch", exclusive=True, exit_on_error=False)

    async def _ask_again(self) -> None:
        watch, pager, page, source = self.watching, self.pager, self._page, self.source
        if watch is None or pager is None or page is None or source is None:
            return
        if watch.page is not page:
            watch.begin(page, pager.facts)
        retry_after = None
        try:
            watch.take_facts(page.rows, pager.facts)
            found = await source.page(pager.filter, page.number, page.size)
            if pager is not self.pager or self._page is not page or watch is not self.watching:
                self._poll_later()
                return
            changed = dict(watch.signs)
            merged = watch.take_in(found)
            self._put(merged)
            rows = watch.unsettled()
            await pager.learn_again(rows)
            watch.take_facts(rows, pager.facts)
            self.forget_read([run_id for run_id in watch.signs if run_id not in changed])
        except RunbrowserError as error:
            watch.failures += 1
            retry_after = error.retry_after if isinstance(error, OpenMLServerError) else None
            pause = self._poll_later(retry_after)
            self._show_watch()
            self.say(f"watch: {error} Asked again in {_span(pause)}.", "error")
            return
        self._show_watch()
        self._show_facts()
        self._poll_later()

    def _put(self, page: SourcePage) -> None:
        """Shows the page read anew; every row that was there stays in its place."""
        before, pager = self._page, self.pager
        if before is None or pager is None:
            return
        self._page = page
        pager.take_in(page)
        if page.rows == before.rows:
            return
        by_id = {row.run_id: row for row in page.rows}
        placed = [by_id.pop(row.run_id) for row in self.table.runs if row.run_id in by_id]
        cursor, top = max(0, self.table.cursor_row), self.table.scroll_y
        self.table.show_page(
            [*placed, *by_id.values()],
            pager.facts,
            pager.source.names,
            scores=pager.scores,
            settled=pager.settled(page.number),
            cursor=cursor,
        )
        self.table.scroll_to(y=top, animate=False)
        self._show_notice()


def _span(seconds: float) -> str:
    """A time to wait in words."""
    return f"{round(seconds)} s" if seconds < 90 else f"{round(seconds / 60)} min"
