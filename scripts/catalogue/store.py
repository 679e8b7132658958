"""Write the catalogue's database: tables by the schema of runbrowser.demo."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from importlib.resources import files as resources
from typing import Any

import numpy as np
import sklearn

from runbrowser.demo import files
from runbrowser.demo.engine.predictions import PredictionsError, check
from runbrowser.triage.evaluate import MeasureValue
from runbrowser.triage.measures import MEASURES

from . import flows
from .checks import carelessly_rounded, damaged
from .execute import TIME_DECIMALS, Outcome, score_classes, trace_arff
from .people import ADMIN, BEGIN, BUILT, DEMO_USER, READER, USERS, Entry, as_sent
from .tasks import PROCEDURES, SEED, TASK_TYPES, Task, data_arff, load_tasks

FIRST_FLOW, FIRST_SETUP, FIRST_FILE = 9201, 90001, 5000001
SCORE_DECIMALS = 6
TWICE_EVALUATED = 8  # runs with a second engine that agrees


class Store:
    """One catalogue being written; add runs in ascending order of their ids, then finish."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db
        db.executescript(resources("runbrowser.demo").joinpath("schema.sql").read_text())
        self.tasks = load_tasks()
        self.measure_ids = {name: i for i, name in enumerate(MEASURES, 1)}
        self.flow_ids: dict[str, int] = {}
        self.parameter_ids: dict[tuple[int, str], int] = {}
        self.setup_ids: dict[tuple[int, str], int] = {}
        self.next_file = FIRST_FILE
        self.states: Counter[str] = Counter()
        self.second_engine = 0
        self._ground()

    def _many(self, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
        rows = list(rows)
        if rows:
            marks = ",".join("?" * len(rows[0]))
            self.db.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)

    def _ground(self) -> None:
        """Everything runs refer to, but flows and setups."""
        self._many("user", ((id_, name, "", key, role) for id_, name, key, role, _ in USERS))
        self._many("task_type", ((i, *said) for i, said in TASK_TYPES.items()))
        self._many(
            "estimation_procedure",
            (
                (i, type_id, name, kind, repeats, folds, stratified)
                for i, (type_id, name, kind, repeats, folds, stratified) in PROCEDURES.items()
            ),
        )
        self._many("measure", ((i, name, "") for name, i in self.measure_ids.items()))
        begin = BEGIN.strftime("%Y-%m-%d %H:%M:%S")
        for data in {task.data.id: task.data for task in self.tasks.values()}.values():
            file_id = self._file(None, "dataset", f"{data.name}.arff", "raw", data_arff(data))
            description = f"{data.title}, as scikit-learn {sklearn.__version__} ships it."
            self._many("dataset", [(
                data.id, data.name, 1, "ARFF", "active", description, ADMIN, begin,
                f"data/download/{file_id}/{data.name}.arff", data.target, len(data.X),
                len(data.features) + 1, None if data.labels is None else len(data.labels),
            )])  # fmt: skip
        for task in self.tasks.values():
            self._many("task", [(
                task.id, task.type_id, task.data.id, task.data.target, task.procedure,
                task.measure, task.embargo,
            )])  # fmt: skip
            split = task.split
            labels = None if split.labels is None else json.dumps(split.labels)
            content = files.pack_split(split)
            self._many("task_split", [(task.id, labels, len(split.row_id), content)])

    def _file(self, run: int | None, name: str, filename: str, encoding: str, body: bytes) -> int:
        self._many("file", [(self.next_file, run, name, filename, encoding, body)])
        self.next_file += 1
        return self.next_file - 1

    def add_flow(self, flow: flows.Flow, uploader: int) -> int:
        """The flow's id; a flow and sub-flows that are new are written."""
        if flow.name in self.flow_ids:
            return self.flow_ids[flow.name]
        flow_id = self.flow_ids[flow.name] = FIRST_FLOW + len(self.flow_ids)
        day = (BEGIN - timedelta(days=30) + timedelta(hours=len(self.flow_ids))).isoformat(" ")
        kind = "Steps: " + ", ".join(flow.components) if flow.components else "One estimator"
        self._many("flow", [(
            flow_id, flow.name, 1, f"{flow.name}(1)", f"sklearn.{flow.short}", flow.class_name,
            flows.VERSION, uploader, day, f"{kind} of scikit-learn.", "English",
            flows.DEPENDENCIES,
        )])  # fmt: skip
        for name, (default, _) in flow.parameters.items():
            parameter = self.parameter_ids[flow_id, name] = len(self.parameter_ids) + 1
            self._many("flow_parameter", [(parameter, flow_id, name, None, default, None)])
        for identifier, child in flow.components.items():
            child_id = self.add_flow(child, uploader)
            self._many("flow_component", [(flow_id, child_id, identifier)])
        return flow_id

    def add_setup(self, estimator: Any, uploader: int) -> tuple[int, str]:
        """The id and string of the estimator's setup; a new one is written."""
        flow = flows.describe(estimator)
        flow_id = self.add_flow(flow, uploader)
        values = {
            self.parameter_ids[self.flow_ids[part.name], name]: value
            for part in reversed(flow.walk())
            for name, (_, value) in part.parameters.items()
        }
        said = flows.setup_string(estimator)
        key = (flow_id, json.dumps(sorted(values.items())))
        if key not in self.setup_ids:
            self.setup_ids[key] = FIRST_SETUP + len(self.setup_ids)
            self._many("setup", [(self.setup_ids[key], flow_id, said)])
            self._many(
                "setup_parameter",
                ((self.setup_ids[key], parameter, value) for parameter, value in values.items()),
            )
        return self.setup_ids[key], said

    def add_run(self, entry: Entry, outcome: Outcome) -> None:
        """One run with its files, evaluations, trace and tags."""
        run, task = entry.run_id, self.tasks[entry.plan.task_id]
        setup_id, said = self.add_setup(entry.plan.estimator, entry.uploader)
        if outcome.error is not None:
            outcome.error = as_sent(outcome.error, entry.uploader)
        self._many("run", [(
            run, entry.uploader, setup_id, task.id, entry.upload_time, outcome.error,
            entry.details, said,
        )])  # fmt: skip
        self._many("run_tag", ((run, tag, tagger, entry.upload_time) for tag, tagger in entry.tags))
        own = self._client_values(entry, task, outcome)
        description = files.pack_description(
            task_id=task.id,
            setup_id=setup_id,
            setup_string=said,
            error_message=outcome.error,
            run_details=entry.details,
            tags=[tag for tag, tagger in entry.tags if tagger == entry.uploader],
            evaluations=[
                (name, decimals, [round(v * 10**decimals) for v in values])
                for name, (decimals, values) in own.items()
            ],
        )
        self._file(run, "description", "description.xml", "description", description)
        if outcome.error is not None:
            self._evaluated(entry, None, None)
            self.states["failed"] += 1
            return
        if outcome.predictions is None:
            raise AssertionError(f"run {run} succeeded without predictions")
        file_id = self._file(
            run, "predictions", "predictions.arff", "predictions", outcome.predictions
        )
        if outcome.trace:
            self._file(run, "trace", "trace.arff", "raw", trace_arff(outcome.trace))
            self._many("trace", ((run, *row) for row in outcome.trace))
        state = self._evaluate(entry, task, outcome, file_id)
        self._write_values(run, task, outcome, own, state)
        self.states[state] += 1

    def _client_values(
        self, entry: Entry, task: Task, outcome: Outcome
    ) -> dict[str, tuple[int, list[float]]]:
        """What the uploader's client reported: measure to decimals and values per fold."""
        if outcome.error is not None:
            return {}
        score = "predictive_accuracy" if task.data.labels else "mean_absolute_error"
        found = {
            score: (
                SCORE_DECIMALS,
                [
                    round(values[score].value or 0.0, SCORE_DECIMALS)
                    for values in outcome.fold_scores.values()
                ],
            )
        }
        for name, values in outcome.times.items():
            if entry.times == "both" or (entry.times == "cpu" and name.startswith("usercpu")):
                found[name] = (TIME_DECIMALS, values)
        return found

    def _evaluate(self, entry: Entry, task: Task, outcome: Outcome, file_id: int) -> str:
        """Let the engines look at the predictions; the state that comes of it."""
        run, split = entry.run_id, task.split
        if entry.state == "pending":
            return "pending"
        if entry.state == "damaged":
            bad = damaged(self._read(file_id), self.states["damaged"], run)
            self._replace(file_id, bad)
            try:
                check(bad, split)
            except PredictionsError as error:
                self._evaluated(entry, str(error), None)
                return "damaged"
            raise AssertionError(f"run {run}: the damage was not found")
        if entry.state == "warned":
            careless = carelessly_rounded(self._read(file_id))
            found = check(careless, split)
            if found.warning:
                self._replace(file_id, careless)
                outcome.scores, outcome.fold_scores = score_classes(
                    task, found.confidences, found.prediction, np.array(split.truth, dtype=int)
                )
                self._evaluated(entry, None, found.warning)
                if not self.states["warned"]:  # one of them meets a second, stricter engine
                    self._strict(entry, careless, task)
                return "warned"
        self._evaluated(entry, None, None)
        if run % 7 == 0 and self.second_engine < TWICE_EVALUATED:
            self.second_engine += 1
            self._evaluated(entry, None, None, engine=2)
        return "ok"

    def _strict(self, entry: Entry, careless: bytes, task: Task) -> None:
        try:
            check(careless, task.split, strict=True)
        except PredictionsError as error:
            self._evaluated(entry, str(error), None, engine=2)
            return
        raise AssertionError("the strict engine bore a warning")

    def _read(self, file_id: int) -> bytes:
        found = files.read_file(self.db, file_id)
        if found is None:
            raise LookupError(file_id)
        return found[1]

    def _replace(self, file_id: int, body: bytes) -> None:
        self.db.execute(
            "UPDATE file SET encoding = 'raw', content = ? WHERE id = ?", (body, file_id)
        )

    def _evaluated(
        self, entry: Entry, error: str | None, warning: str | None, engine: int = 1
    ) -> None:
        if entry.state == "failed" and entry.run_id % 3:
            return  # most engines never look at a run without predictions
        at = datetime.fromisoformat(entry.upload_time) + timedelta(
            minutes=entry.run_id % 55 + 5 * engine
        )
        self._many("run_evaluated", [(entry.run_id, engine, error, warning, at.isoformat(" "))])

    def _write_values(
        self,
        run: int,
        task: Task,
        outcome: Outcome,
        own: dict[str, tuple[int, list[float]]],
        state: str,
    ) -> None:
        scored = state in ("ok", "warned")
        per_fold: dict[tuple[str, int, int], tuple[float | None, str | None]] = {}
        for name, (decimals, values) in own.items():
            for (repeat, fold), value in zip(outcome.fold_scores, values, strict=True):
                per_fold[name, repeat, fold] = (round(value, decimals), None)
        if scored:
            for (repeat, fold), found in outcome.fold_scores.items():
                for name, value in found.items():
                    per_fold[name, repeat, fold] = _columns(value)
            rows = {name: _columns(value) for name, value in outcome.scores.items()}
            for name, (decimals, values) in own.items():
                if name in outcome.times:
                    rows[name] = (round(sum(values), decimals), None)
            ids = self.measure_ids
            self._many("evaluation", sorted((run, ids[n], *v) for n, v in rows.items()))
        self._many(
            "evaluation_fold",
            sorted((run, self.measure_ids[n], r, f, *v) for (n, r, f), v in per_fold.items()),
        )

    def finish(self) -> None:
        """Studies and meta rows; then check every reference and pack the pages."""
        self._studies()
        keys = {id_: key for id_, _, key, *_ in USERS}
        meta = {
            "format": "1",
            "built": BUILT,
            "scikit_learn": sklearn.__version__,
            "seed": str(SEED),
            "demo_api_key": keys[DEMO_USER],
            "demo_admin_key": keys[ADMIN],
            "demo_reader_key": keys[READER],
            "demo_user_id": str(DEMO_USER),
        }
        self._many("meta", sorted(meta.items()))
        self.db.commit()
        broken = self.db.execute("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise AssertionError(f"broken references: {broken[:5]}")
        self.db.execute("VACUUM")

    def _studies(self) -> None:
        begin = BEGIN.isoformat(" ")
        self._many("study", [
            (1, None, "Lecture runs, first series", "An old study: its runs carry its tag.",
             "run", "active", "public", 3, begin, 1),
            (9302, "demo-forests", "Forests of the demo", "Random forests and extra trees.",
             "run", "active", "public", 3, begin, 0),
            (9303, None, "Not filled yet", "A collection without runs.",
             "run", "in_preparation", "public", DEMO_USER, begin, 0),
            (9304, "demo-suite", "Tasks of the demo", "The classification tasks.",
             "task", "active", "public", ADMIN, begin, 0),
        ])  # fmt: skip
        self.db.execute(
            "INSERT INTO study_run SELECT 9302, run.id FROM run JOIN setup ON setup.id = setup_id"
            " JOIN flow ON flow.id = flow_id WHERE flow.class_name LIKE '%_forest.%'"
            " AND error_message IS NULL"
        )
        self.db.execute(
            "INSERT INTO study_task SELECT 9304, id FROM task"
            " WHERE task_type_id = 1 AND embargo_end_date IS NULL"
        )


def _columns(value: MeasureValue) -> tuple[float | None, str | None]:
    """A measure's value and array as the evaluation tables hold them."""
    array = None
    if value.per_class is not None and None not in value.per_class:
        array = "[" + ",".join(f"{round(v or 0.0, 6):.12g}" for v in value.per_class) + "]"
    return None if value.value is None else round(value.value, SCORE_DECIMALS), array
