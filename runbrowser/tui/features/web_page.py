"""Opening a page of the website, and copying where that cannot be done."""

from __future__ import annotations

import os
import sys

from runbrowser.tui.features.ui import UI


def take(ui: UI, text: str, what: str) -> None:
    """Copies a text, and tells which way it took; ``what`` is what it is called."""

    async def copy() -> None:
        way = await ui.copy(text)
        ui.tell(f"{what} {way}", "done")

    ui.work(copy, "copy", exclusive=False)


def open_page(ui: UI, address: str) -> None:
    """Opens a page of the website, or copies its address where nothing can open it."""
    shown = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if os.environ.get("SSH_CONNECTION") or not (shown or os.name == "nt" or _is_mac()):
        take(ui, address, address)  # a browser started here would be on another machine
        return
    import webbrowser

    if webbrowser.open(address):
        ui.tell(f"opened {address}", "done")
    else:
        take(ui, address, address)


def _is_mac() -> bool:
    return sys.platform == "darwin"
