"""The filter fields, one record each, and their language: one text form of a RunFilter.

``task:59 flow:8353,8354 uploader:me state:failed tag:study_14 error~"out of memory"``

Sidebar, filter line, command line, paths of V1, matching, help and documentation are made from
FIELDS: a new field is a new record here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from runbrowser.errors import UsageError
from runbrowser.fields import values
from runbrowser.fields.addresses import looks_like_address, read_address
from runbrowser.fields.records import Box, FilterField, Option, Verdict
from runbrowser.fields.signatures import says
from runbrowser.models import Facts, RunFilter, RunRow, RunState
from runbrowser.text import display


def _state_matches(state: RunState, row: RunRow, facts: Facts | None) -> Verdict:
    if state is RunState.FAILED or row.error_message:
        return state is RunState.FAILED and bool(row.error_message)
    return None if facts is None else facts.state is state


def _shown(show: bool, row: RunRow, facts: Facts | None) -> Verdict:
    if show or row.error_message:
        return True
    return None if facts is None else facts.state is not RunState.EVALUATION_FAILED


def _uploader_matches(
    value: tuple[tuple[int, ...], bool], row: RunRow, facts: Facts | None
) -> Verdict:
    ids, mine = value
    return row.uploader in ids or (None if mine else False)


_RECORDS = (
    FilterField(
        "run",
        "run ids: run:1,2,3",
        values.parse_ids,
        values.ids_text,
        lambda ids, row, facts: row.run_id in ids,
        ("run:1,2",),
        "runs by their ids; a bare number is a run id",
        attributes=("ids",),
        aliases=("id", "ids", "runs"),
        segment="run",
        path=values.ids_segment("a run id"),
        several=True,
        evaluations="asked",
        option=Option("--id", "Run ids, as 1,2,3.", "IDS"),
        placeholder="ids",
    ),
    FilterField(
        "task",
        "task ids: task:59",
        values.parse_ids,
        values.ids_text,
        lambda ids, row, facts: row.task_id in ids,
        ("task:59", "task:59,60"),
        "task ids",
        attributes=("task",),
        segment="task",
        path=values.ids_segment("a task id"),
        several=True,
        evaluations="asked",
        option=Option("--task", "Task ids.", "IDS"),
        placeholder="ids",
    ),
    FilterField(
        "setup",
        "setup ids: setup:37",
        values.parse_ids,
        values.ids_text,
        lambda ids, row, facts: row.setup_id in ids,
        ("setup:37",),
        "setup ids: a flow with its parameter settings",
        attributes=("setup",),
        segment="setup",
        path=values.ids_segment("a setup id"),
        several=True,
        evaluations="asked",
        option=Option("--setup", "Setup ids.", "IDS"),
        placeholder="ids",
    ),
    FilterField(
        "flow",
        "flow ids: flow:8353",
        values.parse_ids,
        values.ids_text,
        lambda ids, row, facts: row.flow_id in ids,
        ("flow:8353",),
        "flow ids",
        attributes=("flow",),
        segment="flow",
        path=values.ids_segment("a flow id"),
        several=True,
        evaluations="asked",
        option=Option("--flow", "Flow ids.", "IDS"),
        placeholder="ids",
    ),
    FilterField(
        "uploader",
        "user ids, or me: uploader:me",
        values.parse_uploader,
        values.uploader_text,
        _uploader_matches,
        ("uploader:16", "uploader:me"),
        "who uploaded the run; for `me` set `user_id`, the API does not tell",
        attributes=("uploader", "mine"),
        aliases=("user",),
        segment="uploader",
        path=lambda value: values.ids_segment("an uploader id")(value[0]),
        several=True,
        evaluations="asked",
        words=("me",),
        option=Option("--uploader", "User ids, or me.", "IDS"),
        placeholder="ids or me",
        boxes=(
            Box("only-mine", "only mine", lambda value: value[1], lambda value, on: (value[0], on)),
        ),
    ),
    FilterField(
        "study",
        "a run study's id: study:100",
        values.parse_study,
        str,
        lambda study, row, facts: None,
        ("study:100",),
        "a study of runs; legacy studies are tags, as `tag:study_14`",
        attributes=("study",),
        segment="study",
        path=values.study_segment,
        evaluations="asked",
        option=Option("--study", "A study of runs; legacy studies are tags.", "ID"),
        placeholder="id",
    ),
    FilterField(
        "tag",
        "a tag, whole: tag:study_14",
        values.parse_tag,
        str,
        lambda tag, row, facts: None,
        ("tag:NAME",),
        "one tag, whole, in any case",
        attributes=("tag",),
        segment="tag",
        path=values.tag_segment,
        evaluations="asked",
        option=Option("--tag", "A tag, whole.", "TAG"),
        placeholder="whole tag",
    ),
    FilterField(
        "type",
        "task types, by number or name: type:classification",
        values.parse_task_types,
        values.task_types_text,
        lambda kinds, row, facts: row.task_type_id in kinds,
        ("type:classification",),
        "the task type, by name or number",
        attributes=("task_type",),
        called="task type",
        aliases=("task_type", "task-type"),
        segment="task_type",
        path=values.ids_segment("a task type"),
        several=True,
        words=tuple(values.TYPE_NAMES),
        option=Option("--task-type", "Task types by number or name.", "TYPES"),
        placeholder="name or id",
    ),
    FilterField(
        "state",
        "ok, failed, eval-failed or not-evaluated",
        values.parse_state,
        values.state_text,
        _state_matches,
        ("state:ok", "state:failed", "state:eval-failed", "state:not-evaluated"),
        "how the run ended",
        attributes=("state",),
        needs_facts=lambda state: state is not RunState.FAILED,
        words=tuple(values.STATES),
        placeholder="all",
    ),
    FilterField(
        "error",
        'part of the error message: error~"memory"',
        str,
        str,
        lambda wanted, row, facts: says(row.error_message or "", wanted),
        ('error~"out of memory"',),
        "part of the error message, in any case",
        attributes=("error",),
        sign="~",
        placeholder="part of it",
    ),
    FilterField(
        "show-errors",
        "no: hide runs whose evaluation failed, as the server does unless asked",
        values.parse_yes_no,
        lambda show: "" if show else "no",
        _shown,
        ("show-errors:no",),
        "hide runs whose evaluation failed, as the server does unless asked",
        attributes=("show_errors",),
        aliases=("show_errors",),
        segment="show_errors",
        path=lambda show: "true" if show else "",
        evaluations="implied",
        words=("no",),
        option=Option(
            "--errors",
            "Show runs whose evaluation failed (the default), or hide them as the server does.",
            off="--no-errors",
        ),
        boxes=(
            Box("hide-errors", "hide eval errors", lambda show: not show, lambda _, on: not on),
        ),
    ),
)

FIELDS: dict[str, FilterField] = {record.key: record for record in _RECORDS}
"""Every filter field by its key, in the order of the text form."""


def field_of(name: str) -> FilterField | None:
    """The field of a key or an alias, in any case."""
    name = name.lower()
    found = FIELDS.get(name)
    return found or next((one for one in FIELDS.values() if name in one.aliases), None)


def in_force(filter: RunFilter) -> Iterator[FilterField]:
    """The fields by which a filter restricts something.

    Raises UsageError for a condition that no record explains: it would be ignored.
    """
    unknown = [one.key for one in filter.conditions if one.key not in FIELDS]
    if unknown:
        raise UsageError(f"There is no filter field {display(unknown[0], 40)!r}.")
    return (field for field in FIELDS.values() if field.value(filter) is not None)


_TOKEN = re.compile(r'\s*(?:([A-Za-z_-]+)\s*([:~=])\s*)?("(?:[^"\\]|\\.)*"|[^\s"]+|"[^"]*\Z)?')
_PLAIN = re.compile(r'[^\s"\\:~=]+\Z')


class FilterError(UsageError):
    """A filter that cannot be understood; ``start`` and ``end`` tell where in the text."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.start = start
        self.end = end


def parse(text: str) -> RunFilter:
    """The RunFilter that a text stands for.

    A bare number is a run id, and the address of a run, task, flow, setup or user stands for its
    id. Raises FilterError, which says what is wrong and where.
    """
    filter = RunFilter()
    seen: set[str] = set()
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:  # cannot be: every part of the expression is optional
            break
        start = match.end() - len(match[0].lstrip())
        position = match.end()
        key, value = match[1], match[3]
        word = text[start:].split(None, 1)[0] if start < len(text) else ""
        if looks_like_address(word):
            position = start + len(word)
            key, value = _of_address(word, start, position)
        if key is None and value is None:
            if position < len(text):
                raise FilterError(f"unexpected {text[position]!r}", position, position + 1)
            break
        if key is None:
            key, value = _bare(value, start, position)
        field = field_of(key)
        if field is None:
            known = ", ".join(FIELDS)
            key = display(key.lower(), 30)
            raise FilterError(f"unknown key {key!r}; known: {known}", start, position)
        key, value = field.key, _unquote(value or "")
        if not value.strip():
            raise FilterError(f"{key} wants a value: {field.docs}", start, position)
        if key in seen:
            raise FilterError(f"{key} is given twice; write {field.docs}", start, position)
        seen.add(key)
        try:
            filter = field.set(filter, value)
        except ValueError as error:
            raise FilterError(f"{key}: {error}", start, position) from None
    return filter


def _of_address(word: str, start: int, end: int) -> tuple[str, str]:
    address = read_address(word)
    if address is None:
        raise FilterError(
            f"{display(word, 60)!r} is no address of a run, task, flow, setup or user", start, end
        )
    return address.key, str(address.id)


def _bare(value: str, start: int, end: int) -> tuple[str, str]:
    if all(part.isascii() and part.isdecimal() for part in value.split(",") if part):
        return "run", value
    raise FilterError(
        f"{display(value, 40)!r} is no filter; write key:value, such as task:59 or state:failed",
        start,
        end,
    )


def _unquote(value: str) -> str:
    if value.startswith('"'):
        inner = value[1:-1] if len(value) > 1 and value.endswith('"') else value[1:]
        return re.sub(r"\\(.)", r"\1", inner, flags=re.DOTALL)
    return value


def _quote(value: str) -> str:
    if _PLAIN.match(value):
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def set_field(filter: RunFilter, key: str, text: str) -> RunFilter:
    """The filter with one field set from its text; '' clears it. ValueError says what is wrong."""
    field = field_of(key)
    if field is None:
        raise ValueError(f"there is no filter field {display(key, 40)!r}")
    return field.set(filter, text)


def fields(filter: RunFilter) -> dict[str, str]:
    """The text of every field that is set, by key, unquoted."""
    texts = {field.key: field.text(filter) for field in in_force(filter)}
    return {key: text for key, text in texts.items() if text}


def over(base: RunFilter, given: RunFilter) -> RunFilter:
    """``base`` with every field that ``given`` sets taken from there."""
    for field in in_force(given):
        base = field.put(base, field.value(given))
    return base


def to_text(filter: RunFilter) -> str:
    """The text form; ``parse(to_text(f)) == f`` for every filter."""
    return " ".join(
        f"{key}{FIELDS[key].sign}{_quote(text)}" for key, text in fields(filter).items()
    )
