"""What goes to stdout and stderr: data as it is asked for, foreign text never raw on a terminal."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from runbrowser.cli.streams import tell
from runbrowser.errors import RunbrowserError, UsageError
from runbrowser.paths import whole_file
from runbrowser.text import cells, display, fit

BOLD, RED, PLAIN = "\x1b[1m", "\x1b[31m", "\x1b[0m"


def say(message: str) -> None:
    """One line on stderr, harmless whatever it holds."""
    tell(display(message))


def write_text(text: str) -> None:
    """Text that is already harmless, on stdout; what its encoding lacks becomes '?'."""
    write_bytes(encoded(text))


def encoded(text: str) -> bytes:
    """Text as stdout's encoding has it; what that lacks becomes '?'."""
    return text.encode(getattr(sys.stdout, "encoding", None) or "utf-8", "replace")


def write_bytes(content: bytes) -> None:
    """Bytes on stdout as they are."""
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


@contextmanager
def destination(path: Path | None) -> Iterator[IO[bytes]]:
    """stdout, or a file that appears only when the block has ended well.

    A folder that is missing or closed is a UsageError, a full disk a RunbrowserError.
    """
    if path is None:
        sys.stdout.flush()
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    try:
        with whole_file(path) as stream:
            yield stream
    except OSError as error:
        kinds = (FileNotFoundError, PermissionError, IsADirectoryError, NotADirectoryError)
        kind = UsageError if isinstance(error, kinds) else RunbrowserError
        reason = error.strerror or str(error)
        raise kind(f"Could not write {display(path)}: {display(reason)}.") from None


def on_terminal() -> bool:
    """Whether stdout is a terminal."""
    return sys.stdout.isatty()


def coloured() -> bool:
    """Whether stdout may be coloured: a terminal, and nobody said NO_COLOR."""
    return on_terminal() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def paint(text: str, *codes: str) -> str:
    """Text in colours where stdout may have them."""
    return "".join(codes) + text + PLAIN if codes and coloured() else text


def width() -> int | None:
    """Columns of stdout: the terminal's, else what COLUMNS says, else no limit."""
    if on_terminal():
        return shutil.get_terminal_size().columns
    said = os.environ.get("COLUMNS", "")
    return int(said) if said.isascii() and said.isdecimal() and int(said) > 0 else None


def table(
    headers: Sequence[str],
    rows: Sequence[Sequence[object]],
    *,
    right: Sequence[int] = (),
    marked: Sequence[int] = (),
) -> str:
    """Rows as aligned lines under a header; the last column takes what is left of the width.

    None is shown as nothing. ``right`` are the positions of columns that are aligned to the right,
    ``marked`` the rows in red.
    """
    shown = [["" if cell is None else display(cell) for cell in row] for row in rows]
    sizes = [
        max([len(header), *(cells(row[i]) for row in shown)]) for i, header in enumerate(headers)
    ]
    room = width()
    if room is not None:
        before = sum(sizes[:-1]) + 2 * (len(sizes) - 1)
        sizes[-1] = max(min(sizes[-1], room - before), min(8, sizes[-1]))

    def line(texts: Sequence[str]) -> str:
        parts = []
        for i, text in enumerate(texts):
            text = fit(text, sizes[i])
            blanks = " " * (sizes[i] - cells(text))
            parts.append(blanks + text if i in right else text + blanks)
        whole = "  ".join(parts).rstrip()
        return whole if room is None else fit(whole, room)

    red = set(marked)
    lines = [paint(line(headers), BOLD)]
    lines += [paint(line(row), RED) if n in red else line(row) for n, row in enumerate(shown)]
    return "\n".join(lines) + "\n"


def pairs(items: Sequence[tuple[str, Any]], indent: str = "  ") -> list[str]:
    """``name  value`` lines, the values aligned; what has no value is left out."""
    shown = [(display(name), display(value)) for name, value in items if value not in (None, "")]
    size = min(max((cells(name) for name, _ in shown), default=0), 40)
    return [f"{indent}{name}{' ' * max(size - cells(name), 0)}  {value}" for name, value in shown]


class Progress:
    """How far a long list is, on stderr: one line that is rewritten on a terminal, else a line
    after every ten requests.
    """

    def __init__(self) -> None:
        self._live = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._requests = 0
        self._drawn = False

    def __call__(self, looked_at: int, found: int) -> None:
        """One more request was answered."""
        match = f", {found:,} match" if found != looked_at else ""
        self.tell(f"{looked_at:,} runs read{match}")

    def tell(self, text: str) -> None:
        """How far it is, in words, after one more request."""
        self._requests += 1
        if self._live:
            sys.stderr.write(f"\r\x1b[K{text}")
            sys.stderr.flush()
            self._drawn = True
        elif self._requests % 10 == 0:
            say(text)

    def clear(self) -> None:
        """Takes the rewritten line away."""
        if self._drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._drawn = False
