"""What widgets tell the screen."""

from __future__ import annotations

from textual.message import Message

from runbrowser.models import RunFilter, RunRow


class FilterChanged(Message):
    """The user applied a filter, by the sidebar or the filter line."""

    def __init__(self, filter: RunFilter) -> None:
        super().__init__()
        self.filter = filter


class FilterDropped(Message):
    """The user left the filter line without applying it."""


class RunHighlighted(Message):
    """The cursor stands on another run (None: the table is empty)."""

    def __init__(self, row: RunRow | None) -> None:
        super().__init__()
        self.row = row

    def can_replace(self, message: Message) -> bool:
        """Only the newest place of the cursor matters."""
        return isinstance(message, RunHighlighted)


class RunOpened(Message):
    """The user asked to read a run."""

    def __init__(self, row: RunRow) -> None:
        super().__init__()
        self.row = row
