"""What every screen and dialog costs on a thin line: the bytes that open and close it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from runbrowser.demo.launch import DemoProcess

from .pty_harness import Terminal, plain_environ, terminal

CURSOR, CURSOR_AND_PAGE, SCREEN = 700, 1_800, 12_000
"""Bytes at 140x40 for a move of the cursor; for one in a list with a page below that tells of the
row, which is another text then; for opening or closing a screen or dialog.
"""

ESC, ENTER, PAGE_DOWN = "\x1b", "\r", "\x1b[6~"


class Step(NamedTuple):
    """Keys, what is then to be read (or no longer, after a '-'), and the most bytes they cost."""

    keys: str
    words: str = ""
    most: int = SCREEN


def _opened(keys: str, words: str, close: str = ESC) -> list[Step]:
    return [Step(keys, words), Step(close, f"-{words}")]


def _by_name(name: str, words: str) -> list[Step]:
    """Something without a key, chosen in the palette."""
    return [Step(":", "Search for commands"), Step(name), *_opened(ENTER, words)]


PAGE_OF_TEXT = [
    Step("j"), Step("k"), Step(PAGE_DOWN), Step("G"), Step("g"), *_opened("?", "esc leaves"),
    *_opened(":", "Search for commands"),
]  # fmt: skip
MOVES = [Step(key, "", CURSOR) for key in "jjk"]
MOVES_WITH_PAGE = [Step(key, "", CURSOR_AND_PAGE) for key in "jjk"]

TOURS: dict[str, list[Step]] = {
    "dialogs of the page": [
        *MOVES, *_opened("?", "esc leaves"), *_opened(":", "Search for commands"),
        *_opened("M", "score column"), *_opened("s", "Order"), *_opened("c", "Columns"),
        *_opened("x", "Export runs"), *_opened("Y", "Copy"), *_opened("#", "Go to"),
        *_opened("t", "Tag"), *_opened("T", "Remove"), *_opened("P", "Publish"),
        *_opened("/", "esc leaves.  run"),
    ],
    "panes": [
        Step("b", "-only mine"), Step("b", "only mine"), Step("f"), Step(ESC),
        Step(" ", "1 marked"), Step("*"), Step(ENTER, "Evaluations"), *PAGE_OF_TEXT,
        Step("/"), Step("iris"), Step(ESC),
        Step("\t"), *MOVES, Step(ESC), Step(ESC), Step(ESC, "-Evaluations"),
    ],
    "dialogs by name": [
        *_by_name("trash", "Trash"), *_by_name("theme", "Theme"), *_by_name("save", "Save"),
    ],
    "what files tell": [
        Step(ENTER, "Evaluations"), *_opened("i", "Confusion matrix"), *_opened("a", "attempts"),
    ],
    "errors": [
        Step("E", "share"), *MOVES_WITH_PAGE, Step("b"), Step("b"), Step("b"),
        *_opened("?", "esc leaves"), *_opened(":", "Search for commands"), *_opened("x", "Export"),
        Step(ESC, "-share"),
    ],
    "best": [
        Step("L", "rank"), *MOVES_WITH_PAGE, Step("M"), Step(ESC), *_opened("?", "esc leaves"),
        Step(ENTER, "Evaluations"), Step(ESC, "-Evaluations"),
    ],
    "comparison": [
        Step(" "), Step("j"), Step(" ", "2 marked"), Step("=", "baseline"), *PAGE_OF_TEXT,
        Step("\t"), Step("a"), Step("M"), Step(ESC), Step(ESC, "-baseline"),
    ],
    "acting": [
        Step("m"), *_opened("D", "Delete"), Step("t", "Tag"), Step("thin"),
        Step(ENTER, "-Tag"), Step("!"), Step(ESC),
    ],
}  # fmt: skip


@contextmanager
def opened(demo: DemoProcess, folder: Path) -> Iterator[Terminal]:
    environ = plain_environ(folder, OPENML_APIKEY=demo.api_key)
    with terminal(["--server", demo.v1, "--fresh"], environ, columns=140, lines=40) as screen:
        screen.wait(lambda text: "page 1" in text and "only mine" in text)
        screen.rest()
        yield screen


def take(screen: Terminal, step: Step) -> int:
    """Presses keys, and waits until what they bring is there; the bytes that it took."""
    before = len(screen.raw)
    screen.press(step.keys)
    gone, words = step.words.startswith("-"), step.words.removeprefix("-")
    screen.wait(lambda text: (words in text) != gone)
    screen.rest()
    return len(screen.raw) - before


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", TOURS)
def test_every_screen_opens_and_closes_within_its_budget(
    fresh_demo: DemoProcess, tmp_path: Path, name: str
) -> None:
    over = []
    with opened(fresh_demo, tmp_path) as screen:
        for number, step in enumerate(TOURS[name]):
            cost = take(screen, step)
            if cost > step.most:
                over.append(f"{number} {step.keys!r} {step.words!r}: {cost:,} > {step.most:,}")
    assert over == []
