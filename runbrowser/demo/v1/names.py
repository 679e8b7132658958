"""V1's small name lists: users, studies, task types, measures, estimation procedures."""

import sqlite3

from ..store import Value, id_list
from . import filters
from .call import Call
from .errors import ApiError
from .reply import fatal
from .runs import run_number
from .xmlout import NAMESPACE, Answer, Document, plain, special, truthy


def user_list(call: Call, segments: list[str]) -> Answer:
    """user/list/user_id/1,2: ids nobody has are left out; without ids PHP dies."""
    for position in range(0, len(segments), 2):
        if segments[position] != "user_id":
            found = segments[position]
            raise ApiError(370, f"Legal filter operators: user_id. Found illegal filter: {found}")
    wanted = segments[-1] if segments and not len(segments) % 2 else ""
    if not all(part.isdecimal() for part in wanted.split(",")):
        return fatal()
    rows = call.store.tuples(
        "SELECT id, trim(first_name || ' ' || last_name) FROM user"
        " WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id",
        (id_list(filters.ids(wanted)),),
    )
    template = (
        "  <oml:user>\n    <oml:id>%s</oml:id>\n    <oml:username>%s</oml:username>\n"
        "  </oml:user>\n  "
    )
    body = "".join(template % (number, call.text(name)) for number, name in rows)
    return Document(f"<oml:users {NAMESPACE}>\n  {body}</oml:users>\n")


def study_list(call: Call, segments: list[str]) -> Answer:
    """study/list/{filter}/{value}/...: codes 596 to 599. Its lines end in CR LF."""
    legal = ("limit", "offset", "main_entity_type", "uploader", "status", "benchmark_suite")
    strings = ("main_entity_type", "status")
    values = filters.parse(segments, legal, strings, filters.Codes(596, 597))
    if truthy(values.get("offset")) and not truthy(values.get("limit")):
        raise ApiError(598)
    if "benchmark_suite" in values:
        raise ApiError(599)  # no study of the catalogue has one
    conditions, bound = ["(visibility = 'public' OR creator = ?)"], list[Value]()
    bound.append(call.user.id)
    if "uploader" in values:
        conditions.append("creator = ?")
        bound.append(str(filters.ids(values["uploader"])[0]))
    if "main_entity_type" in values:
        conditions.append("main_entity_type = ?")
        bound.append(values["main_entity_type"])
    if values.get("status") != "all":
        conditions.append("status = ?")
        bound.append(values.get("status", "active"))
    page = filters.page(values, 599) if truthy(values.get("limit")) else filters.Page(None, 0)
    rows = call.store.rows(
        f"SELECT * FROM study WHERE {' AND '.join(conditions)} "  # noqa: S608 no values
        "ORDER BY id LIMIT ? OFFSET ?",
        (*bound, -1 if page.limit is None else page.limit, page.offset),
    )
    if not rows:
        raise ApiError(599)
    parts = [f"<oml:study_list {NAMESPACE}>\n  "]
    for row in rows:
        parts.append(
            f"  <oml:study>\n    <oml:id>{row['id']}</oml:id>\n    {_alias(row['alias'])}"
            f"    <oml:main_entity_type>{row['main_entity_type']}</oml:main_entity_type>\n    "
            f"    <oml:name>{call.text(row['name'])}</oml:name>\n"
            f"    <oml:status>{row['status']}</oml:status>\n"
            f"    <oml:creation_date>{row['creation_date']}</oml:creation_date>\n"
            f"    <oml:creator>{plain(row['creator'])}</oml:creator>\n  </oml:study>\n  "
        )
    document = "".join([*parts, "</oml:study_list>\n\n"])
    return Document(document.replace("\n", "\r\n"))


def _alias(alias: str | None) -> str:
    return f"<oml:alias>{alias}</oml:alias>" if alias else ""


_PART_IDS = {
    "data": ("data_id", "t.dataset_id"),
    "tasks": ("task_id", "t.id"),
    "flows": ("flow_id", "s.flow_id"),
    "setups": ("setup_id", "s.id"),
    "runs": ("run_id", "r.id"),
}


def study_get(call: Call, text: str, part: str | None) -> Answer:
    """study/{id or alias}[/runs|flows|setups|data|tasks]: 601 where there is none."""
    column, value = ("id", run_number(text)) if text.isdecimal() else ("alias", text)
    study = call.store.row(f"SELECT * FROM study WHERE {column} = ?", (value,))  # noqa: S608
    if study is None:
        raise ApiError(601)
    date = study["creation_date"].replace(" ", "T")
    parts = [
        f"<oml:study {NAMESPACE}>\n  <oml:id>{study['id']}</oml:id>\n  {_alias(study['alias'])}"
        f"  <oml:main_entity_type>{study['main_entity_type']}</oml:main_entity_type>\n  "
        f"  <oml:name>{call.text(study['name'])}</oml:name>\n"
        f"  <oml:description>{call.text(study['description'])}</oml:description>\n"
        f"  <oml:visibility>{study['visibility']}</oml:visibility>\n"
        f"  <oml:status>{study['status']}</oml:status>\n"
        f"  <oml:creation_date>{date}</oml:creation_date>\n"
        f"  <oml:creator>{plain(study['creator'])}</oml:creator>\n    \n"
    ]
    for name, (element, source) in _PART_IDS.items():
        listed = _study_ids(call, study["id"], study["main_entity_type"], name, source)
        parts.append("  ")
        if listed is not None:
            body = "".join(f"    <oml:{element}>{i}</oml:{element}>\n    " for i in listed)
            parts.append(f"  <oml:{name}>\n    {body}  </oml:{name}>\n  ")
        parts.append("  \n")
    document = "".join([*parts, "</oml:study>\n"])
    return Document(document.replace("\n", "\r\n"))


def _study_ids(call: Call, study_id: int, kind: str, name: str, column: str) -> list[int] | None:
    if kind == "task":
        if name not in ("data", "tasks"):
            return None
        source = "study_task k JOIN task t ON t.id = k.task_id"
        order = "t.id"
    else:
        source = (
            "study_run k JOIN run r ON r.id = k.run_id JOIN setup s ON s.id = r.setup_id"
            " JOIN task t ON t.id = r.task_id"
        )
        order = "r.id"
    rows = call.store.tuples(
        f"SELECT {column} FROM {source} WHERE k.study_id = ? ORDER BY {order}",  # noqa: S608
        (study_id,),
    )
    return list(dict.fromkeys(number for (number,) in rows))


def tasktype_list(call: Call) -> Answer:
    """tasktype/list: id, name and description of every task type."""
    rows = call.store.rows("SELECT id, name, description FROM task_type ORDER BY id")
    body = "".join(
        "\t<oml:task_type>\n"
        f"\t\t<oml:id>{row['id']}</oml:id>\n"
        f"\t\t<oml:name>{row['name']}</oml:name>\n"
        f"\t\t<oml:description>{special(row['description'])}</oml:description>\n"
        "\t\t<oml:creator></oml:creator>\n"
        "\t</oml:task_type>\n\t"
        for row in rows
    )
    return Document(f"<oml:task_types {NAMESPACE}>\n\t{body} \n</oml:task_types>\n")


def evaluationmeasure_list(call: Call) -> Answer:
    """evaluationmeasure/list: the names of all measures."""
    rows = call.store.tuples("SELECT name FROM measure ORDER BY id")
    body = "".join(f"\t\t\t<oml:measure>{name}</oml:measure>\n\t\t" for (name,) in rows)
    return Document(
        f"<oml:evaluation_measures {NAMESPACE}>\n\t<oml:measures>\n\t\t{body}"
        "\t</oml:measures>\n</oml:evaluation_measures>\n",
    )


def _procedure(row: sqlite3.Row) -> str:
    repeats, folds = (
        "" if row[name] is None else f"<oml:{name}>{row[name]}</oml:{name}>"
        for name in ("repeats", "folds")
    )
    stratified = "true" if row["stratified"] else "false"
    return (
        "  <oml:estimationprocedure>\n"
        f"    <oml:id>{row['id']}</oml:id>\n"
        f"    <oml:ttid>{row['task_type_id']}</oml:ttid>\n"
        f"    <oml:name>{row['name']}</oml:name>\n"
        f"    <oml:type>{row['type']}</oml:type>\n"
        f"    {repeats}    {folds}        "
        f"<oml:stratified_sampling>{stratified}</oml:stratified_sampling>"
        "  </oml:estimationprocedure>\n  "
    )


def estimationprocedure_list(call: Call) -> Answer:
    """estimationprocedure/list: all of them."""
    rows = call.store.rows("SELECT * FROM estimation_procedure ORDER BY id")
    body = "".join(_procedure(row) for row in rows)
    return Document(
        f"<oml:estimationprocedures {NAMESPACE}>\n  {body}</oml:estimationprocedures>\n",
    )
