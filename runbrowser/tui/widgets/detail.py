"""The detail pane: one run as a page of text that scrolls, and can be searched."""

from __future__ import annotations

from collections.abc import Callable

from textual import events
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from runbrowser.pages.lines import Lines
from runbrowser.tui.actions import bindings
from runbrowser.tui.content import content
from runbrowser.tui.widgets.page_search import Matches, SearchLine, row_of

Layout = Callable[[int], Lines]


class DetailPane(VerticalScroll, can_focus=True):
    """Shows whatever page it is given, laid out for its width."""

    BINDINGS = bindings("detail")  # type: ignore[assignment]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._layout: Layout | None = None
        self._width = 0
        self._content = Content("")
        self._matches: Matches | None = None
        self.run_id: int | None = None  # the run whose page is shown or being fetched

    def compose(self) -> ComposeResult:
        yield Static("", markup=False, id="detail-page")

    def show(self, run_id: int | None, layout: Layout, *, keep_place: bool = False) -> None:
        """Shows a page; ``layout`` makes it for a width in cells. A search goes on in it."""
        self.run_id = run_id
        self._layout = layout
        self._draw()
        if not keep_place:
            self.scroll_home(animate=False)

    def on_resize(self, event: events.Resize) -> None:
        """Lays the page out again for another width."""
        if self._layout is not None and self._room() != self._width:
            self._draw()

    def _room(self) -> int:
        return max(20, self.scrollable_content_region.width)

    def _draw(self) -> None:
        self._width = 0  # while it has no place yet, getting one draws it
        if self._layout is not None and self.size.width:
            self._width = self._room()
            self._content = content(self._layout(self._width))
            if self._matches is not None:
                self._matches.look(self._content)
            self._mark()

    def _mark(self) -> None:
        """Draws the page with the matches of a search."""
        content = self._content
        if self._matches is not None:
            content = self._matches.marked(content)
            for line in self.query(SearchLine):
                line.tell(self._told())
        self.query_one("#detail-page", Static).update(content)

    def _told(self) -> str:
        """How many matches there are, and which keys go on, once the keys are the page's again."""
        told = self._matches.told if self._matches is not None else ""
        keys = "   n next, N back, esc ends"
        wide = self._width >= 54 and self._matches is not None and self._matches.starts
        return told + keys if wide and self.has_focus else told

    # -- search --------------------------------------------------------------------------------

    @property
    def searching(self) -> bool:
        """Whether a search is under way, typed or gone through."""
        return self._matches is not None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Without a search its keys are the screen's."""
        if action in ("next_match", "previous_match"):
            return self.searching
        return True

    async def action_search(self) -> None:
        """Opens the line for the words, with those looked for before."""
        if not self.query(SearchLine):
            await self.mount(SearchLine(id="page-search"))
        if self._matches is None:
            self._matches = Matches("")
        line = self.query_one(SearchLine)
        line.display = True
        field = line.query_one(Input)
        field.value = self._matches.words
        field.focus()
        self.call_after_refresh(self._mark)

    def on_search_line_typed(self, event: SearchLine.Typed) -> None:
        """Goes to the first match from the top of what is on the screen."""
        event.stop()
        if event.done and not event.words:
            self.leave_search()
            return
        if self._matches is None or event.words != self._matches.words:
            self._matches = Matches(event.words)
            self._matches.look(self._content)
            self._matches.nearest(self._offset_at(int(self.scroll_y)))
        if event.done:
            self.focus()
            self.call_after_refresh(self._go)
        else:
            self._go()

    def on_search_line_left(self, event: SearchLine.Left) -> None:
        """Esc while typing."""
        event.stop()
        self.leave_search()

    def leave_search(self) -> None:
        """Takes the marks away; the keys go back to the page."""
        self._matches = None
        for line in self.query(SearchLine):
            line.display = False
        self._mark()
        self.focus()

    def action_next_match(self) -> None:
        """n."""
        self._step_match(1)

    def action_previous_match(self) -> None:
        """N."""
        self._step_match(-1)

    def _step_match(self, step: int) -> None:
        if self._matches is not None:
            self._matches.step(step)
            self._go()

    def _go(self) -> None:
        """Marks the matches and brings the one at hand into sight."""
        matches = self._matches
        self._mark()
        if matches is None or not matches.starts:
            return
        row = row_of(self._content, matches.starts[matches.at], self._width)
        height = max(2, self.size.height - 1)
        if not self.scroll_y <= row < self.scroll_y + height - 1:
            self.scroll_to(y=max(0, row - height // 3), animate=False)

    def _offset_at(self, row: int) -> int:
        """The offset in the page of the line that begins at a row, or before it."""
        rows = offset = 0
        for line in self._content.split("\n", allow_blank=True):
            if rows >= row:
                break
            rows += len(line.wrap(self._width)) if line.cell_length > self._width else 1
            offset += len(line.plain) + 1
        return offset
