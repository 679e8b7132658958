"""Which runs are marked: kept across pages, filters and refreshes, in the order of marking."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from runbrowser.models import RunRow
from runbrowser.tui.signals import Signal


class Marks:
    """A set of runs with their rows, so that a run that is out of sight can still be acted on.

    ``changed`` tells of every change.
    """

    def __init__(self) -> None:
        self.changed: Signal[Marks] = Signal()
        self._rows: dict[int, RunRow] = {}
        self.anchor: int | None = None  # the run at which a range begins

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, run_id: object) -> bool:
        return run_id in self._rows

    def __iter__(self) -> Iterator[RunRow]:
        return iter(self._rows.values())

    @property
    def ids(self) -> list[int]:
        """Run ids, first marked first."""
        return list(self._rows)

    def toggle(self, row: RunRow) -> bool:
        """Marks a run, or takes its mark away; whether it is marked now."""
        marked = self._rows.pop(row.run_id, None) is None
        if marked:
            self._rows[row.run_id] = row
        self.changed.emit(self)
        return marked

    def add(self, rows: Iterable[RunRow]) -> int:
        """Marks runs; how many were not marked before."""
        before = len(self._rows)
        for row in rows:
            self._rows.setdefault(row.run_id, row)
        self.changed.emit(self)
        return len(self._rows) - before

    def remove(self, run_ids: Iterable[int]) -> None:
        """Takes marks away; runs without one are passed over."""
        for run_id in run_ids:
            self._rows.pop(run_id, None)
        self.changed.emit(self)

    def clear(self) -> None:
        """Takes all marks away."""
        self._rows.clear()
        self.anchor = None
        self.changed.emit(self)

    def whole(self, rows: Iterable[RunRow]) -> bool:
        """Whether all of these runs are marked."""
        return all(row.run_id in self._rows for row in rows)
