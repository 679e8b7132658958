"""The catalogue with its runs many times over, for measurements that need more than it holds."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from runbrowser.demo.catalogue import unpack

_TABLES = {  # what is copied: table, its column of run ids, the others
    "run": ("id", "uploader, setup_id, task_id, upload_time, error_message, run_details, "
                  "setup_string"),
    "run_evaluated": ("run_id", "engine_id, error, warning, processing_date"),
    "evaluation": ("run_id", "measure_id, value, array_data"),
}  # fmt: skip


def grown(path: Path, at_least: int) -> Path:
    """Writes a catalogue with so many runs or more to ``path``: copies under further ids."""
    unpack(path)
    with sqlite3.connect(path) as database:
        first, last, count = database.execute(
            "SELECT min(id), max(id), count(*) FROM run"
        ).fetchone()
        for copy in range(1, -(-at_least // count)):
            shift = copy * (last - first + 1)
            for table, (key, others) in _TABLES.items():
                database.execute(
                    f"INSERT INTO {table} ({key}, {others}) "
                    f"SELECT {key} + ?, {others} FROM {table} WHERE {key} BETWEEN ? AND ?",
                    (shift, first, last),
                )
    database.close()
    return path
