"""What the browser costs against a bare Textual table of the same size, in one run.

Both run in a pseudo-terminal of 120x40, in turns. The browser reads from the embedded demo server,
which waits 10 ms before each answer. Ratios are medians of pairs; bytes are those of one key.
"""

from __future__ import annotations

import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.grown import grown
from benchmarks.terminal import Terminal
from runbrowser.demo.launch import start

_PAIRS = 9
_KEYS = 30
_PAGES = 100


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


def _keys_under_load(command: Sequence[str]) -> list[float]:
    """Seconds from key to first byte of cursor moves, the detail open, while rows are loading."""
    with Terminal([*command, "--page-size=10000"], env=_environment()) as terminal:
        terminal.read_until(b", page 1", 60.0)
        terminal.drain(3.0)
        terminal.press(b"\r", quiet=1.0)
        terminal.press(b"\t", quiet=0.5)  # the keys are the table's again, the detail stays
        seconds = []
        for number in range(_KEYS):
            if number % 10 == 0:
                os.write(terminal.fd, b"r")  # asks for all 10,000 again
            terminal.drain(0.1)
            seconds.append(terminal.press(b"j", quiet=0.04)[0])
    return seconds


def _memory(command: Sequence[str]) -> tuple[float, float]:
    """MiB in use after so many pages, each with its names and scores; and the most there were."""
    with Terminal(command, env=_environment()) as terminal:
        terminal.read_until(b", page 1", 60.0)
        terminal.drain(1.0)
        for page in range(2, _PAGES + 1):
            os.write(terminal.fd, b"n")
            terminal.output = b""
            terminal.read_until(f"page {page}".encode())
            terminal.drain(0.25)
        status = Path(f"/proc/{terminal.pid}/status").read_text("ascii")
    used, most = (re.search(rf"{name}:\s+(\d+) kB", status) for name in ("VmRSS", "VmHWM"))
    return (int(used[1]) / 1024 if used else 0.0), (int(most[1]) / 1024 if most else 0.0)


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
    with tempfile.TemporaryDirectory(prefix="runbrowser-bench-") as folder:
        database = grown(Path(folder) / "grown.db", 100 * (_PAGES + 1))
        with start(delay=0.01, database=database) as server:
            ours = [python, "-m", "runbrowser", "--server", server.v1]
            used, most = _memory(ours)
            loaded = _keys_under_load(ours)
    ratio = statistics.median(loaded) / statistics.median(bare_keys)
    print(f"key, 10,000 loading  {ratio:6.2f}   budget 1.50")
    print(f"  worst              {1000 * max(loaded):6.1f} ms   budget 50 ms")
    print(f"memory, {_PAGES} pages    {used:6.1f} MiB   budget 90   at most {most:.1f}")
    print(f"quit while hanging   {_quit_while_hanging(python):6.2f} s   budget 0.50")


if __name__ == "__main__":
    main()
