"""What a comparison of flows over tasks holds, as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from runbrowser.triage.suite.rank_tests import Friedman, Wilcoxon

CellKind = Literal["best", "mean"]
"""Which of several runs of a flow on a task counts: the best, or the mean of all."""

CELLS: tuple[CellKind, ...] = ("best", "mean")
LEAST, MOST = 2, 26
"""How many flows are compared at once."""


@dataclass(frozen=True, slots=True)
class ComparedFlow:
    """A flow that is compared; ``name`` is its full name, '' where that is not known."""

    flow_id: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class ComparedTask:
    """A task over which flows are compared, with the name of its data set."""

    task_id: int
    data_name: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """The score of a flow on a task: ``runs`` is of how many, ``run_id`` that of the best one."""

    value: float
    runs: int
    run_id: int


@dataclass(frozen=True, slots=True)
class Pair:
    """Two flows, by their places: on how many tasks the first wins, ties with the second, loses.

    ``p`` is that of Wilcoxon's test for two flows, of Nemenyi's for more; None where there is
    nothing to test.
    """

    one: int
    two: int
    wins: int
    ties: int
    losses: int
    p: float | None = None


@dataclass(frozen=True, slots=True)
class SuiteComparison:
    """Flows over tasks. ``cells`` has a row a task with a cell for each flow, None where it has no
    run with a score. Ranks and tests are over the tasks that have all cells (``complete``).

    ``wilcoxon`` is there for two flows only; ``friedman`` and ``difference``, the critical one of
    mean ranks, for more. ``ranks`` are the mean ranks, 1 the best; () without a complete task.
    ``groups`` are the sets of flows, by place, that do not differ by more than that. ``remarks``
    tell what was left out before.
    """

    title: str
    measure: str
    higher: bool
    kind: CellKind
    flows: tuple[ComparedFlow, ...]
    tasks: tuple[ComparedTask, ...]
    cells: tuple[tuple[Cell | None, ...], ...]
    complete: tuple[int, ...]
    ranks: tuple[float, ...]
    pairs: tuple[Pair, ...]
    wilcoxon: Wilcoxon | None = None
    friedman: Friedman | None = None
    difference: float | None = None
    groups: tuple[tuple[int, ...], ...] = ()
    remarks: tuple[str, ...] = ()

    def best(self, task: int) -> frozenset[int]:
        """The places of the flows that are best on a task, by its place: several where they tie."""
        known = [cell.value for cell in self.cells[task] if cell is not None]
        if len(known) < LEAST:
            return frozenset()
        best = max(known) if self.higher else min(known)
        return frozenset(
            place
            for place, cell in enumerate(self.cells[task])
            if cell is not None and same(cell.value, best)
        )

    def runs(self, flow: int) -> int:
        """Of how many runs the cells of a flow are."""
        return sum(cell.runs for row in self.cells if (cell := row[flow]) is not None)

    def mean(self, flow: int) -> float | None:
        """The mean of a flow's cells over the complete tasks."""
        return _mean([cell.value for task in self.complete if (cell := self.cells[task][flow])])


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def same(one: float, two: float) -> bool:
    """Whether two scores differ by the rounding of binary fractions at most."""
    return abs(one - two) <= 1e-12 * max(abs(one), abs(two))
