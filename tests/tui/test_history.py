"""esc goes back a step, with page, cursor and order, or to the screen before; > goes forward."""

from __future__ import annotations

from textual.pilot import Pilot

from runbrowser.demo.launch import DemoProcess
from runbrowser.fields.filters import parse, to_text
from runbrowser.tui.screens.groups import ErrorGroupsScreen
from runbrowser.tui.screens.leaderboard import LeaderboardScreen
from runbrowser.tui.screens.subject import SubjectScreen

from .counting import counting
from .deeds import acting_on, top
from .harness import (
    browsing,
    current_id,
    main_screen,
    note,
    press,
    settle,
    shown_ids,
    status_line,
    steps,
    workspace,
)


async def _filter(pilot: Pilot[int], text: str) -> None:
    """Puts a filter in force as a person does."""
    main_screen(pilot).filters.apply(parse(text))
    await settle(pilot)


def _here(pilot: Pilot[int]) -> tuple[str, int, int | None, str]:
    """Filter, page, run under the cursor, order."""
    page = workspace(pilot).page
    number = page.number if page is not None else -1
    order = workspace(pilot).arrangement.sort
    return to_text(workspace(pilot).filter), number, current_id(pilot), order


async def test_back_and_forward_keep_page_cursor_and_order(demo: DemoProcess) -> None:
    async with browsing(demo.v1, parse("task:9101")) as pilot:
        await steps(pilot, "n", "j", "j")
        first = _here(pilot)
        await _filter(pilot, "flow:9201")
        await press(pilot, "j")
        second = _here(pilot)
        await _filter(pilot, "flow:9208 task:9102")
        third = _here(pilot)
        assert "esc back" in status_line(pilot)
        await press(pilot, "escape")
        assert _here(pilot) == second
        await press(pilot, "escape")
        assert _here(pilot) == first
        await steps(pilot, "greater_than_sign", "greater_than_sign")
        assert _here(pilot) == third
        await press(pilot, "greater_than_sign")
        assert note(pilot) == "there is nothing ahead"


async def test_where_nothing_lies_behind_esc_clears_and_forward_brings_the_filter_back(
    demo: DemoProcess,
) -> None:
    async with browsing(demo.v1, parse("task:9101")) as pilot:
        assert "esc clears" in status_line(pilot)
        await press(pilot, "escape")
        assert workspace(pilot).filter.empty
        await press(pilot, "escape")
        assert workspace(pilot).filter.empty
        await press(pilot, "greater_than_sign")
        assert to_text(workspace(pilot).filter) == "task:9101"


async def test_errors_are_come_back_to_at_their_line_under_the_filter_they_were_opened_with(
    demo: DemoProcess,
) -> None:
    async with browsing(acting_on(demo.v1, demo.api_key)) as pilot:
        await steps(pilot, "m", "E", "j", "j")
        screen = top(pilot)
        assert isinstance(screen, ErrorGroupsScreen) and screen.current is not None
        group = screen.current.signature
        await press(pilot, "enter")
        assert len(shown_ids(pilot)) == screen.current.count
        await press(pilot, "escape")
        again = top(pilot)
        assert isinstance(again, ErrorGroupsScreen) and again is not screen
        assert again.current is not None and again.current.signature == group
        await press(pilot, "escape")
        assert top(pilot) is main_screen(pilot)
        assert to_text(workspace(pilot).filter) == "uploader:me"


async def test_the_best_of_a_task_are_come_back_to_at_the_run_that_was_read(
    demo: DemoProcess,
) -> None:
    async with browsing(demo.v1, parse("task:9101")) as pilot:
        await steps(pilot, "L", "j", "j", "j")
        screen = top(pilot)
        assert isinstance(screen, LeaderboardScreen) and screen.current is not None
        run_id = screen.current.run_id
        await press(pilot, "enter")
        assert workspace(pilot).focus.run_id == run_id
        await steps(pilot, "escape", "escape")  # the detail, then back
        again = top(pilot)
        assert isinstance(again, LeaderboardScreen)
        assert again.current is not None and again.current.run_id == run_id


async def test_from_the_runs_of_a_flow_back_to_its_page_without_a_request_for_it(
    demo: DemoProcess,
) -> None:
    with counting(demo.v1) as server:
        async with browsing(server.v1, parse("flow:9201 state:ok")) as pilot:
            await steps(pilot, "enter", "enter", "h")
            screen = top(pilot)
            assert isinstance(screen, SubjectScreen)
            await press(pilot, "enter")
            assert top(pilot) is main_screen(pilot)
            asked = len([path for path in server.asked if path.startswith("flow/")])
            await steps(pilot, "escape", "escape")  # the detail, then back
            again = top(pilot)
            assert isinstance(again, SubjectScreen)
            assert again.trail.here.subject.text == "flow:9201"
            assert to_text(workspace(pilot).filter) == "flow:9201 state:ok"
            assert len([path for path in server.asked if path.startswith("flow/")]) == asked
