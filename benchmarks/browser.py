"""What the browser costs against a bare Textual table of the same size, in one run.

Both run in a pseudo-terminal of 120x40, in turns. The browser reads from the embedded demo server,
which waits 10 ms before each answer. Ratios are medians of pairs; bytes are those of one key.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Sequence

from benchmarks.terminal import Terminal
from runbrowser.demo.launch import start

_PAIRS = 9
_KEYS = 30


def _environment() -> dict[str, str]:
    env = dict(os.environ, TERM="xterm-256color", COLORTERM="truecolor", TEXTUAL_ANIMATIONS="none")
    for name in ("NO_COLOR", "SSH_CONNECTION", "TMUX"):
        env.pop(name, None)
    return env


def _paint(command: Sequence[str], first: bytes, rows: bytes) -> tuple[float, float]:
    with Terminal(command, columns=120, env=_environment()) as terminal:
        return terminal.read_until(first), terminal.read_until(rows)


def _keys(command: Sequence[str], ready: bytes) -> tuple[list[float], int, int, int]:
    """Seconds from key to first byte for each ``j``; bytes of a ``j``, of ``n``, and when idle."""
    with Terminal(command, columns=120, env=_environment()) as terminal:
        terminal.read_until(ready)
        terminal.drain(3.0)
        moves = [terminal.press(b"j", quiet=0.12) for _ in range(_KEYS)]
        _, flip = terminal.press(b"n", quiet=0.8)
        terminal.drain(1.0)
        idle = terminal.drain(3.0)
    return [seconds for seconds, _ in moves], max(size for _, size in moves), flip, idle


def _quit_while_hanging(python: str) -> float:
    """Seconds from ``q`` to the end of the process while a request hangs."""
    with (
        start(delay=20.0) as slow,
        Terminal([python, "-m", "runbrowser", "--server", slow.v1], env=_environment()) as terminal,
    ):
        terminal.read_until(b"asking for page")
        begun = time.perf_counter()
        os.write(terminal.fd, b"q")
        while True:
            ended, _ = os.waitpid(terminal.pid, os.WNOHANG)
            if ended or time.perf_counter() - begun > 10:
                return time.perf_counter() - begun
            terminal.drain(0.01)


def main() -> None:
    """Prints each figure beside its budget (DESIGN 6)."""
    python = sys.executable
    bare = [python, "-m", "benchmarks.bare"]
    with start(delay=0.01) as server:
        ours = [python, "-m", "runbrowser", "--server", server.v1]
        first, rows = [], []
        for _ in range(_PAIRS):
            bare_first, bare_rows = _paint(bare, b"uploader", b"900110")
            our_first, our_rows = _paint(ours, b"connecting", b", page 1")
            first.append(our_first / bare_first)
            rows.append(our_rows / bare_rows)
        print(f"first paint / bare   {statistics.median(first):6.2f}   budget 1.30")
        print(f"rows / bare          {statistics.median(rows):6.2f}   budget 2.00")
        bare_keys, bare_move, bare_flip, _ = _keys(bare, b"900110")
        our_keys, move, flip, idle = _keys(ours, b", page 1")
        ratio = statistics.median(our_keys) / statistics.median(bare_keys)
        print(f"key to first byte    {ratio:6.2f}   budget 1.50")
        print(f"  worst              {1000 * max(our_keys):6.1f} ms   budget 50 ms")
        print(f"cursor down          {move:6,} bytes   budget 1,700   bare {bare_move:,}")
        print(f"page flip            {flip:6,} bytes   budget 20,000   bare {bare_flip:,}")
        print(f"idle                 {idle:6,} bytes   budget 0")
    print(f"quit while hanging   {_quit_while_hanging(python):6.2f} s   budget 0.50")


if __name__ == "__main__":
    main()
