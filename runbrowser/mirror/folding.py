"""The end of a sync: what came in is folded into the tables that readers see."""

from __future__ import annotations

from runbrowser.fields.signatures import essence, signature
from runbrowser.mirror import schema
from runbrowser.mirror.statements import Statements

_REWRITE = 0.1  # share of new rows from which on the table of runs is written anew, in order
_MESSAGES = 20_000  # messages whose signatures are found at a time


def fold(sql: Statements, *, whole: bool) -> int:
    """Folds what came in, all of it or nothing, and takes the work tables away; how many runs are
    new.

    ``whole``: all runs were asked for, so what did not come exists no more. Else only what was
    looked up by id and did not come is taken away.
    """
    _add_messages(sql)
    new: int = sql.value(
        "SELECT count(DISTINCT run_id) FROM incoming WHERE run_id NOT IN (SELECT run_id FROM runs)"
    )
    sql.rows("BEGIN")
    _fold_scores(sql)
    _fold_runs(sql, whole=whole)
    _note_scores(sql)
    _place_names(sql)
    for name in schema.WORK:
        sql.rows(f"DROP TABLE {name}")
    sql.rows("DELETE FROM meta WHERE name LIKE 'deep %' OR name IN ('way', 'rows_expected')")
    sql.rows("COMMIT")
    return new


def _add_messages(sql: Statements) -> None:
    new = sql.rows(
        """SELECT DISTINCT error_message FROM incoming WHERE error_message IS NOT NULL
           AND error_message NOT IN (SELECT message FROM messages)"""
    )
    first = (sql.value("SELECT max(message_id) FROM messages") or 0) + 1
    for start in range(0, len(new), _MESSAGES):
        texts = [text for (text,) in new[start : start + _MESSAGES]]
        numbers = range(first + start, first + start + len(texts))
        sql.register(
            "page",
            {
                "id": list(numbers),
                "text": texts,
                "kind": (kinds := [signature(text) for text in texts]),
                "essence": [essence(kind) for kind in kinds],
            },
        )
        sql.rows("INSERT INTO messages SELECT id, text, kind, essence, NULL FROM page")
        sql.unregister("page")


def _fold_runs(sql: Statements, *, whole: bool) -> None:
    # one row a run: a run that two engines evaluated is sent twice
    sql.rows(
        """CREATE TEMP TABLE fresh AS
           SELECT DISTINCT ON (i.run_id) i.run_id, i.task_id, i.task_type_id, i.setup_id,
                  i.flow_id, i.uploader, try_cast(i.upload_time AS TIMESTAMP) AS upload_time,
                  m.message_id, i.run_details, NULL::DOUBLE AS score,
                  false AS has_score
           FROM incoming i LEFT JOIN messages m ON m.message = i.error_message"""
    )
    fresh = sql.value("SELECT count(*) FROM fresh")
    held = sql.value("SELECT count(*) FROM runs")
    if whole or fresh > _REWRITE * held:
        keep = (
            ""
            if whole
            else """ UNION ALL SELECT * FROM runs WHERE run_id NOT IN
                     (SELECT run_id FROM fresh UNION ALL SELECT run_id FROM looked_up)"""
        )
        sql.rows(
            f"""CREATE TABLE ordered AS
                SELECT r.* REPLACE (s.value AS score, s.run_id IS NOT NULL AS has_score)
                FROM (SELECT * FROM fresh{keep}) r LEFT JOIN ({_SCORES}) s USING (run_id)
                ORDER BY run_id"""  # noqa: S608
        )
        for view in schema.VIEWS:
            sql.rows(f"DROP VIEW {view}")
        sql.rows("DROP TABLE runs")
        sql.rows("ALTER TABLE ordered RENAME TO runs")
        for _, definition in schema.VIEWS.values():
            sql.rows(definition)
    else:
        sql.rows(
            """DELETE FROM runs WHERE run_id IN
               (SELECT run_id FROM fresh UNION ALL SELECT run_id FROM looked_up)"""
        )
        sql.rows("INSERT INTO runs SELECT * FROM fresh ORDER BY run_id")
    sql.rows("DROP TABLE fresh")


def _fold_scores(sql: Statements) -> None:
    sql.rows(
        """INSERT INTO measures SELECT (SELECT coalesce(max(measure_id), 0) FROM measures)
             + row_number() OVER (ORDER BY measure), measure
           FROM (SELECT DISTINCT measure FROM incoming_scores
                 WHERE measure NOT IN (SELECT measure FROM measures))"""
    )
    # of several engines the one with the lowest number, by which a run's description goes
    sql.rows(
        """CREATE TEMP TABLE fresh_scores AS
           SELECT DISTINCT ON (s.run_id, m.measure_id) s.run_id, m.measure_id, s.value
           FROM incoming_scores s JOIN measures m USING (measure)
           ORDER BY s.run_id, m.measure_id, s.engine NULLS LAST"""
    )
    sql.rows(
        """DELETE FROM scores s USING fresh_scores f
           WHERE s.run_id = f.run_id AND s.measure_id = f.measure_id"""
    )
    sql.rows("INSERT INTO scores SELECT * FROM fresh_scores ORDER BY run_id")
    sql.rows("DROP TABLE fresh_scores")


_SCORES = """SELECT run_id, max(value) FILTER (measure_id = (SELECT measure_id FROM measures
        WHERE measure = (SELECT split_part(value, ',', 1) FROM meta WHERE name = 'measures')))
        AS value FROM scores GROUP BY run_id"""


def _note_scores(sql: Statements) -> None:
    """Scores as the runs have them: of runs that were not looked at, and of another measure."""
    sql.rows("DELETE FROM scores WHERE run_id NOT IN (SELECT run_id FROM runs)")
    sql.rows(
        f"""UPDATE runs SET score = new.value, has_score = new.has_score FROM (
                SELECT r.run_id, s.value, s.run_id IS NOT NULL AS has_score
                FROM runs r LEFT JOIN ({_SCORES}) s USING (run_id)
                WHERE r.score IS DISTINCT FROM s.value
                   OR r.has_score IS DISTINCT FROM (s.run_id IS NOT NULL)) new
            WHERE runs.run_id = new.run_id"""  # noqa: S608
    )


def _place_names(sql: Statements) -> None:
    """The place of each name among all: runs are ordered by numbers, which is far quicker."""
    for table, (key, name) in schema.NAMES.items():
        sql.rows(
            f"""UPDATE {table} SET place = p.place FROM (
                    SELECT {key}, CASE WHEN {name} IS NOT NULL
                        THEN dense_rank() OVER (ORDER BY {name} NULLS LAST) END AS place
                    FROM {table}) p
                WHERE {table}.{key} = p.{key} AND {table}.place IS DISTINCT FROM p.place"""  # noqa: S608
        )
