"""One run is evaluated: its files are read, its scores and its trace are stored."""

from __future__ import annotations

import json
import math
import re
import sqlite3
from datetime import datetime

import numpy as np
import numpy.typing as npt

from ..files import Split, read_file, read_split
from ..store import Store
from ..v1.arff import read_arff
from ..v1.description import DescriptionError, read_description
from .predictions import PredictionsError, check, check_numeric
from .scores import Scores, score
from .traces import Row, TraceError, trace_rows

__all__ = ["evaluate"]

ENGINE = 1
NO_PREDICTIONS = "Required output files not present (e.g., arff predictions)."
_FILE = re.compile(r"data/download/(\d+)/")

Fold = tuple[int, int]


class _EvaluationError(Exception):
    """The run cannot be evaluated; the message says why."""


def evaluate(store: Store, run_id: int, error: str = "") -> None:
    """Evaluate a run, again if it was evaluated before; a run that is gone is left alone.

    error: what the evaluation is to fail with; '' to do it in earnest. A run whose uploader
    reported a failure and which has no predictions is never looked at, as on the server.
    """
    run = store.row(
        "SELECT r.error_message, r.task_id, t.target, d.url, f.id AS predictions FROM run r"
        " JOIN task t ON t.id = r.task_id JOIN dataset d ON d.id = t.dataset_id"
        " LEFT JOIN file f ON f.run_id = r.id AND f.name = 'predictions' WHERE r.id = ?",
        (run_id,),
    )
    if run is None or (run["error_message"] and run["predictions"] is None):
        return
    scores, warning, trace = None, None, list[Row]()
    try:
        if error:
            raise _EvaluationError(error)
        scores, warning = _scores(store, run)
        trace = _trace(store, run_id)
    except (_EvaluationError, PredictionsError, TraceError) as failure:
        error = str(failure)
    reported = _reported(store, run_id)
    with store.transaction() as connection:
        if not connection.execute("SELECT 1 FROM run WHERE id = ?", (run_id,)).fetchone():
            return
        for table in ("run_evaluated", "evaluation", "evaluation_fold", "trace"):
            connection.execute(f"DELETE FROM {table} WHERE run_id = ?", (run_id,))  # noqa: S608
        if scores is not None and not error:
            _write(connection, run_id, scores, reported)
            connection.executemany(
                f"INSERT OR REPLACE INTO trace VALUES ({run_id}, ?, ?, ?, ?, ?, ?)",  # noqa: S608
                trace,
            )
        connection.execute(
            "INSERT INTO run_evaluated VALUES (?, ?, ?, ?, ?)",
            (run_id, ENGINE, error or None, warning, datetime.now().isoformat(" ", "seconds")),
        )


def _scores(store: Store, run: sqlite3.Row) -> tuple[Scores, str | None]:
    with store.connection() as connection:
        try:
            split = read_split(connection, run["task_id"])
        except LookupError:
            raise _EvaluationError("The splits of the task are not known.") from None
        stored = None
        if run["predictions"] is not None:
            stored = read_file(connection, run["predictions"])
        data_file = _FILE.search(run["url"])
        data = read_file(connection, int(data_file[1])) if data_file else None
    if stored is None:
        raise _EvaluationError(NO_PREDICTIONS)
    target = _target(data[1] if data else b"", run["target"], split)
    if split.labels is None:
        return score(check_numeric(stored[1], split), split, target), None
    found = check(stored[1], split, ignore_correct=True)
    return score(found, split, target), found.warning


def _target(data: bytes, name: str, split: Split) -> npt.NDArray[np.float64]:
    """The class number or the number of every row of the data set; of the split's rows where the
    data set has no file.
    """
    attributes, rows = read_arff(data)
    names = [attribute.name for attribute in attributes]
    if name not in names:
        return np.array(split.truth, dtype=np.float64)
    column = [row[names.index(name)] for row in rows]
    if split.labels is None:
        return np.array([float(value) for value in column if value != "?"])
    numbers = {label: number for number, label in enumerate(split.labels)}
    return np.array([numbers[value] for value in column if value in numbers], dtype=np.float64)


def _trace(store: Store, run_id: int) -> list[Row]:
    file_id = store.value("SELECT id FROM file WHERE run_id = ? AND name = 'trace'", (run_id,))
    if file_id is None:
        return []
    with store.connection() as connection:
        stored = read_file(connection, file_id)
    return trace_rows(stored[1]) if stored else []


def _reported(store: Store, run_id: int) -> dict[str, dict[Fold, float]]:
    """What the uploader measured fold by fold, by the measure's name."""
    file_id = store.value(
        "SELECT id FROM file WHERE run_id = ? AND name = 'description'", (run_id,)
    )
    if file_id is None:
        return {}
    with store.connection() as connection:
        stored = read_file(connection, file_id)
    try:
        run = read_description(stored[1] if stored else b"")
    except DescriptionError:  # of a run from before today's rules
        return {}
    found: dict[str, dict[Fold, float]] = {}
    for part in run.all("output_data"):
        for given in part.all("evaluation"):
            repeat, fold = given.attributes.get("repeat"), given.attributes.get("fold")
            value = given.value("value")
            if repeat is not None and fold is not None and value is not None:
                folds = found.setdefault(given.value("name") or "", {})
                folds[int(repeat), int(fold)] = float(value)
    return found


def _write(
    connection: sqlite3.Connection,
    run_id: int,
    scores: Scores,
    reported: dict[str, dict[Fold, float]],
) -> None:
    """Store the engine's values, and the uploader's where the engine has none: times.

    The pooled time is the sum over the folds.
    """
    ids = dict(connection.execute("SELECT name, id FROM measure").fetchall())
    pooled = {name: _columns(value.value, value.per_class) for name, value in scores.pooled.items()}
    folds = {
        (name, *fold): _columns(value.value, value.per_class)
        for fold, values in scores.folds.items()
        for name, value in values.items()
    }
    for name, values in reported.items():
        if name in pooled:
            continue
        folds |= {(name, *fold): (value, None) for fold, value in values.items()}
        if "_time_" in name:
            pooled[name] = (sum(values.values()), None)
    connection.executemany(
        "INSERT INTO evaluation VALUES (?, ?, ?, ?)",
        [(run_id, ids[name], *columns) for name, columns in pooled.items() if name in ids],
    )
    connection.executemany(
        "INSERT INTO evaluation_fold VALUES (?, ?, ?, ?, ?, ?)",
        [
            (run_id, ids[name], repeat, fold, *columns)
            for (name, repeat, fold), columns in folds.items()
            if name in ids
        ],
    )


def _columns(
    value: float | None, per_class: tuple[float | None, ...] | None
) -> tuple[float | None, str | None]:
    """A value and its array as the tables hold them, rounded as the engine does it."""
    array = None
    if per_class is not None:
        array = json.dumps(
            [None if v is None else _rounded(v) for v in per_class], separators=(",", ":")
        )
    return (None if value is None else _rounded(value)), array


def _rounded(value: float) -> float:
    value = round(value, 6)
    return int(value) if math.isfinite(value) and value == int(value) else value
