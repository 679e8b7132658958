"""The trash: copies of deleted runs, to be restored or taken away for good."""

from __future__ import annotations

import asyncio

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import DataTable, Static

from runbrowser.actions.trash import Entry, Trash, size_words
from runbrowser.text import display, display_lines
from runbrowser.triage.flow_names import short_name
from runbrowser.tui.presenters.detail import age
from runbrowser.tui.presenters.rows import MARK, error_line

_COLUMNS = (
    ("run", 9, 0),
    ("deleted", 14, 0),
    ("restored", 9, 0),
    ("size", 9, 90),
    ("flow", 28, 110),
)
"""Label, width, and the width of the screen from which the column is shown."""
_LONGEST_LIST = 300  # copies named before they are taken away for good


class TrashScreen(Screen[list[Entry] | None]):
    """A line a copy; gives those that are to be restored."""

    BINDINGS = [  # noqa: RUF012
        Binding("escape,q", "leave", show=False),
        Binding("j", "move(1)", show=False),
        Binding("k", "move(-1)", show=False),
        Binding("space", "mark", show=False),
        Binding("asterisk", "mark_all", show=False),
        Binding("r", "restore", show=False),
        Binding("D", "purge", show=False),
    ]

    def __init__(self, trash: Trash, server: str) -> None:
        super().__init__()
        self._trash = trash
        self._server = server
        self._entries: list[Entry] = []
        self._restored: dict[str, int | None] = {}
        self._bytes = 0  # bytes of all copies
        self._due = 0  # copies that are past the trash's bounds
        self._marked: set[str] = set()
        self._was_read = False

    def compose(self) -> ComposeResult:
        yield Static("", markup=False, id="groups-head")
        yield DataTable(id="groups", cursor_type="row", cell_padding=1)
        with VerticalScroll(id="group-page", can_focus=False):
            yield Static("", markup=False, id="group-text")
        yield Static(
            "r restore   space mark   * all   D purge   esc back",
            markup=False,
            id="groups-foot",
        )

    def on_mount(self) -> None:
        """Reads what is there."""
        self.run_worker(self._read(), exit_on_error=False)

    @property
    def _table(self) -> DataTable[Text]:
        return self.query_one("#groups", DataTable)

    async def _read(self) -> None:
        def read() -> tuple[list[Entry], int, int]:
            entries = self._trash.entries(self._server)
            wanted = {entry.name for entry in entries}
            due = sum(1 for due in self._trash.due() if due.entry.name in wanted)
            return entries, sum(entry.size for entry in entries), due

        self._entries, self._bytes, self._due = await asyncio.to_thread(read)
        self._restored = {entry.name: entry.restored_as for entry in self._entries}
        self._was_read = True
        names = {entry.name for entry in self._entries}
        self._marked &= names
        self._draw()

    def _draw(self) -> None:
        if not self._was_read:
            return
        count = len(self._entries)
        words = f"Trash   {count:,} {'copy' if count == 1 else 'copies'}, {size_words(self._bytes)}"
        if self._marked:
            words += f"   {MARK} {len(self._marked):,} marked"
        if self._due:
            words += f"   {self._due:,} past its bounds"
        self.query_one("#groups-head", Static).update(words if count else "The trash is empty")
        table = self._table
        place = table.cursor_row
        table.clear(columns=True)
        columns = [(label, width) for label, width, least in _COLUMNS if self.size.width >= least]
        for label, width in columns:
            table.add_column(Text(label), width=width)
        rest = max(12, self.size.width - sum(width + 2 for _, width in columns) - 4)
        table.add_column(Text("flow" if len(columns) < len(_COLUMNS) else "error"), width=rest)
        for entry in self._entries:
            cells = self._cells(entry, rest)
            wanted = [cells[label] for label, _ in columns]
            last = cells["error"] if len(columns) == len(_COLUMNS) else cells["what"]
            table.add_row(*(Text(cell, end="") for cell in (*wanted, last)))
        if self._entries:
            table.move_cursor(row=min(place, len(self._entries) - 1), animate=False)
            table.focus()
        self._show_page()

    def _cells(self, entry: Entry, rest: int) -> dict[str, str]:
        """The texts of a line by column; ``rest`` is the width of the last one."""
        restored = self._restored.get(entry.name)
        flow = short_name(str(entry.told.get("flow_name") or ""))
        error = error_line(str(entry.told.get("error_message") or ""), rest)
        return {
            "run": f"{MARK if entry.name in self._marked else ' '}{entry.run_id}",
            "deleted": age(entry.kept_at),
            "restored": "" if restored is None else str(restored),
            "size": size_words(entry.size),
            "flow": display(flow, 28),
            "error": error,
            "what": display(flow, rest),
        }

    @property
    def _current(self) -> Entry | None:
        place = self._table.cursor_row
        return self._entries[place] if 0 <= place < len(self._entries) else None

    def _chosen(self) -> list[Entry]:
        if self._marked:
            return [entry for entry in self._entries if entry.name in self._marked]
        return [self._current] if self._current is not None else []

    def _show_page(self) -> None:
        entry = self._current
        self.query_one("#group-text", Static).update(_page(entry) if entry else Content(""))

    def on_resize(self, event: events.Resize) -> None:
        """The last column takes what is left."""
        self._draw()

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        """Another copy under the cursor."""
        event.stop()
        self._show_page()

    def action_move(self, step: int) -> None:
        """j and k."""
        if step > 0:
            self._table.action_cursor_down()
        else:
            self._table.action_cursor_up()

    def action_mark(self) -> None:
        """Marks the copy, or takes its mark away."""
        entry = self._current
        if entry is not None:
            self._marked ^= {entry.name}
            self._draw()
            self._table.action_cursor_down()

    def action_mark_all(self) -> None:
        """Marks all, or none if all are marked."""
        names = {entry.name for entry in self._entries}
        self._marked = set() if self._marked == names else names
        self._draw()

    def action_restore(self) -> None:
        """Back to the runs, restoring what is chosen."""
        if self._entries:
            self.dismiss(self._chosen())

    def action_purge(self) -> None:
        """Takes copies away for good, after asking."""
        from runbrowser.tui.dialogs.destroy import DestroyDialog

        entries = self._chosen()
        if not entries:
            return
        lines = [
            Content.styled("These copies cannot be had back.", "bold $text-error"),
            Content(""),
            *(Content(f"run {e.run_id}  {size_words(e.size)}") for e in entries[:_LONGEST_LIST]),
        ]
        if len(entries) > _LONGEST_LIST:
            lines.append(Content(f"and {len(entries) - _LONGEST_LIST:,} more"))

        def answered(really: bool | None) -> None:
            if really:
                self.run_worker(self._purge(entries), exit_on_error=False)

        page = Content("\n").join(lines)
        dialog = DestroyDialog("Take away for good?", page, len(entries), verb="purge")
        self.app.push_screen(dialog, answered)

    async def _purge(self, entries: list[Entry]) -> None:
        try:
            await asyncio.to_thread(self._trash.purge, entries)
        except OSError as error:
            await self._read()
            self.query_one("#groups-head", Static).update(display(f"not done: {error}", 200))
            return
        await self._read()

    def action_leave(self) -> None:
        """Back, nothing restored."""
        self.dismiss(None)


def _page(entry: Entry) -> Content:
    told = entry.told
    pairs = [
        ("flow", short_name(str(told.get("flow_name") or ""))),
        ("task", f"#{told.get('task_id')}"),
        ("uploader", str(told.get("uploader_name") or told.get("uploader") or "")),
        ("tags", " ".join(entry.tags)),
        ("files", ", ".join(str(file.get("name")) for file in entry.files)),
        ("missing", "; ".join(entry.missing)),
        ("restored", f"as run {entry.restored_as}" if entry.restored_as else ""),
    ]
    lines = [Content.styled(f"Run {entry.run_id}", "bold")]
    lines += [
        Content.assemble((f"{name:<10}", "$text-muted"), display(value, 300))
        for name, value in pairs
        if value
    ]
    error = str(told.get("error_message") or "").strip()
    if error:
        lines.append(Content(""))
        for line in display_lines(error, 4_000).split("\n"):
            lines.append(Content.styled(line, "$text-error"))
    return Content("\n").join(lines)
