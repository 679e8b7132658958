"""From the leaderboard to the comparison: the two best in one key, marked runs, one mark."""

from __future__ import annotations

import re

from rich.cells import cell_len
from textual.coordinate import Coordinate
from textual.pilot import Pilot
from textual.widgets import Static

from runbrowser.demo.launch import DemoProcess
from runbrowser.fields.filters import parse
from runbrowser.triage.comparison import Entry, compare_runs
from runbrowser.tui.screens.compare import CompareScreen
from runbrowser.tui.screens.leaderboard import LeaderboardScreen
from runbrowser.tui.widgets.page_view import PageView

from .counting import Counting
from .deeds import is_main, top
from .harness import browsing, detail_text, press, screen_text, until, workspace


def board(pilot: Pilot[int]) -> LeaderboardScreen:
    screen = top(pilot)
    assert isinstance(screen, LeaderboardScreen)
    return screen


def compared(pilot: Pilot[int]) -> list[int]:
    screen = top(pilot)
    assert isinstance(screen, CompareScreen)
    assert screen.comparison is not None
    return [entry.run_id for entry in screen.comparison.entries]


def foot(pilot: Pilot[int]) -> str:
    return str(top(pilot).query_one("#list-foot", Static).render())


async def test_two_keys_from_the_start_compare_the_two_best_of_a_task(demo: DemoProcess) -> None:
    async with browsing(demo.v1) as pilot:
        await press(pilot, "L")
        lines = {line.run_id: line for line in board(pilot).lines}
        await press(pilot, "equals_sign")
        first, second = compared(pilot)
        assert first == next(iter(lines))
        # those that tie with the best are no second best, and another flow tells more
        assert lines[second].value != lines[first].value
        assert lines[second].row.flow_id != lines[first].row.flow_id
        assert "Fold by fold" in top(pilot).query_one(PageView).text
        await press(pilot, "escape")
        assert isinstance(top(pilot), LeaderboardScreen)


async def test_the_run_under_the_cursor_is_told_whole(demo: DemoProcess) -> None:
    async with browsing(demo.v1, parse("task:9102"), size=(80, 40)) as pilot:
        await press(pilot, "L")
        page = board(pilot).query_one(PageView)
        name = board(pilot).lines[0].flow_name
        assert name is not None and len(name) > 80  # longer than a row
        assert name in "".join(line.strip() for line in page.text.splitlines())
        assert all(cell_len(line) <= page.room for line in page.text.splitlines())


async def test_space_marks_on_the_leaderboard_and_takes_back(demo: DemoProcess) -> None:
    async with browsing(demo.v1, parse("task:9104")) as pilot:
        await press(pilot, "L")
        ids = [line.run_id for line in board(pilot).lines]
        await press(pilot, "j", "space", "space", "j", "space")
        assert set(map(int, re.findall(r"\u25cf(\d{6})", screen_text(pilot)))) == {
            ids[1],
            ids[2],
            ids[4],
        }
        await press(pilot, "equals_sign")
        assert compared(pilot) == [ids[1], ids[2], ids[4]]
        await press(pilot, "escape", "g", "j", "space", "equals_sign")
        assert compared(pilot) == [ids[2], ids[4]]


async def test_one_mark_is_compared_with_the_run_under_the_cursor(demo: DemoProcess) -> None:
    async with browsing(demo.v1, parse("task:9104")) as pilot:
        await press(pilot, "L")
        ids = [line.run_id for line in board(pilot).lines]
        await press(pilot, "space", "j", "equals_sign")
        assert compared(pilot) == [ids[0], ids[2]]
        await press(pilot, "escape", "g", "equals_sign")
        assert foot(pilot).startswith("one run is marked: put the cursor on another one")


async def test_marks_beyond_eight_are_too_many(demo: DemoProcess) -> None:
    async with browsing(demo.v1, parse("task:9104")) as pilot:
        await press(pilot, "L", *["space"] * 9, "equals_sign")
        assert isinstance(top(pilot), LeaderboardScreen)
        assert foot(pilot).startswith("9 runs are marked, = compares at most 8")


async def test_the_comparison_is_by_the_leaderboards_measure(demo: DemoProcess) -> None:
    async with browsing(demo.v1, parse("task:9104")) as pilot:
        await press(pilot, "L", "M", "home", "enter")  # the first measure: the AUC
        assert "area_under_roc_curve" in screen_text(pilot)
        await press(pilot, "equals_sign")
        screen = top(pilot)
        assert isinstance(screen, CompareScreen)
        assert screen.comparison is not None
        assert screen.comparison.measure == "area_under_roc_curve"


async def test_enter_in_the_comparison_reads_the_run_behind_the_leaderboard(
    demo: DemoProcess,
) -> None:
    async with browsing(demo.v1, parse("task:9104")) as pilot:
        await press(pilot, "L")
        second = board(pilot).lines[1].run_id
        await press(pilot, "equals_sign", "right", "enter")
        assert is_main(pilot)
        assert f"Run {second}" in detail_text(pilot)


async def test_without_two_runs_it_is_said_that_there_are_none(demo: DemoProcess) -> None:
    async with browsing(demo.v1, parse("task:9105")) as pilot:
        await press(pilot, "L")
        board(pilot).lines = board(pilot).lines[:1]
        board(pilot).draw()
        await press(pilot, "equals_sign")
        assert foot(pilot).startswith("there are no two runs to compare")


async def test_b_ranks_setups_and_flows_by_the_best_of_all_their_runs(counted: Counting) -> None:
    async with browsing(counted.v1, parse("task:9101"), size=(80, 24)) as pilot:
        await press(pilot, "L")
        assert all(line.distance is not None for line in board(pilot).lines)
        before = len(counted.asked)
        await press(pilot, "b")
        await until(pilot, lambda: "setups of" in screen_text(pilot))
        await press(pilot, "b")
        await until(pilot, lambda: "flows of" in screen_text(pilot))
        asked = counted.asked[before:]
        assert len(asked) == 2 and all("/task/9101" in path for path in asked)
        lines = board(pilot).lines
        flows = [line.row.flow_id for line in lines]
        assert len(set(flows)) == len(flows) == 20
        assert sum(len(line.values) for line in lines) > 800  # of all runs, not of the best 200
        shown = [str(board(pilot).table.get_cell_at(Coordinate(n, 5))) for n in range(len(lines))]
        assert len(set(shown)) == len(shown)  # no two flows look the same
        await press(pilot, "enter")
        assert is_main(pilot)
        assert f"Run {lines[0].run_id}" in detail_text(pilot)


async def test_v_tells_which_are_not_worse_beyond_chance_and_what_differs(
    demo: DemoProcess,
) -> None:
    async with browsing(demo.v1, parse("task:9101")) as pilot:
        await press(pilot, "L", "b", "b", "V")  # V waits for the lines that are on their way
        await until(pilot, lambda: board(pilot)._judged is not None)
        lines = board(pilot).lines
        words = [str(board(pilot).table.get_cell_at(Coordinate(n, 4))) for n in range(12)]
        assert words[0] == "best" and set(words[1:]) <= {"worse", "not worse", ""}
        runs = [line.run_id for line in lines[:12]]
        async with browsing(demo.v1, parse(f"run:{','.join(map(str, runs))}")) as other:
            source = workspace(other).source
            entries = [Entry(run_id, await source.run(run_id)) for run_id in runs]
        tests = compare_runs(entries, {}, {}, measure="predictive_accuracy").tests
        for test in tests:
            expected = (
                ""
                if test.p is None and test.sign is None
                else ("worse" if test.sign in ("clear", "some") else "not worse")
            )
            assert words[test.place] == expected
        await press(pilot, "g", "b")  # by run: what was judged is asked anew
        await until(pilot, lambda: "best 200 runs" in screen_text(pilot))
        assert not any(
            str(column.label) == "vs best" for column in board(pilot).table.ordered_columns
        )
        await press(pilot, "V")
        await until(pilot, lambda: board(pilot)._judged is not None)
        await press(pilot, "j")
        assert (
            "(best: " in board(pilot).query_one(PageView).text
            or "parameters" in board(pilot).query_one(PageView).text
        )
