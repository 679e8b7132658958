"""Marking runs, so that something can be done to many at once."""

from __future__ import annotations

from functools import partial

from runbrowser.errors import RunbrowserError
from runbrowser.models import RunFilter, RunRow
from runbrowser.tui.dispatch import Handler
from runbrowser.tui.features.ui import UI, RowsPane
from runbrowser.tui.workspace import Workspace

_MOST_MARKED = 10_000  # runs marked by one key; more is no triage any more


class Marking:
    """Marks stay across pages, filters and refreshes; the status line counts them."""

    def __init__(self, workspace: Workspace, ui: UI, rows: RowsPane) -> None:
        self._workspace = workspace
        self._marks = workspace.marks
        self._ui = ui
        self._rows = rows

    def handlers(self) -> dict[str, Handler]:
        """What it does."""
        return {
            "mark": Handler(self.mark),
            "mark_range": Handler(self.mark_range, self._why_no_range),
            "mark_same_error": Handler(self.mark_same_error, self._why_no_error),
            "mark_page": Handler(self.mark_page),
            "mark_all": Handler(self.mark_all),
            "clear_marks": Handler(self.clear),
        }

    def mark(self) -> None:
        """Marks the run in focus, takes its mark away, or ends the range that was begun."""
        focus, row = self._workspace.focus, self._workspace.focused_row()
        if row is None:
            return
        if self._marks.anchor is not None and not focus.in_pane:
            self.mark_range()
            return
        marked = self._marks.toggle(row)
        if focus.in_pane:
            words = "is marked" if marked else "is no longer marked"
            self._ui.tell(f"run {row.run_id} {words}", "done")
        else:
            self._rows.action_cursor_down()

    def _why_no_range(self) -> str:
        if self._rows.current is not None and self._workspace.focus.in_pane:
            return "a range is marked in the table: tab goes there, space marks this run"
        return ""

    def mark_range(self) -> None:
        """Begins a range at the cursor, or marks it from where it was begun."""
        row, marks = self._rows.current, self._marks
        if row is None:
            return
        anchor, marks.anchor = marks.anchor, None
        begun = None if anchor is None else self._rows.place_of(anchor)
        if begun is None:
            marks.anchor = row.run_id
            other = "" if anchor is None else "a range is of one page; now it "
            self._ui.tell(f"{other}begins here: v at its other end marks it, esc leaves", "info")
            return
        first, last = sorted((begun, self._rows.cursor_row))
        added = marks.add(self._rows.runs[first : last + 1])
        self._ui.tell(f"{added} more marked", "done")

    def clear(self) -> bool:
        """Takes all marks away; whether there were any."""
        if not len(self._marks):
            return False
        self._marks.clear()
        return True

    def leave_range(self) -> bool:
        """Forgets the range that was begun; whether there was one."""
        if self._marks.anchor is None:
            return False
        self._marks.anchor = None
        self._ui.tell("")
        return True

    def _why_no_error(self) -> str:
        row = self._workspace.focused_row()
        return "this run reported no error" if row is None or not row.error_message else ""

    def mark_same_error(self) -> None:
        """Marks all runs on the pages seen that say what the one in focus says."""
        from runbrowser.triage.signatures import essence, signature

        row = self._workspace.focused_row()
        if row is None:
            return
        sign = essence(signature(row.error_message or ""))
        same = {
            seen.run_id: seen
            for seen in self._workspace.pager.rows_seen()
            if essence(signature(seen.error_message or "")) == sign
        }
        added = self._marks.add(same.values())
        words = f"{len(same):,} runs on the pages seen say this; {added:,} more marked"
        self._ui.tell(words, "done")

    def mark_page(self) -> None:
        """Marks all runs of the page, or takes their marks away if all have one."""
        rows = self._rows.runs
        if not rows:
            return
        if self._marks.whole(rows):
            self._marks.remove(row.run_id for row in rows)
            self._ui.tell(f"{len(rows):,} marks of this page taken away", "done")
            return
        added = self._marks.add(rows)
        self._ui.tell(f"{added:,} more marked; : mark all takes all that match", "done")

    def mark_all(self) -> None:
        """Marks all runs that match the filter, on pages seen or not."""
        self._ui.tell("looking for all that match; esc stops", "busy")
        self._ui.work(partial(self._mark_all, self._workspace.pager.filter), "page")

    async def _mark_all(self, filter: RunFilter) -> None:
        """Walks all that match; the page shown stays where it is."""
        found = list[RunRow]()
        try:
            async for rows in self._workspace.source.walk(filter, most=_MOST_MARKED + 1):
                found += rows
                self._ui.tell(f"{len(found):,} runs match so far; esc stops", "busy")
        except RunbrowserError as error:
            self._ui.tell(str(error), "error")
            return
        some = found[:_MOST_MARKED]
        added = self._marks.add(some)
        more = "" if len(found) <= _MOST_MARKED else " (there are more; narrow the filter)"
        self._ui.tell(f"{len(some):,} runs match{more}; {added:,} more marked", "done")
