"""Asks for a theme, and shows the browser in each while the cursor is on it."""

from __future__ import annotations

from collections.abc import Callable

from runbrowser.tui import themes
from runbrowser.tui.dialogs.choose import ChooseDialog


def theme_dialog(
    known: dict[str, bool], current: str, preview: Callable[[str], None]
) -> ChooseDialog:
    """Enter takes the theme under the cursor, Esc brings the one before back.

    ``known``: themes by name, and whether they are dark; ``preview`` puts one on the screen.
    """
    own = [theme.name for theme in themes.ALL]
    names = [*own, *sorted(set(known) - set(own))]
    choices = [
        (name, name, themes.REMARKS.get(name, "dark" if known[name] else "light")) for name in names
    ]
    return ChooseDialog("Theme", choices, current=current, preview=preview, beside=True)
