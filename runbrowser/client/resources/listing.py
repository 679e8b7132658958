"""Lists of runs from what a caller gives: filters, pages of rows, one page as upstream asks for it.

No part of a filter is ever left out without a word: what the server cannot look for is looked for
in the rows, or refused before anything is sent.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from typing import Any

from runbrowser.client.calls import v1
from runbrowser.client.resources import paging
from runbrowser.errors import UsageError
from runbrowser.fields.filters import to_text
from runbrowser.fields.matching import told_by_rows, verdict
from runbrowser.ids import Id, Ids, many_ids, one_id
from runbrowser.models import RunFilter, RunPage


def list_filter(
    *,
    ids: Ids = None,
    task: Ids = None,
    setup: Ids = None,
    flow: Ids = None,
    uploader: Ids = None,
    study: Id | None = None,
    tag: str | None = None,
    display_errors: bool = False,
    task_type: Ids = None,
) -> RunFilter | None:
    """A RunFilter from upstream's arguments of ``list``; None when nothing can match, a list of
    ids being empty.

    Raises UsageError (a ValueError) and UsageTypeError (a TypeError) for what is no id.
    """
    read = {
        "ids": many_ids(ids, "a run id"),
        "task": many_ids(task, "a task id"),
        "setup": many_ids(setup, "a setup id"),
        "flow": many_ids(flow, "a flow id"),
        "uploader": many_ids(uploader, "an uploader's id"),
        "task_type": many_ids(task_type, "a task type"),
    }
    filter = RunFilter(
        study=None if study is None else one_id(study, "a study's id"),
        tag=tag,
        show_errors=bool(display_errors),
        **{name: found or () for name, found in read.items()},  # type: ignore[arg-type]
    )
    return None if () in read.values() else filter


def server_part(filter: RunFilter) -> RunFilter:
    """The part of a filter that is asked of the server, the rest being told by each row.

    Raises UsageError for what neither can tell, UsageTypeError for what is no filter.
    """
    paging.check(filter)
    if not told_by_rows(filter):
        raise UsageError(
            f"Whether a run matches {to_text(filter.in_rows)} stands in no list: its evaluations "
            "tell. List the runs without it, and read evaluations or single runs."
        )
    return filter.remote


def matching(page: RunPage, filter: RunFilter) -> RunPage:
    """The page's rows that a filter on state or error text lets through.

    ``received`` stays what the server sent, so that offsets and the end are still right.
    """
    if not filter.local:
        return page
    part = filter.in_rows
    return _rows(page, [place for place, row in enumerate(page) if verdict(part, row)])


def _rows(page: RunPage, places: Sequence[int]) -> RunPage:
    return RunPage(
        [[column[place] for place in places] for column in page.columns],
        limit=page.limit,
        offset=page.offset,
        received=page.received,
        unread=page.unread,
    )


class Slice:
    """One page of a list whose filter is too long for one request: rows number ``offset`` to
    ``offset + limit`` of all its parts, taken in turn.
    """

    def __init__(self, limit: Id, offset: Id) -> None:
        self.offset, self.limit = one_id(offset, "an offset"), one_id(limit, "a limit")
        self.most = self.offset + self.limit
        self._had = 0
        self._columns: list[list[Any]] = [[] for _ in range(9)]
        self._unread: list[str] = []

    @property
    def page_size(self) -> int:
        """How many rows to ask for at a time."""
        return max(1, min(self.most, v1.MAX_LIMIT))

    def add(self, page: RunPage) -> None:
        """The next page of the walk."""
        start = max(0, self.offset - self._had)
        for column, more in zip(self._columns, page.columns, strict=True):
            column.extend(more[start : self.most - self._had])
        self._had += len(page)
        self._unread += page.unread

    def page(self) -> RunPage:
        """What was found."""
        return RunPage(
            self._columns, limit=self.limit, offset=self.offset, unread=tuple(self._unread)
        )


def parts_of(filter: RunFilter | None, limit: Id, offset: Id) -> list[RunFilter]:
    """The filter in parts that fit into a request; none when nothing can match. The limit and the
    offset are checked, too.
    """
    v1.list_runs(RunFilter(), limit, offset)  # refuses what cannot be asked
    return [] if filter is None else paging.split(server_part(filter))


def say_unread(unread: Sequence[str]) -> None:
    """Warns of rows that are missing from a frame, since they could not be read."""
    if unread:
        warnings.warn(
            f"{len(unread):,} rows of the server's list could not be read and are left out; "
            "RunPage.unread has their text.",
            UserWarning,
            stacklevel=3,
        )


def distinct(ids: Ids) -> Iterator[int]:
    """Run ids in the order given, each once."""
    return iter(dict.fromkeys(many_ids(ids, "a run id") or ()))
