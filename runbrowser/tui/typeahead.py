"""Keys that come faster than they are handled: each waits for what the one before it opens."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from textual import events
from textual.app import ScreenStackError
from textual.message_pump import MessagePump
from textual.widgets import Input

if TYPE_CHECKING:
    from textual.app import App
    from textual.screen import Screen
    from textual.widget import Widget

    from runbrowser.tui.keystrokes import Keystrokes

_PATIENCE = 1.0
"""Seconds after which a key goes on its way, whatever has become of the one before."""
_ROUNDS = 2
"""Ways up from the widget to the app: the key itself, then what its handling has sent."""

_GONE_WITHIN = 0.05  # seconds between two looks whether a widget that is waited for is still there

Typed = events.Key | events.Paste


class Typeahead:
    """Gives keys and pastes to the app one after the other.

    Textual sends a key to the widget that has the focus at the moment it comes in. Of several in
    one write all would go to the same widget, also where the first opens a dialog for the others.
    """

    def __init__(
        self,
        app: App[Any],
        keystrokes: Keystrokes,
        deliver: Callable[[Typed], Awaitable[None]],
    ) -> None:
        """``deliver`` does what the app does with a key that has just been pressed."""
        self._app = app
        self._keystrokes = keystrokes
        self._deliver = deliver
        self._waiting: deque[Typed] = deque()
        self._is_busy = False
        self._follows: asyncio.Task[None] | None = None  # kept, so that it is not collected

    @property
    def is_idle(self) -> bool:
        """Whether every key so far was handled."""
        return not self._is_busy and not self._waiting

    @property
    def backlog(self) -> int:
        """How many keys wait for their turn."""
        return len(self._waiting)

    async def add(self, event: Typed) -> None:
        """A key that was pressed: at once, or behind those that wait."""
        self._waiting.append(event)
        if not self._is_busy:
            await self._next()

    async def _next(self) -> None:
        """The key at hand; the next one once this one was handled."""
        if not self._waiting or self._is_busy:
            return
        self._is_busy = True
        event = self._waiting.popleft()
        screen, target = self._app.screen, self._app.focused
        await self._deliver(event)
        self._follows = asyncio.create_task(self._follow(event, screen, target))

    async def _follow(self, event: Typed, screen: Screen[Any], target: Widget | None) -> None:
        """Until a key was handled; then the next one has its turn."""
        try:
            with suppress(TimeoutError, ScreenStackError):  # or the key ended the app: no screens
                async with asyncio.timeout(_PATIENCE):
                    for _ in range(_ROUNDS):
                        await self._pass_up(target or screen)
                        await self._keystrokes.opened()
                    if not self._stays(event, screen, target):
                        await self._drawn()
        finally:
            self._is_busy = False
            if self._waiting:
                self._app.call_later(self._next)

    def _stays(self, event: Typed, screen: Screen[Any], target: Widget | None) -> bool:
        """Whether the next key is certainly for the same widget: a letter of a text, or a key that
        is held down.
        """
        if self._app.screen is not screen or self._app.focused is not target:
            return False
        if not self._waiting or isinstance(target, Input):
            return True
        following = self._waiting[0]
        return (
            isinstance(event, events.Key)
            and isinstance(following, events.Key)
            and event.key == following.key
        )

    async def _pass_up(self, target: MessagePump) -> None:
        """Waits until all that was sent to a widget so far has been handled, there and on its way
        up to the app.
        """
        pump: MessagePump | None = target
        while pump is not None:
            done = asyncio.Event()
            if pump.call_later(done.set):
                while not done.is_set() and pump.is_running:
                    with suppress(TimeoutError):
                        await asyncio.wait_for(done.wait(), _GONE_WITHIN)
            pump = pump._parent

    async def _drawn(self) -> None:
        """Waits for what was to be done after the screen has been drawn, such as a field that gets
        the focus.
        """
        done = asyncio.Event()
        if self._app.screen.call_after_refresh(done.set):
            await done.wait()
            await self._pass_up(self._app.screen)


def keys_wait(app: App[Any]) -> bool:
    """Whether keys were pressed that the app has not handled yet."""
    typeahead = getattr(app, "typeahead", None)
    return isinstance(typeahead, Typeahead) and typeahead.backlog > 0
