"""How the browser comes by its source: off the event loop, after the first picture."""

from __future__ import annotations

from collections.abc import Callable

from runbrowser.config import Settings
from runbrowser.openml.base import RunSource
from runbrowser.tui.features.pages import OpenSource


def open_live(settings: Settings) -> OpenSource:
    """A function that connects to the servers of the settings."""

    def open_source(tell: Callable[[str], None]) -> RunSource:
        from runbrowser.openml.opening import live_source

        return live_source(settings, tell)

    return open_source


def open_demo(settings: Settings) -> OpenSource:
    """A function that starts the embedded server and connects to it."""

    def open_source(tell: Callable[[str], None]) -> RunSource:
        from runbrowser.openml.opening import demo_source

        tell("starting the demo server")
        return demo_source(settings, tell)

    return open_source
