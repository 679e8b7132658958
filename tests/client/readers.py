"""The client's readers by the names that the table of recordings uses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from runbrowser.client.call import Answer, Call
from runbrowser.client.http import Sender
from runbrowser.client.wire import (
    descriptions,
    run_description,
    run_list,
    study,
    tables,
    v2,
    writes,
)

READERS: dict[str, Callable[[Answer], Any]] = {
    "run_list": lambda answer: run_list.read_run_list(answer, limit=None, offset=0),
    "run": run_description.read_run,
    "trace": run_description.read_trace,
    "evaluations": tables.read_evaluations,
    "users": tables.read_users,
    "tasks": tables.read_tasks,
    "flow_names": tables.read_flow_names,
    "run_tags": tables.read_tags,
    "measures": tables.read_measures,
    "study": study.read_study,
    "studies": tables.read_studies,
    "setups": tables.read_setups,
    "flow_list": tables.read_flow_list,
    "tag": lambda answer: writes.read_tags_after(answer, "run_tag"),
    "untag": lambda answer: writes.read_tags_after(answer, "run_untag"),
    "delete": writes.read_deleted,
    "publish": writes.read_published_id,
    "v2_run": v2.read_run,
    "v2_trace": v2.read_trace,
    # No call of the client asks for these; what the sender itself makes of them still counts.
    "nobody": lambda answer: "not read",
}

ALSO: dict[str, Callable[[Answer], Any]] = {
    "flow": tables.read_flow,
    "flow_description": lambda answer: descriptions.read_description(answer, "flow"),
}
"""Readers of documents that the table gives to another one."""

_SENDER = Sender("http://127.0.0.1/api/v1/xml/")


def conclude(answer: Answer, reader: str) -> Any:
    """What a call with this reader makes of a reply: a result, or the exception it raises."""
    call = Call(f"try {reader}", "GET", "x", {**READERS, **ALSO}[reader])
    return _SENDER.conclude(call, answer)
