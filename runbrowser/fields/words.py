"""Names in a filter: what is typed as it is called, before its ids are known.

``iris svc`` and ``flow:SVC data:iris uploader:tuning-bot state:failed`` hold names; all else is the
language of :mod:`runbrowser.fields.filters`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from runbrowser.fields.addresses import looks_like_address

_WORD = re.compile(r'(?:([A-Za-z_-]+):)?("(?:[^"\\]|\\.)*"|[^\s":~=<>]+)(?=\s|\Z)')
_IDS = re.compile(r"[0-9,]+")
_KINDS = {"flow": "flow", "data": "data", "uploader": "uploader", "user": "uploader"}
_NOT_NAMES = {"uploader": {"me"}}


class Name(NamedTuple):
    """A name that was typed: of a ``kind`` ('flow', 'data', 'uploader'), '' where it was not said;
    it stands in the text from ``start`` to ``end``.
    """

    kind: str
    text: str
    start: int
    end: int


def names_in(text: str) -> list[Name]:
    """The names in a filter, in their order."""
    found = []
    position = 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        match = _WORD.match(text, position)
        end = match.end() if match is not None else _after_word(text, position)
        if match is not None and not looks_like_address(match[0]):
            name = _name(match[1], match[2], position, end)
            if name is not None:
                found.append(name)
        position = end
    return found


def _after_word(text: str, position: int) -> int:
    """The end of a word of the language; blanks within quotes belong to it."""
    quoted = False
    while position < len(text) and (quoted or not text[position].isspace()):
        quoted ^= text[position] == '"'
        position += 1
    return position


def _name(key: str | None, value: str, start: int, end: int) -> Name | None:
    text = value.strip('"').strip()
    if not text or _IDS.fullmatch(text):
        return None
    if key is None:
        return Name("", text, start, end)
    kind = _KINDS.get(key.lower())
    known = {part.lower() for part in text.split(",") if not _IDS.fullmatch(part)}
    if kind is None or known <= _NOT_NAMES.get(kind, set()):
        return None
    return Name(kind, text, start, end)


def without(text: str, names: list[Name]) -> str:
    """The rest of a filter, without its names."""
    for name in reversed(names):
        text = f"{text[: name.start]} {text[name.end :]}"
    return " ".join(text.split()) if '"' not in text else text.strip()
