"""Leaderboards: ranks and ties, lines by setup and flow, which two are compared."""

from __future__ import annotations

import pytest

from runbrowser.models import EvaluationRow
from runbrowser.triage.leaderboard import By, standings, two_best


def row(run: int, value: float | None, setup: int = 1, flow: int = 1) -> EvaluationRow:
    return EvaluationRow(run, 1, setup, flow, "x", 1, 1, "d", "m", None, value, None, None)


ROWS = [row(1, 0.9, 1, 1), row(2, 0.8, 1, 1), row(3, 0.9, 2, 1), row(4, 0.9, 3, 2),
        row(5, 0.7, 4, 3), row(6, None, 5, 4)]  # fmt: skip
HIGH, LOW = "predictive_accuracy", "root_mean_squared_error"


@pytest.mark.parametrize(
    ("measure", "by", "runs", "ranks", "tied"),
    [
        (HIGH, "run", [1, 3, 4, 2, 5, 6], [1, 1, 1, 4, 5, 6], [3, 3, 3, 1, 1, 1]),
        (LOW, "run", [5, 2, 1, 3, 4, 6], [1, 2, 3, 3, 3, 6], [1, 1, 3, 3, 3, 1]),
        (HIGH, "setup", [1, 3, 4, 5, 6], [1, 1, 1, 4, 5], [3, 3, 3, 1, 1]),
        (HIGH, "flow", [1, 4, 5, 6], [1, 1, 3, 4], [2, 2, 1, 1]),
        (LOW, "flow", [5, 2, 4, 6], [1, 2, 3, 4], [1, 1, 1, 1]),
    ],
)
def test_a_line_is_of_its_best_run_and_equal_scores_share_a_rank(
    measure: str, by: By, runs: list[int], ranks: list[int], tied: list[int]
) -> None:
    found = standings(ROWS[::-1], measure, by)
    assert [line.run_id for line in found] == runs
    assert [line.rank for line in found] == ranks
    assert [line.tied for line in found] == tied
    assert found[0].distance == 0 and found[-1].distance is None
    best = found[0].value
    assert best is not None
    assert all(line.distance == line.value - best for line in found if line.value is not None)


def test_a_line_holds_the_scores_of_all_its_runs_the_best_first() -> None:
    found = standings(ROWS, HIGH, "flow")
    assert [line.values for line in found] == [(0.9, 0.9, 0.8), (0.9,), (0.7,), ()]


def test_two_that_tie_are_never_the_two_best() -> None:
    def pair(rows: list[EvaluationRow]) -> list[int] | None:
        found = two_best(standings(rows, HIGH))
        return None if found is None else [line.run_id for line in found]

    assert pair(ROWS) == [1, 5]  # another flow before another run of the same
    assert pair(ROWS[:4]) == [1, 2]
    assert pair([ROWS[0], ROWS[2], ROWS[3]]) is None
    assert pair(ROWS[:1]) is None and pair([]) is None
