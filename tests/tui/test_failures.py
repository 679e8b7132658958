"""When servers fail, stall or send nonsense: words on the screen, rows stay, keys work."""

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from runbrowser.demo.launch import DemoProcess
from runbrowser.errors import RunbrowserError
from runbrowser.fields.filters import parse
from runbrowser.models import RunState
from runbrowser.openml import listing
from runbrowser.openml.base import RunSource
from runbrowser.openml.live import LiveSource
from runbrowser.tui import ui
from runbrowser.tui.faults import redact, where_logged
from tests.openml.truth import listed

from .counting import Counting, Reply, counting, free_port, recorded
from .harness import (
    PATIENCE,
    app_on,
    browsing,
    current_id,
    detail_text,
    live,
    main_screen,
    note,
    notice,
    press,
    screen_text,
    settle,
    shown_ids,
    status_line,
    until,
    workspace,
)

EVERY = "limit/10000/show_errors/true"
KEY = "0123456789abcdef0123456789abcdef"


async def test_an_unreachable_server_is_told_and_r_works_once_it_is_there(
    demo: DemoProcess,
) -> None:
    port = free_port()
    async with browsing(f"http://127.0.0.1:{port}/api/v1/xml/") as pilot:
        assert "cannot be reached" in notice(pilot)
        assert f"127.0.0.1:{port}" in notice(pilot)
        assert "r tries again" in notice(pilot)
        for way_on in ("runbrowser --demo", "runbrowser config init", "HTTPS_PROXY="):
            assert way_on in notice(pilot)
        assert "r tries again" in note(pilot)
        assert shown_ids(pilot) == []
        await press(pilot, "r")
        assert "cannot be reached" in notice(pilot)
        with counting(demo.v1, port=port):
            await press(pilot, "r")
            assert notice(pilot) == ""
            assert len(shown_ids(pilot)) > 25
            assert note(pilot) == ""
            await press(pilot, "j")
            assert current_id(pilot) == shown_ids(pilot)[1]


async def test_a_source_that_cannot_be_opened_is_told_and_can_be_tried_again(
    demo: DemoProcess,
) -> None:
    tries: list[int] = []

    def open_source(tell: object) -> LiveSource:
        tries.append(1)
        if len(tries) == 1:
            raise RunbrowserError("The demo server did not start: no room.")
        return live(demo.v1)(tell)  # type: ignore[return-value, arg-type]

    async with browsing(open_source) as pilot:
        assert "did not start: no room." in notice(pilot)
        await press(pilot, "r")
        assert notice(pilot) == ""
        assert len(shown_ids(pilot)) > 25


async def test_rows_stay_when_the_server_fails_later(counted: Counting) -> None:
    async with browsing(counted.v1) as pilot:
        rows = shown_ids(pilot)
        counted.answer("run/list", recorded("w_db_down_list"))
        await press(pilot, "r")
        assert "database" in note(pilot)
        assert "r tries again" in note(pilot)
        assert shown_ids(pilot) == rows
        assert notice(pilot) == ""
        counted.answer("run/list", None)
        await press(pilot, "r")
        assert note(pilot) == ""


async def test_a_page_that_cannot_be_had_leaves_the_old_one_and_can_be_asked_again(
    counted: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "FIRST", 100)
    monkeypatch.setattr(listing, "MAX_LIMIT", 100)
    failed = {run_id for run_id, error in listed(counted.upstream, EVERY) if error}
    async with browsing(counted.v1, parse("state:failed"), page_size=20) as pilot:
        rows = shown_ids(pilot)
        counted.answer("run/list/limit/100/offset/", recorded("w_db_down_list"))
        await press(pilot, "n")
        assert "database" in note(pilot)
        assert shown_ids(pilot) == rows
        counted.answer("run/list/limit/100/offset/", None)
        await press(pilot, "n")
        assert note(pilot) == ""
        assert "page 2" in status_line(pilot)
        assert set(shown_ids(pilot)) <= failed - set(rows)


HTML = Reply(200, "text/html; charset=utf-8", b"<html><body>Page Not Found <b>x</b></body></html>")


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (recorded("w_db_down_list"), "107"),
        (recorded("run_list_too_many"), "513"),
        (recorded("run_list_study_alias"), "511"),
        (recorded("run_list_disallowed_uri_char"), "400"),
        (HTML, "web page"),
        (Reply(500, "text/html", b""), "500"),
        (Reply(200, "text/xml", b""), "list runs"),
        (Reply(200, "text/xml", b"\xff\xfe\x00<oml:runs"), "list runs"),
        (Reply(503, "text/html", b"<h1>\x1b]0;pwned\x07 busy</h1>"), "503"),
    ],
    ids=["107", "513", "511", "400", "html", "500", "empty", "bytes", "503"],
)
async def test_a_refusal_is_told_in_words_without_its_markup(
    reply: Reply, words: str, counted: Counting
) -> None:
    counted.answer("run/list", reply)
    async with browsing(counted.v1, size=(100, 30)) as pilot:
        told = notice(pilot)
        assert told.startswith("Could not list runs: ")
        assert words.lower() in told.lower() or words in note(pilot)
        assert "<html" not in told
        assert "<h1" not in told
        assert "\x1b" not in screen_text(pilot)
        assert "Traceback" not in told
        assert "r tries again" in told
        counted.answer("run/list", None)
        await press(pilot, "r")
        assert len(shown_ids(pilot)) > 25


async def test_a_stalled_server_holds_up_no_key(counted: Counting) -> None:
    async with browsing(counted.v1) as pilot:
        ids = shown_ids(pilot)
        for pattern in ("run/list", r"run/\d", "evaluation"):
            counted.hold(pattern)
        await pilot.press("enter", "r", "n", "tab")
        await until(pilot, lambda: "reading…" in detail_text(pilot))
        await pilot.press("j", "j")
        assert current_id(pilot) == ids[2]
        await pilot.press("question_mark")
        assert "Next page of runs" in screen_text(pilot)
        await pilot.press("escape", "slash", "t", "a")
        assert main_screen(pilot).line.display


@pytest.mark.parametrize("stalled", ["run/list", r"(?!run/list)", r"run/\d"])
async def test_q_ends_the_browser_while_a_request_hangs(stalled: str, counted: Counting) -> None:
    counted.hold(stalled)
    app = app_on(counted.v1)
    async with asyncio.timeout(PATIENCE):
        async with app.run_test(size=(100, 30)) as pilot:
            await until(pilot, lambda: counted.count("run/list"))
            await pilot.press("enter")
            await pilot.press("q")
            await until(pilot, lambda: app._exit)
    assert app.return_value == 0
    assert app.fault == ""


async def test_quitting_leaves_no_connection_open(counted: Counting) -> None:
    counted.hold("evaluation/list")
    async with browsing(counted.v1, settled=False) as pilot:
        await until(pilot, lambda: counted.count("evaluation/list"))
        source = workspace(pilot).source
        pager = workspace(pilot).pager
    assert isinstance(source, LiveSource)
    assert source.http.is_closed
    assert pager is not None
    await asyncio.sleep(0)
    assert not pager.busy


class _Broken(LiveSource):
    """A source with a fault of ours in one place."""

    place = ""

    def _fail(self, place: str) -> None:
        if place == self.place:
            raise KeyError(f"a fault of ours; api_key={KEY} and \x1b[31m{KEY}")

    async def page(self, *args: object, **kwargs: object) -> object:  # type: ignore[override]
        self._fail("page")
        return await super().page(*args, **kwargs)  # type: ignore[arg-type]

    async def run(self, *args: object, **kwargs: object) -> object:  # type: ignore[override]
        self._fail("run")
        return await super().run(*args, **kwargs)  # type: ignore[arg-type]

    def learning(self, *args: object, **kwargs: object) -> object:  # type: ignore[override]
        self._fail("learn")
        return super().learning(*args, **kwargs)  # type: ignore[arg-type]

    async def name_flow(self, flow_id: int) -> None:
        self._fail("name_flow")
        await super().name_flow(flow_id)


@pytest.mark.parametrize("place", ["page", "run", "learn"])
async def test_a_fault_of_ours_is_a_sentence_and_a_log_entry_without_the_key(
    place: str, demo: DemoProcess, own_folders: Path
) -> None:
    from runbrowser.client.http import AsyncHTTPClient

    def open_source(tell: object) -> LiveSource:
        source = _Broken(AsyncHTTPClient(demo.v1, KEY))
        source.place = place
        return source

    async with browsing(open_source) as pilot:
        if place == "run":
            await press(pilot, "enter")
        await until(pilot, lambda: "something went wrong in runbrowser itself" in note(pilot))
        assert "runbrowser.log" in note(pilot)
        assert "Traceback" not in screen_text(pilot)
        assert KEY not in screen_text(pilot)
        assert "KeyError" not in screen_text(pilot)
        await press(pilot, "question_mark")
        await press(pilot, "escape")
        assert pilot.app.is_running
    log = own_folders / "runbrowser.log"
    written = log.read_text("utf-8")
    assert "Traceback" in written
    assert "a fault of ours" in written
    assert KEY not in written
    assert "\x1b" not in written
    assert log.stat().st_mode & 0o077 == 0


async def test_a_fault_in_drawing_ends_the_app_with_a_sentence_and_no_traceback(
    demo: DemoProcess, own_folders: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    app = app_on(live(demo.v1, key=KEY))
    with pytest.raises(ZeroDivisionError):
        async with app.run_test() as pilot:
            await settle(pilot)
            app.call_next(lambda: 1 // 0)
            await pilot.pause()
            await until(pilot, lambda: bool(app.fault))
    assert app.fault.startswith("runbrowser stopped: ")
    assert "runbrowser.log" in app.fault
    told = capsys.readouterr()
    assert "Traceback" not in told.out + told.err
    written = (own_folders / "runbrowser.log").read_text("utf-8")
    assert "ZeroDivisionError" in written
    assert KEY not in written


def test_what_looks_like_a_key_is_taken_out_of_the_log() -> None:
    for text in (f"?api_key={KEY}&x=1", f"'api_key': '{KEY}'", KEY.upper(), f"key {KEY}."):
        assert KEY.lower() not in redact(text).lower()
    assert redact("nothing to hide") == "nothing to hide"


def test_a_log_that_cannot_be_written_is_no_second_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("RUNBROWSER_STATE_DIR", str(tmp_path / "file"))
    words = where_logged(ValueError("x"))
    assert words.startswith("the log cannot be written (")
    assert words.endswith("it was ValueError: x")
    monkeypatch.setenv("RUNBROWSER_STATE_DIR", "~nobody-of-this-name/x")
    assert where_logged(ValueError("x")).startswith("the log cannot be written (")


def test_a_log_is_for_its_owner_alone_and_holds_the_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNBROWSER_STATE_DIR", str(tmp_path / "state"))
    assert (
        where_logged(ValueError("x")) == f"{tmp_path / 'state' / 'runbrowser.log'} has the details"
    )
    log = tmp_path / "state" / "runbrowser.log"
    assert log.stat().st_mode & 0o777 == 0o600
    assert "ValueError: x" in log.read_text("utf-8")


async def test_a_run_that_vanished_meanwhile_is_told_and_the_list_goes_on(
    counted: Counting, states: dict[RunState, list[int]]
) -> None:
    run_id = states[RunState.OK][0]
    async with browsing(counted.v1, parse(f"run:{run_id}")) as pilot:
        counted.answer(rf"run/{run_id}$", recorded("run_get_notfound"))
        await press(pilot, "enter")
        assert "may have been deleted" in detail_text(pilot)
        await press(pilot, "escape")
        assert shown_ids(pilot) == [run_id]


async def test_what_is_told_while_connecting_fades(
    demo: DemoProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ui, "_MEANWHILE", 0.1)
    connect, there = live(demo.v1), threading.Event()

    def open_source(tell: Callable[[str], None]) -> RunSource:
        tell("waiting for a server")  # in a thread, which knows nothing of the app
        there.wait(PATIENCE)
        return connect(tell)

    async with browsing(open_source, settled=False) as pilot:
        try:
            await until(pilot, lambda: note(pilot) == "waiting for a server")
            await until(pilot, lambda: not note(pilot))
        finally:
            there.set()
        await until(pilot, lambda: main_screen(pilot).table.runs)
