"""In a real terminal the browser shows the same with and without differences, in fewer bytes."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from runbrowser.demo.launch import DemoProcess
from runbrowser.tui.environment import PLAIN_OUTPUT

from .harness import PATIENCE
from .pty_harness import Terminal, plain_environ, terminal, until, working

TOUR = (
    ("j", ""), ("j", ""), ("n", "page 2"), ("p", "page 1"), ("\x1b[6~", ""), ("G", ""), ("g", ""),
    (" ", "1 marked"), ("E", "share"), ("j", ""), ("\x1b", "page 1"), ("L", "rank"), ("j", ""),
    ("\x1b", "page 1"), ("?", "edit the filter as text"), ("\x1b", ""), (":", ""),
    ("\x1b", ""), ("\r", "fold"),
    ("G", ""), ("g", ""), ("\x1b", ""), ("s", ""), ("\x1b", ""), ("c", ""),
    ("\x1b", ""), ("/", ""), ("task:9102\r", "task:9102"), ("D", ""), ("\x1b", ""),
)  # fmt: skip
"""Keys that open every kind of screen and dialog and leave it, and what is then to be read."""

KINDS = {
    "sixteen million": {},
    "256": {"COLORTERM": ""},
    "none": {"NO_COLOR": "1"},
    "screen": {"TERM": "screen", "COLORTERM": ""},
}


@contextmanager
def browsing(
    demo: DemoProcess, folder: Path, *, plain: bool, columns: int = 140, **more: str
) -> Iterator[Terminal]:
    folder.mkdir()
    if plain:
        more[PLAIN_OUTPUT] = "1"
    environ = plain_environ(folder, **more)
    arguments = ["--server", demo.v1, "--fresh"]
    with terminal(arguments, environ, columns=columns, lines=40) as opened:
        opened.wait(lambda text: re.search(r"page 1", text))
        opened.rest()
        yield opened


@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", KINDS)
def test_every_screen_is_the_same_cell_by_cell(
    demo: DemoProcess, tmp_path: Path, kind: str
) -> None:
    with (
        browsing(demo, tmp_path / "plain", plain=True, **KINDS[kind]) as textual,
        browsing(demo, tmp_path / "ours", plain=False, **KINDS[kind]) as ours,
    ):
        for number, (keys, words) in enumerate(TOUR):
            for opened in (textual, ours):
                opened.press(keys)
                opened.wait(lambda text, words=words: words.lower() in text.lower())
                opened.rest()
            deadline = time.monotonic() + PATIENCE  # each hears from the server in its own time
            while ours.looks() != textual.looks() and time.monotonic() < deadline:
                textual.read()
                ours.read()
            assert ours.looks() == textual.looks(), f"{keys!r}, key {number}\n{ours.text}"
        assert len(ours.raw) < len(textual.raw) / 4


def bytes_of(opened: Terminal, keys: str) -> int:
    """Bytes that the terminal got until the picture was whole."""
    before = len(opened.raw)
    opened.press(keys)
    opened.rest()
    return len(opened.raw) - before


def test_a_thin_line_is_spared(demo: DemoProcess, tmp_path: Path) -> None:
    with browsing(demo, tmp_path / "ours", plain=False) as opened:
        assert len(opened.raw) < 24_000
        assert bytes_of(opened, "j") <= 700
        # Nearly every cell of two pages of the newest runs differs: about 1.7 kB of text alone.
        # Scores and states come after the rows, on a busy machine in several frames.
        assert bytes_of(opened, "n") <= 7_000
        assert bytes_of(opened, "p") <= 3_500  # all of it is known
        assert bytes_of(opened, "") == 0
        for key in ("E", "L", "?"):
            assert bytes_of(opened, key) <= 12_000, key
            assert bytes_of(opened, "\x1b") <= 12_000, f"{key} closed"


def test_nothing_is_sent_while_nothing_happens(demo: DemoProcess, tmp_path: Path) -> None:
    with browsing(demo, tmp_path / "ours", plain=False) as opened:
        for keys in ("", "/", "\x1b", ":", "\x1b", "x", "\x1b", "#", "\x1b", "f"):
            opened.press(keys)
            opened.rest()
            before = len(opened.raw)
            for _ in range(25):  # two blinks of a cursor
                opened.read()
            assert opened.raw[before:] == b"", keys


def test_a_terminal_that_does_not_read_gets_the_newest_picture_only(
    demo: DemoProcess, tmp_path: Path
) -> None:
    with browsing(demo, tmp_path / "ours", plain=False) as opened:
        first, before = opened.looks(), len(opened.raw)
        for key in "Gg" * 40:  # each draws nearly the whole table, about 5 kB
            opened.press(key)
            until(lambda: not working())
        opened.rest()
        assert len(opened.raw) - before < 200_000
        assert opened.looks() == first


def test_ctrl_l_draws_everything_anew(demo: DemoProcess, tmp_path: Path) -> None:
    with browsing(demo, tmp_path / "ours", plain=False) as opened:
        before = opened.looks()
        opened._stream.feed(b"\x1b[2J\x1b[5;5Hsomebody wrote here")
        assert opened.looks() != before
        opened.press("\x0c")
        opened.rest()
        assert opened.looks() == before
