"""Errors grouped by what they say: what fails most, where, since when; and acting on it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING

from textual.widgets import DataTable

from runbrowser.errors import RunbrowserError
from runbrowser.fields.filters import to_text
from runbrowser.models import RunRow
from runbrowser.pages import groups as present
from runbrowser.pages.lines import Lines
from runbrowser.pages.rows import MARK, Cell
from runbrowser.pages.status import note_line
from runbrowser.triage.signatures import ErrorGroup
from runbrowser.tui.actions import bindings
from runbrowser.tui.dispatch import Handler, Handlers
from runbrowser.tui.features.failed_runs import FailedRuns
from runbrowser.tui.places import SCREENS
from runbrowser.tui.screens.listing import ListScreen

if TYPE_CHECKING:
    from runbrowser.bulk.outcome import Report
    from runbrowser.tui.features.bulk_jobs import BulkJobs
    from runbrowser.tui.features.changes import Changes
    from runbrowser.tui.features.ui import UI
    from runbrowser.tui.workspace import Workspace


class ErrorGroupsScreen(ListScreen[ErrorGroup, ErrorGroup | None]):
    """The failed runs that match, by what they say; gives the group whose runs are to be shown.

    A group is marked by marking its runs, which stay marked on the main screen; what is said of
    actions is what the main screen's status line says.
    """

    PLACES = SCREENS["groups"]
    BINDINGS = bindings(*PLACES)  # type: ignore[assignment]
    LAST = "error"

    def __init__(self, workspace: Workspace, ui: UI, changes: Changes, jobs: BulkJobs) -> None:
        super().__init__()
        self._marks = workspace.marks
        self._reported = workspace.reported
        self._ui = ui
        self._changes = changes
        self._jobs = jobs
        self._names = workspace.source.names
        self.runs = FailedRuns(workspace, self._count)
        self._counted = ""

    def on_mount(self) -> None:
        """Starts reading."""
        self._count("reading failed runs")
        self._subscriptions = [
            self._ui.line.changed.subscribe(lambda _: self._tell_note()),
            self._reported.subscribe(self._on_report),
        ]
        self.start(self._read, "groups")

    def _count(self, words: str = "") -> None:
        self._counted = words or self._counted
        marked = len(self._marks)
        told = f"   {MARK} {marked:,} marked" if marked else ""
        self.head(f"Errors   {self._counted}{told}   {to_text(self.runs.filter)}")

    # -- reading -------------------------------------------------------------------------------

    async def _read(self) -> None:
        try:
            async for _ in self.runs.read():
                self._show()
        except RunbrowserError as error:
            self._count(str(error))
            return
        await self._tell_all()

    def _show(self) -> None:
        self.lines = self.runs.groups
        self.draw()

    async def _tell_all(self) -> None:
        """How many there are, then names for what is listed."""
        self._count(self.runs.summary)
        with contextlib.suppress(RunbrowserError):
            await self.runs.learn_names()
        self.draw()

    async def _group_anew(self) -> None:
        try:
            await self.runs.read_for_rates()
        except RunbrowserError as error:
            self._count(str(error))
            return
        self.table.move_cursor(row=0, animate=False)
        await self.runs.group()
        self._show()
        await self._tell_all()

    # -- what a line is ------------------------------------------------------------------------

    def columns(self) -> tuple[Sequence[tuple[str, int]], str]:
        """Fewer on a narrow screen."""
        shown = present.columns(self.size.width, self.runs.by, rated=self.runs.is_rated)
        last = self.LAST if self.runs.by == "message" else "most say"
        return [(c.label, c.width) for c in shown], last

    def cells(self, line: ErrorGroup, width: int) -> Sequence[Cell]:
        """How many runs, their share, when, how many flows, the error."""
        marked = sum(run_id in self._marks for run_id in line.run_ids)
        shown = present.columns(self.size.width, self.runs.by, rated=self.runs.is_rated)
        return present.cells(line, self.runs.count, shown, width, self._names, marked=marked)

    def page(self, line: ErrorGroup, width: int) -> Lines:
        """What is known of a group, with an example in full."""
        return present.page(line, self.runs.count, self._names, width)

    # -- keys ----------------------------------------------------------------------------------

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        """Enter, or a click."""
        event.stop()
        self.action_open()

    @cached_property
    def actions(self) -> Handlers:
        """What is done to the last action is what the main screen does; all else are methods."""
        handlers, runs, changes = self._jobs.handlers(), self.runs, self._changes
        return {
            **super().actions,
            **{name: handlers[name] for name in ("undo", "stop_job", "show_report")},
            "sort": Handler(partial(self._regroup, runs.toggle_rate), runs.why_no_rate),
            "group_by": Handler(partial(self._regroup, runs.next_by)),
            "tag": Handler(lambda: changes.ask_tag(self._chosen())),
            "untag": Handler(lambda: changes.ask_untag(self._chosen())),
            "delete": Handler(lambda: changes.ask_delete(self._chosen())),
        }

    def _regroup(self, change: Callable[[], None]) -> None:
        """b and s: by something else."""
        change()
        self.start(self._group_anew, "by")

    def action_open(self) -> None:
        """Back to the runs, only those of the group."""
        if self.current is not None:
            self.dismiss(self.current)

    def action_mark(self) -> None:
        """Space: all runs of the group are marked, or lose their marks if all have them."""
        group, marks = self.current, self._marks
        if group is None:
            return
        rows = self.runs.rows_of(group)
        if marks.whole(rows):
            marks.remove(group.run_ids)
        else:
            marks.add(rows)
        self._count()
        self.redraw(group)
        self.step(1)

    def _chosen(self) -> list[RunRow]:
        """What is marked, else the runs of the group under the cursor."""
        return list(self._marks) or (self.runs.rows_of(self.current) if self.current else [])

    def action_export(self) -> None:
        """x: what is marked, the runs of the group under the cursor, or those of all groups."""
        from runbrowser.files.export import sheet_of
        from runbrowser.tui.exporting import ask_and_write, choice_of, file_name

        group = self.current
        if group is None:
            return
        rows = [
            ("this group", self.runs.rows_of(group)),
            ("marked", list(self._marks)),
            ("all groups", self.runs.rows),
        ]
        offers = [(choice_of(words, some, {}), sheet_of(some, {})) for words, some in rows if some]
        name = file_name(self.runs.filter)
        ask_and_write(self, "Export failed runs", name, offers, self.tell)

    # -- what becomes of it --------------------------------------------------------------------

    def on_unmount(self) -> None:
        """Nothing more is heard of actions."""
        for unsubscribe in self._subscriptions:
            unsubscribe()

    def _on_report(self, report: Report) -> None:
        """Runs that went leave the list."""
        if self.is_attached:
            self.start(partial(self._take_in, report), "report", exclusive=False)

    async def _take_in(self, report: Report) -> None:
        self.runs.forget(report)
        await self.runs.group()
        self._show()
        self._count(self.runs.summary)

    def _tell_note(self) -> None:
        """What the main screen says of an action is said here, the newest word first."""
        if not self.is_attached:
            return
        line, width = self._ui.line, max(20, self.size.width - 2)
        note = line.note or line.outcome
        self.tell(note_line(note, (), width) if note is not None and note.text else "")
