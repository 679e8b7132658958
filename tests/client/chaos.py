"""A real HTTP proxy before a server: notes what it is asked, does to replies what it is told.

Without a fault it only records. With :func:`chance` it draws one for each request from a seed.
"""

from __future__ import annotations

import contextlib
import gzip
import http.client
import http.server
import os
import random
import re
import socket
import struct
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qs, urlsplit

PATIENCE = 30  # seconds after which the proxy gives up waiting for anybody, so that it always ends


@dataclass(frozen=True)
class Answered:
    """What the server answered; ``body`` as it travelled, compressed or not."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name), "")

    @property
    def plain(self) -> bytes:
        """The body unpacked."""
        packed = self.header("content-encoding") == "gzip"
        return gzip.decompress(self.body) if packed else self.body


@dataclass
class Asked:
    """A request as it arrived; ``answered`` is what the server said, None if it was not asked."""

    method: str
    target: str  # path and query
    path: str  # below the server's base, without the query
    headers: dict[str, str]
    body: bytes
    fault: str = "none"
    answered: Answered | None = None

    @property
    def query(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.target).query)

    @property
    def form(self) -> dict[str, list[str]]:
        return parse_qs(self.body.decode("latin-1"))

    @property
    def run(self) -> str:
        """The id of the run that it is about, '' if it is about none."""
        found = re.search(r"(?:^|/)run/(?:trace/)?(\d+)$", self.path)
        return found[1] if found else self.form.get("run_id", [""])[0]

    @property
    def deed(self) -> tuple[str, ...]:
        """What tells one call from another: the same for each repetition of a call."""
        marker = re.search(rb"chaos-publish-\d+", self.body)
        tag = self.form.get("tag", [""])[0] if self.method == "POST" else ""
        return (self.method, self.path, self.run, tag, marker[0].decode() if marker else "")


Raw = Callable[[Answered], bytes]


def message(
    status: int, body: bytes, *headers: tuple[str, str], sized: bool = True, keep: bool = True
) -> bytes:
    """A reply as bytes; not ``sized``: it ends where the connection does."""
    lines = [f"{name}: {value}" for name, value in headers]
    lines += [f"content-length: {len(body)}"] if sized else []
    lines += [] if keep and sized else ["connection: close"]
    head = "".join(f"{line}\r\n" for line in (f"HTTP/1.1 {status} X", *lines))
    return head.encode("latin-1") + b"\r\n" + body


def as_it_came(answered: Answered, *, sized: bool = True) -> bytes:
    """The server's own reply."""
    names = ("content-type", "content-encoding", "content-range", "set-cookie")
    kept = [(name, answered.header(name)) for name in names if answered.header(name)]
    return message(answered.status, answered.body, *kept, sized=sized)


NOTHING = Answered(0, (), b"")


@dataclass(frozen=True)
class Fault:
    """What happens to one request.

    forward: whether the server sees it. pause: seconds before, or after the server saw it if
    ``late``. raw: what is sent back, made of the server's reply (NOTHING if it was not asked).
    then: what becomes of the connection.
    """

    name: str = "none"
    forward: bool = True
    pause: float = 0.0
    late: bool = False
    raw: Raw = as_it_came
    then: Literal["keep", "close", "reset", "stall"] = "keep"


@dataclass
class Proxy:
    """``origin`` stands for the server's; ``fault`` decides for each request."""

    upstream: str
    origin: str = ""
    fault: Callable[[Asked], Fault] = lambda asked: Fault()
    asked: list[Asked] = field(default_factory=list)
    _one_run: defaultdict[str, threading.Lock] = field(
        default_factory=lambda: defaultdict(threading.Lock)
    )

    def base(self, server: str) -> str:
        """The address to use instead of a base of the server's."""
        return self.origin + urlsplit(server).path

    def forget(self) -> None:
        """Forgets what it was asked."""
        self.asked.clear()

    def forward(self, asked: Asked) -> Answered:
        """Asks the server, one request for a run at a time: what is read after a write whose reply
        got lost is what the write left, as it is where the server is quicker than the network.
        """
        host, port = urlsplit(self.upstream).hostname, urlsplit(self.upstream).port
        headers = {k: v for k, v in asked.headers.items() if k not in ("host", "connection")}
        with self._one_run[asked.run] if asked.run else contextlib.nullcontext():
            connection = http.client.HTTPConnection(str(host), port, timeout=PATIENCE)
            try:
                connection.request(asked.method, asked.target, asked.body or None, headers)
                reply = connection.getresponse()
                return Answered(reply.status, tuple(reply.getheaders()), reply.read())
            finally:
                connection.close()


def _below_base(path: str) -> str:
    return re.sub(r"\A/(?:api/v1/xml|v2)/", "", path)


def _handler(proxy: Proxy) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = PATIENCE

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            path = _below_base(urlsplit(self.path).path)
            asked = Asked(self.command, self.path, path, headers, body)
            fault = proxy.fault(asked)
            asked.fault = fault.name
            proxy.asked.append(asked)
            if fault.pause and not fault.late:
                time.sleep(fault.pause)
            if fault.forward:
                asked.answered = proxy.forward(asked)
            if fault.pause and fault.late:
                time.sleep(fault.pause)
            self.wfile.write(fault.raw(asked.answered or NOTHING))
            self.close_connection = fault.then != "keep"
            if fault.then == "reset":
                linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                os.close(self.connection.detach())
            elif fault.then == "stall":
                self.connection.recv(1)  # until the client has had enough

        do_GET = do_POST = do_DELETE = _serve

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler


class _Listener(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, handler: type[http.server.BaseHTTPRequestHandler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.open: set[socket.socket] = set()

    def get_request(self) -> tuple[socket.socket, tuple[str, int]]:
        """As the base class, remembering the connection."""
        connection, address = super().get_request()
        self.open.add(connection)
        return connection, address

    def shutdown_request(self, request: socket.socket) -> None:  # type: ignore[override]
        """As the base class, forgetting the connection."""
        self.open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """Ends all connections, those that lie idle too."""
        for connection in tuple(self.open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that are gone in the middle are what this is for."""


@contextlib.contextmanager
def before(server: str) -> Iterator[Proxy]:
    """A proxy on a port of its own before a server, for the length of a block."""
    proxy = Proxy(server)
    with _Listener(_handler(proxy)) as listener:
        proxy.origin = f"http://127.0.0.1:{listener.server_address[1]}"
        thread = threading.Thread(target=listener.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield proxy
        finally:
            listener.shutdown()
            thread.join(PATIENCE)
            listener.hang_up()


# What a seed can draw. A garbled reply is always one that can be seen to be wrong.

XML = ("content-type", "text/xml; charset=utf-8")
HTML = ("content-type", "text/html")
JSON = ("content-type", "application/json")
PAGE = b"<html><head><title>Bad Gateway</title></head><body><h1>Sorry</h1></body></html>"
_NAMESPACE = b'xmlns:oml="http://openml.org/openml"'
OTHER_DOCUMENTS = (
    (XML, b"<oml:users %s><oml:user><oml:id>3</oml:id></oml:user></oml:users>" % _NAMESPACE),
    (
        XML,
        b"<oml:runs %s><oml:run><oml:run_id>900101</oml:run_id><oml:id>5</oml:id></oml:run>"
        b"</oml:runs>" % _NAMESPACE,
    ),
    (XML, b"<oml:evaluations %s></oml:evaluations>" % _NAMESPACE),
    (JSON, b'{"runs": {"run": []}}'),
    (JSON, b"null"),
    (("content-type", "text/plain"), b"It works!"),
)


def refusal(code: int, words: str) -> bytes:
    """V1's error document (PROTOCOL 1)."""
    body = (
        f"<oml:error {_NAMESPACE.decode()}>\n\t<oml:code>{code}</oml:code>\n\t"
        f"<oml:message>{words} </oml:message>\n\t\t</oml:error>"
    )
    return message(412, body.encode(), XML)


def _cut(rng: random.Random) -> Fault:
    where, sized = rng.random(), rng.random() < 0.6

    def raw(answered: Answered) -> bytes:
        whole = as_it_came(answered, sized=sized)
        return whole[: int(where * len(whole))]

    return Fault("cut" if sized else "cut, size unknown", raw=raw, then="close")


def _cut_body(rng: random.Random) -> Fault:
    where = rng.random()

    def raw(answered: Answered) -> bytes:
        # Unpacked, so that the place of the cut is one in the document.
        kind = ("content-type", answered.header("content-type"))
        body = answered.plain
        return message(answered.status, body[: int(where * len(body))], kind, sized=False)

    return Fault("cut document", raw=raw, then="close")


def _delay(rng: random.Random) -> Fault:
    return Fault("delay", pause=rng.uniform(0.0, 0.05), late=rng.random() < 0.5)


def _stall(rng: random.Random) -> Fault:
    part = rng.choice((0, 40))
    return Fault("stall", raw=lambda answered: as_it_came(answered)[:part], then="stall")


def _lost(rng: random.Random) -> Fault:
    done = rng.random() < 0.5
    return Fault(
        f"lost {'reply' if done else 'request'}",
        forward=done,
        raw=lambda answered: b"",
        then=rng.choice(("reset", "close")),
    )


def _garbled_gzip(rng: random.Random) -> Fault:
    noise = rng.randbytes(rng.randrange(1, 300))
    all_noise = rng.random() < 0.5

    def raw(answered: Answered) -> bytes:
        packed = gzip.compress(answered.plain, 1)
        body = noise if all_noise else packed[:-8] + bytes(8 * [packed[-8] ^ 0x55])
        return message(200, body, XML, ("content-encoding", "gzip"))

    return Fault("garbled gzip", raw=raw)


def _garbled_structure(rng: random.Random) -> Fault:
    how = rng.randrange(4)
    noise = bytes(rng.randrange(128, 256) for _ in range(rng.randrange(20, 200)))

    def raw(answered: Answered) -> bytes:
        body = answered.plain
        if how == 0:  # the root is never closed
            body = body[: max(body.rstrip().rfind(b"<"), body.rstrip().rfind(b"}"), 0)]
        elif how == 1:
            body = noise + body[len(noise) :]
        elif how == 2:
            body = body.replace(b"<oml:", b"<omx:").replace(b'"', b"'")
        else:
            body = body[::-1]
        kind = ("content-type", answered.header("content-type"))
        return message(answered.status, body, kind)

    return Fault("garbled structure", raw=raw)


def _other_document(rng: random.Random) -> Fault:
    chosen = rng.sample(OTHER_DOCUMENTS, k=2)

    def raw(answered: Answered) -> bytes:
        start = answered.plain.strip()[:12]
        kind, body = next(other for other in chosen if other[1][:12] != start)
        return message(200, body, kind)

    return Fault("other document", raw=raw)


def _garbled_http(rng: random.Random) -> Fault:
    raw = rng.choice(
        (
            rng.randbytes(100) + b"\r\n\r\n",
            b"HTTP/1.1 two hundred\r\n\r\n",
            b"HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n<oml:runs/>",
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n<oml:runs/>\r\n0\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nset-cookie",
            b"HTTP/1.1 200 OK\r\n: \x00\r\n\r\n",
        )
    )
    return Fault("garbled HTTP", rng.random() < 0.5, raw=lambda answered: raw, then="close")


def _busy(rng: random.Random) -> Fault:
    status = rng.choice((502, 503, 504))
    kind, body = rng.choice(((HTML, PAGE), (HTML, b""), (JSON, b'{"detail": "busy"}')))
    raw = message(status, body, kind, ("retry-after", "0"))
    done = rng.random() < 0.4
    return Fault(f"busy {'after' if done else 'before'}", done, raw=lambda answered: raw)


def _no_data(rng: random.Random) -> Fault:
    raw = rng.choice((message(200, PAGE, HTML), message(200, b"", XML), message(500, b"", HTML)))
    return Fault("no data", rng.random() < 0.6, raw=lambda answered: raw)


def _database_down(rng: random.Random) -> Fault:
    return Fault("107", forward=False, raw=lambda answered: refusal(107, "Database error."))


def _index_down(rng: random.Random) -> Fault:
    """105 is told after a write that was done; what was refused is told as it was."""

    def raw(answered: Answered) -> bytes:
        if answered.status == 200 and re.match(
            rb"\s*<oml:run_(un)?tag|\s*<oml:run_delete", answered.plain
        ):
            return refusal(105, "An Elastic Search Exception occured.")
        return as_it_came(answered)

    return Fault("105", raw=raw)


_DRAWN: dict[Callable[[random.Random], Fault], float] = {
    lambda rng: Fault(): 50,
    _delay: 12,
    _cut: 6,
    _cut_body: 4,
    _stall: 0.3,
    _lost: 7,
    _garbled_gzip: 2,
    _garbled_structure: 5,
    _other_document: 4,
    _garbled_http: 3,
    _busy: 6,
    _no_data: 4,
    _database_down: 3,
    _index_down: 3,
}

FAULTS = (
    "none", "delay", "cut", "cut, size unknown", "cut document", "stall", "lost request",
    "lost reply", "garbled gzip", "garbled structure", "other document", "garbled HTTP",
    "busy before", "busy after", "no data", "107", "105",
)  # fmt: skip
"""The names of all that can be drawn."""


def chance(seed: int) -> Callable[[Asked], Fault]:
    """Draws each request's fault from the seed, what it asks for and how often that was asked: the
    order in which requests happen to arrive does not matter.
    """
    times: Counter[tuple[str, ...]] = Counter()
    lock = threading.Lock()

    def draw(asked: Asked) -> Fault:
        with lock:
            times[asked.deed] += 1
            rng = random.Random(f"{seed} {asked.deed} {times[asked.deed]}")
        (kind,) = rng.choices(tuple(_DRAWN), tuple(_DRAWN.values()))
        return kind(rng)

    return draw
