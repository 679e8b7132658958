"""Runs the command line for tests: as ``python -m runbrowser``, in a tenth of the time.

A command is a process of its own with its own streams, environment and folder, but a fork of one
that has imported what the verbs need (see command_forks.py). What is tested about the start of
the interpreter, about signals and about what is imported takes a process from the ground up.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

_ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-m", "runbrowser")
LONGEST = 60_000
"""Bytes of a request; longer ones get a process from the ground up."""

_OF_THE_INTERPRETER = ("PYTHON", "LC_", "LANG", "LD_", "TZ", "OPENBLAS", "OMP_", "MALLOC")
"""Beginnings of variables that count when an interpreter starts."""


def _for_interpreter(environ: Mapping[str, str]) -> dict[str, str]:
    return {n: value for n, value in environ.items() if n.startswith(_OF_THE_INTERPRETER)}


class _Nursery:
    """The process that bears the commands of this process' tests."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = _for_interpreter(environ)
        self._lock = threading.Lock()
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.command_forks", str(theirs.fileno())],
                cwd=_ROOT,
                env={**environ, "PYTHONPATH": str(_ROOT)},
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for the tests; it ends when they do
            )

    def run(self, request: bytes, streams: list[int], timeout: float) -> int:
        """The exit code of one command; its ends of the streams are closed here."""
        with self._lock:
            socket.send_fds(self._socket, [request], streams)
            for stream in streams:
                os.close(stream)
            watch = threading.Timer(timeout, os.kill, (self._number(), signal.SIGKILL))
            watch.start()
            try:
                return self._number()
            finally:
                watch.cancel()

    def _number(self) -> int:
        return int(self._socket.recv(100))

    def close(self) -> None:
        """Ends it."""
        self._socket.close()
        self._process.wait()


_nurseries: dict[int, _Nursery] = {}


def _nursery(environ: Mapping[str, str]) -> _Nursery | None:
    """This process' own, made when it is first needed; None when the interpreter of this
    environment would be another.
    """
    pid = os.getpid()
    if pid not in _nurseries:
        _nurseries[pid] = _Nursery(environ)
        atexit.register(_nurseries[pid].close)
    nursery = _nurseries[pid]
    return nursery if nursery.environ == _for_interpreter(environ) else None


def run(
    words: Sequence[str], *, environ: Mapping[str, str], input: bytes = b"", timeout: float = 100
) -> subprocess.CompletedProcess[bytes]:
    """One command, run to its end; with ``timeout`` in seconds it is ended by force."""
    request = {"words": list(words), "environ": dict(environ), "folder": str(Path.cwd())}
    message = json.dumps(request).encode()
    nursery = _nursery(environ)
    if nursery is None or len(message) > LONGEST:
        return subprocess.run(
            [*COMMAND, *words], env=environ, input=input, capture_output=True, timeout=timeout
        )
    (given, their_in), (out, their_out), (err, their_err) = _pipe(True), _pipe(), _pipe()
    with ThreadPoolExecutor(3) as pool:
        told = pool.submit(_read, out), pool.submit(_read, err)
        pool.submit(_write, given, input)
        code = nursery.run(message, [their_in, their_out, their_err], timeout)
    return subprocess.CompletedProcess([*COMMAND, *words], code, *(one.result() for one in told))


def _pipe(into: bool = False) -> tuple[int, int]:
    """The end of the tests and the end of the command."""
    reader, writer = os.pipe()
    return (writer, reader) if into else (reader, writer)


def _read(pipe: int) -> bytes:
    with open(pipe, "rb") as stream:
        return stream.read()


def _write(pipe: int, content: bytes) -> None:
    with contextlib.suppress(BrokenPipeError), open(pipe, "wb") as stream:
        stream.write(content)
