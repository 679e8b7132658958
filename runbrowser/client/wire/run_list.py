"""Reads V1's ``run/list``, well-formed or not.

V1 pastes error messages and run details into a fixed template without escaping them (PROTOCOL 2
and 3), so one ``&`` makes the page unreadable for an XML parser. This scanner knows the template
instead: a row is nine elements in a fixed order, and it ends where the template begins the next
one. The text of a message is therefore taken verbatim, as the server's database has it.

A page is read in up to three ways, each only if the one before left a byte unexplained: rows whose
texts hold no ``<`` at once; else row by row, a row being all up to the next row's start; and rows
of a template that we do not know by the names of their elements.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
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
_ID = "[0-9]{0,18}"  # what a signed 64-bit column can hold; \d would take any script's digits

_ROOT = re.compile(
    r'(?:\ufeff|\s)*(?:<\?xml[^>]*\?>\s*)?<oml:runs xmlns:oml="http://openml\.org/openml"\s*(/?)>'
)
_END = "</oml:runs>"
_PLAIN_ROW = re.compile(
    r"<oml:run>\n    <oml:run_id>([0-9]{1,18})</oml:run_id>\n    "
    + "".join(rf"<oml:{name}>({_ID})</oml:{name}>\n    " for name in _FIELDS[1 : _INTEGERS - 1])
    + rf"<oml:uploader>({_ID})</oml:uploader>\n\t\t"
    r"<oml:upload_time>([^<]*)</oml:upload_time>\n    "
    r"<oml:error_message>([^<]*)</oml:error_message>\n    "
    r"<oml:run_details>([^<]*)</oml:run_details>\n  </oml:run>"
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
_FIRST_ROW = re.compile(r"\s*<oml:run>\s*<oml:run_id>")
_BETWEEN_ROWS = re.compile(r"(</oml:run_details>\s*</oml:run>\s*<oml:run>\s*<oml:run_id>)")
# A message may hold anything, also what ends a message; run_details cannot today (the upload
# schema knows no `<` there), so the last end of a message in the row is the message's end.
_ROW = re.compile(
    r"([0-9]{1,18})</oml:run_id>\n    "
    + "".join(rf"<oml:{name}>({_ID})</oml:{name}>\n    " for name in _FIELDS[1 : _INTEGERS - 1])
    + rf"<oml:uploader>({_ID})</oml:uploader>\n\t\t"
    r"<oml:upload_time>([^<]*)</oml:upload_time>\n    "
    r"<oml:error_message>(.*)</oml:error_message>\n    <oml:run_details>(.*)",
    re.DOTALL,
)


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
    end = len(text.rstrip()) - len(_END)
    if end < root.end() or not text.startswith(_END, end):
        raise AnswerError(
            f"The list of runs was cut off after {len(text):,} characters. Try again.",
            url=answer.url,
            status=answer.status,
        )
    found: list[tuple[str, ...]] = _PLAIN_ROW.findall(text, root.end())
    unread: list[str] = []
    if _HEAD_AND_FOOT + _FRAME * len(found) + sum(map(len, map("".join, found))) != len(text):
        found = []
        _row_by_row(text[root.end() : end], found, unread)
    received = len(found) + len(unread)
    if not found:
        return RunPage(limit=limit, offset=offset, received=received, unread=tuple(unread))
    columns = _columns(found)
    ids = columns[0]
    if len(set(ids)) != len(ids):
        first: dict[int, int] = {}
        for position, run_id in enumerate(ids):
            first.setdefault(run_id, position)
        columns = [[column[i] for i in first.values()] for column in columns]
    return RunPage(columns, limit=limit, offset=offset, received=received, unread=tuple(unread))


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


def _row_by_row(rows: str, found: list[tuple[str, ...]], unread: list[str]) -> None:
    """Reads what stands between the root's tags, cut where the template ends and begins a row."""
    first = _FIRST_ROW.match(rows)
    start = first.end() if first else 0
    end = _end_of_last_row(rows)
    # Rows and what stands between them by turns.
    pieces = _BETWEEN_ROWS.split(rows[start:end])
    pieces = [rows[:start], *pieces, rows[end:]]
    for position in range(1, len(pieces), 2):
        before, piece, after = pieces[position - 1 : position + 2]
        match = _ROW.fullmatch(piece) if before and after else None
        if match is not None:
            found.append(match.groups())
            continue
        whole = before[before.rfind("<oml:run>") :] if before else ""
        whole += piece
        whole += after.rpartition("<oml:run>")[0] if position + 2 < len(pieces) else after
        for row in _other_rows(whole):
            _by_name(row, found, unread)


def _end_of_last_row(rows: str) -> int:
    """Where the last row's details end; the end of the text when the template does not fit."""
    end = len(rows)
    for tag in ("</oml:run>", "</oml:run_details>"):
        end = len(rows[:end].rstrip())
        if not rows.endswith(tag, 0, end):
            return len(rows)
        end -= len(tag)
    return end


def _other_rows(text: str) -> Iterator[str]:
    """Rows with whatever stands around them: each goes from one ``<oml:run>`` to the next that
    follows a ``</oml:run>``.
    """
    parts: list[str] = []
    for part in re.split("(<oml:run>)", text):
        if part == "<oml:run>" and parts and parts[-1].rstrip().endswith("</oml:run>"):
            yield "".join(parts)
            parts = []
        parts.append(part)
    yield "".join(parts)


def _by_name(row: str, found: list[tuple[str, ...]], unread: list[str]) -> None:
    """Reads a row of another template (other order, missing elements) by its elements' names."""
    start, end = row.find("<oml:run>"), row.rfind("</oml:run>")
    around = [row] if start < 0 else [row[:start], row[end + 10 :] if end >= 0 else ""]
    unread += [words.strip() for words in around if words.strip()]
    if start < 0:
        return
    row = row[start : end + 10 if end >= 0 else None]
    values = []
    for position, name in enumerate(_FIELDS):
        start = row.find(f"<oml:{name}>")
        # A message goes on to its last closing tag, an id or a time ends at its first.
        find_end = row.find if position <= _INTEGERS else row.rfind
        end = find_end(f"</oml:{name}>", start + 1) if start >= 0 else -1
        values.append(row[start + len(name) + 6 : end] if end >= 0 else "")
    ids = [value.strip() for value in values[:_INTEGERS]]
    if ids[0] and all(re.fullmatch(_ID, value) for value in ids):
        found.append((*ids, *values[_INTEGERS:]))
    else:
        unread.append(row.strip())
