"""What the user has decided about keys, colours and watching, before the browser starts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from textual.app import App

from runbrowser.config import Settings
from runbrowser.tui import themes
from runbrowser.tui.keymap import DEFAULT, Keymap, read


@dataclass(frozen=True, slots=True)
class Looks:
    """Keys, a theme, the pause of a watch in seconds.

    ``configured`` is the theme that config.toml names, '' for none.
    """

    keys: Keymap = DEFAULT
    theme: str = ""
    configured: str = ""
    watch_seconds: float = 30

    def first_theme(self, known: Iterable[str], *, no_color: bool) -> tuple[str, str]:
        """The theme to start with, and all that was wrong with keys and theme, in words."""
        theme, wrong = themes.first_theme(self.theme, known, no_color=no_color)
        keys = "; ".join(self.keys.complaints)
        words = f"[keys] in config.toml: {keys}" if keys else ""
        return theme, "; ".join(filter(None, (words, wrong)))


def looks_of(settings: Settings) -> Looks:
    """Keys and theme of the settings; a theme chosen in the browser is remembered."""
    asked = settings.theme
    if settings.origin("theme") == "RUNBROWSER_THEME":
        return Looks(read(settings.keys), asked, "", settings.watch_seconds)
    return Looks(
        read(settings.keys), themes.remembered(asked) or asked, asked, settings.watch_seconds
    )


def in_force(app: App[Any]) -> Looks:
    """The looks of an app."""
    found = getattr(app, "looks", None)
    return found if isinstance(found, Looks) else Looks()
