"""Errors grouped by what they say: what fails most, where, since when; and acting on it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

from textual.widgets import DataTable

from runbrowser.errors import RunbrowserError
from runbrowser.fields.filters import to_text
from runbrowser.models import RunRow, RunState
from runbrowser.openml.evaluation_errors import EvaluationErrors
from runbrowser.pages import groups as present
from runbrowser.pages.lines import Lines
from runbrowser.pages.rows import MARK, Cell
from runbrowser.pages.status import note_line
from runbrowser.triage.signatures import By, ErrorGroup, by_rate, group_errors
from runbrowser.tui.actions import bindings
from runbrowser.tui.dispatch import Handler, Handlers
from runbrowser.tui.places import SCREENS
from runbrowser.tui.screens.listing import ListScreen

if TYPE_CHECKING:
    from runbrowser.bulk.outcome import Report
    from runbrowser.tui.features.bulk_jobs import BulkJobs
    from runbrowser.tui.features.changes import Changes
    from runbrowser.tui.features.ui import UI
    from runbrowser.tui.workspace import Workspace

_MOST = 100_000  # failed runs that are grouped
_SHOWN = 500  # groups that are lines of the list; what follows are single runs
_NAMED = 50  # groups whose flows, tasks and uploaders are named


class ErrorGroupsScreen(ListScreen[ErrorGroup, ErrorGroup | None]):
    """Reads all failed runs that match, page by page, and groups what is there so far; gives the
    group whose runs are to be shown. Under a filter on runs whose evaluation failed, it groups the
    errors of the evaluation, for which each of the first runs is read.

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
        self._source = workspace.source
        evaluated = workspace.filter.state is RunState.EVALUATION_FAILED
        self._evaluations = EvaluationErrors(self._source) if evaluated else None
        self._state = RunState.EVALUATION_FAILED if evaluated else RunState.FAILED
        self._filter = replace(workspace.filter, state=self._state)
        self._rows: dict[int, RunRow] = {}
        self._ran: dict[int, RunRow] = {}  # all runs, failed or not, once rates were asked for
        self._is_rated = False
        self._by: By = "message"
        self._kinds = 0
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
        self.head(f"Errors   {self._counted}{told}   {to_text(self._filter)}")

    # -- reading -------------------------------------------------------------------------------

    async def _read(self) -> None:
        evaluations = self._evaluations
        most = _MOST if evaluations is None else evaluations.most + 1
        try:
            async for rows in self._source.walk(self._filter, most=most, progress=self._count):
                self._rows |= {row.run_id: row for row in rows}
                if evaluations is None:
                    await self._group()
        except RunbrowserError as error:
            self._count(str(error))
            return
        if evaluations is not None:
            read = await evaluations.read(tuple(self._rows.values()), self._count)
            self._rows = {row.run_id: row for row in read}
            await self._group()
        self._count_kinds()
        await self._learn_names()

    async def _learn_names(self) -> None:
        """Names for what is listed; what is not told stands there with its number."""
        with contextlib.suppress(RunbrowserError):
            await self._source.learn_names(self._examples())
        self.draw()

    async def _group(self) -> None:
        rows = tuple((self._ran if self._is_rated else self._rows).values())
        if self._evaluations is not None:
            rows = tuple(self._evaluations.with_errors(rows))
        groups = await asyncio.to_thread(group_errors, rows, self._by, self._state)
        if self._is_rated:
            groups = by_rate(groups)
        self._kinds, self.lines = len(groups), groups[:_SHOWN]
        self.draw()

    def _count_kinds(self) -> None:
        word = {"message": "kind", "flow": "flow", "task": "task"}[self._by]
        kinds = f"1 {word}" if self._kinds == 1 else f"{self._kinds:,} {word}s"
        runs = "1 failed run" if len(self._rows) == 1 else f"{len(self._rows):,} failed runs"
        rated = f" of {len(self._ran):,} runs, by failure rate" if self._is_rated else ""
        if self._evaluations is not None:
            runs = self._evaluations.words(self._rows)
        self._count(f"{kinds} in {runs}{rated}")

    def _examples(self) -> list[RunRow]:
        """Rows that between them name the flows, tasks and uploaders of the largest groups."""
        wanted = {run_id for group in self.lines[:_NAMED] for run_id in group.run_ids}
        seen: set[tuple[str, int | None]] = set()
        rows = []
        for row in self._rows.values():
            if row.run_id not in wanted:
                continue
            new = {("flow", row.flow_id), ("task", row.task_id), ("uploader", row.uploader)} - seen
            if new:
                seen |= new
                rows.append(row)
        return rows

    # -- what a line is ------------------------------------------------------------------------

    def columns(self) -> tuple[Sequence[tuple[str, int]], str]:
        """Fewer on a narrow screen."""
        shown = present.columns(self.size.width, self._by, rated=self._is_rated)
        last = self.LAST if self._by == "message" else "most say"
        return [(c.label, c.width) for c in shown], last

    def cells(self, line: ErrorGroup, width: int) -> Sequence[Cell]:
        """How many runs, their share, when, how many flows, the error."""
        marked = sum(run_id in self._marks for run_id in line.run_ids)
        shown = present.columns(self.size.width, self._by, rated=self._is_rated)
        names = self._source.names
        return present.cells(line, len(self._rows), shown, width, names, marked=marked)

    def page(self, line: ErrorGroup, width: int) -> Lines:
        """What is known of a group, with an example in full."""
        return present.page(line, len(self._rows), self._source.names, width)

    def _rows_of(self, group: ErrorGroup) -> list[RunRow]:
        return [self._rows[run_id] for run_id in group.run_ids if run_id in self._rows]

    # -- keys ----------------------------------------------------------------------------------

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        """Enter, or a click."""
        event.stop()
        self.action_open()

    @cached_property
    def actions(self) -> Handlers:
        """What is done to the last action is what the main screen does; all else are methods."""
        handlers = self._jobs.handlers()
        jobs = {name: handlers[name] for name in ("undo", "stop_job", "show_report")}
        return {**super().actions, **jobs, "sort": Handler(self._rank, self._why_no_rate)}

    def _why_no_rate(self) -> str:
        if self._evaluations is not None:
            return "evaluation errors have no rate: not all runs were read"
        return "" if self._by != "message" else "flows and tasks have a rate: b groups by them"

    def _rank(self) -> None:
        """s: by failure rate, for which all runs are counted, or by the number of failures."""
        self._is_rated = not self._is_rated
        self.start(self._rank_anew, "by")

    async def _rank_anew(self) -> None:
        if self._is_rated and not self._ran:
            try:
                await self._read_all()
            except RunbrowserError as error:
                self._is_rated = False
                self._count(str(error))
                return
        await self._group_anew()

    async def _read_all(self) -> None:
        """All runs of the filter, failed or not, up to a bound that is told."""
        found: dict[int, RunRow] = {}
        every = replace(self._filter, state=None)
        async for rows in self._source.walk(every, most=_MOST, progress=self._count):
            found |= {row.run_id: row for row in rows}
            self._count(f"{len(found):,} runs read, failed or not")
        self._ran = found

    def action_open(self) -> None:
        """Back to the runs, only those of the group."""
        if self.current is not None:
            self.dismiss(self.current)

    def action_group_by(self) -> None:
        """b: by flow, then by task, then by message again."""
        after: dict[By, By] = {"message": "flow", "flow": "task", "task": "message"}
        self._by = after[self._by]
        self._is_rated = self._is_rated and self._by != "message"
        self.start(self._group_anew, "by")

    async def _group_anew(self) -> None:
        self.table.move_cursor(row=0, animate=False)
        await self._group()
        self._count_kinds()
        await self._learn_names()

    def action_mark(self) -> None:
        """Space: all runs of the group are marked, or lose their marks if all have them."""
        group, marks = self.current, self._marks
        if group is None:
            return
        rows = self._rows_of(group)
        if marks.whole(rows):
            marks.remove(group.run_ids)
        else:
            marks.add(rows)
        self._count()
        self.redraw(group)
        self.step(1)

    def _chosen(self) -> list[RunRow]:
        """What is marked, else the runs of the group under the cursor."""
        return list(self._marks) or (self._rows_of(self.current) if self.current else [])

    def action_tag(self) -> None:
        """t."""
        self._changes.ask_tag(self._chosen())

    def action_untag(self) -> None:
        """T."""
        self._changes.ask_untag(self._chosen())

    def action_delete(self) -> None:
        """D."""
        self._changes.ask_delete(self._chosen())

    def action_export(self) -> None:
        """x: what is marked, the runs of the group under the cursor, or those of all groups."""
        from runbrowser.files.export import sheet_of
        from runbrowser.tui.exporting import ask_and_write, choice_of, file_name

        group = self.current
        if group is None:
            return
        rows = [
            ("this group", self._rows_of(group)),
            ("marked", list(self._marks)),
            ("all groups", list(self._rows.values())),
        ]
        offers = [(choice_of(words, some, {}), sheet_of(some, {})) for words, some in rows if some]
        name = file_name(self._filter)
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
        for run_id in report.gone:
            self._rows.pop(run_id, None)
            self._ran.pop(run_id, None)
        await self._group()
        self._count_kinds()

    def _tell_note(self) -> None:
        """What the main screen says of an action is said here, the newest word first."""
        if not self.is_attached:
            return
        line, width = self._ui.line, max(20, self.size.width - 2)
        note = line.note or line.outcome
        self.tell(note_line(note, (), width) if note is not None and note.text else "")
