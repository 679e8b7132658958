"""Whether a dialog can be drawn on just now: news may come before it is there, or after it left."""

from __future__ import annotations

from typing import Any

from textual.screen import Screen


def stands(dialog: Screen[Any], *parts: str) -> bool:
    """Whether a dialog has not been left, and these parts (selectors) of it are there.

    A dialog that was left is still attached while its parts are being taken away one by one, and
    one that was just opened has none yet.
    """
    return dialog in dialog.app.screen_stack and all(dialog.query(part) for part in parts)
