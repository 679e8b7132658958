"""What widgets tell the screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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


class ColumnsPlaced(Message):
    """Other columns are out of sight: for want of room, or folded away with what they all say."""

    def __init__(self, left_out: Sequence[str], folded: Mapping[str, str]) -> None:
        super().__init__()
        self.left_out = tuple(left_out)
        self.folded = dict(folded)

    @property
    def words(self) -> str:
        """What the status line says of it; '' for nothing."""
        parts = []
        if self.left_out:
            parts.append(f"{len(self.left_out)} more \u2192")
        if self.folded:
            parts.append(f"{len(self.folded)} folded")
        return ", ".join(parts)


class RunOpened(Message):
    """The user asked to read a run."""

    def __init__(self, row: RunRow) -> None:
        super().__init__()
        self.row = row
