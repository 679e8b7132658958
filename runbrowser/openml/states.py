"""Learns what ``run/list`` does not tell: states and one score, by the cheapest calls.

``evaluation/list`` gives score, flow name and data set of a whole page in one request, but leaves
out runs that lack the measure. What is left over is told apart by two more requests: all measures
of those runs, and the list as the server gives it without ``show_errors``, which hides the runs
whose evaluation failed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, Callable, Collection, Iterable, Sequence

from runbrowser.client.calls.v1 import MAX_LIMIT, MAX_PATH
from runbrowser.client.http import AsyncHTTPClient
from runbrowser.client.resources.engines import first_engine
from runbrowser.client.resources.evaluations import AsyncEvaluationV1API
from runbrowser.client.resources.names import in_parts
from runbrowser.client.resources.runs import AsyncRunV1API
from runbrowser.models import EvaluationRow, RunFilter, RunRow, RunState
from runbrowser.openml.base import Facts
from runbrowser.openml.names import Names
from runbrowser.triage.measures import default_measure

BY_ID = 400
"""Runs of which a request by ids tells, at the most."""

VERY_FEW = 20
"""Runs of which all measures are asked for at once to begin with."""

_ROOM = 400  # bytes of a path for all but the ids
_MOST_MEASURES = 2  # measures asked for one by one; what is left by then is asked for all
_FEW = 50  # runs left, of which all measures are asked for at once
_AT_ONCE = 100  # runs in a request for all measures, of which a run has some dozens

Note = Callable[[dict[int, Facts]], None]


def parts(ids: Iterable[int]) -> Iterable[Sequence[int]]:
    """Ids in pieces that fit into the path of a request."""
    return in_parts(ids, MAX_PATH - _ROOM)


def facts_of(row: EvaluationRow) -> Facts:
    """What an evaluation tells of its run."""
    return Facts(RunState.OK, row.function, row.value, row.evaluation_engine_id)


class States:
    """Finds out the states and scores of runs."""

    def __init__(self, http: AsyncHTTPClient, names: Names) -> None:
        self._runs = AsyncRunV1API(http)
        self._evaluations = AsyncEvaluationV1API(http)
        self._names = names

    async def evaluations(
        self, ids: Sequence[int], measure: str | None, *, per_fold: bool = False
    ) -> list[EvaluationRow]:
        """One measure of runs, all of them if it is None; ``per_fold``: its values in each fold."""
        found: list[EvaluationRow] = []
        for part in parts(ids):
            asked = RunFilter(ids=tuple(part))
            found += await self._evaluations.rows(measure, asked, None, per_fold=per_fold)
        await self._note_names(found)
        return found

    def measure_of(self, row: RunRow) -> str:
        """The measure by which a run is told: its task's own, as far as that is known."""
        task = self._names.book.tasks.get(row.task_id or 0)
        return default_measure(task.evaluation_measure if task else None, row.task_type_id or 0)

    def inquiry(self, rows: Sequence[RunRow], note: Note) -> Inquiry:
        """What is to be found out of some rows; ``note`` is told the news."""
        return Inquiry(self, rows, note)

    async def learn(self, rows: Sequence[RunRow], note: Note) -> AsyncGenerator[None]:
        """States and scores of rows; yields before each request, ``note`` is told the news."""
        inquiry = Inquiry(self, rows, note)
        async for _ in inquiry.scores():
            yield
        async for _ in inquiry.rest():
            yield

    async def visible(self, ids: Sequence[int]) -> set[int]:
        """Those of some runs that the server lists when it hides failures: their own errors, and
        those of their evaluation.
        """
        asked = RunFilter(ids=tuple(ids), show_errors=False)
        return set((await self._runs.page(asked, len(ids) * 2)).columns[0])

    async def block(self, measure: str, asked: RunFilter, offset: int) -> list[EvaluationRow]:
        """10,000 evaluations of the runs that a filter lets through; names are noted."""
        found = await self._evaluations.rows(measure, asked, MAX_LIMIT, offset)
        await self._note_names(found)
        return found

    async def visible_block(self, asked: RunFilter, offset: int) -> tuple[set[int], int]:
        """The ids in a block of 10,000 rows of a list, and how many rows it had."""
        page = await self._runs.page(asked, MAX_LIMIT, offset)
        return set(page.columns[0]), page.received

    def scored(
        self, evaluations: Iterable[EvaluationRow], left: dict[int, RunRow]
    ) -> dict[int, Facts]:
        """The runs that have the measure they are told by, which are taken out of ``left``."""
        told = [
            row
            for row in evaluations
            if row.run_id in left and row.function == self.measure_of(left[row.run_id])
        ]
        news = {}
        for run_id, row in first_engine(told).items():
            del left[run_id]
            news[run_id] = facts_of(row)
        return news

    async def _note_names(self, evaluations: Iterable[EvaluationRow]) -> None:
        await self._names.note_flows(
            {row.flow_id: row.flow_name for row in evaluations if row.flow_id and row.flow_name}
        )


class Inquiry:
    """What is being found out of some rows: first their scores, then why some have none."""

    def __init__(self, states: States, rows: Sequence[RunRow], note: Note) -> None:
        self._states = states
        self._note = note
        self._rows = rows
        self._left = {row.run_id: row for row in rows if not row.error_message}
        self._evaluated: set[int] = set()

    async def scores(
        self, lacking: Collection[str] = (), at_once: int = _AT_ONCE, *, very_few: int = VERY_FEW
    ) -> AsyncGenerator[None]:
        """The measures that most runs are told by one by one, then all measures of the rest, of so
        many runs at once; yields before each request. None of the runs has a measure of
        ``lacking``; of ``very_few`` runs all measures are asked for right away.
        """
        self._note({row.run_id: Facts(RunState.FAILED) for row in self._rows if row.error_message})
        left = self._left
        measures = Counter(map(self._states.measure_of, left.values())).most_common(_MOST_MEASURES)
        for measure, _ in measures:
            if len(left) <= (_FEW if measure != measures[0][0] else very_few):
                break
            if measure in lacking:
                continue
            ids = [i for i, row in left.items() if self._states.measure_of(row) == measure]
            for part in parts(ids):
                yield
                found = await self._states.evaluations(part, measure)
                self._note(self._states.scored(found, left))
        async for _ in self.any_measure(at_once):
            yield

    async def any_measure(self, at_once: int = _AT_ONCE) -> AsyncGenerator[None]:
        """All measures of the runs left; yields before each request."""
        ids = tuple(self._left)
        for start in range(0, len(ids), at_once):
            yield
            found = await self._states.evaluations(ids[start : start + at_once], None)
            self._note(self._states.scored(found, self._left))
            self._evaluated.update(row.run_id for row in found)

    async def rest(self) -> AsyncGenerator[None]:
        """Tells runs whose evaluation failed from those that wait for it; yields before each
        request.
        """
        for part in parts([i for i in self._left if i not in self._evaluated]):
            yield
            shown = await self._states.visible(part)
            self._hide([run_id for run_id in part if run_id not in shown])
        self._decide()

    def rest_of(self, visible: Collection[int]) -> None:
        """As :meth:`rest`, where it is known which runs the server shows."""
        left = [i for i in self._left if i not in self._evaluated]
        self._hide([run_id for run_id in left if run_id not in visible])
        self._decide()

    def evaluated(self) -> None:
        """Tells of those runs left that are evaluated by measures other than their own."""
        evaluated = self._evaluated
        self._note({i: Facts(RunState.OK) for i in self._left if i in evaluated})

    def _hide(self, hidden: Sequence[int]) -> None:
        self._note({run_id: Facts(RunState.EVALUATION_FAILED) for run_id in hidden})
        for run_id in hidden:
            del self._left[run_id]

    def _decide(self) -> None:
        """The runs left are evaluated by measures other than their own, or not yet."""
        evaluated = self._evaluated
        self._note(
            {
                run_id: Facts(RunState.OK if run_id in evaluated else RunState.NOT_EVALUATED)
                for run_id in self._left
            }
        )
