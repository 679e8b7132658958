"""The rows of ``runbrowser list``: the values of the columns asked for, in the order asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from runbrowser.fields.columns import RunInfo, plain_infos, record_of, split
from runbrowser.files.columns import Choice, listed, values_of
from runbrowser.files.formats import Row
from runbrowser.models import RunRow

if TYPE_CHECKING:
    from runbrowser.cli.session import Session
    from runbrowser.openml.base import RunSource
    from runbrowser.openml.run_infos import RunInfos

_PIECE = 1_000  # rows that are written at a time, once they are in order


class Sheet:
    """``choice``: columns by their names in the file, None for those of the rows themselves.
    ``sort``: a column, and whether the order is turned round.

    Raises UsageError for columns that no list tells.
    """

    def __init__(self, choice: Choice | None, sort: tuple[str, bool] | None) -> None:
        self.choice = choice or listed()
        self.measures: list[str] = []  # of the scores by which rows were ordered, if they differ
        self._plain = self.choice == listed() and sort is None
        self._sort = sort
        self._infos: RunInfos | None = None
        self._source: RunSource | None = None
        if not self._plain:
            from runbrowser.openml.run_infos import RunInfos

            self._infos = RunInfos([*self.choice.values(), *([sort[0]] if sort else [])])

    @property
    def asks(self) -> bool:
        """Whether names or scores are needed beside the rows."""
        return self._infos is not None and self._infos.needed

    def pieces(
        self,
        session: Session,
        pieces: Iterable[Sequence[RunRow]],
        source: RunSource | None = None,
    ) -> Iterator[Sequence[Row]]:
        """Rows of the file in pieces; sorted ones when the last row is there. Names and scores are
        those of ``source``, the session's own unless given.
        """
        self._source = source
        if self._plain:
            yield from pieces
            return
        known = (self._known(session, rows) for rows in pieces)
        if self._sort is None:
            for infos in known:
                yield values_of(infos, self.choice)
            return
        ordered = self._ordered([info for infos in known for info in infos], *self._sort)
        for start in range(0, len(ordered), _PIECE):
            yield values_of(ordered[start : start + _PIECE], self.choice)

    def _known(self, session: Session, rows: Sequence[RunRow]) -> list[RunInfo]:
        if self._infos is None or not self._infos.needed:
            return plain_infos(rows)
        return session.wait(self._infos.of(self._source or session.source, rows))

    def _ordered(self, infos: list[RunInfo], column: str, reverse: bool) -> list[RunInfo]:
        from runbrowser.pages.sorting import sort_infos

        if record_of(column).of_measure and not split(column)[1]:
            found = (info.facts.measure for info in infos if info.facts is not None)
            several = list(dict.fromkeys(measure for measure in found if measure))
            self.measures = several if len(several) > 1 else []
        return sort_infos(infos, column, reverse=reverse)
