"""Turning pages: asking for the rows of a source, and for what they do not tell themselves."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from runbrowser.errors import OpenMLConnectionError, RunbrowserError
from runbrowser.fields.filters import to_text
from runbrowser.models import RunFilter
from runbrowser.openml.base import SourcePage
from runbrowser.openml.pager import Pager
from runbrowser.pages.first_steps import AGAIN, nothing_reached
from runbrowser.pages.status import Note, only_first
from runbrowser.text import display
from runbrowser.tui.dispatch import Handler
from runbrowser.tui.features.ui import UI, RowsPane, Timer
from runbrowser.tui.workspace import Change, Workspace
from runbrowser.views.arrangement import Arrangement

_STAY = 1.0  # seconds after which a page is not just passed by
_NEWS_AT_MOST_EVERY = 0.25  # seconds between two redraws for names and scores
_ROWS_A_SECOND = 10_000  # and a second more for so many rows, which are counted anew each time

_NO_FURTHER = "there is no further page"

Fallback = Callable[[int], int]
"""Which page to turn to where there is nothing on one."""


class Pages:
    """Fetches pages and what is known of their rows. Each concern has a group of workers, so that
    a new page ends the wait for the old one and nothing ever holds up a key.

    ``notice`` shows a text in place of the rows; '' shows the rows.
    """

    def __init__(
        self, workspace: Workspace, ui: UI, rows: RowsPane, notice: Callable[[str], None]
    ) -> None:
        self._workspace = workspace
        self._ui = ui
        self._rows = rows
        self._notice = notice
        self._note: Note | None = None  # told with the next page
        self._fallback: Fallback | None = None
        self._staying: Timer | None = None
        self._rearranged = False  # all rows get another order, which was said in the line
        self.news_waiting = False
        """Whether news of the rows is going to be drawn soon."""
        workspace.selection.filtered.subscribe(self._on_filter)
        workspace.selection.arranged.subscribe(self._on_arrangement)
        workspace.page_reread.subscribe(self._on_page_reread)
        workspace.changed.subscribe(self._on_change)
        workspace.marks.changed.subscribe(lambda marks: rows.update_rows())
        workspace.runs.read.subscribe(lambda run: self._on_tags())
        rows.marked = workspace.marks

    def handlers(self) -> dict[str, Handler]:
        """What it does."""
        return {
            "next_page": Handler(self.next_page),
            "previous_page": Handler(self.previous_page),
            "go_to": Handler(self.go_to),
        }

    # -- asking --------------------------------------------------------------------------------

    def start_over(
        self,
        *,
        number: int = 0,
        cursor: int = 0,
        note: Note | None = None,
        fallback: Fallback | None = None,
    ) -> None:
        """Asks for everything anew under the filter in force; ``note`` is told afterwards."""
        pager = self._workspace.restart()
        pager.news = self._on_news
        pager.reordered = self._on_order
        pager.trouble = self._on_trouble
        pager.fault = self._ui.tell_fault
        self._note, self._fallback = note, fallback
        self.turn_to(number, cursor=cursor)

    def tell_with_page(self, note: Note) -> None:
        """Says something once the page that is on its way is there."""
        self._note = note

    def reload(self, fallback: Fallback | None = None) -> None:
        """The same page anew."""
        page = self._workspace.page
        number = page.number if page is not None else 0
        self.start_over(number=number, cursor=max(0, self._rows.cursor_row), fallback=fallback)

    def turn_to(self, number: int, *, cursor: int = 0) -> None:
        """Shows another page, from 0, as soon as it is there."""
        page = self._workspace.pager.at_hand(number)
        if page is not None:
            self._ui.cancel("page")
            self._show(page, cursor)
            return
        self._ui.tell(f"asking for page {number + 1}", "busy")
        self._ui.work(partial(self._fetch, self._workspace.pager, number, cursor), "page")

    def stop(self) -> None:
        """Gives up what is under way; what was found of a search so far is kept."""
        self._ui.cancel("page")
        self._workspace.pager.stop()

    async def _fetch(self, pager: Pager, number: int, cursor: int) -> None:
        def progress(text: str) -> None:
            if pager is self._workspace.pager:
                self._ui.tell(f"{text}; esc stops", "busy")

        try:
            page = await pager.page(number, progress)
        except RunbrowserError as error:
            if pager is self._workspace.pager:
                self._fail(error)
            return
        if pager is self._workspace.pager:
            self._show(page, cursor)

    def _fail(self, error: RunbrowserError) -> None:
        """Tells of a failure; rows that are on the screen stay there."""
        self._ui.tell(f"{error}  {AGAIN}", "error")
        page = self._workspace.page
        if page is None and isinstance(error, OpenMLConnectionError):
            self._notice(nothing_reached(str(error)))
        elif page is None or not page.rows:
            self._notice(f"{error}\n\n{AGAIN}")

    # -- showing -------------------------------------------------------------------------------

    def _show(self, page: SourcePage, cursor: int) -> None:
        if not page.rows and page.number > 0 and not page.stopped:
            self._show_other(page.number)
            return
        self._fallback = None
        if not self._rearranged or self._ui.line.is_busy:
            self._ui.line.put(self._note or self._note_of(page))
        self._note, self._rearranged = None, False
        self._workspace.page = page
        self._draw(cursor)
        self._show_notice(page)
        self._workspace.show_page(page)
        pager = self._workspace.pager
        self._ui.after_paint(lambda: self._after_rows(pager, page))

    def _note_of(self, page: SourcePage) -> Note | None:
        """Said once of a list that is longer than what is read of it at once."""
        before = self._workspace.page
        words = only_first(page) if before is None or before.first_of is None else ""
        return Note(words) if words else None

    def _show_other(self, number: int) -> None:
        """Instead of a page that has no rows: the one that is shown, or one before it."""
        shown = self._workspace.page
        if self._fallback is not None:
            self.turn_to(self._fallback(number))
        elif shown is not None and shown.number == number:  # searched for to the end
            self._note = Note(_NO_FURTHER)
            self.turn_to(number - 1)
        else:
            self._ui.tell(_NO_FURTHER, "info")

    def _after_rows(self, pager: Pager, page: SourcePage) -> None:
        """What must not hold back the rows: names and scores, the next page; what turning pages
        was too cheap for, once one stays on a page.
        """
        if pager is self._workspace.pager:
            pager.learn(page)
            self._linger(pager, page)

    def _linger(self, pager: Pager, page: SourcePage) -> None:
        def stayed() -> None:
            if pager is not self._workspace.pager or page is not self._workspace.page:
                return
            if pager.busy:
                self._linger(pager, page)
            else:
                pager.linger(page)

        if self._staying is not None:
            self._staying.stop()
        self._staying = self._ui.after(_STAY, stayed)

    def _on_order(self) -> None:
        """The page is shown in its final order; after another one was chosen, the first page."""
        page = self._workspace.page
        if page is not None:
            current = self._rows.current
            chosen, self._rearranged = self._rearranged, True  # what was said stays
            self.turn_to(0 if chosen else page.number, cursor=max(0, self._rows.cursor_row))
            if not chosen and current is not None:
                self.put_cursor(current.run_id)

    def _draw(self, cursor: int = 0, *, keep_place: bool = False) -> None:
        workspace, page = self._workspace, self._workspace.page
        if page is None:
            return
        if keep_place:  # runs that are in sight stay in their places, new ones come after them
            by_id = {row.run_id: row for row in page.rows}
            placed = [by_id.pop(row.run_id) for row in self._rows.runs if row.run_id in by_id]
            rows = [*placed, *by_id.values()]
        else:
            self._rows.rearrange(workspace.arrangement)
            rows = list(workspace.in_order(page.rows))
        self._rows.show_page(
            rows,
            workspace.pager.facts,
            workspace.names,
            scores=workspace.pager.scores,
            settled=workspace.pager.settled(page.number),
            cursor=cursor,
            keep_place=keep_place,
        )

    def _show_notice(self, page: SourcePage) -> None:
        """Says in the middle why there are no rows."""
        filter, words = self._workspace.filter, ""
        if not page.rows:
            words = "No run matches."
            if page.stopped:
                words = f"No match among {page.looked_at:,} runs so far. n looks further."
                if page.number:
                    words = f"No further match among {page.looked_at:,} runs. n looks further."
            elif not filter.empty:
                words = f"No run matches\n{display(to_text(filter), 400)}\n\nesc clears it"
        self._notice(words)

    def _draw_on_same_run(self) -> None:
        """Draws the page again; the cursor stays on its run."""
        current = self._rows.current
        self._draw()
        if current is not None:
            self.put_cursor(current.run_id)

    def put_cursor(self, run_id: int) -> None:
        """Puts the cursor on a run, if it is on the page."""
        place = self._rows.place_of(run_id)
        if place is not None:
            self._rows.move_cursor(row=place, animate=False)

    # -- what it hears -------------------------------------------------------------------------

    def _on_filter(self, filter: RunFilter) -> None:
        self._workspace.page = None
        self.start_over()

    def _on_arrangement(self, arrangement: Arrangement) -> None:
        """Other columns or another order at once; what they lack is asked for. All rows of a list
        that was read whole get the order, the newest runs of a server are read from the other end,
        and a source that orders all runs itself is asked.
        """
        workspace = self._workspace
        pager, page = workspace.pager, workspace.page
        if workspace.sort != pager.sort:
            self.start_over()
            return
        known = workspace.source.whole(workspace.filter) is not None
        if page is not None and not known and pager.oldest_first != workspace.is_oldest_first:
            self._rearranged = True
            self.start_over()
            return
        self._draw_on_same_run()
        pager.wish(workspace.wishes)
        before, self._rearranged = pager.is_ordered, True
        begun = pager.arrange(workspace.order)
        self._rearranged = not pager.is_ordered if begun else before
        if page is not None and not self._rearranged:
            pager.learn(page)

    def _on_page_reread(self, page: SourcePage) -> None:
        self._draw(keep_place=True)
        self._show_notice(page)

    def _on_change(self, change: Change) -> None:
        """Where the last pages were deleted, the page before them is shown."""
        if change.rows:
            self.reload(fallback=lambda number: number - 1)

    def _on_tags(self) -> None:
        self._rows.tags = self._workspace.runs.tags
        if "tags" in self._workspace.arrangement.columns:
            self._rows.update_rows()

    def _on_trouble(self, words: str) -> None:
        if self._ui.line.note is None:
            self._ui.tell(f"names and scores are missing: {words}", "error")

    def _on_news(self) -> None:
        if not self.news_waiting:
            self.news_waiting = True
            page = self._workspace.page
            rows = len(page.rows) if page is not None else 0
            self._ui.after(_NEWS_AT_MOST_EVERY + rows / _ROWS_A_SECOND, self._show_news)

    def _show_news(self) -> None:
        """Rows whose order hangs on the news change places; the cursor stays on its run."""
        self.news_waiting = False
        workspace, page = self._workspace, self._workspace.page
        if page is not None and workspace.arrangement.sort:
            before = [row.run_id for row in self._rows.runs]
            if before != [row.run_id for row in workspace.in_order(page.rows)]:
                if self._rows.cursor_row <= 0:
                    self._draw()  # who has not moved wants to see what is first
                else:
                    self._draw_on_same_run()
        settled = page is not None and workspace.pager.settled(page.number)
        self._rows.update_rows(settled=settled)
        workspace.facts_changed.emit(None)

    # -- keys ----------------------------------------------------------------------------------

    def next_page(self) -> None:
        """The next page; a search that was given up goes on."""
        page = self._workspace.page
        if page is None:
            return
        if page.stopped:
            self.turn_to(page.number, cursor=len(page.rows))
        elif page.last:
            self._ui.tell("this is the last page", "info")
        else:
            self.turn_to(page.number + 1)

    def previous_page(self) -> None:
        """The page before."""
        page = self._workspace.page
        if page is not None and page.number > 0:
            self.turn_to(page.number - 1)
        else:
            self._ui.tell("this is the first page", "info")

    def go_to(self) -> None:
        """Asks for the number of a page or of a run."""
        from runbrowser.tui.dialogs.goto import Goal, GoToDialog

        def go(goal: Goal | None) -> None:
            if goal is None:
                return
            if goal.page is not None:
                self.turn_to(goal.page - 1)
                return
            self.put_cursor(goal.run_id or 0)
            self._workspace.want_run(goal.run_id or 0)

        self._ui.ask(GoToDialog(), go)
