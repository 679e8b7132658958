"""The main screen: filter sidebar, table of runs, detail pane, status lines."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static
from textual.worker import Worker, WorkerState

from runbrowser.models import RunFilter
from runbrowser.pages.status import Note
from runbrowser.tui.actions import ACTIONS, bindings
from runbrowser.tui.dispatch import Handler, Handlers
from runbrowser.tui.display import Display
from runbrowser.tui.features.application import Application
from runbrowser.tui.features.browsing import Browsing
from runbrowser.tui.features.connection import Connection
from runbrowser.tui.features.escape import Escape
from runbrowser.tui.features.filters import Filters
from runbrowser.tui.features.resumption import Resumption, words_about
from runbrowser.tui.features.saved_views import SavedViews
from runbrowser.tui.messages import (
    ColumnsPlaced,
    FilterChanged,
    FilterDropped,
    RunHighlighted,
    RunOpened,
)
from runbrowser.tui.opening import OpenSource
from runbrowser.tui.panes import Panes
from runbrowser.tui.ui import ScreenUI
from runbrowser.tui.widgets.detail import DetailPane
from runbrowser.tui.widgets.filter_line import FilterLine
from runbrowser.tui.widgets.runs_table import RunsTable
from runbrowser.tui.widgets.sidebar import Sidebar
from runbrowser.tui.widgets.status_bar import StatusBar
from runbrowser.tui.widgets.view_tabs import ViewPicked, ViewTabs
from runbrowser.tui.workspace import Selection, Workspace
from runbrowser.views.session import Place
from runbrowser.views.view import View

if TYPE_CHECKING:
    from textual.command import Provider


def _commands() -> type[Provider]:
    """The palette's provider, imported when the palette is first opened."""
    from runbrowser.tui.commands import ActionCommands

    return ActionCommands


_FIELDS_AFTER = 0.5  # seconds after which the filter fields are there even without any rows


class MainScreen(Screen[None]):
    """Layout and focus; what can be done is in the features.

    The workspace and what works on it are there once the source is.
    """

    BINDINGS = bindings("screen")  # type: ignore[assignment]
    COMMANDS = {_commands}  # noqa: RUF012
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-normal"), (120, "-wide")]  # noqa: RUF012

    def __init__(
        self,
        open_source: OpenSource,
        filter: RunFilter,
        page_size: int,
        *,
        place: Place | None = None,
        noted_under: str = "",
        complaints: str = "",
        watch_seconds: float = 30.0,
    ) -> None:
        """``place``: where to begin, ``noted_under``: the server under which the end is noted,
        ``complaints``: what is wrong with the settings, told with the first page.
        """
        super().__init__()
        self._watch_seconds = watch_seconds
        self.sidebar, self.table = Sidebar(id="sidebar"), RunsTable(id="runs")
        self.pane, self.line = DetailPane(id="detail"), FilterLine(id="filter-line")
        self.status = StatusBar(id="status")
        self.ui = ScreenUI(self)
        self._shown = Display(self, self.status, self.sidebar, self.table)
        self.panes = Panes(self, self.sidebar, self.table, self.pane)
        self.selection = Selection(place.view if place is not None else View(filter=filter))
        self.filters = Filters(self.selection, self.ui)
        self.views = SavedViews(self.selection, self.ui, self.panes)
        self.browsing: Browsing | None = None
        self.connection = Connection(
            open_source, self.selection, page_size, self.ui, self._shown.show_notice
        )
        self.connection.connected.subscribe(self._browse)
        self._resumption = Resumption(place, noted_under)
        self.panes.sidebar_by_hand = place.view.sidebar if place is not None else None
        self._first_note = Note(complaints, "error") if complaints else words_about(place)

    @property
    def workspace(self) -> Workspace | None:
        """What is being browsed, once there is a source."""
        return self.connection.workspace

    def compose(self) -> ComposeResult:
        wrong = self.views.read()
        if wrong and self._first_note is None:
            self._first_note = Note(wrong, "error")
        self.panes.place_sidebar()
        with Horizontal(id="body"):
            yield self.sidebar
            with Vertical(id="center"):
                if self.views.names:
                    yield ViewTabs()
                yield self.table
                yield Static("", markup=False, id="notice")
            yield self.pane
        yield self.line
        yield self.status

    def on_mount(self) -> None:
        """Draws first, then reaches for the source."""
        self._shown.follow(self.ui, self.selection, self.views)
        self.table.focus()
        self.ui.tell("connecting", "busy")
        self.call_after_refresh(self._after_first_paint)

    def _after_first_paint(self) -> None:
        """What need not be there for the first picture: the source, the filter fields."""
        self.begin()
        self.set_timer(_FIELDS_AFTER, self.sidebar.fill)

    # -- coming and going ----------------------------------------------------------------------

    def begin(self) -> None:
        """Reaches for the source."""
        self.connection.begin()

    def _browse(self, workspace: Workspace) -> None:
        """Puts the house together, now that there is something to browse."""
        browsing = Browsing(
            workspace,
            self.ui,
            self.table,
            self.pane,
            self.panes,
            notice=self._shown.show_notice,
            watch_seconds=self._watch_seconds,
        )
        self.browsing = browsing
        self.__dict__.pop("actions", None)  # there are more of them now
        self.views.is_page_there = lambda: workspace.page is not None
        self.table.cursor_moved.subscribe(workspace.set_cursor)
        self.line.named.subscribe(browsing.filter_names.apply)
        self._shown.follow_browsing(browsing, self.ui)
        self._resumption.begin(workspace, browsing.pages, self.panes, self._first_note)
        self.ui.work(browsing.jobs.ask_broken_off, "broke off", exclusive=False)

    async def on_unmount(self) -> None:
        """Notes the place, and leaves no connection open."""
        if self.workspace is not None:
            self._resumption.leave(self.workspace, self.views.as_view(self.selection.name))
        await self.connection.end()

    def tell(self, words: str, kind: str = "info") -> None:
        """Says something in the status line."""
        self.ui.tell(words, kind)

    # -- what the widgets say ------------------------------------------------------------------

    def watch_focused(self, focused: Widget | None) -> None:
        """Which pane has the keys; a field or a dialog takes them for a while, no more."""
        self.status.where = "detail" if focused is self.pane else "table"
        if self.workspace is None or focused is None:
            return
        if self.pane in focused.ancestors_with_self:
            self.workspace.set_pane_has_keys(True)
        elif focused is self.table:
            self.workspace.set_pane_has_keys(False)

    def on_resize(self) -> None:
        """Another width may have room for other panes."""
        self.panes.place()

    def on_columns_placed(self, event: ColumnsPlaced) -> None:
        """Columns that are wanted and not seen are told."""
        event.stop()
        self.status.columns = event.words

    def on_view_picked(self, event: ViewPicked) -> None:
        """A click on a tab."""
        event.stop()
        self.views.pick(event.number)

    def on_filter_changed(self, event: FilterChanged) -> None:
        """From the sidebar or the filter line."""
        event.stop()
        self.table.focus()
        self.panes.place()
        self.filters.apply(event.filter)
        self._shown.show_filter()  # that in force, if another one was refused

    def on_filter_dropped(self, event: FilterDropped) -> None:
        """The filter line was left."""
        event.stop()
        self.table.focus()

    def on_run_highlighted(self, event: RunHighlighted) -> None:
        """The open detail follows the cursor, once it rests."""
        event.stop()
        if event.row is not None and self.browsing is not None:
            self.browsing.detail.under_cursor(event.row.run_id)

    def on_run_opened(self, event: RunOpened) -> None:
        """Enter on a row."""
        event.stop()
        if self.workspace is not None:
            self.workspace.want_run(event.row.run_id)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A fault of ours in a worker is told in words and logged; the browser goes on."""
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            self.ui.tell_fault(event.worker.error)

    # -- keys ----------------------------------------------------------------------------------

    @cached_property
    def actions(self) -> Handlers:
        """What does the actions of the whole screen; many of them once there is a source."""
        waiting = Handler(lambda: None, lambda: "there is no connection yet")
        wanted = [action.name for action in ACTIONS if "screen" in action.where]
        return {
            **dict.fromkeys(wanted, waiting),
            **Application(self.app, self.ui).handlers(),
            "refresh": Handler(self.connection.begin),
            **(self.browsing.handlers() if self.browsing is not None else {}),
            **self.filters.handlers(),
            **self.views.handlers(),
            **Escape(self.ui, self.panes, self.filters, lambda: self.browsing).handlers(),
            "filter_line": Handler(lambda: self.line.open(self.selection.filter)),
            "sidebar": Handler(self.panes.focus_sidebar),
            "fold_sidebar": Handler(self.panes.fold_sidebar),
            "next_pane": Handler(lambda: self.panes.step(1)),
            "previous_pane": Handler(lambda: self.panes.step(-1)),
        }
