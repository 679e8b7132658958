"""V1's data calls: data sets, their features and qualities."""

import hashlib
import re
import sqlite3
from collections import Counter

from ..files import read_file
from ..store import LARGEST_INTEGER, Store
from . import filters
from .arff import read_arff
from .call import Call
from .errors import ApiError
from .runs import run_number
from .tasks import list_conditions, qualities
from .xmlout import NAMESPACE, Answer, Document, Listing, number, plain, special, truthy

_FILE = re.compile(r"data/(?:v1/)?download/(\d+)/")


def data_list(call: Call, segments: list[str]) -> Answer:
    """data/list/{filter}/{value}/...: codes 370 to 373."""
    legal = (
        "tag", "status", "limit", "offset", "data_id", "data_name", "data_version", "uploader",
        "number_instances", "number_features", "number_classes", "number_missing_values",
    )  # fmt: skip
    strings = set(legal) - {"limit", "offset", "data_id", "data_version", "uploader"}
    values = filters.parse(segments, legal, list(strings), filters.Codes(370, 371))
    if truthy(values.get("offset")) and not truthy(values.get("limit")):
        raise ApiError(373)
    if {"tag", "number_missing_values"} & set(values):
        raise ApiError(372)  # the catalogue has neither
    where, bound = list_conditions(
        values,
        {"data_id": "d.id", "uploader": "d.uploader", "data_version": "d.version"},
        {"data_name": "d.name"},
    )
    page = filters.page(values, 372)
    rows = call.store.rows(
        f"SELECT d.* FROM dataset d WHERE {where} ORDER BY d.id LIMIT ? OFFSET ?",  # noqa: S608
        (*bound, -1 if page.limit is None else page.limit, page.offset),
    )
    if not rows:
        raise ApiError(372)
    return Listing(
        rows,
        (f"<oml:data {NAMESPACE}>\n  ", "</oml:data>\n", lambda row: _data_xml(call, row)),
        ('{"data":{"dataset":[\n  ', "  ]}\n}\n", lambda row: _data_json(call, row)),
    )


def _data_json(call: Call, row: sqlite3.Row) -> str:
    measured = ",".join(
        f'    {{"name":"{name}",\n     "value":"{value}"\n    }}\n    '
        for name, value in qualities(row).items()
    )
    return (
        f'  {{"did":{row["id"]},\n   "name":"{call.json_text(row["name"])}",\n'
        f'   "version":{row["version"]},\n'
        f'   "status":"{row["status"]}",\n   "format":"{row["format"]}",\n   "md5_checksum":"",\n'
        f'      "file_id": {row["id"]},\n      "quality":[\n    {measured}    ]\n      }}\n  '
    )


def _data_xml(call: Call, row: sqlite3.Row) -> str:
    measured = "".join(
        f'    <oml:quality name="{name}">{value}</oml:quality>\n    '
        for name, value in qualities(row).items()
    )
    return (
        f"  <oml:dataset>\n    <oml:did>{row['id']}</oml:did>\n"
        f"    <oml:name>{call.text(row['name'])}</oml:name>\n"
        f"    <oml:version>{row['version']}</oml:version>\n"
        f"    <oml:uploader>{plain(row['uploader'])}</oml:uploader>\n"
        f"    <oml:status>{row['status']}</oml:status>\n"
        f"    <oml:format>{row['format']}</oml:format>\n"
        f"        <oml:file_id>{row['id']}</oml:file_id> \n        {measured}  </oml:dataset>\n  "
    )


def data_get(call: Call, text: str) -> Answer:
    """data/{id}: 110 for 0, 111 for a data set that is not there."""
    if not truthy(text):
        raise ApiError(110)
    row = _dataset(call, text, 111)
    file_id, content = _file(call.store, row)
    checksum = "" if content is None else hashlib.md5(content, usedforsecurity=False).hexdigest()
    target = row["default_target"]
    optional = (
        f"<oml:default_target_attribute>{special(target)}</oml:default_target_attribute>"
        if target
        else ""
    )
    date = special(row["upload_date"]).replace(" ", "T")
    return Document(
        f"<oml:data_set_description {NAMESPACE}>\n  <oml:id>{row['id']}</oml:id>\n"
        f"  <oml:name>{special(row['name'])}</oml:name>\n"
        f"  <oml:version>{row['version']}</oml:version>\n"
        f"  <oml:description>{special(row['description'])}</oml:description>\n"
        "  <oml:description_version>1</oml:description_version>\n"
        f"  <oml:format>{row['format']}</oml:format>\n      "
        f"  <oml:upload_date>{date}</oml:upload_date>\n    <oml:licence>Public</oml:licence>"
        f"  <oml:url>{special(row['url'])}</oml:url>\n"
        f"    <oml:file_id>{file_id}</oml:file_id>  {optional}"
        f"          <oml:visibility>public</oml:visibility>      "
        f"  <oml:status>{row['status']}</oml:status>\n"
        f"        <oml:md5_checksum>{checksum}</oml:md5_checksum>\n</oml:data_set_description>\n",
    )


def _file(store: Store, row: sqlite3.Row) -> tuple[int, bytes | None]:
    """The number and the bytes of a data set's file; its own number where no file is stored."""
    found = _FILE.search(row["url"])
    file_id = int(found[1]) if found else LARGEST_INTEGER + 1
    if file_id > LARGEST_INTEGER:
        return row["id"], None
    with store.connection() as connection:
        stored = read_file(connection, file_id)
    return (row["id"], None) if stored is None else (file_id, stored[1])


def _dataset(call: Call, text: str, unknown: int) -> sqlite3.Row:
    row = call.store.row("SELECT * FROM dataset WHERE id = ?", (run_number(text),))
    if row is None:
        raise ApiError(unknown)
    return row


def data_features(call: Call, text: str) -> Answer:
    """data/features/{id}: the columns of a data set; 271 unknown, 273 where it has no file."""
    row = _dataset(call, text, 271)
    content = _file(call.store, row)[1]
    if content is None:
        raise ApiError(273)
    attributes, rows = read_arff(content)
    missing = Counter(
        index for values in rows for index, value in enumerate(values) if value == "?"
    )
    parts = [f"<oml:data_features {NAMESPACE}>\n"]
    for index, attribute in enumerate(attributes):
        values = "".join(
            f"    <oml:nominal_value>{special(value)}</oml:nominal_value>\n"
            for value in attribute.values
        )
        is_target = "true" if attribute.name == row["default_target"] else "false"
        parts.append(
            f"  <oml:feature>\n    <oml:index>{index}</oml:index>\n"
            f"    <oml:name>{special(attribute.name)}</oml:name>\n"
            f"    <oml:data_type>{attribute.kind}</oml:data_type>\n{values}"
            f"    <oml:is_target>{is_target}</oml:is_target>\n"
            "    <oml:is_ignore>false</oml:is_ignore>\n"
            "    <oml:is_row_identifier>false</oml:is_row_identifier>\n"
            f"    <oml:number_of_missing_values>{missing[index]}</oml:number_of_missing_values>\n"
            "  </oml:feature>\n"
        )
    return Document("".join([*parts, "</oml:data_features>\n"]))


def data_qualities(call: Call, text: str) -> Answer:
    """data/qualities/{id}: numbers about a data set; 361 unknown, 363 where it has no file."""
    row = _dataset(call, text, 361)
    content = _file(call.store, row)[1]
    if content is None:
        raise ApiError(363)
    body = "".join(
        f"  <oml:quality>\n    <oml:name>{name}</oml:name>\n"
        f"    <oml:value>{number(value)}</oml:value>\n  </oml:quality>\n"
        for name, value in sorted(_measured(content, row["default_target"]).items())
    )
    return Document(f"<oml:data_qualities {NAMESPACE}>\n{body}</oml:data_qualities>\n")


def _measured(content: bytes, target: str | None) -> dict[str, float]:
    """The simple qualities that the server computes of every data set."""
    attributes, rows = read_arff(content)
    kinds = Counter(attribute.kind for attribute in attributes)
    missing = [values.count("?") for values in rows]
    found = {
        "Dimensionality": len(attributes) / max(1, len(rows)),
        "NumberOfFeatures": len(attributes),
        "NumberOfInstances": len(rows),
        "NumberOfInstancesWithMissingValues": sum(1 for count in missing if count),
        "NumberOfMissingValues": sum(missing),
        "NumberOfNumericFeatures": kinds["numeric"],
        "NumberOfSymbolicFeatures": kinds["nominal"],
    }
    for index, attribute in enumerate(attributes):
        if attribute.name == target and attribute.kind == "nominal":
            sizes = Counter(values[index] for values in rows)
            found["NumberOfClasses"] = len(attribute.values)
            found["MajorityClassSize"] = max(sizes.values(), default=0)
            found["MinorityClassSize"] = min(sizes.values(), default=0)
    return found
