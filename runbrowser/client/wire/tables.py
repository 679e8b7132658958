"""Reads V1's lists of evaluations and names, whose texts may be unescaped (PROTOCOL 3 and 6)."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from runbrowser.client.call import Answer
from runbrowser.client.wire.run_description import integer, number
from runbrowser.errors import AnswerError
from runbrowser.models import EvaluationRow, TaskInfo
from runbrowser.text import display


def _check_root(answer: Answer, root: str) -> str:
    text = answer.text
    if not re.match(rf"\s*(?:<\?xml[^>]*\?>\s*)?<oml:{root}[ >/]", text):
        raise AnswerError(
            f"The answer is no oml:{root} (it begins: {display(text.strip(), 60)}).",
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


_OPTIONAL = {
    name: rf"(?:<oml:{name}>(.*?)</oml:{name}>\s*)?"
    for name in (
        "flow_name",
        "data_id",
        "data_name",
        "evaluation_engine_id",
        "upload_time",
        "value",
        "values",
        "array_data",
    )
}
_IDS = r"\s*".join(
    rf"<oml:{name}>(\d*)</oml:{name}>"
    for name in ("run_id", "uploader", "task_id", "setup_id", "flow_id")
)
_EVALUATION = re.compile(
    rf"<oml:evaluation>\s*{_IDS}\s*"
    + "".join(_OPTIONAL[n] for n in ("flow_name", "data_id", "data_name", "evaluation_engine_id"))
    + r"<oml:function>(.*?)</oml:function>\s*"
    + "".join(_OPTIONAL[n] for n in ("upload_time", "value", "values", "array_data"))
    + r"</oml:evaluation>"
)


def read_evaluations(answer: Answer) -> list[EvaluationRow]:
    """The rows of V1's ``evaluation/list``; runs without the measure are not in it."""
    text = _check_root(answer, "evaluations")
    rows = []
    for match in _EVALUATION.finditer(text):
        (run_id, uploader, task, setup, flow, flow_name, data_id, data_name, _engine) = (
            match.groups()[:9]
        )
        function, upload_time, value, values, array_data = match.groups()[9:]
        rows.append(
            EvaluationRow(
                run_id=int(run_id),
                task_id=integer(task),
                setup_id=integer(setup),
                flow_id=integer(flow),
                flow_name=flow_name,
                uploader=integer(uploader),
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


def read_tags(answer: Answer) -> list[str]:
    """All tags that any run has, from V1's ``run/tag/list``, verbatim."""
    text = _check_root(answer, "run_tag_list")
    return list(_pieces(text, "tag"))
