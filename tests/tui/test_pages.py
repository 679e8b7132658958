"""Pages of runs on the screen: rows, the honest status line, turning, fetching ahead, names."""

import re

import pytest

from runbrowser.demo.launch import DemoProcess
from runbrowser.fields.filters import parse
from runbrowser.models import RunFilter, RunState
from runbrowser.openml import listing
from runbrowser.tui.features import pages
from runbrowser.tui.widgets import runs_table
from tests.openml.truth import listed, listed_ids

from .counting import Counting, recorded
from .harness import (
    LABEL,
    browsing,
    cell,
    current_id,
    main_screen,
    note,
    notice,
    press,
    screen_text,
    settle,
    shown_ids,
    status_line,
    until,
    write,
)

ON_ONE_TASK = RunFilter(task=(9101,))


def newest(v1: str, path: str = "limit/10000/show_errors/true") -> list[int]:
    """Run ids of a list, the newest first."""
    return sorted(listed_ids(v1, path), reverse=True)


async def test_the_first_page_is_on_the_screen(demo: DemoProcess) -> None:
    every = newest(demo.v1)
    ids = every[:100]
    async with browsing(demo.v1, page_size=100) as pilot:
        assert shown_ids(pilot) == ids
        assert str(ids[0]) in screen_text(pilot)
        assert current_id(pilot) == ids[0]
        assert status_line(pilot).startswith(f"runs 1–100 of {len(every):,}, page 1")
        assert LABEL in status_line(pilot)
        assert note(pilot) == ""


async def test_states_scores_and_names_are_those_of_the_server(
    demo: DemoProcess, states: dict[RunState, list[int]]
) -> None:
    ids = tuple(run_id for runs in states.values() for run_id in runs[:2])
    filter = parse(f"run:{','.join(map(str, ids))}")
    async with browsing(demo.v1, filter, size=(240, 40)) as pilot:
        for state, runs in states.items():
            for run_id in runs[:2]:
                assert cell(pilot, run_id, "state") == f"{state.glyph} {state.value}"
                assert not cell(pilot, run_id, "flow").startswith("#")
                assert cell(pilot, run_id, "data")
        scored = cell(pilot, states[RunState.OK][0], "score")
        assert re.fullmatch(r"\d\.\d{4}", scored)
        for state in states:
            assert f"{state.glyph} 2" in status_line(pilot)


async def test_n_and_p_turn_pages_and_the_status_line_says_which(demo: DemoProcess) -> None:
    second = newest(demo.v1)[100:200]
    async with browsing(demo.v1, page_size=100) as pilot:
        first = shown_ids(pilot)
        await press(pilot, "n")
        assert shown_ids(pilot) == second
        assert current_id(pilot) == second[0]
        assert "runs 101–200 of" in status_line(pilot)
        await press(pilot, "p")
        assert shown_ids(pilot) == first
        assert "page 1" in status_line(pilot)
        await press(pilot, "p")
        assert note(pilot) == "this is the first page"
        assert shown_ids(pilot) == first


async def test_a_list_that_is_read_whole_says_how_many_there_are(demo: DemoProcess) -> None:
    filter = "task/9104/flow/9201/show_errors/true/limit/10000"
    rows = len(listed_ids(demo.v1, filter))
    assert rows > 4
    size = rows - 2
    async with browsing(demo.v1, parse("task:9104 flow:9201"), page_size=size) as pilot:
        assert f"runs 1–{size} of {rows}, page 1" in status_line(pilot)
        await press(pilot, "n")
        assert f"runs {size + 1}–{rows} of {rows}, page 2" in status_line(pilot)
        await press(pilot, "n")
        assert note(pilot) == "this is the last page"
        assert f"of {rows}" in status_line(pilot)


async def test_runs_sent_twice_are_shown_and_counted_once(demo: DemoProcess) -> None:
    rows = [run_id for run_id, _ in listed(demo.v1, "limit/10000/show_errors/true")]
    twice = next(run_id for run_id in rows if rows.count(run_id) > 1)
    number = newest(demo.v1).index(twice) // 100
    async with browsing(demo.v1, page_size=100) as pilot:
        await pilot.press("number_sign")
        await write(pilot, f"p{number + 1}")
        await press(pilot, "enter")
        assert shown_ids(pilot).count(twice) == 1
        assert f"of {len(set(rows)):,}, page {number + 1}" in status_line(pilot)


async def test_turning_pages_of_a_list_that_is_at_hand_asks_for_no_rows(
    counted: Counting,
) -> None:
    async with browsing(counted.v1, page_size=100) as pilot:
        lists = r"run/list/limit/\d+/(offset|show)"
        assert counted.count(lists) == 2  # is it more than 10,000 rows, and all of them
        await press(pilot, "n", "n", "p")
        assert "page 2" in status_line(pilot)
        assert len(shown_ids(pilot)) == 100
        assert counted.count(lists) == 2


async def test_rows_do_not_wait_for_names_and_scores(
    counted: Counting, states: dict[RunState, list[int]]
) -> None:
    gate = counted.hold(r"(?!run/list)")
    run_id = states[RunState.OK][0]
    async with browsing(counted.v1, parse(f"run:{run_id}"), settled=False) as pilot:
        await until(pilot, lambda: shown_ids(pilot) == [run_id])
        assert str(run_id) in screen_text(pilot)
        assert cell(pilot, run_id, "flow").startswith("#")
        assert cell(pilot, run_id, "state").startswith(RunState.UNKNOWN.glyph)
        gate.set()
        await settle(pilot)
        assert not cell(pilot, run_id, "flow").startswith("#")
        assert cell(pilot, run_id, "state").startswith(RunState.OK.glyph)


async def test_names_that_come_late_do_not_move_the_cursor(counted: Counting) -> None:
    gate = counted.hold(r"(?!run/list)")
    async with browsing(counted.v1, page_size=100, settled=False) as pilot:
        await until(pilot, lambda: len(shown_ids(pilot)) > 90)
        await pilot.press(*"jjjj")
        here = current_id(pilot)
        gate.set()
        await settle(pilot)
        assert current_id(pilot) == here == shown_ids(pilot)[4]


async def test_missing_names_are_told_and_the_rows_stay(counted: Counting) -> None:
    counted.answer("evaluation/list", recorded("w_db_down_list"))
    async with browsing(counted.v1, page_size=100) as pilot:
        assert len(shown_ids(pilot)) > 90
        assert note(pilot).startswith("names and scores are missing: ")
        assert "database" in note(pilot)


async def test_an_empty_result_says_so_and_keys_go_on_working(demo: DemoProcess) -> None:
    async with browsing(demo.v1, parse("task:1"), page_size=100) as pilot:
        assert notice(pilot).startswith("No run matches\ntask:1")
        assert "esc clears it" in notice(pilot)
        assert status_line(pilot).startswith("no runs")
        await press(pilot, "question_mark")
        assert "Next page of runs" in screen_text(pilot)
        await press(pilot, "escape")
        await press(pilot, "escape")
        assert notice(pilot) == ""
        assert len(shown_ids(pilot)) > 90
        await pilot.press("j")
        assert current_id(pilot) == shown_ids(pilot)[1]


async def test_when_the_rows_go_the_keys_do_not_go_into_a_filter_field(demo: DemoProcess) -> None:
    async with browsing(demo.v1, page_size=100) as pilot:
        await pilot.press("slash")
        await write(pilot, "task:1")
        await press(pilot, "enter")
        assert notice(pilot)
        await press(pilot, "question_mark")
        assert "Next page of runs" in screen_text(pilot)
        await press(pilot, "escape", "escape")
        assert notice(pilot) == ""
        assert main_screen(pilot).focused is main_screen(pilot).table


async def test_a_page_beyond_the_last_leaves_everything_as_it_is(demo: DemoProcess) -> None:
    async with browsing(demo.v1, page_size=100) as pilot:
        before = shown_ids(pilot)
        await pilot.press("number_sign")
        await write(pilot, "p900")
        await press(pilot, "enter")
        assert note(pilot) == "there is no further page"
        assert shown_ids(pilot) == before
        assert "page 1" in status_line(pilot)


async def test_refresh_keeps_page_and_cursor_and_asks_again(counted: Counting) -> None:
    async with browsing(counted.v1, page_size=100) as pilot:
        await press(pilot, "n")
        await press(pilot, *"jjjjj")
        here, page = current_id(pilot), shown_ids(pilot)
        before = counted.count("run/list")
        await press(pilot, "r")
        assert counted.count("run/list") > before
        assert shown_ids(pilot) == page
        assert current_id(pilot) == here
        assert "page 2" in status_line(pilot)


async def test_the_last_page_asked_for_wins(counted: Counting) -> None:
    gate = counted.hold("run/list/limit/1000/task")
    async with browsing(counted.v1, ON_ONE_TASK, page_size=100, settled=False) as pilot:
        await until(pilot, lambda: counted.count("run/list/limit/1000/task"))
        await pilot.press("number_sign", "p", "2", "enter", "number_sign", "p", "3", "enter")
        gate.set()
        await settle(pilot)
        assert "page 3" in status_line(pilot)
        task = "limit/10000/task/9101/show_errors/true"
        assert shown_ids(pilot) == newest(counted.v1, task)[200:300]
        assert counted.count("run/list/limit/1000/task") == 1


async def test_a_search_given_up_says_so_and_n_looks_further(
    demo: DemoProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "FIRST", 100)
    monkeypatch.setattr(listing, "MAX_LIMIT", 100)
    monkeypatch.setattr(listing, "SEARCH_MOST", 300)
    async with browsing(demo.v1, parse("state:failed"), size=(160, 40), page_size=1000) as pilot:
        found = len(shown_ids(pilot))
        assert "looked at 300; n looks further" in status_line(pilot)
        await press(pilot, "n")
        assert "looked at 600" in status_line(pilot)
        assert len(shown_ids(pilot)) > found
        assert "page 1" in status_line(pilot)


async def test_a_page_that_is_still_searched_for_is_not_called_missing(
    demo: DemoProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "FIRST", 400)
    monkeypatch.setattr(listing, "MAX_LIMIT", 400)
    monkeypatch.setattr(listing, "SEARCH_MOST", 400)
    errors = [error for _, error in listed(demo.v1, "limit/400/show_errors/true") if error]
    rare = next(error for error in errors if sum(error in other for other in errors) == 1)
    wanted = RunFilter(error=rare)
    async with browsing(demo.v1, wanted, size=(160, 40), page_size=1) as pilot:
        (found,) = shown_ids(pilot)
        await press(pilot, "number_sign", "p", "2", "enter")
        assert "nothing on page 2" in status_line(pilot)
        assert "n looks further" in status_line(pilot)
        assert "No further match among" in notice(pilot)
        assert "no further page" not in note(pilot)
        await press(pilot, "p")
        assert shown_ids(pilot) == [found]
        await press(pilot, "number_sign", "p", "2", "enter")
        for _ in range(20):
            if shown_ids(pilot) or note(pilot) == "there is no further page":
                break
            await press(pilot, "n")
        assert shown_ids(pilot)  # another match, or the page before when all was looked at


async def test_esc_stops_a_long_search_and_keeps_the_rows(
    counted: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "FIRST", 100)
    monkeypatch.setattr(listing, "MAX_LIMIT", 100)
    async with browsing(counted.v1, parse("state:failed"), page_size=10) as pilot:
        rows = shown_ids(pilot)
        counted.hold("run/list/limit/100/offset/1")
        await pilot.press("number_sign")
        await write(pilot, "p15")
        await pilot.press("enter")
        await until(pilot, lambda: counted.count("run/list/limit/100/offset/1"))
        await pilot.press("escape")
        await until(pilot, lambda: note(pilot) == "stopped")
        assert shown_ids(pilot) == rows
        assert main_screen(pilot).focused is main_screen(pilot).table


@pytest.mark.parametrize("keys", ["G", "end"])
async def test_moving_reaches_both_ends_of_the_page(keys: str, demo: DemoProcess) -> None:
    async with browsing(demo.v1, page_size=100) as pilot:
        await press(pilot, keys)
        assert current_id(pilot) == shown_ids(pilot)[-1]
        assert str(shown_ids(pilot)[-1]) in screen_text(pilot)
        await press(pilot, "k")
        assert current_id(pilot) == shown_ids(pilot)[-2]
        await press(pilot, "g")
        assert current_id(pilot) == shown_ids(pilot)[0]
        await press(pilot, "pagedown")
        assert current_id(pilot) != shown_ids(pilot)[0]
        await press(pilot, "pageup")
        assert current_id(pilot) == shown_ids(pilot)[0]


async def test_of_a_long_page_only_what_is_in_sight_is_drawn(
    demo: DemoProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[int] = []
    cells = runs_table.cells
    monkeypatch.setattr(
        runs_table, "cells", lambda row, *a, **k: drawn.append(row.run_id) or cells(row, *a, **k)
    )
    async with browsing(demo.v1, page_size=3000, size=(140, 40)) as pilot:
        table = main_screen(pilot).table
        assert table.row_count == len(table.runs) == min(3000, len(newest(demo.v1)))
        assert len(set(drawn)) < 100  # names and scores came in meanwhile
        drawn.clear()
        await press(pilot, "G")
        last = table.runs[-1].run_id
        assert last in drawn and len(set(drawn)) < 100
        assert str(last) in screen_text(pilot)
        drawn.clear()
        await press(pilot, "tab", "tab", "tab")  # the focus goes round: nothing looks different
        assert not drawn


@pytest.mark.parametrize("stay", [0.01, 3600.0])
async def test_a_search_that_is_looked_at_gets_the_names_of_its_flows(
    stay: float, demo: DemoProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "_STAY", stay)
    async with browsing(demo.v1, parse("state:failed")) as pilot:
        first = shown_ids(pilot)[0]
        if stay > 1:  # it has only been passed by
            assert cell(pilot, first, "flow").startswith("#")
        else:
            await until(pilot, lambda: not cell(pilot, first, "flow").startswith("#"))
