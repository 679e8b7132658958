"""Reads V2's JSON (FastAPI) into the same values as V1's XML (PROTOCOL 7)."""

from __future__ import annotations

import json
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
        document = json.loads(answer.body)
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


def _list(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _texts(value: Any) -> list[str]:
    if isinstance(value, list):
        return [str(item) for item in value if item is not None]
    return [] if value is None else [str(value)]


def _float(value: Any) -> float | None:
    try:
        return float(value) if isinstance(value, (int, float)) else None
    except OverflowError:
        return None


def _int(value: Any) -> int | None:
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdecimal():
        return int(value) if len(value) < 19 else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def read_run(answer: Answer) -> Run:
    """The run in a reply of V2's ``/run/{id}``.

    What V2 calls ``error`` is V1's ``error_message``; V1's evaluation error is not delivered, and
    neither are run_details, file urls and upload time.
    """
    run = _object(answer, "run_id")
    run_id = _int(run["run_id"])
    if run_id is None:
        raise AnswerError("The answer names no run id. Try again.", url=answer.url)
    output = run.get("output_data")
    output = output if isinstance(output, dict) else {}
    error = _texts(run.get("error"))
    return Run(
        run_id=run_id,
        uploader=_int(run.get("uploader")),
        uploader_name=(_text(run.get("uploader_name")) or "").strip() or None,
        task_id=_int(run.get("task_id")),
        task_type=_text(run.get("task_type")),
        task_evaluation_measure=_text(run.get("task_evaluation_measure")) or None,
        flow_id=_int(run.get("flow_id")),
        flow_name=_text(run.get("flow_name")),
        setup_id=_int(run.get("setup_id")),
        setup_string=_text(run.get("setup_string")) or None,
        parameter_settings=tuple(
            ParameterSetting(
                str(p.get("name", "")), _text(p.get("value")) or "", _int(p.get("component"))
            )
            for p in _list(run.get("parameter_setting"))
        ),
        tags=tuple(_texts(run.get("tag"))),
        input_data=tuple(
            InputData(did, str(d.get("name", "")), _text(d.get("url")) or "")
            for d in _list(run.get("input_data"))
            if (did := _int(d.get("did"))) is not None
        ),
        files=tuple(
            OutputFile(str(f.get("name", "")), file_id, _text(f.get("url")))
            for f in _list(output.get("file"))
            if (file_id := _int(f.get("file_id"))) is not None
        ),
        evaluation_list=tuple(
            Evaluation(
                name=str(e.get("name", "")),
                value=_float(e.get("value")),
                array_data=_text(e.get("array_data")),
                repeat=_int(e.get("repeat")),
                fold=_int(e.get("fold")),
                sample=_int(e.get("sample")),
            )
            for e in _list(output.get("evaluation"))
        ),
        error_message="\n".join(error) if error else None,
        evaluation_error=None,
        run_details=_text(run.get("run_details")),
        description_text=answer.text,
        api="v2",
        kept_at=answer.kept_at,
    )


def read_trace(answer: Answer) -> Trace:
    """The trace in a reply of V2's ``/run/trace/{id}``, ordered (V2 promises no order)."""
    trace = _object(answer, "trace")
    iterations = [
        TraceIteration(
            repeat=_int(step.get("repeat")) or 0,
            fold=_int(step.get("fold")) or 0,
            iteration=_int(step.get("iteration")) or 0,
            evaluation=_float(step.get("evaluation")),
            selected=str(step.get("selected", "")).lower() == "true",
            setup_string=_text(step.get("setup_string")) or "",
        )
        for step in _list(trace["trace"])
    ]
    iterations.sort(key=lambda step: (step.repeat, step.fold, step.iteration))
    return Trace(_int(trace.get("run_id")) or 0, tuple(iterations), answer.kept_at)
