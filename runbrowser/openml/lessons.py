"""What is found out of the rows of pages, request by request."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence

from runbrowser.models import Facts, RunRow, RunState
from runbrowser.openml.base import SourcePage


class Lesson:
    """What is being found out of some rows, request by request."""

    def __init__(self, rows: Sequence[RunRow], steps: AsyncGenerator[str]) -> None:
        self.ids = {row.run_id for row in rows}
        self.next: str | None = ""  # what the next request is for; None: there is none
        self._steps = steps

    async def advance(self) -> None:
        """Sends the next request, if it is known what for; then finds out what comes next."""
        self.next = await anext(self._steps, None)

    def covers(self, page: SourcePage) -> bool:
        """Whether it is about rows of a page."""
        return any(row.run_id in self.ids for row in page.rows)


def has_unknown_states(page: SourcePage, facts: Mapping[int, Facts]) -> bool:
    """Whether the state of a row is not known."""
    found = (facts.get(row.run_id) for row in page.rows)
    return any(fact is None or fact.state is RunState.UNKNOWN for fact in found)
