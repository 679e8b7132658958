"""V1's evaluation/list: one measure of many runs, with the names that go with them."""

from typing import Any

from ..store import Value
from . import filters
from .call import Call
from .errors import ApiError
from .lists import run_conditions, run_source
from .xmlout import NAMESPACE, Answer, Listing, number, plain, quote_array_strings, truthy

MAXIMUM = 10000
LEGAL = (
    "task", "setup", "flow", "uploader", "run", "tag", "limit", "offset", "function", "per_fold",
    "sort_order", "study",
)  # fmt: skip
_NARROWING = set(LEGAL) - {"offset", "per_fold", "sort_order"}

_COLUMNS = (
    "r.id, r.uploader, r.task_id, s.id, s.flow_id, f.full_name, d.id, d.name, m.name, r.upload_time"
)
_XML_ROW = """  <oml:evaluation>
    <oml:run_id>%s</oml:run_id>
    <oml:uploader>%s</oml:uploader>
    <oml:task_id>%s</oml:task_id>
    <oml:setup_id>%s</oml:setup_id>
    <oml:flow_id>%s</oml:flow_id>
    <oml:flow_name>%s</oml:flow_name>
        <oml:data_id>%s</oml:data_id>    <oml:data_name>%s</oml:data_name>    \
<oml:evaluation_engine_id>1</oml:evaluation_engine_id>
    <oml:function>%s</oml:function>
    <oml:upload_time>%s</oml:upload_time>
    %s    %s    %s  </oml:evaluation>
  """
_JSON_ROW = """  {"run_id":%s,
   "task_id":%s,
   "setup_id":%s,
   "flow_id":%s,
   "flow_name":"%s",
      "data_name":"%s",
   "function":"%s",
   "upload_time":"%s"
   %s   %s  }
  """


def evaluation_list(call: Call, segments: list[str]) -> Answer:
    """evaluation/list/{filter}/{value}/...: codes 540 to 549 and 555."""
    strings = ("tag", "function", "per_fold", "sort_order")
    values = filters.parse(segments, LEGAL, strings, filters.Codes(544, 541))
    if values.get("per_fold") not in (None, "true", "false"):
        raise ApiError(547, "Filters with illegal values: ")
    if truthy(values.get("offset")) and not truthy(values.get("limit")):
        raise ApiError(545)
    if filters.above(values.get("limit"), MAXIMUM):
        raise ApiError(546)
    if truthy(values.get("sort_order")) and values["sort_order"] not in ("asc", "desc"):
        raise ApiError(549)
    filters.check_study(call.store, values.get("study"), 555)
    if not _NARROWING & set(values):
        raise ApiError(540)
    per_fold = values.get("per_fold") == "true"
    if per_fold or not truthy(values.get("limit")):
        _check_size(call, values, per_fold)
    rows = _fold_rows(call, values) if per_fold else _rows(call, values)
    if not rows:
        raise ApiError(542)
    return Listing(
        rows,
        (
            f"<oml:evaluations {NAMESPACE}>\n  ",
            "</oml:evaluations>\n",
            lambda row: _xml_row(call, row),
        ),
        ('{"evaluations":{"evaluation":[\n  ', "  ]}\n}\n", lambda row: _json_row(call, row)),
    )


def _check_size(call: Call, values: dict[str, str], per_fold: bool) -> None:
    conditions, bound = run_conditions(values, call.user.id)
    source, _ = run_source(values)
    size = call.store.value(
        f"SELECT count(*) FROM {source} WHERE {' AND '.join(conditions)}",  # noqa: S608 no values
        bound,
    )
    if size <= MAXIMUM:
        return
    if per_fold:
        raise ApiError(548, f"Number of inspected run records: {size} runs; max: {MAXIMUM}")
    raise ApiError(543, f"Size of result set: {size} runs; max size: {MAXIMUM}")


def _query(call: Call, values: dict[str, str], table: str) -> tuple[str, list[Value], str]:
    conditions, bound = run_conditions(values, call.user.id)
    source, order = run_source(values)
    if "function" in values:
        conditions.append("e.measure_id = (SELECT id FROM measure WHERE name = ?)")
        bound.append(values["function"])
        if order != "r.id":
            source, order = run_source({**values, "run": ""})
    source += (
        f" CROSS JOIN {table} e ON e.run_id = r.id CROSS JOIN task t ON t.id = r.task_id"
        " CROSS JOIN measure m ON m.id = e.measure_id CROSS JOIN flow f ON f.id = s.flow_id"
        " CROSS JOIN dataset d ON d.id = t.dataset_id"
    )
    return f"FROM {source} WHERE {' AND '.join(conditions)}", bound, order


def _rows(call: Call, values: dict[str, str]) -> list[tuple[Any, ...]]:
    where, bound, order = _query(call, values, "evaluation")
    order += ", m.id"
    if truthy(values.get("sort_order")):
        order = f"e.value {'DESC' if values['sort_order'] == 'desc' else 'ASC'}, {order}"
    page = filters.page(values, 542)
    limit = -1 if page.limit is None else page.limit
    return call.store.tuples(
        f"SELECT {_COLUMNS}, e.value, e.array_data, NULL {where} ORDER BY {order} LIMIT ? OFFSET ?",
        (*bound, limit, page.offset),
    )


def _fold_rows(call: Call, values: dict[str, str]) -> list[tuple[Any, ...]]:
    where, bound, order = _query(call, values, "evaluation_fold")
    folds = call.store.tuples(
        f"SELECT {_COLUMNS}, m.id, e.value {where} ORDER BY {order}, m.id, e.fold, e.repeat",
        bound,
    )
    grouped: dict[tuple[int, int], tuple[tuple[Any, ...], list[str]]] = {}
    for row in folds:
        scores = grouped.setdefault((row[0], row[-2]), (row[:-2], []))[1]
        if row[-1] is not None:
            scores.append(number(row[-1]))
    rows = [
        (*row, None, None, f"[{','.join(scores)}]" if scores else None)
        for row, scores in grouped.values()
    ]
    page = filters.page(values, 542)
    return rows[page.offset :] if page.limit is None else rows[page.offset :][: page.limit]


def _element(name: str, text: str | None) -> str:
    return f"<oml:{name}>{text}</oml:{name}>" if text else ""


def _xml_row(call: Call, row: tuple[Any, ...]) -> str:
    *fields, value, array, scores = row
    fields[1], fields[9] = plain(fields[1]), plain(fields[9])
    fields[5], fields[7] = call.text(fields[5]), call.text(fields[7])
    return _XML_ROW % (
        *fields,
        _element("value", number(value)),
        _element("array_data", call.text(array)),
        _element("values", scores),
    )


def _json_row(call: Call, row: tuple[Any, ...]) -> str:
    run, _, task, setup, flow, flow_name, _, data_name, measure, time, value, array, _ = row
    return _JSON_ROW % (
        run, task, setup, flow, call.json_text(flow_name), call.json_text(data_name), measure,
        plain(time),
        "" if value is None else f',"value":{number(value)}',
        f',"array_data":{quote_array_strings(array)}' if array else "",
    )  # fmt: skip
