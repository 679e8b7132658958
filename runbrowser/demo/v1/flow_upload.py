"""V1's flow/exists and POST flow: flows that clients look up before a run, and send if need be."""

import sqlite3
from urllib.parse import unquote

from .call import Call
from .description import DescriptionError, Node, read_xml
from .errors import ApiError
from .writes import now
from .xmlout import NAMESPACE, Answer, Document

_REQUIRED = ("name", "external_version", "description")
_PARAMETER_FIELDS = ("name", "data_type", "default_value", "description")


def flow_exists(call: Call, segments: list[str]) -> Answer:
    """flow/exists, with name and external_version in the form or as segments: 330 without them."""
    if len(segments) == 2:
        name, version = (unquote(segment) for segment in segments)
    else:
        name = call.fields.get("name", "")
        version = call.fields.get("external_version", "")
    if not name or not version:
        raise ApiError(330)
    with call.store.connection() as connection:
        found = _find(connection, name, version)
    exists, number = ("false", -1) if found is None else ("true", found)
    return Document(
        f"<oml:flow_exists {NAMESPACE}>\n\t<oml:exists>{exists}</oml:exists>\n"
        f"\t<oml:id>{number}</oml:id>\n</oml:flow_exists>\n",
    )


def flow_upload(call: Call) -> Answer:
    """POST flow with its description as a file or a field: 161, 163, 171 where there is one.

    Components that the server knows already, by name and external version, are not stored again.
    """
    description = call.files.get("description")
    content = description.content if description else call.fields.get("description", "").encode()
    if not content:
        raise ApiError(161)
    try:
        flow = read_xml(content)
    except DescriptionError as error:
        raise ApiError(163, str(error)) from error
    if flow.local != "flow" or not all(flow.value(name) for name in _REQUIRED):
        raise ApiError(163, f"A flow needs {', '.join(_REQUIRED)}. ")
    with call.store.transaction() as connection:
        known = _find(connection, *_key(flow))
        if known is not None:
            raise ApiError(171, f"flow id:{known}")
        number = _insert(connection, flow, call.user.id)
    return Document(
        f"<oml:upload_flow {NAMESPACE}>\n\t<oml:id>{number}</oml:id>\n</oml:upload_flow>\n",
    )


def _key(flow: Node) -> tuple[str, str]:
    return flow.value("name") or "", flow.value("external_version") or ""


def _find(connection: sqlite3.Connection, name: str, version: str) -> int | None:
    row = connection.execute(
        "SELECT min(id) FROM flow WHERE name = ? AND external_version = ?", (name, version)
    ).fetchone()
    return None if row[0] is None else int(row[0])


def _insert(connection: sqlite3.Connection, flow: Node, uploader: int) -> int:
    name, external_version = _key(flow)
    (version,) = connection.execute(
        "SELECT ifnull(max(version), 0) + 1 FROM flow WHERE name = ?", (name,)
    ).fetchone()
    number = connection.execute(
        "INSERT INTO flow (name, version, full_name, custom_name, class_name, external_version,"
        " uploader, upload_date, description, language, dependencies)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            name, version, f"{name}({version})", flow.value("custom_name"),
            flow.value("class_name"), external_version, uploader, now(),
            flow.value("description") or "", flow.value("language"), flow.value("dependencies"),
        ),
    ).lastrowid  # fmt: skip
    connection.executemany(
        "INSERT OR IGNORE INTO flow_parameter (flow_id, name, data_type, default_value,"
        " description) VALUES (?, ?, ?, ?, ?)",
        [
            (
                number,
                *(
                    parameter.value(f)
                    for f in ("name", "data_type", "default_value", "description")
                ),
            )
            for parameter in flow.all("parameter")
        ],
    )
    connection.executemany(
        "INSERT OR IGNORE INTO flow_tag (flow_id, tag, uploader) VALUES (?, ?, ?)",
        [(number, tag.text, uploader) for tag in flow.all("tag")],
    )
    for component in flow.all("component"):
        for part in component.all("flow"):
            child = _find(connection, *_key(part))
            if child is None:
                child = _insert(connection, part, uploader)
            connection.execute(
                "INSERT OR IGNORE INTO flow_component (parent, child, identifier) VALUES (?, ?, ?)",
                (number, child, component.value("identifier") or ""),
            )
    return int(number or 0)
