"""The browser begins where it was left: only where that is wanted, and told."""

import json
from pathlib import Path

from textual.pilot import Pilot

from runbrowser import paths
from runbrowser.demo.launch import DemoProcess
from runbrowser.fields.filters import parse
from runbrowser.tui.app import RunBrowser
from runbrowser.views.session import Place, read
from runbrowser.views.view import View

from .counting import Counting
from .harness import current_id, live, main_screen, note, press, settle, shown_ids, status_line

SIZE = (140, 40)


def _app(v1: str, place: Place | None = None) -> RunBrowser:
    return RunBrowser(live(v1), page_size=20, place=place, note_under=v1)


def _heads(pilot: Pilot[int]) -> list[str]:
    return [str(column.label) for column in main_screen(pilot).table.ordered_columns]


async def test_filter_columns_order_page_and_run_come_back(demo: DemoProcess) -> None:
    async with _app(demo.v1).run_test(size=SIZE) as pilot:
        await settle(pilot)
        await press(pilot, "c", "space", "enter", "s", "j", "enter", "b")
        main_screen(pilot).filters.apply(parse("task:9101"))
        await settle(pilot)
        await press(pilot, "n", "j", "j")
        left_at, heads, ids = current_id(pilot), _heads(pilot), shown_ids(pilot)
        await press(pilot, "q")
    place = read(paths.session_file(), demo.v1)
    assert place is not None
    async with _app(demo.v1, place).run_test(size=SIZE) as pilot:
        await settle(pilot)
        assert shown_ids(pilot) == ids
        assert current_id(pilot) == left_at
        assert _heads(pilot) == heads
        assert not main_screen(pilot).sidebar.display
        assert "page 2" in status_line(pilot)
        assert "task:9101 esc clears" in status_line(pilot)
        assert note(pilot) == "as you left it; esc clears the filter; --fresh starts plain"
        await press(pilot, "escape")
        assert note(pilot) == ""
        await press(pilot, "escape")
        assert "task:9101" not in status_line(pilot)


async def test_a_place_that_is_gone_is_no_trouble(counted: Counting) -> None:
    place = Place(View(filter=parse("task:9101")), 400, 1, remembered=True)
    async with _app(counted.v1, place).run_test(size=SIZE) as pilot:
        await settle(pilot)
        assert "page 1" in status_line(pilot)
        assert current_id(pilot) == shown_ids(pilot)[0]
        assert counted.count("run/list/limit/20/") <= 4


async def test_who_left_nothing_behind_is_told_nothing(demo: DemoProcess) -> None:
    async with _app(demo.v1, Place(remembered=True)).run_test(size=SIZE) as pilot:
        await settle(pilot)
        assert note(pilot) == ""


async def test_the_open_detail_comes_back_with_its_run(demo: DemoProcess) -> None:
    async with _app(demo.v1).run_test(size=SIZE) as pilot:
        await settle(pilot)
        await press(pilot, "j", "enter")
        run_id = main_screen(pilot).pane.run_id
        await press(pilot, "q")
    place = read(paths.session_file(), demo.v1)
    async with _app(demo.v1, place).run_test(size=SIZE) as pilot:
        await settle(pilot)
        assert main_screen(pilot).pane.display
        assert main_screen(pilot).pane.run_id == run_id


async def test_a_browser_that_is_told_no_server_notes_nothing(demo: DemoProcess) -> None:
    async with RunBrowser(live(demo.v1), page_size=20).run_test(size=SIZE) as pilot:
        await settle(pilot)
        await press(pilot, "q")
    assert not paths.session_file().exists()


async def test_the_key_is_not_in_the_file(demo: DemoProcess) -> None:
    source = live(demo.v1, key=demo.api_key)
    app = RunBrowser(source, page_size=20, note_under=demo.v1)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await press(pilot, "j", "q")
    text = paths.session_file().read_text("ascii")
    assert demo.api_key not in text
    assert list(json.loads(text)["servers"]) == [demo.v1]


async def test_a_folder_that_cannot_be_written_does_not_hold_up_leaving(
    demo: DemoProcess, tmp_path: Path, monkeypatch: object
) -> None:
    app = _app(demo.v1)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        paths.state_dir().mkdir(parents=True, exist_ok=True)
        paths.session_file().mkdir()
        await press(pilot, "q")
    assert app.return_code == 0
