"""One table of actions for every screen: what is bound is done there, explained and hinted at."""

import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.binding import Binding
from textual.command import CommandPalette
from textual.pilot import Pilot
from textual.screen import Screen

import runbrowser
from runbrowser.demo.launch import DemoProcess
from runbrowser.fields.filters import parse
from runbrowser.pages.lines import text_of
from runbrowser.pages.status import foot
from runbrowser.tui.actions import ACTIONS, actions_of, hints, is_of_widget
from runbrowser.tui.app import RunBrowser
from runbrowser.tui.commands import ActionCommands
from runbrowser.tui.dispatch import handler_of
from runbrowser.tui.keymap import read
from runbrowser.tui.looks import Looks
from runbrowser.tui.places import PANES, SCREENS, WIDGETS, Place
from runbrowser.tui.screens.compare import CompareScreen
from runbrowser.tui.screens.groups import ErrorGroupsScreen
from runbrowser.tui.screens.help import HelpScreen, screen_help
from runbrowser.tui.screens.leaderboard import LeaderboardScreen
from runbrowser.tui.screens.predictions import PredictionsScreen
from runbrowser.tui.screens.subject import SubjectScreen
from runbrowser.tui.screens.suite import SuiteScreen
from runbrowser.tui.screens.trace import TraceScreen
from runbrowser.tui.screens.trash import TrashScreen

from .deeds import acting_on, command, top
from .harness import main_screen, picture, press, screen_text, settle, workspace

TASK = "task:9101"
# how a screen beside the main one is opened from it: keys after the filter, and what it is
OPENED: dict[str, tuple[str, list[str], type[Screen[object]]]] = {
    "groups": ("", ["E"], ErrorGroupsScreen),
    "leaderboard": ("task:9101", ["L"], LeaderboardScreen),
    "trace": ("", ["number_sign", *"900162", "enter", "a"], TraceScreen),
    "trash": ("", [], TrashScreen),
    "compare": ("task:9101", ["space", "space", "equals_sign"], CompareScreen),
    "suite": ("flow:9201,9208", ["F"], SuiteScreen),
    "predictions": ("task:9101 state:ok", ["enter", "i"], PredictionsScreen),
    "subject": ("task:9101 state:ok", ["enter", "enter"], SubjectScreen),
}  # type: ignore[dict-item]
NOT_MAIN = sorted(set(SCREENS) - {"main"})


@asynccontextmanager
async def opened(
    name: str, demo: DemoProcess, table: object = None, size: tuple[int, int] = (140, 40)
) -> AsyncIterator[Pilot[int]]:
    """The browser with a screen of SCREENS on top."""
    filter, keys, kind = OPENED[name]
    looks = Looks(read(table or {}))
    app = RunBrowser(acting_on(demo.v1, demo.api_key), parse(filter), page_size=20, looks=looks)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        if name == "trash":
            await command(pilot, "trash")
        *before, last = keys or [""]
        await press(pilot, *before)
        if last:  # what it is about has been read
            await press(pilot, last)
        assert isinstance(top(pilot), kind), screen_text(pilot)
        yield pilot


def test_keys_are_bound_in_the_table_alone() -> None:
    folder = Path(runbrowser.__file__).parent / "tui"
    found = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*.py")
        if re.search(r"\bBinding\(", path.read_text())
    }
    assert found == {"actions.py", "keymap.py"}  # the latter asks Textual for the name of a key


@pytest.mark.parametrize("name", sorted(SCREENS))
def test_no_key_means_two_things_at_a_time(name: str) -> None:
    places = SCREENS[name]
    whole = [place for place in places if place not in WIDGETS]
    keys = Counter(key for a in actions_of(whole) for key in a.keys)
    assert [key for key, times in keys.items() if times > 1] == []
    for place in set(places) & WIDGETS:
        keys = Counter(key for a in actions_of([place]) for key in a.keys)
        assert [key for key, times in keys.items() if times > 1] == []


@pytest.mark.parametrize("name", NOT_MAIN)
def test_help_explains_every_key_of_a_screen(name: str) -> None:
    text = str(screen_help(SCREENS[name]))
    for action in actions_of(SCREENS[name]):
        assert all(f" {key}" in text for key in action.shown_keys.split(" ")), action.name


@pytest.mark.parametrize("name", sorted(OPENED))
@pytest.mark.parametrize("words", ["", "tagged 3 runs as fine; z undoes", "x" * 79])
def test_help_commands_and_the_way_back_always_stand_at_the_foot(name: str, words: str) -> None:
    said = [[(words, "")]] if words else []
    last = text_of(foot(said, hints(places=SCREENS[name]), 78)[-1])
    for named in ("? help", ": commands", "q back"):
        assert named in last
    assert words or last.startswith("? help   : commands   q back   ")


def test_actions_with_one_name_have_the_same_keys() -> None:
    keys: dict[str, tuple[str, ...]] = {}
    for action in ACTIONS:
        assert keys.setdefault(action.name, action.keys) == action.keys


@pytest.mark.parametrize("name", sorted(OPENED))
async def test_every_action_of_a_screen_is_done_bound_and_explained_there(
    name: str, demo: DemoProcess
) -> None:
    async with opened(name, demo) as pilot:
        screen = top(pilot)
        places: tuple[Place, ...] = screen.PLACES  # type: ignore[attr-defined]
        assert places == SCREENS[name]
        table = actions_of(places)
        bound = {
            (key, binding.action)
            for kind in type(screen).__mro__
            for binding in kind.__dict__.get("BINDINGS", ())
            if isinstance(binding, Binding) and kind.__module__.startswith("runbrowser")
            for key in binding.key.split(",")
        }
        whole = [action for action in table if not is_of_widget(action, places)]
        assert bound == {(k, f"app.do('{a.does}')") for a in whole for k in a.keys}
        assert [action.name for action in whole if handler_of(screen, action.does) is None] == []
        provider = ActionCommands(screen)
        titles = [str(hit.text) async for hit in provider.discover()]
        assert len(titles) == len(actions_of([p for p in places if p not in WIDGETS or p in PANES]))
        await pilot.press("question_mark")
        assert isinstance(top(pilot), HelpScreen)
        await press(pilot, "question_mark")
        assert top(pilot) is screen
        await pilot.press("colon")
        assert isinstance(top(pilot), CommandPalette)
        await press(pilot, "escape", "escape")
        await press(pilot, "q")
        assert top(pilot) is main_screen(pilot)


@pytest.mark.parametrize("name", sorted(set(OPENED) - {"trash"}))
async def test_every_key_of_the_foot_does_something(name: str, demo: DemoProcess) -> None:
    async with opened(name, demo) as pilot:
        screen = top(pilot)
        for action in actions_of(SCREENS[name]):
            if not action.hint or action.name in ("leave", "delete"):
                continue
            before = picture(pilot)
            if not action.keys or is_of_widget(action, SCREENS[name]):
                continue
            await pilot.press(action.keys[0])
            await pilot.pause(0.05)
            assert (
                top(pilot) is not screen
                or picture(pilot) != before
                or action.name
                in (
                    "refresh",  # what is read anew may be the same
                )
            ), action.name
            await settle(pilot)
            for _ in range(3):
                if top(pilot) not in (screen, main_screen(pilot)):
                    await press(pilot, "escape")
            if top(pilot) is not screen:  # it leads away, as it should
                await press(pilot, "escape", "escape", *OPENED[name][1][-1:])
                screen = top(pilot)
                if not isinstance(screen, OPENED[name][2]):
                    return


async def test_a_key_of_ones_own_holds_on_every_screen(demo: DemoProcess) -> None:
    table = {"delete": "f8", "leave": "Q", "help": "f1", "mark": "M", "measure": "f9"}
    async with opened("groups", demo, table) as pilot:
        screen = top(pilot)
        assert "f8 delete" in screen_text(pilot) and "Q back" in screen_text(pilot)
        await press(pilot, "D", "q", "question_mark")
        assert top(pilot) is screen
        await press(pilot, "f1")
        assert " f8 " in screen_text(pilot)
        await press(pilot, "f1", "M")
        assert len(workspace(pilot).marks)
        await press(pilot, "f8")
        assert "elete" in screen_text(pilot) and top(pilot) is not screen
