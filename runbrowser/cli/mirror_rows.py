"""Rows of ``runbrowser list --mirror``: in any order, without a request."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from runbrowser.cli import output
from runbrowser.config import Settings
from runbrowser.errors import UsageError
from runbrowser.mirror.folder import folder_of
from runbrowser.mirror.places import Place
from runbrowser.mirror.reading import Mirror
from runbrowser.mirror.search import SORTABLE, order_of
from runbrowser.models import RunFilter, RunRow
from runbrowser.openml.base import Sort

_BLOCK = 10_000


class MirrorRows:
    """The runs that match, in pieces, as :class:`runbrowser.cli.fetch.Fetch` gives them.

    ``sort``: a column and whether the order is turned round; raises UsageError for one that the
    mirror cannot order by.
    """

    def __init__(
        self,
        settings: Settings,
        filter: RunFilter,
        limit: int | None,
        offset: int,
        sort: tuple[str, bool] | None,
    ) -> None:
        if filter.mine and settings.user_id is not None:
            uploader = tuple(dict.fromkeys((*filter.uploader, settings.user_id)))
            filter = replace(filter, uploader=uploader, mine=False)
        self._folder = folder_of(settings.server)
        self._filter, self._limit, self._offset = filter, limit, offset
        self._sort: Sort | None = None
        if sort is not None:
            column, _, measure = sort[0].partition(":")
            if column not in SORTABLE:
                raise UsageError(
                    f"A mirror orders runs by {', '.join(SORTABLE)}, not by {column}: leave out "
                    "--mirror, or give --columns alone."
                )
            self._sort = Sort(column, sort[1], measure)
        self.unread: list[str] = []
        self.stopped = False
        self.more = False

    def __iter__(self) -> Iterator[list[RunRow]]:
        with Mirror(self._folder) as mirror:
            order = order_of(self._sort, mirror.main_measure)
            place: Place | None = None
            skip, left = self._offset, self._limit
            while left is None or left > 0:
                size = _BLOCK if left is None else min(_BLOCK, left)
                # one more tells whether the limit cut something off
                rows, place = mirror.page(self._filter, size, order, place, skip=skip)
                skip = 0
                left = None if left is None else left - len(rows)
                yield rows
                if len(rows) < size:
                    return
            self.more = bool(mirror.page(self._filter, 1, order, place)[0])


def say_age(settings: Settings) -> None:
    """Tells on stderr how old the rows are."""
    from runbrowser.mirror.source import age

    with Mirror(folder_of(settings.server)) as mirror:
        output.say(f"runbrowser: from the mirror, {age(mirror.synced_at)} old.")
