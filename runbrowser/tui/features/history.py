"""Back and forward between the lists that were shown: filter, order, page, cursor; and the screen
over them from which one went on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from runbrowser.models import RunFilter
from runbrowser.openml.base import SourcePage
from runbrowser.tui.dispatch import Handler
from runbrowser.tui.features.pages import Pages
from runbrowser.tui.features.ui import UI
from runbrowser.tui.signals import Signal
from runbrowser.tui.workspace import RunFocus, Workspace
from runbrowser.views.arrangement import Arrangement
from runbrowser.views.view import View

_MOST = 100  # steps that are remembered


@dataclass(frozen=True, slots=True)
class Step:
    """Where one was. ``reopen`` brings back the screen that lay over it, from which one went on."""

    view: View
    page: int = 0
    run_id: int | None = None
    reopen: Callable[[], None] | None = None


class History:
    """Keeps the steps behind and ahead. Switching a state or "mine" on and off is no step: their
    keys take it back.
    """

    def __init__(self, workspace: Workspace, ui: UI, pages: Pages) -> None:
        self._workspace = workspace
        self._ui = ui
        self._pages = pages
        self.changed: Signal[None] = Signal()
        selection = workspace.selection
        self._here = Step(View(filter=selection.filter, arrangement=selection.arrangement))
        self._back: list[Step] = []
        self._ahead: list[Step] = []
        self._reopen: Callable[[], None] | None = None
        self._moves = False  # the change of the filter is a step back or forward
        self._left: Callable[[], None] | None = None  # brings back a screen that was left last
        self._wanted: Step | None = None  # until its page is there
        selection.filtered.subscribe(self._on_filter)
        selection.arranged.subscribe(self._on_arrangement)
        workspace.page_shown.subscribe(self._on_page)
        workspace.focus_changed.subscribe(self._on_focus)

    def handlers(self) -> dict[str, Handler]:
        """What it does."""
        return {"forward": Handler(self.forward, self._why_not_forward)}

    @property
    def leads(self) -> str:
        """What esc does to the filter, for the status line."""
        behind = self._back[-1].view.filter if self._back else RunFilter()
        return "esc clears" if behind.empty else "esc back"

    # -- what it hears -------------------------------------------------------------------------

    def _on_filter(self, filter: RunFilter) -> None:
        if self._moves:
            return
        before, reopen, self._reopen = self._here, self._reopen, None
        self._wanted = None
        selection = self._workspace.selection
        self._here = Step(View(selection.name, filter, selection.arrangement))
        if reopen or _without_switches(filter) != _without_switches(before.view.filter):
            self._note(replace(before, reopen=reopen))

    def _note(self, step: Step) -> None:
        self._back = [*self._back[-_MOST + 1 :], step]
        self._ahead.clear()
        self._left = None
        self.changed.emit(None)

    def _on_arrangement(self, arrangement: Arrangement) -> None:
        self._here = replace(self._here, view=replace(self._here.view, arrangement=arrangement))

    def _on_page(self, page: SourcePage) -> None:
        self._here = replace(self._here, page=page.number)
        wanted, self._wanted = self._wanted, None
        if wanted is None:
            return
        if wanted.run_id is not None:
            self._pages.put_cursor(wanted.run_id)
        if wanted.reopen is not None:
            wanted.reopen()

    def _on_focus(self, focus: RunFocus) -> None:
        if focus.cursor is not None and self._wanted is None:
            self._here = replace(self._here, run_id=focus.cursor.run_id)

    # -- going ---------------------------------------------------------------------------------

    def leave_by(self, reopen: Callable[[], None]) -> None:
        """The next filter is put in force from a screen, which ``reopen`` brings back."""
        self._reopen = reopen

    def note_screen(self, reopen: Callable[[], None]) -> None:
        """One goes on from a screen without another filter."""
        self._note(replace(self._here, reopen=reopen))

    def leave_screen(self, reopen: Callable[[], None]) -> None:
        """A screen was left by going back; going forward brings it back."""
        self._left = reopen

    def back(self) -> bool:
        """A step back, if there is one."""
        if not self._back:
            return False
        step = self._back.pop()
        self._ahead.append(self._here)
        self._go_to(step)
        return True

    def clear(self) -> None:
        """All runs, where nothing lies behind: what was shown lies ahead then."""
        if self._here.view.filter.empty and self._here.view.filter.show_errors:
            return
        self._ahead.append(self._here)
        self._go_to(Step(replace(self._here.view, filter=RunFilter())))

    def _why_not_forward(self) -> str:
        return "" if self._ahead or self._left else "there is nothing ahead"

    def forward(self) -> None:
        """The screen or the list that was left by going back."""
        reopen, self._left = self._left, None
        if reopen is not None:
            reopen()
            return
        step = self._ahead.pop()
        self._back.append(replace(self._here, reopen=None))
        self._go_to(replace(step, reopen=None))

    def _go_to(self, step: Step) -> None:
        selection, before = self._workspace.selection, self._here.view
        self._here, self._reopen, self._left = replace(step, reopen=None), None, None
        self.changed.emit(None)
        if step.view.filter == before.filter and self._workspace.page is not None:
            if step.view.arrangement != before.arrangement:
                selection.arrange(step.view.arrangement)
            if step.reopen is not None:
                step.reopen()
            return
        self._wanted, self._moves = step, True
        try:
            selection.show_view(step.view)
        finally:
            self._moves = False
        if step.page:
            self._pages.turn_to(step.page)


def _without_switches(filter: RunFilter) -> RunFilter:
    return replace(filter, state=None, mine=False)
