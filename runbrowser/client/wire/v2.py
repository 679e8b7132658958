"""Reads V2's JSON (FastAPI) into the same values as V1's XML; see "V2" in docs/protocol.md."""

from __future__ import annotations

import json
import re
from typing import Any

from runbrowser.client.call import Answer
from runbrowser.errors import AnswerError
from runbrowser.models import (
    Evaluation,
    InputData,
    OutputFile,
    ParameterSetting,
    Run,
    Trace,
    TraceIteration,
)
from runbrowser.text import display


def _object(answer: Answer, key: str) -> dict[str, Any]:
    try:
        document = json.loads(answer.text)
    except (ValueError, RecursionError) as error:
        raise AnswerError(
            f"The answer is not JSON ({display(error, 200)}). Check V2's address.",
            url=answer.url,
            status=answer.status,
        ) from None
    if not isinstance(document, dict) or key not in document:
        raise AnswerError(
            f"The answer has no {key}. Check V2's address.", url=answer.url, status=answer.status
        )
    return document


_HALF_PAIR = re.compile("[\ud800-\udfff]")
"""JSON can write half a surrogate pair, which no encoding can: it becomes U+FFFD."""


class _Reading:
    """One document's values, and what of them could not be read, in words."""

    def __init__(self) -> None:
        self.unread: list[str] = []

    def _note(self, name: str, value: Any) -> None:
        self.unread.append(f"{name}: {display(_HALF_PAIR.sub('?', repr(value)[:400]), 80)}")

    def objects(self, value: Any, name: str) -> list[dict[str, Any]]:
        """The objects of a list."""
        if value is None:
            return []
        if not isinstance(value, list):
            self._note(name, value)
            return []
        found = []
        for item in value:
            if isinstance(item, dict):
                found.append(item)
            else:
                self._note(name, item)
        return found

    def number(self, value: Any, name: str) -> float | None:
        """A number, or None."""
        try:
            if isinstance(value, (int, float)):
                return float(value)
        except OverflowError:
            pass
        if value is not None:
            self._note(name, value)
        return None

    def integer(self, value: Any, name: str) -> int | None:
        """A whole number, also as text, or None."""
        if isinstance(value, str) and value.strip().isascii() and value.strip().isdecimal():
            if len(value) < 19:
                return int(value)
        elif isinstance(value, int) and not isinstance(value, bool):
            return value
        if value is not None:
            self._note(name, value)
        return None


def _texts(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [text for item in values if (text := _text(item)) is not None]


def _text(value: Any) -> str | None:
    return None if value is None else _HALF_PAIR.sub("\ufffd", str(value))


def read_run(answer: Answer) -> Run:
    """The run in a reply of V2's ``/run/{id}``.

    What V2 calls ``error`` is V1's ``error_message``; V1's evaluation error is not delivered, and
    neither are run_details, file urls and upload time. What cannot be read is named in ``unread``.
    """
    run = _object(answer, "run_id")
    reading = _Reading()
    run_id = reading.integer(run["run_id"], "run_id")
    if run_id is None:
        raise AnswerError("The answer names no run id. Try again.", url=answer.url)
    output = run.get("output_data")
    output = output if isinstance(output, dict) else {}
    error = _texts(run.get("error"))
    return Run(
        run_id=run_id,
        uploader=reading.integer(run.get("uploader"), "uploader"),
        uploader_name=(_text(run.get("uploader_name")) or "").strip() or None,
        task_id=reading.integer(run.get("task_id"), "task_id"),
        task_type=_text(run.get("task_type")),
        task_evaluation_measure=_text(run.get("task_evaluation_measure")) or None,
        flow_id=reading.integer(run.get("flow_id"), "flow_id"),
        flow_name=_text(run.get("flow_name")),
        setup_id=reading.integer(run.get("setup_id"), "setup_id"),
        setup_string=_text(run.get("setup_string")) or None,
        parameter_settings=tuple(
            ParameterSetting(
                _text(p.get("name")) or "",
                _text(p.get("value")) or "",
                reading.integer(p.get("component"), "component"),
            )
            for p in reading.objects(run.get("parameter_setting"), "parameter_setting")
        ),
        tags=tuple(_texts(run.get("tag"))),
        input_data=tuple(
            InputData(did, _text(d.get("name")) or "", _text(d.get("url")) or "")
            for d in reading.objects(run.get("input_data"), "input_data")
            if (did := reading.integer(d.get("did"), "did")) is not None
        ),
        files=tuple(
            OutputFile(_text(f.get("name")) or "", file_id, _text(f.get("url")))
            for f in reading.objects(output.get("file"), "file")
            if (file_id := reading.integer(f.get("file_id"), "file_id")) is not None
        ),
        evaluation_list=tuple(
            Evaluation(
                name=_text(e.get("name")) or "",
                value=reading.number(e.get("value"), "value"),
                array_data=_text(e.get("array_data")),
                repeat=reading.integer(e.get("repeat"), "repeat"),
                fold=reading.integer(e.get("fold"), "fold"),
                sample=reading.integer(e.get("sample"), "sample"),
            )
            for e in reading.objects(output.get("evaluation"), "evaluation")
        ),
        error_message="\n".join(error) if error else None,
        evaluation_error=None,
        run_details=_text(run.get("run_details")),
        description_text=answer.text,
        api="v2",
        kept_at=answer.kept_at,
        unread=tuple(reading.unread),
        notices=answer.notices,
    )


def read_trace(answer: Answer) -> Trace:
    """The trace in a reply of V2's ``/run/trace/{id}``, ordered (V2 promises no order)."""
    trace = _object(answer, "trace")
    reading = _Reading()
    iterations = [
        TraceIteration(
            repeat=reading.integer(step.get("repeat"), "repeat") or 0,
            fold=reading.integer(step.get("fold"), "fold") or 0,
            iteration=reading.integer(step.get("iteration"), "iteration") or 0,
            evaluation=reading.number(step.get("evaluation"), "evaluation"),
            selected=str(step.get("selected", "")).lower() == "true",
            setup_string=_text(step.get("setup_string")) or "",
        )
        for step in reading.objects(trace["trace"], "trace")
    ]
    iterations.sort(key=lambda step: (step.repeat, step.fold, step.iteration))
    run_id = reading.integer(trace.get("run_id"), "run_id") or 0
    return Trace(run_id, tuple(iterations), answer.kept_at, tuple(reading.unread), answer.notices)
