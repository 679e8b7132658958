"""The library beside openml-python: a page of 10,000 runs as a DataFrame, and one run of 43 kB.

Both ask the same local server for the same recorded replies, in turns, each in its own Python: the
peer is installed in an environment of its own, whose interpreter is an option. Client time is the
time of the processor in a call less that of a bare download of the same bytes by the same HTTP
library; of each the least that was measured, so that other work on the machine does not matter.
"""

from __future__ import annotations

import argparse
import gzip
import json
import multiprocessing
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from benchmarks.rows import Row

LIST_BUDGET = 1 / 10
GET_BUDGET = 1 / 2
SPACED_BUDGET = 2.0
ONE_RUN = 43_000  # bytes
GETS = 50  # a run is read so often where a page is read once

_WIRE = Path(__file__).parent.parent / "tests/data/wire/v1"
_RUN = 900_036

_OURS = """
import httpx, json, sys, time
from runbrowser import HTTPClient, RunV1API
base, what, calls = sys.argv[1], sys.argv[2], int(sys.argv[3])
times, bare = [], []
offset = 10_000 if what == "spaced" else 0
path = f"run/{what}" if what.isdigit() else f"run/list/limit/10000/offset/{offset}"
with HTTPClient(base, retry="none") as http, httpx.Client() as plain:
    api = RunV1API(http)
    for _ in range(calls + 1):
        begun = time.process_time()
        plain.get(base + path)
        bare.append(time.process_time() - begun)
        begun = time.process_time()
        if what.isdigit():
            assert api.get(int(what)).evaluation_list
        else:
            assert len(api.list(10_000, offset)) == 10_000
        times.append(time.process_time() - begun)
print(json.dumps([times[1:], bare[1:], "runbrowser"]))
"""
_THEIRS = """
import json, sys, tempfile, time
import openml, requests
base, what, calls = sys.argv[1], sys.argv[2], int(sys.argv[3])
times, bare = [], []
openml.config.server = base.rstrip("/")
plain = requests.Session()
path = f"run/{what}" if what.isdigit() else "run/list/limit/10000/offset/0"
with tempfile.TemporaryDirectory() as folder:
    openml.config.set_root_cache_directory(folder)
    for _ in range(calls + 1):
        begun = time.process_time()
        plain.get(base + path).text
        bare.append(time.process_time() - begun)
        begun = time.process_time()
        if what.isdigit():
            assert openml.runs.get_run(int(what), ignore_cache=True).evaluations
        else:
            frame = openml.runs.list_runs(size=10_000, offset=0, output_format="dataframe")
            assert len(frame) == 10_000
        times.append(time.process_time() - begun)
print(json.dumps([times[1:], bare[1:], "openml-python " + openml.__version__]))
"""


class Timed(NamedTuple):
    """The seconds of calls, those of bare downloads of the same, and who made them."""

    calls: list[float]
    bare: list[float]
    name: str

    @property
    def client(self) -> float:
        """Seconds that the client itself takes."""
        return min(self.calls) - min(self.bare)


def run_description(size: int = ONE_RUN) -> bytes:
    """A recorded run with evaluations of its folds, as many as fit into so many bytes."""
    whole = gzip.decompress((_WIRE / "run_get_s36.body.gz").read_bytes())
    parts = list(re.finditer(rb"\s*<oml:evaluation\b[^>]*>.*?</oml:evaluation>", whole, re.S))
    too_many = next(
        (count for count in range(1, len(parts)) if len(whole) - _bytes(parts[-count:]) <= size), 0
    )
    if not too_many:
        return whole
    return whole[: parts[-too_many].start()] + whole[parts[-1].end() :]


def _bytes(parts: list[re.Match[bytes]]) -> int:
    return parts[-1].end() - parts[0].start()


def spaced(page: bytes) -> bytes:
    """The page as another template would write it: each element behind other blanks."""
    return re.sub(rb">\s+<oml:", b">\n <oml:", page)


def _serve(told: Connection) -> None:
    """Answers every GET with a recorded reply, compressed if the client takes that."""
    page = gzip.decompress((_WIRE / "run_list_limit_10000.body.gz").read_bytes())
    replies = {"/run/list/": page, "/offset/10000": spaced(page), f"/run/{_RUN}": run_description()}
    packed = {path: gzip.compress(body, 6) for path, body in replies.items()}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = [name for name in replies if name in self.path][-1]
            takes_gzip = "gzip" in self.headers.get("accept-encoding", "")
            body = (packed if takes_gzip else replies)[path]
            self.send_response(200)
            self.send_header("content-type", "text/xml; charset=utf-8")
            self.send_header("content-length", str(len(body)))
            if takes_gzip:
                self.send_header("content-encoding", "gzip")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.send(server.server_address[1])
    server.serve_forever()


@contextmanager
def _server() -> Iterator[str]:
    receiver, sender = multiprocessing.Pipe(duplex=False)
    server = multiprocessing.Process(target=_serve, args=(sender,), daemon=True)
    server.start()
    try:
        yield f"http://127.0.0.1:{receiver.recv()}/api/v1/xml/"
    finally:
        server.terminate()
        server.join()


def _timed(python: str, script: str, base: str, what: str, calls: int) -> Timed:
    done = subprocess.run(
        [python, "-W", "ignore", "-c", script, base, what, str(calls)],
        check=True,
        capture_output=True,
        text=True,
        timeout=600,
        cwd=Path(__file__).parent.parent,
    )
    return Timed(*json.loads(done.stdout.strip().rpartition("\n")[2]))


def options(parser: argparse.ArgumentParser) -> None:
    """What this measurement can be told."""
    parser.add_argument("--peer", help="the Python in which openml-python is installed")
    parser.add_argument("--times", type=int, default=3, help="pages read in each turn (3)")
    parser.add_argument("--turns", type=int, default=3, help="turns of each client (3)")


def measure(given: argparse.Namespace) -> list[Row]:
    """Client time of both clients for a page and for a run, and the ratios."""
    one = str(_RUN)
    wanted = [("ours", "list", given.times), ("ours", "spaced", given.times)]
    wanted += [("ours", one, GETS * given.times)]
    if given.peer:
        wanted += [("theirs", "list", given.times), ("theirs", one, GETS * given.times)]
    found: dict[tuple[str, str], Timed] = {}
    with _server() as base:
        for _ in range(given.turns):
            for who, what, calls in wanted:
                python, script = (sys.executable, _OURS) if who == "ours" else (given.peer, _THEIRS)
                new = _timed(python, script, base, what, calls)
                had = found.get((who, what), Timed([], [], new.name))
                found[who, what] = Timed(had.calls + new.calls, had.bare + new.bare, new.name)
    rows = _beside(found, "list", "`RunV1API.list` of 10,000 rows", LIST_BUDGET)
    rows += _beside(found, one, f"`RunV1API.get`, {len(run_description()):,} bytes", GET_BUDGET)
    spaced_page, page = found["ours", "spaced"].client, found["ours", "list"].client
    words = "a page in another white space / in today's"
    rows.append(Row(words, spaced_page / page, "x", SPACED_BUDGET, f"{1e3 * spaced_page:.1f} ms"))
    return rows


def _beside(found: dict[tuple[str, str], Timed], what: str, words: str, budget: float) -> list[Row]:
    ours, theirs = found["ours", what], found.get(("theirs", what))
    if theirs is None:
        return [Row(f"{words}, client time", 1e3 * ours.client, "ms")]
    beside = f"{1e3 * ours.client:.1f} ms / {1e3 * theirs.client:.1f} ms"
    return [Row(f"{words} / {theirs.name}", ours.client / theirs.client, "x", budget, beside)]
