"""What became of each run of a bulk action."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from runbrowser.actions.outcome import Report, State

_STYLES = {
    State.DONE: "$text-success",
    State.ALREADY: "$text-success",
    State.LEFT_OUT: "$text-muted",
    State.FAILED: "$text-error",
    State.DOUBTFUL: "$text-warning",
    State.STOPPED: "$text-muted",
}
_MOST = 2_000  # lines drawn; a copy holds all


class ReportScreen(ModalScreen[str | None]):
    """A line a run. ``y`` copies the report, ``r`` tries again what was not done."""

    BINDINGS = [  # noqa: RUF012
        Binding("escape,q,enter", "leave", show=False),
        Binding("y", "copy", show=False),
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
        lines = [Content.styled(self._report.headline, "bold")]
        if self._report.stopped:
            lines.append(Content.styled(self._report.stopped, "$text-warning"))
        lines.append(Content(""))
        drawn = list(zip(self._report.outcomes, self._report.lines(), strict=True))
        lines += [Content.styled(line, _STYLES[outcome.state]) for outcome, line in drawn[:_MOST]]
        if len(drawn) > _MOST:
            lines.append(Content(f"and {len(drawn) - _MOST:,} more; y copies all"))
        hints = "y copy   esc back"
        if self._report.failed:
            hints = f"r try the {len(self._report.failed)} again   {hints}"
        with Vertical(classes="dialog -large"):
            with VerticalScroll(id="report-box", can_focus=False):
                yield Static(Content("\n").join(lines), markup=False)
            yield Static(hints, markup=False, id="report-foot", classes="note")

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

        told = await copy(self.app, self._report.text())
        self.query_one("#report-foot", Static).update(f"report {told}")
