"""Scores beyond the one that tells states: other measures, and the spread over the folds.

Each is one request for the rows of a page, sent only while a column or the order wants it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from runbrowser.models import RunRow, RunState
from runbrowser.openml.base import Facts
from runbrowser.triage.folds import FoldSpread, fold_spread, fold_values

if TYPE_CHECKING:
    from runbrowser.openml.base import RunSource


class Wish(NamedTuple):
    """measure: by its name, '' for the one that the facts of each run tell. per_fold: its spread
    over the folds instead of its value.
    """

    measure: str
    per_fold: bool = False


class ScoreBook:
    """What was found, by measure and run id."""

    def __init__(self) -> None:
        self._values: dict[str, dict[int, float]] = {}
        self._spreads: dict[str, dict[int, FoldSpread]] = {}

    def value(self, run_id: int, measure: str, fact: Facts | None) -> float | None:
        """A run's value of a measure, '' for its task's own; None when it has none, or not yet."""
        if fact is not None and (not measure or fact.measure == measure):
            return fact.score
        return self._values.get(measure, {}).get(run_id)

    def spread(self, run_id: int, measure: str, fact: Facts | None) -> FoldSpread | None:
        """The spread of a run's fold values; as :meth:`value`."""
        name = measure or (fact.measure if fact is not None else None)
        return self._spreads.get(name, {}).get(run_id) if name else None

    async def learn(
        self, source: RunSource, rows: Sequence[RunRow], wish: Wish, facts: Mapping[int, Facts]
    ) -> None:
        """Asks for what a wish lacks. Raises OpenMLServerError and its kinds."""
        by_measure: dict[str, list[int]] = {}
        for row in rows:
            fact = facts.get(row.run_id)
            if fact is None or fact.state is not RunState.OK:
                continue
            name = wish.measure or fact.measure
            if name and (wish.per_fold or name != fact.measure):
                by_measure.setdefault(name, []).append(row.run_id)
        for name, ids in by_measure.items():
            for found in await source.scores(ids, name, per_fold=wish.per_fold):
                if not wish.per_fold:
                    if found.value is not None:
                        self._values.setdefault(name, {})[found.run_id] = found.value
                    continue
                spread = fold_spread(fold_values(found.values or ""))
                if spread is not None:
                    self._spreads.setdefault(name, {})[found.run_id] = spread

    def forget(self, run_ids: Iterable[int]) -> None:
        """Drops what is known of runs that are no longer at hand."""
        gone = tuple(run_ids)
        for run_id in gone:
            for values in self._values.values():
                values.pop(run_id, None)
            for spreads in self._spreads.values():
                spreads.pop(run_id, None)
