#!/usr/bin/env python
"""A monkey at the keyboard while the network breaks and servers lie, for as long as you like:

    python scripts/storm.py [--keys 200000] [--seed 1] [--seconds 540] [--log FILE]

Keys as scripts/monkey.py gives them, in browsers that read through a proxy which cuts, delays,
resets and garbles replies and puts hostile documents in their place, all by a seed: some that ``q``
may end, and then one that lives long. After each browser nothing may be left of it: no task, no
open file or socket, no temporary file; nothing may have failed or been left without a word (tasks,
threads, coroutines); and memory must not grow from the end of the warm-up on. Ends with 1 and the
last keys when that does not hold, or when the browser crashed, logged a fault of its own, or was
left with a dialog that no esc takes away. ``--log`` adds a line of JSON for each server's worth of
keys, so that a long session can be played in parts: the next one goes on with the next seed.
"""

from __future__ import annotations

import argparse
import asyncio
import ctypes
import gc
import importlib
import json
import multiprocessing
import os
import pkgutil
import sys
import tempfile
import threading
import time
import traceback
import warnings
from collections import Counter
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

EACH = 2_500  # keys for each demo server
BROWSER = 250  # keys for each short life: most requests are sent while a browser comes up
SHORT = 4  # short lives before the long one
GROWTH = 1.10  # memory at the end, of that after the warm-up
WARM_UP = 2  # servers


def proxy(upstream: str, seed: int, pipe: Connection) -> None:
    """A process: a proxy before the server; at the end it tells how often each fault was met."""
    from tests.client.chaos import Asked, Fault, before
    from tests.client.hostile import storm

    met: Counter[str] = Counter()
    draw = storm(seed)

    with before(upstream) as between:

        def fault(asked: Asked) -> Fault:
            between.asked.clear()
            drawn = draw(asked)
            met[drawn.name] += 1
            return drawn

        between.fault = fault
        pipe.send(between.origin)
        with suppress(EOFError):
            pipe.recv()
        with suppress(BrokenPipeError):
            pipe.send(met)


def source_over(base: str, key: str) -> Any:
    """What opens a source that has no patience."""
    import httpx

    from runbrowser.client.http import AsyncHTTPClient
    from runbrowser.client.retry import RetryPolicy
    from runbrowser.demo import DEMO_USER_ID
    from runbrowser.openml.live import LiveSource

    quick = RetryPolicy("quick", attempts=3, unreachable=2, total=2.0, wait=lambda n: 0.01)

    def open_source(tell: object) -> LiveSource:
        http = AsyncHTTPClient(base, key, timeout=httpx.Timeout(1.5), retry=quick)
        return LiveSource(http, user_id=DEMO_USER_ID)

    return open_source


def import_all() -> None:
    """What is imported when it is first used, such as numpy for predictions and pyarrow for an
    export, is there from the beginning: 100 MB of libraries are no growth.
    """
    import runbrowser

    names = [info.name for info in pkgutil.walk_packages(runbrowser.__path__, "runbrowser.")]
    names = [name for name in names if not name.endswith("__main__")]
    for name in (*names, "numpy", "pandas", "pyarrow.parquet", "duckdb"):
        with suppress(ImportError):
            importlib.import_module(name)


def memory() -> float:
    """MiB in use, once what is free was given back."""
    gc.collect()
    with suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def open_files() -> list[str]:
    """What is open, by name."""
    names = []
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208
        with suppress(OSError):
            names.append(os.readlink(f"/proc/self/fd/{name}"))  # noqa: PTH115
    return sorted(names)


def temporary_files(folder: Path) -> list[str]:
    """Files of writes that did not come to their end, and folders of downloads."""
    found = [path for path in folder.rglob(".*") if path.is_file() and path.suffix != ".lock"]
    found += [path for path in (folder / "tmp").iterdir() if path.name.startswith("runbrowser-")]
    return [str(path) for path in found]


class Unseen:
    """What fails where nobody looks, and what is left where nobody knows: each by its words."""

    def __init__(self) -> None:
        self.words: list[str] = []
        threading.excepthook = lambda hook: self._note("thread", hook.exc_value)
        sys.unraisablehook = lambda hook: self._note("unraisable", hook.exc_value)
        warnings.showwarning = lambda message, *_: self._note("warning", message)
        for kind in (RuntimeWarning, ResourceWarning):
            warnings.simplefilter("always", kind)

    def watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """Hears of the tasks of a loop whose exceptions nobody took."""
        loop.set_exception_handler(
            lambda _, context: self._note(context["message"], context.get("exception"))
        )

    def _note(self, what: str, error: object) -> None:
        self.words.append(f"{what}: {error!r}")
        if isinstance(error, BaseException):
            traceback.print_exception(error, file=sys.stdout)


async def _quiet() -> list[str]:
    """The tasks that are left once they had a minute to end: a write that has left is not cut off,
    and what became of it is asked for.
    """
    for _ in range(3_000):
        left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        if not left:
            return []
        await asyncio.sleep(0.02)
    return [repr(task) for task in left]


async def _browse(
    source: Any, log: Path, seed: int, keys: int, unseen: Unseen, *, quits: bool
) -> tuple[int, int, list[str]]:
    """Keys in a loop of their own, as a process has it: the threads of a loop that lives on hold
    the app in which they were started. Keys, browsers, and the tasks that are left.
    """
    from tests.tui.monkey import play

    unseen.watch(asyncio.get_running_loop())
    typed, browsers = await play(source, log, seed, keys, quits=quits)
    gc.collect()  # tasks tell of their exceptions when they go
    return typed, browsers, await _quiet()


def session(given: argparse.Namespace, folder: Path) -> int:
    """Plays; the exit code."""
    from runbrowser.demo.launch import start
    from tests.tui.monkey import MonkeyError

    import_all()
    begun, typed, rounds, first, seed = time.monotonic(), 0, 0, 0.0, given.seed
    before: list[str] = []
    faults: Counter[str] = Counter()
    spawn, unseen = multiprocessing.get_context("spawn"), Unseen()
    while typed < given.keys and time.monotonic() - begun < given.seconds:
        with start() as demo:
            ours, theirs = spawn.Pipe()
            process = spawn.Process(target=proxy, args=(demo.v1, seed, theirs), daemon=True)
            process.start()
            theirs.close()
            try:
                base = ours.recv() + "/api/v1/xml/"
                source = source_over(base, demo.api_key)
                log = folder / "state" / "runbrowser.log"
                some = browsers = 0
                tasks: list[str] = []
                while some < min(EACH, given.keys - typed) and not tasks:
                    quits = some < SHORT * BROWSER
                    few = min(BROWSER if quits else EACH - some, given.keys - typed - some)
                    keys, more, tasks = asyncio.run(
                        _browse(source, log, 1_000 * seed + browsers, few, unseen, quits=quits)
                    )
                    some, browsers = some + keys, browsers + more
                ours.send("end")
                met: Counter[str] = ours.recv()
            except MonkeyError as error:
                print(f"after {typed:,} keys of other seeds: {error}")
                traceback.print_exception(error.__cause__, file=sys.stdout)
                return 1
            finally:
                ours.close()
                process.join(20)
                process.close()
        typed, rounds = typed + some, rounds + 1
        faults += met
        used, now = memory(), open_files()
        line = {
            "seed": seed, "keys": some, "browsers": browsers, "requests": met.total(),
            "faults": met.total() - met["none"], "kinds": len(met), "memory": round(used, 1),
            "open": len(now), "tasks": len(tasks), "left": temporary_files(folder),
            "unseen": unseen.words,
            "seconds": round(time.monotonic() - begun),
        }  # fmt: skip
        print(json.dumps(line), flush=True)
        if given.log is not None:
            with given.log.open("a") as stream:
                stream.write(json.dumps(line) + "\n")
        if rounds == WARM_UP:
            first, before = used, now
        if tasks or line["left"] or unseen.words:
            print("left over:", tasks, line["left"], *unseen.words, sep="\n")
            return 1
        if rounds > WARM_UP and (used > first * GROWTH or len(now) > len(before)):
            print(f"{first:.1f} -> {used:.1f} MiB, open: {before} -> {now}")
            return 1
        seed += 1
    print(f"{typed:,} keys, {faults.total():,} requests, {dict(faults)}")
    return 0


def main() -> int:
    """Plays in a folder of its own; the exit code."""
    reader = argparse.ArgumentParser(description=__doc__.partition(":")[0])
    reader.add_argument("--keys", type=int, default=200_000)
    reader.add_argument("--seed", type=int, default=1)
    reader.add_argument("--seconds", type=float, default=float("inf"), help="begin no more then")
    reader.add_argument("--log", type=Path, help="a file for one line of JSON a server")
    given = reader.parse_args()
    given.log = given.log and given.log.resolve()
    with tempfile.TemporaryDirectory(prefix="runbrowser-storm-") as name:
        folder = Path(name)
        os.chdir(folder)
        (folder / "tmp").mkdir()
        tempfile.tempdir = str(folder / "tmp")
        for kind in ("CONFIG", "CACHE", "STATE"):
            os.environ[f"RUNBROWSER_{kind}_DIR"] = str(folder / kind.lower())
        os.environ |= {"XDG_CONFIG_HOME": name, "SSH_CONNECTION": "1 2 3 4"}
        os.environ |= {"TEXTUAL_ANIMATIONS": "none"}
        return session(given, folder)


if __name__ == "__main__":
    sys.exit(main())
