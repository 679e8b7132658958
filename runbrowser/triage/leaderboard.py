"""Who is best on a task: by run, by setup or by flow, ties counted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from runbrowser.models import EvaluationRow
from runbrowser.triage.measures import direction

__all__ = ["BY", "By", "Standing", "standings", "two_best"]

By = Literal["run", "setup", "flow"]
"""What a line of a leaderboard stands for."""

BY: tuple[By, ...] = ("run", "setup", "flow")


@dataclass(frozen=True, slots=True)
class Standing:
    """A line of a leaderboard. ``row`` is its best run; ``values`` are the scores of all its runs,
    the best first. ``rank`` is shared by ``tied`` lines with the same score; ``distance`` is that
    of the score to the best one, None where either is missing.
    """

    row: EvaluationRow
    values: tuple[float, ...]
    rank: int
    tied: int
    distance: float | None

    @property
    def run_id(self) -> int:
        """The best run."""
        return self.row.run_id

    @property
    def value(self) -> float | None:
        """The score of the best run."""
        return self.row.value

    @property
    def flow_name(self) -> str | None:
        """The full name of the flow."""
        return self.row.flow_name


def standings(rows: Iterable[EvaluationRow], measure: str, by: By = "run") -> list[Standing]:
    """The lines of a leaderboard, the best first, of equal ones the oldest run. Rows without a
    value come last, without a rank of their own among each other.
    """
    lower = direction(measure) == "lower"

    def place(row: EvaluationRow) -> tuple[bool, float, int]:
        value = row.value
        return (
            value is None,
            0.0 if value is None else value if lower else -value,
            row.run_id,
        )

    groups: dict[int, list[EvaluationRow]] = {}
    for row in sorted(rows, key=place):
        key = row.run_id if by == "run" else row.setup_id if by == "setup" else row.flow_id
        groups.setdefault(-row.run_id if key is None else key, []).append(row)
    lines = list(groups.values())
    best = lines[0][0].value if lines else None
    scores = [some[0].value for some in lines]
    found, rank = [], 0
    for number, some in enumerate(lines):
        value = some[0].value
        if not number or value != scores[number - 1]:
            rank = number + 1
        distance = None if value is None or best is None else value - best
        values = tuple(row.value for row in some if row.value is not None)
        found.append(Standing(some[0], values, rank, scores.count(value), distance))
    return found


def two_best(lines: Sequence[Standing]) -> tuple[Standing, Standing] | None:
    """The best line and the next one that is worth comparing to it: of another flow and another
    score where there is one, else of another score. None where all lines tie.
    """
    if not lines:
        return None
    first = lines[0]
    others = [line for line in lines if line.value not in (None, first.value)]
    flow = first.row.flow_id
    second = next((line for line in others if line.row.flow_id != flow), None)
    second = second or next(iter(others), None)
    return None if second is None else (first, second)
