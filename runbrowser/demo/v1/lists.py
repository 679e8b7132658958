"""V1's run/list and run/tag/list."""

from typing import Any

from ..store import Value, among, id_list
from . import filters
from .call import Call
from .errors import ApiError
from .xmlout import NAMESPACE, Answer, Listing, php_json, plain, truthy

MAXIMUM = 10000
LEGAL = (
    "task", "setup", "flow", "uploader", "run", "tag", "limit", "offset", "task_type", "study",
    "show_errors",
)  # fmt: skip
_NARROWING = set(LEGAL) - {"offset", "show_errors"}
_ID_COLUMNS = {
    "task": "r.task_id",
    "task_type": "t.task_type_id",
    "setup": "r.setup_id",
    "uploader": "r.uploader",
    "flow": "s.flow_id",
    "run": "r.id",
}

# A run under embargo is listed for its uploader alone, not even for an admin.
NOT_EMBARGOED = (
    "(r.task_id NOT IN (SELECT id FROM task WHERE embargo_end_date >= datetime('now', 'localtime'))"
    " OR r.uploader = ?)"
)

_COLUMNS = (
    "r.id, r.task_id, t.task_type_id, r.setup_id, s.flow_id, r.uploader, "
    "ifnull(r.upload_time, ''), ifnull(r.error_message, ''), ifnull(r.run_details, '')"
)

_TASK = " CROSS JOIN task t ON t.id = r.task_id"

_XML_ROW = """  <oml:run>
    <oml:run_id>%s</oml:run_id>
    <oml:task_id>%s</oml:task_id>
    <oml:task_type_id>%s</oml:task_type_id>
    <oml:setup_id>%s</oml:setup_id>
    <oml:flow_id>%s</oml:flow_id>
    <oml:uploader>%s</oml:uploader>
\t\t<oml:upload_time>%s</oml:upload_time>
    <oml:error_message>%s</oml:error_message>
    <oml:run_details>%s</oml:run_details>
  </oml:run>
  """

_JSON_ROW = """  {"run_id":%s,
   "task_id":%s,
   "setup_id":%s,
   "flow_id":%s,
   "uploader":%s,
   "upload_time":"%s",
   "error_message":"%s",
   "run_details":"%s"
  }
  """


def run_conditions(values: dict[str, str], user_id: int) -> tuple[list[str], list[Value]]:
    """SQL conditions on run r, setup s and task t for the filters, and the values they bind.

    Task t is needed only for the filter task_type.
    """
    conditions: list[str] = []
    bound: list[Value] = []
    for name, column in _ID_COLUMNS.items():
        if name in values:
            conditions.append(among(column))
            bound.append(id_list(filters.ids(values[name])))
    if "tag" in values:
        conditions.append("r.id IN (SELECT run_id FROM run_tag WHERE tag = ?)")
        bound.append(values["tag"])
    if "study" in values:
        conditions.append("r.id IN (SELECT run_id FROM study_run WHERE study_id = ?)")
        bound.append(filters.ids(values["study"])[0])
    conditions.append(NOT_EMBARGOED)
    bound.append(user_id)
    return conditions, bound


def by_run_id(values: dict[str, str]) -> bool:
    """Whether a list comes in the order of run ids; else it is grouped by flow and setup.

    V1 promises no order: this is what its database was seen to do.
    """
    return any(name in values for name in ("task", "tag", "study", "run", "setup"))


def run_source(values: dict[str, str]) -> tuple[str, str]:
    """FROM clause over run r and setup s, and the ORDER BY that goes with it."""
    # CROSS JOIN keeps SQLite to this nesting, which yields the order without sorting.
    if by_run_id(values):
        return "run r CROSS JOIN setup s ON s.id = r.setup_id", "r.id"
    return "setup s CROSS JOIN run r ON r.setup_id = s.id", "s.flow_id, s.id, r.id"


def run_list(call: Call, segments: list[str]) -> Answer:
    """run/list/{filter}/{value}/...: codes 510 to 517."""
    values = filters.parse(segments, LEGAL, ("tag", "show_errors"), filters.Codes(514, 511))
    if truthy(values.get("offset")) and not truthy(values.get("limit")):
        raise ApiError(515)
    if filters.above(values.get("limit"), MAXIMUM):
        raise ApiError(516)
    filters.check_study(call.store, values.get("study"), 517)
    if not _NARROWING & set(values):
        raise ApiError(510)
    rows = _rows(call, values)
    if not rows:
        raise ApiError(512)
    return Listing(
        rows,
        (
            f"<oml:runs {NAMESPACE}>\n\t",
            "</oml:runs>\n",
            lambda row: _XML_ROW % _xml_values(call, row),
        ),
        ('{"runs":{"run":[\n  ', "  ]}\n}\n", lambda row: _JSON_ROW % _json_values(call, row)),
    )


def _rows(call: Call, values: dict[str, str]) -> list[tuple[Any, ...]]:
    conditions, bound = run_conditions(values, call.user.id)
    if values.get("show_errors", "").lower() != "true":
        conditions.append("(e.error IS NULL OR e.error = '')")
    source, order = run_source(values)
    if "task_type" in values:
        source += _TASK
    # No engine is named in V1's join: a run evaluated by two engines comes twice. Only the few
    # with another engine or an error are joined; to all others it makes no difference.
    source += (
        " LEFT JOIN run_evaluated e ON e.run_id = CASE WHEN r.id IN (SELECT run_id"
        " FROM run_evaluated WHERE engine_id <> 1 OR error <> '') THEN r.id END"
    )
    where = f"FROM {source} WHERE {' AND '.join(conditions)}"
    page = filters.page(values, 512)
    limit = MAXIMUM + 1 if page.limit is None else page.limit
    rows = call.store.tuples(
        f"SELECT {_COLUMNS} FROM (SELECT r.id {where} ORDER BY {order} LIMIT ? OFFSET ?) p"  # noqa: S608 no values
        f" CROSS JOIN run r ON r.id = p.id CROSS JOIN setup s ON s.id = r.setup_id {_TASK}"
        f" ORDER BY {order}",
        (*bound, limit, page.offset),
    )
    if page.limit is None and len(rows) > MAXIMUM:
        size = call.store.value(f"SELECT count(*) {where}", bound)
        raise ApiError(513, f"Size of result set: {size}; max size: {MAXIMUM}")
    return rows


def _xml_values(call: Call, row: tuple[Any, ...]) -> tuple[Any, ...]:
    if row[5] is not None and not (row[7] or row[8]):
        return row
    return (*row[:5], plain(row[5]), row[6], call.text(row[7]), call.text(row[8]))


def _json_values(call: Call, row: tuple[Any, ...]) -> tuple[Any, ...]:
    uploader = "null" if call.well_formed and row[5] is None else plain(row[5])
    texts = (call.json_text(text) for text in row[7:])
    return (row[0], row[1], row[3], row[4], uploader, row[6], *texts)


def collated(tags: list[str]) -> list[str]:
    """Tags in the order of V1's database, which compares letters as capitals."""
    return sorted(tags, key=lambda tag: (tag.upper(), tag))


def tag_list(call: Call) -> Answer:
    """run/tag/list: every tag that some run has."""
    tags = collated([tag for (tag,) in call.store.tuples("SELECT DISTINCT tag FROM run_tag")])
    return Listing(
        tags,
        (
            f"<oml:run_tag_list {NAMESPACE}>\n  ",
            "</oml:run_tag_list>\n",
            lambda tag: f"  <oml:tag>{call.text(tag)}</oml:tag>\n  ",
        ),
        ('{\n    "run_tag_list": { "tag": [\n        ', "    ]}\n}", php_json),
    )
