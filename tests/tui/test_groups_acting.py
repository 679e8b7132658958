"""The errors by group: marking, tagging and deleting whole groups without leaving the list."""

from __future__ import annotations

from collections import Counter

import pytest
from textual.pilot import Pilot

from runbrowser import paths
from runbrowser.bulk.trash import Trash
from runbrowser.demo.launch import DemoProcess
from runbrowser.fields.filters import parse
from runbrowser.triage.signatures import ErrorGroup, signature
from runbrowser.tui.dialogs.destroy import DestroyDialog
from runbrowser.tui.dialogs.tag import TagDialog
from runbrowser.tui.screens.groups import ErrorGroupsScreen
from runbrowser.tui.screens.report import ReportScreen
from tests.bulk.faulty import proxy_before

from .deeds import FAILED, Gate, acting_on, is_main, sees, tagged, there, top, type_into, waits
from .harness import (
    browsing,
    main_screen,
    note,
    press,
    screen_lines,
    settle,
    status_line,
    workspace,
)

SIZES = [(60, 20), (80, 24), (140, 40)]


def groups(pilot: Pilot[int]) -> ErrorGroupsScreen:
    """The list of groups, which has the keys."""
    screen = top(pilot)
    assert isinstance(screen, ErrorGroupsScreen)
    return screen


def _group(pilot: Pilot[int], place: int) -> ErrorGroup:
    return groups(pilot).lines[place]


def _foot(pilot: Pilot[int]) -> str:
    return str(groups(pilot).query_one("#list-foot").render())


def _first_cells(pilot: Pilot[int]) -> list[str]:
    table = groups(pilot).table
    return [str(table.get_row_at(place)[0]).split()[0] for place in range(table.row_count)]


@pytest.mark.parametrize("size", SIZES)
async def test_space_marks_all_runs_of_a_group_and_they_stay_marked_on_the_main_screen(
    size: tuple[int, int], demo: DemoProcess
) -> None:
    async with browsing(acting_on(demo.v1, demo.api_key), parse(FAILED), size=size) as pilot:
        await press(pilot, "E")
        first, second = _group(pilot, 0), _group(pilot, 1)
        await press(pilot, "space", "space")
        assert set(workspace(pilot).marks.ids) == {*first.run_ids, *second.run_ids}
        assert _first_cells(pilot)[:2] == ["\u25cf", "\u25cf"]
        assert _first_cells(pilot)[2].isdigit()
        sees(pilot, f"\u25cf {first.count + second.count} marked")
        await press(pilot, "g", "space")  # all are marked: they lose their marks
        assert set(workspace(pilot).marks.ids) == set(second.run_ids)
        assert all(len(line) <= size[0] for line in screen_lines(pilot))
        await press(pilot, "escape")
        assert f"\u25cf {second.count} marked" in status_line(pilot)


async def test_a_group_of_which_some_runs_are_marked_shows_half_a_mark(demo: DemoProcess) -> None:
    async with browsing(acting_on(demo.v1, demo.api_key), parse(FAILED), page_size=100) as pilot:
        main = main_screen(pilot)
        await press(pilot, "E")
        group = _group(pilot, 0)
        await press(pilot, "escape")
        main.table.move_cursor(row=main.table.place_of(group.run_ids[0]))
        await press(pilot, "space", "E")
        assert _first_cells(pilot)[0] == "\u25d0"
        await press(pilot, "space")
        assert _first_cells(pilot)[0] == "\u25cf"
        assert set(workspace(pilot).marks.ids) == set(group.run_ids)


async def test_enter_shows_the_runs_of_the_group_under_the_cursor(demo: DemoProcess) -> None:
    async with browsing(acting_on(demo.v1, demo.api_key), parse(FAILED), page_size=100) as pilot:
        await press(pilot, "E")
        group = _group(pilot, 1)
        await press(pilot, "j", "enter")
        assert is_main(pilot)
        assert {row.run_id for row in main_screen(pilot).table.runs} == set(group.run_ids)


@pytest.mark.parametrize("size", SIZES)
async def test_t_tags_the_group_under_the_cursor_and_z_undoes_it_in_the_list(
    size: tuple[int, int], fresh_demo: DemoProcess
) -> None:
    async with browsing(
        acting_on(fresh_demo.v1, fresh_demo.api_key), parse(FAILED), size=size
    ) as pilot:
        await press(pilot, "E", "j")
        group = _group(pilot, 1)
        await press(pilot, "t")
        assert isinstance(top(pilot), TagDialog)
        await type_into(pilot, "known-bug")
        await press(pilot, "enter")
        assert tagged(fresh_demo.v1, "known-bug") == set(group.run_ids)
        assert f"tagged {group.count} runs (known-bug); z undoes" in _foot(pilot)
        assert len(workspace(pilot).marks) == 0
        await press(pilot, "z")
        assert tagged(fresh_demo.v1, "known-bug") == set()
        assert f"untagged {group.count} runs" in _foot(pilot)


async def test_marked_groups_are_tagged_together_and_untagged_by_name(
    fresh_demo: DemoProcess,
) -> None:
    async with browsing(acting_on(fresh_demo.v1, fresh_demo.api_key), parse(FAILED)) as pilot:
        await press(pilot, "E")
        wanted = {*_group(pilot, 0).run_ids, *_group(pilot, 1).run_ids}
        await press(pilot, "space", "space", "t")
        sees(pilot, f"for {len(wanted)} runs")
        await type_into(pilot, "two")
        await press(pilot, "enter")
        assert tagged(fresh_demo.v1, "two") == wanted
        await press(pilot, "T")
        sees(pilot, "Remove a tag")
        await type_into(pilot, "two")
        await press(pilot, "enter")
        assert tagged(fresh_demo.v1, "two") == set()


@pytest.mark.parametrize("size", SIZES)
async def test_d_asks_deletes_the_group_and_it_leaves_the_list(
    size: tuple[int, int], fresh_demo: DemoProcess
) -> None:
    async with browsing(
        acting_on(fresh_demo.v1, fresh_demo.api_key), parse(FAILED), size=size
    ) as pilot:
        await press(pilot, "E")
        group, runs = _group(pilot, 0), groups(pilot).runs.count
        for keys in (["enter"], ["escape"]):
            await press(pilot, "D")
            assert isinstance(top(pilot), DestroyDialog)
            sees(pilot, f"Delete {group.count} runs", f"type {group.count} to delete")
            await press(pilot, *keys)
            assert there(fresh_demo.v1, group.run_ids) == set(group.run_ids)
        await press(pilot, "D")
        await press(pilot, *str(group.count), "enter")
        assert there(fresh_demo.v1, group.run_ids) == set()
        assert {entry.run_id for entry in Trash(paths.state_dir()).entries()} == set(group.run_ids)
        assert group.signature not in [line.signature for line in groups(pilot).lines]
        sees(pilot, f"in {runs - group.count} failed runs")
        assert f"deleted {group.count} runs; z undoes" in _foot(pilot)
        await press(pilot, "exclamation_mark")
        assert isinstance(top(pilot), ReportScreen)
        await press(pilot, "escape", "z")
        assert f"restored {group.count} runs" in _foot(pilot)
        new = [entry.restored_as for entry in Trash(paths.state_dir()).entries()]
        assert len(there(fresh_demo.v1, [i for i in new if i is not None])) == group.count


async def test_the_list_says_how_far_an_action_is_and_x_stops_it(fresh_demo: DemoProcess) -> None:
    with proxy_before(fresh_demo.v1) as proxy:
        gate = Gate("POST", passes=1, path="run/tag")
        proxy.fault = gate
        async with browsing(acting_on(proxy.v1, fresh_demo.api_key), parse(FAILED)) as pilot:
            await press(pilot, "E", "space", "space", "space", "t")
            number = len(workspace(pilot).marks)
            await type_into(pilot, "slow")
            await pilot.press("enter")
            await waits(pilot, lambda: f"1 of {number}" in _foot(pilot))
            await pilot.press("t")  # one action at a time, and the reason is seen here
            await waits(pilot, lambda: "one action at a time" in _foot(pilot))
            await pilot.press("X")
            await waits(pilot, lambda: "stopping" in _foot(pilot))
            gate.open()
            await settle(pilot)
            done = tagged(fresh_demo.v1, "slow")
            assert 1 <= len(done) < number
            assert f"tagged {len(done)} of {number} runs" in _foot(pilot)


@pytest.mark.parametrize("key", ["t", "T", "D"])
async def test_without_a_key_the_list_says_why_nothing_can_be_changed(
    key: str, demo: DemoProcess
) -> None:
    async with browsing(acting_on(demo.v1, None), parse(FAILED), size=(60, 20)) as pilot:
        await press(pilot, "E", key)
        assert isinstance(top(pilot), ErrorGroupsScreen)
        sees(pilot, "Without an API key nothing can be changed")
        await press(pilot, "escape")
        assert "Without an API key" in note(pilot)


async def test_with_no_errors_no_key_does_anything(demo: DemoProcess) -> None:
    source = acting_on(demo.v1, demo.api_key)
    async with browsing(source, parse('uploader:2 error~"no such words"')) as pilot:
        await press(pilot, "E")
        sees(pilot, "0 kinds in 0 failed runs")
        await press(pilot, "space", "t", "T", "D", "j", "G", "enter")
        assert isinstance(top(pilot), ErrorGroupsScreen)
        await press(pilot, "E")
        assert is_main(pilot)


async def test_b_groups_by_flow_and_by_task_and_enter_shows_the_runs(demo: DemoProcess) -> None:
    async with browsing(acting_on(demo.v1, demo.api_key), parse(FAILED), size=(140, 40)) as pilot:
        await press(pilot, "E", "b")
        flow = _group(pilot, 0)
        rows = groups(pilot).runs.rows
        counted = Counter(row.flow_id for row in rows)
        assert (flow.number, flow.count) == counted.most_common(1)[0]
        assert [group.count for group in groups(pilot).lines] == sorted(
            counted.values(), reverse=True
        )
        sees(pilot, f"{len(counted)} flows in {len(rows)} failed runs")
        sees(pilot, f"#{flow.number}")
        said = Counter(
            signature(row.error_message or "") for row in rows if row.flow_id == flow.number
        )
        assert flow.messages == said and flow.signature == said.most_common(1)[0][0]
        assert signature(flow.example.error_message or "") == flow.signature
        await press(pilot, "b")
        task = _group(pilot, 0)
        assert task.count == Counter(row.task_id for row in rows).most_common(1)[0][1]
        await press(pilot, "b", "b", "enter")
        assert main_screen(pilot).table.runs
        assert {row.flow_id for row in main_screen(pilot).table.runs} == {flow.number}
        assert all(row.error_message for row in main_screen(pilot).table.runs)


async def test_flows_are_ranked_by_failure_rate_as_well_as_by_count(demo: DemoProcess) -> None:
    async with browsing(acting_on(demo.v1, demo.api_key)) as pilot:
        await press(pilot, "E", "s")
        sees(pilot, "flows and tasks have a rate")
        await press(pilot, "b")
        screen = top(pilot)
        by_count = [group.number for group in screen.lines]  # type: ignore[attr-defined]
        await press(pilot, "s")
        sees(pilot, "by failure rate", "rate of")
        groups = screen.lines  # type: ignore[attr-defined]
        rates = [group.least_rate for group in groups]
        assert rates == sorted(rates, reverse=True)
        assert all(0 < group.count <= group.seen for group in groups)
        assert any(group.count < group.seen for group in groups)
        await press(pilot, "s")
        assert [group.number for group in screen.lines] == by_count  # type: ignore[attr-defined]


async def test_what_is_told_while_the_list_is_being_taken_down_breaks_nothing(
    demo: DemoProcess,
) -> None:
    async with browsing(acting_on(demo.v1, demo.api_key), parse(FAILED)) as pilot:
        await press(pilot, "E")
        screen = groups(pilot)
        await screen.query("*").remove()  # as when it is left: the widgets go first
        screen.head("a word")
        screen.tell("another")  # as the status line's news do
        assert screen.table.row_count >= 0
