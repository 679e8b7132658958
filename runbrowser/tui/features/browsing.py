"""All that can be done with the runs of a source: the features of the main screen, put together."""

from __future__ import annotations

from collections.abc import Callable

from runbrowser.tui.dispatch import Handler, Handlers
from runbrowser.tui.features.bulk_jobs import BulkJobs
from runbrowser.tui.features.changes import Changes
from runbrowser.tui.features.clipboard import Clipboard
from runbrowser.tui.features.counting import Counting
from runbrowser.tui.features.detail import Detail, PagePane
from runbrowser.tui.features.export import Exports
from runbrowser.tui.features.filter_names import FilterNames
from runbrowser.tui.features.history import History
from runbrowser.tui.features.marking import Marking
from runbrowser.tui.features.mirror import MirrorSwitch
from runbrowser.tui.features.order import Order
from runbrowser.tui.features.overviews import Overviews
from runbrowser.tui.features.pages import Pages
from runbrowser.tui.features.ui import UI, DetailPanes, RowsPane
from runbrowser.tui.features.watch import PageWatch
from runbrowser.tui.features.when_read import WhenRead
from runbrowser.tui.workspace import Workspace


class Browsing:
    """One of each feature that needs a workspace.

    ``notice`` shows a text in place of the rows, ``watch_seconds`` lie between two polls.
    """

    def __init__(
        self,
        workspace: Workspace,
        ui: UI,
        rows: RowsPane,
        pane: PagePane,
        panes: DetailPanes,
        *,
        notice: Callable[[str], None],
        watch_seconds: float,
    ) -> None:
        self.workspace = workspace
        self.pages = Pages(workspace, ui, rows, notice)
        when_read = WhenRead(workspace, ui)
        self.filter_names = FilterNames(workspace, ui, self.pages)
        self.history = History(workspace, ui, self.pages)
        self.detail = Detail(workspace, ui, pane, panes, when_read)
        self.order = Order(workspace, ui, rows)
        self.counting = Counting(workspace, ui)
        self.marking = Marking(workspace, ui, rows)
        self.clipboard = Clipboard(workspace, ui, when_read)
        self.jobs = BulkJobs(workspace, ui)
        self.changes = Changes(workspace, ui, self.jobs)
        self.exports = Exports(workspace, ui, rows)
        self.watch = PageWatch(workspace, ui, rows, watch_seconds)
        self.overviews = Overviews(workspace, ui, self.changes, self.jobs, self.history)
        pane.followed.subscribe(self.overviews.follow)
        self.mirror = MirrorSwitch(workspace, ui, self.pages)

        self._ui = ui

    def stop_search(self) -> bool:
        """Gives up the page that is on its way, while another one is shown; whether one was."""
        if self.jobs.is_shown or not self._ui.line.is_busy or self.workspace.page is None:
            return False
        self.pages.stop()
        self._ui.tell("stopped", "info")
        return True

    def refresh(self) -> None:
        """Asks the server again for the page and the run shown."""
        self.pages.reload()
        self.detail.read_again()

    def handlers(self) -> Handlers:
        """What they do between them."""
        stop = self.jobs.handlers()["stop_job"]
        return {
            **self.pages.handlers(),
            **self.history.handlers(),
            **self.detail.handlers(),
            **self.order.handlers(),
            **self.counting.handlers(),
            **self.marking.handlers(),
            **self.clipboard.handlers(),
            **self.jobs.handlers(),
            **self.changes.handlers(),
            **self.exports.handlers(),
            **self.watch.handlers(),
            **self.overviews.handlers(),
            **self.mirror.handlers(),
            "refresh": Handler(self.refresh),
            "stop_job": Handler(
                lambda: stop.run() if stop.why_disabled() == "" else self.exports.stop(),
                lambda: "" if self.exports.under_way else stop.why_disabled(),
            ),
        }
