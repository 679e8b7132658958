"""The browser as a process in a pseudo-terminal, and the picture that a terminal makes of it."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pexpect
import pyte

from .harness import PATIENCE

BROWSER = [sys.executable, "-m", "runbrowser"]


_REST = 6  # times that nothing is to be read until a picture counts as whole


def _look(cell: pyte.screens.Char) -> str:
    """Colours and attributes of a cell, such as ``d9dee7 on 12161d bold``; of a blank without
    lines nothing is seen but the background, and what else it has hangs on what was drawn before.
    """
    if cell.data == " " and not (cell.underscore or cell.reverse or cell.strikethrough):
        return f"default on {cell.bg}"
    words = [f"{cell.fg} on {cell.bg}"]
    words += [name for name in ("bold", "italics", "underscore", "reverse", "strikethrough")
              if getattr(cell, name)]  # fmt: skip
    return " ".join(words)


class Terminal:
    """A process in a terminal of so many columns and lines."""

    def __init__(
        self, command: list[str], environ: Mapping[str, str], columns: int, lines: int
    ) -> None:
        self.raw = b""  # everything that was written to the terminal
        self._is_quiet = False  # a picture is drawn in several writes; whole once they stop
        self._screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self._screen)
        self.process = pexpect.spawn(
            command[0], command[1:], env=dict(environ), dimensions=(lines, columns), timeout=None
        )

    @property
    def text(self) -> str:
        """The screen as text."""
        return "\n".join(line.rstrip() for line in self._screen.display)

    def rest(self) -> None:
        """Reads until nothing more is drawn for a while, and nobody works on something to draw.

        Silence alone says nothing on a busy machine: a browser or a demo server that waits for its
        turn is silent, too.
        """
        deadline = time.monotonic() + PATIENCE
        quiet = 0
        while quiet < _REST and self.read():
            quiet = quiet + 1 if self._is_quiet and not working() else 0
            assert time.monotonic() < deadline, f"it does not come to rest:\n{self.text}"

    def looks(self) -> list[tuple[str, list[str]]]:
        """Every line of the screen: its text, and how each cell of it looks."""
        lines = []
        for y in range(self._screen.lines):
            cells = [self._screen.buffer[y][x] for x in range(self._screen.columns)]
            text = "".join(cell.data for cell in cells)
            lines.append((text, [_look(cell) for cell in cells]))
        return lines

    @property
    def title(self) -> str:
        """The title that the process gave its window."""
        return self._screen.title

    def read(self) -> bool:
        """Takes in what was written meanwhile; False once the process has closed the terminal."""
        try:
            some = self.process.read_nonblocking(65_536, timeout=0.05)
        except pexpect.TIMEOUT:
            self._is_quiet = True
            return True
        except pexpect.EOF:
            self._is_quiet = True
            return False
        self._is_quiet = False
        self.raw += some
        self._stream.feed(some)
        return True

    def wait(self, happened: Callable[[str], object]) -> str:
        """Reads until the screen's text, wholly drawn, satisfies; fails when it never does."""
        deadline = time.monotonic() + PATIENCE
        while not (self._is_quiet and happened(self.text)):
            assert self.read() or happened(self.text), f"it ended:\n{self.text}"
            assert time.monotonic() < deadline, f"it did not come to pass:\n{self.text}"
        return self.text

    def clear(self) -> None:
        """What a shell may have written over it meanwhile: nothing of the picture is left."""
        self._screen.reset()
        self._is_quiet = False

    def resize(self, columns: int, lines: int) -> None:
        """Another size of the window."""
        self._is_quiet = False
        self._screen.resize(lines, columns)
        self.process.setwinsize(lines, columns)

    def press(self, keys: str) -> None:
        """Types keys."""
        self._is_quiet = False
        self.process.send(keys)

    def end(self) -> int | None:
        """Reads until the process has ended; its exit code."""
        deadline = time.monotonic() + PATIENCE
        while self.read():
            assert time.monotonic() < deadline, f"it did not end:\n{self.text}"
        self.process.wait()
        status: int | None = self.process.exitstatus
        return status


@contextlib.contextmanager
def terminal(
    arguments: list[str], environ: Mapping[str, str], *, columns: int = 120, lines: int = 36
) -> Iterator[Terminal]:
    """The browser with arguments; whatever happens, it has ended after the block."""
    opened = Terminal([*BROWSER, *arguments], environ, columns, lines)
    try:
        yield opened
    finally:
        try:
            opened.process.close(force=True)
        except pexpect.ExceptionPexpect:  # killed, and on a busy machine not gone at once
            until(lambda: is_gone(opened.process.pid))


def _parents() -> dict[int, int]:
    """Each process of this machine, and its parent."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            stat = entry.read_text("utf-8", "replace").rpartition(")")[2].split()
            found[int(entry.parent.name)] = int(stat[1])
    return found


def children(pid: int) -> list[int]:
    """Processes whose parent is ``pid``."""
    return [child for child, parent in _parents().items() if parent == pid]


def working() -> bool:
    """Whether a process that these tests started, or one of theirs, runs or waits for its turn."""
    parents = _parents()
    family = {os.getpid()}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    for pid in family - {os.getpid()}:
        for entry in Path(f"/proc/{pid}/task").glob("*/stat"):
            with contextlib.suppress(OSError):
                if entry.read_text("utf-8", "replace").rpartition(")")[2].split()[0] in "RD":
                    return True
    return False


def is_gone(pid: int) -> bool:
    """Whether a process has ended; one that only waits to be collected has."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return True
    return told.rpartition(")")[2].split()[0] == "Z"


def until(happened: Callable[[], object]) -> bool:
    """Whether something comes to pass within the patience of tests."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if happened():
            return True
        time.sleep(0.02)
    return bool(happened())


def plain_environ(folder: Path, **more: str) -> dict[str, str]:
    """An environment with folders of its own and a terminal of 16 million colours."""
    kept = {
        name: os.environ[name] for name in ("PATH", "LANG", "LD_LIBRARY_PATH") if name in os.environ
    }
    return {
        **kept,
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "LC_ALL": "C.UTF-8",
        **more,
    }
