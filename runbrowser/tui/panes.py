"""Which panes of the main screen are open, and which has the keys."""

from __future__ import annotations

from textual.screen import Screen

from runbrowser.tui.signals import Signal
from runbrowser.tui.widgets.detail import DetailPane
from runbrowser.tui.widgets.runs_table import RunsTable
from runbrowser.tui.widgets.sidebar import Sidebar

_SIDEBAR_FROM = 120  # columns from which the sidebar is open unless folded by hand
_ALL_PANES_FROM = 180  # columns from which sidebar and detail are open together


class Panes:
    """Opens, folds and walks the panes."""

    def __init__(
        self, screen: Screen[None], sidebar: Sidebar, table: RunsTable, pane: DetailPane
    ) -> None:
        self._screen = screen
        self._sidebar = sidebar
        self._table = table
        self._pane = pane
        self.sidebar_by_hand: bool | None = None
        """Whether the sidebar is open, None for as the width has it."""
        self.opened: Signal[None] = Signal()
        self.closed: Signal[None] = Signal()

    def place_sidebar(self) -> None:
        """Opens or folds the sidebar for the first picture, on which there is no detail."""
        by_hand, wide = self.sidebar_by_hand, self._screen.app.size.width >= _SIDEBAR_FROM
        self._sidebar.display = wide if by_hand is None else by_hand

    def place(self) -> None:
        """Opens and folds panes for the width at hand."""
        width = self._screen.app.size.width
        reading = self._pane.display
        is_open = self.sidebar_by_hand
        if is_open is None:
            is_open = width >= _SIDEBAR_FROM and not (reading and width < _ALL_PANES_FROM)
        self._sidebar.display = is_open
        self._screen.set_class(reading, "-reading")

    # -- the detail ----------------------------------------------------------------------------

    @property
    def detail_open(self) -> bool:
        """Whether the detail is there."""
        # not the pane's display: that is off for a pane of a screen that is being left
        return self._screen.has_class("-reading")

    def open_detail(self) -> None:
        """Opens it beside or over the table; the keys stay where they are."""
        self._pane.display = True
        self.place()
        self.opened.emit(None)

    def close_detail(self) -> None:
        """Closes it; the keys go back to the table."""
        self._pane.display = False
        self.place()
        self._table.focus()
        self.closed.emit(None)

    def focus_detail(self) -> None:
        """Gives it the keys at once."""
        self._screen.set_focus(self._pane)

    def leave_search(self) -> bool:
        """Ends a search in the detail; whether there was one."""
        if not (self.detail_open and self._pane.searching):
            return False
        self._pane.leave_search()
        return True

    # -- the sidebar ---------------------------------------------------------------------------

    def leave_sidebar(self) -> bool:
        """Gives the keys of the filter fields to the table; whether they had them. What was typed
        into them and not applied is gone.
        """
        focused = self._screen.focused
        if focused is None or self._sidebar not in focused.ancestors:
            return False
        self._sidebar.show_again()
        self._table.focus()
        return True

    def fold_sidebar(self) -> None:
        """Folds or unfolds it."""
        self.sidebar_by_hand = not self._sidebar.display
        self.place()
        if not self._sidebar.display:
            self._table.focus()

    def focus_sidebar(self) -> None:
        """Goes to the filter fields, which are there from now on."""
        self._sidebar.fill()
        if not self._sidebar.display:
            self.sidebar_by_hand = True
            self.place()
        self._screen.call_after_refresh(self._sidebar.focus_first)

    # -- walking -------------------------------------------------------------------------------

    def _open_ones(self) -> list[str]:
        panes = ["sidebar"] if self._sidebar.display else []
        narrow = self._screen.has_class("-narrow")
        if self._table.display and not (narrow and self._pane.display):
            panes.append("table")
        return [*panes, "detail"] if self._pane.display else panes

    def step(self, step: int) -> None:
        """Gives the keys to the pane so many places further."""
        panes, focused, here = self._open_ones(), self._screen.focused, "table"
        if focused is not None and self._sidebar in focused.ancestors_with_self:
            here = "sidebar"
        elif focused is self._pane:
            here = "detail"
        place = panes.index(here) if here in panes else 0
        goal = panes[(place + step) % len(panes)] if panes else "table"
        if goal == "sidebar":
            self._sidebar.focus_first()
        elif goal == "detail":
            self._pane.focus()
        else:
            self._table.focus()
