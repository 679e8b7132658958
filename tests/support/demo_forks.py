"""Demo servers as forks of one process that has imported everything and unpacked the catalogue.

Started as ``python -m tests.support.demo_forks FOLDER`` by :mod:`tests.support.demos`. Each line
on stdin is a JSON list: the arguments of ``python -m runbrowser.demo`` start a server,
``["end", pid]`` ends one. Each is answered by one line on stdout: the server's process id and its
announcement, or how it ended. At the end of stdin all servers end.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import shutil
import signal
import sys
import traceback
from dataclasses import replace
from pathlib import Path

from runbrowser.demo import server
from runbrowser.demo.__main__ import serve
from runbrowser.demo.app import create_app
from runbrowser.demo.catalogue import unpack
from runbrowser.demo.faults import Faults
from runbrowser.demo.options import parsed
from runbrowser.demo.store import Store


def _prepare(folder: Path) -> Path:
    """The shipped catalogue as it is after a server's first look at it."""
    catalogue = folder / "catalogue.db"
    unpack(catalogue)
    store = Store(catalogue)
    create_app(catalogue, base_url="", faults=Faults())  # imports whatever an app needs
    store.close()
    return catalogue


def _serve(arguments: list[str], parent: int, catalogue: Path, folder: Path, pipe: int) -> int:
    """In the child: a server as ``python -m runbrowser.demo`` would run it."""
    os.setsid()
    os.dup2(pipe, 1)
    os.environ["TMPDIR"] = str(folder)
    options = parsed(arguments)
    if options.database is None and options.synthetic is None:
        options = replace(options, database=catalogue)
    return serve(replace(options, parent=parent))


def _start(arguments: list[str], catalogue: Path, folders: Path) -> str:
    reader, writer = os.pipe()
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        folder = folders / str(os.getpid())
        folder.mkdir()
        code = 1
        try:
            code = _serve(arguments, parent, catalogue, folder, writer)
        except BaseException:  # noqa: BLE001 whatever it is, the child ends here
            traceback.print_exc()
        finally:
            os._exit(code)
    os.close(writer)
    with os.fdopen(reader) as announced:
        return f"{pid} {announced.readline()}".strip()


def _end(pid: int, folders: Path) -> str:
    """Ends a server at once: it holds nothing that anybody wants, and its folder is removed."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, 0)
    shutil.rmtree(folders / str(pid), ignore_errors=True)
    return "ended"


def main(folder: Path) -> None:
    # A second lies between an idle connection's end here and at our client: on a busy machine one
    # was closed under a request, which tests send once.
    server.KEEP_ALIVE = 75
    catalogue = _prepare(folder)
    gc.collect()
    gc.freeze()  # no collection in a child touches, and so copies, what all share
    print("ready", flush=True)
    children: set[int] = set()
    for line in sys.stdin:
        match json.loads(line):
            case ["end", int(pid)]:
                children.discard(pid)
                answer = _end(pid, folder)
            case arguments:
                answer = _start(arguments, catalogue, folder)
                children.add(int(answer.split()[0]))
        print(answer, flush=True)
    for pid in children:
        _end(pid, folder)
    shutil.rmtree(folder, ignore_errors=True)  # a worker of xdist ends without atexit


if __name__ == "__main__":
    main(Path(sys.argv[1]))
