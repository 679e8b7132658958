"""The browser itself: its themes, the palette, the help, leaving it."""

from __future__ import annotations

from functools import partial
from typing import Any

from textual.app import App

from runbrowser.tui.dispatch import Handler
from runbrowser.tui.features.ui import UI


def take_theme(app: App[Any], name: str) -> tuple[str, str]:
    """Another theme, now and from the next start on; words for it, and their kind."""
    from runbrowser.tui.looks import in_force
    from runbrowser.tui.themes import remember

    app.theme = name
    try:
        remember(name, in_force(app).configured)
    except OSError as error:
        reason = error.strerror or error
        return f"theme {name}; it cannot be kept for the next start: {reason}", "error"
    return f"theme {name}, also from the next start on", "done"


class Application:
    """What can be done whatever is browsed."""

    def __init__(self, app: App[Any], ui: UI) -> None:
        self._app = app
        self._ui = ui

    def handlers(self) -> dict[str, Handler]:
        """What it does."""
        return {
            "palette": Handler(self._app.action_command_palette),
            "help": Handler(self.help),
            "theme": Handler(self.choose_theme, self._why_no_theme),
            "quit": Handler(self._ui.leave),
        }

    def help(self) -> None:
        """All keys."""
        from runbrowser.tui.screens.help import HelpScreen

        self._ui.ask(HelpScreen())

    def _why_no_theme(self) -> str:
        return "NO_COLOR is set: there are no colours to choose" if self._app.no_color else ""

    def choose_theme(self) -> None:
        """Asks for a theme, with a preview."""
        from runbrowser.tui.dialogs.theme import theme_dialog

        known = {name: theme.dark for name, theme in self._app.available_themes.items()}

        def chosen(name: str | None) -> None:
            if name is not None:
                self._ui.tell(*take_theme(self._app, name))

        preview = partial(setattr, self._app, "theme")
        self._ui.ask(theme_dialog(known, self._app.theme, preview), chosen)
