"""Marking runs: what the main screen does so that something can be done to many at once."""

from __future__ import annotations

from runbrowser.errors import RunbrowserError
from runbrowser.models import RunFilter, RunRow
from runbrowser.openml.pager import Pager
from runbrowser.tui.features.detail import Reading
from runbrowser.tui.features.pages import OpenSource
from runbrowser.tui.marks import Marks

_MOST_MARKED = 10_000  # runs marked by one key; more is no triage any more


class Marking(Reading):
    """Marks stay across pages, filters and refreshes; the status line counts them."""

    def __init__(self, open_source: OpenSource, filter: RunFilter, page_size: int) -> None:
        super().__init__(open_source, filter, page_size)
        self.marks = Marks()

    def show_marks(self) -> None:
        """Draws the marks and their number."""
        self.table.marked = self.marks
        self.table.update_rows()
        self.status.marked = len(self.marks)

    def chosen(self) -> list[RunRow]:
        """What an action is for: the marked runs, else the one in focus."""
        if len(self.marks):
            return list(self.marks)
        row = self.focused_row()
        return [row] if row is not None else []

    def action_mark(self) -> None:
        focus, row = self.focus_now, self.focused_row()
        if row is None:
            return
        if self.marks.anchor is not None and not focus.in_pane:
            self.action_mark_range()
            return
        marked = self.marks.toggle(row)
        self.show_marks()
        if focus.in_pane:
            words = "is marked" if marked else "is no longer marked"
            self.say(f"run {row.run_id} {words}", "done")
        else:
            self.table.action_cursor_down()

    def action_mark_range(self) -> None:
        row = self.table.current
        if row is None:
            return
        if self.focus_now.in_pane:
            self.say("a range is marked in the table: tab goes there, space marks this run", "info")
            return
        anchor, self.marks.anchor = self.marks.anchor, None
        begun = None if anchor is None else self.table.place_of(anchor)
        if begun is None:
            self.marks.anchor = row.run_id
            other = "" if anchor is None else "a range is of one page; now it "
            self.say(f"{other}begins here: v at its other end marks it, esc leaves", "info")
            return
        first, last = sorted((begun, self.table.cursor_row))
        added = self.marks.add(self.table.runs[first : last + 1])
        self.show_marks()
        self.say(f"{added} more marked", "done")

    def action_mark_same_error(self) -> None:
        from runbrowser.triage.signatures import essence, signature

        row = self.focused_row()
        if row is None or not row.error_message or self.pager is None:
            self.say("this run reported no error", "info")
            return
        sign = essence(signature(row.error_message))
        same = {
            seen.run_id: seen
            for seen in self.pager.rows_seen()
            if essence(signature(seen.error_message or "")) == sign
        }
        added = self.marks.add(same.values())
        self.show_marks()
        self.say(f"{len(same):,} runs on the pages seen say this; {added:,} more marked", "done")

    def action_mark_page(self) -> None:
        rows = self.table.runs
        if not rows:
            return
        if self.marks.whole(rows):
            self.marks.remove(row.run_id for row in rows)
            self.show_marks()
            self.say(f"{len(rows):,} marks of this page taken away", "done")
            return
        added = self.marks.add(rows)
        self.show_marks()
        self.say(f"{added:,} more marked; : mark all takes all that match", "done")

    def action_clear_marks(self) -> None:
        self.marks.clear()
        self.show_marks()

    def action_mark_all(self) -> None:
        if self.pager is not None:
            self.say("looking for all that match; esc stops", "busy")
            self.run_worker(
                self._mark_all(self.pager.filter), group="page", exclusive=True, exit_on_error=False
            )

    async def _mark_all(self, filter: RunFilter) -> None:
        """Walks all pages with a pager of its own, so that the page shown stays where it is."""
        if self.source is None:
            return
        pager, number, found = Pager(self.source, filter, 1_000), 0, list[RunRow]()
        try:
            while len(found) < _MOST_MARKED:
                page = await pager.page(number)
                found += page.rows
                self.say(f"{len(found):,} runs match so far; esc stops", "busy")
                if page.last or page.stopped:
                    break
                number += 1
        except RunbrowserError as error:
            self.say(str(error), "error")
            return
        finally:
            pager.stop()
        once = list({row.run_id: row for row in found}.values())[:_MOST_MARKED]
        added = self.marks.add(once)
        self.show_marks()
        more = "" if page.last else " (there are more; narrow the filter)"
        self.say(f"{len(once):,} runs match{more}; {added:,} more marked", "done")

    # -- comparing what is marked --------------------------------------------------------------

    def action_compare(self) -> None:
        from runbrowser.tui.screens.comparing import entries_of, why_not

        rows = list(self.marks)
        here = self.focused_row()
        if len(rows) == 1 and here is not None and here.run_id not in self.marks:
            rows.append(here)
        reason = why_not(len(rows))
        if reason or self.source is None:
            self.say(reason or "there is no connection yet", "info")
            return
        from runbrowser.tui.screens.compare import CompareScreen

        def chosen(run_id: int | None) -> None:
            if run_id is not None:
                self.read_run(run_id)

        entries = entries_of(rows, self.read_before)
        self.app.push_screen(CompareScreen(self.source, entries), chosen)
