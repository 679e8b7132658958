"""Reading one run in the detail pane: what the main screen does with ``get``."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from textual.timer import Timer

from runbrowser.errors import RunbrowserError
from runbrowser.models import Run, RunFilter, RunRow
from runbrowser.tui.features.order import Arranging
from runbrowser.tui.features.pages import OpenSource
from runbrowser.tui.keymap import in_force
from runbrowser.tui.workspace import RunFocus

if TYPE_CHECKING:
    from runbrowser.pages.lines import Lines
    from runbrowser.triage.recompute import Analysis

_REST = 0.2  # seconds the cursor rests on a run before it is asked for
_REST_AT_HAND = 0.06  # and before one that is at hand is drawn: held keys go before
_SOON = 0.15  # seconds in which most runs come, before it is said that one is being read
_KEPT_RUNS = 50


# What is not on the first picture (the detail's layout) is imported when it is first wanted.


class Reading(Arranging):
    """The detail pane follows the cursor; runs read before are at hand at once."""

    def __init__(self, open_source: OpenSource, filter: RunFilter, page_size: int) -> None:
        super().__init__(open_source, filter, page_size)
        self._read: OrderedDict[int, Run] = OrderedDict()
        self._analysed: dict[int, Analysis] = {}
        self._resting: Timer | None = None
        self._previewing: Timer | None = None
        self._under_cursor: int | None = None
        self._pane_had_keys = False

    def read_run(self, run_id: int) -> None:
        """Opens the detail on a run and puts the keys there."""
        opened = not self.pane.display
        self.pane.display = True
        if opened:
            self.place_panes()
        self._follow_no_more()
        self.set_focus(self.pane)  # at once: a key typed right after is meant for it
        self.pane.run_id = run_id
        self._show_run(run_id, at_once=True)
        self.show_focus()

    def under_cursor(self, run_id: int) -> None:
        """The open detail follows the cursor to another run. Rows drawn anew do not move it: a run
        that was opened by its number, or just published, stays.
        """
        moved, self._under_cursor = run_id != self._under_cursor, run_id
        if moved and self.pane.display and not self.focus_now.in_pane:
            self.follow(run_id)
        self.show_focus()

    @property
    def focus_now(self) -> RunFocus:
        """Which run keys act on, from what is shown and who has the keys."""
        focused = self.focused
        if focused is not None:  # a field or a dialog takes the keys for a while, no more
            if self.pane in focused.ancestors_with_self:
                self._pane_had_keys = True
            elif focused is self.table:
                self._pane_had_keys = False
        opened = self.pane.run_id if self.pane.display else None
        return RunFocus(self.table.current, opened, self._pane_had_keys)

    def focused_row(self) -> RunRow | None:
        """The row of the run in focus, which need not be on the page."""
        return self.focus_now.row(self.find_row, self.read_before)

    def show_focus(self) -> None:
        """Says which run keys act on where that is not the one under the cursor."""
        focus = self.focus_now
        self.status.acts_on = focus.run_id if focus.is_elsewhere else None

    def on_descendant_focus(self) -> None:
        """Another pane has the keys."""
        super().on_descendant_focus()
        self.show_focus()

    def follow(self, run_id: int) -> None:
        """Shows a run once the cursor has rested on it, so that holding a key asks for nothing."""
        self._follow_no_more()
        rest = _REST_AT_HAND if run_id in self._read else _REST

        def rested() -> None:
            self._resting = None
            self._show_run(run_id)

        self._resting = self.set_timer(rest, rested)

    def _follow_no_more(self) -> None:
        """Where the cursor came to rest counts no longer: something else was wanted since."""
        if self._resting is not None:
            self._resting.stop()
            self._resting = None

    def read_before(self, run_id: int) -> Run | None:
        """A run that was read, if it is still at hand."""
        return self._read.get(run_id)

    def forget_read(self, run_ids: list[int]) -> None:
        """Runs that have changed are read anew when they are next wanted."""
        for run_id in run_ids:
            self._read.pop(run_id, None)

    def close_detail(self) -> None:
        """Closes the pane; the keys go back to the table."""
        self.workers.cancel_group(self, "detail")
        self._follow_no_more()
        self._draw_no_preview()
        self.pane.display = False
        self.place_panes()
        self.table.focus()
        self.show_focus()

    def read_again(self) -> None:
        """Asks for the open run anew."""
        if self.pane.display and self.pane.run_id is not None:
            run_id = self.pane.run_id
            self._read.pop(run_id, None)
            self._analysed.pop(run_id, None)
            self._fetch_run(run_id, fresh=True)

    def run_at_hand(self) -> Run | None:
        """The run in focus, if it was read; else says how it is."""
        focus = self.focus_now
        run = self._read.get(focus.run_id or 0)
        if run is None and focus.in_pane and focus.run_id is not None:
            self.say(f"run {focus.run_id} is still being read", "info")
        elif run is None:
            self.say("enter reads the run first", "info")
        return run

    def action_predictions(self) -> None:
        run, source = self.run_at_hand(), self.source
        if run is None or source is None:
            return
        from runbrowser.tui.screens.predictions import PredictionsScreen

        def back(found: Analysis | None) -> None:
            if found is not None:
                self._analysed[run.run_id] = found
                while len(self._analysed) > _KEPT_RUNS:
                    self._analysed.pop(next(iter(self._analysed)))
                if self.pane.display and self.pane.run_id == run.run_id:
                    self._lay_out(run, keep_place=True)

        known = self._analysed.get(run.run_id)
        self.app.push_screen(PredictionsScreen(source, run, known), back)

    def action_trace(self) -> None:
        run, source = self.run_at_hand(), self.source
        if run is not None and source is not None:
            from runbrowser.tui.screens.trace import TraceScreen

            self.app.push_screen(TraceScreen(source, run.run_id))

    def _show_run(self, run_id: int, *, at_once: bool = False) -> None:
        run = self._read.get(run_id)
        if run is not None:
            self.workers.cancel_group(self, "detail")
            self._read.move_to_end(run_id)
            self._lay_out(run)
            return
        self._draw_no_preview()
        if at_once:
            self._preview(run_id)
        else:  # drawn twice in a moment, the page would only flicker
            self.pane.run_id = run_id
            self._previewing = self.set_timer(_SOON, lambda: self._preview(run_id))
        self._fetch_run(run_id)

    def _draw_no_preview(self) -> None:
        if self._previewing is not None:
            self._previewing.stop()
            self._previewing = None

    def _preview(self, run_id: int) -> None:
        """What its row tells of a run, while the rest is on its way."""
        from runbrowser.pages import detail

        row, names = self.find_row(run_id), self.names
        self.pane.show(run_id, lambda width: detail.preview(run_id, row, names, width))

    def _fetch_run(self, run_id: int, *, fresh: bool = False) -> None:
        self.run_worker(
            self._get(run_id, fresh), group="detail", exclusive=True, exit_on_error=False
        )

    async def _get(self, run_id: int, fresh: bool) -> None:
        source = self.source
        if source is None:
            return
        try:
            run = await source.run(run_id, fresh=fresh)
        except RunbrowserError as error:
            self._could_not_read(run_id, str(error))
            return
        if self.status.note is not None and self.status.note.kind == "busy":
            self.say("")
        self._read[run_id] = run
        while len(self._read) > _KEPT_RUNS:
            self._read.popitem(last=False)
        self.table.tags = {read.run_id: read.tags for read in self._read.values()}
        if "tags" in self.arrangement.columns:
            self.table.update_rows()
        if self.pane.run_id == run_id:
            self._lay_out(run)
        wanted = bool(run.parameter_settings) and run.flow_id not in source.names.defaults
        if run.flow_id is not None and wanted:  # its components' names come with the defaults
            await source.name_flow(run.flow_id)
            if self.pane.run_id == run_id:
                self._lay_out(run, keep_place=True)

    def _could_not_read(self, run_id: int, words: str) -> None:
        if self.pane.run_id != run_id:
            return
        self._draw_no_preview()
        from runbrowser.pages import detail

        row, names = self.find_row(run_id), self.names

        def layout(width: int) -> Lines:
            return detail.preview(run_id, row, names, width, failure=words)

        self.pane.show(run_id, layout)

    def _lay_out(self, run: Run, *, keep_place: bool = False) -> None:
        from runbrowser.pages import detail
        from runbrowser.tui.offers import offers

        self._draw_no_preview()
        row, names = self.find_row(run.run_id), self.names
        offered = offers(run, self._analysed.get(run.run_id), in_force(self.app).actions)
        self.pane.show(
            run.run_id,
            lambda width: detail.detail(run, row, names, width, offers=offered),
            keep_place=keep_place,
        )
