"""What the evaluation said of runs that it failed on, which no list tells: each run's own page."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from runbrowser.errors import RunbrowserError
from runbrowser.models import RunRow
from runbrowser.openml.base import RunSource

MOST = 200  # runs that are read, a request each (two where V2 is asked first)
_AT_ONCE = 4


class EvaluationErrors:
    """Reads them a run at a time, a few at once, through the source and so from its cache.

    ``texts`` are the errors by run; ``silent`` are runs that were read and tell none; ``unread``
    says of the others why they could not be read. No more than ``most`` are read.
    """

    def __init__(self, source: RunSource) -> None:
        self._source = source
        self._in_a_row = 0
        self._is_cut = False
        self.most = MOST
        self.texts: dict[int, str] = {}
        self.silent: set[int] = set()
        self.unread: dict[int, str] = {}

    @property
    def is_given_up(self) -> bool:
        """Whether so many runs after each other could not be read that no more are asked for."""
        return self._in_a_row >= _AT_ONCE

    async def read(
        self, rows: Sequence[RunRow], on_progress: Callable[[str], None]
    ) -> Sequence[RunRow]:
        """Reads the runs of the first rows, which it gives; raises nothing for those that cannot
        be read.
        """
        self._is_cut = len(rows) > self.most
        rows = rows[: self.most]
        waiting = iter(rows)
        async with asyncio.TaskGroup() as group:
            for _ in range(min(_AT_ONCE, len(rows))):
                group.create_task(self._read_some(waiting, len(rows), on_progress))
        for row in waiting:
            self.unread[row.run_id] = "not asked for after several could not be read"
        return rows

    async def _read_some(
        self, waiting: Iterator[RunRow], total: int, on_progress: Callable[[str], None]
    ) -> None:
        while not self.is_given_up and (row := next(waiting, None)) is not None:
            try:
                run = await self._source.run(row.run_id)
            except RunbrowserError as error:
                self._in_a_row += 1
                self.unread[row.run_id] = str(error)
            else:
                self._in_a_row = 0
                if run.evaluation_error:
                    self.texts[row.run_id] = run.evaluation_error
                else:
                    self.silent.add(row.run_id)
            done = len(self.texts) + len(self.silent) + len(self.unread)
            on_progress(f"reading evaluation errors: {done} of {total} runs")

    def with_errors(self, rows: Iterable[RunRow]) -> list[RunRow]:
        """The rows whose error is known, as rows that tell it."""
        return [
            row._replace(error_message=self.texts[row.run_id])
            for row in rows
            if row.run_id in self.texts
        ]

    def words(self, run_ids: Collection[int]) -> str:
        """How many runs these are, and which of them were read in vain or not at all, with the
        first reason.
        """
        runs = "1 run" if len(run_ids) == 1 else f"{len(run_ids):,} runs"
        words = f"{runs} whose evaluation failed"
        if self._is_cut:
            words += f", the first {self.most} alone"
        if silent := self.silent & set(run_ids):
            words += f"; {len(silent)} tell no error"
        if unread := [why for run_id, why in self.unread.items() if run_id in run_ids]:
            words += f"; {len(unread)} not read ({unread[0]})"
        return words
