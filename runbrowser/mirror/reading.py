"""A version of a mirror opened for reading: pages in any order at any depth, totals, groups, SQL.

A page is found by the place of the row before it (its sort value and run id) and not by a number
of rows to pass over, which costs the more the deeper it lies.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from runbrowser.errors import UsageError
from runbrowser.mirror import engine, schema
from runbrowser.mirror.folder import MirrorError, MirrorFolder, missing, other_schema
from runbrowser.mirror.places import Place, places
from runbrowser.mirror.search import NEWEST_FIRST, Condition, Order, condition
from runbrowser.models import RunFilter, RunRow, TaskInfo
from runbrowser.openml.base import GroupCount
from runbrowser.text import display

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

_SCORES_KEPT = 2_000  # rows whose scores are at hand

QUERY_SECONDS = 60.0
"""How long a query of one's own may take unless another bound is given."""


GROUPS = {
    "error": ("message_id", "g.essence", "g.signature", "messages g ON g.message_id = c.key"),
    "flow": ("flow_id", "c.key", "g.flow", "flows g ON g.flow_id = c.key"),
    "task": ("task_id", "c.key", "g.data", "tasks g ON g.task_id = c.key"),
    "uploader": ("uploader", "c.key", "g.name", "users g ON g.user_id = c.key"),
}
"""What runs are grouped by: the column that is counted, what the groups of ``c`` are known by, the
name that is shown with it, and where that comes from.
"""


class Mirror:
    """One version, open for reading; it stays as it is while a sync makes the next one."""

    def __init__(self, folder: MirrorFolder) -> None:
        path = folder.current()
        if path is None:
            raise missing(folder.server)
        self.folder, self.path = folder, path
        self._db = engine.connect(path, read_only=True)
        self._scores: dict[int, tuple[float | None, bool]] = {}
        try:
            self._check()
        except BaseException:
            self._db.close()
            raise

    def _check(self) -> None:
        with engine.in_words(self.path):
            facts = dict(self._rows("SELECT name, value FROM meta"))
        if facts.get("schema") != str(schema.SCHEMA_VERSION):
            raise other_schema(facts.get("schema"), schema.SCHEMA_VERSION)
        if facts.get("server") != self.folder.server:
            raise MirrorError(
                f"The mirror is one of {display(facts.get('server'), 200)}, not of "
                f"{display(self.folder.server, 200)}."
            )
        self.facts: dict[str, str] = facts

    @property
    def is_current(self) -> bool:
        """Whether no newer version was made meanwhile."""
        return self.folder.current() == self.path

    @property
    def filter_text(self) -> str:
        """Which runs were copied, in the filter language; '' for all."""
        return self.facts.get("filter", "")

    @property
    def synced_at(self) -> str:
        """When it was made, in UTC, ``YYYY-MM-DD HH:MM:SS``."""
        return self.facts.get("synced_at", "")

    def _condition(self, filter: RunFilter) -> Condition:
        """The filter, and what was deleted through a browser since the version was made."""
        asked = condition(filter)
        gone = self.folder.changes.gone()
        if gone:
            asked.add(f"r.run_id NOT IN ({', '.join('?' * len(gone))})", *gone)
        return asked

    def count(self, filter: RunFilter) -> int:
        """How many runs match."""
        asked = self._condition(filter)
        return int(
            self._rows(f"SELECT count(*) FROM runs r {asked.sql}", asked.values)[0][0]  # noqa: S608
        )

    def page(
        self,
        filter: RunFilter,
        size: int,
        order: Order = NEWEST_FIRST,
        after: Place | None = None,
        skip: int = 0,
    ) -> tuple[list[RunRow], Place | None]:
        """The ``size`` runs that come next after a place in an order, and the place of the last.

        Runs without the value that they are ordered by come last. ``skip`` passes over so many
        first, for which each of them has to be looked at.
        """
        asked, measure = self._condition(filter), self.main_measure
        found = places(self._rows, asked, order, size, after, skip, measure)
        if not found:
            return [], None
        return self._runs(found), found[-1]

    def _runs(self, found: Sequence[Place]) -> list[RunRow]:
        """The rows at some places, in that order."""
        stored = self._look_up(
            "run_id, task_id, task_type_id, setup_id, flow_id, uploader, "
            "strftime(upload_time, '%Y-%m-%d %H:%M:%S'), message_id, run_details, score, has_score "
            "FROM runs",
            "rowid",
            (place.row for place in found),
        )
        self._note_scores((row[0], row[9], row[10]) for row in stored)
        messages = dict(
            self._look_up("message_id, message FROM messages", "message_id", (r[7] for r in stored))
        )
        rows = {row[0]: RunRow._make((*row[:7], messages.get(row[7]), row[8])) for row in stored}
        return [rows[place.run_id] for place in found]

    def groups(self, filter: RunFilter, by: str, limit: int = 1_000) -> list[GroupCount]:
        """Runs grouped by one of GROUPS, the largest group first."""
        if by not in GROUPS:
            raise UsageError(f"Runs are grouped by {', '.join(GROUPS)}, not by {display(by, 50)}.")
        column, key, name, names = GROUPS[by]
        asked = self._condition(filter)
        if by == "error":
            asked.add("r.message_id IS NOT NULL")
        # counted by number first: names are long, and far fewer than runs
        rows = self._rows(
            f"""WITH c AS (SELECT {column} AS key, count(*) AS runs,
                    count(r.message_id) AS failed, max(r.run_id) AS newest
                FROM runs r {asked.sql} GROUP BY 1)
                SELECT {key}, arg_max({name}, c.runs), sum(c.runs)::BIGINT, sum(c.failed)::BIGINT,
                    max(c.newest)
                FROM c LEFT JOIN {names} GROUP BY 1 ORDER BY 3 DESC, 5 DESC LIMIT ?""",  # noqa: S608
            [*asked.values, limit],
        )
        return [GroupCount(*row) for row in rows]

    def names(
        self, rows: Sequence[RunRow]
    ) -> tuple[dict[int, str], dict[int, TaskInfo], dict[int, str]]:
        """Names of the flows, tasks and uploaders of some runs."""
        flows = self._look_up("flow_id, flow FROM flows", "flow_id", (r.flow_id for r in rows))
        users = self._look_up("user_id, name FROM users", "user_id", (r.uploader for r in rows))
        tasks = self._look_up(
            "task_id, task_type_id, data_id, data, measure FROM tasks",
            "task_id",
            (r.task_id for r in rows),
        )
        infos = {
            task: TaskInfo(task, kind, data, name or "", measure)
            for task, kind, data, name, measure in tasks
        }
        return dict(flows), infos, dict(users)

    def _look_up(self, what: str, key: str, ids: Iterable[int | None]) -> list[tuple[Any, ...]]:
        wanted = sorted({number for number in ids if number is not None})
        if not wanted:
            return []
        # as one list, by which whole parts of a table are passed over, and not as so many values
        return self._rows(f"SELECT {what} WHERE {key} IN (SELECT unnest(?::BIGINT[]))", [wanted])

    def scored(self, run_ids: Sequence[int]) -> set[int]:
        """Those of some runs that have a score of any measure."""
        return {run_id for run_id, (_, has_score) in self._scores_of(run_ids).items() if has_score}

    @property
    def main_measure(self) -> str:
        """The measure that the mirror was told first; '' when it has none."""
        return self.facts.get("measures", "").split(",")[0]

    def scores(self, run_ids: Sequence[int], measure: str) -> dict[int, float]:
        """The values of a measure by run id."""
        if measure == self.main_measure:
            found = self._scores_of(run_ids)
            return {run_id: score for run_id, (score, _) in found.items() if score is not None}
        rows = self._rows(
            """SELECT run_id, value FROM scores JOIN measures USING (measure_id)
                WHERE measure = ? AND run_id IN (SELECT unnest(?::BIGINT[]))""",
            [measure, list(run_ids)],
        )
        return dict(rows)

    def _scores_of(self, run_ids: Iterable[int]) -> dict[int, tuple[float | None, bool]]:
        """The main score of runs, and whether they have one of any measure. Those of the rows that
        were read last are at hand, as they stand beside them.
        """
        wanted, kept = set(run_ids), self._scores
        known = {run_id: kept[run_id] for run_id in wanted & kept.keys()}
        missing = wanted - known.keys()
        if missing:
            found = self._look_up("run_id, score, has_score FROM runs", "run_id", missing)
            known |= {run_id: (score, has_score) for run_id, score, has_score in found}
        return known

    def _note_scores(self, rows: Iterable[tuple[int, float | None, bool]]) -> None:
        kept = self._scores if len(self._scores) < _SCORES_KEPT else {}
        # another one, as threads may be reading this one
        self._scores = kept | {run_id: (score, has_score) for run_id, score, has_score in rows}

    def measures(self) -> list[str]:
        """The evaluation measures that were copied."""
        return [name for (name,) in self._rows("SELECT measure FROM measures ORDER BY measure")]

    def gaps(self) -> list[tuple[str, str]]:
        """What the server did not give: which part of its list, and why."""
        return [(part, reason) for part, reason in self._rows("SELECT part, reason FROM gaps")]

    def sizes(self) -> dict[str, int]:
        """Rows by table."""
        return {
            table: self._rows(f"SELECT count(*) FROM {table}")[0][0]  # noqa: S608
            for table in schema.TABLES
            if table != "meta"
        }

    @contextmanager
    def query(
        self, sql: str, seconds: float = QUERY_SECONDS
    ) -> Iterator[tuple[dict[str, type], Iterator[list[tuple[Any, ...]]]]]:
        """One SELECT of one's own: its columns with the kind of their values, and its rows in
        pieces. Kinds are bool, int, float, and str for all else.

        It can read the mirror's tables and nothing else, and is ended after ``seconds``. UsageError
        for SQL that cannot be understood, for more than one statement, for one that is no query,
        and when the time is up.
        """
        duckdb = engine.load()
        connection = self._db.cursor()
        timer = threading.Timer(seconds, connection.interrupt)
        timer.daemon = True
        try:
            statements = duckdb.extract_statements(sql)
            if len(statements) != 1:
                raise UsageError("Give one statement: a SELECT.")
            if statements[0].type not in (
                duckdb.StatementType.SELECT,
                duckdb.StatementType.EXPLAIN,
            ):
                raise UsageError("The mirror is only read here: give a SELECT.")
            timer.start()
            columns = _columns(connection, statements[0], sql)
            yield columns, iter(lambda: connection.fetchmany(1_000), [])
        except duckdb.InterruptException:
            raise UsageError(
                f"The query was ended after {seconds:g} s; --seconds N gives it longer."
            ) from None
        except duckdb.Error as error:
            raise UsageError(f"The query cannot be answered: {_words(error)}") from None
        finally:
            timer.cancel()
            connection.close()

    @contextmanager
    def batches(self, sql: str, size: int) -> Iterator[pa.RecordBatchReader]:
        """What a query of the product's own gives, as Arrow batches of ``size`` rows."""
        connection = self._db.cursor()
        try:
            with engine.in_words(self.path):
                found: Any = connection.sql(sql)
                # of another name before DuckDB 1.5
                read = getattr(found, "to_arrow_reader", None) or found.fetch_record_batch
                yield read(size)
        finally:
            connection.close()

    def close(self) -> None:
        """Lets go of the version."""
        self._db.close()

    def __enter__(self) -> Mirror:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        # a cursor of its own: a connection cannot be used by two threads at once
        with engine.in_words(self.path):
            return self._db.cursor().execute(sql, list(values)).fetchall()


_KINDS = {"BOOLEAN": bool, "DOUBLE": float, "FLOAT": float, "BIGINT": int, "INTEGER": int,
          "SMALLINT": int, "TINYINT": int, "UBIGINT": int, "UINTEGER": int, "USMALLINT": int,
          "UTINYINT": int, "HUGEINT": int}  # fmt: skip


def _columns(connection: duckdb.DuckDBPyConnection, statement: Any, sql: str) -> dict[str, type]:
    """Starts a statement; the columns that it gives. UsageError when two have one name."""
    kinds = []
    if statement.type == engine.load().StatementType.SELECT:
        kinds = [row[1] for row in connection.execute(f"DESCRIBE {sql}").fetchall()]
    connection.execute(statement)
    names = [column[0] for column in connection.description or ()]
    if len(set(names)) < len(names):
        raise UsageError("Two columns have the same name: give one of them another with AS.")
    kinds = kinds or ["VARCHAR"] * len(names)
    return {
        name: float if kind.startswith("DECIMAL") else _KINDS.get(kind, str)
        for name, kind in zip(names, kinds, strict=True)
    }


def _words(error: BaseException) -> str:
    lines = [display(line, 300) for line in str(error).splitlines() if line.strip()]
    return " ".join(lines[:3])
