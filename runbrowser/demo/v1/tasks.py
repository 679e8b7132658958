"""V1's task calls: what a run was made on."""

import sqlite3
from typing import Any

from ..store import Store, Value, among, id_list
from . import filters
from .call import Call
from .errors import ApiError
from .runs import run_number
from .xmlout import NAMESPACE, Answer, Document, Listing, plain, special, truthy

_QUALITIES = {
    "number_classes": "d.number_of_classes",
    "number_features": "d.number_of_features",
    "number_instances": "d.number_of_instances",
}
_TASKS = (
    "SELECT t.*, tt.name AS task_type, d.name AS data_name, d.status, d.format,"
    " d.number_of_classes, d.number_of_features, d.number_of_instances"
    " FROM task t JOIN task_type tt ON tt.id = t.task_type_id"
    " JOIN dataset d ON d.id = t.dataset_id"
)
CLASSIFICATION, REGRESSION, LEARNING_CURVE, CLUSTERING = 1, 2, 3, 5


def task_rows(store: Store, limit: int) -> list[sqlite3.Row]:
    """The first tasks, with the names that belong to them."""
    return store.rows(f"{_TASKS} ORDER BY t.id LIMIT ?", (limit,))


def list_conditions(
    values: dict[str, str], id_columns: dict[str, str], text_columns: dict[str, str]
) -> tuple[str, list[Value]]:
    """SQL conditions on data set d and what a list is of, and the values they bind.

    id_columns, text_columns: by the name of the filter, the column that is compared.
    """
    conditions, bound = ["1"], list[Value]()
    for name, column in id_columns.items():
        if name in values:
            conditions.append(among(column))
            bound.append(id_list(filters.ids(values[name])))
    for name, column in text_columns.items():
        if name in values:
            conditions.append(f"{column} = ?")
            bound.append(values[name])
    for name, column in _QUALITIES.items():
        low, _, high = values.get(name, "").partition("..")
        if low:
            conditions.append(f"{column} BETWEEN CAST(? AS REAL) AND CAST(? AS REAL)")
            bound += [low, high or low]
    if values.get("status") != "all":
        conditions.append("d.status = ?")
        bound.append(values.get("status", "active"))
    return " AND ".join(conditions), bound


def task_inputs(row: sqlite3.Row) -> dict[str, str]:
    """A task's inputs by name, as the task lists have them."""
    inputs = {
        "estimation_procedure": row["estimation_procedure_id"],
        "evaluation_measures": row["evaluation_measure"],
        "source_data": row["dataset_id"],
        "target_feature": row["target"],
    }
    return {name: str(value) for name, value in inputs.items() if value is not None}


def qualities(row: sqlite3.Row) -> dict[str, str]:
    """A data set's sizes by the name of the quality, printed as V1 prints them ('150.0')."""
    names = {
        "NumberOfClasses": row["number_of_classes"],
        "NumberOfFeatures": row["number_of_features"],
        "NumberOfInstances": row["number_of_instances"],
    }
    return {name: f"{value}.0" for name, value in names.items() if value is not None}


def task_list(call: Call, segments: list[str]) -> Answer:
    """task/list/{filter}/{value}/...: codes 480 to 483."""
    legal = (
        "type", "tag", "data_tag", "status", "limit", "offset", "task_id", "data_id", "data_name",
        "number_instances", "number_features", "number_classes", "number_missing_values",
    )  # fmt: skip
    strings = set(legal) - {"limit", "offset", "task_id", "data_id"}
    values = filters.parse(segments, legal, list(strings), filters.Codes(480, 481))
    if truthy(values.get("offset")) and not truthy(values.get("limit")):
        raise ApiError(483)
    if {"tag", "data_tag", "number_missing_values"} & set(values):
        raise ApiError(482)  # the catalogue has none of these
    where, bound = list_conditions(
        values,
        {"task_id": "t.id", "data_id": "t.dataset_id"},
        {"type": "t.task_type_id", "data_name": "d.name"},
    )
    page = filters.page(values, 482)
    rows = call.store.rows(
        f"{_TASKS} WHERE {where} ORDER BY t.id LIMIT ? OFFSET ?",
        (*bound, -1 if page.limit is None else page.limit, page.offset),
    )
    if not rows:
        raise ApiError(482)
    return Listing(
        rows,
        (f"<oml:tasks {NAMESPACE}>\n  ", "</oml:tasks>\n", lambda row: _task_xml(call, row)),
        ('{"tasks":{"task":[\n  ', "  ]}\n}\n", lambda row: _task_json(call, row)),
    )


def _task_xml(call: Call, row: sqlite3.Row) -> str:
    inputs = "".join(
        f'      <oml:input name="{name}">{special(value)}</oml:input>\n  '
        for name, value in task_inputs(row).items()
    )
    measured = "".join(
        f'      <oml:quality name="{name}">{value}</oml:quality>\n  '
        for name, value in qualities(row).items()
    )
    return (
        f"  <oml:task>\n    <oml:task_id>{row['id']}</oml:task_id>\n"
        f"    <oml:task_type_id>{row['task_type_id']}</oml:task_type_id>\n"
        f"    <oml:task_type>{row['task_type']}</oml:task_type>\n"
        f"    <oml:did>{row['dataset_id']}</oml:did>\n"
        f"    <oml:name>{call.text(row['data_name'])}</oml:name>\n"
        f"    <oml:status>{row['status']}</oml:status>\n"
        f"    <oml:format>{row['format']}</oml:format>\n"
        f"  {inputs}  {measured}  </oml:task>\n  "
    )


def _pairs(pairs: dict[str, str]) -> str:
    return ",".join(
        f'              {{"name":"{name}", "value":"{value}"}}\n            '
        for name, value in pairs.items()
    )


def _task_json(call: Call, row: sqlite3.Row) -> str:
    measured = qualities(row)
    quality = f'    ,"quality": [\n      {_pairs(measured)}]\n    ' if measured else "    "
    return (
        f'  {{ "task_id":{row["id"]},\n'
        f'    "task_type_id":{row["task_type_id"]},\n'
        f'    "task_type":"{row["task_type"]}",\n'
        f'    "did":{row["dataset_id"]},\n'
        f'    "name":"{call.json_text(row["data_name"])}",\n'
        f'    "status":"{row["status"]}",\n'
        f'    "format":"{row["format"]}"\n'
        f'        ,"input": [\n      {_pairs(task_inputs(row))}]\n    '
        f"    {quality}      }}\n"
    )


def task_get(call: Call, text: str) -> Answer:
    """task/{id}: 151 for a task that is not there."""
    document = task_document(call.store, run_number(text), call.base_url)
    if document is None:
        raise ApiError(151)
    return Document(document)


def task_document(store: Store, task_id: int | None, base_url: str) -> str | None:
    """A task's description as XML, or None when there is no such task."""
    task = store.row(f"{_TASKS} WHERE t.id = ?", (task_id,))
    if task is None:
        return None
    name = special(f"Task {task['id']}: {task['data_name']} ({task['task_type']})")
    items = "".join(
        f'      <oml:{kind} name="{label}">\n    {item}  </oml:{kind}>\n\t'
        for kind, label, item in _task_io(store, task, base_url)
    )
    return (
        f"<oml:task {NAMESPACE}>\n\t<oml:task_id>{task['id']}</oml:task_id>\n"
        f"  <oml:task_name>{name}</oml:task_name>\n"
        f"\t<oml:task_type_id>{task['task_type_id']}</oml:task_type_id>\n"
        f"\t<oml:task_type>{task['task_type']}</oml:task_type>\n\t{items}  </oml:task>\n"
    )


def _task_io(store: Store, task: sqlite3.Row, base_url: str) -> list[tuple[str, str, str]]:
    kind = task["task_type_id"]
    data = [f"<oml:data_set_id>{task['dataset_id']}</oml:data_set_id>"]
    if task["target"] is not None:
        data.append(f"<oml:target_feature>{task['target']}</oml:target_feature>")
    measure = (
        f"<oml:evaluation_measure>{plain(task['evaluation_measure'])}</oml:evaluation_measure>"
    )
    io = [("input", "source_data", _block("data_set", data))]
    procedure = store.row(
        "SELECT * FROM estimation_procedure WHERE id = ?", (task["estimation_procedure_id"],)
    )
    if procedure is not None:
        lines = _procedure_lines(task, procedure, base_url)
        io.append(("input", "estimation_procedure", _block("estimation_procedure", lines)))
    if kind == CLASSIFICATION:
        io.append(("input", "cost_matrix", "<oml:cost_matrix></oml:cost_matrix>"))
    io.append(("input", "evaluation_measures", _block("evaluation_measures", [measure])))
    features = "\r\n".join(
        f'<oml:feature name="{name}" type="{type_}"/>' for name, type_ in _predictions(kind)
    )
    form = ["<oml:format>ARFF</oml:format>", features]
    io.append(("output", "predictions", _block("predictions", form)))
    return io


def _block(name: str, lines: list[str]) -> str:
    return "\r\n".join([f"<oml:{name}>", *lines, f"</oml:{name}>"])


def _procedure_lines(task: sqlite3.Row, procedure: sqlite3.Row, base_url: str) -> list[str]:
    kind = task["task_type_id"]
    stratified = "true" if procedure["stratified"] else "false"
    parameters: dict[str, Any] = {
        "number_repeats": procedure["repeats"],
        "number_folds": procedure["folds"],
        "percentage": "33" if procedure["type"] == "holdout" else "",
        "stratified_sampling": stratified,
    }
    if kind == CLUSTERING:
        parameters = {"number_repeats": procedure["repeats"], "stratified_sampling": ""}
    elif kind == REGRESSION:
        del parameters["stratified_sampling"]
        base_url += "/"  # the template of regression tasks has one slash too many
    return [
        f"<oml:id>{procedure['id']}</oml:id>",
        f"<oml:type>{procedure['type']}</oml:type>",
        f"<oml:data_splits_url>{base_url}api_splits/get/{task['id']}/"
        f"Task_{task['id']}_splits.arff</oml:data_splits_url>",
        *(
            f'<oml:parameter name="{name}">{plain(value)}</oml:parameter>'
            for name, value in parameters.items()
        ),
    ]


def _predictions(kind: int) -> list[tuple[str, str]]:
    if kind == CLUSTERING:
        return [("repeat", "numeric"), ("row_id", "numeric"), ("cluster", "numeric")]
    features = [("repeat", "integer"), ("fold", "integer"), ("row_id", "integer")]
    if kind == LEARNING_CURVE:
        features.insert(2, ("sample", "integer"))
    if kind != REGRESSION:
        features.append(("confidence.classname", "numeric"))
    return [*features, ("prediction", "string")]
