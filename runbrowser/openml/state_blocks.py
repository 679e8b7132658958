"""States of the runs of a long list, told by lists of the same filter, 10,000 rows at a time.

Two lists tell nearly all: that of the evaluations of a measure, and that of the runs which the
server shows without ``show_errors``. They are read beside the list of runs and what they say is
kept, since no order is promised; what none has told of at the end is asked for by id.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from runbrowser.client.calls.v1 import MAX_LIMIT
from runbrowser.client.resources.engines import first_engine
from runbrowser.models import Facts, RunFilter, RunRow, RunState
from runbrowser.openml.states import Inquiry, Note, States, facts_of

_MOST_MEASURES = 2
_FEW = 200  # runs that are asked for by id at once


def can_block(asked: RunFilter) -> bool:
    """Whether the list of evaluations knows the fields of a filter."""
    return not (asked.task_type or asked.ids)


class Beside:
    """A list of the same filter, read block by block beside that of the runs."""

    def __init__(self) -> None:
        self.offset = 0
        self.ended = False

    def passed(self, received: int) -> None:
        """So many rows were received."""
        self.offset += MAX_LIMIT
        self.ended = received < MAX_LIMIT


class StateBlocks:
    """States of rows that come block by block. A row may be told of with a later block; after the
    last block all are.
    """

    def __init__(self, states: States, asked: RunFilter) -> None:
        self._states = states
        self._asked = asked.remote
        self._scored: dict[int, Facts] = {}
        self._visible: set[int] = set()
        self._shown = Beside()
        self._measures: dict[str, Beside] = {}
        self._open: dict[int, RunRow] = {}
        self._requests = 0

    async def take(self, rows: Sequence[RunRow], last: bool, note: Note) -> int:
        """Reads on beside a block of rows; ``note`` is told what is known then. Gives the number
        of requests that it took.
        """
        before = self._requests
        note({row.run_id: Facts(RunState.FAILED) for row in rows if row.error_message})
        self._open.update((row.run_id, row) for row in rows if not row.error_message)
        measures = Counter(map(self._states.measure_of, self._open.values()))
        for measure, _ in measures.most_common(_MOST_MEASURES - len(self._measures)):
            self._measures.setdefault(measure, Beside())
        await self._read_on(note)
        while last and self._open and not self._all_ended():
            await self._read_on(note)
        if last or len(self._open) <= _FEW:
            await self._by_id(last, note)
        return self._requests - before

    def _all_ended(self) -> bool:
        return all(one.ended for one in (self._shown, *self._measures.values()))

    async def _read_on(self, note: Note) -> None:
        for measure, beside in self._measures.items():
            if self._open and not beside.ended:
                self._requests += 1
                found = await self._states.block(measure, self._asked, beside.offset)
                beside.passed(len(found) + len(getattr(found, "unread", ())))
                self._scored |= {
                    run_id: facts_of(row) for run_id, row in first_engine(found).items()
                }
                told = [run_id for run_id in self._open if run_id in self._scored]
                note({run_id: self._scored.pop(run_id) for run_id in told})
                for run_id in told:
                    del self._open[run_id]
        if self._open and not self._shown.ended:
            asked = replace(self._asked, show_errors=False)
            self._requests += 1
            shown, received = await self._states.visible_block(asked, self._shown.offset)
            self._shown.passed(received)
            self._visible |= shown

    async def _by_id(self, last: bool, note: Note) -> None:
        """What the lists have not told: whether other measures were evaluated, and why not."""
        told: dict[int, Facts] = {}
        inquiry = Inquiry(self._states, list(self._open.values()), told.update)
        async for _ in inquiry.any_measure(_FEW):
            self._requests += 1
        if last and self._shown.ended:
            inquiry.rest_of(self._visible)
        else:
            async for _ in inquiry.rest():
                self._requests += 1
        note(told)
        self._open.clear()
