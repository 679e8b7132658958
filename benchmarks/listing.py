"""A page of 10,000 runs as a DataFrame: RunV1API.list against openml-python's list_runs.

Both ask the same local server for the same recorded page, in turns, each in its own Python: the
peer is installed in an environment of its own, whose interpreter is an option. Client time is the
time of the call less what the server and the transport take, measured as a bare download of the
same bytes by the same HTTP library.
"""

from __future__ import annotations

import argparse
import gzip
import json
import multiprocessing
import statistics
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path

BUDGET = 1 / 8
_PAGE = Path(__file__).parent.parent / "tests/data/wire/v1/run_list_limit_10000.body.gz"

_OURS = """
import httpx, json, sys, time
from runbrowser import HTTPClient, RunV1API
base, times, bare = sys.argv[1], [], []
with HTTPClient(base, retry="none") as http, httpx.Client() as plain:
    api = RunV1API(http)
    for _ in range(int(sys.argv[2]) + 1):
        begun = time.perf_counter()
        plain.get(base + "run/list/limit/10000/offset/0")
        bare.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        frame = api.list(10_000, 0)
        times.append(time.perf_counter() - begun)
        assert len(frame) == 10_000
print(json.dumps([times[1:], bare[1:]]))
"""
_THEIRS = """
import json, sys, time
import openml, requests
base, times, bare = sys.argv[1], [], []
openml.config.server = base.rstrip("/")
plain = requests.Session()
for _ in range(int(sys.argv[2]) + 1):
    begun = time.perf_counter()
    plain.get(base + "run/list/limit/10000/offset/0").text
    bare.append(time.perf_counter() - begun)
    begun = time.perf_counter()
    frame = openml.runs.list_runs(size=10_000, offset=0, output_format="dataframe")
    times.append(time.perf_counter() - begun)
    assert len(frame) == 10_000
print(json.dumps([times[1:], bare[1:]]), openml.__version__)
"""


def _serve(told: Connection) -> None:
    """Answers every GET with the recorded page, compressed if the client takes that."""
    packed = gzip.compress(gzip.decompress(_PAGE.read_bytes()), 6)
    plain = gzip.decompress(packed)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            takes_gzip = "gzip" in self.headers.get("accept-encoding", "")
            body = packed if takes_gzip else plain
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


def _run(python: str, script: str, base: str, times: int) -> tuple[list[float], list[float], str]:
    done = subprocess.run(
        [python, "-W", "ignore", "-c", script, base, str(times)],
        check=True,
        capture_output=True,
        text=True,
        timeout=600,
        cwd=Path(__file__).parent.parent,
    )
    answer, _, version = done.stdout.strip().rpartition("\n")[2].partition("]] ")
    calls, bare = json.loads(answer if answer.endswith("]]") else answer + "]]")
    return calls, bare, version


def main() -> int:
    """Prints both medians and their ratio; 1 when the ratio is over the budget."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks list", description=__doc__)
    parser.add_argument("--peer", help="the Python in which openml-python is installed")
    parser.add_argument("--times", type=int, default=3, help="calls in each turn (default 3)")
    parser.add_argument("--turns", type=int, default=3, help="turns of each (default 3)")
    options = parser.parse_args()
    ours: list[list[float]] = [[], []]
    theirs: list[list[float]] = [[], []]
    version = ""
    receiver, sender = multiprocessing.Pipe(duplex=False)
    server = multiprocessing.Process(target=_serve, args=(sender,), daemon=True)
    server.start()
    try:
        base = f"http://127.0.0.1:{receiver.recv()}/api/v1/xml/"
        for _ in range(options.turns):
            calls, bare, _ = _run(sys.executable, _OURS, base, options.times)
            ours[0] += calls
            ours[1] += bare
            if options.peer:
                calls, bare, version = _run(options.peer, _THEIRS, base, options.times)
                theirs[0] += calls
                theirs[1] += bare
    finally:
        server.terminate()
        server.join()
    return _report(ours, theirs, version)


def _client_time(name: str, calls: list[float], bare: list[float]) -> float:
    call, transport = statistics.median(calls), statistics.median(bare)
    print(
        f"{name:24} {(call - transport) * 1e3:7.1f} ms client time "
        f"({call * 1e3:.1f} ms a call, {transport * 1e3:.1f} ms of it transport)"
    )
    return call - transport


def _report(ours: list[list[float]], theirs: list[list[float]], version: str) -> int:
    mine = _client_time("runbrowser", *ours)
    if not theirs[0]:
        print("no peer given (--peer): no ratio")
        return 0
    other = _client_time(f"openml-python {version}", *theirs)
    ratio = mine / other
    print(f"ratio 1/{1 / ratio:.1f} (budget 1/{1 / BUDGET:.0f})")
    return 0 if ratio <= BUDGET else 1


if __name__ == "__main__":
    sys.exit(main())
