"""Reads a run description (``run/{id}`` of V1) into a Run, well-formed or not."""

from __future__ import annotations

from typing import Any

from runbrowser.client.call import Answer
from runbrowser.client.wire.repair import TRACE_FIELDS, many, parse, repair, text_of
from runbrowser.client.wire.repair import element_text as _text
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

__all__ = ["integer", "many", "number", "parse", "read_run", "read_trace", "repair", "text_of"]


def integer(text: str | None) -> int | None:
    """A whole number, or None for an empty, absent or other text."""
    try:
        return int((text or "").strip())
    except ValueError:  # also for thousands of digits, which int() refuses
        return None


def number(text: str | None) -> float | None:
    """A number, or None for an empty, absent or other text."""
    try:
        return float((text or "").strip())
    except ValueError:
        return None


def read_run(answer: Answer) -> Run:
    """The run in a reply of V1's ``run/{id}`` (PROTOCOL 3).

    Runs without files, evaluations, input data or uploader are read as well; unknown elements are
    passed over. Raises AnswerError when the reply is no run description.
    """
    run = parse(answer, "run")
    run_id = integer(_text(run, "run_id"))
    if run_id is None:
        raise AnswerError("The run description names no run id. Try again.", url=answer.url)
    output = run.get("oml:output_data")
    output = output if isinstance(output, dict) else {}
    inputs = run.get("oml:input_data")
    inputs = inputs if isinstance(inputs, dict) else {}
    return Run(
        run_id=run_id,
        uploader=integer(_text(run, "uploader")),
        uploader_name=(_text(run, "uploader_name") or "").strip() or None,
        task_id=integer(_text(run, "task_id")),
        task_type=_text(run, "task_type"),
        task_evaluation_measure=_text(run, "task_evaluation_measure") or None,
        flow_id=integer(_text(run, "flow_id")),
        flow_name=_text(run, "flow_name"),
        setup_id=integer(_text(run, "setup_id")),
        setup_string=_text(run, "setup_string") or None,
        parameter_settings=tuple(_parameters(run)),
        tags=tuple(tag for tag in map(text_of, _given(run, "tag")) if tag),
        input_data=tuple(_input_data(inputs)),
        files=tuple(_files(output)),
        evaluation_list=tuple(_evaluations(output)),
        error_message=_text(run, "error_message"),
        evaluation_error=_text(run, "error"),
        run_details=_text(run, "run_details"),
        description_text=answer.text,
        api="v1",
        kept_at=answer.kept_at,
    )


def _given(element: dict[str, Any], name: str) -> list[Any]:
    return many(element.get(f"oml:{name}"))


def _parameters(run: dict[str, Any]) -> list[ParameterSetting]:
    return [
        ParameterSetting(
            _text(setting, "name") or "",
            _text(setting, "value") or "",
            integer(_text(setting, "component")),
        )
        for setting in _given(run, "parameter_setting")
        if isinstance(setting, dict)
    ]


def _input_data(inputs: dict[str, Any]) -> list[InputData]:
    return [
        InputData(did, _text(dataset, "name") or "", _text(dataset, "url") or "")
        for dataset in _given(inputs, "dataset")
        if isinstance(dataset, dict) and (did := integer(_text(dataset, "did"))) is not None
    ]


def _files(output: dict[str, Any]) -> list[OutputFile]:
    return [
        OutputFile(_text(file, "name") or "", file_id, _text(file, "url") or None)
        for file in _given(output, "file")
        if isinstance(file, dict) and (file_id := integer(_text(file, "file_id"))) is not None
    ]


def _evaluations(output: dict[str, Any]) -> list[Evaluation]:
    return [
        Evaluation(
            name=_text(evaluation, "name") or "",
            value=number(_text(evaluation, "value")),
            array_data=_text(evaluation, "array_data") or None,
            repeat=integer(evaluation.get("@repeat")),
            fold=integer(evaluation.get("@fold")),
            sample=integer(evaluation.get("@sample")),
        )
        for evaluation in _given(output, "evaluation")
        if isinstance(evaluation, dict)
    ]


def read_trace(answer: Answer) -> Trace:
    """The trace in a reply of V1's ``run/trace/{id}`` (PROTOCOL 6), ordered."""
    trace = parse(answer, "trace", TRACE_FIELDS)
    iterations = [
        TraceIteration(
            repeat=integer(_text(step, "repeat")) or 0,
            fold=integer(_text(step, "fold")) or 0,
            iteration=integer(_text(step, "iteration")) or 0,
            evaluation=number(_text(step, "evaluation")),
            selected=(_text(step, "selected") or "").strip().lower() == "true",
            setup_string=_text(step, "setup_string") or "",
        )
        for step in _given(trace, "trace_iteration")
        if isinstance(step, dict)
    ]
    iterations.sort(key=lambda step: (step.repeat, step.fold, step.iteration))
    return Trace(integer(_text(trace, "run_id")) or 0, tuple(iterations), answer.kept_at)
