"""Reads V1's lists of evaluations and names, whose texts may be unescaped (PROTOCOL 3 and 6)."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from runbrowser.client.call import Answer
from runbrowser.client.wire.run_description import integer, number
from runbrowser.errors import AnswerError
from runbrowser.models import EvaluationRow, FlowFacts, TaskInfo
from runbrowser.text import display


def _check_root(answer: Answer, root: str) -> str:
    text = answer.text
    if not re.match(rf"\s*(?:<\?xml[^>]*\?>\s*)?<oml:{root}[ >/]", text):
        raise AnswerError(
            f"The answer is no oml:{root} (it begins: {display(text.strip(), 60)}). "
            "Check the server URL: V1 ends in /api/v1/xml/.",
            url=answer.url,
            status=answer.status,
        )
    if not text.rstrip().endswith((f"</oml:{root}>", "/>")):
        raise AnswerError(
            f"The answer was cut off after {len(text):,} characters. Try again.",
            url=answer.url,
            status=answer.status,
        )
    return text


def _pieces(text: str, element: str) -> Iterator[str]:
    """The inner text of each such element; a text that holds the closing tag cuts itself only."""
    yield from re.findall(
        rf"<oml:{element}>(.*?)</oml:{element}>(?=\s*</?oml:)", text, flags=re.DOTALL
    )


def _field(piece: str, name: str) -> str | None:
    start = piece.find(f"<oml:{name}>")
    if start < 0:
        return None
    start += len(name) + 6
    end = piece.find(f"</oml:{name}>", start)
    return piece[start:end] if end >= 0 else None


# Names of flows and data sets may hold anything (PROTOCOL 3), but only inside their own row.
# Possessive repeats: a row of another template is given up at once, not tried in all ways.
_ANYTHING = "[^<]*+(?:<[^<]*+)*?"


def _optional(name: str, inner: str = "[^<]*+") -> str:
    return rf"(?:<oml:{name}>({inner})</oml:{name}>\s*+)?"


_EVALUATION = re.compile(
    r"\s*+"
    + "".join(
        rf"<oml:{name}>([0-9]{{0,18}}+)</oml:{name}>\s*+"
        for name in ("run_id", "uploader", "task_id", "setup_id", "flow_id")
    )
    + _optional("flow_name", _ANYTHING)
    + _optional("data_id")
    + _optional("data_name", _ANYTHING)
    + _optional("evaluation_engine_id")
    + r"<oml:function>([^<]*+)</oml:function>\s*+"
    + _optional("upload_time")
    + _optional("value")
    + _optional("values")
    + _optional("array_data", _ANYTHING)
    + r"(?:</oml:evaluation>\s*+)?"
)
_BETWEEN_EVALUATIONS = re.compile(
    r"</oml:evaluation>\s*<oml:evaluation>\s*(?=<oml:run_id>)|</oml:evaluation>\s*</oml:evaluations>"
)


def read_evaluations(answer: Answer) -> list[EvaluationRow]:
    """The rows of V1's ``evaluation/list``; runs without the measure are not in it.

    A row that cannot be read is left out: it costs none of the others.
    """
    text = _check_root(answer, "evaluations")
    start = text.find("<oml:evaluation>")
    if start < 0:
        return []
    rows = []
    for piece in _BETWEEN_EVALUATIONS.split(text[start + len("<oml:evaluation>") :]):
        match = _EVALUATION.fullmatch(piece)
        if match is None or not match[1]:
            continue
        (run_id, uploader, task, setup, flow, flow_name, data_id, data_name, _engine) = (
            match.groups()[:9]
        )
        function, upload_time, value, values, array_data = match.groups()[9:]
        rows.append(
            EvaluationRow(
                run_id=int(run_id),
                task_id=int(task) if task else None,
                setup_id=int(setup) if setup else None,
                flow_id=int(flow) if flow else None,
                flow_name=flow_name,
                uploader=int(uploader) if uploader else None,
                data_id=integer(data_id),
                data_name=data_name,
                function=function,
                upload_time=upload_time,
                value=number(value),
                values=values,
                array_data=array_data,
            )
        )
    return rows


def read_users(answer: Answer) -> dict[int, str]:
    """User names by id from V1's ``user/list``; unknown ids are left out by the server."""
    text = _check_root(answer, "users")
    return {
        number_: (_field(piece, "username") or "").strip()
        for piece in _pieces(text, "user")
        if (number_ := integer(_field(piece, "id"))) is not None
    }


def read_tasks(answer: Answer) -> dict[int, TaskInfo]:
    """Tasks by id from V1's ``task/list``: type, data set and measure."""
    text = _check_root(answer, "tasks")
    tasks = {}
    for piece in _pieces(text, "task"):
        task_id = integer(_field(piece, "task_id"))
        if task_id is None:
            continue
        measure = re.search(r'<oml:input name="evaluation_measures">([^<]+)</oml:input>', piece)
        tasks[task_id] = TaskInfo(
            task_id,
            integer(_field(piece, "task_type_id")),
            integer(_field(piece, "did")),
            _field(piece, "name") or "",
            measure[1] if measure else None,
        )
    return tasks


def read_flow_names(answer: Answer) -> dict[int, str]:
    """Full flow names by id, of a flow and its components, from V1's ``flow/{id}``."""
    text = _check_root(answer, "flow")
    names = {}
    pattern = re.compile(
        r"<oml:flow xmlns:oml=\"http://openml\.org/openml\">\s*<oml:id>(\d+)</oml:id>\s*"
        r"(?:<oml:uploader>\d*</oml:uploader>\s*)?<oml:name>(.*?)</oml:name>"
        r".*?<oml:version>(.*?)</oml:version>",
        re.DOTALL,
    )
    for match in pattern.finditer(text):
        names[int(match[1])] = f"{html.unescape(match[2])}({html.unescape(match[3])})"
    return names


_FLOW_PARTS = re.compile(
    r"<oml:flow xmlns:oml=\"http://openml\.org/openml\">\s*<oml:id>(?P<flow>\d{1,18})</oml:id>"
    r"|(?P<end></oml:flow>)"
    r"|<oml:parameter>\s*<oml:name>(?P<name>[^<]*)</oml:name>(?P<rest>.*?)</oml:parameter>",
    re.DOTALL,
)
_DEFAULT = re.compile(r"<oml:default_value>([^<]*)</oml:default_value>")


def read_flow(answer: Answer) -> FlowFacts:
    """Names and parameters' defaults of a flow and its components, from V1's ``flow/{id}``.

    A parameter belongs to the innermost flow it stands in; one without a default is left out.
    """
    defaults: dict[int, dict[str, str]] = {}
    inside: list[int] = []
    for match in _FLOW_PARTS.finditer(answer.text):
        if match["flow"]:
            inside.append(int(match["flow"]))
            defaults.setdefault(inside[-1], {})
        elif match["end"]:
            if inside:
                inside.pop()
        elif inside and (default := _DEFAULT.search(match["rest"])) is not None:
            defaults[inside[-1]][html.unescape(match["name"])] = html.unescape(default[1])
    return FlowFacts(read_flow_names(answer), defaults)


def read_tags(answer: Answer) -> list[str]:
    """All tags that any run has, from V1's ``run/tag/list``, verbatim."""
    text = _check_root(answer, "run_tag_list")
    return list(_pieces(text, "tag"))


def read_measures(answer: Answer) -> list[str]:
    """The names of V1's ``evaluationmeasure/list``, in its order, without blanks and repeats."""
    text = _check_root(answer, "evaluation_measures")
    found = re.findall(r"<oml:measure>([^<]*)</oml:measure>", text)
    return list(dict.fromkeys(name.strip() for name in found if name.strip()))
