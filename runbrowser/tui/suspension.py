"""The terminal given back and taken again: ctrl+z, SIGTSTP, SIGCONT."""

from __future__ import annotations

import os
import signal
from typing import Any

from runbrowser.tui.output import SparingApp


class Suspension:
    """Stops the process as a shell's job control wants it, and draws everything when it goes on.

    Textual's own way takes the terminal anew at every SIGCONT, also where it was never given back:
    it would then remember its own modes as those to restore, and leave them on when it ends. And
    it draws nothing that did not change meanwhile.
    """

    def __init__(self, app: SparingApp[Any]) -> None:
        self._app = app
        self._is_given_back = False

    def watch(self) -> None:
        """Takes the place of Textual's handlers; for the main thread, once there is a driver."""
        signal.signal(signal.SIGTSTP, self._stop)
        signal.signal(signal.SIGCONT, self._go_on)

    def suspend(self) -> None:
        """ctrl+z."""
        os.kill(os.getpid(), signal.SIGTSTP)

    def _give_back(self) -> None:
        driver = self._app._driver
        if driver is not None and not self._is_given_back:
            driver.suspend_application_mode()
            self._is_given_back = True

    def _stop(self, *_: object) -> None:
        self._give_back()
        os.kill(os.getpid(), signal.SIGSTOP)

    def _go_on(self, *_: object) -> None:
        driver = self._app._driver
        if driver is None:
            return
        self._give_back()
        driver.resume_application_mode()
        thread = getattr(driver, "_key_thread", None)
        # continued in the background, it has been stopped again before it could take the terminal
        self._is_given_back = thread is None or not thread.is_alive()
        self._app.call_later(self._draw)

    def _draw(self) -> None:
        for screen in self._app.screen_stack:
            screen.refresh(layout=True)
        self._app.draw_whole()
