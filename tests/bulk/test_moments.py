"""A model of deleting and resuming: whatever breaks off, at whichever request, the books are right.

Each session is a real process behind a real proxy. At one of its requests, chosen at random, before
or after the server has done it, something happens: the process is killed, the user stops or breaks
off, the database is away (107), the connection is cut, the server is gone.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from runbrowser.bulk import journal as journals
from runbrowser.bulk.outcome import State
from runbrowser.bulk.trash import Trash
from runbrowser.client.http import HTTPClient
from runbrowser.demo.launch import DemoProcess
from runbrowser.pages.reports import broken_off
from tests.bulk.conftest import own_runs
from tests.bulk.faulty import LOST_REPLY, LOST_REQUEST, Asked, Fault, Proxy, proxy_before, refused
from tests.bulk.test_kill import Nursery, nursery, there
from tests.support.demos import start

MOMENTS = int(os.environ.get("RUNBROWSER_MOMENTS", "15"))
SEED = int(os.environ.get("RUNBROWSER_SEED", "20261125"))
BATCH = 6
KINDS = ("kill", "stop", "break off", "107", "107 for long", "cut", "cut for long", "gone")
NOT_DELETED = (State.FAILED, State.STOPPED)


@dataclass
class Disruption:
    """What happens at the ``number``-th request (of deletes alone, if ``at_delete``)."""

    kind: str
    number: int
    at_delete: bool
    after: bool  # the server has done what was asked
    seen: int = 0
    fired: bool = False
    proxy: Proxy | None = None
    child: int = 0
    born: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def before(self, asked: Asked) -> Fault | None:
        with self._lock:
            if not self.at_delete or asked.method == "DELETE":
                self.seen += 1
            long = self.kind.endswith("for long")
            now = self.seen >= self.number if long else self.seen == self.number
            if self.at_delete and asked.method != "DELETE" and not (long and self.fired):
                now = False
            if not now or (self.fired and not long):
                return None
            self.fired = True
        if self.kind.startswith("107"):
            return refused(107, "Database connection error. Usually due to high server load.")
        if self.kind.startswith("cut"):
            return LOST_REPLY if self.after else LOST_REQUEST
        if not self.after:
            self.happen()
            return None
        asked.query["happens"] = ["now"]
        return None

    def passed(self, asked: Asked) -> None:
        if asked.query.pop("happens", None):
            self.happen()

    def happen(self) -> None:
        assert self.proxy is not None
        if self.kind == "gone":
            self.proxy.close()
            return
        assert self.born.wait(60)
        numbers = {"kill": signal.SIGKILL, "stop": signal.SIGUSR1, "break off": signal.SIGUSR2}
        os.kill(self.child, numbers[self.kind])


def drawn(moments: random.Random) -> Disruption:
    at_delete = moments.random() < 0.5
    number = moments.randint(1, BATCH // 2) if at_delete else moments.randint(1, 5 * BATCH)
    return Disruption(moments.choice(KINDS), number, at_delete, moments.random() < 0.5)


def deleted_by(proxies: list[Proxy]) -> Counter[int]:
    """How often the server has deleted each run."""
    return Counter(
        int(asked.path.rpartition("/")[2])
        for proxy in proxies
        for asked in proxy.asked
        if asked.method == "DELETE" and asked.status == 200
    )


def check_books(state: Path, gone: set[int], batch: list[int]) -> None:
    """What is noted as done is done, what is gone has a whole copy, the words say so."""
    trash = Trash(state)
    for run_id in gone:
        assert trash.find(run_id).damage() == []
    for recorded in journals.unfinished(state):
        noted = {i: p.outcome for i, p in recorded.progress.items() if p.outcome is not None}
        assert set(recorded.open) == set(recorded.plan.run_ids) - set(noted)
        done = {i for i, o in noted.items() if o.state in (State.DONE, State.ALREADY)}
        assert done <= gone, (done - gone, broken_off(recorded))
        assert f" {len(done)} done" in broken_off(recorded)
        assert all(o.state is not State.STOPPED for o in noted.values())
        assert set(recorded.open) & set(batch) == set(recorded.open)


def told_as_not_deleted(state: Path) -> set[int]:
    reports = [recorded.report() for recorded in journals.reports(state)]
    return {o.run_id for report in reports for o in report.outcomes if o.state in NOT_DELETED}


def session(born: Nursery, proxy: Proxy, batch: list[int], disruption: Disruption | None) -> int:
    if disruption is None:
        return born.delete(batch, None)
    proxy.fault, proxy.passed, disruption.proxy = disruption.before, disruption.passed, proxy

    def child(pid: int) -> None:
        disruption.child = pid
        disruption.born.set()

    return born.delete(batch, None, born=child)


@pytest.mark.timeout(3600)  # as many moments as are asked for, on a machine under load
def test_at_every_moment_resume_finishes_and_nothing_undone_counts_as_done(
    tmp_path: Path, catalogue: sqlite3.Connection
) -> None:
    moments = random.Random(SEED)
    runs = own_runs(catalogue, 498)
    fired: Counter[str] = Counter()
    deletes = servers = 0
    while fired.total() < MOMENTS:
        servers += 1
        state = tmp_path / str(servers)
        with start() as demo:
            deletes += one_server(demo, state, runs, moments, fired)
    print(f"{fired.total()} moments in {deletes} deletes of {BATCH} runs: {dict(fired)}")


def one_server(
    demo: DemoProcess,
    state: Path,
    runs: list[int],
    moments: random.Random,
    fired: Counter[str],
) -> int:
    """Deletes batches until there were moments enough, or no run is left; how many batches."""
    with proxy_before(demo.v1) as first:
        port = int(first.v1.split(":")[2].split("/")[0])
    batches = [runs[at : at + BATCH] for at in range(0, len(runs) - BATCH, BATCH)]
    wanted: list[int] = []
    with (
        HTTPClient(demo.v1, demo.api_key) as http,
        nursery(first.v1, demo.api_key, state) as born,
    ):
        for batch in batches:
            one_delete(batch, born, demo.v1, port, http, state, moments, fired)
            wanted += batch
            if fired.total() >= MOMENTS:
                break
    entries = Trash(state).entries()
    assert sorted(entry.run_id for entry in entries) == sorted(wanted)
    return len(wanted) // BATCH


def one_delete(
    batch: list[int],
    born: Nursery,
    server: str,
    port: int,
    http: HTTPClient,
    state: Path,
    moments: random.Random,
    fired: Counter[str],
) -> None:
    """One delete of a batch, disrupted and resumed until all of it is gone."""
    proxies: list[Proxy] = []
    gone: set[int] = set()
    calm = False
    for _ in range(40):
        disruption = None if calm or moments.random() < 0.05 else drawn(moments)
        resumed = bool(journals.unfinished(state))
        with proxy_before(server, port) as proxy:
            proxies.append(proxy)
            code = session(born, proxy, batch, disruption)
        if disruption is not None and disruption.fired:
            fired[disruption.kind] += 1
        assert code == 0 or (disruption is not None and code == -signal.SIGKILL)
        gone = set(batch) - there(http, batch)
        check_books(state, gone, batch)
        if disruption is None:  # an undisturbed resume finishes, at once
            assert journals.unfinished(state) == []
            if not resumed:
                assert gone == set(batch)
        if not journals.unfinished(state):
            missing = set(batch) - gone
            assert missing <= told_as_not_deleted(state)
            if not missing:
                break
        calm = moments.random() < 0.2
    assert gone == set(batch)
    assert deleted_by(proxies) == Counter(batch)
