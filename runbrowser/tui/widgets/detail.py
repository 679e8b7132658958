"""The detail pane: one run as a page of text that scrolls."""

from __future__ import annotations

from collections.abc import Callable

from textual import events
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from runbrowser.tui.actions import bindings

Layout = Callable[[int], Content]


class DetailPane(VerticalScroll, can_focus=True):
    """Shows whatever page it is given, laid out for its width."""

    BINDINGS = bindings("detail")  # type: ignore[assignment]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._layout: Layout | None = None
        self._width = 0
        self.run_id: int | None = None  # the run whose page is shown or being fetched

    def compose(self) -> ComposeResult:
        yield Static("", markup=False, id="detail-page")

    def show(self, run_id: int | None, layout: Layout, *, keep_place: bool = False) -> None:
        """Shows a page; ``layout`` makes it for a width in cells."""
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
        if self._layout is not None and self.size.width:
            self._width = self._room()
            self.query_one("#detail-page", Static).update(self._layout(self._width))
