"""V1's flow and setup calls: the names and settings behind a run's numbers."""

import sqlite3
from collections.abc import Callable
from typing import Any

from ..store import LARGEST_INTEGER, Store, Value, among, id_list
from . import filters
from .call import Call
from .errors import ApiError
from .runs import run_number
from .xmlout import NAMESPACE, Answer, Document, Listing, entities, plain, special, truthy

SETUP_MAXIMUM = 1000

_FLOW_FIELDS = ("id", "uploader", "name", "custom_name", "class_name", "version")
_FLOW_FIELDS_AFTER = ("language", "dependencies")
_SETUP_PARAMETERS = """
SELECT v.setup_id, p.id, p.flow_id, f.name AS flow_name, f.full_name, p.name, p.data_type,
       p.default_value, v.value
FROM setup_parameter v JOIN flow_parameter p ON p.id = v.parameter_id
JOIN flow f ON f.id = p.flow_id
WHERE v.setup_id IN (SELECT value FROM json_each(?)) ORDER BY v.setup_id, p.id
"""

_FLOW_XML = (
    "  <oml:flow>\n    <oml:id>%s</oml:id>\n    <oml:full_name>%s</oml:full_name>\n"
    "    <oml:name>%s</oml:name>\n    <oml:version>%s</oml:version>\n"
    "    <oml:external_version>%s</oml:external_version>\n"
    "    <oml:uploader>%s</oml:uploader>\n  </oml:flow>\n  "
)
_FLOW_JSON = (
    '  {"id":%s,\n   "full_name":"%s",\n   "name":"%s",\n   "version":%s,\n'
    '   "external_version":"%s",\n   "uploader":%s\t   }\n  '
)


def flow_list(call: Call, segments: list[str]) -> Answer:
    """flow/list/{filter}/{value}/...: codes 500 to 503; no maximum."""
    legal = ("uploader", "tag", "limit", "offset")
    values = filters.parse(segments, legal, ("tag",), filters.Codes(501, 502))
    if truthy(values.get("offset")) and not truthy(values.get("limit")):
        raise ApiError(503)
    conditions, bound = ["1"], list[Value]()
    if "uploader" in values:
        conditions.append("uploader = ?")
        bound.append(min(filters.ids(values["uploader"])[0], LARGEST_INTEGER))
    if "tag" in values:
        raise ApiError(500)  # the catalogue's flows have no tags
    page = filters.page(values, 500) if truthy(values.get("limit")) else filters.Page(None, 0)
    rows = call.store.tuples(
        "SELECT id, full_name, name, version, external_version, uploader FROM flow "  # noqa: S608
        f"WHERE {' AND '.join(conditions)} ORDER BY id LIMIT ? OFFSET ?",
        (*bound, -1 if page.limit is None else page.limit, page.offset),
    )
    if not rows:
        raise ApiError(500)

    def write(template: str, text: Callable[[Any], str]) -> Callable[[tuple[Any, ...]], str]:
        def row(values: tuple[Any, ...]) -> str:
            number, full_name, name, version, external, uploader = values
            names = (text(full_name), text(name))
            return template % (number, *names, version, text(external), plain(uploader))

        return row

    return Listing(
        rows,
        (
            f"<oml:flows {NAMESPACE}>\n\t",
            "</oml:flows>\n",
            write(_FLOW_XML, call.text),
        ),
        ('{"flows":{"flow":[\n  ', "  ]}\n}\n", write(_FLOW_JSON, call.json_text)),
    )


def flow_get(call: Call, text: str) -> Answer:
    """flow/{id} with its subflows: 180 for 0, 181 for a flow that is not there."""
    if not truthy(text):
        raise ApiError(180)
    document = _flow_document(call.store, run_number(text))
    if document is None:
        raise ApiError(181)
    return Document(document)


def _flow_document(store: Store, flow_id: int | None) -> str | None:
    flow = store.row("SELECT * FROM flow WHERE id = ?", (flow_id,))
    if flow is None:
        return None

    def fields(*names: str) -> list[str]:
        return [f"<oml:{n}>{entities(flow[n])}</oml:{n}>\n" for n in names if _shown(flow[n])]

    parts = [f"\n<oml:flow {NAMESPACE}>\n  ", *fields(*_FLOW_FIELDS)]
    parts += fields("external_version", "description")
    date = special(flow["upload_date"]).replace(" ", "T")
    parts.append(f"<oml:upload_date>{date}</oml:upload_date>\n")
    parts += fields(*_FLOW_FIELDS_AFTER)
    for row in store.rows("SELECT * FROM flow_parameter WHERE flow_id = ? ORDER BY id", (flow_id,)):
        parts.append("<oml:parameter>\n")
        for name in ("name", "data_type", "default_value", "description"):
            parts.append(f"\t<oml:{name}>{entities(row[name])}</oml:{name}>\n")
        parts.append("</oml:parameter>\n")
    components = store.rows(
        "SELECT child, identifier FROM flow_component WHERE parent = ? ORDER BY child, identifier",
        (flow_id,),
    )
    for row in components:
        parts += [
            "<oml:component>\n",
            f"  <oml:identifier>{entities(row['identifier'])}</oml:identifier>\n\t",
            _flow_document(store, row["child"]) or "",
            "</oml:component>\n",
        ]
    tags = store.tuples("SELECT tag FROM flow_tag WHERE flow_id = ? ORDER BY tag", (flow_id,))
    parts += [f"<oml:tag>{special(tag)}</oml:tag>\n" for (tag,) in tags]
    return "".join([*parts, "</oml:flow>\n"])


def _shown(value: Any) -> bool:
    return truthy(plain(value))


def setup_parameters(store: Store, setup_ids: list[int]) -> list[sqlite3.Row]:
    """The parameter values of setups, with the parameters' own fields, by setup and parameter."""
    return store.rows(_SETUP_PARAMETERS, (id_list(setup_ids),))


def setup_get(call: Call, text: str) -> Answer:
    """setup/{id}: 280 for 0, 281 for a setup that is not there."""
    if not truthy(text):
        raise ApiError(280)
    setup = call.store.row("SELECT id, flow_id FROM setup WHERE id = ?", (run_number(text),))
    if setup is None:
        raise ApiError(281)
    parts = [
        f"<oml:setup_parameters {NAMESPACE}>\n  <oml:setup_id>{setup['id']}</oml:setup_id>\n"
        f"  <oml:flow_id>{setup['flow_id']}</oml:flow_id>\n"
    ]
    for row in setup_parameters(call.store, [setup["id"]]):
        name = special(row["name"])
        parts.append(
            "\t<oml:parameter>\n"
            f"\t\t<oml:id>{row['id']}</oml:id>\n"
            f"\t\t<oml:flow_id>{row['flow_id']}</oml:flow_id>\n"
            f"\t\t<oml:flow_name>{special(row['flow_name'])}</oml:flow_name>\n"
            f"\t\t<oml:full_name>{special(row['full_name'])}_{name}</oml:full_name>\n"
            f"\t\t<oml:name>{name}</oml:name>\n"
            f"\t\t<oml:parameter_name>{name}</oml:parameter_name> <!-- legacy -->\n"
            f"\t\t<oml:data_type>{special(row['data_type'])}</oml:data_type>\n"
            f"\t\t<oml:default_value>{special(row['default_value'])}</oml:default_value>\n"
            f"\t\t<oml:value>{special(row['value'])}</oml:value>\n"
            "\t</oml:parameter>\n"
        )
    return Document("".join([*parts, "</oml:setup_parameters>\n\n"]))


def setup_list(call: Call, segments: list[str]) -> Answer:
    """setup/list/{filter}/{value}/...: codes 670 to 676; at most 1,000 setups."""
    legal = ("flow", "setup", "limit", "offset", "tag")
    values = filters.parse(segments, legal, ("tag",), filters.Codes(671, 672))
    if not segments:
        raise ApiError(670)
    if truthy(values.get("offset")) and not truthy(values.get("limit")):
        raise ApiError(675)
    if filters.above(values.get("limit"), SETUP_MAXIMUM):
        raise ApiError(676)
    if "tag" in values:
        raise ApiError(674)  # the catalogue's setups have no tags
    conditions, bound = ["1"], list[Value]()
    for name, column in (("flow", "flow_id"), ("setup", "id")):
        if name in values:
            conditions.append(among(column))
            bound.append(id_list(filters.ids(values[name])))
    page = filters.page(values, 674) if truthy(values.get("limit")) else filters.Page(None, 0)
    setups = call.store.tuples(
        f"SELECT id, flow_id FROM setup WHERE {' AND '.join(conditions)} "  # noqa: S608 no values
        "ORDER BY id LIMIT ? OFFSET ?",
        (*bound, -1 if page.limit is None else page.limit, page.offset),
    )
    if not setups:
        raise ApiError(674)
    if len(setups) > SETUP_MAXIMUM:
        raise ApiError(673, f"Allowed: {SETUP_MAXIMUM}, found:{len(setups)}")
    return Document(_setups_document(call.store, setups))


def _setups_document(store: Store, setups: list[tuple[int, int]]) -> str:
    blocks: dict[int, list[str]] = {setup_id: [] for setup_id, _ in setups}
    for row in setup_parameters(store, list(blocks)):
        name = special(row["name"])
        blocks[row["setup_id"]].append(
            "\t    <oml:parameter>\n"
            f"\t\t    <oml:id>{row['id']}</oml:id>\n"
            f"\t\t    <oml:flow_id>{row['flow_id']}</oml:flow_id>\n"
            f"\t\t    <oml:flow_name>{special(row['flow_name'])}</oml:flow_name>\n"
            f"\t\t    <oml:full_name>{special(row['full_name'])}_{name}</oml:full_name>\n"
            f"\t\t    <oml:parameter_name>{name}</oml:parameter_name>\n"
            f"\t\t    <oml:data_type>{special(row['data_type'])}</oml:data_type>\n"
            f"\t\t    <oml:default_value>{special(row['default_value'])}</oml:default_value>\n"
            f"\t\t    <oml:value>{special(row['value'])}</oml:value>\n"
            "\t    </oml:parameter>\n    "
        )
    parts = [f"<oml:setups {NAMESPACE}>\n"]
    for setup_id, flow_id in setups:
        parts.append(
            f"  <oml:setup>\n    <oml:setup_id>{setup_id}</oml:setup_id>     "
            f"<oml:flow_id>{flow_id}</oml:flow_id>\n    {''.join(blocks[setup_id])}"
            "  </oml:setup>\n"
        )
    return "".join([*parts, "</oml:setups>\n"])
