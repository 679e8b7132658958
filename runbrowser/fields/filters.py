"""The filter language: one text form of a RunFilter for the filter line, the sidebar, views and
the command line.

``task:59 flow:8353,8354 uploader:me state:failed tag:study_14 error~"out of memory"``
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from runbrowser.errors import UsageError
from runbrowser.fields.addresses import looks_like_address, read_address
from runbrowser.models import RunFilter, RunState, TaskType
from runbrowser.text import display

STATES = {
    "ok": RunState.OK,
    "failed": RunState.FAILED,
    "eval-failed": RunState.EVALUATION_FAILED,
    "not-evaluated": RunState.NOT_EVALUATED,
}
"""The words for ``state:``."""

KEYS: dict[str, str] = {
    "run": "run ids: run:1,2,3",
    "task": "task ids: task:59",
    "setup": "setup ids: setup:37",
    "flow": "flow ids: flow:8353",
    "uploader": "user ids, or me: uploader:me",
    "study": "a run study's id: study:100",
    "tag": "a tag, whole: tag:study_14",
    "type": "task types, by number or name: type:classification",
    "state": "ok, failed, eval-failed or not-evaluated",
    "error": 'part of the error message: error~"memory"',
    "show-errors": "no: hide runs whose evaluation failed, as the server does unless asked",
}
"""Every key with what it takes, in the order of the text form."""

TYPE_NAMES = {
    "classification": TaskType.SUPERVISED_CLASSIFICATION,
    "regression": TaskType.SUPERVISED_REGRESSION,
    "learning-curve": TaskType.LEARNING_CURVE,
    "datastream": TaskType.SUPERVISED_DATASTREAM_CLASSIFICATION,
    "clustering": TaskType.CLUSTERING,
    "challenge": TaskType.MACHINE_LEARNING_CHALLENGE,
    "survival": TaskType.SURVIVAL_ANALYSIS,
    "subgroup": TaskType.SUBGROUP_DISCOVERY,
    "multitask-regression": TaskType.MULTITASK_REGRESSION,
    "active-classification": TaskType.ACTIVE_CLASSIFICATION,
    "text": TaskType.TEXT,
}
_ALIASES = {"id": "run", "ids": "run", "runs": "run", "user": "uploader", "task_type": "type",
            "task-type": "type", "show_errors": "show-errors"}  # fmt: skip
_ID_FIELDS = {"run": "ids", "task": "task", "setup": "setup", "flow": "flow"}

_TOKEN = re.compile(r'\s*(?:([A-Za-z_-]+)\s*([:~=])\s*)?("(?:[^"\\]|\\.)*"|[^\s"]+|"[^"]*\Z)?')
_PLAIN = re.compile(r'[^\s"\\:~=]+\Z')


class FilterError(UsageError):
    """A filter that cannot be understood; ``start`` and ``end`` tell where in the text."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.start = start
        self.end = end


def parse_ids(text: str) -> tuple[int, ...]:
    """Ids from ``1,2,3``; blanks are allowed. ValueError with words for a person otherwise."""
    ids = []
    for part in text.split(","):
        part = part.strip()
        if not part:
            continue
        if not (part.isascii() and part.isdecimal()):
            raise ValueError(
                f"{display(part, 40)!r} is no id: ids are whole numbers, as 59 or 1,2,3"
            )
        if len(part) > 18:
            raise ValueError(f"{display(part, 24)} is too large for an id")
        ids.append(int(part))
    return tuple(dict.fromkeys(ids))


def parse_task_types(text: str) -> tuple[int, ...]:
    """Task type ids from numbers or names, comma-separated."""
    kinds = []
    for part in text.split(","):
        part = part.strip().lower()
        if not part:
            continue
        if part in TYPE_NAMES:
            kinds.append(int(TYPE_NAMES[part]))
        elif part.isascii() and part.isdecimal() and len(part) < 10:
            kinds.append(int(part))
        else:
            names = ", ".join(TYPE_NAMES)
            raise ValueError(f"{display(part, 40)!r} is no task type: a number or one of {names}")
    return tuple(dict.fromkeys(kinds))


_SERVER_TAG = re.compile(r"[A-Za-z0-9\s,\-./:;<=>?@\[\\\]^_()0-9]*\Z")


def parse_tag(text: str) -> str:
    """One tag that V1's filter can look for (PROTOCOL 2): its server refuses other characters."""
    tag = text.strip()
    if not tag:
        raise ValueError("a tag has at least one character")
    if not _SERVER_TAG.match(tag) or "/" in tag or "\\" in tag:
        raise ValueError(
            f"the server cannot look for the tag {display(tag, 40)!r}: "
            "only letters, digits, blanks and . _ - ( ) and a few signs"
        )
    return tag


def parse_uploader(text: str) -> tuple[tuple[int, ...], bool]:
    """User ids, and whether ``me`` is among them."""
    parts = [part.strip() for part in text.split(",")]
    mine = any(part.lower() in ("me", "mine") for part in parts)
    return parse_ids(",".join(p for p in parts if p.lower() not in ("me", "mine"))), mine


def _one_id(text: str) -> int:
    ids = parse_ids(text)
    if len(ids) != 1:
        raise ValueError("one study id is wanted, as study:100")
    return ids[0]


def _state(text: str) -> RunState:
    word = text.strip().lower().replace("_", "-").replace(" ", "-")
    if word not in STATES:
        raise ValueError(f"{display(text, 40)!r} is no state: {', '.join(STATES)}")
    return STATES[word]


def _yes_no(text: str) -> bool:
    word = text.strip().lower()
    if word in ("yes", "true", "on", "1"):
        return True
    if word in ("no", "false", "off", "0"):
        return False
    raise ValueError("yes or no is wanted")


def set_field(filter: RunFilter, key: str, text: str) -> RunFilter:
    """The filter with one field set from its text; '' clears it. ValueError says what is wrong."""
    key = _ALIASES.get(key, key)
    if key in _ID_FIELDS:
        return replace(filter, **{_ID_FIELDS[key]: parse_ids(text)})  # type: ignore[arg-type]
    if key == "uploader":
        ids, mine = parse_uploader(text)
        return replace(filter, uploader=ids, mine=mine)
    if key == "type":
        return replace(filter, task_type=parse_task_types(text))
    readers: dict[str, tuple[str, Callable[[str], Any], Any]] = {
        "study": ("study", _one_id, None),
        "tag": ("tag", parse_tag, None),
        "state": ("state", _state, None),
        "error": ("error", str, None),
        "show-errors": ("show_errors", _yes_no, True),
    }
    name, read, empty = readers[key]
    return replace(filter, **{name: read(text) if text.strip() else empty})


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
        key = _ALIASES.get(key.lower(), key.lower())
        if key not in KEYS:
            known = ", ".join(KEYS)
            raise FilterError(f"unknown key {display(key, 30)!r}; known: {known}", start, position)
        value = _unquote(value or "")
        if not value.strip():
            raise FilterError(f"{key} wants a value: {KEYS[key]}", start, position)
        if key in seen:
            raise FilterError(f"{key} is given twice; write {KEYS[key]}", start, position)
        seen.add(key)
        try:
            filter = set_field(filter, key, value)
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


def fields(filter: RunFilter) -> dict[str, str]:
    """The text of every field that is set, by key, unquoted: what the sidebar shows."""
    texts = {key: ",".join(map(str, getattr(filter, name))) for key, name in _ID_FIELDS.items()}
    texts["uploader"] = ",".join([*(["me"] if filter.mine else []), *map(str, filter.uploader)])
    texts["study"] = "" if filter.study is None else str(filter.study)
    texts["tag"] = filter.tag or ""
    names = {int(kind): name for name, kind in TYPE_NAMES.items()}
    texts["type"] = ",".join(names.get(kind, str(kind)) for kind in filter.task_type)
    words = {state: word for word, state in STATES.items()}
    texts["state"] = words.get(filter.state, "") if filter.state else ""
    texts["error"] = filter.error or ""
    texts["show-errors"] = "" if filter.show_errors else "no"
    return {key: texts[key] for key in KEYS if texts[key]}


def over(base: RunFilter, given: RunFilter) -> RunFilter:
    """``base`` with every field that ``given`` sets taken from there."""
    for key, text in fields(given).items():
        base = set_field(base, key, text)
    return base


def to_text(filter: RunFilter) -> str:
    """The text form; ``parse(to_text(f)) == f`` for every filter."""
    return " ".join(
        f"{key}{'~' if key == 'error' else ':'}{_quote(value)}"
        for key, value in fields(filter).items()
    )
