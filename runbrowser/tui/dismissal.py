"""Leaving a screen: once, however often it is asked for."""

from __future__ import annotations

from typing import Any

from textual.await_complete import AwaitComplete
from textual.screen import Screen


class Dismissal:
    """Stands for the ``dismiss`` of one screen, which Textual itself carries out anew each time:
    a second answer, given before the first one has taken the screen away, would take away the
    screen below or end the app.

    Called a second time it does nothing. Called while another screen lies above, it waits until
    that one has been left.
    """

    def __init__(self, screen: Screen[Any]) -> None:
        self._screen = screen
        self._dismiss = screen.dismiss
        self._answered = False
        self._waits = False
        self._answer: Any = None

    def __call__(self, result: Any = None) -> AwaitComplete:
        """What :meth:`textual.screen.Screen.dismiss` gives; nothing to wait for the second time."""
        if self._answered:
            return AwaitComplete()
        self._answered, self._answer = True, result
        self._waits = not self._is_on_top
        return AwaitComplete() if self._waits else self._dismiss(result)

    @property
    def _is_on_top(self) -> bool:
        stack = self._screen.app.screen_stack
        return bool(stack) and stack[-1] is self._screen

    def go_on(self) -> None:
        """The screen may be on top again: an answer that waited for that is given."""
        if self._waits and self._is_on_top:
            self._waits = False
            self._dismiss(self._answer)


def once(screen: Screen[Any]) -> None:
    """Lets a screen be left once; for the app to call when it pushes one, of its own or not."""
    if not isinstance(screen.dismiss, Dismissal):
        screen.dismiss = Dismissal(screen)  # type: ignore[method-assign]


def go_on(screen: Screen[Any]) -> None:
    """For the app to call when a screen is on top again."""
    if isinstance(screen.dismiss, Dismissal):
        screen.dismiss.go_on()
