"""Rows with what some columns need beside them, asked of a source in bulk."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from runbrowser.errors import UsageError
from runbrowser.fields.columns import Kind, Need, RunInfo, record_of, split
from runbrowser.models import Facts, RunRow
from runbrowser.openml.base import RunSource
from runbrowser.openml.scores import ScoreBook, Wish


class RunInfos:
    """Asks for names, states and scores only where one of the columns needs them.

    Raises UsageError for columns that no list tells, whatever is asked.
    """

    def __init__(self, columns: Iterable[str]) -> None:
        self.names = self.facts = False
        self.wishes: list[Wish] = []
        for column in dict.fromkeys(columns):
            record, measure = record_of(column), split(column)[1]
            if record.need is Need.RUN:
                raise UsageError(
                    f"A list of runs does not tell {record.name}; 'runbrowser get' reads a run."
                )
            self.names |= record.need is Need.NAMES
            self.facts |= record.need in (Need.FACTS, Need.SCORES)
            wish = Wish(measure, record.kind is Kind.SPREAD)
            if record.of_measure and wish != Wish(""):
                self.wishes.append(wish)

    @property
    def needed(self) -> bool:
        """Whether anything must be asked beside the rows."""
        return self.names or self.facts

    async def of(self, source: RunSource, rows: Sequence[RunRow]) -> list[RunInfo]:
        """The rows with what the columns need. Raises OpenMLServerError and its kinds."""
        known: dict[int, Facts] = {}
        book = ScoreBook()
        if self.needed:
            await source.learn(rows, known.update, names=self.names, states=self.facts)
        for wish in self.wishes:
            await book.learn(source, rows, wish, known)
        return [RunInfo(row, known.get(row.run_id), source.names, book) for row in rows]
