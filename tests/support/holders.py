"""Processes that hold something and are stopped while they have it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def stopped_holder(folder: Path, code: str) -> Iterator[subprocess.Popen[str]]:
    """A process that has run ``code``, and was stopped by SIGSTOP then; at the end it is killed.

    ``code`` knows ``folder``, a Path, and ``wait()``, which ends its part earlier.
    """
    start = (
        "import sys, pathlib\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        "def wait():\n"
        "    print('held', flush=True)\n"
        "    sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", f"{start}{code}\nwait()", str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        os.kill(process.pid, signal.SIGSTOP)
        os.waitpid(process.pid, os.WUNTRACED)
        try:
            yield process
        finally:
            process.kill()
