"""A real proxy before a server that answers some requests otherwise, or not at all."""

from __future__ import annotations

import http.client
import http.server
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit


@dataclass
class Asked:
    """A request as it arrived at the proxy."""

    method: str
    path: str  # below the base, without the query
    query: dict[str, list[str]]
    body: bytes
    status: int | None = None  # what the server answered; None: it was not asked

    @property
    def form(self) -> dict[str, list[str]]:
        return parse_qs(self.body.decode("latin-1"))


@dataclass(frozen=True)
class Fault:
    """What happens to a request.

    before: it is not passed on. status, body: what is answered instead of the server's reply; a
    status of 0 cuts the connection without a word.
    """

    before: bool = False
    status: int = 0
    body: bytes = b""
    content_type: str = "text/xml; charset=utf-8"


LOST_REPLY = Fault()
LOST_REQUEST = Fault(before=True)


def refused(code: int, words: str = "Refused", status: int = 412, *, before: bool = True) -> Fault:
    """V1's error document (PROTOCOL 1)."""
    body = (
        '<oml:error xmlns:oml="http://openml.org/openml">\n\t'
        f"<oml:code>{code}</oml:code>\n\t<oml:message>{words}</oml:message>\n\t\t</oml:error>"
    )
    return Fault(before, status, body.encode())


@dataclass
class Proxy:
    """``v1`` is the base to use; ``fault`` decides for each request, None lets it pass;
    ``passed`` hears of each that the server has answered, before its reply goes back.
    """

    v1: str
    fault: Callable[[Asked], Fault | None] = lambda asked: None
    asked: list[Asked] = field(default_factory=list)
    passed: Callable[[Asked], None] = lambda asked: None
    close: Callable[[], None] = lambda: None  # from now on connections are refused
    closed: bool = False

    def sent(self, method: str) -> list[str]:
        """The paths of all requests with this method, but for lists: those of one's own runs are
        asked for by POST, with the key in the form, and change nothing.
        """
        return [
            asked.path
            for asked in self.asked
            if asked.method == method and not (method == "POST" and "/list" in asked.path)
        ]


@contextmanager
def proxy_before(server: str, port: int = 0) -> Iterator[Proxy]:
    """A proxy on a port of its own, or on ``port``; ends with the block."""
    upstream = urlsplit(server)
    proxy = Proxy("")

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            parts = urlsplit(self.path)
            path = parts.path.removeprefix(upstream.path)
            asked = Asked(self.command, path, parse_qs(parts.query), body)
            proxy.asked.append(asked)
            fault = LOST_REQUEST if proxy.closed else proxy.fault(asked)
            if fault is not None and fault.before:
                self._answer(fault)
                return
            connection = http.client.HTTPConnection(str(upstream.hostname), upstream.port)
            headers = {k: v for k, v in self.headers.items() if k.lower() != "host"}
            connection.request(self.command, self.path, body, headers)
            reply = connection.getresponse()
            content = reply.read()
            connection.close()
            asked.status = reply.status
            proxy.passed(asked)
            if proxy.closed:
                fault = LOST_REPLY
            if fault is not None:
                self._answer(fault)
                return
            self.send_response(reply.status)
            for name, value in reply.getheaders():
                if name.lower() in ("content-type", "content-encoding"):
                    self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def _answer(self, fault: Fault) -> None:
            if not fault.status:
                self.close_connection = True
                self.connection.shutdown(2)
                return
            self.send_response(fault.status)
            self.send_header("content-type", fault.content_type)
            self.send_header("content-length", str(len(fault.body)))
            self.end_headers()
            self.wfile.write(fault.body)

        do_GET = do_POST = do_DELETE = _pass_on

        def log_message(self, format: str, *args: object) -> None:
            pass

    class Listener(http.server.ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """Clients that are killed in the middle are what this is for."""

    with Listener(("127.0.0.1", port), Handler) as listener:
        proxy.v1 = f"http://127.0.0.1:{listener.server_address[1]}{upstream.path}"
        thread = threading.Thread(target=listener.serve_forever, args=(0.02,), daemon=True)
        thread.start()

        def close() -> None:
            proxy.closed = True
            listener.shutdown()
            listener.server_close()

        proxy.close = close
        yield proxy
        listener.shutdown()
        thread.join()
