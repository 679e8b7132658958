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


def _object(answer: Answer, key: str) -> dict[str, Any]:
    try:
        document = json.loads(answer.body)
    except ValueError as error:
        raise AnswerError(
            f"The answer is not JSON ({error}); V2's address may be wrong.", url=answer.url
        ) from None
    if not isinstance(document, dict) or key not in document:
        raise AnswerError(f"The answer has no {key}; V2's address may be wrong.", url=answer.url)
    return document


def _list(value: Any) -> list[dict[str, Any]]:
    return [item for item in value or () if isinstance(item, dict)]


def _float(value: Any) -> float | None:
    return float(value) if isinstance(value, (int, float)) else None


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def read_run(answer: Answer) -> Run:
    """The run in a reply of V2's ``/run/{id}``.

    What V2 calls ``error`` is V1's ``error_message``; V1's evaluation error is not delivered, and
    neither are run_details, file urls and upload time.
    """
    run = _object(answer, "run_id")
    output = run.get("output_data") or {}
    error = [str(text) for text in run.get("error") or ()]
    return Run(
        run_id=int(run["run_id"]),
        uploader=run.get("uploader"),
        uploader_name=(run.get("uploader_name") or "").strip() or None,
        task_id=run.get("task_id"),
        task_type=run.get("task_type"),
        task_evaluation_measure=run.get("task_evaluation_measure") or None,
        flow_id=run.get("flow_id"),
        flow_name=run.get("flow_name"),
        setup_id=run.get("setup_id"),
        setup_string=run.get("setup_string") or None,
        parameter_settings=tuple(
            ParameterSetting(str(p.get("name", "")), str(p.get("value", "")), p.get("component"))
            for p in _list(run.get("parameter_setting"))
        ),
        tags=tuple(str(tag) for tag in run.get("tag") or ()),
        input_data=tuple(
            InputData(int(d["did"]), str(d.get("name", "")), str(d.get("url", "")))
            for d in _list(run.get("input_data"))
            if "did" in d
        ),
        files=tuple(
            OutputFile(str(f.get("name", "")), int(f["file_id"]), _text(f.get("url")))
            for f in _list(output.get("file"))
            if "file_id" in f
        ),
        evaluation_list=tuple(
            Evaluation(
                name=str(e.get("name", "")),
                value=_float(e.get("value")),
                array_data=_text(e.get("array_data")),
                repeat=e.get("repeat"),
                fold=e.get("fold"),
                sample=e.get("sample"),
            )
            for e in _list(output.get("evaluation"))
        ),
        error_message="\n".join(error) if error else None,
        evaluation_error=None,
        run_details=run.get("run_details"),
        description_text=answer.text,
        api="v2",
    )


def read_trace(answer: Answer) -> Trace:
    """The trace in a reply of V2's ``/run/trace/{id}``, ordered (V2 promises no order)."""
    trace = _object(answer, "trace")
    iterations = [
        TraceIteration(
            repeat=int(step.get("repeat") or 0),
            fold=int(step.get("fold") or 0),
            iteration=int(step.get("iteration") or 0),
            evaluation=_float(step.get("evaluation")),
            selected=str(step.get("selected", "")).lower() == "true",
            setup_string=str(step.get("setup_string") or ""),
        )
        for step in _list(trace["trace"])
    ]
    iterations.sort(key=lambda step: (step.repeat, step.fold, step.iteration))
    return Trace(int(trace.get("run_id") or 0), tuple(iterations))
