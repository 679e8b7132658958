"""Reads a run description by V1's template, at the price of a search.

V1 fills one template for every run ("A run" in docs/protocol.md). A description whose texts hold no
``<`` is read by it: a head of single elements, then parameters, tags, data sets, files and
evaluations, each a list of equal elements. Everything else, a single character that the template
does not explain included, is left to the parser (``run_description``), which gives the same run.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from runbrowser.client.call import Answer
from runbrowser.client.wire.unread import Unread
from runbrowser.models import Evaluation, InputData, OutputFile, ParameterSetting, Run

_TEXT = "([^<]*+)"


def _one(name: str, inner: str = _TEXT) -> str:
    return rf"<oml:{name}>{inner}</oml:{name}>\s*+"


def _may(name: str, inner: str = _TEXT) -> str:
    return rf"(?:{_one(name, inner)})?"


_HEAD_FIELDS = (
    *("run_id", "uploader", "uploader_name", "task_id", "task_type", "task_evaluation_measure"),
    *("flow_id", "flow_name", "setup_id", "error", "error_message", "run_details", "setup_string"),
)
_OPTIONAL = {"task_evaluation_measure", "error", "error_message", "run_details", "setup_string"}
_HEAD = re.compile(
    r'\s*+(?:<\?xml[^<>]{0,200}>\s*+)?<oml:run xmlns:oml="http://openml\.org/openml">\s*+'
    + "".join((_may if name in _OPTIONAL else _one)(name) for name in _HEAD_FIELDS)
)


class _List(NamedTuple):
    """Equal elements, one after the other: ``run`` matches all of them, ``each`` one."""

    run: re.Pattern[str]
    each: re.Pattern[str]


def _list(name: str, inner: str, attributes: str = "") -> _List:
    element = rf"<oml:{name}{attributes}>\s*+{inner}</oml:{name}>\s*+"
    return _List(re.compile(rf"(?:{element})*"), re.compile(element))


_COMMENT = r"(?:<!--[^<>]*+(?<=--)>\s*+)?"
_PARAMETERS = _list("parameter_setting", _one("name") + _one("value") + _may("component"))
_TAGS = _List(re.compile(rf"(?:<oml:tag>{_TEXT}</oml:tag>\s*+)*"), re.compile(_one("tag")))
_DATASETS = _list("dataset", _one("did") + _one("name") + _one("url"))
_FILES = _list("file", _may("did") + _COMMENT + _one("file_id") + _one("name") + _one("url"))
_EVALUATIONS = _list(
    "evaluation",
    _one("name") + _may("value") + _may("array_data"),
    r'(?: repeat="([^"<>&]*+)")?(?: fold="([^"<>&]*+)")?(?: sample="([^"<>&]*+)")?',
)
_ENTITY = re.compile(r"&(?:(amp|lt|gt|quot|apos)|#([0-9]{1,7})|#x([0-9a-fA-F]{1,6}));|&")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


class _OtherTemplateError(Exception):
    """The template does not explain the document: the parser has to read it."""


def read_by_template(answer: Answer) -> Run | None:
    """The run in a description by today's template; None if anything in it is otherwise."""
    try:
        return _read(answer)
    except _OtherTemplateError:
        return None


def _read(answer: Answer) -> Run | None:
    text = answer.text
    head = _HEAD.match(text)
    if head is None or "]]>" in text:
        return None
    given = dict(zip(_HEAD_FIELDS, head.groups(), strict=True))
    reader = _Reader(text, head.end())
    unread = Unread()
    run_id = unread.integer(given["run_id"], "run_id")
    if run_id is None:
        return None
    uploader = unread.integer(given["uploader"], "uploader")
    task_id = unread.integer(given["task_id"], "task_id")
    flow_id = unread.integer(given["flow_id"], "flow_id")
    setup_id = unread.integer(given["setup_id"], "setup_id")
    parameters = tuple(
        ParameterSetting(name, _plain(value), unread.integer(component, "component"))
        for name, value, component in reader.all(_PARAMETERS)
    )
    tags = tuple(str(tag) for tag in reader.all(_TAGS) if tag)
    datasets: list[InputData] = []
    if reader.opened("input_data"):
        for did, name, url in reader.all(_DATASETS):
            number = unread.identity(did, f"data set {name}")
            if number is not None:
                datasets.append(InputData(number, name, url))
        reader.closed("input_data")
    files: list[OutputFile] = []
    evaluations: tuple[Evaluation, ...] = ()
    if reader.opened("output_data"):
        for _did, file_id, name, url in reader.all(_FILES):
            number = unread.identity(file_id, f"file {name}")
            if number is not None:
                files.append(OutputFile(name, number, url or None))
        evaluations = _evaluations(reader, unread)
        reader.closed("output_data")
    if not reader.ended():
        return None
    return Run(
        run_id=run_id,
        uploader=uploader,
        uploader_name=given["uploader_name"].strip() or None,
        task_id=task_id,
        task_type=_plain(given["task_type"]),
        task_evaluation_measure=_plain(given["task_evaluation_measure"] or "") or None,
        flow_id=flow_id,
        flow_name=given["flow_name"],
        setup_id=setup_id,
        setup_string=_plain(given["setup_string"] or "") or None,
        parameter_settings=parameters,
        tags=tags,
        input_data=tuple(datasets),
        files=tuple(files),
        evaluation_list=evaluations,
        error_message=given["error_message"],
        evaluation_error=None if given["error"] is None else _plain(given["error"]),
        run_details=given["run_details"],
        description_text=text,
        api="v1",
        kept_at=answer.kept_at,
        unread=tuple(unread),
        notices=answer.notices,
    )


def _evaluations(reader: _Reader, unread: Unread) -> tuple[Evaluation, ...]:
    number, integer = unread.number, unread.integer
    found = []
    for repeat, fold, sample, name, value, array_data in reader.all(_EVALUATIONS):
        name = _plain(name)
        try:
            score = float(value)
            plain = "_" not in value and value.isascii()
        except ValueError:
            plain = False
        found.append(
            Evaluation(
                name,
                score if plain else number(_plain(value), name),
                array_data or None,
                integer(repeat, "repeat") if repeat else None,
                integer(fold, "fold") if fold else None,
                integer(sample, "sample") if sample else None,
            )
        )
    return tuple(found)


class _Reader:
    """Goes through a document from list to list."""

    def __init__(self, text: str, position: int) -> None:
        self._text = text
        self._position = position

    def all(self, elements: _List) -> list[tuple[str, ...]]:
        """The texts of the equal elements that follow, '' for absent ones."""
        match = elements.run.match(self._text, self._position)
        start, self._position = self._position, match.end() if match else self._position
        return elements.each.findall(self._text, start, self._position)

    def opened(self, name: str) -> bool:
        """Whether the element that holds the next list follows."""
        return self._skip(f"<oml:{name}>")

    def closed(self, name: str) -> None:
        """The end of such an element must follow."""
        if not self._skip(f"</oml:{name}>"):
            raise _OtherTemplateError

    def ended(self) -> bool:
        """Whether nothing follows but the end of the document."""
        return self._skip("</oml:run>") and self._position == len(self._text)

    def _skip(self, tag: str) -> bool:
        if not self._text.startswith(tag, self._position):
            return False
        rest = _BLANK.match(self._text, self._position + len(tag))
        self._position = rest.end() if rest else self._position + len(tag)
        return True


_BLANK = re.compile(r"\s*+")


def _plain(text: str) -> str:
    """A text that V1 escapes, as it was before; any other entity is left to the parser."""
    return _ENTITY.sub(_character, text) if "&" in text else text


def _character(match: re.Match[str]) -> str:
    name, decimal, hexadecimal = match.groups()
    if name:
        return _NAMED[name]
    code = int(decimal) if decimal else int(hexadecimal, 16) if hexadecimal else 0
    if not (code >= 0x20 or code in (9, 10)) or not code < 0xD800:
        raise _OtherTemplateError
    return chr(code)
