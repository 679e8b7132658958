"""What was read lately is bounded by number and by what it holds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from runbrowser.models import Evaluation, ParameterSetting
from runbrowser.tui.recent import MOST_RUNS, Recent
from runbrowser.tui.workspace import RunsRead

from ..triage.runs import a_run


def test_the_oldest_go_when_there_are_too_many_and_what_was_touched_stays() -> None:
    recent: Recent[str] = Recent(len, 3, 1_000)
    for number in range(3):
        recent.note(number, "x")
    recent.touch(0)
    recent.note(3, "x")
    assert [recent.get(number) for number in range(4)] == ["x", None, "x", "x"]


def test_the_oldest_go_when_all_weigh_too_much_and_the_last_one_stays_whatever_it_weighs() -> None:
    recent: Recent[str] = Recent(len, 50, 100)
    for number in range(5):
        recent.note(number, "x" * 30)
    assert len(list(recent)) == 3
    recent.note(9, "x" * 5_000)
    assert list(recent) == ["x" * 5_000]
    recent.note(9, "x")  # the same run, read again
    recent.note(10, "y")
    assert list(recent) == ["x", "y"]
    recent.forget([9, 77])
    assert list(recent) == ["y"]


LONG = "x" * 12_000_000
LARGE: dict[str, dict[str, Any]] = {
    "parameters": {"parameter_settings": (ParameterSetting("n", "1", None),) * 60_000},
    "a value": {"parameter_settings": (ParameterSetting("n", LONG, None),)},
    "an array": {"evaluation_list": (Evaluation("m", 1.0, LONG),)},
    "a message": {"error_message": LONG},
    "tags": {"tags": ("t",) * 60_000},
}


def test_fifty_usual_runs_are_kept() -> None:
    runs = RunsRead()
    for number in range(MOST_RUNS + 1):
        folds = [[0.5] * 10] * 10
        runs.note(a_run(number, folds, parameters={str(n): "value" for n in range(100)}))
    assert len(list(runs)) == MOST_RUNS


@pytest.mark.parametrize("what", LARGE)
def test_runs_that_hold_much_are_not_kept_by_the_dozen(what: str) -> None:
    runs = RunsRead()
    for number in range(4):
        runs.note(replace(a_run(number), **LARGE[what]))
    assert [run.run_id for run in runs] == [3]
    assert set(runs.tags) == {3}
