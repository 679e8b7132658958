"""The table of runs: a page of rows in as many columns as there is room for."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import ClassVar

from rich.console import JustifyMethod
from rich.style import Style
from rich.text import Text
from textual import events
from textual.coordinate import Coordinate
from textual.geometry import Size
from textual.strip import Strip
from textual.widgets import DataTable
from textual.widgets.data_table import RowKey

from runbrowser.models import RunRow
from runbrowser.openml.base import Facts, NameBook
from runbrowser.openml.scores import ScoreBook
from runbrowser.pages.columns import Column, in_turn, layout
from runbrowser.pages.rows import Cell, cells
from runbrowser.pages.sorting import measures_of
from runbrowser.tui.actions import bindings
from runbrowser.tui.messages import ColumnsPlaced, RunHighlighted, RunOpened
from runbrowser.tui.signals import Signal
from runbrowser.tui.widgets.plain_table import PlainTable, merged
from runbrowser.views.arrangement import Arrangement

_AT_FIRST = 50  # rows that have their place before the first paint of a page
_AT_ONCE = 250  # rows given a place between two looks at the keyboard
_SURPLUS = 200  # rows taken away one by one; each costs as much as there are rows

_JOINED_KEPT = 400  # lines


class RunsTable(PlainTable):
    """Shows one page. Rows are places on the screen, not runs: turning a page changes the texts
    in them. A row has its texts once it is in sight, so that a page may hold thousands of runs.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "runs--ok",
        "runs--failed",
        "runs--evaluation-failed",
        "runs--not-evaluated",
        "runs--faint",
        "runs--score",
        "runs--error",
        "runs--mark",
    }
    BINDINGS = bindings("table")  # type: ignore[assignment]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, cursor_type="row", zebra_stripes=False, cell_padding=1)
        self._runs: Sequence[RunRow] = ()
        self.cursor_moved: Signal[RunRow | None] = Signal()
        self.marked: Container[int] = frozenset()  # run ids; drawn anew by update_rows
        self.signs: Mapping[int, str] = {}  # before ids: what a watch has seen; as the marks
        self.tags: Mapping[int, Sequence[str]] = {}  # of the runs that were read, by run id
        self.arrangement = Arrangement()
        self._start = 0  # columns behind the run id that are scrolled out of sight
        self._folded: Mapping[str, str] = {}
        self._facts: Mapping[int, Facts] = {}
        self._names = NameBook()
        self._scores = ScoreBook()
        self._settled = False
        self._columns: list[Column] = []
        self._heads_for = ("", False)  # the order the heads tell of: column key, turned round
        self._columns_told = ""
        self._measures_laid: list[str] = []  # those that the columns have room for
        self._drawn: list[Sequence[Cell]] = []  # what each row shows now
        self._drawn_at: list[int] = []  # and of what state of affairs
        self._state_of_affairs = 0
        self._is_measured = True  # False while rows are being made that nobody sees
        self._styles_by_look: dict[str, Style] = {}
        self._joined: dict[int, tuple[Strip, Strip]] = {}  # by identity of what DataTable drew

    @property
    def current(self) -> RunRow | None:
        """The run under the cursor."""
        place = self.cursor_row
        return self._runs[place] if 0 <= place < len(self._runs) else None

    @property
    def runs(self) -> Sequence[RunRow]:
        """The rows shown, in order."""
        return self._runs

    def show_page(
        self,
        rows: Sequence[RunRow],
        facts: Mapping[int, Facts],
        names: NameBook,
        *,
        scores: ScoreBook | None = None,
        settled: bool = False,
        cursor: int = 0,
        keep_place: bool = False,
    ) -> None:
        """Shows other rows; the cursor goes to the given place. ``settled``: nothing more will be
        found out about them. ``keep_place``: the cursor and what is in sight stay where they are.
        """
        top = self.scroll_y
        cursor = max(0, self.cursor_row) if keep_place else cursor
        self._runs, self._facts, self._names = rows, facts, names
        self._scores, self._settled = scores or ScoreBook(), settled
        if not self._fit_columns(cursor):
            self._draw(cursor=cursor)
        if rows:
            self.move_cursor(row=min(cursor, len(rows) - 1), column=0, animate=False)
        if keep_place:
            self.scroll_to(y=top, animate=False)
        self._tell_cursor()

    def update_rows(self, *, settled: bool | None = None) -> None:
        """Draws again what has changed in the rows shown; cells that stay are left alone."""
        if settled is not None:
            self._settled = settled
        hangs_on_news = self.arrangement.fold or self._measures() != self._measures_laid
        if not (hangs_on_news and self._fit_columns()):
            self._draw()

    def rearrange(self, arrangement: Arrangement) -> None:
        """Other columns; they are drawn with the next page shown."""
        if arrangement.columns != self.arrangement.columns:
            self._start = 0
        self.arrangement = arrangement

    @property
    def folded(self) -> Mapping[str, str]:
        """The columns folded away, with what they say in every row."""
        return self._folded

    @property
    def left_out(self) -> list[str]:
        """The columns wanted for which there is no room, from left to right."""
        shown = {column.key for column in self._columns}
        wanted = in_turn(self.arrangement, self._folded, self._start)
        return [key for key in wanted if key not in shown]

    def action_columns_right(self) -> None:
        """Brings the columns into sight for which there was no room."""
        if self.left_out:
            self._start += 1
            self._fit_columns()

    def action_columns_left(self) -> None:
        """Back to the columns scrolled out of sight."""
        if self._start:
            self._start -= 1
            self._fit_columns()

    def place_of(self, run_id: int) -> int | None:
        """The row of a run, if it is on the page."""
        return next((i for i, row in enumerate(self._runs) if row.run_id == run_id), None)

    def _size_updated(
        self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True
    ) -> bool:
        """Other columns may fit now; laid out at the event, all rows would be sent twice."""
        before = self.size.width
        is_news = super()._size_updated(size, virtual_size, container_size, layout)
        if self.size.width != before or not self._columns:
            self._fit_columns()
        return is_news

    def on_resize(self) -> None:
        """The cursor stays in sight."""
        if self._runs:
            self.move_cursor(row=self.cursor_row, animate=False)

    def _fit_columns(self, cursor: int | None = None) -> bool:
        """Lays the columns out for the width; whether that changed anything (and drew all). The
        cursor stays where it is, or goes to the given place.
        """
        width = self.size.width
        if not width:
            return False
        longest = max((len(str(row.run_id)) for row in self._runs), default=6)
        order = (self.arrangement.sort, self.arrangement.reverse)
        self._folded = self._fold()
        self._measures_laid = self._measures()
        wanted = layout(
            width,
            self.arrangement,
            id_width=longest,
            folded=self._folded,
            start=self._start,
            measures=self._measures_laid,
            failed=all(row.error_message for row in self._runs),
        )
        if wanted == self._columns and self._heads_for == order:
            self._tell_columns()
            return False
        place = self.cursor_row if cursor is None else cursor
        self._columns, self._heads_for = wanted, order
        self._tell_columns()
        self._begin_anew(columns=True)
        for column in wanted:
            key, reverse = order
            arrow = ("\u25b4" if reverse else "\u25be") if key == column.key else ""
            justify: JustifyMethod = "right" if column.right else "left"
            label = Text(column.label + arrow, justify=justify, end="")
            self.add_column(label, width=column.width, key=column.key)
        self._draw(cursor=place)
        if self._runs:
            self.move_cursor(row=min(place, len(self._runs) - 1), animate=False)
        return True

    def _measures(self) -> list[str]:
        """The measures of the scores on the page. As long as those of a row are to come, the
        columns keep room for what they had room for: else every page would be laid out twice.
        """
        found = measures_of(self._runs, self._facts, self.arrangement, "score")
        known = (self._facts.get(row.run_id) for row in self._runs)
        if not self.arrangement.measure_of("score") and not all(
            facts is not None and facts.measure for facts in known
        ):
            found += self._measures_laid
        return sorted(set(found))

    def _fold(self) -> Mapping[str, str]:
        if not self.arrangement.fold:
            return {}
        from runbrowser.pages.folding import folded

        facts, names, settled = self._facts, self._names, self._settled
        return folded(
            self._runs, self.arrangement, facts, names, self._scores, self.tags, settled=settled
        )

    def _tell_columns(self) -> None:
        """Says which columns are not seen, if that may be news to anybody."""
        told = ColumnsPlaced(
            self.left_out if self.arrangement.columns or self._start else (), self._folded
        )
        if told.words != self._columns_told:
            self._columns_told = told.words
            self.post_message(told)

    def _draw(self, *, cursor: int = 0) -> None:
        """Gives every run a row and draws what is in sight; the rest is drawn as it comes there."""
        if not self._columns:
            return
        self._state_of_affairs += 1
        if len(self._drawn) - len(self._runs) > _SURPLUS:
            self._begin_anew(columns=False)
        while len(self._drawn) > len(self._runs):
            self._drawn.pop()
            self._drawn_at.pop()
            self.remove_row(str(len(self._drawn)))
        self._make_rows(max(_AT_FIRST, cursor + 1))  # the cursor needs its row
        self._draw_in_sight()

    def _make_rows(self, up_to: int = 0) -> None:
        """Makes the rows that are missing, so many at a time."""
        made, wanted = len(self._drawn), len(self._runs)
        stop = min(wanted, max(up_to, made + _AT_ONCE if made >= _AT_FIRST else 0))
        blank = [Cell("")] * len(self._columns)
        nothing = [self._text(cell) for cell in blank]
        for place in range(made, stop):
            self.add_row(*nothing, key=str(place))
            self._drawn.append(blank)
            self._drawn_at.append(-1)
        self._is_measured = stop == wanted or not made
        if stop < wanted:
            self.call_after_refresh(self._make_rows)

    def _draw_in_sight(self) -> None:
        """Draws the rows in sight that do not show the state of affairs."""
        first = max(0, int(self.scroll_y) - 1)
        last = first + (self.size.height or _AT_FIRST) + 2
        for place in range(first, min(last, len(self._drawn), len(self._runs))):
            self._draw_row(place)

    def _draw_row(self, place: int) -> None:
        if self._drawn_at[place] == self._state_of_affairs:
            return
        self._drawn_at[place] = self._state_of_affairs
        row, before = self._runs[place], self._drawn[place]
        now = cells(
            row,
            self._columns,
            self._facts.get(row.run_id),
            self._names,
            scores=self._scores,
            tags=self.tags,
            marked=row.run_id in self.marked,
            sign=self.signs.get(row.run_id, ""),
        )
        if now == before:
            return
        for column, old, new in zip(self._columns, before, now, strict=True):
            if old != new:
                self.update_cell(str(place), column.key, self._text(new))
        self._drawn[place] = now

    def _begin_anew(self, *, columns: bool) -> None:
        self._drawn, self._drawn_at = [], []  # first, for clear() scrolls to the top
        self.clear(columns=columns)

    def watch_scroll_y(self, old: float, new: float) -> None:
        """Draws what comes into sight."""
        super().watch_scroll_y(old, new)
        self._draw_in_sight()

    def get_row_at(self, row_index: int) -> list[Text]:
        """The texts of a row, in sight or not."""
        if 0 <= row_index < len(self._drawn):
            self._draw_row(row_index)
        return super().get_row_at(row_index)

    def _update_dimensions(self, new_rows: Iterable[RowKey]) -> None:
        """Columns have their width and rows are one line high: no cell need be measured. While rows
        are being made it happens at first and at the end: each time all in sight is drawn anew.
        """
        if self._is_measured:
            super()._update_dimensions(())

    def _text(self, cell: Cell) -> Text:
        """A cell as text that no markup is read in."""
        style = self._style(cell.look)
        justify: JustifyMethod = "right" if cell.right else "left"
        return Text(cell.text, style, justify=justify, end="", no_wrap=True, overflow="ellipsis")

    def _style(self, look: str) -> Style:
        style = self._styles_by_look.get(look)
        if style is None:
            known = look and look != "\0"
            name = f"runs--{look}"
            style = self.get_component_rich_style(name, partial=True) if known else Style()
            self._styles_by_look[look] = style
        return style

    def render_line(self, y: int) -> Strip:
        """A line of the table in as few pieces as it has looks.

        DataTable notes row and column in the style of every cell, so that no two cells can be
        drawn in one go. Here only the row matters: neighbours that look alike are joined, which
        halves the bytes that go to the terminal.
        """
        strip = super().render_line(y)
        known = self._joined.get(id(strip))
        if known is not None and known[0] is strip:
            return known[1]
        joined = Strip(merged(strip), strip.cell_length)
        if len(self._joined) > _JOINED_KEPT:
            self._joined.clear()
        self._joined[id(strip)] = (strip, joined)
        return joined

    def notify_style_update(self) -> None:
        """Another theme: what is drawn is drawn anew. (Any change of style comes here.)"""
        super().notify_style_update()
        before = getattr(self, "_styles_by_look", None)
        if not before:
            return
        self._styles_by_look = {}
        if any(self._style(look) != style for look, style in before.items()):
            self._drawn = [[Cell("", "\0")] * len(self._columns) for _ in self._drawn]
            self._draw()

    def watch_cursor_coordinate(self, old: Coordinate, new: Coordinate) -> None:
        """Tells the screen where the cursor is."""
        super().watch_cursor_coordinate(old, new)
        if old.row != new.row and self._runs:
            self._tell_cursor()

    def _tell_cursor(self) -> None:
        row = self.current
        self.cursor_moved.emit(row)  # at once: the next key is for this run
        self.post_message(RunHighlighted(row))

    def action_open(self) -> None:
        """Opens the run under the cursor, as Enter and a click do."""
        self.action_select_cursor()

    def action_select_cursor(self) -> None:
        """Enter opens the run."""
        row = self.current
        if row is not None:
            self.post_message(RunOpened(row))

    def on_click(self, event: events.Click) -> None:
        """A second click on a row opens it, wherever in the row either click was.

        DataTable wants both on one cell, but cells that look alike are one piece here.
        """
        if self._runs and event.style.meta.get("row") == self.cursor_row:
            event.prevent_default()
            event.stop()
            self.action_select_cursor()

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        """A click on the row under the cursor opens it."""
        event.stop()
        self.action_select_cursor()
