"""The lists that pages are taken from, kept for the pages to come."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence

from runbrowser.models import RunFilter, RunRow
from runbrowser.openml.base import SourcePage
from runbrowser.openml.listing import FIRST, Listing
from runbrowser.openml.sieve import Found, told

_MOST = 4
_FOLLOWING = 300  # rows of the next pages that are told with a page


class OpenListing:
    """A listing that pages are taken from, by one reader at a time."""

    def __init__(self, listing: Listing) -> None:
        self.listing = listing
        self.lock = asyncio.Lock()
        self._requests = 0  # of which pages have told

    def page(self, number: int, size: int) -> SourcePage:
        """A page of the rows that were read."""
        listing = self.listing
        start, end = number * size, (number + 1) * size
        found, ids = listing.found, (row.run_id for row in listing.rows[start:end])
        total, about = self._counted()
        requests = listing.requests - self._requests
        self._requests = listing.requests
        return SourcePage(
            rows=tuple(listing.rows[start:end]),
            number=number,
            size=size,
            last=listing.ended and len(listing.rows) <= end,
            total=total,
            looked_at=listing.looked_at,
            unread=listing.unread,
            repeated=listing.repeated,
            stopped=listing.stopped,
            about=about,
            first_of=listing.first_of,
            newest_first=listing.newest_first,
            provisional=listing.provisional,
            following=tuple(listing.rows[end : end + _FOLLOWING]),
            requests=requests,
            facts=told((i, found[i]) for i in ids if i in found),
        )

    def _counted(self) -> tuple[int | None, int | None]:
        """How many runs there are, exactly or about: rows are more where runs have several."""
        listing = self.listing
        if listing.total is not None or listing.counted is None:
            return listing.total, listing.about
        return (None, listing.counted) if listing.repeated else (listing.counted, None)


class OpenListings:
    """The last few lists, by filter and direction."""

    def __init__(self) -> None:
        self._listings: OrderedDict[tuple[RunFilter, bool], OpenListing] = OrderedDict()

    def open(
        self,
        filter: RunFilter,
        oldest_first: bool,
        make: Callable[[bool], Listing],
        *,
        anew: bool = False,
    ) -> OpenListing:
        """The list of a filter. ``make`` begins one, and is told whether it was read before and
        takes more than a first request; so is a list that is wanted ``anew``, and nothing is
        trusted any more that was read before it.
        """
        key = filter, oldest_first
        opened = self._listings.get(key)
        # a search that was given up before it had filled a page is gone on with
        if opened is None or (anew and not opened.listing.stopped):
            long = opened is not None and len(opened.listing.rows) > FIRST
            if opened is not None:
                self._listings.clear()
            opened = OpenListing(make(long))
        self._listings[key] = opened
        self._listings.move_to_end(key)
        while len(self._listings) > _MOST:
            self._listings.popitem(last=False)
        return opened

    def begun(self, filter: RunFilter) -> Listing | None:
        """The list of a filter as far as it was read, unless it is being read on."""
        opened = self._listings.get((filter, False))
        return opened.listing if opened is not None and not opened.lock.locked() else None

    def note_count(self, filter: RunFilter, rows: int | None) -> None:
        """How many rows the server has for a filter, which its pages tell from then on."""
        for (other, _), opened in self._listings.items():
            if other == filter:
                opened.listing.counted = rows

    def found(self, run_ids: Iterable[int]) -> dict[int, Found]:
        """What was found out of runs while they were looked for."""
        every = [opened.listing.found for opened in self._listings.values()]
        told = {}
        for run_id in run_ids:
            for found in every:
                if run_id in found:
                    told[run_id] = found[run_id]
        return told

    def whole(self, filter: RunFilter) -> Sequence[RunRow] | None:
        """All runs that match, once they were read; their order is the pages'."""
        opened = self._listings.get((filter, False)) or self._listings.get((filter, True))
        if opened is None or not opened.listing.ended or opened.listing.provisional:
            return None
        return opened.listing.rows

    def filter_of(self, rows: Sequence[RunRow]) -> RunFilter | None:
        """The filter whose whole list these rows are."""
        for (filter, _), opened in self._listings.items():
            if opened.listing.rows is rows:
                return filter
        return None
