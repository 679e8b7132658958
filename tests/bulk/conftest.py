"""Clients, proxies and plans for actions on a demo server of a test's own."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from runbrowser.bulk import journal as journals
from runbrowser.bulk.delivery import Patience
from runbrowser.bulk.engine import carry_out
from runbrowser.bulk.operations import UNTAG
from runbrowser.bulk.outcome import Outcome, Report
from runbrowser.bulk.plan import Item, LeftOut, Plan, item_of_run
from runbrowser.bulk.remarks import Remark
from runbrowser.bulk.trash import Trash
from runbrowser.client.calls import v1
from runbrowser.client.http import AsyncHTTPClient
from runbrowser.demo import DEMO_USER_ID
from runbrowser.demo.catalogue import unpack
from runbrowser.demo.launch import DemoProcess
from runbrowser.errors import OpenMLServerException
from runbrowser.models import Run, RunFilter, RunRow
from runbrowser.pages.remarks import outcome_words, sentence
from tests.bulk.faulty import Proxy, proxy_before
from tests.support.demos import start

QUICK = Patience(pauses=(0.01, 0.01, 0.01), looks=(0.0, 0.05), upload=0.5, grace=2.0)
ADMIN_KEY = "ad00000000000000000000000000ad01"
READER_KEY = "0ead0000000000000000000000000e08"


def words(said: Outcome | LeftOut | Remark | None) -> str:
    """What a person reads of it."""
    if said is None:
        return ""
    if isinstance(said, Outcome):
        return outcome_words(UNTAG, said)
    return sentence(said.remark if isinstance(said, LeftOut) else said)


@pytest.fixture(scope="session")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """What the demo's runs are at the start, asked of its catalogue itself."""
    path = tmp_path_factory.mktemp("catalogue") / "catalogue.db"
    unpack(path)
    with closing(sqlite3.connect(path)) as connection:
        yield connection


def own_runs(catalogue: sqlite3.Connection, number: int, user: int = DEMO_USER_ID) -> list[int]:
    """Ids of the first runs of a user that no study lists: those can be deleted."""
    rows = catalogue.execute(
        "SELECT id FROM run WHERE uploader = ? AND id NOT IN (SELECT run_id FROM study_run)"
        " ORDER BY id LIMIT ?",
        (user, number),
    )
    return [run_id for (run_id,) in rows]


@dataclass
class Desk:
    """All that an action needs, on one server."""

    http: AsyncHTTPClient
    state: Path
    trash: Trash
    told: list[tuple[Outcome, int, int]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    async def do(self, plan: Plan, **more: Any) -> Report:
        """Carries a plan out with a journal of its own."""
        journal = more.pop("journal", None)
        if journal is None:
            journal = journals.Journal.create(self.state, plan, self.http.server)
        given = {
            "trash": self.trash,
            "told": lambda *told: self.told.append(told),
            "said": lambda remark: self.said.append(sentence(remark)),
            "patience": QUICK,
        }
        return await carry_out(plan, self.http, journal=journal, **{**given, **more})

    async def run(self, run_id: int) -> Run | None:
        """A run as it is on the server, None when it is gone."""
        try:
            return await self.http.send(v1.get_run(run_id), reset_cache=True)
        except OpenMLServerException as error:
            assert error.code == 236
            return None

    async def row(self, run_id: int) -> RunRow | None:
        page = await self.http.send(v1.list_runs(RunFilter(ids=(run_id,)), 10))
        return next(iter(page), None)

    async def items(self, run_ids: Sequence[int]) -> list[Item]:
        """Items with all that the runs' descriptions tell."""
        found = []
        for run_id in run_ids:
            run = await self.run(run_id)
            assert run is not None
            found.append(item_of_run(run))
        return found


@pytest.fixture
async def desk(fresh_demo: DemoProcess, tmp_path: Path) -> AsyncIterator[Desk]:
    """An ordinary user's, straight at the server."""
    async with AsyncHTTPClient(fresh_demo.v1, fresh_demo.api_key, retry="none") as http:
        yield Desk(http, tmp_path / "state", Trash(tmp_path / "state"))


@pytest.fixture
def proxy(fresh_demo: DemoProcess) -> Iterator[Proxy]:
    """A proxy before the demo server, which lets everything pass at first."""
    with proxy_before(fresh_demo.v1) as made:
        yield made


@pytest.fixture
async def behind(fresh_demo: DemoProcess, proxy: Proxy, tmp_path: Path) -> AsyncIterator[Desk]:
    """An ordinary user's, behind the proxy."""
    async with AsyncHTTPClient(proxy.v1, fresh_demo.api_key, retry="none") as http:
        yield Desk(http, tmp_path / "state", Trash(tmp_path / "state"))


@pytest.fixture
def demo_without_index() -> Iterator[DemoProcess]:
    """A demo server that answers writes with 105, having done them."""
    with start(elasticsearch_down=True) as process:
        yield process
