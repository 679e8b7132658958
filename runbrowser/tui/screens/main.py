"""The main screen: filter sidebar, table of runs, detail pane, status lines.

It holds what is shown and says what is to be fetched; fetching is done by workers of its own
groups, so that a new page ends the wait for the old one and nothing ever holds up a key.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widgets import Static
from textual.worker import Worker, WorkerState

from runbrowser.errors import RunbrowserError
from runbrowser.filters import to_text
from runbrowser.models import RunFilter, RunState
from runbrowser.sources.base import Facts, RunSource, SourcePage
from runbrowser.sources.pager import Pager
from runbrowser.text import display
from runbrowser.tui.actions import bindings
from runbrowser.tui.commands import ActionCommands
from runbrowser.tui.messages import FilterChanged, FilterDropped, RunHighlighted, RunOpened
from runbrowser.tui.presenters.rows import state_of
from runbrowser.tui.presenters.status import Note
from runbrowser.tui.screens.reading import Reading
from runbrowser.tui.widgets.detail import DetailPane
from runbrowser.tui.widgets.filter_line import FilterLine
from runbrowser.tui.widgets.runs_table import RunsTable
from runbrowser.tui.widgets.sidebar import Sidebar
from runbrowser.tui.widgets.status_bar import StatusBar

OpenSource = Callable[[Callable[[str], None]], RunSource]
"""Makes the source, off the event loop; it is given a function that tells how far it is."""

_NEWS_AT_MOST_EVERY = 0.25  # seconds between two redraws for names and scores
_SIDEBAR_FROM = 120  # columns from which the sidebar is open unless folded by hand


class MainScreen(Reading, Screen[None]):
    """Browses the runs of one source."""

    BINDINGS = bindings("screen")  # type: ignore[assignment]
    COMMANDS = {ActionCommands}  # noqa: RUF012
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-normal"), (140, "-wide")]  # noqa: RUF012

    def __init__(self, open_source: OpenSource, filter: RunFilter, page_size: int) -> None:
        super().__init__()
        self._open_source = open_source
        self._filter = filter
        self._page_size = page_size
        self._pager: Pager | None = None
        self._page: SourcePage | None = None
        self._sidebar_by_hand: bool | None = None
        self._news_waiting = False

    def compose(self) -> ComposeResult:
        with Horizontal(id="body"):
            yield Sidebar(id="sidebar")
            with Vertical(id="center"):
                yield RunsTable(id="runs")
                yield Static("", markup=False, id="notice")
            yield DetailPane(id="detail")
        yield FilterLine(id="filter-line")
        yield StatusBar(id="status")

    def on_mount(self) -> None:
        """Draws first, then reaches for the source."""
        self.table.focus()
        self._place_panes()
        self._show_filter()
        self.say("connecting", "busy")
        self.call_after_refresh(self._begin)

    # -- parts ---------------------------------------------------------------------------------

    @property
    def table(self) -> RunsTable:
        return self.query_one("#runs", RunsTable)

    @property
    def status(self) -> StatusBar:
        return self.query_one("#status", StatusBar)

    @property
    def sidebar(self) -> Sidebar:
        return self.query_one("#sidebar", Sidebar)

    @property
    def pane(self) -> DetailPane:
        return self.query_one("#detail", DetailPane)

    @property
    def line(self) -> FilterLine:
        return self.query_one("#filter-line", FilterLine)

    def say(self, text: str, kind: str = "info") -> None:
        """Puts a sentence into the status line; '' brings the key hints back."""
        self.status.note = Note(text, kind) if text else None

    # -- the source ----------------------------------------------------------------------------

    def _begin(self) -> None:
        self.run_worker(self._connect(), group="source", exclusive=True, exit_on_error=False)

    async def _connect(self) -> None:
        def tell(text: str) -> None:
            self.app.call_from_thread(self.say, text, "busy")

        try:
            self.source = await asyncio.to_thread(self._open_source, tell)
        except RunbrowserError as error:
            self._fail(str(error))
            return
        self.status.source = self.source.label
        self._start_over()

    def _start_over(self, *, number: int = 0, cursor: int = 0) -> None:
        """Asks for everything anew under the filter in force."""
        if self.source is None:
            return
        if self._pager is not None:
            self._pager.close()
        self._pager = Pager(self.source, self._filter, self._page_size)
        self._turn_to(number, cursor=cursor)

    # -- pages ---------------------------------------------------------------------------------

    def _turn_to(self, number: int, *, cursor: int = 0) -> None:
        if self._pager is None:
            return
        page = self._pager.at_hand(number)
        if page is not None:
            self.workers.cancel_group(self, "page")
            self._show(page, cursor)
            return
        self.say(f"asking for page {number + 1}", "busy")
        self.run_worker(
            self._fetch(self._pager, number, cursor),
            group="page",
            exclusive=True,
            exit_on_error=False,
        )

    async def _fetch(self, pager: Pager, number: int, cursor: int) -> None:
        def progress(text: str) -> None:
            if pager is self._pager:
                self.say(f"{text}; esc stops", "busy")

        try:
            page = await pager.page(number, progress)
        except RunbrowserError as error:
            if pager is self._pager:
                self._fail(str(error))
            return
        if pager is self._pager:
            self._show(page, cursor)

    def _show(self, page: SourcePage, cursor: int) -> None:
        pager = self._pager
        if pager is None:
            return
        if not page.rows and page.number > 0:
            self.say("there is no further page", "info")
            return
        self._page = page
        self.say("")
        self.table.show_page(page.rows, pager.facts, pager.source.names, cursor=cursor)
        self._show_notice()
        self._show_facts()
        if pager.needs_facts(page):
            self.run_worker(
                self._learn(pager, page), group="facts", exclusive=True, exit_on_error=False
            )
        if not page.last and not self._filter.local:
            self.run_worker(
                self._fetch_ahead(pager, page.number + 1),
                group="ahead",
                exclusive=True,
                exit_on_error=False,
            )

    async def _fetch_ahead(self, pager: Pager, number: int) -> None:
        try:
            await pager.page(number)
        except RunbrowserError:
            return  # told when the page is really wanted

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
        self.table.display = not empty
        notice.update(words)

    def _fail(self, words: str) -> None:
        """Tells of a failure; rows that are on the screen stay there."""
        self.say(f"{words}  r tries again", "error")
        if self._page is None or not self._page.rows:
            self._show_notice(f"{words}\n\nr tries again")

    # -- what the rows do not tell -------------------------------------------------------------

    async def _learn(self, pager: Pager, page: SourcePage) -> None:
        def told(news: Mapping[int, Facts]) -> None:
            pager.note(news)
            if pager is self._pager and not self._news_waiting:
                self._news_waiting = True
                self.set_timer(_NEWS_AT_MOST_EVERY, self._show_news)

        try:
            await pager.source.learn(page.rows, told)
        except asyncio.CancelledError:
            pager.forget_facts(page)
            raise
        except RunbrowserError as error:
            pager.forget_facts(page)
            if pager is self._pager and self.status.note is None:
                self.say(f"names and scores are missing: {error}", "error")

    def _show_news(self) -> None:
        self._news_waiting = False
        self.table.update_facts()
        self._show_facts()

    def _show_facts(self) -> None:
        status, pager, page = self.status, self._pager, self._page
        status.page = page
        if page is not None and pager is not None:
            states: list[RunState] = [state_of(r, pager.facts.get(r.run_id)) for r in page.rows]
            status.states = states

    # -- the filter ----------------------------------------------------------------------------

    def _show_filter(self) -> None:
        self.status.filter_text = to_text(self._filter)
        self.sidebar.show(self._filter)

    def _apply(self, filter: RunFilter) -> None:
        """Puts another filter in force."""
        if filter.mine and self.source is not None and self.source.user_id is None:
            self.say(
                "OpenML does not tell whose a key is: set user_id in config.toml, or "
                "RUNBROWSER_USER_ID, to the number in your profile's address",
                "error",
            )
            self._show_filter()
            return
        self._filter = filter
        self._show_filter()
        self._page = None
        self._start_over()

    def on_filter_changed(self, event: FilterChanged) -> None:
        """From the sidebar or the filter line."""
        event.stop()
        self.table.focus()
        self._place_panes()
        self._apply(event.filter)

    def on_filter_dropped(self, event: FilterDropped) -> None:
        """The filter line was left."""
        event.stop()
        self.table.focus()

    def action_filter_line(self) -> None:
        self.line.open(self._filter)

    def action_clear_filter(self) -> None:
        if not self._filter.empty or not self._filter.show_errors:
            self._apply(RunFilter())

    def action_cycle_state(self) -> None:
        after = {None: RunState.FAILED, RunState.FAILED: RunState.OK}
        self._apply(replace(self._filter, state=after.get(self._filter.state)))

    def action_mine(self) -> None:
        self._apply(replace(self._filter, mine=not self._filter.mine))

    # -- panes ---------------------------------------------------------------------------------

    def _place_panes(self) -> None:
        """Opens and folds panes for the width at hand."""
        width = self.app.size.width
        reading = self.pane.display
        open_ = self._sidebar_by_hand
        if open_ is None:
            open_ = width >= _SIDEBAR_FROM and not (reading and width < 180)
        self.sidebar.display = open_
        self.set_class(reading, "-reading")

    def on_resize(self) -> None:
        """Another width may have room for other panes."""
        self._place_panes()

    def on_descendant_focus(self) -> None:
        """The hints are for the pane that has the keys."""
        self.status.where = "detail" if self.focused is self.pane else "table"

    def action_fold_sidebar(self) -> None:
        self._sidebar_by_hand = not self.sidebar.display
        self._place_panes()
        if not self.sidebar.display:
            self.table.focus()

    def action_sidebar(self) -> None:
        if not self.sidebar.display:
            self._sidebar_by_hand = True
            self._place_panes()
        self.call_after_refresh(self.sidebar.focus_first)

    def _panes(self) -> list[str]:
        panes = ["sidebar"] if self.sidebar.display else []
        if self.table.display and not (self.has_class("-narrow") and self.pane.display):
            panes.append("table")
        return [*panes, "detail"] if self.pane.display else panes

    def _step_pane(self, step: int) -> None:
        panes = self._panes()
        focused = self.focused
        here = "table"
        if focused is not None and self.sidebar in focused.ancestors_with_self:
            here = "sidebar"
        elif focused is self.pane:
            here = "detail"
        place = panes.index(here) if here in panes else 0
        goal = panes[(place + step) % len(panes)] if panes else "table"
        {"sidebar": self.sidebar.focus_first, "table": self.table.focus, "detail": self.pane.focus}[
            goal
        ]()

    def action_next_pane(self) -> None:
        self._step_pane(1)

    def action_previous_pane(self) -> None:
        self._step_pane(-1)

    # -- moving --------------------------------------------------------------------------------

    def action_next_page(self) -> None:
        page = self._page
        if page is None:
            return
        if page.stopped:
            self._turn_to(page.number, cursor=len(page.rows))
        elif page.last:
            self.say("this is the last page", "info")
        else:
            self._turn_to(page.number + 1)

    def action_previous_page(self) -> None:
        if self._page is not None and self._page.number > 0:
            self._turn_to(self._page.number - 1)
        else:
            self.say("this is the first page", "info")

    def action_go_to(self) -> None:
        from runbrowser.tui.dialogs.goto import Goal, GoToDialog

        def go(goal: Goal | None) -> None:
            if goal is None:
                return
            if goal.page is not None:
                self._turn_to(goal.page - 1)
                return
            place = self.table.place_of(goal.run_id or 0)
            if place is not None:
                self.table.move_cursor(row=place, animate=False)
            self.read_run(goal.run_id or 0)

        self.app.push_screen(GoToDialog(), go)

    def on_run_highlighted(self, event: RunHighlighted) -> None:
        """The open detail follows the cursor, once it rests."""
        event.stop()
        if self.pane.display and event.row is not None:
            self.follow(event.row.run_id)

    def on_run_opened(self, event: RunOpened) -> None:
        """Enter on a row."""
        event.stop()
        self.read_run(event.row.run_id)

    # -- the rest ------------------------------------------------------------------------------

    def action_back(self) -> None:
        focused = self.focused
        if self.status.note is not None and self.status.note.kind == "busy" and self._page:
            self.workers.cancel_group(self, "page")
            self.say("stopped", "info")
        elif focused is not None and self.sidebar in focused.ancestors:
            self._show_filter()
            self.table.focus()
        elif self.pane.display:
            self.close_detail()
        elif self.status.note is not None:
            self.say("")
        else:
            self.action_clear_filter()

    def action_refresh(self) -> None:
        if self.source is None:
            self._begin()
            return
        number = self._page.number if self._page else 0
        self._start_over(number=number, cursor=max(0, self.table.cursor_row))
        self.read_again()

    def action_palette(self) -> None:
        self.app.action_command_palette()

    def action_help(self) -> None:
        from runbrowser.tui.screens.help import HelpScreen

        self.app.push_screen(HelpScreen())

    def action_quit(self) -> None:
        self.app.exit(0)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A fault of ours in a worker is told in words and logged; the browser goes on."""
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            from runbrowser.tui.faults import log_fault

            where = log_fault(event.worker.error)
            self.say(f"something went wrong in runbrowser itself; {where} has the details", "error")

    def find_row(self, run_id: int):  # type: ignore[no-untyped-def]
        """The row of a run, if it was on a page."""
        return self._pager.find(run_id) if self._pager is not None else None
