"""A mirror of a synthetic server whose database the tests can change."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from runbrowser.client.http import HTTPClient
from runbrowser.client.retry import RetryPolicy
from runbrowser.demo import synthetic
from runbrowser.demo.launch import DemoProcess
from runbrowser.mirror import schema
from runbrowser.mirror.folder import MirrorFolder
from runbrowser.mirror.reading import Mirror
from runbrowser.mirror.sync import Result, Sync
from runbrowser.models import RunFilter
from tests.support.demos import start

QUICK = RetryPolicy("quick", attempts=2, unreachable=1, total=10.0, wait=lambda attempt: 0.01)


@dataclass
class World:
    """A server, its database, and a folder for a mirror of it."""

    server: DemoProcess
    database: Path
    folder: MirrorFolder

    def sync(self, filter: RunFilter | None = None, *, whole: bool = False) -> Result:
        """One sync in this process."""
        with HTTPClient(self.server.v1, self.server.api_key, retry=QUICK) as http:
            return Sync(self.folder, http, filter or RunFilter(), whole=whole).run()

    def change(self, *statements: str) -> None:
        """Starts the server anew, at the same address, over a database that was changed."""
        with closing(sqlite3.connect(self.database)) as database, database:
            for statement in statements:
                database.execute(statement)
        self.server.stop()
        port = urlsplit(self.server.v1).port
        self.server = start(port=port or 0, database=self.database)

    def rows(self) -> list[tuple[object, ...]]:
        """The server's runs as they should stand in the mirror, by run id."""
        with closing(sqlite3.connect(self.database)) as database:
            return database.execute(
                """SELECT r.id, r.task_id, r.setup_id, s.flow_id, r.uploader, r.upload_time,
                          nullif(r.error_message, '')
                   FROM run r JOIN setup s ON s.id = r.setup_id ORDER BY r.id"""
            ).fetchall()

    def mirrored(self) -> list[tuple[object, ...]]:
        """The mirror's runs, likewise."""
        with Mirror(self.folder) as mirror:
            found, place, pages = [], None, 0
            while True:
                page, place = mirror.page(RunFilter(), 5_000, after=place)
                found += page
                pages += 1
                if not page:
                    break
        return [
            (r.run_id, r.task_id, r.setup_id, r.flow_id, r.uploader, r.upload_time, r.error_message)
            for r in reversed(found)
        ]


@pytest.fixture(scope="session")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of 24,000 runs, 40 flows and 40 tasks; to be copied, not changed."""
    path = tmp_path_factory.mktemp("catalogue") / "catalogue.db"
    synthetic.make(path, synthetic.Scale(runs=24_000, flows=40, tasks=40))
    return path


@pytest.fixture
def world(catalogue: Path, tmp_path: Path) -> Iterator[World]:
    """A server of its own over a copy of the catalogue."""
    database = tmp_path / "catalogue.db"
    database.write_bytes(catalogue.read_bytes())
    server = start(database=database)
    found = World(server, database, MirrorFolder(tmp_path / "data", server.v1))
    try:
        yield found
    finally:
        found.server.stop()


@pytest.fixture
def deep_world(catalogue: Path, tmp_path: Path) -> Iterator[World]:
    """As ``world``, but lists beyond row 10,000 end in a 504."""
    with start(database=catalogue, timeout_past=10_000) as server:
        yield World(server, catalogue, MirrorFolder(tmp_path / "data", server.v1))


def unsettled(folder: MirrorFolder) -> int:
    """What in a mirror disagrees with what it was made from: scores and states of runs with the
    table of scores, places with the order of the names.
    """
    wrong = [
        """SELECT r.run_id FROM runs r LEFT JOIN main_scores s USING (run_id)
           WHERE r.score IS DISTINCT FROM s.value
              OR r.has_score IS DISTINCT FROM (r.run_id IN (SELECT run_id FROM scores))""",
        "SELECT run_id FROM scores WHERE run_id NOT IN (SELECT run_id FROM runs)",
    ]
    for table, (_, name) in schema.NAMES.items():
        wrong.append(
            f"""SELECT place FROM (SELECT place, {name}, row_number() OVER (ORDER BY {name}) AS n,
                    lag({name}) OVER (ORDER BY {name}) AS before,
                    lag(place) OVER (ORDER BY {name}) AS last
                FROM {table} WHERE {name} IS NOT NULL)
                WHERE place IS DISTINCT FROM
                    CASE WHEN n = 1 THEN 1 WHEN before = {name} THEN last ELSE last + 1 END"""
        )
    with Mirror(folder) as mirror:
        return sum(_length(mirror, sql) for sql in wrong)


def _length(mirror: Mirror, sql: str) -> int:
    with mirror.query(f"SELECT count(*) FROM ({sql})") as (_, pieces):
        return int(next(pieces)[0][0])
