"""Views in the browser: tabs, saving, switching, renaming, deleting, and a file that is damaged."""

import stat
from pathlib import Path

import pytest
from textual.command import CommandPalette
from textual.pilot import Pilot
from textual.widgets import Input

from runbrowser import paths
from runbrowser.demo.launch import DemoProcess
from runbrowser.fields.filters import parse
from runbrowser.pages.lines import line_width, text_of
from runbrowser.pages.tabs import PLAIN, tabs
from runbrowser.tui.widgets.view_tabs import ViewTabs
from runbrowser.views.arrangement import Arrangement
from runbrowser.views.store import change, read, saved
from runbrowser.views.view import View

from .counting import Counting
from .deeds import agree, sees
from .harness import (
    browsing,
    main_screen,
    note,
    press,
    screen_lines,
    screen_text,
    settle,
    shown_ids,
    status_line,
    until,
    write,
)

IRIS = View("iris", parse("task:9101"))
FAILED = View(
    "failed", parse("task:9103 state:failed"), Arrangement(columns=("run_id", "flow", "error"))
)


def _save(*views: View) -> None:
    for view in views:
        change(paths.views_file(), saved(view))


def _tabs(pilot: Pilot[int]) -> str:
    found = main_screen(pilot).query(ViewTabs)
    return str(found.first().render()).strip() if found else ""


def _heads(pilot: Pilot[int]) -> list[str]:
    return [str(column.label) for column in main_screen(pilot).table.ordered_columns]


_SHOWN = {
    "save view": "Save this view",
    "rename view": "Rename a saved view",
    "delete view": "Delete a saved view",
}


async def _command(pilot: Pilot[int], words: str) -> None:
    await pilot.press("colon")
    await until(pilot, lambda: isinstance(pilot.app.screen, CommandPalette))
    await write(pilot, words)
    await until(pilot, lambda: _SHOWN[words] in screen_text(pilot))
    await pilot.pause(0.3)  # the palette takes no key while it is still looking
    await pilot.press("enter")
    await until(pilot, lambda: not isinstance(pilot.app.screen, CommandPalette))
    await settle(pilot)


async def _name(pilot: Pilot[int], name: str) -> None:
    pilot.app.screen.query_one(Input).value = ""
    await write(pilot, name)
    await press(pilot, "enter")


async def test_without_views_there_is_no_line_for_them(demo: DemoProcess) -> None:
    async with browsing(demo.v1) as pilot:
        assert _tabs(pilot) == ""
        assert "run" in screen_lines(pilot)[0]
        await press(pilot, "right_square_bracket")
        assert "save view" in note(pilot)


async def test_a_view_is_saved_through_the_palette_and_is_in_force(demo: DemoProcess) -> None:
    async with browsing(demo.v1, parse("task:9101")) as pilot:
        await press(pilot, "c", "space", "enter", "b")
        await _command(pilot, "save view")
        assert pilot.app.screen.query_one(Input).value == "task:9101"
        await _name(pilot, "iris")
        assert note(pilot) == "view iris is saved"
        assert _tabs(pilot) == f"{PLAIN} \u2502 iris"
        (view,) = read(paths.views_file()).views
        assert (view.name, view.filter, view.sidebar) == ("iris", parse("task:9101"), False)
        assert "state" not in view.arrangement.columns
        assert stat.S_IMODE(paths.views_file().stat().st_mode) == 0o600


async def test_the_brackets_go_round_and_a_view_asks_the_source_once(counted: Counting) -> None:
    _save(IRIS, FAILED)
    async with browsing(counted.v1) as pilot:
        plain = _heads(pilot)
        assert _tabs(pilot) == f"{PLAIN} \u2502 iris \u2502 failed"
        before = counted.count("run/list/limit/1000/task/9101")
        await press(pilot, "right_square_bracket")
        assert "task:9101" in status_line(pilot)
        assert counted.count("run/list/limit/1000/task/9101") == before + 1
        await press(pilot, "right_square_bracket")
        assert "task:9103 state:failed" in status_line(pilot)
        assert _heads(pilot) == ["run", "flow", "error"]
        await press(pilot, "right_square_bracket")
        assert "esc clears" not in status_line(pilot)
        assert _heads(pilot) == plain
        await press(pilot, "left_square_bracket")
        assert _heads(pilot) == ["run", "flow", "error"]


async def test_a_view_with_the_same_filter_asks_for_nothing(counted: Counting) -> None:
    _save(IRIS, View("iris, short", IRIS.filter, FAILED.arrangement))
    async with browsing(counted.v1) as pilot:
        await press(pilot, "right_square_bracket")
        before = counted.count("run/list")
        await press(pilot, "right_square_bracket")
        assert _heads(pilot) == ["run", "flow", "error"]
        assert counted.count("run/list") == before


async def test_a_view_that_was_changed_has_a_star(demo: DemoProcess) -> None:
    _save(IRIS)
    async with browsing(demo.v1) as pilot:
        await press(pilot, "right_square_bracket")
        assert _tabs(pilot).endswith("iris")
        await press(pilot, "s", "j", "enter")
        assert _tabs(pilot).endswith("iris*")
        await press(pilot, "s", "g", "k", "enter")
        await press(pilot, "e")
        assert _tabs(pilot).endswith("iris*")
        await _command(pilot, "save view")
        await press(pilot, "enter")  # the view in force is replaced without a question
        assert _tabs(pilot).endswith("iris")
        assert read(paths.views_file()).views[0].filter == parse("task:9101 state:failed")


async def test_the_panes_of_a_view_open_and_close(demo: DemoProcess) -> None:
    _save(View("reading", parse("task:9101"), sidebar=False, detail=True), IRIS)
    async with browsing(demo.v1, size=(200, 40)) as pilot:
        screen = main_screen(pilot)
        assert screen.sidebar.display
        await press(pilot, "right_square_bracket")
        assert not screen.sidebar.display
        assert screen.pane.display
        assert screen.pane.run_id == shown_ids(pilot)[0]
        assert screen.focused is screen.table
        await press(pilot, "right_square_bracket")
        assert screen.sidebar.display
        assert not screen.pane.display


async def test_another_views_name_is_taken_only_by_a_second_enter(demo: DemoProcess) -> None:
    _save(IRIS, FAILED)
    async with browsing(demo.v1, parse("task:9102")) as pilot:
        await _command(pilot, "save view")
        await _name(pilot, "")
        sees(pilot, "A view needs a name")
        await _name(pilot, "iris")
        sees(pilot, "There is a view iris already; enter again replaces it.")
        assert read(paths.views_file()).views == (IRIS, FAILED)
        await agree(pilot)
        await settle(pilot)
        assert [v.filter for v in read(paths.views_file()).views] == [
            parse("task:9102"),
            FAILED.filter,
        ]


async def test_a_view_is_renamed_and_keeps_its_place(demo: DemoProcess) -> None:
    _save(IRIS, FAILED)
    async with browsing(demo.v1) as pilot:
        await press(pilot, "right_square_bracket")
        await _command(pilot, "rename view")
        await _name(pilot, "failed")
        sees(pilot, "There is a view called failed already.")
        await _name(pilot, "[b]lumen[/b]")
        assert [view.name for view in read(paths.views_file()).views] == ["[b]lumen[/b]", "failed"]
        assert "[b]lumen[/b]" in _tabs(pilot)


async def test_a_view_is_deleted_after_a_question_whose_enter_keeps_it(demo: DemoProcess) -> None:
    _save(IRIS, FAILED)
    async with browsing(demo.v1) as pilot:
        await press(pilot, "right_square_bracket")
        await _command(pilot, "delete view")
        sees(pilot, "Delete the view iris?")
        await press(pilot, "enter")
        assert len(read(paths.views_file()).views) == 2
        await _command(pilot, "delete view")
        await press(pilot, "j", "enter")
        assert read(paths.views_file()).views == (FAILED,)
        await press(pilot, "left_square_bracket")
        await _command(pilot, "delete view")
        if "Delete which view?" in "\n".join(screen_lines(pilot)):
            await press(pilot, "enter")
        await press(pilot, "j", "enter")
        assert read(paths.views_file()).views == ()
        assert _tabs(pilot) == ""


async def test_a_click_on_a_tab_goes_there(demo: DemoProcess) -> None:
    _save(IRIS, FAILED)
    async with browsing(demo.v1) as pilot:
        at = str(main_screen(pilot).query_one(ViewTabs).render()).index("failed")
        await pilot.click(ViewTabs, offset=(at + 1, 0))
        await settle(pilot)
        assert _heads(pilot) == ["run", "flow", "error"]


async def test_a_damaged_file_is_told_left_alone_and_set_aside_by_the_next_save(
    demo: DemoProcess,
) -> None:
    path = paths.views_file()
    path.parent.mkdir(parents=True)
    path.write_text("[[view]\nname = what")
    async with browsing(demo.v1) as pilot:
        assert "views.toml" in note(pilot)
        assert path.read_text() == "[[view]\nname = what"
        await _command(pilot, "save view")
        await _name(pilot, "all")
        assert "views.damaged-1.toml" in note(pilot)
        assert path.with_name("views.damaged-1.toml").read_text() == "[[view]\nname = what"
        assert [view.name for view in read(path).views] == ["all"]


async def test_a_folder_that_cannot_be_written_is_told_and_nothing_changes(
    demo: DemoProcess, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("RUNBROWSER_STATE_DIR", str(tmp_path / "file" / "below"))
    async with browsing(demo.v1) as pilot:
        await _command(pilot, "save view")
        await _name(pilot, "all")
        assert "cannot be written" in note(pilot)
        assert _tabs(pilot) == ""


async def test_views_that_another_process_saved_meanwhile_are_not_lost(demo: DemoProcess) -> None:
    _save(IRIS)
    async with browsing(demo.v1) as pilot:
        _save(FAILED)
        await _command(pilot, "save view")
        await _name(pilot, "all")
        assert [v.name for v in read(paths.views_file()).views] == ["iris", "failed", "all"]
        assert "failed" in _tabs(pilot)


async def test_a_view_of_only_mine_is_refused_where_nobody_knows_who_that_is(
    demo: DemoProcess,
) -> None:
    _save(View("mine", parse("uploader:me")))
    async with browsing(demo.v1) as pilot:
        before = shown_ids(pilot)
        await press(pilot, "right_square_bracket")
        assert "user_id" in note(pilot)
        assert shown_ids(pilot) == before
        assert main_screen(pilot).selection.filter.empty


@pytest.mark.parametrize("width", [12, 20, 40, 60, 80, 200])
@pytest.mark.parametrize("current", [0, 1, 5, 9])
def test_the_tabs_fit_and_show_the_one_in_force(width: int, current: int) -> None:
    names = [f"view \u6a19\u7c64 number {n} of a long name" for n in range(9)]
    line, places = tabs(names, current, True, width)
    assert line_width(line) <= width
    assert current in [number for _, _, number in places]
    assert all(0 <= begin < end <= line_width(line) for begin, end, _ in places)
    assert "*" in text_of(line)
