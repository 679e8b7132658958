"""kill -9 in the middle of a bulk delete: nothing is lost, nothing is done twice."""

from __future__ import annotations

import contextlib
import json
import os
import random
import select
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from runbrowser.bulk import journal as journals
from runbrowser.bulk.outcome import State
from runbrowser.bulk.trash import Trash
from runbrowser.client.calls import actions
from runbrowser.client.http import HTTPClient
from runbrowser.models import RunFilter
from tests.bulk.conftest import own_runs
from tests.support.demos import start

KILLS = int(os.environ.get("RUNBROWSER_MOMENTS", "20"))
BATCH = 12


class Nursery:
    """See nursery.py; ``delete`` is one session, killed after so many seconds."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def delete(
        self,
        run_ids: list[int],
        kill_after: float | None,
        born: Callable[[int], None] = lambda child: None,
    ) -> int:
        """The session's exit code; -9 when it was killed. ``born`` is told its process id."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(run_ids) + "\n")
        self._process.stdin.flush()
        child = int(self._process.stdout.readline())
        born(child)
        if kill_after is not None:
            ended, _, _ = select.select([self._process.stdout], [], [], kill_after)
            if not ended:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
        return int(self._process.stdout.readline())


@contextmanager
def nursery(server: str, key: str, state: Path) -> Iterator[Nursery]:
    command = [sys.executable, "-m", "tests.bulk.nursery", server, key, str(state)]
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as process:
        try:
            yield Nursery(process)
        finally:
            process.kill()


def there(http: HTTPClient, run_ids: list[int]) -> set[int]:
    """Which of the runs the server has."""
    # With the key: some of them are under an embargo, and hidden from everybody else.
    page = http.send(actions.list_own(RunFilter(ids=tuple(run_ids)), 2 * len(run_ids)))
    return {row.run_id for row in page}


def check(http: HTTPClient, trash: Trash, wanted: list[int]) -> set[int]:
    """At any moment: what is gone is whole in the trash. The runs that are gone."""
    gone = set(wanted) - there(http, wanted)
    for run_id in gone:
        assert trash.find(run_id).damage() == []
    return gone


@pytest.mark.timeout(600)  # a machine under load; alone it takes half a minute
def test_a_bulk_delete_killed_at_random_moments_loses_nothing_and_does_nothing_twice(
    tmp_path: Path, catalogue: sqlite3.Connection
) -> None:
    moments = random.Random(20260214)
    trash = Trash(tmp_path)
    runs = own_runs(catalogue, 498)
    killed = kills_in_the_middle = 0
    batches: list[list[int]] = []
    with (
        start(delay=0.004) as demo,
        HTTPClient(demo.v1, demo.api_key) as http,
        nursery(demo.v1, demo.api_key, tmp_path) as born,
    ):
        began = time.monotonic()
        assert born.delete(runs[:BATCH], None) == 0  # how long a batch takes here and now
        took = time.monotonic() - began
        batches.append(runs[:BATCH])
        assert check(http, trash, runs[:BATCH]) == set(runs[:BATCH])
        while killed < KILLS:
            batch = batches[-1]
            if check(http, trash, batch) == set(batch) and not journals.unfinished(tmp_path):
                batch = runs[len(batches) * BATCH :][:BATCH]
                batches.append(batch)
            assert len(batch) == BATCH
            code = born.delete(batch, moments.uniform(0, took))
            if code == -signal.SIGKILL:
                killed += 1
                gone = check(http, trash, batch)
                kills_in_the_middle += 0 < len(gone) < BATCH
            else:
                assert code == 0
                took *= 0.8  # the machine is quicker than it was: kill earlier
        assert born.delete(batches[-1], None) == 0
        wanted = [run_id for batch in batches for run_id in batch]
        assert journals.unfinished(tmp_path) == []
        for batch in batches:
            assert check(http, trash, batch) == set(batch)
        others = runs[len(wanted) :][:200]
        assert there(http, others) == set(others)
    assert kills_in_the_middle >= 5, kills_in_the_middle
    entries = trash.entries()
    assert trash.damaged() == []
    assert sorted(entry.run_id for entry in entries) == sorted(wanted)  # one copy each
    assert [words for entry in entries for words in entry.damage()] == []
    for recorded in journals.reports(tmp_path):
        assert {outcome.state for outcome in recorded.report().outcomes} <= {
            State.DONE,
            State.ALREADY,
        }
