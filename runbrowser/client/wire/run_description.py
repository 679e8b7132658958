"""Reads a run description (``run/{id}`` of V1) into a Run, well-formed or not.

V1 pastes some fields into its template unescaped (PROTOCOL 3). Those fields are known, so they are
escaped here before the document goes to the XML parser; what they hold is then taken verbatim, as
``run/list`` and V2 give it.
"""

from __future__ import annotations

import re
from html import escape
from typing import Any
from xml.parsers.expat import ExpatError

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

_RAW_FIELDS = re.compile(
    r"<oml:(error_message|run_details|uploader_name|flow_name|name|tag|url|array_data)>"
    # up to the closing tag after which the template goes on; `<oml:name>` starts another field
    r"(.*?)</oml:\1>(?=\s*(?:</?oml:[a-z_]+[ />]|<!--|\Z))",
    re.DOTALL,
)
_RAW_TRACE_FIELDS = re.compile(
    r"<oml:(setup_string)>(.*?)</oml:\1>(?=\s*</?oml:[a-z_]+[ />])", re.DOTALL
)
_BARE_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-fA-F]{1,6});)")
_BARE_LESS = re.compile(r"<(?!/?oml:[a-z_]+(?:\s[^<>]*)?/?>|!--|\?xml)")
# XML has no way to write most control characters, and its parser turns CR into LF: they travel
# through the parser as characters of the last private plane.
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
_SHIFT = 0x100000
_SHIFTED = re.compile("[\U00100000-\U0010ffff]")


def _hide(match: re.Match[str]) -> str:
    return chr(_SHIFT + ord(match[0]))


def _show(text: str) -> str:
    return _SHIFTED.sub(lambda match: chr(ord(match[0]) - _SHIFT), text)


def repair(text: str, raw_fields: re.Pattern[str] = _RAW_FIELDS) -> str:
    """The document with its unescaped fields escaped, so that an XML parser can read it."""
    text = _UNWRITABLE.sub(_hide, text.strip())
    return raw_fields.sub(lambda m: f"<oml:{m[1]}>{escape(m[2], quote=False)}</oml:{m[1]}>", text)


def parse(answer: Answer, root: str, raw_fields: re.Pattern[str] = _RAW_FIELDS) -> dict[str, Any]:
    """The named root element of a V1 document as xmltodict gives it, texts verbatim.

    Raises AnswerError when the document is another one or cannot be read even after repair.
    """
    import xmltodict

    repaired = repair(answer.text, raw_fields)
    options: dict[str, Any] = {"strip_whitespace": False}
    try:
        document = xmltodict.parse(repaired, **options)
    except ExpatError:
        # A field that is broken where no field is known to be: mend every stray character.
        mended = _BARE_LESS.sub("&lt;", _BARE_AMPERSAND.sub("&amp;", repaired))
        try:
            document = xmltodict.parse(mended, **options)
        except ExpatError as error:
            raise AnswerError(
                f"The server's description cannot be read, even mended: {error}.",
                url=answer.url,
                status=answer.status,
            ) from None
    body = document.get(f"oml:{root}")
    if not isinstance(body, dict):
        found = display(next(iter(document), "nothing"), 60)
        raise AnswerError(
            f"The answer holds {found} where oml:{root} was asked for.",
            url=answer.url,
            status=answer.status,
        )
    return body


def many(value: Any) -> list[Any]:
    """What xmltodict gives for none, one or several elements, as a list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def text_of(value: Any) -> str | None:
    """An element's text: None when it is absent, '' when it is empty."""
    if isinstance(value, dict):
        value = value.get("#text", "")
    return None if value is None else _show(str(value))


def _text(element: dict[str, Any], name: str) -> str | None:
    """As :func:`text_of`; xmltodict gives None for an empty element, so presence is asked first."""
    key = f"oml:{name}"
    if key not in element:
        return None
    return text_of(element[key]) or ""


def integer(text: str | None) -> int | None:
    """A whole number, or None for an empty, absent or other text."""
    try:
        return int((text or "").strip())
    except ValueError:
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
        raise AnswerError("The run description names no run id.", url=answer.url)
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
        tags=tuple(tag for tag in map(text_of, many(run.get("oml:tag"))) if tag),
        input_data=tuple(_input_data(inputs)),
        files=tuple(_files(output)),
        evaluation_list=tuple(_evaluations(output)),
        error_message=_text(run, "error_message"),
        evaluation_error=_text(run, "error"),
        run_details=_text(run, "run_details"),
        description_text=answer.text,
        api="v1",
    )


def _parameters(run: dict[str, Any]) -> list[ParameterSetting]:
    return [
        ParameterSetting(
            _text(setting, "name") or "",
            _text(setting, "value") or "",
            integer(_text(setting, "component")),
        )
        for setting in many(run.get("oml:parameter_setting"))
        if isinstance(setting, dict)
    ]


def _input_data(inputs: dict[str, Any]) -> list[InputData]:
    return [
        InputData(did, _text(dataset, "name") or "", _text(dataset, "url") or "")
        for dataset in many(inputs.get("oml:dataset"))
        if isinstance(dataset, dict) and (did := integer(_text(dataset, "did"))) is not None
    ]


def _files(output: dict[str, Any]) -> list[OutputFile]:
    return [
        OutputFile(_text(file, "name") or "", file_id, _text(file, "url") or None)
        for file in many(output.get("oml:file"))
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
        for evaluation in many(output.get("oml:evaluation"))
        if isinstance(evaluation, dict)
    ]


def read_trace(answer: Answer) -> Trace:
    """The trace in a reply of V1's ``run/trace/{id}`` (PROTOCOL 6), ordered."""
    trace = parse(answer, "trace", _RAW_TRACE_FIELDS)
    iterations = [
        TraceIteration(
            repeat=integer(_text(step, "repeat")) or 0,
            fold=integer(_text(step, "fold")) or 0,
            iteration=integer(_text(step, "iteration")) or 0,
            evaluation=number(_text(step, "evaluation")),
            selected=(_text(step, "selected") or "").strip().lower() == "true",
            setup_string=_text(step, "setup_string") or "",
        )
        for step in many(trace.get("oml:trace_iteration"))
        if isinstance(step, dict)
    ]
    iterations.sort(key=lambda step: (step.repeat, step.fold, step.iteration))
    return Trace(integer(_text(trace, "run_id")) or 0, tuple(iterations))
