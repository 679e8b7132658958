"""OpenML's V2 API as the FastAPI server speaks it, as far as it knows runs and their names."""

import asyncio
import json
import re
import sqlite3
from collections.abc import Callable, Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from .faults import Faults
from .store import LARGEST_INTEGER, Store
from .v1 import flows, runs, tasks
from .v1.xmlout import converted

PROBLEMS = "https://openml.org/problems/"
_INTEGER = re.compile(r"\s*[+-]?\d+(\.0*)?\s*\Z", re.ASCII)


class Problem(Exception):
    """An answer as RFC 9457 wants it: application/problem+json."""

    def __init__(self, status: int, kind: str, title: str, detail: str, **more: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.body = {
            "type": PROBLEMS + kind,
            "title": title,
            "status": status,
            "detail": detail,
            **more,
        }


def _json(value: Any, status: int = 200, kind: str = "application/json") -> Response:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Response(text.encode("utf-8", "replace"), status, {"content-type": kind})


def _number(text: str, name: str) -> int:
    """A path parameter as a number, or the 422 of the server's validation."""
    if not _INTEGER.match(text):
        raise _invalid(
            {
                "type": "int_parsing",
                "loc": ["path", name],
                "msg": "Input should be a valid integer, unable to parse string as an integer",
                "input": text,
            }
        )
    return int(text.partition(".")[0])


def _invalid(*errors: dict[str, Any]) -> Problem:
    return Problem(
        422, "validation-error", "Validation Error", "Input validation failed.", errors=list(errors)
    )


def _missing(kind: str, title: str, detail: str, code: str | None = None) -> Problem:
    more = {} if code is None else {"code": code}
    return Problem(404, kind, title, detail, **more)


def _without_none(value: Mapping[str, Any]) -> dict[str, Any]:
    return {name: item for name, item in value.items() if item is not None}


def _score(value: float | None) -> float | int | None:
    return int(value) if value is not None and value == int(value) else value


def _typed(text: str | None) -> str | int | None:
    """A parameter's default: the server makes numbers of whole ones."""
    return int(text) if text and text.isascii() and text.isdecimal() else text


def run_get(store: Store, text: str) -> Any:
    """GET /run/{run_id}: 404 with code 236; TypeError, as on the server, for no uploader."""
    run_id = _number(text, "run_id")
    run = runs.find_run(store, str(run_id)) if run_id > 0 else None
    if run is None:
        raise _missing("run-not-found", "Run Not Found", f"Run {run_id} not found.", "236")
    if run["uploader"] is None:
        raise TypeError("a run without uploader")
    found = {
        "run_id": run["id"],
        "uploader": run["uploader"],
        "uploader_name": f"{run['first_name']} {run['last_name']}".strip(),
        "task_id": run["task_id"],
        "task_type": run["task_type"],
        "task_evaluation_measure": run["evaluation_measure"] or None,
        "flow_id": run["flow_id"],
        "flow_name": run["full_name"],
        "setup_id": run["setup_id"],
        "setup_string": run["setup_string"],
        "parameter_setting": [
            {"name": row["name"], "value": row["value"], "component": row["flow_id"]}
            for row in runs.parameters(store, run["setup_id"])
        ],
        "error": [run["error_message"]] if run["error_message"] else [],
        "tag": runs.tags(store, run_id),
    }
    files = [{"file_id": row["id"], "name": row["name"]} for row in runs.files(store, run_id)]
    scores = [
        _without_none({**dict(row), "value": _score(row["value"])})
        for row in [*runs.evaluations(store, run_id), *runs.fold_evaluations(store, run_id)]
    ]
    data = {"did": run["dataset_id"], "name": run["data_name"], "url": run["data_url"]}
    found["input_data"] = [data] if files or scores else []
    found["output_data"] = {"file": files, "evaluation": scores}
    return _without_none(found)


def trace_get(store: Store, text: str) -> Any:
    """GET /run/trace/{run_id}: 404 with code 571 or 572, 422 for ids below 1."""
    run_id = _number(text, "run_id")
    if run_id < 1:
        raise _invalid(
            {
                "type": "greater_than",
                "loc": ["path", "run_id"],
                "msg": "Input should be greater than 0",
                "input": text,
                "ctx": {"gt": 0},
            }
        )
    known = run_id <= LARGEST_INTEGER and store.value("SELECT 1 FROM run WHERE id = ?", (run_id,))
    if not known:
        raise _missing("run-not-found", "Run Not Found", f"Run {run_id} not found.", "571")
    rows = store.rows(
        "SELECT repeat, fold, iteration, setup_string, CAST(evaluation AS REAL) AS evaluation,"
        " selected FROM trace WHERE run_id = ?",
        (run_id,),
    )
    if not rows:
        raise _missing(
            "run-trace-not-found", "Run Trace Not Found", f"No trace found for run {run_id}.", "572"
        )
    return {"run_id": run_id, "trace": [dict(row) for row in rows]}


def flow_get(store: Store, text: str) -> Any:
    """GET /flows/{flow_id} with its subflows."""
    flow_id = _number(text, "flow_id")
    found = _flow(store, flow_id)
    if found is None:
        raise _missing("flow-not-found", "Flow Not Found", f"Flow with id {flow_id} not found.")
    return found


def _flow(store: Store, flow_id: int) -> dict[str, Any] | None:
    row = store.row("SELECT * FROM flow WHERE id = ?", (min(flow_id, LARGEST_INTEGER),))
    if row is None:
        return None
    names = ("id", "uploader", "name", "class_name", "version", "external_version", "description")
    parameters = store.rows(
        "SELECT name, default_value, data_type, description FROM flow_parameter"
        " WHERE flow_id = ? ORDER BY id",
        (flow_id,),
    )
    components = store.rows(
        "SELECT identifier, child FROM flow_component WHERE parent = ? ORDER BY child, identifier",
        (flow_id,),
    )
    return {
        **{name: row[name] for name in names},
        "upload_date": row["upload_date"].replace(" ", "T"),
        "language": row["language"],
        "dependencies": row["dependencies"],
        "parameter": [
            {**dict(parameter), "default_value": _typed(parameter["default_value"])}
            for parameter in parameters
        ],
        "subflows": [
            {"identifier": component["identifier"], "flow": _flow(store, component["child"])}
            for component in components
        ],
        "tag": [],
    }


def setup_get(store: Store, text: str) -> Any:
    """GET /setup/{setup_id} with its parameter values."""
    setup_id = _number(text, "setup_id")
    setup = store.row("SELECT * FROM setup WHERE id = ?", (min(setup_id, LARGEST_INTEGER),))
    if setup is None:
        detail = f"Setup {setup_id} not found."
        raise _missing("setup-not-found", "Setup Not Found", detail, "281")
    parameters = [
        {
            "id": row["id"],
            "flow_id": row["flow_id"],
            "flow_name": row["flow_name"],
            "full_name": f"{row['full_name']}_{row['name']}",
            "parameter_name": row["name"],
            "name": row["name"],
            "data_type": row["data_type"],
            "default_value": row["default_value"],
            "value": row["value"],
        }
        for row in flows.setup_parameters(store, [setup_id])
    ]
    found = {"setup_id": setup_id, "flow_id": setup["flow_id"], "parameter": parameters}
    return {"setup_parameters": found}


def task_get(base_url: str) -> Callable[[Store, str], Any]:
    """GET /tasks/{task_id}: V1's description of the task, its inputs and outputs in lists."""

    def answer(store: Store, text: str) -> Any:
        task_id = _number(text, "task_id")
        document = tasks.task_document(store, min(task_id, LARGEST_INTEGER), base_url)
        if document is None:
            raise _missing("task-not-found", "Task Not Found", f"Task {task_id} not found.")
        told = converted(document)["task"]
        return {
            "id": task_id,
            "name": told["task_name"],
            "task_type_id": int(told["task_type_id"]),
            "task_type": told["task_type"],
            "input": [_typed_input(item) for item in told["input"]],
            "output": [told["output"]],
            "tags": [],
        }

    return answer


def _typed_input(item: dict[str, Any]) -> dict[str, Any]:
    """A task's input with whole numbers as numbers, and null where V1 has an empty element."""
    if "data_set" in item:
        data = {name: _typed(value) for name, value in item["data_set"].items()}
        return {**item, "data_set": data}
    if "estimation_procedure" in item:
        procedure = item["estimation_procedure"]
        parameters = [
            {"name": parameter["name"], "value": _typed(parameter.get("value"))}
            for parameter in procedure["parameter"]
        ]
        typed = {**procedure, "id": _typed(procedure["id"]), "parameter": parameters}
        return {**item, "estimation_procedure": typed}
    return item


def task_list(store: Store, _: str) -> Any:
    """GET /tasks/list: the first hundred tasks, the server's page when none is asked for."""
    return [_task(row) for row in tasks.task_rows(store, 100)]


def _task(row: sqlite3.Row) -> dict[str, Any]:
    def pairs(values: Mapping[str, str]) -> list[dict[str, str]]:
        return [{"name": name, "value": value} for name, value in values.items()]

    return {
        "task_id": row["id"],
        "task_type_id": row["task_type_id"],
        "task_type": row["task_type"],
        "did": row["dataset_id"],
        "name": row["data_name"],
        "format": row["format"],
        "status": row["status"],
        "input": pairs(tasks.task_inputs(row)),
        "quality": pairs(tasks.qualities(row)),
    }


def measure_list(store: Store, _: str) -> Any:
    """GET /evaluationmeasure/list: names only."""
    return [name for (name,) in store.tuples("SELECT name FROM measure ORDER BY id")]


def tasktype_list(store: Store, _: str) -> Any:
    """GET /tasktype/list."""
    rows = store.rows("SELECT id, name, description FROM task_type ORDER BY id")
    listed = [{**dict(row), "id": str(row["id"])} for row in rows]
    return {"task_types": {"task_type": listed}}


class _Endpoint:
    """One route as FastAPI answers it: GET only, errors as problems, any failure a plain 500."""

    def __init__(self, store: Store, faults: Faults, answer: Callable[[Store, str], Any]) -> None:
        self._store = store
        self._faults = faults
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        if self._faults.delay:
            await asyncio.sleep(self._faults.delay)
        response = await run_in_threadpool(self._respond, request)
        await response(scope, receive, send)

    def _respond(self, request: Request) -> Response:
        if request.method != "GET":
            refused = _json({"detail": "Method Not Allowed"}, 405)
            refused.headers["allow"] = "GET"
            return refused
        try:
            return _json(self._answer(self._store, request.path_params.get("text", "")))
        except Problem as problem:
            return _json(problem.body, problem.status, "application/problem+json")
        except TypeError:
            return PlainTextResponse("Internal Server Error", 500)


class NotFound:
    """V2's answer to a path it does not know."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await _json({"detail": "Not Found"}, 404)(scope, receive, send)


def v2_routes(store: Store, faults: Faults, base_url: str) -> list[BaseRoute]:
    """V2's routes, to be mounted under its prefix."""

    def route(path: str, answer: Callable[[Store, str], Any]) -> Route:
        return Route(path, _Endpoint(store, faults, answer), methods=None)

    return [
        route("/run/trace/{text}", trace_get),
        route("/run/{text}", run_get),
        route("/flows/{text}", flow_get),
        route("/setup/{text}", setup_get),
        route("/tasks/list", task_list),
        route("/tasks/{text}", task_get(base_url)),
        route("/tasktype/list", tasktype_list),
        route("/evaluationmeasure/list", measure_list),
    ]
