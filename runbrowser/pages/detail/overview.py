"""What ran on what: the names behind a run's ids."""

from __future__ import annotations

from runbrowser.fields.subjects import Subject
from runbrowser.models import Run, RunRow
from runbrowser.openml.base import NameBook
from runbrowser.pages.lines import BLANK, FAINT, Line, Link, hang, spans
from runbrowser.text import display
from runbrowser.triage.flow_names import short_name

_INDENT = 11  # where the values stand


def _with_id(name: str | None, number_: int | None) -> str:
    if number_ is None:
        return display(name or "", 200)
    return f"{display(name, 200)}  #{number_}" if name else f"#{number_}"


def overview(run: Run, row: RunRow | None, names: NameBook, width: int) -> list[Line]:
    """Flow, data, task, measure, uploader, setup and details, each with its id."""
    data = ", ".join(_with_id(d.name, d.dataset_id) for d in run.input_data)
    if not data and run.task_id in names.tasks:
        task = names.tasks[run.task_id]
        data = _with_id(task.dataset_name, task.dataset_id)
    flow = short_name(run.flow_name) if run.flow_name else ""
    one_data = run.input_data[0].dataset_id if len(run.input_data) == 1 else None
    if not run.input_data and run.task_id in names.tasks:
        one_data = names.tasks[run.task_id].dataset_id
    links = {
        "flow": ("flow", run.flow_id),
        "data set": ("data", one_data),
        "task": ("task", run.task_id),
        "uploader": ("uploader", run.uploader),
        "setup": ("setup", run.setup_id),
    }
    pairs = [
        ("flow", _with_id(flow, run.flow_id)),
        ("data set", data),
        ("task", _with_id(run.task_type, run.task_id)),
        ("measure", display(run.task_evaluation_measure or "", 100)),
        ("uploader", _with_id(run.uploader_name, run.uploader)),
        ("setup", "" if run.setup_id is None else f"#{run.setup_id}"),
        ("details", display(run.run_details or "", 600)),
    ]
    lines = [BLANK]
    for name, value in pairs:
        kind, number = links.get(name, ("", None))
        look = "" if number is None else Link("", Subject(kind, number, run.task_id))
        if value:
            lines += hang(name, value, width, _INDENT, look)
    if run.flow_name and flow != run.flow_name:
        lines += hang("full name", display(run.flow_name, 1100), width, _INDENT, FAINT)
    if run.untold:
        words = "V2 does not tell run details, file addresses and evaluation errors."
        lines.append(spans((words, FAINT)))
    return lines
