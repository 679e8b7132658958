"""Pictures of the comparison, at three sizes, as they were when somebody last looked at them.

After a change that is meant: ``pytest tests/tui/test_snapshots_compare.py --snapshot-update``,
then look.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.pilot import Pilot

from runbrowser.demo.launch import DemoProcess
from runbrowser.triage.comparison import Entry
from runbrowser.tui.screens.compare import CompareScreen

from .harness import app_on, press, settle, workspace

SIZES = [(140, 40), (80, 24), (60, 20)]
Compare = Callable[..., bool]

EIGHT = (900112, 900149, 900280, 900289, 900356, 900481, 900485, 900516)
CASES: dict[str, tuple[tuple[int, ...], tuple[str, ...]]] = {
    "four_runs": ((900393, 902676, 902422, 902437), ()),
    "four_runs_folds": ((900393, 902676, 902422, 902437), ("G",)),
    "two_of_a_flow": ((900393, 902422), ("a",)),
    "eight_of_fifty_folds": (EIGHT, ("right", "right", "right", "right", "n", "n", "n")),
    "fifty_folds": (EIGHT[:2], ("G",)),
    "other_tasks": ((900393, 900356), ()),
    "measures": ((900393, 902676), ("M",)),
    "export": ((900393, 902676), ("x",)),
}


def _snapshot(
    snap_compare: Compare,
    v1: str,
    size: tuple[int, int],
    run_ids: tuple[int, ...],
    keys: tuple[str, ...],
) -> bool:
    async def before(pilot: Pilot[int]) -> None:
        await settle(pilot)
        source = workspace(pilot).source
        assert source is not None
        entries = [Entry(run_id, uploaded="2026-01-02 03:04:05") for run_id in run_ids]
        pilot.app.push_screen(CompareScreen(source, entries))
        await settle(pilot)
        await press(pilot, *keys)

    return snap_compare(app_on(v1), terminal_size=size, run_before=before)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("case", CASES)
def test_runs_side_by_side(
    case: str, size: tuple[int, int], demo: DemoProcess, snap_compare: Compare
) -> None:
    run_ids, keys = CASES[case]
    assert _snapshot(snap_compare, demo.v1, size, run_ids, keys)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_without_colour(
    size: tuple[int, int],
    demo: DemoProcess,
    snap_compare: Compare,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    run_ids, keys = CASES["four_runs"]
    assert _snapshot(snap_compare, demo.v1, size, run_ids, keys)
