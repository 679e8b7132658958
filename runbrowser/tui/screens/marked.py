"""Marks on the lines of a list, so that something can be done to several of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable
from typing import Any, Generic, TypeVar

from runbrowser.tui.dispatch import Handler, Handlers
from runbrowser.tui.screens.listing import ListScreen

T = TypeVar("T")


class LineMarks(Generic[T]):
    """Space marks a line, ``*`` all or none; what is done is done to the marks, else to the line
    under the cursor.

    key: what tells a line from all others, however often the list is read again. on_change: is
    called when others are marked.
    """

    def __init__(
        self,
        screen: ListScreen[T, Any],
        key: Callable[[T], Hashable],
        on_change: Callable[[], None],
    ) -> None:
        self._screen = screen
        self._key = key
        self._on_change = on_change
        self._keys: set[Hashable] = set()

    def __len__(self) -> int:
        return len(self._keys)

    def __contains__(self, line: T) -> bool:
        return self._key(line) in self._keys

    def keep(self, lines: Collection[T]) -> None:
        """Forgets the marks of what is not among these lines."""
        self._keys &= set(map(self._key, lines))

    @property
    def chosen(self) -> list[T]:
        """The marked lines, else the one under the cursor."""
        current = self._screen.current
        if self._keys:
            return [line for line in self._screen.lines if line in self]
        return [current] if current is not None else []

    def toggle(self) -> None:
        """Marks the line or takes its mark away, and goes on to the next."""
        line = self._screen.current
        if line is not None:
            self._keys ^= {self._key(line)}
            self._screen.redraw(line)
            self._on_change()
            self._screen.step(1)

    def toggle_all(self) -> None:
        """Marks all lines, or none if all are marked."""
        keys = set(map(self._key, self._screen.lines))
        self._keys = set() if self._keys >= keys else keys
        self._screen.draw()
        self._on_change()

    @property
    def handlers(self) -> Handlers:
        """Handlers by the names of their actions."""
        return {"mark": Handler(self.toggle), "mark_page": Handler(self.toggle_all)}
