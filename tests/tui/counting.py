"""A real HTTP server that stands before the demo server: it counts, holds back and fails requests.

What it is not told to answer otherwise it passes on, byte for byte. So a test sees what the browser
really asks, and can make a real server slow, silent or broken.
"""

from __future__ import annotations

import gzip
import http.client
import http.server
import json
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

WIRE = Path(__file__).parents[1] / "data" / "wire"
PREFIX = "/api/v1/xml/"


@dataclass(frozen=True)
class Reply:
    """What is sent instead of the demo's answer."""

    status: int
    content_type: str
    body: bytes


def recorded(case: str, server: str = "v1") -> Reply:
    """The recorded reply of a real server."""
    told = json.loads((WIRE / server / f"{case}.json").read_text("utf-8"))
    plain = WIRE / server / f"{case}.body"
    packed = plain.with_suffix(".body.gz")
    body = plain.read_bytes() if plain.exists() else gzip.decompress(packed.read_bytes())
    return Reply(told["status"], told["content_type"], body)


@dataclass
class Counting:
    """The server as a test sees it. Paths are told below V1's base, such as ``run/900101``."""

    port: int
    upstream: str
    asked: list[str] = field(default_factory=list)
    known_as: bytes = b""  # where replies name the demo's address they name this one instead
    _holds: dict[str, threading.Event] = field(default_factory=dict)
    _replies: dict[str, Reply] = field(default_factory=dict)
    _ended: threading.Event = field(default_factory=threading.Event)

    @property
    def v1(self) -> str:
        """V1's base as clients know it."""
        return f"http://127.0.0.1:{self.port}{PREFIX}"

    @property
    def v2(self) -> str:
        """V2's base as clients know it."""
        return f"http://127.0.0.1:{self.port}/v2/"

    def count(self, pattern: str) -> int:
        """How many of the paths asked for so far fit an expression from their start."""
        return sum(re.match(pattern, path) is not None for path in self.asked)

    def hold(self, pattern: str) -> threading.Event:
        """Requests whose path fits are answered when the event that is returned is set."""
        self._holds[pattern] = threading.Event()
        return self._holds[pattern]

    def answer(self, pattern: str, reply: Reply | None) -> None:
        """Requests whose path fits get this reply; None passes them on again."""
        if reply is None:
            self._replies.pop(pattern, None)
        else:
            self._replies[pattern] = reply

    def _wait(self, path: str) -> None:
        for pattern, event in tuple(self._holds.items()):
            while re.match(pattern, path) and not event.wait(0.02):
                if self._ended.is_set():
                    return

    def _reply(self, path: str) -> Reply | None:
        fitting = (reply for pattern, reply in self._replies.items() if re.match(pattern, path))
        return next(fitting, None)

    def _forward(self, path: str) -> Reply:
        connection = http.client.HTTPConnection(urlsplit(self.upstream).netloc, timeout=60)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            body = answer.read()
            if self.known_as:
                body = body.replace(urlsplit(self.upstream).netloc.encode(), self.known_as)
            return Reply(answer.status, answer.headers.get("content-type", ""), body)
        finally:
            connection.close()


def _handler(counting: Counting) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 60

        def do_GET(self) -> None:
            path = self.path.removeprefix(PREFIX)
            counting.asked.append(path)
            counting._wait(path)
            reply = counting._reply(path) or counting._forward(self.path)
            try:
                self.send_response(reply.status)
                self.send_header("content-type", reply.content_type)
                self.send_header("content-length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body)
            except ConnectionError:
                self.close_connection = True  # who asked has gone

        def log_message(self, format: str, *args: object) -> None:
            """Nothing is told on stderr."""

    return Handler


class _Listener(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A connection that its client cut off is no fault."""


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def counting(upstream: str, *, port: int = 0) -> Iterator[Counting]:
    """A server before the one at ``upstream``; it ends with the block. port 0: a free one."""
    server = Counting(port, upstream)
    with _Listener(("127.0.0.1", port), _handler(server)) as listener:
        server.port = listener.server_address[1]
        thread = threading.Thread(target=listener.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            server._ended.set()
            for event in server._holds.values():
                event.set()
            listener.shutdown()
            thread.join()
