"""A page of text that scrolls: only the rows that are seen are made and drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import events
from textual.cache import LRUCache
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip
from textual.style import Style
from textual.visual import Visual

from runbrowser.pages.lines import Line, text_of
from runbrowser.tui.content import line_content
from runbrowser.tui.dispatch import Handler, Handlers

Layout = Callable[[int], Sequence[Line]]
"""Makes the rows of a page for a width in cells; none is wider than that."""

Decoration = Callable[[int, Content], Content]
"""Puts marks on a row, given its number and what is in it."""

_KEPT = 1_000  # rows that stay drawn
_LEAST = 20  # cells for which a page is laid out at least


class PageView(ScrollView, can_focus=False):
    """Shows a page that is laid out for its width; a page has any number of rows.

    The screen or pane around it has the keys, and moves it.
    """

    class Moved(Message):
        """Other rows are seen."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._layout: Layout | None = None
        self._rows: Sequence[Line] = ()
        self._width = 0  # for which the rows were laid out; 0 when they have to be anew
        self._drawn: LRUCache[int, Strip] = LRUCache(_KEPT)
        self._decoration: Decoration | None = None

    # -- what is shown -------------------------------------------------------------------------

    def show(self, layout: Layout, *, keep_place: bool = False) -> None:
        """Shows a page, from its top unless ``keep_place``."""
        self._layout = layout
        self._lay_out()
        if not keep_place:
            self.to_row(0)

    def show_rows(self, rows: Sequence[Line], width: int, *, keep_place: bool = False) -> None:
        """Shows rows that have been laid out for a width already."""
        self._layout = lambda _: rows
        self._take(rows, width)
        if not keep_place:
            self.to_row(0)

    @property
    def rows(self) -> Sequence[Line]:
        """The rows of the page."""
        return self._rows

    @property
    def room(self) -> int:
        """The width for which a page is laid out, in cells; 0 while there is no place yet."""
        return max(_LEAST, self.scrollable_content_region.width) if self.size.width else 0

    @property
    def text(self) -> str:
        """The whole page, also what is scrolled out of sight."""
        return "\n".join(map(text_of, self._rows))

    def decorate(self, decoration: Decoration | None) -> None:
        """Rows are drawn with these marks from now on."""
        self._decoration = decoration
        self._draw_anew()

    def _lay_out(self) -> None:
        self._width = 0  # while it has no place yet, getting one lays it out
        if self._layout is not None and self.room:
            self._take(self._layout(self.room), self.room)

    def _take(self, rows: Sequence[Line], width: int) -> None:
        self._rows, self._width = rows, width
        self.virtual_size = Size(width, len(rows))
        self._draw_anew()

    def _draw_anew(self) -> None:
        self._drawn.clear()
        self.refresh()

    def on_resize(self, event: events.Resize) -> None:
        """Another width, other rows."""
        if self._layout is not None and self.room != self._width:
            self._lay_out()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many rows as the page has, where the height is to fit them."""
        if self.styles.scrollbar_gutter == "stable":
            width -= self.styles.scrollbar_size_vertical
        if self._layout is not None and max(_LEAST, width) != self._width:
            self._take_quietly(max(_LEAST, width))
        return len(self._rows)

    def _take_quietly(self, width: int) -> None:
        """Lays out while the place is being found: the screen is drawn after it anyway."""
        if self._layout is not None:
            self._rows, self._width = self._layout(width), width
            self._drawn.clear()
            self.set_reactive(PageView.virtual_size, Size(width, len(self._rows)))

    # -- moving, at once -----------------------------------------------------------------------

    def to_row(self, row: int) -> None:
        """Brings a row to the top, as far as there are rows below it."""
        self.scroll_to(y=row, animate=False, force=True)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Whoever is around the page is told."""
        super().watch_scroll_y(old_value, new_value)
        self.post_message(self.Moved())

    def move(self, rows: int) -> None:
        """So many rows down, or up."""
        self.to_row(round(self.scroll_y) + rows)

    def turn(self, screens: int, *, less: int = 0) -> None:
        """So many screens down, or up, each of them some rows less."""
        self.move(screens * max(1, self.scrollable_content_region.height - less))

    def to_end(self) -> None:
        """The last rows."""
        self.to_row(round(self.max_scroll_y))

    # -- drawing -------------------------------------------------------------------------------

    def notify_style_update(self) -> None:
        """Other colours."""
        self._drawn.clear()
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        """A row of what is seen."""
        row = round(self.scroll_y) + y
        width, style = self.size.width, self.visual_style
        if not 0 <= row < len(self._rows):
            return Strip.blank(width, style.rich_style)
        strip = self._drawn.get(row)
        if strip is None:
            strip = self._drawn[row] = self._draw(row, width, style)
        return strip

    def _draw(self, row: int, width: int, style: Style) -> Strip:
        content = line_content(self._rows[row], no_color=self.app.no_color)
        if self._decoration is not None:
            content = self._decoration(row, content)
        selection = self.text_selection
        if selection is not None and (chosen := selection.get_span(row)) is not None:
            start, end = chosen
            look = Style.from_styles(self.screen.get_component_styles("screen--selection"))
            content = content.stylize(look, start, len(content) if end == -1 else end)
        strips = Visual.to_strips(self, content, width, 1, style, apply_selection=False)
        strip = strips[0] if strips else Strip.blank(width, style.rich_style)
        return strip.apply_offsets(0, row)

    # -- text chosen with the mouse ------------------------------------------------------------

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The chosen text: of the rows that it is in, no others are made."""
        last = len(self._rows) - 1
        first = selection.start.y if selection.start is not None else 0
        end = min(selection.end.y if selection.end is not None else last, last)
        texts = []
        for row in range(first, end + 1):
            start, stop = selection.get_span(row) or (0, 0)
            text = text_of(self._rows[row])
            texts.append(text[start:] if stop == -1 else text[start:stop])
        return "\n".join(texts), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        """Other text is chosen."""
        self._draw_anew()


def moves(page: Callable[[], PageView], *, lines: int = 2) -> Handlers:
    """What moves the page of a screen, by the names of the actions.

    page: the page, once it is there. lines: how many a step up or down is.
    """
    return {
        "cursor_down": Handler(lambda: page().move(lines)),
        "cursor_up": Handler(lambda: page().move(-lines)),
        "page_down": Handler(lambda: page().turn(1, less=1)),
        "page_up": Handler(lambda: page().turn(-1, less=1)),
        "scroll_top": Handler(lambda: page().to_row(0)),
        "scroll_bottom": Handler(lambda: page().to_end()),
    }
