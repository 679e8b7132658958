"""The screen as features see it: its status line, dialogs, work in the background, time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from textual.screen import Screen
from textual.timer import Timer

from runbrowser.pages.status import Note
from runbrowser.tui.action import Action
from runbrowser.tui.keymap import in_force
from runbrowser.tui.keystrokes import keystrokes_of
from runbrowser.tui.status_line import StatusLine
from runbrowser.tui.typeahead import keys_wait

T = TypeVar("T")

_MEANWHILE = 12.0  # seconds for which a word about a repeated request stays, at the most


class ScreenUI:
    """What features ask of a Textual screen."""

    def __init__(self, screen: Screen[Any]) -> None:
        self._screen = screen
        self._line = StatusLine()

    @property
    def line(self) -> StatusLine:
        """The status line."""
        return self._line

    def tell(self, text: str, kind: str = "info") -> None:
        """Puts a sentence into the status line; '' brings the key hints back."""
        self._line.tell(text, kind)

    def tell_outcome(self, text: str, kind: str = "info") -> None:
        """Says what became of an action, which stays until the next one or until it is dismissed;
        '' takes it away.
        """
        self._line.tell_outcome(text, kind)

    def tell_fault(self, error: BaseException) -> None:
        """A fault of ours: told in words, and logged."""
        from runbrowser.tui.faults import where_logged

        words = f"something went wrong in runbrowser itself; {where_logged(error)}"
        self.tell(words, "error")

    def tell_meanwhile(self, words: str) -> None:
        """Shows what is going on meanwhile, for as long as nothing else is told."""
        note = Note(words, "busy")
        self._line.put(note)

        def fade() -> None:
            if self._line.note is note:
                self.tell("")

        self.after(_MEANWHILE, fade)

    def ask(self, dialog: Screen[T], answered: Callable[[T | None], None] | None = None) -> None:
        """Opens a dialog or another screen over what is there."""
        self._screen.app.push_screen(dialog, answered)

    def work(
        self, work: Callable[[], Awaitable[None]], group: str, *, exclusive: bool = True
    ) -> None:
        """A worker of the screen; a fault in it ends it alone."""
        self._screen.run_worker(work, group=group, exclusive=exclusive, exit_on_error=False)

    def cancel(self, group: str) -> None:
        """Ends the workers of a group."""
        self._screen.workers.cancel_group(self._screen, group)

    def cancel_all(self) -> None:
        """Ends all workers."""
        self._screen.workers.cancel_all()

    def after(self, seconds: float, call: Callable[[], None]) -> Timer:
        """Calls something once, later."""
        return self._screen.set_timer(seconds, call)

    def every(self, seconds: float, call: Callable[[], None]) -> Timer:
        """Calls something again and again."""
        return self._screen.set_interval(seconds, call)

    def after_paint(self, call: Callable[[], None]) -> None:
        """Calls something once what has changed was drawn."""
        self._screen.call_after_refresh(call)

    @property
    def keys_wait(self) -> bool:
        """Whether keys were pressed that have not been handled yet."""
        return keys_wait(self._screen.app)

    @property
    def keys_pressed(self) -> int:
        """How many keys have been pressed so far."""
        return keystrokes_of(self._screen.app).pressed

    def on_terminal_focus(self, call: Callable[[bool], None]) -> None:
        """Calls something whenever the terminal gets or loses the focus."""
        self._screen.watch(self._screen.app, "app_focus", call, init=False)

    def copy(self, text: str) -> Awaitable[str]:
        """Copies a text by every way there is."""
        from runbrowser.tui.clipboard import copy

        return copy(self._screen.app, text)

    def leave(self) -> None:
        """Ends the browser."""
        self._screen.app.exit(0)

    @property
    def is_in_front(self) -> bool:
        """Whether no dialog and no other screen lies over this one."""
        return self._screen.app.screen is self._screen

    @property
    def actions_in_force(self) -> Sequence[Action]:
        """The table of actions with the keys that hold."""
        return in_force(self._screen.app).actions
