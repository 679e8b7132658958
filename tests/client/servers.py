"""Real servers on 127.0.0.1 for the client's tests: what they answer is up to each test."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

from runbrowser.client.call import Call
from runbrowser.client.http import AsyncHTTPClient, HTTPClient

KEY = "c0ffee00c0ffee00c0ffee00c0ffee00"
ENDED = 20  # seconds after which a server gives up waiting, so that no test hangs


@dataclass
class Request:
    """What a server was sent; ``connection`` counts the connections it took, from 1."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    connection: int

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.target).query)

    @property
    def form(self) -> dict[str, list[str]]:
        return parse_qs(self.body.decode("latin-1"))


@dataclass
class Reply:
    """What a server answers: ``raw`` instead of all else; ``close`` after it."""

    status: int = 200
    body: bytes | str = b""
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    close: bool = False

    def encoded(self) -> bytes:
        if self.raw is not None:
            return self.raw
        body = self.body.encode() if isinstance(self.body, str) else self.body
        headers = {"content-type": "text/xml; charset=utf-8", "content-length": str(len(body))}
        headers |= {name.lower(): value for name, value in self.headers.items()}
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"HTTP/1.1 {self.status} X\r\n{lines}\r\n".encode("latin-1") + body


Handler = Callable[[Request], Reply]


class Server:
    """Answers each request with what the handler says; keeps what it was asked."""

    def __init__(self, handler: Handler, idle: float = ENDED) -> None:
        self.handler = handler
        self.idle = idle
        self.requests: list[Request] = []
        self.connections = 0
        self.closed_by_client = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._main = threading.Thread(target=self._accept)
        self._main.start()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def base(self) -> str:
        """V1's base address on this server."""
        return f"{self.origin}/api/v1/xml/"

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._main.join(ENDED)
        for thread in self._threads:
            thread.join(ENDED)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.add(connection)
            thread = threading.Thread(target=self._serve, args=(connection, self.connections))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        with connection, contextlib.suppress(OSError, ValueError):
            connection.settimeout(self.idle)
            stream = connection.makefile("rb")
            while True:
                line = stream.readline()
                if not line:
                    self.closed_by_client.set()
                    break
                method, target, _ = line.decode("latin-1").split(" ", 2)
                headers = {}
                while (header := stream.readline()) not in (b"\r\n", b""):
                    name, _, value = header.decode("latin-1").partition(":")
                    headers[name.strip().lower()] = value.strip()
                if headers.get("transfer-encoding") == "chunked":
                    body = _chunks(stream)
                else:
                    body = stream.read(int(headers.get("content-length", 0)))
                request = Request(method, target, headers, body, number)
                self.requests.append(request)
                reply = self.handler(request)
                connection.sendall(reply.encoded())
                if reply.close:
                    break
        self._open.discard(connection)


def _chunks(stream: Any) -> bytes:
    body = b""
    while size := int(stream.readline(), 16):
        body += stream.read(size)
        stream.readline()
    stream.readline()
    return body


@contextlib.contextmanager
def serving(handler: Handler | Reply, idle: float = ENDED) -> Iterator[Server]:
    """A server for the length of a block."""
    server = Server((lambda _: handler) if isinstance(handler, Reply) else handler, idle)
    try:
        yield server
    finally:
        server.close()


def unused_port() -> int:
    """A port of 127.0.0.1 on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Driver(Protocol):
    """One face for both clients, so that every test holds for both."""

    client: HTTPClient | AsyncHTTPClient

    def send(self, call: Call[Any], **options: Any) -> Any: ...

    def run(self, result: Any) -> Any:
        """What a method of the client's APIs gives, awaited where it has to be."""

    def close(self) -> None: ...


class Blocking:
    name = "blocking"

    def __init__(self, runner: asyncio.Runner, *args: Any, **options: Any) -> None:
        self.client = HTTPClient(*args, **options)

    def send(self, call: Call[Any], **options: Any) -> Any:
        return self.client.send(call, **options)

    def run(self, result: Any) -> Any:
        return result

    def close(self) -> None:
        self.client.close()


class Async:
    name = "async"

    def __init__(self, runner: asyncio.Runner, *args: Any, **options: Any) -> None:
        self.runner = runner
        self.client = AsyncHTTPClient(*args, **options)

    def send(self, call: Call[Any], **options: Any) -> Any:
        return self.runner.run(self.client.send(call, **options))

    def run(self, result: Any) -> Any:
        async def awaited() -> Any:
            return await result

        return self.runner.run(awaited())

    def close(self) -> None:
        self.runner.run(self.client.close())


DRIVERS = (Blocking, Async)
