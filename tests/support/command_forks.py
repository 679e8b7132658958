"""Processes of the command line as forks of one that has imported what the verbs need.

Started as ``python -m tests.support.command_forks DESCRIPTOR`` by :mod:`tests.support.commands`;
the descriptor is a socket. A message on it is a JSON object (words, environment, folder) and
comes with the three streams of the new process. Each has two answers: the process id,
and, once it has ended, its exit code, negative for the signal that ended it. At the end of the
socket this process ends.
"""

from __future__ import annotations

import atexit
import gc
import io
import json
import os
import random
import signal
import socket
import sys
import threading
from importlib import import_module
from typing import Any

import runbrowser.__main__ as program
from runbrowser.cli.main import VERBS
from tests.support.commands import LONGEST

_LATE = (
    "httpx",
    "httpcore",
    "h11",
    "anyio._backends._asyncio",
    "pandas",
    "rich.console",
    "rich.table",
)
"""What verbs import while they work. Nothing of these reads the environment when imported."""


def _prepare() -> None:
    for place, _ in VERBS.values():
        import_module(f"runbrowser.cli.{place.partition(':')[0]}")
    for name in _LATE:
        import_module(name)
    assert "textual" not in sys.modules, "it reads the environment when it is imported"
    gc.collect()
    gc.freeze()


def _open_streams(environ: dict[str, str]) -> None:
    """New objects over the three descriptors, as an interpreter makes them."""
    encoding, _, errors = environ.get("PYTHONIOENCODING", "utf-8").partition(":")
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        mode = "rb" if number == 0 else "wb"
        raw = open(number, mode, closefd=False)  # noqa: SIM115 open as long as the process
        stream = io.TextIOWrapper(
            raw,
            encoding=encoding or "utf-8",
            errors="backslashreplace" if name == "stderr" else errors or "strict",
            line_buffering=name == "stderr" or os.isatty(number),
        )
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def _become(request: dict[str, Any], streams: list[int]) -> int:
    """In the child: ``python -m runbrowser`` with words, up to its end; the exit code."""
    for number, descriptor in enumerate(streams):
        os.dup2(descriptor, number)
    os.closerange(3, 256)
    os.environ.clear()
    os.environ.update(request["environ"])
    os.chdir(request["folder"])
    random.seed()
    sys.argv = [program.__file__, *request["words"]]
    _open_streams(request["environ"])
    signal.signal(signal.SIGINT, signal.default_int_handler)
    code: object = 1
    try:
        code = program.main()
    except SystemExit as ended:
        code = ended.code
    except BaseException:  # noqa: BLE001 as an interpreter does at its end
        sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
    if isinstance(code, str):
        print(code, file=sys.stderr)
        code = 1
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
    except OSError:
        return 120
    return int(code or 0) & 0xFF  # type: ignore[call-overload, no-any-return]


def _start(request: dict[str, Any], streams: list[int]) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        code = _become(request, streams)
    finally:
        os._exit(code)


def main(descriptor: int) -> None:
    """Starts and awaits one process after the other."""
    _prepare()
    with socket.socket(fileno=descriptor) as caller:
        while True:
            message, streams, _, _ = socket.recv_fds(caller, LONGEST, 3)
            if not message:
                return
            pid = _start(json.loads(message), streams)
            for stream in streams:
                os.close(stream)
            caller.send(str(pid).encode())
            _, status = os.waitpid(pid, 0)
            caller.send(str(os.waitstatus_to_exitcode(status)).encode())


if __name__ == "__main__":
    main(int(sys.argv[1]))
