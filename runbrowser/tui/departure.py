"""Leaving the browser when the system asks for it, or when its terminal is gone."""

from __future__ import annotations

import asyncio
import select
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from textual.app import App

_ENDING = (signal.SIGTERM, signal.SIGHUP)
_LEFT_WITHIN = 5  # seconds after such a signal at which the process ends, whatever holds it up
_TERMINAL_LOOK = 5.0  # seconds between two looks whether the terminal is still there


class Departure:
    """SIGTERM and SIGHUP leave an app as its own key does; so does a terminal that went without a
    word, as a closed window may.
    """

    def __init__(self, app: App[int]) -> None:
        self._app = app

    @contextmanager
    def by_signals(self) -> Iterator[None]:
        """Heeds them within the block; for the main thread, in its event loop.

        An exception out of a signal handler would pass Textual by, whose threads then keep the
        process, and the terminal as it is, for good.
        """
        loop = asyncio.get_running_loop()
        before = {number: signal.getsignal(number) for number in _ENDING}
        for number in _ENDING:
            loop.add_signal_handler(number, self._leave_at_once, number)
        try:
            yield
        finally:
            for number, handler in before.items():
                loop.remove_signal_handler(number)
                signal.signal(number, handler)
            signal.alarm(0)

    def _leave_at_once(self, number: int) -> None:
        signal.alarm(_LEFT_WITHIN)  # a terminal that is gone may hold up who puts it in order
        self._app.exit(128 + number)

    def watch_terminal(self) -> None:
        """Looks every few seconds whether the terminal is still there."""
        self._app.set_interval(_TERMINAL_LOOK, self._leave_without_terminal)

    def _leave_without_terminal(self) -> None:
        watch = select.poll()
        watch.register(sys.__stdin__ or 0, 0)
        if any(event & (select.POLLHUP | select.POLLERR) for _, event in watch.poll(0)):
            self._app.exit(1)
