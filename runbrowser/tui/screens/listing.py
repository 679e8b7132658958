"""A screen that lists things in a table over a page about the one under the cursor."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import cached_property, partial
from typing import ClassVar, Generic, TypeVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.coordinate import Coordinate
from textual.screen import Screen
from textual.widgets import DataTable, Static

from runbrowser.pages.lines import Line, Lines, spans
from runbrowser.pages.rows import Cell
from runbrowser.pages.status import foot
from runbrowser.text import display
from runbrowser.tui.actions import hints
from runbrowser.tui.content import STYLES, content
from runbrowser.tui.dispatch import Handler, Handlers
from runbrowser.tui.keymap import in_force
from runbrowser.tui.places import Place
from runbrowser.tui.widgets.page_view import PageView
from runbrowser.tui.widgets.plain_table import PlainTable

T = TypeVar("T")
Result = TypeVar("Result")


class ListScreen(Screen[Result], Generic[T, Result]):
    """What the lists beside the main screen share; a subclass says what a line and a page are.

    ``lines`` are those of ``table``.
    """

    PLACES: ClassVar[Sequence[Place]] = ()
    COLUMNS: Sequence[tuple[str, int]] = ()
    """Label and width of every column but the last, which takes the rest."""
    LAST = ""
    """Label of the last column."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[T] = []
        self._rest = 12  # width of the last column
        self._told: str | list[Line] = ""
        self._place = 0  # the line of which the page tells
        self.wanted: Callable[[T], bool] | None = None
        """The line on which the cursor is put, as soon as there is such a line."""
        # Held, not looked up: news may come while the screen goes, and its widgets go first.
        self._head_line = Static("", markup=False, id="list-head")
        self._foot_line = Static("", markup=False, id="list-foot")
        self.table: DataTable[Text] = PlainTable(id="list", cursor_type="row", cell_padding=1)

    def compose(self) -> ComposeResult:
        yield self._head_line
        yield self.table
        yield PageView(id="list-page")
        yield self._foot_line

    # -- what a subclass says ------------------------------------------------------------------

    def cells(self, line: T, width: int) -> Sequence[Cell]:
        """The cells of a line; ``width`` is that of the last one."""
        raise NotImplementedError

    def page(self, line: T, width: int) -> Lines:
        """What is told of the line under the cursor."""
        raise NotImplementedError

    def columns(self) -> tuple[Sequence[tuple[str, int]], str]:
        """Label and width of the columns for which there is room, and the label of the last."""
        return self.COLUMNS, self.LAST

    # -- what it gets --------------------------------------------------------------------------

    @property
    def current(self) -> T | None:
        """The line under the cursor."""
        place = self.table.cursor_row
        return self.lines[place] if 0 <= place < len(self.lines) else None

    def start(
        self, work: Callable[[], Awaitable[None]], group: str, *, exclusive: bool = True
    ) -> None:
        """Work of a group in the background; given as a function, since one that is called off
        before it began must not leave a coroutine behind.
        """
        self.run_worker(work, group=group, exclusive=exclusive, exit_on_error=False)

    def head(self, words: str) -> None:
        """Says in the first line what is listed, or why nothing is."""
        self._head_line.update(display(words, max(20, self.size.width - 2)))

    def tell(self, words: str | list[Line], kind: str = "info") -> None:
        """Says in the last line what has become of something; '' brings the keys back."""
        self._told, width = words, max(20, self.size.width - 2)
        lines = [spans(display(words, width))] if isinstance(words, str) and words else words or []
        keys = hints(actions=in_force(self.app).actions, places=self.PLACES)
        self._foot_line.update(content(foot(lines, keys, width)))

    def draw(self) -> None:
        """Draws all lines anew, the cursor staying where it is."""
        table, place, wanted = self.table, self.table.cursor_row, self.wanted
        if wanted is not None and (found := [n for n, one in enumerate(self.lines) if wanted(one)]):
            place, self.wanted = found[0], None
        table.clear(columns=True)
        columns, last = self.columns()
        first = self.cells(self.lines[0], 0) if self.lines else ()
        for number, (label, width) in enumerate(columns):
            right = bool(first) and first[number].right
            head = Text(label, end="", justify="right" if right else "left")
            table.add_column(head, width=width)
        self._rest = max(12, self.size.width - sum(width + 2 for _, width in columns) - 3)
        table.add_column(Text(last, end=""), width=self._rest)
        for line in self.lines:
            table.add_row(*map(self._text, self.cells(line, self._rest)))
        if self.lines:
            self._place = max(0, min(place, len(self.lines) - 1))
            table.move_cursor(row=self._place, animate=False)
            table.focus()
        self.show_page()

    def redraw(self, line: T) -> None:
        """Draws one line anew: much less work than all."""
        place = self.lines.index(line)
        for column, cell in enumerate(self.cells(line, self._rest)):
            self.table.update_cell_at(Coordinate(place, column), self._text(cell))

    def _text(self, cell: Cell) -> Text:
        color = STYLES.get(cell.look, "").rpartition("$")[2]
        style = self.app.theme_variables.get(color, "") if color and not self.app.no_color else ""
        justify = "right" if cell.right else "left"
        return Text(cell.text, style, end="", justify=justify, no_wrap=True)  # type: ignore[arg-type]

    def show_page(self) -> None:
        """Draws the page about the line under the cursor."""
        line = self.current
        page = self.query_one("#list-page", PageView)
        width = max(20, page.size.width - 4)
        page.show_rows(self.page(line, width) if line is not None else [], width)
        self.call_after_refresh(self._tell_of_more)

    def _tell_of_more(self, _: object = None) -> None:
        """A page that is longer than its place says so; known whenever all has found its place."""
        for place in self.query("#list-page"):
            place.border_title = "J K scroll" if place.max_scroll_y else ""

    def on_resize(self, event: events.Resize) -> None:
        """Another width, other columns."""
        self.screen_layout_refresh_signal.subscribe(self, self._tell_of_more)
        self.draw()
        self.tell(self._told)

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        """Another line under the cursor."""
        event.stop()
        place = self.table.cursor_row
        if place != self._place:  # a list that is drawn anew tells of all its lines
            self._place = place
            self.tell("")
            self.show_page()

    def step(self, step: int) -> None:
        """Moves the cursor by so many lines."""
        self.tell("")
        place = max(0, min(self.table.cursor_row + step, len(self.lines) - 1))
        self.table.move_cursor(row=place, animate=False)

    @cached_property
    def actions(self) -> Handlers:
        """What moves the cursor, and the page about the line under it. A subclass adds what it has
        beside its methods.
        """
        return {
            "cursor_down": Handler(partial(self.step, 1)),
            "cursor_up": Handler(partial(self.step, -1)),
            "scroll_top": Handler(lambda: self.step(-len(self.lines))),
            "scroll_bottom": Handler(lambda: self.step(len(self.lines))),
            "page_below_down": Handler(lambda: self.query_one("#list-page", PageView).move(2)),
            "page_below_up": Handler(lambda: self.query_one("#list-page", PageView).move(-2)),
        }

    def action_leave(self) -> None:
        """Back, nothing chosen."""
        self.dismiss(None)
