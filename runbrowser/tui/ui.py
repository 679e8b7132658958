"""The widgets of the main screen by name, and the status line's voice."""

from __future__ import annotations

from textual.screen import Screen

from runbrowser.models import RunRow
from runbrowser.openml.base import NameBook, RunSource
from runbrowser.openml.pager import Pager
from runbrowser.pages.status import Note
from runbrowser.tui.widgets.detail import DetailPane
from runbrowser.tui.widgets.filter_line import FilterLine
from runbrowser.tui.widgets.runs_table import RunsTable
from runbrowser.tui.widgets.sidebar import Sidebar
from runbrowser.tui.widgets.status_bar import StatusBar


class Parts(Screen[None]):
    """What every side of the main screen needs: its widgets, its source, its pages."""

    source: RunSource | None = None
    pager: Pager | None = None

    @property
    def table(self) -> RunsTable:
        return self.query_one("#runs", RunsTable)

    @property
    def status(self) -> StatusBar:
        return self.query_one("#status", StatusBar)

    @property
    def sidebar(self) -> Sidebar:
        return self.query_one("#sidebar", Sidebar)

    @property
    def pane(self) -> DetailPane:
        return self.query_one("#detail", DetailPane)

    @property
    def line(self) -> FilterLine:
        return self.query_one("#filter-line", FilterLine)

    def say(self, text: str, kind: str = "info") -> None:
        """Puts a sentence into the status line; '' brings the key hints back."""
        self.status.note = Note(text, kind) if text else None

    def tell(self, words: str) -> None:
        """What the dispatch of actions says."""
        self.say(words)

    def say_outcome(self, text: str, kind: str = "info") -> None:
        """Says what became of an action, which stays until the next one or until it is dismissed;
        '' takes it away.
        """
        self.say("")
        self.status.outcome = Note(text, kind) if text else None

    def say_fault(self, error: BaseException) -> None:
        """A fault of ours: told in words, and logged."""
        from runbrowser.tui.faults import log_fault

        where = log_fault(error)
        self.say(f"something went wrong in runbrowser itself; {where} has the details", "error")

    @property
    def names(self) -> NameBook:
        """Names known so far."""
        return self.source.names if self.source is not None else NameBook()

    def find_row(self, run_id: int) -> RunRow | None:
        """The row of a run, if it was on a page."""
        return self.pager.find(run_id) if self.pager is not None else None
