"""A program in a pseudo-terminal: what it draws, when, and in how many bytes."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Sequence
from typing import Self

import pyte


class Terminal:
    """Runs a command in a pseudo-terminal of a given size and watches its output."""

    def __init__(
        self, command: Sequence[str], *, columns: int = 120, rows: int = 40, env: dict[str, str]
    ) -> None:
        self.started = time.perf_counter()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvpe(command[0], list(command), env)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.output = b""
        self._screen = pyte.Screen(columns, rows)
        self._reader = pyte.ByteStream(self._screen)
        self._taken_in = 0  # bytes of the output that the screen has read

    def read_until(self, marker: bytes, timeout: float = 20.0) -> float:
        """Seconds from the start until the marker was drawn. TimeoutError with what came else."""
        deadline = time.perf_counter() + timeout
        while marker not in self.output:
            left = deadline - time.perf_counter()
            if left <= 0 or not self._read(left):
                raise TimeoutError(f"no {marker!r} in {self.output[-2000:]!r}")
        return time.perf_counter() - self.started

    def show_until(self, text: str, timeout: float = 20.0) -> None:
        """Reads until a text stands on a line of the screen, however few bytes brought it there.
        TimeoutError with the screen.
        """
        deadline = time.perf_counter() + timeout
        while not any(text in line for line in self._shown()):
            left = deadline - time.perf_counter()
            if left <= 0 or not self._read(left):
                raise TimeoutError(f"no {text!r} in\n" + "\n".join(self._shown()))

    def _shown(self) -> list[str]:
        self._reader.feed(self.output[self._taken_in :])
        self._taken_in = len(self.output)
        return self._screen.display

    def _read(self, timeout: float) -> bytes:
        ready, _, _ = select.select([self.fd], [], [], timeout)
        if not ready:
            return b""
        try:
            piece = os.read(self.fd, 65536)
        except OSError:
            return b""
        self.output += piece
        return piece

    def press(self, keys: bytes, *, quiet: float = 0.25, timeout: float = 5.0) -> tuple[float, int]:
        """Seconds until the first byte that answers a key, and all bytes until it is quiet."""
        before = len(self.output)
        start = time.perf_counter()
        os.write(self.fd, keys)
        first = None
        while time.perf_counter() - start < timeout:
            if not self._read(timeout if first is None else quiet):
                break
            first = first if first is not None else time.perf_counter() - start
        return (first if first is not None else timeout), len(self.output) - before

    def drain(self, seconds: float) -> int:
        """Reads for a while; how many bytes came."""
        before, end = len(self.output), time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            self._read(left)
        return len(self.output) - before

    def close(self) -> None:
        """Ends the program."""
        try:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        except (ProcessLookupError, ChildProcessError):
            pass
        os.close(self.fd)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
