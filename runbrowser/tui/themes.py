"""The looks of the browser."""

from __future__ import annotations

from textual.theme import Theme

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
        "text-muted": "#8a94a6",
        "text-success": "#7fc99a",
        "text-warning": "#e5a35c",
        "text-error": "#f2777a",
        "text-primary": "#7cb7ff",
        "text-secondary": "#9aa7ff",
        "text-accent": "#e6c07b",
        "block-cursor-background": "#2c4568",
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
)

ALL = (NIGHT, DAY)


def first_theme(*, no_color: bool) -> str:
    """The theme to start with: the terminal's own colours where NO_COLOR asks for none."""
    return "ansi-dark" if no_color else NIGHT.name
