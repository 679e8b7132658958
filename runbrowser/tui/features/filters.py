"""Which runs are shown: the keys that change the filter."""

from __future__ import annotations

from dataclasses import replace

from runbrowser.models import RunFilter, RunState
from runbrowser.tui.dispatch import Handler
from runbrowser.tui.features.ui import UI
from runbrowser.tui.workspace import Selection

_STATE_AFTER = {None: RunState.FAILED, RunState.FAILED: RunState.OK}


class Filters:
    """Puts other filters in force; there before any source is."""

    def __init__(self, selection: Selection, ui: UI) -> None:
        self._selection = selection
        self._ui = ui

    def handlers(self) -> dict[str, Handler]:
        """What it does."""
        return {
            "cycle_state": Handler(self.cycle_state),
            "mine": Handler(self.toggle_mine),
            "clear_filter": Handler(self.clear),
        }

    def apply(self, filter: RunFilter) -> None:
        """Puts another filter in force, or tells why it cannot be."""
        why = self._selection.refusal(filter)
        if why:
            self._ui.tell(why, "error")
        else:
            self._selection.show(filter)

    def cycle_state(self) -> None:
        """All runs, failed ones, ok ones."""
        filter = self._selection.filter
        self.apply(replace(filter, state=_STATE_AFTER.get(filter.state)))

    def toggle_mine(self) -> None:
        """Only my own runs, or everybody's."""
        filter = self._selection.filter
        self.apply(replace(filter, mine=not filter.mine))

    def clear(self) -> None:
        """All runs."""
        filter = self._selection.filter
        if not filter.empty or not filter.show_errors:
            self.apply(RunFilter())
