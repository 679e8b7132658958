"""Reads V1's ``run/list``, well-formed or not.

V1 pastes error messages and run details into a fixed template without escaping them ("Texts that
V1 does not escape" in docs/protocol.md), so one ``&`` makes the page unreadable for an XML parser.
This scanner knows the template instead: a row is nine elements in a fixed order, and it ends where
the template begins the next one. The text of a message is therefore taken verbatim, as the
server's database has it.

A page is read in up to four ways, each only if the one before left a byte unexplained: rows whose
texts hold no ``<`` at once, in today's white space and then in any; else row by row, a row being
all up to the next row's start; and rows of a template that we do not know by the names of their
elements. What PHP wrote beside the list is gone from the answer's text before.
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


def _loose(name: str, value: str) -> str:
    return rf"<oml:{name}(?:\s?/>|>{value}</oml:{name}>)\s*+"


_ANY_ID = rf"\s*+({_ID}+)\s*+"
_IDS_LOOSE = "".join(_loose(name, _ANY_ID) for name in _FIELDS[1:_INTEGERS])
# The same row in other white space; the whole is a group, so that lengths can be added up here too.
_LOOSE_ROW = re.compile(
    rf"(<oml:run>\s*+<oml:run_id>\s*+([0-9]{{1,18}}+)\s*+</oml:run_id>\s*+{_IDS_LOOSE}"
    + "".join(_loose(name, "([^<]*+)") for name in _FIELDS[_INTEGERS:])
    + r"</oml:run>\s*+)"
)
_FIRST_ROW = re.compile(r"\s*+<oml:run>\s*+<oml:run_id>")
# Between two rows stand blanks; anything else but tags of the list is told apart by what it parts.
_BETWEEN_ROWS = re.compile(
    r"</oml:run_details>\s*+</oml:run>([^<]*+(?:<(?!/?oml:)[^<]*+)*)<oml:run>\s*+<oml:run_id>"
)
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
_LOOSE = re.compile(
    rf"\s*+([0-9]{{1,18}}+)\s*+</oml:run_id>\s*+{_IDS_LOOSE}"
    r"<oml:upload_time>([^<]*+)</oml:upload_time>\s*+"
    r"<oml:error_message>(.*)</oml:error_message>\s*+<oml:run_details>(.*)",
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
        return RunPage(limit=limit, offset=offset, notices=answer.notices)
    end = len(text.rstrip()) - len(_END)
    if end < root.end() or not text.startswith(_END, end):
        raise AnswerError(
            f"The list of runs was cut off after {len(text):,} characters. Try again.",
            url=answer.url,
            status=answer.status,
        )
    unread: list[str] = []
    notices = list(answer.notices)
    found = _plain(text, root.end(), end)
    if found is None:
        found = []
        _row_by_row(text[root.end() : end], found, unread, notices)
    received = len(found) + len(unread)
    columns: Sequence[Sequence[Any]] = _columns(found) if found else ((),) * len(_FIELDS)
    ids = columns[0]
    if len(set(ids)) != len(ids):
        first: dict[int, int] = {}
        for position, run_id in enumerate(ids):
            first.setdefault(run_id, position)
        columns = [[column[i] for i in first.values()] for column in columns]
    return RunPage(
        columns,
        limit=limit,
        offset=offset,
        received=received,
        unread=tuple(unread),
        notices=tuple(notices),
    )


def _plain(text: str, start: int, end: int) -> list[tuple[str, ...]] | None:
    """The rows of a page whose texts hold no markup; None if a single character is left over."""
    found: list[tuple[str, ...]] = _PLAIN_ROW.findall(text, start)
    if _HEAD_AND_FOOT + _FRAME * len(found) + sum(map(len, map("".join, found))) == len(text):
        return found
    if len(found) * _FRAME > (end - start) // 2:
        return None  # today's white space, and something else in a few rows
    rows = text[start:end].lstrip()
    loose: list[tuple[str, ...]] = _LOOSE_ROW.findall(rows)
    if sum(len(row[0]) for row in loose) != len(rows):
        return None
    return [row[1:] for row in loose]


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


def _row_by_row(
    rows: str, found: list[tuple[str, ...]], unread: list[str], notices: list[str]
) -> None:
    """Reads what stands between the root's tags, cut where the template ends and begins a row."""
    first = _FIRST_ROW.match(rows)
    start = first.end() if first else 0
    end = _end_of_last_row(rows)
    gaps = list(_BETWEEN_ROWS.finditer(rows, start, end))
    starts = [start, *(gap.end() for gap in gaps)]
    ends = [*(gap.start() for gap in gaps), end]
    matches = [_match(rows[s:e]) for s, e in zip(starts, ends, strict=True)]
    begin = 0  # the first of the pieces that make up a row
    for position, match in enumerate(matches):
        last = position == len(gaps)
        if not last and (between := gaps[position][1].strip()):
            if match is None or matches[position + 1] is None or begin != position:
                continue  # no gap: the text of a row goes on
            notices.append(f"Something stands between two rows: {display(between, 200)}")
        if begin != position:
            match = _match(rows[starts[begin] : ends[position]])
        # Without the template's beginning or end on both sides it is no row of it.
        if match is not None and (begin or first) and (not last or end < len(rows)):
            found.append(match.groups())
        else:
            opened = starts[begin] if not begin else rows.rfind("<oml:run>", 0, starts[begin])
            whole = rows[0 if not begin else opened :] if last else ""
            if not last:
                whole = rows[0 if not begin else opened : gaps[position].end()]
                whole = whole[: whole.rfind("<oml:run>")]
            for row in _other_rows(whole):
                _by_name(row, found, unread)
        begin = position + 1


def _match(piece: str) -> re.Match[str] | None:
    return _ROW.fullmatch(piece) or _LOOSE.fullmatch(piece)


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
