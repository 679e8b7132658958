"""Exporting runs to a file while one goes on browsing."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from runbrowser.tui.dispatch import Handler
from runbrowser.tui.features.ui import UI, RowsPane
from runbrowser.tui.status_line import Progress
from runbrowser.tui.workspace import Workspace

if TYPE_CHECKING:
    from runbrowser.tui.dialogs.export import Wish
    from runbrowser.tui.exporting import Export

_SHOWN_EVERY = 0.25  # seconds between two words about how far an export is

# Nothing here is on the first picture: what an export needs is imported when it is first wanted.


class Exports:
    """One export at a time goes on in the background."""

    def __init__(self, workspace: Workspace, ui: UI, rows: RowsPane) -> None:
        self._workspace = workspace
        self._ui = ui
        self._rows = rows
        self._progress = Progress(ui.line, over_busy=True)
        self._shown_at = 0.0
        self.under_way: Export | None = None

    def handlers(self) -> dict[str, Handler]:
        """What it does."""
        return {"export": Handler(self.export, self._why_not)}

    def _why_not(self) -> str:
        return "an export goes on: one at a time, X stops it" if self.under_way else ""

    def export(self) -> None:
        """Asks which runs are to be written, and how."""
        from runbrowser.tui import exporting
        from runbrowser.tui.dialogs.export import Choice, ExportDialog

        workspace = self._workspace
        page, rows, facts = workspace.page, list(self._rows.runs), workspace.pager.facts
        book = workspace.pager.scores
        wishes = workspace.wishes
        measures = [wish.measure for wish in wishes if wish.measure and not wish.per_fold]
        choices, at_hand = [], []
        if len(workspace.marks):
            at_hand.append(list(workspace.marks))
            choices.append(exporting.choice_of("marked", at_hand[-1], facts, book, measures))
        if rows:
            at_hand.append(rows)
            choices.append(exporting.choice_of("this page", rows, facts, book, measures))
        if page is not None and rows and not (page.last and page.number == 0):
            known = page.total
            if known is None and page.last:
                known = page.number * page.size + len(page.rows)
            choices.append(Choice("all that match", known, "the score of each, which is asked for"))
        if not choices:
            self._ui.tell("there are no runs to export", "info")
            return
        filter = workspace.pager.filter

        def wished(wish: Wish | None) -> None:
            if wish is None:
                return
            some = at_hand[wish.choice] if wish.choice < len(at_hand) else None
            self._start(
                exporting.Export(
                    wish,
                    self._show_progress,
                    filter=filter,
                    measures=measures if wish.scores else (),
                    rows=some,
                    facts=facts,
                    book=book if wish.scores else None,
                )
            )

        name = exporting.file_name(filter)
        self._ui.ask(ExportDialog("Export runs", choices, name, detailed=True), wished)

    def _start(self, export: Export) -> None:
        self.under_way = export
        self._shown_at = 0.0
        self._ui.work(partial(self._carry_out, export), "export", exclusive=False)

    async def _carry_out(self, export: Export) -> None:
        self._show_progress()
        try:
            words, kind = await export.run(self._workspace.source)
        finally:
            self.under_way = None
        self._ui.tell_outcome(words, kind)

    def _show_progress(self) -> None:
        """How far it is, unless something else stands there to be read; jobs come first."""
        export, now = self.under_way, time.monotonic()
        busy = self._workspace.job is not None or now - self._shown_at < _SHOWN_EVERY
        if export is not None and not busy and self._progress.show(export.words):
            self._shown_at = now

    def stop(self) -> bool:
        """Stops what is under way; whether there was anything."""
        if self.under_way is None:
            return False
        self.under_way.halt()
        return True

    def stop_shown(self) -> bool:
        """Stops the export of which the status line tells; whether there was one."""
        return self._progress.is_shown and self.stop()
