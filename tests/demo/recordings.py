"""The recorded requests and replies of the real servers, and how to send one again."""

import gzip
import http.client
import json
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

WIRE = Path(__file__).parents[1] / "data" / "wire"

# The recordings hide the keys; these stand for them.
KEYS = {
    "admin": "ad" * 16,
    "user2": "22" * 16,
    "user3": "33" * 16,
    "readonly": "40" * 16,
    "bad": "ba" * 16,
}


@dataclass(frozen=True)
class Answer:
    """Status, headers (lower case) and body of one reply."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Recording:
    """One recorded case."""

    server: str
    case: str
    method: str
    path: str
    auth: str
    form: dict[str, str] | None
    multipart: dict[str, str] | None
    reply: Answer


def read(server: str, case: str) -> bytes:
    """The recorded body of a case."""
    plain = WIRE / server / f"{case}.body"
    if plain.exists():
        return plain.read_bytes()
    return gzip.decompress(plain.with_suffix(".body.gz").read_bytes())


def text(case: str, server: str = "v1") -> str:
    """The recorded body of a case as text."""
    return read(server, case).decode("utf-8")


def recordings(server: str) -> list[Recording]:
    """All cases of one server, by name."""
    found = []
    for description in sorted((WIRE / server).glob("*.json")):
        told = json.loads(description.read_text("utf-8"))
        headers = dict(told["response_headers"])
        found.append(
            Recording(
                server,
                told["case"],
                told["method"],
                told["path"],
                told["auth"],
                told.get("form"),
                told.get("multipart"),
                Answer(told["status"], headers, read(server, told["case"])),
            )
        )
    return found


def key_for(auth: str, place: str) -> str:
    """The key a case sends in the query, or in its form."""
    for part in auth.split(" + "):
        where, _, name = part.partition(" ")
        if (where == "query") == (place == "query") and name:
            who, _, lowercased = name.partition(" ")
            key = KEYS.get(who, "")
            return key.lower() if lowercased else key
    return ""


def multipart_body(parts: dict[str, tuple[str | None, str, bytes]]) -> tuple[str, bytes]:
    """Content type and bytes of a form; parts: field -> (file name or None, type, content)."""
    boundary = "recorded-boundary"
    lines = []
    for name, (filename, kind, content) in parts.items():
        disposition = f'form-data; name="{name}"'
        if filename is not None:
            disposition += f'; filename="{filename}"'
        head = f"--{boundary}\r\nContent-Disposition: {disposition}\r\n"
        if filename is not None:
            head += f"Content-Type: {kind}\r\n"
        lines.append(head.encode() + b"\r\n" + content + b"\r\n")
    body = b"".join(lines) + f"--{boundary}--\r\n".encode()
    return f"multipart/form-data; boundary={boundary}", body


def send(
    base: str,
    recording: Recording,
    *,
    prefix: str = "",
    files: dict[str, bytes] | None = None,
    headers: dict[str, str] | None = None,
) -> Answer:
    """Send a recorded request, byte for byte in its path, to the server at `base`."""
    path = prefix + recording.path.replace("<KEY>", key_for(recording.auth, "query"))
    body, sent = b"", dict(headers or {})
    if recording.form is not None:
        fields = {
            name: key_for(recording.auth, "form") if value == "<KEY>" else value
            for name, value in recording.form.items()
        }
        body = urlencode(fields).encode()
        sent["Content-Type"] = "application/x-www-form-urlencoded"
    if recording.multipart is not None:
        parts: dict[str, tuple[str | None, str, bytes]] = {}
        for name, value in recording.multipart.items():
            if value.startswith("@"):
                filename, _, kind = value[1:].partition(";type=")
                parts[name] = (filename, kind or "text/plain", (files or {})[name])
            else:
                key = key_for(recording.auth, "form") if value == "<KEY>" else value
                parts[name] = (None, "", key.encode())
        sent["Content-Type"], body = multipart_body(parts)
    return request(base, recording.method, path, body, sent)


def request(
    base: str, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
) -> Answer:
    """One request with exactly this path, and its reply as it came (no decompression)."""
    where = urlsplit(base)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=60)
    try:
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in (headers or {}).items():
            connection.putheader(name, value)
        if body or method in ("POST", "PUT", "PATCH"):
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body or None)
        reply = connection.getresponse()
        content = reply.read()
        return Answer(reply.status, {k.lower(): v for k, v in reply.getheaders()}, content)
    finally:
        connection.close()
