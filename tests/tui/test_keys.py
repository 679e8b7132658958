"""Keys and actions: one table makes bindings, help and palette; where esc and tab go."""

from collections import Counter

import pytest
from textual.app import App
from textual.binding import Binding
from textual.command import CommandPalette
from textual.widgets import Input

from runbrowser.demo.launch import DemoProcess
from runbrowser.fields.filters import FIELDS, parse
from runbrowser.models import RunState
from runbrowser.pages.lines import Lines
from runbrowser.tui.actions import ACTIONS, actions_of, bindings, command, hints
from runbrowser.tui.app import RunBrowser
from runbrowser.tui.dialogs.goto import Goal, GoToDialog, read_goal
from runbrowser.tui.dispatch import Handler
from runbrowser.tui.screens.help import HelpScreen, help_page
from runbrowser.tui.screens.main import MainScreen
from runbrowser.tui.widgets.detail import DetailPane
from runbrowser.tui.widgets.runs_table import RunsTable

from .counting import Counting
from .harness import (
    browsing,
    current_id,
    detail_text,
    main_screen,
    note,
    open_run,
    press,
    screen_text,
    settle,
    shown_ids,
    status_line,
    until,
    write,
)

PLACES = {"app": RunBrowser, "screen": MainScreen, "table": RunsTable, "detail": DetailPane}


async def test_every_action_is_done_where_it_is_offered(demo: DemoProcess) -> None:
    async with browsing(demo.v1) as pilot:
        screen = main_screen(pilot)
        for action in ACTIONS:
            for where in set(action.where) & set(PLACES):
                if where != "screen":
                    done = callable(getattr(PLACES[where], f"action_{action.name}", None))
                    assert done, (where, action.name)
        offered = {action.name for action in ACTIONS if "screen" in action.where}
        assert set(screen.actions) == offered


async def test_an_action_that_cannot_be_done_now_says_why(demo: DemoProcess) -> None:
    async with browsing(demo.v1) as pilot:
        screen = main_screen(pilot)
        done: list[str] = []

        async def later() -> None:
            done.append("later")

        screen.actions = {
            "tag": Handler(lambda: done.append("tag"), lambda: "not on a Sunday"),
            "untag": Handler(lambda: done.append("untag")),
            "mine": Handler(later),
        }
        await press(pilot, "t")
        assert note(pilot) == "not on a Sunday"
        await press(pilot, "T", "m", "D")  # nobody does the last
        assert done == ["untag", "later"]


def test_every_key_of_the_table_is_bound_to_its_action() -> None:
    for where, owner in PLACES.items():
        bound = {
            key: binding.action
            for base in reversed(owner.__mro__)
            for binding in base.__dict__.get("BINDINGS", ())
            if isinstance(binding, Binding)
            for key in binding.key.split(",")
        }
        for action in ACTIONS:
            if where in action.where:
                for key in action.keys:
                    assert bound[key] == command(action, where), (where, key)


def test_no_key_means_two_things_in_one_place() -> None:
    for where in PLACES:
        keys = Counter(key for a in ACTIONS if where in a.where for key in a.keys)
        assert [key for key, times in keys.items() if times > 1] == []


def test_no_key_of_a_pane_hides_one_of_the_whole_screen() -> None:
    screen = {key for a in ACTIONS if "screen" in a.where for key in a.keys}
    # the detail is searched with the keys that search everywhere; n only during a search
    meant = {"table": set(), "detail": {"slash", "n"}}
    for where in ("table", "detail"):
        own = {key for a in ACTIONS if where in a.where for key in a.keys}
        assert own & screen == meant[where]


def test_no_action_needs_ctrl_or_a_function_key() -> None:
    for action in ACTIONS:
        # ctrl+z and ctrl+l are every terminal's own keys
        if action.keys and action.name not in ("suspend", "redraw"):
            plain = [
                k for k in action.keys if not k.startswith(("ctrl+", "alt+")) and k[:2] != "f1"
            ]
            assert plain, action.name


def test_names_and_ids_of_actions_are_unique_in_a_place() -> None:
    for where in PLACES:
        names = [binding.id for binding in bindings(where)]
        assert len(names) == len(set(names))


def test_help_lists_every_key_every_filter_and_every_state() -> None:
    text = Lines([help_page()]).plain
    panes = actions_of(("app", "screen", "table", "detail"))
    for action in panes:
        if action.keys:
            assert action.shown_keys in text
        if action.keys and action.palette:
            assert action.help in text
    for field in FIELDS.values():
        assert f"\n  {field.head.rstrip(':')} " in text
    for state in RunState:
        if state is not RunState.UNKNOWN:
            assert f"{state.glyph} {state.value}" in text


def test_hints_name_actions_of_the_table() -> None:
    for where in ("table", "detail"):
        pairs = hints(where)
        assert len(dict(pairs)) == len(pairs)
    known = {action.shown_keys.split(" ")[0] for action in ACTIONS}
    assert {key for key, _ in hints("table")} <= known


async def test_help_opens_scrolls_and_closes(demo: DemoProcess) -> None:
    async with browsing(demo.v1, size=(60, 20)) as pilot:
        await press(pilot, "question_mark")
        assert isinstance(pilot.app.screen, HelpScreen)
        top = screen_text(pilot)
        await press(pilot, *"jjjjj")
        assert screen_text(pilot) != top
        await press(pilot, *"kkkkk")
        assert screen_text(pilot) == top
        await press(pilot, "question_mark")
        assert pilot.app.screen is main_screen(pilot)


async def test_q_in_help_leaves_help_and_q_in_the_table_the_browser(demo: DemoProcess) -> None:
    async with browsing(demo.v1) as pilot:
        await press(pilot, "question_mark")
        await press(pilot, "q")
        assert pilot.app.screen is main_screen(pilot)
        await pilot.press("q")
        await until(pilot, lambda: not pilot.app.is_running or pilot.app._exit)
        assert pilot.app.return_value == 0


@pytest.mark.parametrize("key", ["colon", "ctrl+p"])
async def test_the_palette_runs_an_action_by_its_words(key: str, demo: DemoProcess) -> None:
    async with browsing(demo.v1) as pilot:
        await pilot.press(key)
        await until(pilot, lambda: isinstance(pilot.app.screen, CommandPalette))
        await write(pilot, "next page of")
        await until(pilot, lambda: "Next page of runs" in screen_text(pilot))
        await pilot.pause(0.3)
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.screen is main_screen(pilot))
        await settle(pilot)
        assert "page 2" in status_line(pilot)


async def test_the_palette_finds_every_action_it_should(demo: DemoProcess) -> None:
    from runbrowser.tui.commands import ActionCommands

    async with browsing(demo.v1) as pilot:
        provider = ActionCommands(main_screen(pilot))
        told = {hit.text async for hit in provider.discover()}
        panes = actions_of(("app", "screen", "table", "detail"))
        assert len(told) == len({(action.help, action.keys) for action in panes})
        for action in panes:
            hits = [hit async for hit in provider.search(action.help)]
            titles = {str(hit.match_display) for hit in hits}
            assert any(title.startswith(action.help) for title in titles)
            if action.keys:
                assert any(f"[{action.shown_keys}]" in title for title in titles)


@pytest.mark.parametrize(
    ("typed", "goal"),
    [
        ("p3", Goal(page=3)),
        (" P 12 ", Goal(page=12)),
        ("page 2", Goal(page=2)),
        ("900101", Goal(run_id=900101)),
        ("#900101", Goal(run_id=900101)),
        ("0", Goal(run_id=0)),
        ("p0", None),
        ("", None),
        ("p", None),
        ("-3", None),
        ("abc", None),
        ("1e3", None),
        ("٣", None),
        ("9" * 13, None),
    ],
)
def test_a_goal_is_a_run_or_a_page(typed: str, goal: Goal | None) -> None:
    assert read_goal(typed) == goal


async def test_number_sign_goes_to_a_run_on_the_page(demo: DemoProcess) -> None:
    async with browsing(demo.v1, page_size=100) as pilot:
        wanted = shown_ids(pilot)[60]
        await open_run(pilot, wanted)
        assert current_id(pilot) == wanted
        assert detail_text(pilot).startswith(f"Run {wanted}  ")


async def test_number_sign_goes_to_a_page(demo: DemoProcess) -> None:
    async with browsing(demo.v1) as pilot:
        await pilot.press("number_sign")
        await write(pilot, "p4")
        await press(pilot, "enter")
        assert "runs 91–" in status_line(pilot)


async def test_a_wrong_goal_is_told_and_esc_leaves_all_as_it_was(counted: Counting) -> None:
    async with browsing(counted.v1) as pilot:
        asked = len(counted.asked)
        await pilot.press("number_sign")
        await write(pilot, "nonsense")
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, GoToDialog)
        assert "a run id such as" in screen_text(pilot)
        assert pilot.app.screen.query_one(Input).has_focus
        await press(pilot, "escape")
        assert pilot.app.screen is main_screen(pilot)
        assert len(counted.asked) == asked


async def test_esc_leaves_one_thing_at_a_time(demo: DemoProcess) -> None:
    async with browsing(demo.v1, parse("task:9101")) as pilot:
        screen = main_screen(pilot)
        await press(pilot, "enter")
        await press(pilot, "f")
        assert screen.focused is not None
        assert screen.sidebar in screen.focused.ancestors
        await press(pilot, "escape")
        assert screen.focused is screen.table
        assert screen.pane.display
        await press(pilot, "escape")
        assert not screen.pane.display
        assert not screen.selection.filter.empty
        await press(pilot, "p")
        assert note(pilot)
        await press(pilot, "escape")
        assert note(pilot) == ""
        assert not screen.selection.filter.empty
        await press(pilot, "escape")
        assert screen.selection.filter.empty
        before = shown_ids(pilot)
        await press(pilot, "escape")
        assert shown_ids(pilot) == before
        assert pilot.app.is_running


async def test_tab_walks_the_panes_that_are_open_and_shift_tab_walks_back(
    demo: DemoProcess,
) -> None:
    async with browsing(demo.v1, size=(200, 40)) as pilot:
        screen = main_screen(pilot)

        def here() -> str:
            focused = screen.focused
            assert focused is not None
            if focused is screen.table:
                return "table"
            return "detail" if focused is screen.pane else "sidebar"

        assert here() == "table"
        await press(pilot, "tab")
        assert here() == "sidebar"
        await press(pilot, "tab")
        assert here() == "table"
        await press(pilot, "enter")
        assert here() == "detail"
        walked = []
        for _ in range(3):
            await press(pilot, "tab")
            walked.append(here())
        assert walked == ["sidebar", "table", "detail"]
        for _ in range(3):
            await press(pilot, "shift+tab")
            walked.append(here())
        assert walked[3:] == ["table", "sidebar", "detail"]


async def test_b_folds_the_sidebar_and_unfolds_it(demo: DemoProcess) -> None:
    async with browsing(demo.v1) as pilot:
        screen = main_screen(pilot)
        assert screen.sidebar.display
        await press(pilot, "f")
        await press(pilot, "escape", "b")
        assert not screen.sidebar.display
        assert screen.focused is screen.table
        await press(pilot, "f")
        assert screen.sidebar.display
        assert screen.focused in screen.sidebar.query(Input)
        await press(pilot, "escape", "b", "b")
        assert screen.sidebar.display


@pytest.mark.parametrize("start", [(140, 40), (60, 20)])
async def test_resizing_keeps_the_cursor_and_works(
    start: tuple[int, int], demo: DemoProcess
) -> None:
    async with browsing(demo.v1, size=start, page_size=100) as pilot:
        await press(pilot, "G", "k", "k")
        here = current_id(pilot)
        assert here == shown_ids(pilot)[-3]
        for size in ((60, 20), (200, 50), (80, 24), (100, 30), (41, 12), (140, 40)):
            await pilot.resize_terminal(*size)
            await settle(pilot)
            assert current_id(pilot) == here
            assert str(here) in screen_text(pilot)
            lines = screen_text(pilot).split("\n")
            assert len(lines) == size[1]
        await press(pilot, "enter")
        for size in ((60, 20), (140, 40), (80, 24)):
            await pilot.resize_terminal(*size)
            await settle(pilot)
            assert f"Run {here}" in screen_text(pilot)
        await press(pilot, "escape")
        assert current_id(pilot) == here


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (99, 24)])
async def test_where_there_is_little_room_the_detail_lies_over_the_table(
    size: tuple[int, int], demo: DemoProcess
) -> None:
    async with browsing(demo.v1, size=size) as pilot:
        screen = main_screen(pilot)
        assert not screen.sidebar.display
        first, second = shown_ids(pilot)[:2]
        await press(pilot, "enter")
        assert screen.pane.size.width > size[0] - 6
        assert str(second) not in screen_text(pilot)
        await press(pilot, "escape")
        assert str(second) in screen_text(pilot)
        assert current_id(pilot) == first


def test_the_app_has_no_command_of_its_own_in_the_palette() -> None:
    from runbrowser.tui.app import RunBrowser

    assert set() == RunBrowser.COMMANDS
    assert App.COMMANDS
