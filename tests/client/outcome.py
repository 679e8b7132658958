"""What the client makes of a reply, in one short line, for the table of recordings."""

from __future__ import annotations

from typing import Any

from runbrowser.client.call import Answer
from runbrowser.errors import OpenMLServerError
from runbrowser.models import Run, RunPage, StudyInfo, Trace

from .readers import conclude


def outcome(answer: Answer, reader: str) -> str:
    """The result's kind and size, or the exception's class and code."""
    try:
        return _said(conclude(answer, reader))
    except OpenMLServerError as error:
        code = getattr(error, "code", None)
        return f"{type(error).__name__} {code or f'HTTP {error.status}'}"


def _said(result: Any) -> str:
    if isinstance(result, RunPage):
        text = f"{len(result)} runs"
        if result.received != len(result):
            text += f" of {result.received} rows"
        return text + (f", {len(result.unread)} unread" if result.unread else "")
    if isinstance(result, Run):
        parts = (
            f"{len(result.parameter_settings)} parameters",
            f"{len(result.tags)} tags",
            f"{len(result.input_data)} data sets",
            f"{len(result.files)} files",
            f"{len(result.evaluation_list)} evaluations",
        )
        return f"run {result.run_id} {result.state.value}: {', '.join(parts)}"
    if isinstance(result, Trace):
        return f"trace of run {result.run_id}: {len(result.iterations)} iterations"
    if isinstance(result, StudyInfo):
        counts = f"{len(result.tasks)} tasks, {len(result.flows)} flows"
        return f"study {result.study_id} of {result.kind}s: {counts}"
    if isinstance(result, (list, dict)):
        kind = "list" if isinstance(result, list) else "dict"
        unread = getattr(result, "unread", ())
        return f"{len(result)} {kind} items" + (f", {len(unread)} unread" if unread else "")
    return str(result)
