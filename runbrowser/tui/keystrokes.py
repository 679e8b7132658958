"""Keys that come twice: a doubled or held Enter, and what a slow line brings in one bundle."""

from __future__ import annotations

import asyncio
import time
import unicodedata
from collections import deque
from collections.abc import Callable, Hashable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from textual.app import App
    from textual.events import Key
    from textual.screen import Screen

DOUBLED = 0.1
"""Seconds within which a second Enter is the first one, bouncing or repeating: nobody reads a
question and answers it as fast.
"""
_PATIENCE = 1.0  # seconds for which a key waits until a screen has come up
_REMEMBERED = 64  # presses of Enter that may be on their way at the same time


def one_line(text: str) -> str:
    """A pasted text for a field of one line: line ends and what else is not drawn become blanks."""
    lines = [line.strip() for line in text.splitlines()]
    joined = " ".join(line for line in lines if line)
    return "".join(char if char.isprintable() else " " for char in joined)


def other_script(character: str) -> str:
    """What to say of a letter that is no key here but shows which layout the keyboard has; ''
    for Latin letters and all else.
    """
    if len(character) != 1 or not character.isalpha() or character.isascii():
        return ""
    script = unicodedata.name(character, "").partition(" ")[0]
    if script not in ("CYRILLIC", "GREEK", "HEBREW", "ARABIC", "ARMENIAN", "GEORGIAN"):
        return ""
    return f"the keyboard writes {script.title()} letters; the keys here are Latin: switch it over"


class _Enter(NamedTuple):
    """A press of Enter that follows another one, with no other key between them."""

    time: float
    first: float  # when the first of those in quick succession was pressed
    repeats: bool  # whether it came right after the one before


class Keystrokes:
    """When Enter was pressed, and when the screen last changed; one for the whole app."""

    def __init__(self) -> None:
        self._before = ""  # the key before
        self._enters: deque[_Enter] = deque(maxlen=_REMEMBERED)
        self._changed = float("-inf")
        self._opening: asyncio.Event | None = None
        self._choosing: asyncio.Event | None = None
        self.pressed = 0  # how many keys so far
        self.enter = float("-inf")  # when Enter was pressed last
        self.pause = float("inf")  # seconds between it and the Enter before

    def screen_changed(self) -> None:
        """Another screen is on top now."""
        self._changed = time.monotonic()

    def opens(self, screen: Screen[Any]) -> None:
        """A screen comes up: what is typed waits for it."""
        self._opening = opening = asyncio.Event()
        screen.call_later(opening.set)  # behind all that puts it up and gives a field the keys

    def hold(self) -> None:
        """What is typed waits until :meth:`release`: a choice is being carried out."""
        self._choosing = asyncio.Event()

    def release(self) -> None:
        """The choice has been carried out, or there is none."""
        if self._choosing is not None:
            self._choosing.set()

    async def opened(self) -> None:
        """Waits until no choice is under way and the screen on top can take keys."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                if self._choosing is not None:
                    await self._choosing.wait()
                if self._opening is not None:
                    await self._opening.wait()
        self._choosing = self._opening = None

    def note(self, event: Key) -> None:
        """A key was pressed."""
        self.pressed += 1
        if event.key == "enter":
            self.pause, self.enter = event.time - self.enter, event.time
            repeats = self.pause < DOUBLED
            if self._before == "enter":
                last = self._enters[-1] if repeats and self._enters else None
                first = last.first if last is not None else self.enter - self.pause
                self._enters.append(_Enter(self.enter, first, repeats))
            else:
                self._enters.append(_Enter(self.enter, self.enter, False))
        self._before = event.key

    def is_repeat(self, event: Key) -> bool:
        """Whether a key is an Enter that follows the one which changed the screen, pressed before
        anybody could have read what is there now: it is no answer to it.
        """
        if event.key != "enter":
            return False
        known = next((enter for enter in self._enters if enter.time == event.time), None)
        if known is None or known.first == known.time or known.first > self._changed:
            return False
        return known.repeats or known.time < self._changed + DOUBLED


def keystrokes_of(app: App[Any]) -> Keystrokes:
    """Those of the browser; of any other app, new ones that know nothing."""
    found = getattr(app, "keystrokes", None)
    return found if isinstance(found, Keystrokes) else Keystrokes()


class Question:
    """Something that only a second Enter does, such as replacing a file: one that was pressed on
    its own, after the question could be read.
    """

    def __init__(self, screen: Screen[Any]) -> None:
        self._screen = screen
        self._subject: Hashable = None
        self._asked = float("inf")

    def ask(self, subject: Hashable) -> None:
        """The question has been put; ``subject`` is what it is about."""
        self._subject, self._asked = subject, time.monotonic()

    def drop(self) -> None:
        """It does not hold any more: something else was typed."""
        self._subject, self._asked = None, float("inf")

    def is_about(self, subject: Hashable) -> bool:
        """Whether this was asked."""
        return self._asked < float("inf") and self._subject == subject

    def answer(self, then: Callable[[], object]) -> None:
        """Enter: does it, unless the key was pressed too early or goes on repeating."""
        keys = keystrokes_of(self._screen.app)
        enter = keys.enter
        if enter < self._asked + DOUBLED or keys.pause < DOUBLED:
            return
        asked = self._asked

        def alone() -> None:
            on_top = self._screen.app.screen is self._screen
            if keys.enter == enter and self._asked == asked and on_top:
                then()

        self._screen.set_timer(DOUBLED, alone)
