"""Real processes against real servers on 127.0.0.1: recorded replies, and the demo."""

from __future__ import annotations

import contextlib
import csv
import gzip
import http.server
import json
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from runbrowser.demo.catalogue import unpack
from runbrowser.demo.launch import DemoProcess
from tests.support.commands import run
from tests.support.demos import start

WIRE = Path(__file__).parents[1] / "data" / "wire"
KEY = "0123456789abcdef0123456789abcdef"


def recorded(case: str, server: str = "v1") -> tuple[int, str, bytes]:
    """Status, content type and body of a recorded reply."""
    told = json.loads((WIRE / server / f"{case}.json").read_text())
    body = WIRE / server / f"{case}.body"
    content = body.read_bytes() if body.exists() else gzip.decompress(_zipped(body))
    return told["status"], told["content_type"], content


def _zipped(body: Path) -> bytes:
    return body.with_suffix(".body.gz").read_bytes()


def row(run_id: int, error: str = "", task: int = 59) -> str:
    """One row of run/list exactly as V1's template writes it (PROTOCOL 2)."""
    return (
        f"  <oml:run>\n    <oml:run_id>{run_id}</oml:run_id>\n"
        f"    <oml:task_id>{task}</oml:task_id>\n"
        "    <oml:task_type_id>1</oml:task_type_id>\n    <oml:setup_id>37</oml:setup_id>\n"
        "    <oml:flow_id>668</oml:flow_id>\n    <oml:uploader>2</oml:uploader>\n"
        "\t\t<oml:upload_time>2020-02-19 10:18:00</oml:upload_time>\n"
        f"    <oml:error_message>{error}</oml:error_message>\n"
        "    <oml:run_details></oml:run_details>\n  </oml:run>\n"
    )


def run_list(rows: list[str]) -> tuple[int, str, bytes]:
    """A whole reply of run/list; V1's refusal 512 when there are no rows."""
    if not rows:
        return recorded("run_list_no_result")
    text = '<oml:runs xmlns:oml="http://openml.org/openml">\n\t' + "".join(rows)
    return 200, "text/xml; charset=utf-8", f"{text}  </oml:runs>\n".encode("utf-8", "surrogatepass")


@dataclass
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    query: dict[str, list[str]]
    body: bytes


Reply = tuple[int, str, bytes]


@dataclass
class Replay:
    """A server that answers what ``answer`` says and remembers what it was asked."""

    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    answer: Callable[[Asked], Reply] = lambda asked: recorded("run_bare")

    @property
    def v1(self) -> str:
        return self.url + "/api/v1/xml/"

    def paths(self) -> list[str]:
        """The paths asked for below V1's base."""
        return [asked.path.removeprefix("/api/v1/xml/") for asked in self.asked]


def _wire_answers() -> dict[str, str]:
    with (WIRE / "INDEX.tsv").open(newline="") as index:
        return {
            line["path"]: line["case"]
            for line in csv.DictReader(index, delimiter="\t")
            if line["server"] == "v1" and line["method"] == "GET" and "?" not in line["path"]
        }


@pytest.fixture
def replay() -> Iterator[Replay]:
    """A server that gives the recorded reply of every recorded GET."""
    known = _wire_answers()
    server = Replay()
    server.answer = lambda asked: recorded(known.get(asked.path, "run_bare"))

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _reply(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            asked = Asked(self.command, parts.path, parse_qs(parts.query), body)
            server.asked.append(asked)
            status, kind, content = server.answer(asked)
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_DELETE = _reply

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listener:
        server.url = f"http://127.0.0.1:{listener.server_address[1]}"
        thread = threading.Thread(target=listener.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield server
        listener.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def demo() -> Iterator[DemoProcess]:
    """The demo server, one for the worker; tests do not change its runs."""
    with start() as process:
        yield process


@pytest.fixture(scope="session")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """What the demo's runs are, asked of its catalogue itself."""
    path = tmp_path_factory.mktemp("catalogue") / "catalogue.db"
    unpack(path)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        yield connection


@dataclass
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str
    raw: bytes


@dataclass
class Cli:
    """Runs the command line in a home of its own."""

    home: Path
    environ: dict[str, str]

    def __call__(self, *words: str, env: dict[str, str] | None = None, input: str = "") -> Done:
        done = run(words, environ=self.environ | (env or {}), input=input.encode())
        text = done.stdout.decode("utf-8", "surrogateescape")
        return Done(done.returncode, text, done.stderr.decode(), done.stdout)

    @property
    def log(self) -> Path:
        return self.home / "state" / "runbrowser.log"


def clean_environment(home: Path) -> dict[str, str]:
    """The environment without any setting of the person who runs the tests."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("OPENML_", "RUNBROWSER_", "_RUNBROWSER", "XDG_"))
        and name not in ("NO_COLOR", "COLUMNS", "LINES", "HTTP_PROXY", "http_proxy", "ALL_PROXY")
    }
    return kept | {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "xdg"),
        "RUNBROWSER_CONFIG_DIR": str(home / "config"),
        "RUNBROWSER_CACHE_DIR": str(home / "cache"),
        "RUNBROWSER_STATE_DIR": str(home / "state"),
        "RUNBROWSER_DATA_DIR": str(home / "data"),
        "TERM": "xterm-256color",
        "PYTHONIOENCODING": "utf-8",
    }


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    """The command line, with no settings but those a test gives."""
    return Cli(tmp_path, clean_environment(tmp_path))
