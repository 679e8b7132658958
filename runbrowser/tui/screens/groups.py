"""Errors grouped by what they say: what fails most, where, and since when."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widgets import DataTable, Static

from runbrowser.errors import RunbrowserError
from runbrowser.filters import to_text
from runbrowser.models import RunFilter, RunRow, RunState
from runbrowser.sources.base import RunSource
from runbrowser.sources.pager import Pager
from runbrowser.text import display
from runbrowser.triage.signatures import ErrorGroup, group_errors
from runbrowser.tui.presenters import groups as present

_PAGE = 1_000
_MOST = 100_000  # failed runs that are grouped
_NAMED = 50  # groups whose flows, tasks and uploaders are named


@dataclass(frozen=True, slots=True)
class GroupChosen:
    """What the user wants of a group: see its runs, or mark them."""

    group: ErrorGroup
    wish: Literal["show", "mark"]
    rows: Sequence[RunRow] = ()


class ErrorGroupsScreen(Screen[GroupChosen | None]):
    """Reads all failed runs that match, page by page, and groups what is there so far."""

    BINDINGS = [  # noqa: RUF012
        Binding("escape,q,E", "leave", show=False),
        Binding("j", "move(1)", show=False, id="cursor_down"),
        Binding("k", "move(-1)", show=False, id="cursor_up"),
        Binding("space", "mark", show=False),
    ]

    def __init__(self, source: RunSource, filter: RunFilter) -> None:
        super().__init__()
        self._source = source
        self._filter = replace(filter, state=RunState.FAILED)
        self._rows: list[RunRow] = []
        self._groups: list[ErrorGroup] = []
        self._width = 40

    def compose(self) -> ComposeResult:
        yield Static("", markup=False, id="groups-head")
        yield DataTable(id="groups", cursor_type="row", cell_padding=1)
        with VerticalScroll(id="group-page", can_focus=False):
            yield Static("", markup=False, id="group-text")
        yield Static(
            "enter show its runs   space mark its runs   esc back", markup=False, id="groups-foot"
        )

    def on_mount(self) -> None:
        """Starts reading."""
        self._head("reading failed runs")
        self.run_worker(self._read(), group="groups", exclusive=True, exit_on_error=False)

    @property
    def _table(self) -> DataTable[Text]:
        return self.query_one("#groups", DataTable)

    def _head(self, words: str) -> None:
        shown = f"Errors   {words}   {to_text(self._filter)}"
        self.query_one("#groups-head", Static).update(display(shown, max(20, self.size.width - 2)))

    async def _read(self) -> None:
        pager, number = Pager(self._source, self._filter, _PAGE), 0
        try:
            while len(self._rows) < _MOST:
                page = await pager.page(number, lambda words: self._head(words))
                self._rows += page.rows
                self._groups = await asyncio.to_thread(group_errors, tuple(self._rows))
                self._draw()
                if page.last:
                    break
                number += 0 if page.stopped else 1
        except RunbrowserError as error:
            self._head(str(error))
            return
        finally:
            pager.stop()
        self._head(f"{len(self._groups)} kinds in {len(self._rows):,} failed runs")
        await self._source.learn(self._examples(), lambda news: None)
        self._show_page()

    def _examples(self) -> list[RunRow]:
        """Rows that between them name the flows, tasks and uploaders of the largest groups."""
        wanted = {run_id for group in self._groups[:_NAMED] for run_id in group.run_ids}
        seen: set[tuple[str, int | None]] = set()
        rows = []
        for row in self._rows:
            if row.run_id not in wanted:
                continue
            new = {("flow", row.flow_id), ("task", row.task_id), ("uploader", row.uploader)} - seen
            if new:
                seen |= new
                rows.append(row)
        return rows

    def on_resize(self, event: events.Resize) -> None:
        """The error column takes what is left of the width."""
        self._draw()

    def _draw(self) -> None:
        table = self._table
        place = table.cursor_row
        shown = present.columns(self.size.width)
        taken = sum(column.width + 2 for column in shown)
        self._width = max(20, self.size.width - taken - 4)
        table.clear(columns=True)
        for column in shown:
            table.add_column(Text(column.label), width=column.width)
        table.add_column(Text("error"), width=self._width)
        total = len(self._rows)
        for group in self._groups[:500]:
            *numbers, error = present.cells(group, total, shown, self._width)
            styled = Text(error, self._error_style(), end="")
            table.add_row(*(Text(cell, end="") for cell in numbers), styled)
        if self._groups:
            table.move_cursor(row=min(place, table.row_count - 1), animate=False)
            table.focus()

    def _error_style(self) -> str:
        return "" if self.app.no_color else self.app.theme_variables.get("text-error", "")

    @property
    def _current(self) -> ErrorGroup | None:
        place = self._table.cursor_row
        return self._groups[place] if 0 <= place < len(self._groups) else None

    def _show_page(self) -> None:
        group = self._current
        if group is not None:
            text = present.page(group, len(self._rows), self._source.names)
            self.query_one("#group-text", Static).update(text)

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        """Another group under the cursor."""
        event.stop()
        self._show_page()

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        """Enter: back to the runs, only those of the group."""
        event.stop()
        group = self._current
        if group is not None:
            self.dismiss(GroupChosen(group, "show"))

    def action_mark(self) -> None:
        """Space: the group's runs are marked."""
        group = self._current
        if group is not None:
            wanted = set(group.run_ids)
            rows = [row for row in self._rows if row.run_id in wanted]
            self.dismiss(GroupChosen(group, "mark", rows))

    def action_move(self, step: int) -> None:
        """j and k."""
        if step > 0:
            self._table.action_cursor_down()
        else:
            self._table.action_cursor_up()

    def action_leave(self) -> None:
        """Back, nothing changed."""
        self.dismiss(None)
