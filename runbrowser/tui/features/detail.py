"""Reading one run in the detail pane, which follows the cursor."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Protocol

from runbrowser.errors import RunbrowserError
from runbrowser.fields.subjects import Subject
from runbrowser.models import Run, RunFilter, RunState
from runbrowser.tui.dispatch import Handler
from runbrowser.tui.features.ui import UI, DetailPanes, Timer
from runbrowser.tui.features.when_read import WhenRead
from runbrowser.tui.signals import Signal
from runbrowser.tui.workspace import Change, Workspace

if TYPE_CHECKING:
    from runbrowser.pages.lines import Lines
    from runbrowser.triage.recompute import Analysis

_REST = 0.2  # seconds the cursor rests on a run before it is asked for
_REST_AT_HAND = 0.06  # and before one that is at hand is drawn: held keys go before
_SOON = 0.15  # seconds in which most runs come, before it is said that one is being read

# What is not on the first picture (the detail's layout) is imported when it is first wanted.


class PagePane(Protocol):
    """The pane that shows the page of one run."""

    run_id: int | None
    followed: Signal[Subject | RunFilter]

    def show(
        self,
        run_id: int | None,
        layout: Callable[[int], Lines],
        *,
        keep_place: bool = False,
        extent: int = 0,
    ) -> None:
        """Shows a page; ``layout`` makes it for a width in cells, of about so many things."""
        ...


class Detail:
    """Runs that were read before are at hand at once; others come when the cursor rests on them."""

    def __init__(
        self, workspace: Workspace, ui: UI, pane: PagePane, panes: DetailPanes, when_read: WhenRead
    ) -> None:
        self._workspace = workspace
        self._when_read = when_read
        self._ui = ui
        self._pane = pane
        self._panes = panes
        self._resting: Timer | None = None
        self._previewing: Timer | None = None
        self._followed: int | None = None  # the run under the cursor when it last moved
        panes.opened.subscribe(lambda _: self._on_opened())
        panes.closed.subscribe(lambda _: self._on_closed())
        workspace.run_wanted.subscribe(self.open)
        workspace.runs.amended.subscribe(self._on_amended)
        workspace.changed.subscribe(self._on_change)
        workspace.facts_changed.subscribe(lambda _: self._on_facts())

    def handlers(self) -> dict[str, Handler]:
        """What it does."""
        return {
            "predictions": self._when_read.handler(self.predictions, "its predictions"),
            "trace": self._when_read.handler(self.trace, "its trace"),
        }

    @property
    def is_resting(self) -> bool:
        """Whether a run is going to be shown once the cursor has rested on it."""
        return self._resting is not None

    # -- which run -----------------------------------------------------------------------------

    def open(self, run_id: int) -> None:
        """Opens the detail on a run and puts the keys there."""
        if not self._panes.detail_open:
            self._panes.open_detail()
        self._follow_no_more()
        self._panes.focus_detail()  # at once: a key typed right after is meant for it
        self._take(run_id)
        self._show(run_id, at_once=True)

    def under_cursor(self, run_id: int) -> None:
        """The open detail follows the cursor to another run. Rows drawn anew do not move it: a run
        that was opened by its number, or just published, stays.
        """
        moved, self._followed = run_id != self._followed, run_id
        if moved and self._panes.detail_open and not self._workspace.focus.in_pane:
            self.follow(run_id)

    def follow(self, run_id: int) -> None:
        """Shows a run once the cursor has rested on it, so that holding a key asks for nothing."""
        self._follow_no_more()
        at_hand = self._workspace.runs.get(run_id) is not None

        def rested() -> None:
            self._resting = None
            if self._ui.keys_wait:  # a busy machine: the next key may move the cursor on
                self.follow(run_id)
            else:
                self._show(run_id)

        self._resting = self._ui.after(_REST_AT_HAND if at_hand else _REST, rested)

    def _follow_no_more(self) -> None:
        """Where the cursor came to rest counts no longer: something else was wanted since."""
        if self._resting is not None:
            self._resting.stop()
            self._resting = None

    def read_again(self) -> None:
        """Asks for the open run anew."""
        run_id = self._pane.run_id
        if self._panes.detail_open and run_id is not None:
            self._workspace.runs.forget([run_id], analyses=True)
            self._fetch(run_id, fresh=True)

    def _take(self, run_id: int) -> None:
        """From now on the pane is for this run."""
        self._pane.run_id = run_id
        if self._panes.detail_open:
            self._workspace.set_opened(run_id)

    # -- what it hears -------------------------------------------------------------------------

    def _on_opened(self) -> None:
        self._workspace.set_opened(self._pane.run_id)
        row = self._workspace.focus.cursor
        if row is not None:
            self.follow(row.run_id)

    def _on_closed(self) -> None:
        self._ui.cancel("detail")
        self._follow_no_more()
        self._draw_no_preview()
        self._workspace.set_opened(None)

    def _on_amended(self, run: Run) -> None:
        if self._panes.detail_open and self._pane.run_id == run.run_id:
            self._lay_out(run, keep_place=True)

    def _on_facts(self) -> None:
        """Lists may tell more of the open run than it tells itself."""
        run = self._workspace.runs.get(self._pane.run_id)
        if self._panes.detail_open and run is not None and run.state is RunState.UNKNOWN:
            self._lay_out(run, keep_place=True)

    def _on_change(self, change: Change) -> None:
        if self._panes.detail_open and self._pane.run_id in change.gone:
            self._panes.close_detail()
        elif not change.rows:
            self.read_again()

    # -- reading -------------------------------------------------------------------------------

    def _show(self, run_id: int, *, at_once: bool = False) -> None:
        run = self._workspace.runs.get(run_id)
        self._take(run_id)
        if run is not None:
            self._ui.cancel("detail")
            self._workspace.runs.touch(run_id)
            self._lay_out(run)
            return
        self._draw_no_preview()
        if at_once:
            self._preview(run_id)
        else:  # drawn twice in a moment, the page would only flicker
            self._previewing = self._ui.after(_SOON, lambda: self._preview(run_id))
        self._fetch(run_id)

    def _draw_no_preview(self) -> None:
        if self._previewing is not None:
            self._previewing.stop()
            self._previewing = None

    def _preview(self, run_id: int, failure: str = "") -> None:
        """What its row tells of a run, while the rest is on its way, or since it failed to come."""
        from runbrowser.pages import detail

        row, names = self._workspace.find_row(run_id), self._workspace.names

        def layout(width: int) -> Lines:
            return detail.preview(run_id, row, names, width, failure=failure)

        self._pane.show(run_id, layout)

    def _fetch(self, run_id: int, *, fresh: bool = False) -> None:
        self._ui.work(partial(self._get, run_id, fresh), "detail")

    async def _get(self, run_id: int, fresh: bool) -> None:
        source, names = self._workspace.source, self._workspace.names
        try:
            run = await source.run(run_id, fresh=fresh)
        except RunbrowserError as error:
            if self._pane.run_id == run_id:
                self._draw_no_preview()
                self._preview(run_id, str(error))
            return
        if self._ui.line.is_busy:
            self._ui.tell("")
        self._workspace.runs.note(run)
        if self._pane.run_id == run_id:
            self._lay_out(run)
        wanted = bool(run.parameter_settings) and run.flow_id not in names.defaults
        if run.flow_id is not None and wanted:  # its components' names come with the defaults
            await source.name_flow(run.flow_id)
            if self._pane.run_id == run_id:
                self._lay_out(run, keep_place=True)

    def _lay_out(self, run: Run, *, keep_place: bool = False) -> None:
        from runbrowser.pages import detail
        from runbrowser.tui.offers import offers

        self._draw_no_preview()
        row, names = self._workspace.find_row(run.run_id), self._workspace.names
        analysis = self._workspace.runs.analysis(run.run_id)
        offered = offers(run, analysis, self._ui.actions_in_force)
        fact = self._workspace.pager.facts.get(run.run_id)
        state = fact.state if fact is not None else RunState.UNKNOWN
        self._pane.show(
            run.run_id,
            lambda width: detail.detail(run, row, names, width, offers=offered, state=state),
            keep_place=keep_place,
            extent=detail.extent(run),
        )

    # -- what its files tell -------------------------------------------------------------------

    def predictions(self, run: Run) -> None:
        """What the file of predictions of a run tells."""
        from runbrowser.tui.screens.predictions import PredictionsScreen

        runs = self._workspace.runs

        def back(found: Analysis | None) -> None:
            if found is not None:
                runs.note_analysis(run.run_id, found)
                if self._panes.detail_open and self._pane.run_id == run.run_id:
                    self._lay_out(run, keep_place=True)

        known = runs.analysis(run.run_id)
        self._ui.ask(PredictionsScreen(self._workspace.source, run, known), back)

    def trace(self, run: Run) -> None:
        """The attempts of the search of a run."""
        from runbrowser.tui.screens.trace import TraceScreen

        self._ui.ask(TraceScreen(self._workspace.source, run.run_id))
