"""One line above the table: the saved views, the one in force standing out."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from runbrowser.pages.tabs import tabs
from runbrowser.tui.content import line_content


class ViewPicked(Message):
    """A click on a tab; 0 is that of all runs."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


class ViewTabs(Widget):
    """Draws the tabs for the width at hand."""

    def __init__(self) -> None:
        super().__init__(id="view-tabs")
        self._names: Sequence[str] = ()
        self._current = 0
        self._changed = False

    def show(self, names: Sequence[str], current: int, *, changed: bool) -> None:
        """Other tabs; nothing is drawn if they are the same."""
        now = (tuple(names), current, changed)
        if now != (self._names, self._current, self._changed):
            self._names, self._current, self._changed = now
            self.refresh()

    def render(self) -> Content:
        """The line."""
        line, _ = tabs(self._names, self._current, self._changed, max(12, self.size.width))
        return line_content(line)

    def on_click(self, event: events.Click) -> None:
        """Picks the tab under the mouse."""
        _, places = tabs(self._names, self._current, self._changed, max(12, self.size.width))
        for begin, end, number in places:
            if begin <= event.x < end:
                self.post_message(ViewPicked(number))
