"""Runs the demo server: its own copy of the catalogue, a line of JSON when ready, a clean end."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import uvicorn

from .app import create_app
from .catalogue import unpack
from .options import Options
from .store import Store
from .synthetic import make

HOST = "127.0.0.1"
V1_PATH, V2_PATH = "api/v1/xml/", "v2/"
# As Apache has it: an idle connection is closed after this many seconds.
KEEP_ALIVE = 5
PARENT_POLL = 0.2
ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def run(options: Options) -> None:
    """Serve until SIGTERM, SIGINT or SIGHUP, or until the parent is not our parent any more.

    Prints one line of JSON on stdout once it listens. Raises OSError when the port is taken,
    FileNotFoundError without a catalogue.
    """
    # Named as TCP, or asyncio would not switch Nagle's algorithm off: 40 ms for each answer.
    tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    with tcp as listener, _unwound_by_signals():
        # A port whose last server has just ended counts as free.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, options.port))
        with _folder() as folder:
            copy = Path(folder, "catalogue.db")
            if options.database is not None:
                shutil.copyfile(options.database, copy)
            elif options.synthetic is not None:
                make(copy, options.synthetic)
            else:
                unpack(copy)
            asyncio.run(_serve(listener, copy, options))


def _folder() -> "tempfile.TemporaryDirectory[str]":
    """A folder that is removed at the end, even if a last reader still writes a file to it."""
    return tempfile.TemporaryDirectory(prefix="runbrowser-demo-", ignore_cleanup_errors=True)


@contextlib.contextmanager
def _unwound_by_signals() -> Iterator[None]:
    """Until the server handles signals itself they unwind the stack: the folder is removed."""

    def leave(number: int, _: FrameType | None) -> None:
        _handle(signal.SIG_IGN)
        raise SystemExit(128 + number)

    previous = [signal.getsignal(number) for number in ENDING]
    _handle(leave)
    try:
        yield
    finally:
        for number, handler in zip(ENDING, previous, strict=True):
            signal.signal(number, handler)


def _handle(handler: Callable[[int, FrameType | None], None] | signal.Handlers) -> None:
    for number in ENDING:
        signal.signal(number, handler)


async def _serve(listener: socket.socket, copy: Path, options: Options) -> None:
    base_url = f"http://{HOST}:{listener.getsockname()[1]}/"
    _place_datasets(copy, base_url)
    app = create_app(
        copy, base_url=base_url, faults=options.faults, well_formed=options.well_formed
    )
    store: Store = app.state.store
    config = uvicorn.Config(
        app,
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=1,
    )
    server = _Server(config, _announcement(store, base_url))
    watch = asyncio.create_task(_end_with_parent(server, options.parent))
    try:
        await server.serve(sockets=[listener])
    finally:
        watch.cancel()
        app.state.engine.close()
        store.close()


def _place_datasets(copy: Path, base_url: str) -> None:
    """Names the data sets' files by this server's address, which the catalogue cannot know."""
    with contextlib.closing(sqlite3.connect(copy)) as database, database:
        database.execute(
            "UPDATE dataset SET url = ? || url WHERE url <> '' AND instr(url, '://') = 0",
            (base_url,),
        )


class _Server(uvicorn.Server):
    """uvicorn, which tells when it listens, and which signals end without killing the process."""

    def __init__(self, config: uvicorn.Config, announcement: str) -> None:
        super().__init__(config)
        self._announcement = announcement

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then announce."""
        await super().startup(sockets)
        print(self._announcement, flush=True)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End on the first signal; while the folder is removed, no second one interrupts that."""
        _handle(self.handle_exit)
        try:
            yield
        finally:
            _handle(signal.SIG_IGN)


def _announcement(store: Store, base_url: str) -> str:
    row = store.row(
        "SELECT id, api_key FROM user WHERE role = 'user' AND api_key IS NOT NULL"
        " ORDER BY id LIMIT 1"
    )
    key, number = (row["api_key"], row["id"]) if row is not None else ("", -1)
    addresses = {"v1": base_url + V1_PATH, "v2": base_url + V2_PATH}
    return json.dumps({**addresses, "api_key": key, "user_id": number})


async def _end_with_parent(server: uvicorn.Server, parent: int | None) -> None:
    """Stop the server once `parent` is gone: even kill -9 leaves no server behind."""
    while parent is not None:
        if os.getppid() != parent:
            server.should_exit = True
            return
        await asyncio.sleep(PARENT_POLL)
