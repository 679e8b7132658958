"""Exporting runs: what the main screen does so that runs become a file while one goes on."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from runbrowser.models import RunFilter
from runbrowser.pages.status import Note
from runbrowser.tui.features.changes import Acting
from runbrowser.tui.features.pages import OpenSource

if TYPE_CHECKING:
    from runbrowser.tui.dialogs.export import Wish
    from runbrowser.tui.exporting import Export

_READABLE = 2.0  # seconds for which another word stands before it
_SHOWN_EVERY = 0.25  # seconds between two words about how far an export is

# Nothing here is on the first picture: what an export needs is imported when it is first wanted.


class Exporting(Acting):
    """One export at a time goes on in the background."""

    def __init__(self, open_source: OpenSource, filter: RunFilter, page_size: int) -> None:
        super().__init__(open_source, filter, page_size)
        self.export: Export | None = None
        self._export_note: Note | None = None
        self._export_shown_at = 0.0

    def action_export(self) -> None:
        from runbrowser.tui import exporting
        from runbrowser.tui.dialogs.export import Choice, ExportDialog

        if self.export is not None:
            self.say("an export goes on: one at a time, X stops it", "info")
            return
        if self.source is None or self.pager is None:
            self.say("there is no connection yet", "info")
            return
        page, rows, facts = self._page, list(self.table.runs), self.pager.facts
        book = self.pager.scores
        measures = [wish.measure for wish in self.wishes() if wish.measure and not wish.per_fold]
        choices, at_hand = [], []
        if len(self.marks):
            at_hand.append(list(self.marks))
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
            self.say("there are no runs to export", "info")
            return
        filter = self.pager.filter

        def wished(wish: Wish | None) -> None:
            from runbrowser.files.export import sheet_of

            if wish is None:
                return
            sheet = None
            if wish.choice < len(at_hand):
                known = (facts, book, measures) if wish.scores else ({}, None, ())
                sheet = sheet_of(at_hand[wish.choice], *known)
            export = exporting.Export(wish, self._show_export, sheet, filter, measures)
            self._start_export(export)

        name = exporting.file_name(filter)
        self.app.push_screen(ExportDialog("Export runs", choices, name), wished)

    def _start_export(self, export: Export) -> None:
        self.export = export
        self._export_shown_at = 0.0
        self.run_worker(self._carry_export(export), group="export", exit_on_error=False)

    async def _carry_export(self, export: Export) -> None:
        self._show_export()
        try:
            words, kind = await export.run(self.source)
        finally:
            self.export = None
        self.say_outcome(words, kind)

    def _show_export(self) -> None:
        """How far it is, unless something else stands there to be read; jobs come first."""
        export, now = self.export, time.monotonic()
        if export is None or self.job is not None or now - self._export_shown_at < _SHOWN_EVERY:
            return
        note = self.status.note
        others = note is not None and note is not self._export_note and note.kind != "busy"
        if others and now - self._said_at < _READABLE:
            return
        self._export_shown_at = now
        self._export_note = self.status.note = Note(export.words, "busy")

    def stop_export_shown(self) -> bool:
        """Stops the export of which the status line tells; whether there was one."""
        if self.export is None or self.status.note is not self._export_note:
            return False
        self.export.halt()
        return True

    def action_stop_job(self) -> None:
        if self.job is None and self.export is not None:
            self.export.halt()
        else:
            super().action_stop_job()
