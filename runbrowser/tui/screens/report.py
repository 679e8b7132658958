"""What became of each run of a bulk action."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from runbrowser.bulk.outcome import Report
from runbrowser.pages.reports import report_page
from runbrowser.tui.content import content

_AROUND = 6  # lines of the dialog that are not the page: frame, foot and gaps
_BESIDE = 8  # cells beside a line of the page: frame, padding, scroll bar, room around


class ReportScreen(ModalScreen[str | None]):
    """``y`` copies the report, ``x`` writes it to a file, ``r`` tries again what was not done."""

    BINDINGS = [  # noqa: RUF012
        Binding("escape,q,enter", "leave", show=False),
        Binding("y", "copy", show=False),
        Binding("x", "export", show=False),
        Binding("r", "retry", show=False),
        Binding("j,down", "scroll(2)", show=False),
        Binding("k,up", "scroll(-2)", show=False),
        Binding("pagedown", "scroll(15)", show=False),
        Binding("pageup", "scroll(-15)", show=False),
    ]

    def __init__(self, report: Report) -> None:
        super().__init__()
        self._report = report

    def compose(self) -> ComposeResult:
        hints = "y copy   x export   esc back"
        if self._report.failed:
            hints = f"r try the {len(self._report.failed):,} again   {hints}"
        with Vertical(classes="dialog -large", id="report-dialog"):
            with VerticalScroll(id="report-box", can_focus=False):
                yield Static("", markup=False, id="report-page")
            yield Static(hints, markup=False, id="report-foot", classes="note")

    def on_resize(self, event: events.Resize) -> None:
        """Lines are broken for the width; the page gives way, so that the foot is always there."""
        width, height = event.size
        self.query_one("#report-dialog").styles.max_height = height
        self.query_one("#report-box").styles.max_height = max(1, height - _AROUND)
        most = min(96, int(width * 0.96)) - _BESIDE
        self.query_one("#report-page", Static).update(content(report_page(self._report, most)))

    def _say(self, words: str) -> None:
        self.query_one("#report-foot", Static).update(words)

    def action_leave(self) -> None:
        """Back."""
        self.dismiss(None)

    def action_retry(self) -> None:
        """Tries again what was not done."""
        if self._report.failed:
            self.dismiss("retry")

    def action_scroll(self, lines: int) -> None:
        """Moves the report."""
        self.query_one("#report-box", VerticalScroll).scroll_relative(y=lines, animate=False)

    async def action_copy(self) -> None:
        """Copies the whole report as text."""
        from runbrowser.tui.clipboard import copy

        self._say(f"report {await copy(self.app, self._report.text())}")

    def action_export(self) -> None:
        """Writes all rows to a file: JSON where its name ends so, else CSV."""
        from runbrowser.tui.dialogs.save import SaveDialog

        def content(name: str) -> str:
            json = name.casefold().endswith(".json")
            return self._report.json() if json else self._report.csv()

        def written(told: str | None) -> None:
            if told:
                self._say(told)

        name = f"runbrowser-{self._report.plan.kind.value}.csv"
        note = "a name that ends in .json is written as JSON, any other as CSV"
        self.app.push_screen(SaveDialog("Export the report", name, note, content), written)
