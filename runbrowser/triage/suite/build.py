"""Compares flows over tasks, from one measure of their runs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import combinations

from runbrowser.models import EvaluationRow
from runbrowser.triage.measures import direction
from runbrowser.triage.suite.model import (
    Cell,
    CellKind,
    ComparedFlow,
    ComparedTask,
    Pair,
    SuiteComparison,
    same,
)
from runbrowser.triage.suite.rank_tests import critical_difference, friedman, nemenyi, wilcoxon


def compare_flows(
    title: str,
    flows: Sequence[ComparedFlow],
    tasks: Sequence[ComparedTask],
    rows: Iterable[EvaluationRow],
    measure: str,
    *,
    kind: CellKind = "best",
    remarks: Sequence[str] = (),
) -> SuiteComparison:
    """Compares 2 or more flows over tasks.

    rows: one evaluation a run, of the measure; those of other flows and tasks and values that are
    no numbers are passed over. remarks: what was left out before. Raises ValueError for a measure
    that has no better or worse.
    """
    way = direction(measure)
    if way is None:
        raise ValueError(f"{measure} has no better or worse, so that no flow can win by it.")
    higher = way == "higher"
    cells = _cells(flows, tasks, rows, higher=higher, kind=kind)
    complete = tuple(n for n, row in enumerate(cells) if all(cell is not None for cell in row))
    values = [[cell.value for cell in cells[task] if cell is not None] for task in complete]
    found = friedman(values, higher=higher) if values else None
    pairs = [_pair(values, one, two, higher) for one, two in combinations(range(len(flows)), 2)]
    ranks = found.ranks if found is not None else ()
    signed, difference = None, None
    groups: tuple[tuple[int, ...], ...] = ()
    if len(flows) == 2 or found is None:
        signed = wilcoxon(*zip(*values, strict=True)) if values else None
        p = signed.p if signed is not None else None
        pairs = [Pair(x.one, x.two, x.wins, x.ties, x.losses, p) for x in pairs]
        found = None
    else:
        table = nemenyi(ranks, len(values))
        pairs = [Pair(x.one, x.two, x.wins, x.ties, x.losses, table[x.one][x.two]) for x in pairs]
        difference = critical_difference(len(flows), len(values))
        groups = alike(ranks, difference)
    return SuiteComparison(
        title=title,
        measure=measure,
        higher=higher,
        kind=kind,
        flows=tuple(flows),
        tasks=tuple(tasks),
        cells=tuple(map(tuple, cells)),
        complete=complete,
        ranks=ranks,
        pairs=tuple(pairs),
        wilcoxon=signed,
        friedman=found,
        difference=difference,
        groups=groups,
        remarks=tuple(remarks),
    )


def _cells(
    flows: Sequence[ComparedFlow],
    tasks: Sequence[ComparedTask],
    rows: Iterable[EvaluationRow],
    *,
    higher: bool,
    kind: CellKind,
) -> list[list[Cell | None]]:
    place_of_flow = {flow.flow_id: place for place, flow in enumerate(flows)}
    place_of_task = {task.task_id: place for place, task in enumerate(tasks)}
    values: dict[tuple[int, int], list[tuple[float, int]]] = {}
    for row in rows:
        task, flow = place_of_task.get(row.task_id or 0), place_of_flow.get(row.flow_id or 0)
        if task is None or flow is None or row.value is None or not math.isfinite(row.value):
            continue
        values.setdefault((task, flow), []).append((row.value, row.run_id))
    cells: list[list[Cell | None]] = [[None] * len(flows) for _ in tasks]
    for (task, flow), found in values.items():
        # of runs with the same score the first one, whatever order the server sent them in
        best, run_id = min(found, key=lambda one: (-one[0] if higher else one[0], one[1]))
        mean = math.fsum(value for value, _ in found) / len(found)
        cells[task][flow] = Cell(best if kind == "best" else mean, len(found), run_id)
    return cells


def _pair(values: Sequence[Sequence[float]], one: int, two: int, higher: bool) -> Pair:
    ties = sum(same(row[one], row[two]) for row in values)
    above = sum(row[one] > row[two] and not same(row[one], row[two]) for row in values)
    below = len(values) - ties - above
    wins, losses = (above, below) if higher else (below, above)
    return Pair(one, two, wins, ties, losses)


def alike(ranks: Sequence[float], difference: float) -> tuple[tuple[int, ...], ...]:
    """The largest sets of groups whose mean ranks lie within a critical difference, by their
    places in the order of the ranks; those of one group alone are left out.
    """
    order = sorted(range(len(ranks)), key=lambda place: (ranks[place], place))
    found: list[tuple[int, ...]] = []
    reached = 0
    for start in range(len(order)):
        end = start
        while end + 1 < len(order) and ranks[order[end + 1]] - ranks[order[start]] < difference:
            end += 1
        if end > start and end + 1 > reached:
            found.append(tuple(order[start : end + 1]))
            reached = end + 1
    return tuple(found)
