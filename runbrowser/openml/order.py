"""How all runs of a list are put in order, once all were read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from runbrowser.models import Facts, RunFilter, RunRow
from runbrowser.openml.base import RunSource, SourcePage

_FOLLOWING = 300  # rows of the next pages that come with a page


@dataclass(frozen=True, slots=True)
class Order:
    """``sort`` orders rows, off the event loop, by what is known by then: ``names`` and ``facts``
    say what that is beside the rows. Two orders with the same ``key`` are the same.
    """

    key: Hashable
    sort: Callable[[Sequence[RunRow]], Sequence[RunRow]] = field(compare=False)
    names: bool = field(default=False, compare=False)
    facts: bool = field(default=False, compare=False)


def page_of(rows: Sequence[RunRow], number: int, size: int) -> SourcePage:
    """A page of all rows, as they stand."""
    start, end = number * size, (number + 1) * size
    return SourcePage(
        rows=tuple(rows[start:end]),
        number=number,
        size=size,
        last=len(rows) <= end,
        total=len(rows),
        looked_at=len(rows),
        following=tuple(rows[end : end + _FOLLOWING]),
    )


class OrderedRows:
    """All rows of a list that was read whole, in the order that is wanted of them.

    ``facts`` are those known by run id, which ``note`` adds to. ``ordered`` is called once the rows
    are in order.
    """

    def __init__(
        self,
        source: RunSource,
        filter: RunFilter,
        facts: Mapping[int, Facts],
        note: Callable[[Mapping[int, Facts]], None],
        ordered: Callable[[], None],
    ) -> None:
        self.rows: Sequence[RunRow] | None = None
        """All rows in order; None until they are."""
        self.task: asyncio.Task[None] | None = None
        """Puts them in order."""
        self._source = source
        self._filter = filter
        self._facts = facts
        self._note = note
        self._tell_ordered = ordered
        self._order: Order | None = None

    def want(self, order: Order | None) -> bool:
        """Another order; whether rows were in the one before."""
        if order == self._order:
            return False
        self._order = order
        if self.task is not None:
            self.task.cancel()
            self.task = None
        before, self.rows = self.rows, None
        return before is not None

    def begin(self, on_end: Callable[[asyncio.Task[None]], None]) -> bool:
        """Whether the rows are being put in order, from now on or before."""
        if self.task is not None:
            return True
        rows = self._source.whole(self._filter)
        if self._order is None or self.rows is not None or rows is None:
            return False
        self.task = asyncio.create_task(self._arrange(self._order, rows), name="the order")
        self.task.add_done_callback(on_end)
        return True

    async def _arrange(self, order: Order, rows: Sequence[RunRow]) -> None:
        facts = order.facts and any(row.run_id not in self._facts for row in rows)
        try:
            if order.names or facts:
                await self._source.learn(rows, self._note, names=order.names, states=facts)
        except BaseException:
            if order == self._order:
                self._order = self.task = None  # the source's order stays
            raise
        self.rows = await asyncio.to_thread(order.sort, rows)
        self.task = None
        self._tell_ordered()

    async def arrange_again(self) -> bool:
        """Puts the rows as they are by now in order, if all that it goes by is at hand; whether
        they are.
        """
        order, rows = self._order, self._source.whole(self._filter)
        if order is None or rows is None:
            return False
        if self.rows is None and (order.names or order.facts or self.task is not None):
            return False
        self.rows = await asyncio.to_thread(order.sort, rows)
        return True

    def page(self, page: SourcePage) -> SourcePage:
        """The page of ordered rows that takes the place of one of the source."""
        return replace(page_of(self.rows or (), page.number, page.size), requests=page.requests)
