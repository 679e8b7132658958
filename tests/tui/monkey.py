"""A monkey at the keyboard: keys by a seed, several in one write, no pauses, any size of window."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from textual import events
from textual.geometry import Size
from textual.pilot import Pilot

from runbrowser.tui.app import RunBrowser

from .harness import app_on, main_screen, screen_text, until

PLAIN = "jkgGnp#/fbemELsScMyYCoxrwtTDPzXi!=a?v,*[]"
NAMED = ("space", "tab", "shift+tab", "escape", "up", "down", "left", "right", "home", "end",
         "pageup", "pagedown", "backspace", "delete", "ctrl+p", "ctrl+a", "ctrl+e",
         "shift+down", "shift+up")  # fmt: skip
WORDS = (
    ":theme", ":trash", ":save view", ":publish", ":help", ":delete", ":tag", ":columns", ":zzz",
    "#900118", "#p2", "#", "/state:failed", "/task:9101 ", "/", "tmonkey", "Tmonkey", "Mpre",
    "C", "x", "D2", "Dy", "f9101", "E", "L", "s", "c", ":export", ":rename", ":view", ":measure",
)  # fmt: skip
SIZES = ((140, 40), (100, 30), (80, 24), (60, 20), (40, 10), (20, 6), (5, 3), (1, 1), (2, 30),
         (200, 2))  # fmt: skip
_TEXTS = ("run:900101\nrun:900102\n900103", "a\r\n\r\nb", "9101", "\n", "x" * 300)


_AHEAD = 64  # keys that are typed before those before them were handled


@dataclass
class Write:
    """What comes in at once: keys, a paste, or another size of the window."""

    keys: list[str] = field(default_factory=list)
    paste: str = ""
    size: tuple[int, int] | None = None


def writes(seed: int, count: int) -> Iterator[Write]:
    """So many keys in writes of one to eight."""
    chance = random.Random(seed)
    typed = 0
    while typed < count:
        what = chance.random()
        if what < 0.03:
            yield Write(size=chance.choice(SIZES))
            if chance.random() < 0.7:
                yield Write(size=(120, 36))
            continue
        if what < 0.05:
            yield Write(paste=chance.choice(_TEXTS))
            continue
        if what < 0.35:
            keys = [key_name(char) for char in chance.choice(WORDS)]
            keys += ["enter"] * chance.choice((0, 1, 2, 2, 3))
        else:
            keys = []
            for _ in range(chance.randint(1, 8)):
                pick = chance.random()
                if pick < 0.2:
                    keys += ["enter"] * chance.randint(1, 2)
                elif pick < 0.65:
                    keys.append(key_name(chance.choice(PLAIN)))
                elif pick < 0.7:
                    keys.append("colon")
                elif pick < 0.71:
                    keys.append("q")
                else:
                    keys.append(chance.choice(NAMED))
        typed += len(keys)
        yield Write(keys)


_KEYS = {" ": "space", ":": "colon", "#": "number_sign", "/": "slash", "?": "question_mark",
         "=": "equals_sign", ",": "comma", "*": "asterisk", "!": "exclamation_mark",
         "[": "left_square_bracket", "]": "right_square_bracket"}  # fmt: skip


def key_name(char: str) -> str:
    """A character as Textual names its key."""
    return _KEYS.get(char, char)


def _key(name: str) -> events.Key:
    chars = {name: char for char, name in _KEYS.items()}
    char = chars.get(name, name if len(name) == 1 else None)
    return events.Key(name, "\r" if name == "enter" else char)


async def give(pilot: Pilot[int], keys: list[str]) -> None:
    """Keys in one write."""
    for name in keys:
        pilot.app.post_message(_key(name))
    await asyncio.sleep(0)


async def _give(pilot: Pilot[int], write: Write) -> None:
    app = pilot.app
    if write.size is not None:
        app._driver._size = size = Size(*write.size)  # type: ignore[union-attr]
        app.post_message(events.Resize(size, size))
    if write.paste:
        app.post_message(events.Paste(write.paste))
    await give(pilot, write.keys)


class MonkeyError(AssertionError):
    """What the monkey has found."""


async def play(
    open_source: object, log: Path, seed: int, count: int, *, quits: bool = True
) -> tuple[int, int]:
    """So many keys, with a new browser whenever ``q`` ended one; (keys, browsers). Without
    ``quits`` that key is not pressed, and one browser lives to the end.

    Raises MonkeyError with the last writes when it crashed, told of a fault of its own or was
    left with a dialog that no esc takes away.
    """
    given: list[Write] = []
    moves = writes(seed, count)
    rhythm = random.Random(seed + 1)
    typed = browsers = 0
    over = False
    while not over:
        app = app_on(open_source)  # type: ignore[arg-type]
        browsers += 1
        try:
            async with app.run_test(size=(120, 36)) as pilot:
                await until(pilot, lambda: main_screen(pilot).workspace is not None)
                for write in moves:
                    if not quits:
                        write.keys = [name for name in write.keys if name != "q"]
                    given.append(write)
                    typed += len(write.keys)
                    await _give(pilot, write)
                    await asyncio.sleep(rhythm.choice((0, 0, 0, 0.01, 0.03)))
                    while app.typeahead.backlog > _AHEAD and not app._exit:
                        await asyncio.sleep(0.01)  # nobody types a thousand keys ahead
                    if app._exit or app._exception is not None:
                        break
                else:
                    over = True
                    await _comes_home(pilot, app)
        except MonkeyError:
            raise
        except Exception as error:
            raise MonkeyError(_story(seed, typed, given, repr(error))) from error
        if log.exists() and "Traceback" in log.read_text("utf-8"):
            raise MonkeyError(_story(seed, typed, given, log.read_text("utf-8")))
    return typed, browsers


async def _comes_home(pilot: Pilot[int], app: RunBrowser) -> None:
    """Some esc lead back to the main screen, and it still takes keys."""
    size = Size(120, 36)
    app._driver._size = size  # type: ignore[union-attr]
    app.post_message(events.Resize(size, size))
    while not (app.typeahead.is_idle or app._exit):
        await pilot.pause(0.02)
    for _ in range(40):
        if app._exit:
            return
        await pilot.pause(0.02)
        if app.screen is main_screen(pilot) and app.screen.focused is main_screen(pilot).table:
            break
        app.post_message(_key("escape"))
    else:
        raise MonkeyError(f"no way back from {app.screen!r}:\n{screen_text(pilot)}")


def _story(seed: int, typed: int, given: list[Write], what: str) -> str:
    last = "\n".join(str(write) for write in given[-25:])
    return f"seed {seed}, after {typed} keys: {what}\n{last}"
