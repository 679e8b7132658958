"""Watching the page shown, so that new and changed runs appear by themselves."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from runbrowser.errors import OpenMLServerError, RunbrowserError
from runbrowser.tui.dispatch import Handler
from runbrowser.tui.features.ui import UI, RowsPane, Timer
from runbrowser.tui.signals import Signal
from runbrowser.tui.workspace import Workspace

if TYPE_CHECKING:
    from runbrowser.tui.watch import Watch

_AWAY = 600.0  # seconds without the terminal's focus after which nothing is asked any more


class PageWatch:
    """The page shown is read again at intervals. Nothing is asked while another screen or a dialog
    is open, nor while the terminal has been without focus for ten minutes.
    """

    def __init__(self, workspace: Workspace, ui: UI, rows: RowsPane, seconds: float) -> None:
        self._workspace = workspace
        self._ui = ui
        self._rows = rows
        self.seconds = seconds
        """Between two polls."""
        self.seen: Signal[str] = Signal()
        """What a watch has seen, in words; '' when there is none."""
        self._watch: Watch | None = None
        self._next_poll: Timer | None = None
        self._away_since: float | None = None
        self._sees_focus = False

    def handlers(self) -> dict[str, Handler]:
        """What it does."""
        return {"watch": Handler(self.toggle, self._why_not)}

    def _why_not(self) -> str:
        if self._watch is None and self._workspace.page is None:
            return "there is no page to watch yet"
        return ""

    def toggle(self) -> None:
        """Watches the page from now on, or no longer."""
        from runbrowser.tui.watch import Watch

        page = self._workspace.page
        if self._watch is not None:
            self._stop()
            self._ui.tell("no longer watching", "info")
            return
        if page is None:
            return
        if not self._sees_focus:
            self._sees_focus = True
            self._ui.on_terminal_focus(self._on_terminal_focus)
        self._watch = Watch(self.seconds)
        self._watch.begin(page, self._workspace.pager.facts)
        self._show()
        pause = self._poll_later()
        self._ui.tell(f"watching this page, every {_span(pause)}; the same key stops it", "done")

    def _stop(self) -> None:
        self._ui.cancel("watch")
        if self._next_poll is not None:
            self._next_poll.stop()
        self._watch, self._next_poll = None, None
        self._show()

    def _show(self) -> None:
        watch = self._watch
        self._rows.signs = dict(watch.signs) if watch is not None else {}
        self._rows.update_rows()
        self.seen.emit(watch.words if watch is not None else "")

    def _on_terminal_focus(self, focused: bool) -> None:
        was_away = self._away
        self._away_since = None if focused else time.monotonic()
        if focused and was_away:
            self.poll()  # what was not asked meanwhile

    @property
    def _away(self) -> bool:
        return self._away_since is not None and time.monotonic() - self._away_since > _AWAY

    def _poll_later(self, retry_after: float | None = None) -> float:
        watch = self._watch
        if watch is None:
            return 0.0
        pause = watch.pause(local=self._workspace.filter.local, retry_after=retry_after)
        if self._next_poll is not None:
            self._next_poll.stop()
        self._next_poll = self._ui.after(pause, self.poll)
        return pause

    def poll(self) -> None:
        """Reads the page again, unless nobody looks or something else goes on."""
        if self._watch is None:
            return
        if self._away or not self._ui.is_in_front or self._workspace.job is not None:
            self._poll_later()
            return
        self._ui.work(self._ask_again, "watch")

    async def _ask_again(self) -> None:
        workspace, watch = self._workspace, self._watch
        pager, page = workspace.pager, workspace.page
        if watch is None or page is None:
            return
        if watch.page is not page:
            watch.begin(page, pager.facts)
        retry_after = None
        try:
            watch.take_facts(page.rows, pager.facts)
            found = await pager.read_again(page.number)
            other = pager is not workspace.pager or workspace.page is not page
            if other or watch is not self._watch:
                self._poll_later()
                return
            changed = dict(watch.signs)
            workspace.reread_page(watch.take_in(found))
            rows = watch.unsettled()
            await pager.learn_again(rows)
            watch.take_facts(rows, pager.facts)
            workspace.runs.forget(run_id for run_id in watch.signs if run_id not in changed)
        except RunbrowserError as error:
            watch.failures += 1
            retry_after = error.retry_after if isinstance(error, OpenMLServerError) else None
            pause = self._poll_later(retry_after)
            self._show()
            self._ui.tell(f"watch: {error} Asked again in {_span(pause)}.", "error")
            return
        self._show()
        workspace.facts_changed.emit(None)
        self._poll_later()


def _span(seconds: float) -> str:
    """A time to wait in words."""
    return f"{round(seconds)} s" if seconds < 90 else f"{round(seconds / 60)} min"
