"""Reads a run description (``run/{id}`` of V1) into a Run, well-formed or not."""

from __future__ import annotations

from typing import Any

from runbrowser.client.call import Answer
from runbrowser.client.wire.numbers import integer, number
from runbrowser.client.wire.repair import TRACE_FIELDS, many, parse, repair, text_of
from runbrowser.client.wire.repair import element_text as _text
from runbrowser.client.wire.run_template import read_by_template
from runbrowser.client.wire.unread import Unread
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

__all__ = ["integer", "many", "number", "parse", "read_run", "read_trace", "repair", "text_of"]


def read_run(answer: Answer) -> Run:
    """The run in a reply of V1's ``run/{id}`` ("A run" in docs/protocol.md).

    Runs without files, evaluations, input data or uploader are read as well; unknown elements are
    passed over, and what cannot be read is named in ``unread``. Raises AnswerError when the reply
    is no run description.
    """
    by_template = read_by_template(answer)
    return by_parser(answer) if by_template is None else by_template


def by_parser(answer: Answer) -> Run:
    """The run in a description of any template, well-formed or not; see :func:`read_run`."""
    run = parse(answer, "run")
    run_id = integer(_text(run, "run_id"))
    if run_id is None:
        raise AnswerError("The run description names no run id. Try again.", url=answer.url)
    output = run.get("oml:output_data")
    output = output if isinstance(output, dict) else {}
    inputs = run.get("oml:input_data")
    inputs = inputs if isinstance(inputs, dict) else {}
    unread = Unread()
    return Run(
        run_id=run_id,
        uploader=unread.integer(_text(run, "uploader"), "uploader"),
        uploader_name=(_text(run, "uploader_name") or "").strip() or None,
        task_id=unread.integer(_text(run, "task_id"), "task_id"),
        task_type=_text(run, "task_type"),
        task_evaluation_measure=_text(run, "task_evaluation_measure") or None,
        flow_id=unread.integer(_text(run, "flow_id"), "flow_id"),
        flow_name=_text(run, "flow_name"),
        setup_id=unread.integer(_text(run, "setup_id"), "setup_id"),
        setup_string=_text(run, "setup_string") or None,
        parameter_settings=tuple(_parameters(run, unread)),
        tags=tuple(tag for tag in map(text_of, _given(run, "tag")) if tag),
        input_data=tuple(_input_data(inputs, unread)),
        files=tuple(_files(output, unread)),
        evaluation_list=tuple(_evaluations(output, unread)),
        error_message=_text(run, "error_message"),
        evaluation_error=_text(run, "error"),
        run_details=_text(run, "run_details"),
        description_text=answer.text,
        api="v1",
        kept_at=answer.kept_at,
        unread=tuple(unread),
        notices=answer.notices,
    )


def _given(element: dict[str, Any], name: str) -> list[Any]:
    return many(element.get(f"oml:{name}"))


def _given_elements(element: dict[str, Any], name: str, unread: Unread) -> list[dict[str, Any]]:
    """The elements of this name that hold elements; others are noted."""
    found = []
    for item in _given(element, name):
        if isinstance(item, dict):
            found.append(item)
        else:
            unread.append(f"{name}: {display(text_of(item) or '', 80)}".strip())
    return found


def _parameters(run: dict[str, Any], unread: Unread) -> list[ParameterSetting]:
    return [
        ParameterSetting(
            _text(setting, "name") or "",
            _text(setting, "value") or "",
            unread.integer(_text(setting, "component"), "component"),
        )
        for setting in _given_elements(run, "parameter_setting", unread)
    ]


def _input_data(inputs: dict[str, Any], unread: Unread) -> list[InputData]:
    found = []
    for dataset in _given_elements(inputs, "dataset", unread):
        name = _text(dataset, "name") or ""
        did = unread.identity(_text(dataset, "did"), f"data set {name}")
        if did is not None:
            found.append(InputData(did, name, _text(dataset, "url") or ""))
    return found


def _files(output: dict[str, Any], unread: Unread) -> list[OutputFile]:
    found = []
    for file in _given_elements(output, "file", unread):
        name = _text(file, "name") or ""
        file_id = unread.identity(_text(file, "file_id"), f"file {name}")
        if file_id is not None:
            found.append(OutputFile(name, file_id, _text(file, "url") or None))
    return found


def _evaluations(output: dict[str, Any], unread: Unread) -> list[Evaluation]:
    return [
        Evaluation(
            name=(name := _text(evaluation, "name") or ""),
            value=unread.number(_text(evaluation, "value"), name),
            array_data=_text(evaluation, "array_data") or None,
            repeat=unread.integer(evaluation.get("@repeat"), "repeat"),
            fold=unread.integer(evaluation.get("@fold"), "fold"),
            sample=unread.integer(evaluation.get("@sample"), "sample"),
        )
        for evaluation in _given_elements(output, "evaluation", unread)
    ]


def read_trace(answer: Answer) -> Trace:
    """The trace in a reply of V1's ``run/trace/{id}``, ordered."""
    unread = Unread()
    trace = parse(answer, "trace", TRACE_FIELDS)
    iterations = [
        TraceIteration(
            repeat=unread.integer(_text(step, "repeat"), "repeat") or 0,
            fold=unread.integer(_text(step, "fold"), "fold") or 0,
            iteration=unread.integer(_text(step, "iteration"), "iteration") or 0,
            evaluation=unread.number(_text(step, "evaluation"), "evaluation"),
            selected=(_text(step, "selected") or "").strip().lower() == "true",
            setup_string=_text(step, "setup_string") or "",
        )
        for step in _given_elements(trace, "trace_iteration", unread)
    ]
    iterations.sort(key=lambda step: (step.repeat, step.fold, step.iteration))
    return Trace(
        integer(_text(trace, "run_id")) or 0,
        tuple(iterations),
        answer.kept_at,
        tuple(unread),
        answer.notices,
    )
