"""Asks for a theme, and shows the browser in each while the cursor is on it."""

from __future__ import annotations

from textual.widgets import OptionList

from runbrowser.tui import themes
from runbrowser.tui.dialogs.choose import ChooseDialog


class ThemeDialog(ChooseDialog):
    """Enter takes the theme under the cursor, Esc brings the one before back."""

    def __init__(self, known: dict[str, bool], current: str) -> None:
        """``known``: themes by name, and whether they are dark."""
        own = [theme.name for theme in themes.ALL]
        names = [*own, *sorted(set(known) - set(own))]
        choices = [
            (name, name, themes.REMARKS.get(name, "dark" if known[name] else "light"))
            for name in names
        ]
        super().__init__("Theme", choices, current=current)
        self._before = current

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """The theme under the cursor, at once."""
        event.stop()
        if event.option_id is not None and self.is_current:
            self.app.theme = event.option_id

    def action_leave(self) -> None:
        """As it was."""
        self.app.theme = self._before
        super().action_leave()
