"""How the browser comes by its source: off the event loop, after the first picture."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable
from contextlib import suppress

from runbrowser.config import Settings
from runbrowser.openml.base import RunSource

OpenSource = Callable[[Callable[[str], None]], RunSource]
"""Makes the source, off the event loop; it is given a function that tells how far it is."""


async def open_off_loop(open_source: OpenSource, tell: Callable[[str], None]) -> RunSource:
    """Opens a source in a thread; ``tell`` hears on the event loop how far it is.

    Imports and a server's start take their time. A daemon thread, unlike one of the loop's own
    pool, does not hold up quitting. Raises what ``open_source`` raises.
    """
    loop = asyncio.get_running_loop()
    here = contextvars.copy_context()  # a thread's own knows no app, which timers want
    opened: asyncio.Future[RunSource] = loop.create_future()

    def later(call: Callable[..., object], *values: object) -> None:
        with suppress(RuntimeError):  # the browser was left meanwhile
            loop.call_soon_threadsafe(call, *values, context=here)

    def settle(source: RunSource | None, error: Exception | None) -> None:
        if opened.done():
            return
        if error is not None:
            opened.set_exception(error)
        elif source is not None:
            opened.set_result(source)

    def open_it() -> None:
        try:
            later(settle, open_source(lambda words: later(tell, words)), None)
        except Exception as error:  # noqa: BLE001 - raised again where it is awaited
            later(settle, None, error)

    threading.Thread(target=open_it, daemon=True, name="open source").start()
    return await opened


def open_live(settings: Settings) -> OpenSource:
    """A function that connects to the servers of the settings."""

    def open_source(tell: Callable[[str], None]) -> RunSource:
        from runbrowser.openml.opening import live_source

        return live_source(settings, tell)

    return open_source


def open_mirror(settings: Settings) -> OpenSource:
    """A function that opens the mirror of the server of the settings."""

    def open_source(tell: Callable[[str], None]) -> RunSource:
        from runbrowser.mirror.opening import mirror_source

        return mirror_source(settings, tell)

    return open_source


def open_demo(settings: Settings) -> OpenSource:
    """A function that starts the embedded server and connects to it."""

    def open_source(tell: Callable[[str], None]) -> RunSource:
        from runbrowser.openml.opening import demo_source

        tell("starting the demo server")
        return demo_source(settings, tell)

    return open_source
