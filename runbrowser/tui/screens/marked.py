"""A list whose lines can be marked, so that something can be done to several of them."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TypeVar

from runbrowser.tui.screens.listing import ListScreen

T = TypeVar("T")
Result = TypeVar("Result")


class MarkedListScreen(ListScreen[T, Result]):
    """Space marks a line, ``*`` all or none; what is done is done to the marks, else to the line
    under the cursor.
    """

    def __init__(self) -> None:
        super().__init__()
        self.marked: set[Hashable] = set()

    def key_of(self, line: T) -> Hashable:
        """What tells a line from all others, however often the list is read again."""
        raise NotImplementedError

    def show_count(self) -> None:
        """Says how many are marked."""
        raise NotImplementedError

    def chosen(self) -> list[T]:
        """The marked lines, else the one under the cursor."""
        if self.marked:
            return [line for line in self.lines if self.key_of(line) in self.marked]
        return [self.current] if self.current is not None else []

    def action_mark(self) -> None:
        """Marks the line or takes its mark away, and goes on to the next."""
        if self.current is not None:
            self.marked ^= {self.key_of(self.current)}
            self.redraw(self.current)
            self.show_count()
            self.step(1)

    def action_mark_page(self) -> None:
        """Marks all lines, or none if all are marked."""
        keys = {self.key_of(line) for line in self.lines}
        self.marked = set() if self.marked >= keys else keys
        self.draw()
        self.show_count()
