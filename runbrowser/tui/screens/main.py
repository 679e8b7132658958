"""The main screen: filter sidebar, table of runs, detail pane, status lines."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Static
from textual.worker import Worker, WorkerState

from runbrowser.fields.filters import to_text
from runbrowser.models import RunFilter, RunState
from runbrowser.tui.actions import ACTIONS, bindings
from runbrowser.tui.dispatch import Handler, Handlers
from runbrowser.tui.features.resumption import Resuming
from runbrowser.tui.messages import FilterChanged, FilterDropped, RunHighlighted, RunOpened
from runbrowser.tui.panes import SIDEBAR_FROM
from runbrowser.tui.widgets.detail import DetailPane
from runbrowser.tui.widgets.filter_line import FilterLine
from runbrowser.tui.widgets.runs_table import RunsTable
from runbrowser.tui.widgets.sidebar import Sidebar
from runbrowser.tui.widgets.status_bar import StatusBar
from runbrowser.tui.widgets.view_tabs import ViewTabs

if TYPE_CHECKING:
    from textual.command import Provider


def _commands() -> type[Provider]:
    """The palette's provider, imported when the palette is first opened."""
    from runbrowser.tui.commands import ActionCommands

    return ActionCommands


_FIELDS_AFTER = 0.5  # seconds after which the filter fields are there even without any rows


class MainScreen(Resuming):
    """Browses the runs of one source."""

    BINDINGS = bindings("screen")  # type: ignore[assignment]
    COMMANDS = {_commands}  # noqa: RUF012
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-normal"), (120, "-wide")]  # noqa: RUF012

    @cached_property
    def actions(self) -> Handlers:
        """What does the actions of the whole screen."""
        wanted = [action.name for action in ACTIONS if "screen" in action.where]
        return {name: Handler(getattr(self, f"action_{name}")) for name in wanted}

    def compose(self) -> ComposeResult:
        self.read_views()
        with Horizontal(id="body"):
            sidebar = Sidebar(id="sidebar")
            by_hand, wide = self._sidebar_by_hand, self.app.size.width >= SIDEBAR_FROM
            sidebar.display = wide if by_hand is None else by_hand
            yield sidebar
            with Vertical(id="center"):
                if self._views:
                    yield ViewTabs()
                yield RunsTable(id="runs")
                yield Static("", markup=False, id="notice")
            yield DetailPane(id="detail")
        yield FilterLine(id="filter-line")
        yield StatusBar(id="status")

    def on_mount(self) -> None:
        """Draws first, then reaches for the source."""
        self.table.focus()
        self._show_filter()
        self.say("connecting", "busy")
        self.call_after_refresh(self._after_first_paint)

    def _after_first_paint(self) -> None:
        """What need not be there for the first picture: the source, the filter fields."""
        self.begin()
        self.set_timer(_FIELDS_AFTER, self.sidebar.fill)

    # -- the filter ----------------------------------------------------------------------------

    def _show_filter(self) -> None:
        self.status.filter_text = to_text(self._filter)
        self.sidebar.show(self._filter)
        self.show_tabs()

    def refuses(self, filter: RunFilter) -> bool:
        """Only mine, where nobody knows who that is."""
        if filter.mine and self.source is not None and self.source.user_id is None:
            self.say(
                "OpenML does not tell whose a key is: set user_id in config.toml, or "
                "RUNBROWSER_USER_ID, to the number in your profile's address",
                "error",
            )
            return True
        return False

    def _apply(self, filter: RunFilter) -> None:
        """Puts another filter in force."""
        if self.refuses(filter):
            self._show_filter()
            return
        self._filter = filter
        self._show_filter()
        self._page = None
        self.start_over()

    def on_filter_changed(self, event: FilterChanged) -> None:
        """From the sidebar or the filter line."""
        event.stop()
        self.table.focus()
        self.place_panes()
        self._apply(event.filter)

    def on_filter_dropped(self, event: FilterDropped) -> None:
        """The filter line was left."""
        event.stop()
        self.table.focus()

    async def action_filter_line(self) -> None:
        await self.line.open(self._filter)

    def action_clear_filter(self) -> None:
        if not self._filter.empty or not self._filter.show_errors:
            self._apply(RunFilter())

    def action_cycle_state(self) -> None:
        after = {None: RunState.FAILED, RunState.FAILED: RunState.OK}
        self._apply(replace(self._filter, state=after.get(self._filter.state)))

    def action_error_groups(self) -> None:
        if self.source is None:
            return
        from runbrowser.triage.signatures import ErrorGroup
        from runbrowser.tui.screens.groups import ErrorGroupsScreen

        def chosen(group: ErrorGroup | None) -> None:
            if group is not None:
                self._apply(group.within(self._filter))

        self.app.push_screen(ErrorGroupsScreen(self, self.source, self._filter), chosen)

    def action_leaderboard(self) -> None:
        row = self.focused_row()
        task = self._filter.task[0] if len(self._filter.task) == 1 else row and row.task_id
        if self.source is None or task is None:
            self.say("a run, or a filter on one task, says which task is meant", "info")
            return
        from runbrowser.tui.screens.leaderboard import LeaderboardScreen

        def chosen(run_id: int | None) -> None:
            if run_id is not None:
                self.read_run(run_id)

        kind = row.task_type_id if row is not None and row.task_id == task else None
        self.app.push_screen(LeaderboardScreen(self.source, task, kind), chosen)

    def action_mine(self) -> None:
        self._apply(replace(self._filter, mine=not self._filter.mine))

    # -- moving ----

    def action_go_to(self) -> None:
        from runbrowser.tui.dialogs.goto import Goal, GoToDialog

        def go(goal: Goal | None) -> None:
            if goal is None:
                return
            if goal.page is not None:
                self.turn_to(goal.page - 1)
                return
            place = self.table.place_of(goal.run_id or 0)
            if place is not None:
                self.table.move_cursor(row=place, animate=False)
            self.read_run(goal.run_id or 0)

        self.app.push_screen(GoToDialog(), go)

    def on_run_highlighted(self, event: RunHighlighted) -> None:
        """The open detail follows the cursor, once it rests."""
        event.stop()
        self._cursor_run = None if event.row is None else event.row.run_id
        if event.row is not None:
            self.under_cursor(event.row.run_id)

    def on_run_opened(self, event: RunOpened) -> None:
        """Enter on a row."""
        event.stop()
        self.read_run(event.row.run_id)

    # -- the rest ------------------------------------------------------------------------------

    def action_back(self) -> None:
        focused = self.focused
        if self.stop_export_shown():
            return
        note = None if self.shows_job else self.status.note
        if note is not None and note.kind == "busy" and self._page:
            self.workers.cancel_group(self, "page")
            if self.pager is not None:
                self.pager.stop()
            self.say("stopped", "info")
        elif focused is not None and self.sidebar in focused.ancestors:
            self._show_filter()
            self.table.focus()
        elif self.marks.anchor is not None:
            self.marks.anchor = None
            self.say("")
        elif self.pane.display and self.pane.searching:
            self.pane.leave_search()
        elif self.pane.display:
            self.close_detail()
        elif note is not None:
            self.say("")
        elif self.status.outcome is not None:
            self.say_outcome("")
        elif len(self.marks):
            self.action_clear_marks()
        else:
            self.action_clear_filter()

    def action_refresh(self) -> None:
        if self.source is None:
            self.begin()
            return
        number = self._page.number if self._page else 0
        self.start_over(number=number, cursor=max(0, self.table.cursor_row))
        self.read_again()

    def action_palette(self) -> None:
        self.app.action_command_palette()

    def action_help(self) -> None:
        from runbrowser.tui.screens.help import HelpScreen

        self.app.push_screen(HelpScreen())

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A fault of ours in a worker is told in words and logged; the browser goes on."""
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            self.say_fault(event.worker.error)
