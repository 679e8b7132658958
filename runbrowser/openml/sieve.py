"""Which rows of a list match what the server cannot look for: told by the rows alone, or found out
by requests. A search sends them one by one, and may pause after each; a walk goes by blocks of
10,000.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, Collection, Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple, Protocol

from runbrowser.client.resources.engines import first_engine
from runbrowser.fields.matching import sift, verdict
from runbrowser.models import Facts, RunFilter, RunRow, RunState
from runbrowser.openml.state_blocks import Beside, StateBlocks, can_block
from runbrowser.openml.states import BY_ID, States, facts_of, parts

_FEW = 200  # runs of which all measures are asked for at once
_SILENT = frozenset({RunState.EVALUATION_FAILED, RunState.NOT_EVALUATED})
_STATES = _SILENT | {RunState.OK}


class Found(NamedTuple):
    """What was found out of a run, and the measure that it was asked by."""

    facts: Facts
    measure: str


class Sieve(Protocol):
    """Rows go in piece by piece, those that match come out; each piece in its order."""

    found: dict[int, Found]
    """What was found out of the rows that match."""
    requests: int
    """How many were sent so far."""

    @property
    def open(self) -> int:
        """How many rows of the piece are not told yet."""
        ...

    def size(self, *, whole: bool) -> int | None:
        """How many rows a piece should have, None for any number; ``whole``: all are at hand."""
        ...

    def put(self, rows: Sequence[RunRow], *, last: bool) -> None:
        """The next piece, once none is open; ``last``: no more rows come."""
        ...

    async def step(self) -> None:
        """Asks for more of what is open. May be cancelled, and then be called again."""
        ...

    def take(self) -> list[RunRow]:
        """The rows that match and were not given yet."""
        ...


class RowSieve:
    """Where rows alone tell."""

    def __init__(self, filter: RunFilter) -> None:
        self.found: dict[int, Found] = {}
        self.requests = 0
        self.open = 0
        self._filter = filter
        self._rows: list[RunRow] = []

    def size(self, *, whole: bool) -> int | None:
        """Any number."""
        return None

    def put(self, rows: Sequence[RunRow], *, last: bool) -> None:
        """Tells at once."""
        self._rows += sift(self._filter, rows)[0]

    async def step(self) -> None:
        """Nothing is open."""

    def take(self) -> list[RunRow]:
        """The rows that match."""
        rows, self._rows = self._rows, []
        return rows


class BlockSieve:
    """For whole walks: states are told by lists of the same filter, read beside the rows. A row
    may be told with a later piece.
    """

    def __init__(self, filter: RunFilter, asked: RunFilter, states: States) -> None:
        self.found: dict[int, Found] = {}
        self.requests = 0
        self._filter = filter
        self._part = filter.in_rows
        self._states = states
        self._blocks = StateBlocks(states, asked) if can_block(asked) else None
        self._unsure: list[RunRow] = []
        self._waiting: dict[int, RunRow] = {}  # not told yet
        self._rows: list[RunRow] = []
        self._last = False
        self._asks = False

    @property
    def open(self) -> int:
        """The rows of the piece, until they were asked for."""
        return len(self._unsure) if self._asks else 0

    def size(self, *, whole: bool) -> int | None:
        """Any number."""
        return None

    def put(self, rows: Sequence[RunRow], *, last: bool) -> None:
        """The next block."""
        possible, self._unsure = sift(self._filter, rows)
        unsure = {row.run_id for row in self._unsure}
        self._rows = [row for row in possible if row.run_id not in unsure]
        self._waiting.update((row.run_id, row) for row in self._unsure)
        self._last = last
        self._asks = bool(self._unsure) or (last and bool(self._waiting))

    async def step(self) -> None:
        """All requests for a block."""
        known: dict[int, Facts] = {}
        if self._blocks is not None:
            self.requests += await self._blocks.take(self._unsure, self._last, known.update)
        else:
            async for _ in self._states.learn(self._unsure, known.update):
                self.requests += 1
        for run_id, facts in known.items():
            row = self._waiting.pop(run_id, None)
            if row is not None and verdict(self._part, row, facts):
                self._rows.append(row)
        self._unsure, self._asks = [], False

    def take(self) -> list[RunRow]:
        """What was told of this block and those before."""
        rows, self._rows = self._rows, []
        return rows


class StateSieve:
    """For pages: a request a step. What is asked first depends on the states that are wanted, and
    lists of the same filter stand in for ids where they tell of more runs.
    """

    def __init__(self, filter: RunFilter, asked: RunFilter, states: States) -> None:
        self.found: dict[int, Found] = {}
        self.requests = 0
        self._filter = filter
        self._part = filter.in_rows
        self._wanted = _wanted(self._part)
        self._states = states
        self._asked = asked.remote
        self._can_block = can_block(asked)
        self._measures: dict[str, Beside] = {}
        self._scored: dict[int, Facts] = {}  # told by blocks, of rows that may come yet
        self._shown = Beside()
        self._visible: set[int] = set()
        self._rows: list[RunRow] = []  # of the piece, in order, which match or are open
        self._open: dict[int, RunRow] = {}
        self._steps: AsyncGenerator[None] | None = None

    @property
    def open(self) -> int:
        """The rows of which it is not known yet."""
        return len(self._open)

    def size(self, *, whole: bool) -> int | None:
        """Where few runs match, as many as there are; else what one request tells of."""
        return None if self._can_block and (whole or self._wanted <= _SILENT) else BY_ID

    def put(self, rows: Sequence[RunRow], *, last: bool) -> None:
        """What lists have told of already is told at once."""
        possible, unsure = sift(self._filter, rows)
        self._rows += possible
        self._open = {row.run_id: row for row in unsure}
        self._tell_scored()
        self._drop(self._visible if self._wants_hidden else ())

    async def step(self) -> None:
        """One request, if it takes any."""
        try:
            if self._steps is None:
                self._steps = self._asking()
                if not await self._advance():
                    return
            await self._advance()
        except BaseException:
            self._steps = None  # a generator that was left cannot be taken up
            raise
        self.requests += 1

    async def _advance(self) -> bool:
        """Whether there is another request to come."""
        steps = self._steps
        if steps is None:
            return False
        async for _ in steps:
            return True
        self._steps = None
        self._drop(list(self._open))  # in none of the states that are wanted
        return False

    def take(self) -> list[RunRow]:
        """Those that are told, also of a piece of which others are open."""
        rows = [row for row in self._rows if row.run_id not in self._open]
        self._rows = [row for row in self._rows if row.run_id in self._open]
        return rows

    # -- what is asked -------------------------------------------------------------------------

    @property
    def _wants_hidden(self) -> bool:
        return self._wanted == {RunState.EVALUATION_FAILED}

    async def _asking(self) -> AsyncGenerator[None]:
        """Yields before each request."""
        if self._wants_hidden:
            async for _ in self._leave_hidden():
                yield
            inquiry = self._states.inquiry(list(self._open.values()), self._note)
            async for _ in inquiry.any_measure(_FEW):
                yield
            inquiry.rest_of(())
            return
        async for _ in self._blocks():
            yield
        inquiry = self._states.inquiry(list(self._open.values()), self._note)
        lacking = [measure for measure, beside in self._measures.items() if beside.ended]
        async for _ in inquiry.scores(lacking, _FEW):
            yield
        if self._wanted & _SILENT:
            async for _ in inquiry.rest():
                yield
        else:
            inquiry.evaluated()

    async def _blocks(self) -> AsyncGenerator[None]:
        """Scores by blocks, while they tell of more runs than a request by ids would."""
        told = BY_ID
        while self._can_block and told >= BY_ID:
            measures = Counter(map(self._states.measure_of, self._open.values()))
            measure, count = next(iter(measures.most_common(1)), ("", 0))
            beside = self._measures.get(measure, Beside())
            if count <= BY_ID or beside.ended:
                return
            yield
            found = await self._states.block(measure, self._asked, beside.offset)
            self._measures[measure] = beside
            beside.passed(len(found) + len(getattr(found, "unread", ())))
            self._scored |= {run_id: facts_of(row) for run_id, row in first_engine(found).items()}
            told = self._tell_scored()

    async def _leave_hidden(self) -> AsyncGenerator[None]:
        """Leaves those open that the server hides: their evaluation may have failed."""
        if self._can_block and len(self._open) > BY_ID and not self._shown.ended:
            yield
            asked = replace(self._asked, show_errors=False)
            shown, received = await self._states.visible_block(asked, self._shown.offset)
            self._shown.passed(received)
            self._visible |= shown
            self._drop(shown)
        for part in parts(self._open if not self._shown.ended else ()):
            yield
            self._drop(await self._states.visible(part))

    # -- what was told -------------------------------------------------------------------------

    def _tell_scored(self) -> int:
        """Tells what blocks have told of rows that are open; of how many that is."""
        told = {i: self._scored[i] for i, row in self._open.items() if self._is_own(row)}
        for run_id in told:
            del self._scored[run_id]
        self._note(told)
        return len(told)

    def _is_own(self, row: RunRow) -> bool:
        """Whether the measure that a run is told by is among those that blocks have told of."""
        facts = self._scored.get(row.run_id)
        return facts is not None and facts.measure == self._states.measure_of(row)

    def _note(self, news: dict[int, Facts]) -> None:
        gone = []
        for run_id, facts in news.items():
            row = self._open.get(run_id)
            if row is None:
                continue
            if verdict(self._part, row, facts):
                self.found[run_id] = Found(facts, self._states.measure_of(row))
                del self._open[run_id]
            else:
                gone.append(run_id)
        self._drop(gone)

    def _drop(self, run_ids: Collection[int]) -> None:
        """Rows that do not match."""
        gone = {run_id for run_id in run_ids if run_id in self._open}
        if gone:
            for run_id in gone:
                del self._open[run_id]
            self._rows = [row for row in self._rows if row.run_id not in gone]


def _wanted(part: RunFilter) -> frozenset[RunState]:
    """The states that match; all where other things decide."""
    row = RunRow(1, None, None, None, None, None, None, None, None)
    found = frozenset(state for state in _STATES if verdict(part, row, Facts(state)))
    return found or _STATES


def told(found: Iterable[tuple[int, Found]]) -> dict[int, Facts]:
    """The facts by run id."""
    return {run_id: one.facts for run_id, one in found}
