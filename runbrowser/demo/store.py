"""The demo server's database: one SQLite file, as many connections as work at once."""

import json
import queue
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Value = str | int | float | bytes | None

# Above this SQLite has no integers; no id is that large.
LARGEST_INTEGER = 2**63 - 1


class Store:
    """Reads and writes of one catalogue file. Every value reaches SQLite as a bound parameter."""

    def __init__(self, database: Path) -> None:
        """Open `database`, a file made from schema.sql that this server alone may change."""
        self._database = database
        self._idle: queue.SimpleQueue[sqlite3.Connection] = queue.SimpleQueue()
        with self.connection() as connection:
            connection.execute("PRAGMA journal_mode = WAL").fetchone()
            # Lists come in the order flow, setup, run: these two indexes let SQLite
            # walk that order and stop after a page.
            connection.execute("CREATE INDEX IF NOT EXISTS setup_flow ON setup(flow_id)")
            connection.execute("CREATE INDEX IF NOT EXISTS run_setup ON run(setup_id)")
            # A page at a great offset costs what is skipped: these two hold all that is looked at
            # of a row that is not on the page.
            connection.execute(
                "CREATE INDEX IF NOT EXISTS run_listed ON run(setup_id, id, task_id, uploader)"
            )
            connection.execute(
                "CREATE INDEX IF NOT EXISTS run_evaluated_unusual ON run_evaluated(run_id)"
                " WHERE engine_id <> 1 OR error <> ''"
            )
            connection.execute(
                "CREATE TABLE IF NOT EXISTS flow_tag (flow_id INTEGER NOT NULL, tag TEXT NOT NULL"
                " COLLATE NOCASE, uploader INTEGER, PRIMARY KEY (flow_id, tag)) WITHOUT ROWID"
            )

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """A connection nobody else uses meanwhile: one that lies idle, or a new one."""
        try:
            connection = self._idle.get_nowait()
        except queue.Empty:
            connection = sqlite3.connect(
                self._database, timeout=30, isolation_level=None, check_same_thread=False
            )
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA synchronous = OFF")
        try:
            yield connection
        finally:
            self._idle.put(connection)

    def tuples(self, sql: str, values: Sequence[Value] = ()) -> list[tuple[Any, ...]]:
        """All rows as plain tuples: the quick form, for lists."""
        with self.connection() as connection:
            return connection.execute(sql, values).fetchall()

    def rows(self, sql: str, values: Sequence[Value] = ()) -> list[sqlite3.Row]:
        """All rows, with their columns by name."""
        with self.connection() as connection:
            cursor = connection.cursor()
            cursor.row_factory = sqlite3.Row
            return cursor.execute(sql, values).fetchall()

    def row(self, sql: str, values: Sequence[Value] = ()) -> sqlite3.Row | None:
        """The first row, or None."""
        rows = self.rows(sql, values)
        return rows[0] if rows else None

    def value(self, sql: str, values: Sequence[Value] = ()) -> Any:
        """The first column of the first row, or None."""
        with self.connection() as connection:
            rows = connection.execute(sql, values).fetchmany(1)
            return rows[0][0] if rows else None

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A connection inside a write transaction, committed at the end, undone by an exception."""
        with self.connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def close(self) -> None:
        """Close all connections that lie idle."""
        while not self._idle.empty():
            self._idle.get_nowait().close()


def among(column: str) -> str:
    """A condition: the column is one of the ids in a bound JSON list (see `id_list`)."""
    return f"{column} IN (SELECT value FROM json_each(?))"  # noqa: S608 columns are ours


def id_list(ids: Iterable[int]) -> str:
    """Ids as the JSON text that `json_each(?)` takes; ids no table can hold are left out."""
    return json.dumps([number for number in ids if number <= LARGEST_INTEGER])
