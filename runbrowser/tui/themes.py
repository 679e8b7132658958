"""The looks of the browser: its own themes beside Textual's, and which one it starts with.

A theme chosen in the browser is kept in the state folder, together with what config.toml said at
that time: once somebody writes another theme there, that one holds. RUNBROWSER_THEME goes before
both.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from textual.theme import Theme

from runbrowser import paths

NIGHT = Theme(
    name="runbrowser-night",
    primary="#7cb7ff",
    secondary="#9aa7ff",
    accent="#e6c07b",
    success="#7fc99a",
    warning="#e5a35c",
    error="#f2777a",
    foreground="#d9dee7",
    background="#12161d",
    surface="#161b23",
    panel="#1f2631",
    dark=True,
    variables={
        "text-muted": "#99a3b4",
        "text-success": "#7fc99a",
        "text-warning": "#e5a35c",
        "text-error": "#f2777a",
        "text-primary": "#7cb7ff",
        "text-secondary": "#9aa7ff",
        "text-accent": "#e6c07b",
        "block-cursor-background": "#1f3554",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-blurred-background": "#222c3a",
        "block-cursor-blurred-foreground": "#d9dee7",
        "border": "#2b3442",
        "border-blurred": "#2b3442",
        "scrollbar": "#2b3442",
        "scrollbar-hover": "#3a475a",
        "scrollbar-active": "#7cb7ff",
        "scrollbar-background": "#161b23",
        "scrollbar-corner-color": "#161b23",
        "input-selection-background": "#2c4568",
    },
)

DAY = Theme(
    name="runbrowser-day",
    primary="#1f5fa8",
    secondary="#4b53b3",
    accent="#8a5a00",
    success="#1f7a45",
    warning="#a85600",
    error="#b3261e",
    foreground="#20242b",
    background="#fbfbf9",
    surface="#f4f4f0",
    panel="#e6e7e2",
    dark=False,
    variables={
        "text-muted": "#565c66",
        "text-success": "#14502d",
        "text-warning": "#6e3800",
        "text-error": "#8f1b15",
        "text-primary": "#143e6e",
        "text-secondary": "#2f3371",
        "text-accent": "#5b3b00",
        "block-cursor-background": "#c4d7ee",
        "block-cursor-foreground": "#10141a",
        "block-cursor-blurred-background": "#dbe0e8",
        "block-cursor-blurred-foreground": "#20242b",
    },
)

CLEAR = Theme(
    # The colours that Okabe and Ito chose so that people who see fewer of them tell them apart
    # ("Color Universal Design", 2008): sky blue, vermilion, yellow, purple; no red against green.
    name="runbrowser-clear",
    primary="#56b4e9",
    secondary="#cc79a7",
    accent="#f0e442",
    success="#56b4e9",
    warning="#f0e442",
    error="#d55e00",
    foreground="#e8eaed",
    background="#101418",
    surface="#161b20",
    panel="#222a31",
    dark=True,
    variables={
        "text-muted": "#9aa3ae",
        "text-success": "#56b4e9",
        "text-warning": "#f0e442",
        "text-error": "#f08a4b",  # vermilion, lighter: it has to be read on dark panels too
        "text-primary": "#56b4e9",
        "text-secondary": "#ce7eaa",
        "text-accent": "#ffffff",
        "block-cursor-background": "#0b2f4a",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-blurred-background": "#26313b",
        "block-cursor-blurred-foreground": "#e8eaed",
        "border": "#33404c",
        "border-blurred": "#33404c",
        "scrollbar": "#33404c",
        "scrollbar-hover": "#465766",
        "scrollbar-active": "#56b4e9",
        "scrollbar-background": "#161b20",
        "scrollbar-corner-color": "#161b20",
        "input-selection-background": "#0f4c75",
    },
)

ALL = (NIGHT, DAY, CLEAR)

# Dark shades with a touch of blue all become black where there are 256 colours: panes, dialogs
# and the cursor of a pane without the keys could not be seen. Such a terminal has these shades.
_SHADES = {
    "block-cursor-background": "#00005f",
    "block-cursor-blurred-background": "#303030",
    "border": "#3a3a3a",
    "border-blurred": "#3a3a3a",
    "scrollbar": "#3a3a3a",
    "scrollbar-hover": "#4e4e4e",
    "scrollbar-background": "#1c1c1c",
    "scrollbar-corner-color": "#1c1c1c",
    "input-selection-background": "#005f87",
}


def own_themes(color_system: str | None) -> tuple[Theme, ...]:
    """The browser's themes for a terminal, by what Rich calls its colours."""
    if color_system != "256":
        return ALL
    return tuple(_with_shades(theme) if theme.dark else theme for theme in ALL)


def _with_shades(theme: Theme) -> Theme:
    return replace(
        theme,
        background="#121212",
        surface="#1c1c1c",
        panel="#262626",
        variables={**theme.variables, **_SHADES},
    )


REMARKS = {
    NIGHT.name: "dark",
    DAY.name: "light",
    CLEAR.name: "colour-blind safe",
    "ansi-dark": "terminal's own",
    "ansi-light": "terminal's own",
}
"""What is said of themes where one is chosen; of the others, whether they are dark or light."""

_NO_COLOUR = "ansi-dark"  # the one theme that writes no colour code where there is to be none


def first_theme(chosen: str, known: Iterable[str], *, no_color: bool) -> tuple[str, str]:
    """The theme to start with, and what was wrong with the one that was asked for ('' if nothing).

    NO_COLOR goes before everything. ``chosen`` '' stands for the browser's own.
    """
    names = sorted(known)
    if no_color:
        return _NO_COLOUR, ""
    if chosen and chosen not in names:
        return NIGHT.name, f"there is no theme {chosen!r}; known: {', '.join(names)}"
    return chosen or NIGHT.name, ""


def _file() -> Path:
    return paths.state_dir() / "theme.json"


def remember(theme: str, configured: str) -> None:
    """Keeps the theme chosen for the next start; ``configured`` is what config.toml says now.

    Raises OSError.
    """
    kept = json.dumps({"theme": theme, "configured": configured})
    paths.write_private(_file(), kept.encode())


def remembered(configured: str) -> str:
    """The theme that was chosen last, unless config.toml says another one since; '' for none."""
    try:
        kept = json.loads(_file().read_bytes())
        same = kept["configured"] == configured
        return str(kept["theme"]) if same else ""
    except (OSError, ValueError, KeyError, TypeError):
        return ""  # never chosen, or the file is not what it was: the theme is not worth a word
