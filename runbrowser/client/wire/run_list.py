"""Reads V1's ``run/list``, well-formed or not.

V1 pastes error messages and run details into a fixed template without escaping them (PROTOCOL 2
and 3), so one ``&`` makes the page unreadable for an XML parser. This scanner knows the template
instead: a row is nine elements in a fixed order, and a message ends where the template goes on.
The text of a message is therefore taken verbatim, byte for byte as the server's database has it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from runbrowser.client.call import Answer
from runbrowser.errors import AnswerError
from runbrowser.models import RunPage
from runbrowser.text import display

_FIELDS = (
    "run_id",
    "task_id",
    "task_type_id",
    "setup_id",
    "flow_id",
    "uploader",
    "upload_time",
    "error_message",
    "run_details",
)
_INTEGERS = 6  # the first six fields are ids

_ROOT = re.compile(
    r'(?:\ufeff|\s)*(?:<\?xml[^>]*\?>\s*)?<oml:runs xmlns:oml="http://openml\.org/openml"\s*(/?)>'
)
_END = re.compile(r"</oml:runs>\s*\Z")
# Any text up to where the template goes on. It never runs into the next row, so that a page of a
# template we do not know costs one look at each row, not one at each pair of rows.
_VERBATIM = r"[^<]*+(?:<(?!oml:run_id>)[^<]*+)*?"
_ROW = re.compile(
    r"<oml:run>\s*<oml:run_id>(\d+)</oml:run_id>\s*"
    + "".join(rf"<oml:{name}>(\d*)</oml:{name}>\s*" for name in _FIELDS[1:_INTEGERS])
    + r"<oml:upload_time>([^<]*)</oml:upload_time>\s*"
    rf"<oml:error_message>({_VERBATIM})</oml:error_message>\s*"
    rf"<oml:run_details>({_VERBATIM})</oml:run_details>\s*"
    r"</oml:run>(?=\s*(?:<oml:run>\s*<oml:run_id>|</oml:runs>\s*\Z))"
)
# What the template spends on a row beside its nine texts, white space between rows included:
# if the lengths add up, every byte of the page was read and nothing stands between the rows.
_FRAME = len(
    "    <oml:run>\n    <oml:run_id></oml:run_id>\n    <oml:task_id></oml:task_id>\n"
    "    <oml:task_type_id></oml:task_type_id>\n    <oml:setup_id></oml:setup_id>\n"
    "    <oml:flow_id></oml:flow_id>\n    <oml:uploader></oml:uploader>\n"
    "\t\t<oml:upload_time></oml:upload_time>\n    <oml:error_message></oml:error_message>\n"
    "    <oml:run_details></oml:run_details>\n  </oml:run>\n"
)
_HEAD_AND_FOOT = len('<oml:runs xmlns:oml="http://openml.org/openml">\n\t  </oml:runs>\n') - 2


def read_run_list(answer: Answer, *, limit: int | None, offset: int) -> RunPage:
    """The page of runs in a reply of ``run/list``.

    Rows are keyed by run id: a run that two engines evaluated is sent twice and kept once (the
    list tells nothing of the engines). Rows that cannot be read are counted and kept as text.
    Raises AnswerError (a ValueError) when the reply is not a run list or was cut off.
    """
    text = answer.text
    root = _ROOT.match(text)
    if root is None:
        start = display(text.strip(), 60)
        raise AnswerError(
            f"The answer is not a list of runs (it begins: {start}). "
            "Check the server URL: V1 ends in /api/v1/xml/.",
            url=answer.url,
            status=answer.status,
        )
    if root[1]:
        return RunPage(limit=limit, offset=offset)
    if not _END.search(text, max(root.end() - 16, len(text) - 64)):
        raise AnswerError(
            f"The list of runs was cut off after {len(text):,} characters. Try again.",
            url=answer.url,
            status=answer.status,
        )
    found: list[tuple[str, ...]] = _ROW.findall(text, root.end())
    unread: tuple[str, ...] = ()
    if _HEAD_AND_FOOT + _FRAME * len(found) + sum(map(len, map("".join, found))) != len(text):
        found, unread = _row_by_row(text, root.end())
    received = len(found) + len(unread)
    if not found:
        return RunPage(limit=limit, offset=offset, received=received, unread=unread)
    columns = _columns(found)
    ids = columns[0]
    if len(set(ids)) != len(ids):
        first: dict[int, int] = {}
        for position, run_id in enumerate(ids):
            first.setdefault(run_id, position)
        columns = [[column[i] for i in first.values()] for column in columns]
    return RunPage(columns, limit=limit, offset=offset, received=received, unread=unread)


def _columns(found: Sequence[tuple[str, ...]]) -> list[list[Any]]:
    texts = list(zip(*found, strict=True))
    columns: list[list[Any]] = [_integers(column) for column in texts[:_INTEGERS]]
    columns += [[value or None for value in column] for column in texts[_INTEGERS:]]
    return columns


def _integers(column: Sequence[str]) -> list[int | None]:
    try:
        return list(map(int, column))
    except ValueError:  # an empty element: NULL in the database
        return [int(value) if value else None for value in column]


def _row_by_row(text: str, start: int) -> tuple[list[tuple[str, ...]], tuple[str, ...]]:
    """Rows with the gaps between them looked at: what the template does not fit is not lost."""
    found: list[tuple[str, ...]] = []
    unread: list[str] = []
    end = text.rindex("</oml:runs>")
    for match in _ROW.finditer(text, start):
        _look_at_gap(text[start : match.start()], found, unread)
        found.append(match.groups())
        start = match.end()
    _look_at_gap(text[start:end], found, unread)
    return found, tuple(unread)


def _look_at_gap(gap: str, found: list[tuple[str, ...]], unread: list[str]) -> None:
    """Reads rows of another template (other order, missing elements) by their elements' names."""
    for piece in re.split(r"(?=<oml:run>)", gap):
        if not piece.strip():
            continue
        values = []
        for name in _FIELDS:
            element = re.search(rf"<oml:{name}>(.*?)</oml:{name}>", piece, re.DOTALL)
            values.append(element[1] if element else "")
        if values[0].strip().isdecimal() and all(
            not value.strip() or value.strip().isdecimal() for value in values[:_INTEGERS]
        ):
            found.append((*(value.strip() for value in values[:_INTEGERS]), *values[_INTEGERS:]))
        else:
            unread.append(piece.strip())
