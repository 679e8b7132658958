"""What is browsed, shown by the widgets around the table: status bar, filter fields, tabs."""

from __future__ import annotations

from collections import Counter

from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from runbrowser.fields.filters import to_text
from runbrowser.openml.base import RunSource
from runbrowser.pages.rows import state_of
from runbrowser.tui.actions import shown_key_of
from runbrowser.tui.features.browsing import Browsing
from runbrowser.tui.features.saved_views import SavedViews
from runbrowser.tui.features.ui import Timer
from runbrowser.tui.ui import ScreenUI
from runbrowser.tui.widgets.runs_table import RunsTable
from runbrowser.tui.widgets.sidebar import Sidebar
from runbrowser.tui.widgets.status_bar import StatusBar
from runbrowser.tui.widgets.view_tabs import ViewTabs
from runbrowser.tui.workspace import RunFocus, Selection, Workspace

_AT_ONCE = 0.15  # seconds within which nobody needs to be told that something goes on


class Display:
    """Hears of every change and hands plain values to the widgets."""

    def __init__(
        self,
        screen: Screen[None],
        status: StatusBar,
        sidebar: Sidebar,
        table: RunsTable,
    ) -> None:
        self._screen = screen
        self._status = status
        self._sidebar = sidebar
        self._table = table
        self._pause: Timer | None = None  # until it is said that something goes on

    def follow(self, ui: ScreenUI, selection: Selection, views: SavedViews) -> None:
        """Shows what there is before any source."""
        self._selection, self._views = selection, views
        ui.line.changed.subscribe(lambda _: self._show_line(ui))
        selection.filtered.subscribe(lambda filter: self.show_filter())
        selection.arranged.subscribe(lambda arrangement: self._show_tabs())
        views.changed.subscribe(lambda _: self._show_tabs())
        self.show_filter()

    def follow_browsing(self, browsing: Browsing, ui: ScreenUI) -> None:
        """Shows what there is of a source."""
        workspace, status = browsing.workspace, self._status
        self._show_source(workspace.source, ui)
        workspace.source_changed.subscribe(lambda source: self._show_source(source, ui))
        workspace.focus_changed.subscribe(self._show_focus)
        workspace.page_shown.subscribe(lambda page: self._show_facts(workspace))
        workspace.page_shown.subscribe(lambda page: ui.after_paint(self._sidebar.fill))
        workspace.facts_changed.subscribe(lambda _: self._show_facts(workspace))
        workspace.marks.changed.subscribe(lambda marks: status.set_marked(len(marks)))
        browsing.watch.seen.subscribe(status.set_watching)
        browsing.history.changed.subscribe(lambda _: self._show_way(browsing))

    def _show_source(self, source: RunSource, ui: ScreenUI) -> None:
        """Where the rows come from; that there is a mirror is told, too."""
        from runbrowser.mirror.folder import folder_of

        here = source.label
        if not source.abilities.sorts and folder_of(source.address).current() is not None:
            key = shown_key_of("mirror", ("screen",), ui.actions_in_force)
            here = f"{here}, {key}: mirror"
        self._status.source = here

    def show_filter(self) -> None:
        """The filter in force, whatever stands in the fields."""
        filter = self._selection.filter
        self._status.filter_text = to_text(filter)
        self._sidebar.show(filter)
        self._show_tabs()

    def show_notice(self, words: str) -> None:
        """Says something in place of the rows; '' shows the rows."""
        notice = self._screen.query_one("#notice", Static)
        notice.display = bool(words)
        # the table keeps the keys: without it they would go into the filter fields
        self._table.styles.height = 0 if words else "1fr"
        notice.update(words)

    def _show_line(self, ui: ScreenUI) -> None:
        """Shows what was said last; that something goes on only once it takes a moment, since what
        is done at once would draw the key hints twice for nothing.
        """
        self._status.outcome = ui.line.outcome
        if ui.line.is_busy and self._status.note is None:
            if self._pause is None:
                self._pause = ui.after(_AT_ONCE, lambda: self._show_note(ui))
            return
        self._show_note(ui)

    def _show_note(self, ui: ScreenUI) -> None:
        if self._pause is not None:
            self._pause.stop()
            self._pause = None
        self._status.note = ui.line.note

    def _show_tabs(self) -> None:
        """Draws the tabs; without any view there is no line for them."""
        line, views = self._screen.query(ViewTabs), self._views
        if not views.names:
            line.remove()
            return
        if line:
            tabs = line.first()
        else:
            tabs = ViewTabs()
            self._screen.query_one("#center", Widget).mount(tabs, before=0)
        tabs.show(views.names, views.current, changed=views.is_current_changed)

    def _show_facts(self, workspace: Workspace) -> None:
        page, facts = workspace.page, workspace.pager.facts
        self._status.page = page
        if page is not None:
            states = Counter(state_of(row, facts.get(row.run_id)) for row in page.rows)
            self._status.states = states

    def _show_way(self, browsing: Browsing) -> None:
        """Says what esc does to the filter."""
        self._status.leads = browsing.history.leads

    def _show_focus(self, focus: RunFocus) -> None:
        """Says which run keys act on where that is not the one under the cursor."""
        self._status.acts_on = focus.run_id if focus.is_elsewhere else None
