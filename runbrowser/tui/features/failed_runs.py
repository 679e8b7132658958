"""The failed runs that match a filter, read step by step and grouped by what they say."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

from runbrowser.bulk.outcome import Report
from runbrowser.errors import RunbrowserError
from runbrowser.models import RunFilter, RunRow, RunState
from runbrowser.openml.evaluation_errors import EvaluationErrors
from runbrowser.triage.signatures import By, ErrorGroup, by_rate, group_errors
from runbrowser.tui.workspace import Workspace

MOST = 100_000
"""How many failed runs are read; a source that counts tells how many more there are."""

_SHOWN = 500  # groups that are lines of the list; what follows are single runs
_NAMED = 50  # groups whose flows, tasks and uploaders are named
_AFTER: dict[By, By] = {"message": "flow", "flow": "task", "task": "message"}
_COLUMN: dict[By, str] = {"message": "error", "flow": "flow", "task": "task"}
_WORD: dict[By, str] = {"message": "kind", "flow": "flow", "task": "task"}


class FailedRuns:
    """Reads them page by page, and groups what is there so far. Under a filter on runs whose
    evaluation failed, it groups the errors of the evaluation, for which each of the first runs is
    read.

    ``groups`` are the largest, or those that fail most often (``is_rated``); ``progress`` hears in
    words how far it is. ``count`` is how many failed runs there are.
    """

    def __init__(self, workspace: Workspace, progress: Callable[[str], None]) -> None:
        self._source = workspace.source
        self._progress = progress
        evaluated = workspace.filter.state is RunState.EVALUATION_FAILED
        self._evaluations = EvaluationErrors(self._source) if evaluated else None
        self._state = RunState.EVALUATION_FAILED if evaluated else RunState.FAILED
        self.filter = replace(workspace.filter, state=self._state)
        self.by: By = "message"
        self.is_rated = False
        self.groups: list[ErrorGroup] = []
        self._kinds = 0
        self._total = 0  # failed runs in all, where more are there than were read
        self._rows: dict[int, RunRow] = {}
        self._ran: dict[int, RunRow] = {}  # all runs, failed or not, once rates were asked for

    @property
    def count(self) -> int:
        """How many there are."""
        return max(self._total, len(self._rows))

    @property
    def rows(self) -> list[RunRow]:
        """All of them."""
        return list(self._rows.values())

    def rows_of(self, group: ErrorGroup) -> list[RunRow]:
        """Those of a group."""
        return [self._rows[run_id] for run_id in group.run_ids if run_id in self._rows]

    # -- reading -------------------------------------------------------------------------------

    async def read(self) -> AsyncIterator[None]:
        """Reads all; yields whenever other groups are there. Raises RunbrowserError."""
        evaluations = self._evaluations
        most = MOST if evaluations is None else evaluations.most + 1
        async for rows in self._source.walk(self.filter, most=most, progress=self._progress):
            self._rows |= {row.run_id: row for row in rows}
            if evaluations is None:
                await self.group()
                yield
        if evaluations is not None:
            read = await evaluations.read(tuple(self._rows.values()), self._progress)
            self._rows = {row.run_id: row for row in read}
            await self.group()
            yield

    async def group(self) -> None:
        """Groups what was read so far."""
        rows = tuple((self._ran if self.is_rated else self._rows).values())
        if self._evaluations is not None:
            rows = tuple(self._evaluations.with_errors(rows))
        groups = await asyncio.to_thread(group_errors, rows, self.by, self._state)
        self._kinds, self._total = len(groups), 0
        if self.is_rated:
            groups = by_rate(groups)
        elif self._evaluations is None and len(self._rows) >= MOST:
            groups = await self._counted(groups)
        self.groups = groups[:_SHOWN]

    async def _counted(self, groups: list[ErrorGroup]) -> list[ErrorGroup]:
        """The groups of all failed runs, where the source counts those that were not read."""
        source, by = self._source, self.by
        counted = await source.group_counts(self.filter, _COLUMN[by])
        if counted is None:
            return groups
        known = {group.key: group for group in groups}
        shown = counted[:_SHOWN]
        unread = tuple(count.example for count in shown if count.value not in known)
        if unread:
            rows = (await source.page(RunFilter(ids=unread), 0, len(unread))).rows
            self._rows |= {row.run_id: row for row in rows}
            known |= {group.key: group for group in group_errors(rows, by, self._state)}
        for count in shown:
            if count.value in known:
                known[count.value].runs = count.runs
        self._kinds = len(counted)
        self._total = (await source.page(self.filter, 0, 1)).total or 0
        return [known[count.value] for count in shown if count.value in known]

    async def read_for_rates(self) -> None:
        """Reads what rates want: all runs of the filter, failed or not, up to a bound that is told.
        Raises RunbrowserError; then there are no rates.
        """
        if not self.is_rated or self._ran:
            return
        try:
            self._ran = await self._read_all()
        except RunbrowserError:
            self.is_rated = False
            raise

    async def _read_all(self) -> dict[int, RunRow]:
        found: dict[int, RunRow] = {}
        every = replace(self.filter, state=None)
        async for rows in self._source.walk(every, most=MOST, progress=self._progress):
            found |= {row.run_id: row for row in rows}
            self._progress(f"{len(found):,} runs read, failed or not")
        return found

    async def learn_names(self) -> None:
        """Names for the largest groups, as far as they can be had. Raises RunbrowserError."""
        await self._source.learn_names(self._examples())

    def _examples(self) -> list[RunRow]:
        """Rows that between them name the flows, tasks and uploaders of the largest groups."""
        wanted = {run_id for group in self.groups[:_NAMED] for run_id in group.run_ids}
        seen: set[tuple[str, int | None]] = set()
        rows = []
        for row in self._rows.values():
            if row.run_id not in wanted:
                continue
            new = {("flow", row.flow_id), ("task", row.task_id), ("uploader", row.uploader)} - seen
            if new:
                seen |= new
                rows.append(row)
        return rows

    @property
    def summary(self) -> str:
        """How many groups and runs there are, in words."""
        kinds = f"1 {_WORD[self.by]}" if self._kinds == 1 else f"{self._kinds:,} {_WORD[self.by]}s"
        runs = "1 failed run" if self.count == 1 else f"{self.count:,} failed runs"
        rated = f" of {len(self._ran):,} runs, by failure rate" if self.is_rated else ""
        if self._evaluations is not None:
            runs = self._evaluations.words(self._rows)
        return f"{kinds} in {runs}{rated}"

    # -- grouping them otherwise ---------------------------------------------------------------

    def why_no_rate(self) -> str:
        """Why they cannot be ordered by failure rate, in words; '' when they can."""
        if self._evaluations is not None:
            return "evaluation errors have no rate: not all runs were read"
        return "" if self.by != "message" else "flows and tasks have a rate: b groups by them"

    def toggle_rate(self) -> None:
        """By failure rate, or by the number of failures; from the next grouping on."""
        self.is_rated = not self.is_rated

    def next_by(self) -> None:
        """By flow, then by task, then by message again; from the next grouping on."""
        self.by = _AFTER[self.by]
        self.is_rated = self.is_rated and self.by != "message"

    def forget(self, report: Report) -> None:
        """Runs that went are no longer among them."""
        for run_id in report.gone:
            self._rows.pop(run_id, None)
            self._ran.pop(run_id, None)
