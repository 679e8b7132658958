"""What became of each run of a bulk action."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from runbrowser.bulk.outcome import Report
from runbrowser.files.reports import to_csv, to_json
from runbrowser.pages.hints import hints as hint_lines
from runbrowser.pages.lines import spans
from runbrowser.pages.reports import report_page, report_text
from runbrowser.pages.status import foot
from runbrowser.text import display
from runbrowser.tui.actions import actions_of, bindings, hints
from runbrowser.tui.content import content
from runbrowser.tui.dispatch import Handler, Handlers, why_disabled
from runbrowser.tui.keymap import in_force
from runbrowser.tui.places import SCREENS
from runbrowser.tui.widgets.page_view import PageView, moves

_AROUND = 6  # lines of the dialog that are not the page: frame, foot and gaps
_BESIDE = 8  # cells beside the foot: frame, padding, room around


class ReportScreen(ModalScreen[str | None]):
    """``y`` copies the report, ``x`` writes it to a file, ``r`` tries again what was not done."""

    PLACES = SCREENS["report"]
    BINDINGS = bindings(*PLACES)  # type: ignore[assignment]

    def __init__(self, report: Report) -> None:
        super().__init__()
        self._report = report

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog -large", id="report-dialog"):
            yield PageView(id="report-page")
            yield Static("", markup=False, id="report-foot")

    def on_mount(self) -> None:
        """Lines are broken for the width that there is."""
        self._page.show(lambda width: report_page(self._report, width))

    @property
    def _page(self) -> PageView:
        return self.query_one("#report-page", PageView)

    @cached_property
    def actions(self) -> Handlers:
        """Trying again is there only where something was not done; most else are methods."""
        retry = Handler(self.action_retry, self._why_no_retry)
        return {"retry": retry, **moves(lambda: self._page)}

    def _why_no_retry(self) -> str:
        return "" if self._report.failed else "everything was done"

    def on_resize(self, event: events.Resize) -> None:
        """The page gives way, so that the foot is always there."""
        height = event.size.height
        self.query_one("#report-dialog").styles.max_height = height
        self.tell("")

    def tell(self, words: str, kind: str = "info") -> None:
        """Says something beside the keys."""
        width = min(96, int(self.size.width * 0.96)) - _BESIDE
        again = f"try the {len(self._report.failed):,} again"
        able = [
            replace(action, label=again) if action.name == "retry" else action
            for action in actions_of(self.PLACES, in_force(self.app).actions)
            if not why_disabled(self, action.does)
        ]
        pairs = hints(actions=able, places=self.PLACES)
        said = [spans(display(words, width))] if words else []
        lines = foot(said, pairs, width) if said else hint_lines(pairs, width)
        self.query_one("#report-foot", Static).update(content(lines))
        most = max(1, self.size.height - _AROUND - len(lines) + 1)
        self.query_one("#report-page").styles.max_height = most

    def action_leave(self) -> None:
        """Back."""
        self.dismiss(None)

    def action_retry(self) -> None:
        """Tries again what was not done."""
        self.dismiss("retry")

    async def action_copy(self) -> None:
        """Copies the whole report as text."""
        from runbrowser.tui.clipboard import copy

        self.tell(f"report {await copy(self.app, report_text(self._report))}")

    def action_export(self) -> None:
        """Writes all rows to a file: JSON where its name ends so, else CSV."""
        from runbrowser.tui.dialogs.save import SaveDialog

        def content(name: str) -> str:
            json = name.casefold().endswith(".json")
            return to_json(self._report) if json else to_csv(self._report)

        def written(told: str | None) -> None:
            if told:
                self.tell(told)

        name = f"runbrowser-{self._report.plan.operation.name}.csv"
        note = "a name that ends in .json is written as JSON, any other as CSV"
        self.app.push_screen(SaveDialog("Export the report", name, note, content), written)
