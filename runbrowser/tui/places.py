"""Where actions can be done: the screens and dialogs, and the parts they share."""

from __future__ import annotations

from typing import Literal

Place = Literal[
    "app", "screen", "table", "detail", "page", "list", "marks", "groups", "leaderboard", "trace",
    "trash", "compare", "suite", "predictions", "subject", "report", "help", "dialog", "field",
    "choose", "narrow", "columns", "destroy", "form", "fields", "choices", "completing", "sidebar",
    "filter_line", "page_search",
]  # fmt: skip
"""Where keys hold: on a screen ("screen" is the main one, "page" all others, "list" those with a
list, "dialog" those that ask something), or in a widget while it has the focus.
"""

WIDGETS: frozenset[Place] = frozenset(
    ("table", "detail", "field", "choices", "completing", "sidebar", "filter_line", "page_search")
)
"""Places that are widgets: an action there is a method of the widget, not of the screen."""

PANES: frozenset[Place] = frozenset(("table", "detail"))
"""The widgets that are parts of a screen for good: the palette has their actions as well."""

SCREENS: dict[str, tuple[Place, ...]] = {
    "main": ("app", "screen", "table", "detail", "sidebar", "filter_line", "page_search"),
    "groups": ("app", "page", "list", "marks", "groups"),
    "leaderboard": ("app", "page", "list", "marks", "leaderboard"),
    "trace": ("app", "page", "list", "trace"),
    "trash": ("app", "page", "list", "marks", "trash"),
    "compare": ("app", "page", "compare"),
    "suite": ("app", "page", "suite"),
    "predictions": ("app", "page", "predictions", "detail", "page_search"),
    "subject": ("app", "page", "subject", "detail", "page_search"),
    "report": ("app", "page", "report"),
    "help": ("app", "page", "help"),
    "choose": ("app", "dialog", "choose"),
    "columns": ("app", "dialog", "columns"),
    "destroy": ("app", "dialog", "destroy"),
    "field": ("app", "form", "field"),
    "tag": ("app", "form", "completing", "field"),
    "narrow": ("app", "form", "narrow", "field"),
    "export": ("app", "form", "fields", "choices", "field"),
    "publish": ("app", "form", "fields", "completing", "field"),
}
"""The places of every screen and dialog: what can be done there."""
