"""Reads long lists of runs: in pages, folded by run id, filtered by what only rows tell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from runbrowser.cli.session import Session
from runbrowser.client.calls.v1 import MAX_LIMIT as MOST
from runbrowser.client.resources.paging import Seen, split
from runbrowser.fields.matching import sift, told_by_rows
from runbrowser.models import RunFilter, RunPage, RunRow

_SEARCH_STEP = 1_000  # rows of the first request while looking for what only rows tell
SEARCH_MOST = 100_000
"""Rows looked at for a filter that only rows can tell, unless all are wanted."""

Told = Callable[[int, int], None]


class Fetch:
    """The runs that match, in pieces as they come.

    ``limit`` None means all. With a filter on state or error text, and with more ids than one
    request takes, limit and offset count the runs that match; else they count the server's rows,
    as its own paging does. After the last piece ``unread`` holds the text of rows that could not
    be read, ``stopped`` tells whether the search was given up before the end, and ``more`` whether
    the limit cut it off.
    """

    def __init__(
        self, session: Session, filter: RunFilter, limit: int | None, offset: int, told: Told
    ) -> None:
        self._api = session.listing()
        self._session = session
        self._filter = session.resolved(filter)
        self._limit = limit
        self._offset = offset
        self._told = told
        self._seen = Seen()
        self._looked_at = 0
        self._found = 0
        self.unread: list[str] = []
        self.stopped = False
        self.more = False

    def __iter__(self) -> Iterator[list[RunRow]]:
        parts = split(self._filter)
        if len(parts) == 1 and not self._filter.local:
            yield from self._straight()
        else:
            yield from self._searched(parts)

    def _page(self, filter: RunFilter, size: int, offset: int) -> tuple[RunPage, list[RunRow]]:
        page = self._api.page(filter.remote, size, offset)
        self.unread += page.unread
        self._looked_at += page.received
        return page, [row for row in page if self._seen.add(row.run_id)]

    def _straight(self) -> Iterator[list[RunRow]]:
        """Rows as the server pages them."""
        position = 0
        while self._limit is None or position < self._limit:
            size = MOST if self._limit is None else min(MOST, self._limit - position)
            page, rows = self._page(self._filter, size, self._offset + position)
            self._found += len(rows)
            self._told(self._looked_at, self._found)
            yield rows
            if page.last:
                return
            position += size
        self.more = True

    def _searched(self, parts: Sequence[RunFilter]) -> Iterator[list[RunRow]]:
        """Rows looked through one by one; skips and counts those that match."""
        skip, left = self._offset, self._limit
        for asked in parts:
            position = 0
            while left is None or left > 0:
                if left is not None and self._looked_at >= SEARCH_MOST:
                    self.stopped = True
                    return
                begins = self._filter.local and not self._looked_at
                step = _SEARCH_STEP if begins else MOST
                page, new = self._page(asked, step, position)
                rows = self._matching(new)
                self._found += len(rows)
                self._told(self._looked_at, self._found)
                skipped = min(skip, len(rows))
                skip -= skipped
                rows = rows[skipped:] if left is None else rows[skipped : skipped + left]
                left = None if left is None else left - len(rows)
                yield rows
                if page.last:
                    break
                position += step
            else:
                self.more = True
                return

    def _matching(self, rows: list[RunRow]) -> list[RunRow]:
        """The rows that a filter on what only rows tell lets through, in order."""
        if not self._filter.local:
            return rows
        if told_by_rows(self._filter):
            return sift(self._filter, rows)[0]
        return self._session.wait(self._session.source.matches(rows, self._filter))
