"""The tables of a mirror: their definitions, and the words that document them."""

from __future__ import annotations

SCHEMA_VERSION = 3
"""Raised whenever a table changes in a way that older code cannot read."""

TABLES = {
    "runs": (
        "one row a run, the lowest run id first, with the score of the measure that was named "
        "first when the mirror was made, and whether it has one of any measure",
        """CREATE TABLE runs (
            run_id BIGINT, task_id BIGINT, task_type_id BIGINT, setup_id BIGINT, flow_id BIGINT,
            uploader BIGINT, upload_time TIMESTAMP, message_id BIGINT, run_details VARCHAR,
            score DOUBLE, has_score BOOLEAN)""",
    ),
    "messages": (
        "the different error messages, each with the signature of its kind, and that without the "
        "name of the exception; `place` is the message's place among all in order",
        """CREATE TABLE messages (message_id BIGINT, message VARCHAR, signature VARCHAR,
            essence VARCHAR, place INTEGER)""",
    ),
    "scores": (
        "one row a run and evaluation measure",
        "CREATE TABLE scores (run_id BIGINT, measure_id BIGINT, value DOUBLE)",
    ),
    "measures": (
        "the evaluation measures that were copied",
        "CREATE TABLE measures (measure_id BIGINT, measure VARCHAR)",
    ),
    "flows": (
        "names of flows, with their places among all in order",
        "CREATE TABLE flows (flow_id BIGINT, flow VARCHAR, place INTEGER)",
    ),
    "tasks": (
        "tasks with their data sets, and the places of the names of these among all in order",
        """CREATE TABLE tasks (task_id BIGINT, task_type_id BIGINT, data_id BIGINT, data VARCHAR,
            measure VARCHAR, place INTEGER)""",
    ),
    "users": (
        "names of uploaders, with their places among all in order",
        "CREATE TABLE users (user_id BIGINT, name VARCHAR, place INTEGER)",
    ),
    "gaps": (
        "what the server did not give: parts of its list that stayed unread",
        "CREATE TABLE gaps (part VARCHAR, reason VARCHAR)",
    ),
    "meta": (
        "where the mirror comes from and how old it is",
        "CREATE TABLE meta (name VARCHAR PRIMARY KEY, value VARCHAR)",
    ),
}
"""Each table's purpose and its definition."""

NAMES = {
    "messages": ("message_id", "message"),
    "flows": ("flow_id", "flow"),
    "tasks": ("task_id", "data"),
    "users": ("user_id", "name"),
}
"""The tables whose rows have a ``place``: their ids, and the column that it is a place in."""

VIEWS = {
    "all_runs": (
        "runs with names, error and state: 'failed' has an error, 'ok' has a score that was copied",
        """CREATE OR REPLACE VIEW all_runs AS
            SELECT r.run_id, r.task_id, r.task_type_id, t.data_id, t.data, r.setup_id, r.flow_id,
                   f.flow, r.uploader, u.name AS uploader_name, r.upload_time,
                   m.message AS error_message, m.signature,
                   CASE WHEN r.message_id IS NOT NULL THEN 'failed'
                        WHEN r.has_score THEN 'ok'
                        ELSE 'unknown' END AS state,
                   r.run_details
            FROM runs r
            LEFT JOIN messages m USING (message_id)
            LEFT JOIN tasks t ON t.task_id = r.task_id
            LEFT JOIN flows f ON f.flow_id = r.flow_id
            LEFT JOIN users u ON u.user_id = r.uploader""",
    ),
    "all_scores": (
        "scores with the names of their measures",
        """CREATE OR REPLACE VIEW all_scores AS
            SELECT s.run_id, m.measure, s.value FROM scores s JOIN measures m USING (measure_id)""",
    ),
    "main_scores": (
        "scores of the measure that was named first when the mirror was made",
        """CREATE OR REPLACE VIEW main_scores AS
            SELECT run_id, value FROM scores WHERE measure_id =
                (SELECT measure_id FROM measures WHERE measure =
                    (SELECT split_part(value, ',', 1) FROM meta WHERE name = 'measures'))""",
    ),
}
"""Each view's purpose and its definition."""

WORK = {
    "incoming": """CREATE TABLE IF NOT EXISTS incoming (
        run_id BIGINT, task_id BIGINT, task_type_id BIGINT, setup_id BIGINT, flow_id BIGINT,
        uploader BIGINT, upload_time VARCHAR, error_message VARCHAR, run_details VARCHAR)""",
    "looked_up": "CREATE TABLE IF NOT EXISTS looked_up (run_id BIGINT)",
    "incoming_scores": """CREATE TABLE IF NOT EXISTS incoming_scores (
        run_id BIGINT, measure VARCHAR, value DOUBLE, engine BIGINT)""",
    "steps": "CREATE TABLE IF NOT EXISTS steps (step VARCHAR PRIMARY KEY, received BIGINT)",
}
"""Tables that exist only while a version is being made."""


def columns_of_view(name: str) -> list[str]:
    """The columns of a view, in order."""
    return _VIEW_COLUMNS[name]


_VIEW_COLUMNS = {
    "all_runs": [
        "run_id", "task_id", "task_type_id", "data_id", "data", "setup_id", "flow_id", "flow",
        "uploader", "uploader_name", "upload_time", "error_message", "signature", "state",
        "run_details",
    ],
    "all_scores": ["run_id", "measure", "value"],
    "main_scores": ["run_id", "value"],
}  # fmt: skip
