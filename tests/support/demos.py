"""Starts demo servers for tests: as :func:`runbrowser.demo.launch.start`, in a tenth of the time.

A server is a process of its own here, too, but a fork of one that has everything imported and the
catalogue unpacked (see demo_forks.py). What is tested about starting and ending a demo server
itself takes ``runbrowser.demo.launch``.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runbrowser.demo.launch import DemoProcess
from runbrowser.demo.options import command_line, options_of
from runbrowser.demo.synthetic import Scale

_ROOT = Path(__file__).parents[2]


class _Nursery:
    """The process that bears the servers of this process' tests."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="demos-")
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.demo_forks", self._folder.name],
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
            start_new_session=True,  # Ctrl-C is for the tests; it ends when they do
        )
        assert self._read() == "ready"

    def ask(self, words: list[Any]) -> str:
        """One line to the process, one line from it."""
        assert self._process.stdin is not None
        with self._lock:
            self._process.stdin.write(json.dumps(words) + "\n")
            return self._read()

    def _read(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def close(self) -> None:
        """Ends it and all its servers."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()
        self._folder.cleanup()


_nurseries: dict[int, _Nursery] = {}


def _nursery() -> _Nursery:
    """This process' own, made when it is first needed."""
    pid = os.getpid()
    if pid not in _nurseries:
        _nurseries[pid] = _Nursery()
        atexit.register(_nurseries[pid].close)
    return _nurseries[pid]


@dataclass
class ForkedDemo(DemoProcess):
    """A running demo server that is a fork."""

    number: int = -1
    _ended: bool = field(default=False, repr=False)

    @property
    def pid(self) -> int:
        """The server's process id."""
        return self.number

    def stop(self) -> None:
        """Ends the server; it is gone afterwards. Doing so twice does no harm."""
        if not self._ended:
            self._ended = True
            _nursery().ask(["end", self.number])


def start(**options: Any) -> DemoProcess:
    """A demo server that listens; the options are those of ``runbrowser.demo.launch.start``."""
    scale = options.get("synthetic")
    if isinstance(scale, str) and scale:
        options["synthetic"] = Scale.from_text(scale)
    answer = _nursery().ask(command_line(options_of(options)))
    pid, _, line = answer.partition(" ")
    if not line:
        _nursery().ask(["end", int(pid)])
        raise RuntimeError(f"the demo server did not start: {answer}")
    told = json.loads(line)
    return ForkedDemo(**told, _process=None, number=int(pid))  # type: ignore[arg-type]
