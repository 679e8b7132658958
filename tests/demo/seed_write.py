"""Writes the collected rows into a catalogue file made from the server's own schema."""

import json
import re
import sqlite3
from pathlib import Path

from .recordings import KEYS, text
from .seed import EVALUATION_ROW, LIST_ROW, Seed

SCHEMA = Path(__file__).parents[2] / "runbrowser" / "demo" / "schema.sql"


def write(seed: Seed, database: Path) -> None:
    """Make a catalogue file of the rows."""
    db = sqlite3.connect(database)
    db.executescript(SCHEMA.read_text("utf-8"))
    measures = json.loads(text("evaluationmeasure_list_json"))["evaluation_measures"]["measures"]
    db.executemany(
        "INSERT INTO measure (id, name) VALUES (?, ?)", enumerate(measures["measure"], 1)
    )
    measure_ids = {name: i for i, name in enumerate(measures["measure"], 1)}
    _write_users(db, seed)
    _write_tasks(db, seed)
    _write_flows(db, seed)
    _write_runs(db, seed, measure_ids)
    _write_rest(db, seed)
    db.commit()
    db.close()


def _write_users(db: sqlite3.Connection, seed: Seed) -> None:
    uploaders = {run.get("uploader") for run in seed.runs.values()} - {None}
    owners = {flow.get("uploader") for flow in seed.flows.values()} - {None}
    for user in sorted(uploaders | owners | set(seed.users) | {1, 2, 3, 4}):
        first, _, last = seed.users.get(user, f"User {user}").partition(" ")
        name = {1: "admin", 2: "user2", 3: "user3", 4: "readonly"}.get(user)
        role = {"admin": "admin", "readonly": "read-only"}.get(name or "", "user")
        db.execute(
            "INSERT INTO user VALUES (?, ?, ?, ?, ?)",
            (user, first, last, KEYS[name].upper() if name else None, role),
        )


def _write_tasks(db: sqlite3.Connection, seed: Seed) -> None:
    for kind in json.loads(text("x_tasktype_list_json"))["task_types"]["task_type"]:
        row = (int(kind["id"]), kind["name"], kind["description"] or "")
        db.execute("INSERT INTO task_type VALUES (?, ?, ?)", row)
    listed = json.loads(text("x_estimationprocedure_json"))["estimationprocedures"]
    for told in listed["estimationprocedure"]:
        row = (
            int(told["id"]), int(told["ttid"]), told["name"], told["type"], told.get("repeats"),
            told.get("folds"), int(told.get("stratified_sampling") == "true"),
        )  # fmt: skip
        db.execute("INSERT INTO estimation_procedure VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    for task in seed.tasks.values():
        seed.datasets.setdefault(task.setdefault("dataset_id", 999_999), {})
    for number, data in seed.datasets.items():
        db.execute(
            "INSERT INTO dataset (id, name, version, upload_date, url, number_of_instances,"
            " number_of_features, number_of_classes) VALUES (?, ?, 1, '2014-04-06', ?, ?, ?, ?)",
            (
                number, data.get("name", "unknown"), data.get("url", ""),
                data.get("number_of_instances", 0), data.get("number_of_features", 0),
                data.get("number_of_classes"),
            ),
        )  # fmt: skip
    for task in seed.tasks.values():
        embargo = "2999-01-01 00:00:00" if task["id"] == 402 else None
        db.execute(
            "INSERT INTO task VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                task["id"], task.get("task_type_id", 1), task["dataset_id"], task.get("target"),
                task.get("estimation_procedure_id"), task.get("evaluation_measure"), embargo,
            ),
        )  # fmt: skip


def _write_flows(db: sqlite3.Connection, seed: Seed) -> None:
    for flow in {owner for rows in seed.values.values() for owner, _, _ in rows}:
        seed.flows.setdefault(flow, {"id": flow})
    for flow in seed.flows.values():
        full_name = flow.get("full_name") or f"unknown.{flow['id']}(1)"
        db.execute(
            "INSERT INTO flow VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                flow["id"], flow.get("name", full_name), flow.get("version", 1), full_name,
                flow.get("custom_name"), flow.get("class_name"), flow.get("external_version", ""),
                flow.get("uploader"), flow.get("upload_date", "2014-04-06"),
                flow.get("description", ""), flow.get("language"), flow.get("dependencies"),
            ),
        )  # fmt: skip
    for (parent, identifier), child in seed.components.items():
        db.execute("INSERT INTO flow_component VALUES (?, ?, ?)", (parent, child, identifier))
    for rows in seed.values.values():
        for owner, name, _ in rows:
            seed.parameters.setdefault((owner, name), {})
    # Ids that were never seen lie behind the seen ones of the flow before.
    taken = {told["id"] for told in seed.parameters.values() if "id" in told}
    for (flow, name), told in sorted(seed.parameters.items(), key=lambda item: item[0][0]):
        if "id" not in told:
            before = [t["id"] for (f, _), t in seed.parameters.items() if f <= flow and "id" in t]
            told["id"] = max(before, default=0) + 1
            while told["id"] in taken:
                told["id"] += 1
            taken.add(told["id"])
        db.execute(
            "INSERT INTO flow_parameter VALUES (?, ?, ?, ?, ?, ?)",
            (
                told["id"], flow, name, told.get("data_type"), told.get("default_value"),
                told.get("description"),
            ),
        )  # fmt: skip
    for setup in seed.setups.values():
        row = (setup["id"], setup["flow_id"], setup.get("setup_string"))
        db.execute("INSERT INTO setup VALUES (?, ?, ?)", row)
    for setup_id, rows in seed.values.items():
        for owner, name, value in rows:
            parameter = seed.parameters[(owner, name)]["id"]
            db.execute("INSERT INTO setup_parameter VALUES (?, ?, ?)", (setup_id, parameter, value))


def _write_runs(db: sqlite3.Connection, seed: Seed, measure_ids: dict[str, int]) -> None:
    for run in seed.runs.values():
        db.execute(
            "INSERT INTO run VALUES (?, ?, ?, ?, ?, ?, ?, NULL)",
            (
                run["id"], run.get("uploader"), run["setup_id"], run["task_id"],
                run.get("upload_time"), run.get("error_message"), run.get("run_details"),
            ),
        )  # fmt: skip
        for engine, error in seed.evaluated.get(run["id"], {1: None}).items():
            db.execute(
                "INSERT INTO run_evaluated (run_id, engine_id, error) VALUES (?, ?, ?)",
                (run["id"], engine, error),
            )
    for run_id, scores in seed.scores.items():
        for name, value, array, repeat, fold in scores:
            number = None if value is None else float(value)
            if repeat is None:
                db.execute(
                    "INSERT INTO evaluation VALUES (?, ?, ?, ?)",
                    (run_id, measure_ids[name], number, array),
                )
            else:
                db.execute(
                    "INSERT INTO evaluation_fold VALUES (?, ?, ?, ?, ?, ?)",
                    (run_id, measure_ids[name], int(repeat), int(fold), number, array),
                )
    for file, (run_id, name, filename) in seed.files.items():
        db.execute(
            "INSERT INTO file VALUES (?, ?, ?, ?, 'raw', x'00')", (file, run_id, name, filename)
        )


def _listed_runs(case: str) -> list[int]:
    return [int(row[0]) for row in LIST_ROW.findall(text(case))]


def _write_rest(db: sqlite3.Connection, seed: Seed) -> None:
    """Tags, studies, second engines and failed evaluations, as the lists show them."""
    for case, tag in (
        ("run_list_c_tag_limit", "OpenML100"),
        ("run_list_tag_case", "study_14"),
        ("run_list_tag_bracket", "[bold]"),
    ):
        for run in _listed_runs(case):
            seed.tags.setdefault(run, set()).add(tag)
    # No list tells whose the other tags are.
    unseen = min(run for run in seed.runs if run not in seed.scores)
    attached = set().union(*seed.tags.values())
    listed = set(json.loads(text("tag_list_json"))["run_tag_list"]["tag"])
    seed.tags[unseen] = (listed - attached) | {"OpenML100"}
    for run, tags in seed.tags.items():
        for tag in tags:
            db.execute("INSERT OR IGNORE INTO run_tag VALUES (?, ?, 2, '2020-01-01')", (run, tag))
    studies = json.loads(text("x_study_list_limit_json"))["study_list"]["study"]
    for told in studies:
        db.execute(
            "INSERT INTO study VALUES (?, ?, ?, ?, ?, 'active', 'public', ?, ?, ?)",
            (
                int(told["id"]), told.get("alias"), told["name"], "a run study",
                told["main_entity_type"], int(told["creator"]), told["creation_date"],
                int(told["name"] == "Legacy"),
            ),
        )  # fmt: skip
    db.execute(
        "INSERT INTO study VALUES (101, NULL, 'Broken', '', 'run', 'in_preparation', 'public', 2,"
        " '2020-01-01 00:00:00', 0)"
    )
    listed = re.findall(r"<oml:run_id>(\d+)<", text("x_study_alias"))
    for run in listed:
        db.execute("INSERT INTO study_run SELECT 100, id FROM run WHERE id = ?", (int(run),))
    for row in EVALUATION_ROW.findall(text("eval_study")):
        db.execute("INSERT OR IGNORE INTO study_run VALUES (101, ?)", (int(row[0]),))
    shown = set(_listed_runs("run_list_f_uploader_multi"))
    for run in _listed_runs("run_list_c_uploader_errors"):
        if run not in shown:
            db.execute(
                "UPDATE run_evaluated SET error = ifnull(error, 'failed') WHERE run_id = ?", (run,)
            )
    twice = _listed_runs("run_list_s45") + _listed_runs("run_list_s46")
    for run in set(twice):
        db.execute("INSERT INTO run_evaluated (run_id, engine_id) VALUES (?, 2)", (run,))
    db.execute("UPDATE run_evaluated SET error = 'failed' WHERE run_id = 900016 AND engine_id = 1")
