"""Builds pages by V1's template, as its server pastes them together: nothing is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from runbrowser.client.call import Answer
from runbrowser.client.wire.run_list import read_run_list
from runbrowser.models import RunPage, RunRow

HEAD = '<oml:runs xmlns:oml="http://openml.org/openml">\n\t'
FOOT = "</oml:runs>\n"


def text_of(value: object) -> str:
    """NULL is an empty element."""
    return "" if value is None else str(value)


def row_of(row: Sequence[object]) -> str:
    """One row by the template: nine values in RunRow's order."""
    run, task, kind, setup, flow, uploader, time, error, details = map(text_of, row)
    return (
        "  <oml:run>\n"
        f"    <oml:run_id>{run}</oml:run_id>\n"
        f"    <oml:task_id>{task}</oml:task_id>\n"
        f"    <oml:task_type_id>{kind}</oml:task_type_id>\n"
        f"    <oml:setup_id>{setup}</oml:setup_id>\n"
        f"    <oml:flow_id>{flow}</oml:flow_id>\n"
        f"    <oml:uploader>{uploader}</oml:uploader>\n"
        f"\t\t<oml:upload_time>{time}</oml:upload_time>\n"
        f"    <oml:error_message>{error}</oml:error_message>\n"
        f"    <oml:run_details>{details}</oml:run_details>\n"
        "  </oml:run>\n  "
    )


def page_of(rows: Iterable[Sequence[object]]) -> str:
    """A whole page by the template."""
    return f"{HEAD}{''.join(map(row_of, rows))}{FOOT}"


def answer_of(text: str | bytes) -> Answer:
    """A reply with this text."""
    body = text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")
    return Answer(200, "text/xml; charset=utf-8", body, "http://127.0.0.1/run/list")


def read(text: str | bytes, limit: int | None = None, offset: int = 0) -> RunPage:
    """What the client reads from a page."""
    return read_run_list(answer_of(text), limit=limit, offset=offset)


def run_row(run_id: int, error: str | None = None, details: str | None = None) -> RunRow:
    """A row with ordinary ids."""
    return RunRow(run_id, 59, 1, 37, 668, 2, "2020-02-19 10:18:00", error, details)
