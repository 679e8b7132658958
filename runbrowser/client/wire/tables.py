"""Reads V1's lists of evaluations and names, whose texts may be unescaped.

See "Texts that V1 does not escape" and "Names and evaluations" in docs/protocol.md.
"""

from __future__ import annotations

import html
import re

from runbrowser.client.call import Answer
from runbrowser.client.wire.elements import closing, cut, elements, inside
from runbrowser.client.wire.numbers import integer, number
from runbrowser.models import EvaluationRow, FlowFacts, Rows, SetupParameter, Table, TaskInfo
from runbrowser.text import display

_IDS = ("run_id", "uploader", "task_id", "setup_id", "flow_id")


def _optional(name: str) -> str:
    return rf"(?:<oml:{name}>([^<]*+)</oml:{name}>\s*+)?"


# A row of today's template whose names hold no markup; all others are read element by element.
_EVALUATION = re.compile(
    r"\s*+"
    + "".join(rf"<oml:{name}>([0-9]{{0,18}}+)</oml:{name}>\s*+" for name in _IDS)
    + _optional("flow_name")
    + _optional("data_id")
    + _optional("data_name")
    + _optional("evaluation_engine_id")
    + r"<oml:function>([^<]*+)</oml:function>\s*+"
    + _optional("upload_time")
    + _optional("value")
    + _optional("values")
    + _optional("array_data")
)
_NAMES = (
    *_IDS,
    *("flow_name", "data_id", "data_name", "evaluation_engine_id", "function", "upload_time"),
    *("value", "values", "array_data"),
)
_BETWEEN_EVALUATIONS = re.compile(r"</oml:evaluation>\s*+<oml:evaluation>(?=\s*+<oml:)")
_FIRST = re.compile(r"\s*+<oml:evaluation>")


def read_evaluations(answer: Answer) -> Rows[EvaluationRow]:
    """The rows of V1's ``evaluation/list``; runs without the measure are not in it.

    The elements of a row may stand in any order. A row that cannot be read is counted and costs
    none of the others.
    """
    text = inside(answer, "evaluations")
    rows: Rows[EvaluationRow] = Rows(notices=answer.notices)
    first = _FIRST.match(text)
    if first is None:
        rows.unread = (text.strip(),) if text.strip() else ()
        return rows
    pieces = _BETWEEN_EVALUATIONS.split(text[first.end() :])
    unread: list[str] = []
    last, end, after = pieces[-1].rpartition("</oml:evaluation>")
    pieces[-1] = last if end else after
    if end and after.strip():
        unread.append(after.strip())
    for piece in pieces:
        match = _EVALUATION.fullmatch(piece)
        row = _evaluation(match.groups()) if match is not None else _by_name(piece)
        if row is None:
            unread.append(piece.strip())
            continue
        rows.append(row)
        if row.value is None and "<oml:value>" in piece and _value(piece):
            unread.append(f"the value of run {row.run_id}: {_value(piece)}")
    rows.unread = tuple(unread)
    return rows


def _value(piece: str) -> str:
    """A value as it was sent, although it is no number."""
    value = elements(piece)[0].get("value", "").strip()
    return display(value, 80)


def _by_name(piece: str) -> EvaluationRow | None:
    """A row of another template, or with markup in its names."""
    found, rest = elements(piece)
    if rest.strip() or "function" not in found:
        return None
    return _evaluation(tuple(found.get(name) for name in _NAMES))


def _evaluation(values: tuple[str | None, ...]) -> EvaluationRow | None:
    run_id, uploader, task, setup, flow, flow_name, data_id, data_name, engine = values[:9]
    function, upload_time, value, per_fold, array_data = values[9:]
    run = integer(run_id)
    if run is None or run < 0:
        return None
    return EvaluationRow(
        run_id=run,
        task_id=integer(task),
        setup_id=integer(setup),
        flow_id=integer(flow),
        flow_name=flow_name,
        uploader=integer(uploader),
        data_id=integer(data_id),
        data_name=data_name,
        function=function or "",
        upload_time=upload_time,
        value=number(value),
        values=per_fold,
        array_data=array_data,
        evaluation_engine_id=integer(engine),
    )


def read_users(answer: Answer) -> Table[int, str]:
    """User names by id from V1's ``user/list``; unknown ids are left out by the server."""
    pieces, left = cut(inside(answer, "users"), "user")
    users: Table[int, str] = Table(notices=answer.notices)
    unread = list(left)
    for piece in pieces:
        found, _ = elements(piece)
        user_id = integer(found.get("id"))
        if user_id is None:
            unread.append(piece.strip())
        else:
            users[user_id] = found.get("username", "").strip()
    users.unread = tuple(unread)
    return users


def read_studies(answer: Answer) -> Table[int, str]:
    """Names of studies by id from V1's ``study/list``, legacy ones too; '' for one without."""
    pieces, left = cut(inside(answer, "study_list"), "study")
    studies: Table[int, str] = Table(notices=answer.notices)
    unread = list(left)
    for piece in pieces:
        found, _ = elements(piece)
        study_id = integer(found.get("id"))
        if study_id is None:
            unread.append(piece.strip())
        else:
            studies[study_id] = html.unescape(found.get("name", "")).strip()
    studies.unread = tuple(unread)
    return studies


_MEASURE = re.compile(r'<oml:input name="evaluation_measures">([^<]+)</oml:input>')


def read_tasks(answer: Answer) -> Table[int, TaskInfo]:
    """Tasks by id from V1's ``task/list``: type, data set and measure."""
    pieces, left = cut(inside(answer, "tasks"), "task")
    tasks: Table[int, TaskInfo] = Table(notices=answer.notices)
    unread = list(left)
    for piece in pieces:
        found, _ = elements(piece)
        task_id = integer(found.get("task_id"))
        if task_id is None:
            unread.append(piece.strip())
            continue
        measure = _MEASURE.search(piece)
        tasks[task_id] = TaskInfo(
            task_id,
            integer(found.get("task_type_id")),
            integer(found.get("did")),
            found.get("name", ""),
            measure[1] if measure else None,
        )
    tasks.unread = tuple(unread)
    return tasks


def read_setups(answer: Answer) -> Table[int, tuple[SetupParameter, ...]]:
    """The settings of setups by id from V1's ``setup/list``. A setup of which a parameter cannot be
    read is counted as unread: part of it would be taken for the whole.
    """
    pieces, left = cut(inside(answer, "setups"), "setup")
    setups: Table[int, tuple[SetupParameter, ...]] = Table(notices=answer.notices)
    unread = list(left)
    for piece in pieces:
        head, _, rest = piece.partition("<oml:parameter>")
        found, _ = elements(head)
        setup_id = integer(found.get("setup_id"))
        texts, between = cut(f"<oml:parameter>{rest}" if rest else "", "parameter")
        parameters = [_setup_parameter(text) for text in texts]
        if setup_id is None or None in parameters or any(text.strip() for text in between):
            unread.append(piece.strip())
        else:
            setups[setup_id] = tuple(one for one in parameters if one is not None)
    setups.unread = tuple(unread)
    return setups


def _setup_parameter(text: str) -> SetupParameter | None:
    found, _ = elements(text)
    if "parameter_name" not in found or "value" not in found:
        return None
    name, value, flow = (
        html.unescape(found.get(key, "")) for key in ("parameter_name", "value", "flow_name")
    )
    return SetupParameter(integer(found.get("flow_id")), flow, name, value)


_FLOW_TAGS = re.compile(
    r"<oml:(?:(flow) xmlns:oml=\"http://openml\.org/openml\"|(id|name|version|parameter))>"
    r"|</oml:flow>"
)


def read_flow(answer: Answer) -> FlowFacts:
    """Names and parameters' defaults of a flow and its components, from V1's ``flow/{id}``.

    A parameter belongs to the innermost flow it stands in; one without a default is left out. A
    flow without a number or a name is counted as unread.
    """
    inside(answer, "flow")
    text = answer.text
    names: dict[int, str] = {}
    defaults: dict[int, dict[str, str]] = {}
    open_flows: list[dict[str, str]] = []
    endless: set[str] = set()  # elements of which no end is to come
    unread: list[str] = []
    position = 0
    while (tag := _FLOW_TAGS.search(text, position)) is not None:
        position = tag.end()
        name = tag[2]
        if tag[1]:
            open_flows.append({})
        elif not open_flows:
            continue
        elif not name:
            unread += _note_flow(open_flows.pop(), names)
        elif name not in endless and (name == "parameter" or name not in open_flows[-1]):
            end = closing(text, name, position)
            if end < 0:
                endless.add(name)
                continue
            if name == "parameter":
                _note_default(open_flows[-1], text[position:end], defaults)
            else:
                open_flows[-1][name] = text[position:end]
                if name == "id" and (flow_id := integer(text[position:end])) is not None:
                    defaults.setdefault(flow_id, {})
            position = end
    for flow in open_flows:
        unread += _note_flow(flow, names)
    return FlowFacts(names, defaults, tuple(unread))


def _note_flow(flow: dict[str, str], names: dict[int, str]) -> list[str]:
    flow_id = integer(flow.get("id"))
    if flow_id is None or "name" not in flow or "version" not in flow:
        return [f"flow {flow.get('id', '')[:40]} {flow.get('name', '')[:200]}".strip()]
    names[flow_id] = f"{html.unescape(flow['name'])}({html.unescape(flow['version'])})"
    return []


def _note_default(flow: dict[str, str], piece: str, defaults: dict[int, dict[str, str]]) -> None:
    flow_id = integer(flow.get("id"))
    found, _ = elements(piece)
    if flow_id is not None and "name" in found and "default_value" in found:
        default = html.unescape(found["default_value"])
        defaults.setdefault(flow_id, {})[html.unescape(found["name"])] = default


def read_flow_list(answer: Answer) -> Table[int, str]:
    """Full flow names by id from V1's ``flow/list``."""
    pieces, left = cut(inside(answer, "flows"), "flow")
    flows: Table[int, str] = Table(notices=answer.notices)
    unread = list(left)
    for piece in pieces:
        found, _ = elements(piece)
        flow_id, name = integer(found.get("id")), found.get("full_name")
        if flow_id is None or not name:
            unread.append(piece.strip())
        else:
            flows[flow_id] = html.unescape(name)
    flows.unread = tuple(unread)
    return flows


def read_flow_names(answer: Answer) -> Table[int, str]:
    """Full flow names by id, of a flow and its components, from V1's ``flow/{id}``."""
    facts = read_flow(answer)
    return Table(facts.names, unread=facts.unread, notices=answer.notices)


def read_tags(answer: Answer) -> Rows[str]:
    """All tags that any run has, from V1's ``run/tag/list``, verbatim."""
    tags, unread = cut(inside(answer, "run_tag_list"), "tag")
    return Rows(tags, unread=unread, notices=answer.notices)


def read_measures(answer: Answer) -> Rows[str]:
    """The names of V1's ``evaluationmeasure/list``, in its order, without blanks and repeats."""
    text = inside(answer, "evaluation_measures")
    found = re.findall(r"<oml:measure>([^<]*+)</oml:measure>", text)
    names = dict.fromkeys(name.strip() for name in found if name.strip())
    return Rows(names, notices=answer.notices)
