"""The language of filters: one text form of a RunFilter.

``task:59 flow:8353,8354 uploader:me state:failed -tag:study_14 error~"out of memory"``
"""

from __future__ import annotations

import re

from runbrowser.errors import UsageError
from runbrowser.fields.addresses import looks_like_address, read_address
from runbrowser.fields.filter_fields import FIELDS, field_of, heads, in_force
from runbrowser.models import RunFilter
from runbrowser.text import display

__all__ = ["FIELDS", "FilterError", "field_of", "fields", "in_force", "over", "parse", "set_field",
           "to_text"]  # fmt: skip

_TOKEN = re.compile(
    r"\s*(?:([A-Za-z_-]+)\s*(=~|[:~=]|(?=[<>]))\s*)?"
    r'("(?:[^"\\]|\\.)*"|[<>]=?\s+[^\s"]+|[^\s"]+|"[^"]*\Z)?'
)
_PLAIN = re.compile(r'[^\s"\\:~=<>]+\Z')


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
        field = field_of(key, match[2] or "")
        if field is None:
            known = ", ".join(heads())
            key = display(key.lower(), 30)
            raise FilterError(f"unknown key {key!r}; known: {known}", start, position)
        key, value = field.key, _unquote(value or "")
        if not value.strip():
            raise FilterError(f"{field.name} wants a value: {field.docs}", start, position)
        if key in seen:
            raise FilterError(f"{field.name} is given twice; write {field.docs}", start, position)
        seen.add(key)
        try:
            filter = field.set(filter, value)
        except ValueError as error:
            raise FilterError(f"{field.name}: {error}", start, position) from None
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
    found = ((field, field.text(filter)) for field in in_force(filter))
    return " ".join(
        f"{field.head}{_quote(text) if field.sign else text}" for field, text in found if text
    )
