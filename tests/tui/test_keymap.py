"""Keys of one's own: what config.toml may say, what is told of mistakes, and that they work."""

import tomllib

import pytest
from textual.command import CommandPalette
from textual.widgets import Static

from runbrowser.demo.launch import DemoProcess
from runbrowser.fields.filters import parse
from runbrowser.tui.actions import ACTIONS
from runbrowser.tui.app import RunBrowser
from runbrowser.tui.commands import ActionCommands
from runbrowser.tui.keymap import Keymap, as_toml, key_of, keymap, read
from runbrowser.tui.looks import Looks
from runbrowser.tui.screens.help import HelpScreen

from .harness import (
    current_id,
    live,
    main_screen,
    note,
    press,
    screen_text,
    settle,
    shown_ids,
    status_line,
    write,
)
from .pty_harness import plain_environ, terminal

TASK = parse("task:9101")


def keys(found: Keymap, name: str) -> tuple[str, ...]:
    return next(action.keys for action in found.actions if action.name == name)


@pytest.mark.parametrize(
    ("written", "key"),
    [("?", "question_mark"), (",", "comma"), ("/", "slash"), (" ", "space"), ("space", "space"),
     ("d", "d"), ("D", "D"), ("shift+d", "D"), ("Esc", "escape"), ("PgUp", "pageup"),
     ("ctrl+d", "ctrl+d"), ("Ctrl-D", "ctrl+d"), ("f5", "f5"), ("shift+tab", "shift+tab"),
     ("alt+x", "alt+x"), ("question_mark", "question_mark"), ("ctrl+shift+up", "ctrl+shift+up"),
     ("é", "é"), ("-", "minus"), ("+", "plus")],
)  # fmt: skip
def test_a_key_is_understood_as_people_write_it(written: str, key: str) -> None:
    assert key_of(written) == key


@pytest.mark.parametrize(
    ("written", "words"),
    [("ctl+x", "no key"), ("xx", "no key"), ("hyper+x", "no key"), ("\x1b", "no key"),
     ("ctrl+i", "same to a terminal as tab"), ("ctrl+m", "as enter"), ("ctrl+h", "as backspace"),
     ("ctrl+q", "always quits"), ("ctrl+c", "Textual's own"), ("ctrl+", "no key"), ("", "no key")],
)  # fmt: skip
def test_what_is_no_key_is_told_in_words(written: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        key_of(written)


def test_without_wishes_the_table_holds() -> None:
    assert read({}).actions == ACTIONS
    assert read({}).changed == {}
    assert read({}).complaints == ()


def test_a_wish_takes_the_place_of_the_default_keys() -> None:
    found = read({"export": "W", "undo": ["u", "ctrl+u"], "publish": ""})
    assert found.complaints == ()
    assert found.changed == {"export": ("W",), "undo": ("u", "ctrl+u"), "publish": ()}


def test_an_unknown_action_is_told_with_the_nearest_one_and_the_rest_holds() -> None:
    found = read({"expotr": "W", "undo": "u"})
    assert found.complaints == ("'expotr' is no action; is it export?",)
    assert found.changed == {"undo": ("u",)}


def test_an_unknown_key_is_told_and_the_action_keeps_its_own() -> None:
    found = read({"export": "ctl+x"})
    (complaint,) = found.complaints
    assert complaint.startswith("export: 'ctl+x' is no key")
    assert keys(found, "export") == ("x",)


def test_of_two_wishes_for_one_key_the_first_holds() -> None:
    found = read({"tag": "W", "delete": "W"})
    assert found.complaints == ("W is wished for tag and delete; tag has it",)
    assert (keys(found, "tag"), keys(found, "delete")) == (("W",), ("D",))


def test_a_key_taken_from_an_action_is_told_when_it_was_its_last() -> None:
    found = read({"tag": "e"})
    assert found.complaints == ("e is tag's now; cycle_state has no key",)
    assert keys(found, "cycle_state") == ()
    assert read({"tag": "home"}).complaints == ()


def test_two_actions_can_change_places() -> None:
    found = read({"tag": "T", "untag": "t"})
    assert found.complaints == ()
    assert (keys(found, "tag"), keys(found, "untag")) == (("T",), ("t",))


def test_a_key_of_the_table_may_mean_another_thing_in_the_detail() -> None:
    found = read({"scroll_down": "e"})  # the whole screen's e would be hidden there
    assert "cycle_state has no key" in found.complaints[0]
    assert read({"cursor_down": "W", "scroll_down": "W"}).complaints == ()


@pytest.mark.parametrize("table", [1, "x", ["x"], {"tag": 1}, {"tag": ["x", 1]}, {"tag": {}}])
def test_what_is_written_in_another_form_is_told(table: object) -> None:
    found = read(table)
    assert found.changed == {}
    assert len(found.complaints) == 1


def test_the_table_as_toml_says_what_holds_and_can_be_read_again() -> None:
    found = keymap({"export": ["W"], "undo": [], "go_to": ['"'], "mark": ["\\"]})
    table = tomllib.loads(as_toml(found))["keys"]
    assert read(table) == found
    names = {line.lstrip("# ").partition(" = ")[0] for line in as_toml(found).splitlines()}
    assert {action.name for action in ACTIONS} <= names


def app(v1: str, table: object) -> RunBrowser:
    return RunBrowser(live(v1), TASK, page_size=30, looks=Looks(read(table)))


async def test_keys_of_ones_own_do_what_they_should_and_the_old_ones_nothing(
    demo: DemoProcess,
) -> None:
    table = {"cursor_down": "e", "next_page": "N", "clear_filter": "C", "help": "f1", "open": "u"}
    async with app(demo.v1, table).run_test(size=(140, 40)) as pilot:
        await settle(pilot)
        ids = shown_ids(pilot)
        await press(pilot, "e")
        assert current_id(pilot) == ids[1]
        await press(pilot, "j", "down")
        assert current_id(pilot) == ids[1]
        await press(pilot, "n")
        assert "page 1" in status_line(pilot)
        await press(pilot, "N")
        assert "page 2" in status_line(pilot)
        await press(pilot, "enter")
        assert not main_screen(pilot).pane.display
        await press(pilot, "u")
        assert main_screen(pilot).pane.display
        await press(pilot, "escape", "f1")
        assert isinstance(pilot.app.screen, HelpScreen)
        assert " f1 " in screen_text(pilot)
        await press(pilot, "escape", "C")
        assert "task:9101" not in status_line(pilot)


async def test_a_key_of_ones_own_is_a_letter_in_the_filter_line(demo: DemoProcess) -> None:
    async with app(demo.v1, {"clear_filter": "C", "undo": "Z"}).run_test(size=(140, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "slash")
        await write(pilot, "CZ")
        assert main_screen(pilot).line.query_one("Input").value.endswith("CZ")  # type: ignore[attr-defined]
        assert "task:9101" in status_line(pilot)


async def test_hints_and_palette_show_the_keys_that_hold(demo: DemoProcess) -> None:
    table = {"filter_line": "O", "tag": "", "palette": "ctrl+k"}
    async with app(demo.v1, table).run_test(size=(140, 40)) as pilot:
        await settle(pilot)
        foot = screen_text(pilot).splitlines()[-1]
        assert "O filter" in foot
        assert " tag" not in foot
        provider = ActionCommands(main_screen(pilot))
        titles = {str(hit.text) async for hit in provider.discover()}
        assert "Edit the filter as text  [O]" in titles
        assert "Tag the run, or all marked ones" in titles
        await pilot.press("ctrl+k")
        assert isinstance(pilot.app.screen, CommandPalette)


async def test_the_palette_moves_the_cursor_too(demo: DemoProcess) -> None:
    async with app(demo.v1, {}).run_test(size=(140, 40)) as pilot:
        await settle(pilot)
        provider = ActionCommands(main_screen(pilot))
        hits = [hit async for hit in provider.search("Last run of the page")]
        hits[0].command()  # type: ignore[operator]
        await settle(pilot)
        assert current_id(pilot) == shown_ids(pilot)[-1]


async def test_mistakes_are_told_with_the_first_page(demo: DemoProcess) -> None:
    async with app(demo.v1, {"expotr": "x", "tag": "D"}).run_test(size=(140, 40)) as pilot:
        await settle(pilot)
        assert "'expotr' is no action; is it export?" in note(pilot)
        assert "D is tag's now; delete has no key" in note(pilot)
        assert "[keys] in config.toml" in screen_text(pilot)


def test_the_config_file_is_where_the_keys_come_from(demo: DemoProcess, tmp_path: object) -> None:
    from pathlib import Path

    folder = Path(str(tmp_path))
    (folder / "config.toml").write_text('[keys]\nquit = "Q"\nhelp = "H"\n')
    environ = plain_environ(folder, RUNBROWSER_CONFIG_DIR=str(folder))
    with terminal(["--server", demo.v1, "task:9101"], environ) as screen:
        screen.wait(lambda text: "H help" in text or "page 1" in text)
        screen.press("q")
        screen.press("H")
        screen.wait(lambda text: "Leave runbrowser" in text or "Next page of runs" in text)
        screen.press("\x1b")
        screen.wait(lambda text: "Next page of runs" not in text)
        screen.press("Q")
        assert screen.end() == 0


@pytest.mark.parametrize("key, title", [("E", "Errors"), ("L", "rank")])
async def test_lists_name_the_keys_that_hold_and_explain_themselves(
    key: str, title: str, demo: DemoProcess
) -> None:
    table = {"delete": "f8", "mark": "f9", "export": "", "error_groups": "E"}
    async with app(demo.v1, table).run_test(size=(140, 40)) as pilot:
        await settle(pilot)
        await press(pilot, key)
        foot = str(pilot.app.screen.query_one("#list-foot", Static).render())
        assert "D delete" not in foot and "space mark" not in foot and "x export" not in foot
        assert foot.startswith("?")
        assert ("f8 delete" in foot) == (key == "E")
        assert "f9 mark" in foot
        await press(pilot, "question_mark")
        assert "Keys of this screen" in screen_text(pilot)
        await press(pilot, "question_mark")
        assert title in screen_text(pilot)
