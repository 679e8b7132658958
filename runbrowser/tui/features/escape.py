"""Esc: ends or closes one thing at a time, the nearest first; then it goes back a step."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from runbrowser.tui.dispatch import Handler
from runbrowser.tui.features.browsing import Browsing
from runbrowser.tui.features.filters import Filters
from runbrowser.tui.features.ui import UI, DetailPanes


class EscapePanes(DetailPanes, Protocol):
    """Panes that can be left."""

    def leave_sidebar(self) -> bool:
        """Gives the keys of the filter fields to the table; whether they had them."""
        ...

    def leave_search(self) -> bool:
        """Ends a search in the detail; whether there was one."""
        ...


class Escape:
    """Knows what there is to leave; ``browsing`` is None while there is no source."""

    def __init__(
        self,
        ui: UI,
        panes: EscapePanes,
        filters: Filters,
        browsing: Callable[[], Browsing | None],
    ) -> None:
        self._ui = ui
        self._panes = panes
        self._filters = filters
        self._browsing = browsing

    def handlers(self) -> dict[str, Handler]:
        """What it does."""
        return {"back": Handler(self.go_back)}

    def go_back(self) -> None:
        """One step back."""
        for step in self._steps():
            if step():
                return
        browsing = self._browsing()
        if browsing is None:
            self._filters.clear()
        elif not browsing.history.back():
            browsing.history.clear()

    def _steps(self) -> Iterable[Callable[[], bool]]:
        browsing, panes = self._browsing(), self._panes
        if browsing is None:
            steps = [panes.leave_sidebar, panes.leave_search, self._close_detail]
            return [*steps, self._dismiss_note, self._dismiss_outcome]
        return [
            browsing.exports.stop_shown,
            browsing.stop_search,
            panes.leave_sidebar,
            browsing.marking.leave_range,
            panes.leave_search,
            self._close_detail,
            self._dismiss_note,
            self._dismiss_outcome,
            browsing.marking.clear,
        ]

    def _close_detail(self) -> bool:
        if not self._panes.detail_open:
            return False
        self._panes.close_detail()
        return True

    def _dismiss_note(self) -> bool:
        browsing = self._browsing()
        if self._ui.line.note is None or (browsing is not None and browsing.jobs.is_shown):
            return False
        self._ui.tell("")
        return True

    def _dismiss_outcome(self) -> bool:
        if self._ui.line.outcome is None:
            return False
        self._ui.tell_outcome("")
        return True
