"""Names behind the ids of a run list: asked for in bulk, kept on disk.

V1 lists tasks and users by id, and flows all at once; a page of runs therefore costs at most two
requests for names, however many flows, tasks and users it has.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import math
import sqlite3
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from runbrowser.client.http import AsyncHTTPClient
from runbrowser.client.resources.names import AsyncNameV1API, in_parts
from runbrowser.errors import OpenMLServerError
from runbrowser.models import RunRow, TaskInfo
from runbrowser.openml.base import NameBook
from runbrowser.paths import private_folder

_VERSION = 1
MOST_NAMES = 200_000
"""Names kept on disk for one server, some 30 MB; the oldest go first."""

_WAIT = 0.2  # seconds for another process's lock: what is not at hand is asked for
_SINGLE = 1  # unknown flows that are asked for by number; for more, the list of all flows


class NameStore:
    """Names on disk, one SQLite file a server, shared by processes.

    A file that is damaged or of another version is set aside and begun anew; where nothing can be
    written nothing is kept, and names are asked for again.
    """

    def __init__(self, path: Path, most: int = MOST_NAMES) -> None:
        self.path = path
        self._most = most

    def find(self, kind: str, ids: Iterable[int]) -> dict[int, str]:
        """What is kept of some ids of a kind: 'flow', 'task' or 'user'."""
        wanted, found = list(ids), dict[int, str]()
        if not wanted or not self.path.exists():
            return found
        with self._connection() as connection:
            if connection is not None:
                found.update(
                    connection.execute(
                        "SELECT id, name FROM name WHERE kind = ?"
                        " AND id IN (SELECT value FROM json_each(?))",
                        (kind, json.dumps(wanted)),
                    )
                )
        return found

    def keep(self, kind: str, names: Mapping[int, str]) -> None:
        """Keeps names of a kind by id, in place of what was kept of them."""
        if not names:
            return
        with contextlib.suppress(OSError):
            private_folder(self.path.parent)
        with self._connection() as connection:
            if connection is None:
                return
            with connection:
                connection.executemany(
                    "INSERT OR REPLACE INTO name (kind, id, name) VALUES (?, ?, ?)",
                    [(kind, number, name) for number, name in names.items()],
                )
                count = connection.execute("SELECT count(*) FROM name").fetchone()[0]
                if count > self._most:
                    connection.execute(
                        "DELETE FROM name WHERE rowid IN"
                        " (SELECT rowid FROM name ORDER BY rowid LIMIT ?)",
                        (count - self._most * 9 // 10,),
                    )

    @contextlib.contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection | None]:
        connection = None
        try:
            with self._tolerant():
                connection = self._open()
            with self._tolerant():
                yield connection
        finally:
            if connection is not None:
                connection.close()

    @contextlib.contextmanager
    def _tolerant(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError:
            return  # locked, full or closed to us: asked for again
        except (sqlite3.DatabaseError, UnicodeError):
            with contextlib.suppress(OSError):
                self.path.replace(self.path.with_suffix(".damaged"))

    def _open(self) -> sqlite3.Connection:
        with contextlib.suppress(OSError):
            self.path.touch(0o600)  # before anybody else could open it
        connection = sqlite3.connect(self.path, timeout=_WAIT)
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version != _VERSION:
            with connection:
                connection.execute("DROP TABLE IF EXISTS name")
                connection.execute(
                    "CREATE TABLE name (kind TEXT, id INTEGER, name TEXT, UNIQUE (kind, id))"
                )
                connection.execute(f"PRAGMA user_version = {_VERSION}")
        return connection


def store_for(folder: Path, server: str) -> NameStore:
    """The names of one server, below the folder of kept replies."""
    name = hashlib.sha256(server.encode()).hexdigest()[:16]
    return NameStore(folder / "names" / f"{name}.db")


class Names:
    """Fills a NameBook for rows: from the disk, and by bulk requests for what is not there."""

    def __init__(self, http: AsyncHTTPClient, store: NameStore | None = None) -> None:
        self.book = NameBook()
        self._api = AsyncNameV1API(http)
        self._store = store
        self._looked_up: dict[str, set[int]] = {"flow": set(), "task": set(), "user": set()}
        self._unheard_of: set[int] = set()  # flows that the list of all flows does not have

    async def recall(self, rows: Sequence[RunRow]) -> None:
        """Takes from the disk what is known of the rows' flows, tasks and uploaders."""
        if self._store is None:
            return
        book, store = self.book, self._store
        wanted = {
            "flow": _unknown((row.flow_id for row in rows), book.flows),
            "task": _unknown((row.task_id for row in rows), book.tasks),
            "user": _unknown((row.uploader for row in rows), book.users),
        }
        wanted = {
            kind: [number for number in ids if number not in self._looked_up[kind]]
            for kind, ids in wanted.items()
        }
        if not any(wanted.values()):
            return

        def look() -> dict[str, dict[int, str]]:
            return {kind: store.find(kind, ids) for kind, ids in wanted.items()}

        found = await asyncio.to_thread(look)
        for kind, ids in wanted.items():
            self._looked_up[kind].update(ids)
        for number, name in found["flow"].items():
            book.flows.setdefault(number, name)
        for number, name in found["user"].items():
            book.users.setdefault(number, name)
        for number, text in found["task"].items():
            task = _task_of(text)
            if task is not None:
                book.tasks.setdefault(number, task)

    async def learn_tasks(self, rows: Sequence[RunRow]) -> AsyncGenerator[None]:
        """Data sets and measures of the rows' tasks; yields before each request."""
        for part in in_parts(_unknown((row.task_id for row in rows), self.book.tasks)):
            yield
            part = _unknown(part, self.book.tasks)  # others may have learned them meanwhile
            learned = await self._api.tasks(part) if part else {}
            self.book.tasks.update(learned)
            await self._keep("task", {n: json.dumps(task) for n, task in learned.items()})

    async def learn_users(self, ids: Iterable[int | None]) -> AsyncGenerator[None]:
        """Names of users; yields before each request."""
        for part in in_parts(_unknown(ids, self.book.users)):
            yield
            part = _unknown(part, self.book.users)
            learned = await self._api.users(part) if part else {}
            self.book.users.update(learned)
            await self._keep("user", learned)

    async def learn_flows(self, rows: Sequence[RunRow]) -> AsyncGenerator[None]:
        """Names of flows: one by its number, several by the list of all flows; yields before each
        request. What cannot be read stays a number.
        """
        flows = self.book.flows
        if not self._nameless(rows):
            return
        yield
        unknown = self._nameless(rows)  # others may have learned them meanwhile
        if not unknown:
            return
        try:
            few = len(unknown) <= _SINGLE
            learned = await (self._api.flows(unknown) if few else self._api.all_flows())
        except OpenMLServerError:
            return
        for number, name in learned.items():
            flows.setdefault(number, name)
        self._unheard_of.update(number for number in unknown if number not in flows)
        await self._keep("flow", learned)

    def _nameless(self, rows: Sequence[RunRow]) -> list[int]:
        unknown = _unknown((row.flow_id for row in rows), self.book.flows)
        return [number for number in unknown if number not in self._unheard_of]

    def lack_tasks(self, rows: Sequence[RunRow]) -> bool:
        """Whether the task of any row is not known."""
        return bool(_unknown((row.task_id for row in rows), self.book.tasks))

    def kinds_missing(self, rows: Sequence[RunRow]) -> int:
        """Of how many kinds of names, tasks', flows' and users', any of the rows lack one."""
        users = _unknown((row.uploader for row in rows), self.book.users)
        return self.lack_tasks(rows) + bool(self._nameless(rows)) + bool(users)

    def missing(self, rows: Sequence[RunRow]) -> tuple[AsyncGenerator[None], AsyncGenerator[None]]:
        """Steps that learn flows and users, first what more of the rows lack."""
        flows, users = self.learn_flows(rows), self.learn_users(row.uploader for row in rows)
        without_flow = sum(row.flow_id not in self.book.flows for row in rows)
        without_user = sum(row.uploader not in self.book.users for row in rows)
        return (flows, users) if without_flow > without_user else (users, flows)

    async def learn(self, rows: Sequence[RunRow], most: int | None = 2) -> None:
        """Names for rows by at most ``most`` requests, None for all that it takes: flows first,
        then tasks, then users.
        """
        await self.recall(rows)
        left = math.inf if most is None else most
        for steps in (
            self.learn_flows(rows),
            self.learn_tasks(rows),
            self.learn_users(row.uploader for row in rows),
        ):
            async with contextlib.aclosing(steps):
                async for _ in steps:
                    if left <= 0:
                        return
                    left -= 1

    async def note_flows(self, named: Mapping[int, str]) -> None:
        """Flows' names that came along with something else."""
        new = {number: name for number, name in named.items() if number not in self.book.flows}
        self.book.flows.update(new)
        await self._keep("flow", new)

    async def _keep(self, kind: str, names: Mapping[int, str]) -> None:
        if self._store is not None and names:
            await asyncio.to_thread(self._store.keep, kind, dict(names))


def _task_of(text: str) -> TaskInfo | None:
    with contextlib.suppress(ValueError, TypeError):
        task = TaskInfo(*json.loads(text))
        if isinstance(task.task_id, int) and isinstance(task.dataset_name, str):
            return task
    return None


def _unknown(ids: Iterable[int | None], known: Mapping[int, object]) -> list[int]:
    return sorted({number for number in ids if number is not None and number not in known})
