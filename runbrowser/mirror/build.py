"""The next version of a mirror while it is being made.

What the server gave is laid into work tables step by step; each step is one transaction, so that a
process that is killed loses at most the step it was at. ``finish`` folds the work tables into the
tables that readers see.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from runbrowser.mirror import engine, schema
from runbrowser.mirror.folder import MirrorError, MirrorFolder
from runbrowser.mirror.folding import fold
from runbrowser.mirror.statements import Statements
from runbrowser.models import EvaluationRow, RunPage, RunRow, TaskInfo


class Building:
    """The version being made. ``begun`` tells that an earlier sync had begun it."""

    def __init__(self, folder: MirrorFolder) -> None:
        self._folder = folder
        self.begun = folder.building.exists()
        current = folder.current()
        if not self.begun and current is not None:
            _copy(current, folder)
        try:
            self._open()
            known = self._made_by() in (None, str(schema.SCHEMA_VERSION))
        except MirrorError:
            known = False
        if not known:
            # damaged, or with the tables of other code: it is ours alone and can be made anew
            self.close()
            folder.drop_building()
            self.begun = False
            self._open()
        with engine.in_words(folder.building):
            self._define()
        self.set_meta("schema", schema.SCHEMA_VERSION)

    def _open(self) -> None:
        self._sql = Statements(engine.connect(self._folder.building, read_only=False))

    def _made_by(self) -> str | None:
        """The version of the tables that are there, None where there are none."""
        with engine.in_words(self._folder.building):
            return self.meta("schema") if "meta" in self._tables() else None

    def _tables(self) -> set[str]:
        return {name for (name,) in self._rows("SELECT table_name FROM duckdb_tables()")}

    def _define(self) -> None:
        have = self._tables()
        for name, (_, definition) in schema.TABLES.items():
            if name not in have:
                self._rows(definition)
        for definition in schema.WORK.values():
            self._rows(definition)
        for _, definition in schema.VIEWS.values():
            self._rows(definition)
        self._rows("SET preserve_insertion_order = false")

    # -- what is known of the mirror -----------------------------------------------------------

    def meta(self, name: str) -> str | None:
        """A fact about the mirror."""
        found = self._value("SELECT value FROM meta WHERE name = ?", [name])
        return None if found is None else str(found)

    def set_meta(self, name: str, value: object) -> None:
        """Notes a fact about the mirror."""
        with engine.in_words(self._folder.building):
            self._rows("INSERT OR REPLACE INTO meta VALUES (?, ?)", [name, str(value)])

    def newest(self) -> int:
        """The highest run id, 0 for none."""
        return self._value("SELECT max(run_id) FROM runs") or 0

    def count(self) -> int:
        """How many runs the version holds."""
        return int(self._value("SELECT count(*) FROM runs"))

    def done(self) -> dict[str, int]:
        """The steps that were done, with the rows that the server sent."""
        with engine.in_words(self._folder.building):
            return dict(self._rows("SELECT step, received FROM steps"))

    def gaps(self) -> int:
        """How many parts of the list could not be read."""
        return int(self._value("SELECT count(*) FROM gaps"))

    def forget_gaps(self) -> None:
        """For a copy that starts anew; one that goes on keeps what it met."""
        if not self.done():
            with engine.in_words(self._folder.building):
                self._rows("DELETE FROM gaps")

    def task_ids(self) -> list[int]:
        """All tasks whose names are known, in order."""
        with engine.in_words(self._folder.building):
            rows = self._rows("SELECT task_id FROM tasks ORDER BY 1")
        return [number for (number,) in rows]

    def newest_runs(self, count: int) -> list[int]:
        """The ids of the newest runs, the newest first."""
        with engine.in_words(self._folder.building):
            rows = self._rows("SELECT run_id FROM runs ORDER BY run_id DESC LIMIT ?", [count])
        return [run_id for (run_id,) in rows]

    def unnamed(self) -> tuple[set[int], set[int], set[int]]:
        """Flows, tasks and users of the runs that have no name yet."""
        known = ("flow_id", "flows", "flow_id"), ("task_id", "tasks", "task_id"), (
            "uploader", "users", "user_id")  # fmt: skip
        found = []
        with engine.in_words(self._folder.building):
            for column, table, key in known:
                rows = self._rows(
                    f"""SELECT DISTINCT {column} FROM
                        (SELECT {column} FROM runs UNION ALL SELECT {column} FROM incoming)
                        WHERE {column} IS NOT NULL
                          AND {column} NOT IN (SELECT {key} FROM {table})"""  # noqa: S608
                )
                found.append({number for (number,) in rows})
        return found[0], found[1], found[2]

    def without_scores(self, ids: Iterable[int]) -> list[int]:
        """Those of some runs that have neither an error nor a score."""
        with engine.in_words(self._folder.building):
            self._sql.register("asked", {"run_id": list(ids)})
            rows = self._rows(
                """SELECT a.run_id FROM asked a
                   LEFT JOIN incoming i USING (run_id) LEFT JOIN runs r USING (run_id)
                   WHERE i.error_message IS NULL AND r.message_id IS NULL
                     AND a.run_id NOT IN (SELECT run_id FROM scores)"""
            )
            self._sql.unregister("asked")
        return [run_id for (run_id,) in rows]

    # -- what the server gave ------------------------------------------------------------------

    def add_rows(self, step: str, page: RunPage) -> None:
        """Lays a page of rows in, and notes the step as done, in one go."""
        columns = dict(zip(RunRow._fields, page.columns, strict=True))
        with engine.in_words(self._folder.building):
            self._sql.register("page", columns)
            self._rows("BEGIN")
            self._rows(
                """INSERT INTO incoming SELECT run_id, task_id, task_type_id, setup_id, flow_id,
                   uploader, upload_time, nullif(error_message, ''), run_details FROM page"""
            )
            self._done(step, page.received)
            self._sql.unregister("page")

    def add_look_up(self, step: str, ids: Sequence[int], page: RunPage) -> None:
        """What a look-up by id gave: runs that are not in it do not exist on the server."""
        self._sql.register("asked", {"run_id": list(ids)})
        with engine.in_words(self._folder.building):
            self._rows("INSERT INTO looked_up SELECT run_id FROM asked")
            self._sql.unregister("asked")
        self.add_rows(step, page)

    def add_scores(self, step: str, rows: Sequence[EvaluationRow], received: int) -> None:
        """Lays scores in, with the names that come with them."""
        columns: dict[str, Sequence[Any]] = {
            "run_id": [row.run_id for row in rows],
            "measure": [row.function for row in rows],
            "value": [row.value for row in rows],
            "engine": [row.evaluation_engine_id for row in rows],
        }
        with engine.in_words(self._folder.building):
            self._sql.register("page", columns)
            self._rows("BEGIN")
            self._rows(
                "INSERT INTO incoming_scores SELECT run_id, measure, value, engine FROM page "
                "WHERE value IS NOT NULL"
            )
            self._done(step, received)
            self._sql.unregister("page")

    def add_names(
        self,
        flows: Mapping[int, str],
        tasks: Mapping[int, TaskInfo],
        users: Mapping[int, str],
    ) -> None:
        """Names by id."""
        with engine.in_words(self._folder.building):
            self._replace(
                "flows", "flow_id", {"flow_id": list(flows), "flow": list(flows.values())}
            )
            infos = list(tasks.values())
            self._replace(
                "tasks",
                "task_id",
                {
                    "task_id": list(tasks),
                    "task_type_id": [info.task_type_id for info in infos],
                    "data_id": [info.dataset_id for info in infos],
                    "data": [info.dataset_name for info in infos],
                    "measure": [info.evaluation_measure for info in infos],
                },
            )
            self._replace(
                "users", "user_id", {"user_id": list(users), "name": list(users.values())}
            )

    def add_gap(self, part: str, reason: str) -> None:
        """Notes what could not be read."""
        with engine.in_words(self._folder.building):
            self._rows("INSERT INTO gaps VALUES (?, ?)", [part, reason])

    def note(self, step: str, received: int = 0) -> None:
        """Notes a step as done that brought no rows."""
        with engine.in_words(self._folder.building):
            self._rows("BEGIN")
            self._done(step, received)

    def _done(self, step: str, received: int) -> None:
        self._rows("INSERT OR REPLACE INTO steps VALUES (?, ?)", [step, received])
        self._rows("COMMIT")

    def _replace(self, table: str, key: str, columns: Mapping[str, Sequence[Any]]) -> None:
        self._sql.register("page", columns)
        names = ", ".join(columns)
        self._rows("BEGIN")
        self._rows(f"DELETE FROM {table} WHERE {key} IN (SELECT {key} FROM page)")  # noqa: S608
        self._rows(f"INSERT INTO {table} ({names}) SELECT {names} FROM page")  # noqa: S608
        self._rows("COMMIT")
        self._sql.unregister("page")

    # -- the end -------------------------------------------------------------------------------

    def finish(self, *, whole: bool) -> tuple[int, int, int]:
        """Folds what came in into the tables that are read, and closes the file. Gives how many
        runs are new, how many are gone, and how many there are.

        ``whole``: all runs were asked for, so what did not come exists no more. Else only what was
        looked up by id and did not come is taken away.
        """
        with engine.in_words(self._folder.building):
            before = self.count()
            new = fold(self._sql, whole=whole)
        runs = self.count()
        now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
        for name, value in (
            ("schema", schema.SCHEMA_VERSION),
            ("server", self._folder.server),
            ("synced_at", now),
        ):
            self.set_meta(name, value)
        with engine.in_words(self._folder.building):
            self._rows("CHECKPOINT")
        self.close()
        return new, before + new - runs, runs

    def close(self) -> None:
        """Closes the file; what was noted as done stays."""
        with suppress(Exception):
            self._sql.close()

    # -- helpers -------------------------------------------------------------------------------

    def _value(self, query: str, values: Sequence[object] = ()) -> Any:
        with engine.in_words(self._folder.building):
            rows = self._rows(query, values)
        return rows[0][0] if rows else None

    def _rows(self, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        return self._sql.rows(statement, values)


def _copy(current: Path, folder: MirrorFolder) -> None:
    """The current version as what is being built, whole or not at all."""
    part = folder.building.with_suffix(".part")
    try:
        shutil.copyfile(current, part)
        part.rename(folder.building)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise engine.full_disk(folder.path, error.strerror or str(error)) from None
