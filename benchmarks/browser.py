"""What the browser costs against a bare Textual table of the same size, in one run.

Both run in a pseudo-terminal of 120x40, in turns. The browser reads from the embedded demo server,
which waits 10 ms before each answer. Ratios are medians of pairs; bytes are those of one key.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.grown import grown
from benchmarks.rows import Row
from benchmarks.terminal import Terminal
from runbrowser.demo.launch import start

_PAIRS = 9
_KEYS = 30
_PAGES = 100


def _environment(**more: str) -> dict[str, str]:
    env = dict(os.environ, TERM="xterm-256color", COLORTERM="truecolor", TEXTUAL_ANIMATIONS="none")
    env |= more
    for name in ("NO_COLOR", "SSH_CONNECTION", "TMUX"):
        env.pop(name, None)
    return env


def _paint(command: Sequence[str], first: bytes, rows: bytes, **more: str) -> tuple[float, float]:
    with Terminal(command, columns=120, env=_environment(**more)) as terminal:
        return terminal.read_until(first), terminal.read_until(rows)


def _mirror_beside_server(python: str, server: str, pairs: int) -> float:
    """How long the first page of a mirror takes, as a multiple of that of the server."""
    with tempfile.TemporaryDirectory(prefix="runbrowser-bench-") as folder:
        more = {"RUNBROWSER_DATA_DIR": folder}
        sync = [python, "-m", "runbrowser", "sync", "--server", server]
        subprocess.run(sync, env=_environment(**more), check=True, capture_output=True)
        ours = [python, "-m", "runbrowser", "--server", server]
        ratios = []
        for _ in range(pairs):
            _, live = _paint(ours, b"connecting", b", page 1", **more)
            _, mirrored = _paint([*ours, "--mirror"], b"Filter", b", page 1", **more)
            ratios.append(mirrored / live)
    return statistics.median(ratios)


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
            terminal.show_until(f", page {page} ")
            terminal.drain(0.25)
        status = Path(f"/proc/{terminal.pid}/status").read_text("ascii")
    used, most = (re.search(rf"{name}:\s+(\d+) kB", status) for name in ("VmRSS", "VmHWM"))
    return (int(used[1]) / 1024 if used else 0.0), (int(most[1]) / 1024 if most else 0.0)


def options(parser: argparse.ArgumentParser) -> None:
    """What this measurement can be told."""
    parser.add_argument("--pairs", type=int, default=_PAIRS, help="starts of each (9)")


def measure(given: argparse.Namespace) -> list[Row]:
    """Starts, keys, bytes, memory and quitting, each beside its budget."""
    python = sys.executable
    bare = [python, "-m", "benchmarks.bare"]
    with start(delay=0.01) as server:
        ours = [python, "-m", "runbrowser", "--server", server.v1]
        first, rows = [], []
        for _ in range(given.pairs):
            bare_first, bare_rows = _paint(bare, b"uploader", b"900110")
            our_first, our_rows = _paint(ours, b"connecting", b", page 1")
            first.append(our_first / bare_first)
            rows.append(our_rows / bare_rows)
        bare_keys, bare_move, bare_flip, _ = _keys(bare, b"900110")
        our_keys, move, flip, idle = _keys(ours, b", page 1")
        mirrored = _mirror_beside_server(python, server.v1, given.pairs)
    with tempfile.TemporaryDirectory(prefix="runbrowser-bench-") as folder:
        database = grown(Path(folder) / "grown.db", 100 * (_PAGES + 1))
        with start(delay=0.01, database=database) as server:
            ours = [python, "-m", "runbrowser", "--server", server.v1]
            used, most = _memory(ours)
            loaded = _keys_under_load(ours)
    usual = statistics.median(bare_keys)
    return [
        Row("first paint / bare", statistics.median(first), "x", 1.1),
        Row("rows on the screen / bare", statistics.median(rows), "x", 1.5),
        Row("rows on the screen, of a mirror / of the server", mirrored, "x", 1.2),
        Row("key to first byte, cursor / bare", statistics.median(our_keys) / usual, "x", 1.2),
        Row("the same, the slowest", 1000 * max(our_keys), "ms", 50),
        Row("key, 10,000 rows loading / bare", statistics.median(loaded) / usual, "x", 1.2),
        Row("the same, the slowest", 1000 * max(loaded), "ms", 50),
        Row("cursor down", move, "B", 700, f"bare {bare_move:,} B"),
        Row("page flip", flip, "B", 3_000, f"bare {bare_flip:,} B"),
        Row("idle for three seconds", idle, "B", 0),
        Row(f"memory after {_PAGES} pages", used, "MiB", 90, f"at most {most:.1f} MiB"),
        Row("quitting while a request hangs", _quit_while_hanging(python), "s", 0.5),
    ]
