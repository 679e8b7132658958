"""The trash: copies of deleted runs, to be restored or taken away for good."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import cached_property, partial

from runbrowser.bulk.entry import Entry
from runbrowser.bulk.trash import Trash
from runbrowser.pages import trash as present
from runbrowser.pages.lines import Lines
from runbrowser.pages.rows import Cell
from runbrowser.tui.actions import bindings
from runbrowser.tui.dispatch import Handlers
from runbrowser.tui.places import SCREENS
from runbrowser.tui.screens.listing import ListScreen
from runbrowser.tui.screens.marked import LineMarks


class TrashScreen(ListScreen[Entry, list[Entry] | None]):
    """A line a copy; gives those that are to be restored. No key of habit takes any away."""

    PLACES = SCREENS["trash"]
    BINDINGS = bindings(*PLACES)  # type: ignore[assignment]

    def __init__(self, trash: Trash, server: str) -> None:
        super().__init__()
        self._trash = trash
        self._server = server
        # a copy's own name: a run may have been deleted and restored several times
        self.marks = LineMarks[Entry](self, lambda entry: entry.name, self._show_count)
        self._restored: dict[str, int | None] = {}
        self._bytes = 0  # bytes of all copies
        self._damaged = 0  # copies that cannot be read
        self._due = 0  # copies that are past the trash's bounds
        self._was_read = False

    def on_mount(self) -> None:
        """Reads what is there."""
        self.start(self._read, "read")

    async def _read(self) -> None:
        def read() -> tuple[list[Entry], dict[str, int | None], int, int, int]:
            entries = self._trash.entries(self._server)
            wanted = {entry.name for entry in entries}
            due = sum(1 for due in self._trash.due() if due.entry.name in wanted)
            restored = {entry.name: entry.restored_as for entry in entries}
            damaged = len(self._trash.damaged())
            return entries, restored, sum(entry.size for entry in entries), due, damaged

        found = await asyncio.to_thread(read)
        self.lines, self._restored, self._bytes, self._due, self._damaged = found
        self.marks.keep(self.lines)
        self._was_read = True
        self.draw()

    # -- what a line is ------------------------------------------------------------------------

    def columns(self) -> tuple[Sequence[tuple[str, int]], str]:
        """Fewer on a narrow screen."""
        return present.columns(self.size.width)

    def cells(self, line: Entry, width: int) -> Sequence[Cell]:
        """Run, age, what it was restored as, size, flow, error; as many as there is room for."""
        return present.cells(
            line,
            self.size.width,
            width,
            marked=line in self.marks,
            restored_as=self._restored.get(line.name),
        )

    def page(self, line: Entry, width: int) -> Lines:
        """What the copy holds."""
        return present.page(line, self._restored.get(line.name), width)

    def draw(self) -> None:
        """Draws all lines anew, once it is known which."""
        if self._was_read:
            self._show_count()
            super().draw()

    def _show_count(self) -> None:
        self.head(
            present.head(len(self.lines), self._bytes, len(self.marks), self._due, self._damaged)
        )

    # -- keys ----------------------------------------------------------------------------------

    @cached_property
    def actions(self) -> Handlers:
        """What moves and what marks; all else are methods."""
        return {**super().actions, **self.marks.handlers}

    def action_restore(self) -> None:
        """Back to the runs, restoring what is chosen."""
        if self.lines:
            self.dismiss(self.marks.chosen)

    def action_purge(self) -> None:
        """Takes copies away for good, after asking."""
        from runbrowser.tui.dialogs.destroy import DestroyDialog

        entries = self.marks.chosen
        if not entries:
            return

        def answered(really: bool | None) -> None:
            if really:
                self.start(partial(self._purge, entries), "purge")

        page = present.purge_page(entries, self._restored)
        dialog = DestroyDialog("Take away for good?", page, len(entries), verb="purge")
        self.app.push_screen(dialog, answered)

    async def _purge(self, entries: list[Entry]) -> None:
        words = f"{present.count(len(entries))} taken away for good"
        try:
            await asyncio.to_thread(self._trash.purge, entries)
        except OSError as error:
            words = f"not all were taken away: {error.strerror or error}"
        await self._read()
        self.tell(words)
