"""Which panes are open, and which has the keys."""

from __future__ import annotations

from runbrowser.tui.ui import Parts

SIDEBAR_FROM = 120  # columns from which the sidebar is open unless folded by hand
_ALL_PANES_FROM = 180  # columns from which sidebar and detail are open together


class Panes(Parts):
    """Opens, folds and walks the panes."""

    _sidebar_by_hand: bool | None = None

    def place_panes(self) -> None:
        """Opens and folds panes for the width at hand."""
        width = self.app.size.width
        reading = self.pane.display
        open_ = self._sidebar_by_hand
        if open_ is None:
            open_ = width >= SIDEBAR_FROM and not (reading and width < _ALL_PANES_FROM)
        self.sidebar.display = open_
        self.set_class(reading, "-reading")

    def on_resize(self) -> None:
        """Another width may have room for other panes."""
        self.place_panes()

    def on_descendant_focus(self) -> None:
        """The hints are for the pane that has the keys."""
        self.status.where = "detail" if self.focused is self.pane else "table"

    def action_fold_sidebar(self) -> None:
        self._sidebar_by_hand = not self.sidebar.display
        self.place_panes()
        if not self.sidebar.display:
            self.table.focus()

    def action_sidebar(self) -> None:
        self.sidebar.fill()
        if not self.sidebar.display:
            self._sidebar_by_hand = True
            self.place_panes()
        self.call_after_refresh(self.sidebar.focus_first)

    def _panes(self) -> list[str]:
        panes = ["sidebar"] if self.sidebar.display else []
        if self.table.display and not (self.has_class("-narrow") and self.pane.display):
            panes.append("table")
        return [*panes, "detail"] if self.pane.display else panes

    def _step_pane(self, step: int) -> None:
        panes = self._panes()
        focused = self.focused
        here = "table"
        if focused is not None and self.sidebar in focused.ancestors_with_self:
            here = "sidebar"
        elif focused is self.pane:
            here = "detail"
        place = panes.index(here) if here in panes else 0
        goal = panes[(place + step) % len(panes)] if panes else "table"
        if goal == "sidebar":
            self.sidebar.focus_first()
        elif goal == "detail":
            self.pane.focus()
        else:
            self.table.focus()

    def action_next_pane(self) -> None:
        self._step_pane(1)

    def action_previous_pane(self) -> None:
        self._step_pane(-1)

    def action_theme(self) -> None:
        from runbrowser.tui.dialogs.theme import ThemeDialog

        if self.app.no_color:
            self.say("NO_COLOR is set: there are no colours to choose", "info")
            return
        known = {name: theme.dark for name, theme in self.app.available_themes.items()}

        def chosen(name: str | None) -> None:
            if name is not None:
                self.take_theme(name)

        self.app.push_screen(ThemeDialog(known, self.app.theme), chosen)

    def take_theme(self, name: str) -> None:
        """Another theme, now and from the next start on."""
        from runbrowser.tui.looks import in_force
        from runbrowser.tui.themes import remember

        self.app.theme = name
        try:
            remember(name, in_force(self.app).configured)
        except OSError as error:
            reason = error.strerror or error
            self.say(f"theme {name}; it cannot be kept for the next start: {reason}", "error")
        else:
            self.say(f"theme {name}, also from the next start on", "done")
