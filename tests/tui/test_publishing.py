"""Publishing: files are picked, checked and sent once; what is wrong is named with its line."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from runbrowser.demo import DEMO_USER_ID
from runbrowser.demo.catalogue import unpack
from runbrowser.demo.files import read_file
from runbrowser.demo.launch import DemoProcess
from runbrowser.tui.dialogs.publish import PublishDialog
from tests.bulk.faulty import Asked, Fault, Proxy, proxy_before, refused

from .deeds import Gate, acting_on, agree, is_main, sees, there, top, type_into, waits
from .harness import browsing, detail_text, main_screen, note, press, screen_lines, settle

SIZES = [(60, 20), (80, 24), (140, 40)]


@pytest.fixture(scope="session")
def uploaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files of a run as its uploader had them."""
    folder = tmp_path_factory.mktemp("uploaded")
    unpack(folder / "catalogue.db")
    with closing(sqlite3.connect(folder / "catalogue.db")) as catalogue:
        (run_id,) = catalogue.execute(
            "SELECT r.id FROM run r JOIN file f ON f.run_id = r.id"
            " WHERE r.uploader = ? AND f.name = 'predictions' LIMIT 1",
            (DEMO_USER_ID,),
        ).fetchone()
        files = catalogue.execute("SELECT id, name FROM file WHERE run_id = ?", (run_id,))
        for file_id, name in files.fetchall():
            found = read_file(catalogue, file_id)
            assert found is not None
            end = "xml" if name == "description" else "arff"
            (folder / f"{name}.{end}").write_bytes(found[1])
    return folder


def _values(pilot: Pilot[int]) -> dict[str, str]:
    return {str(field.id): field.value for field in top(pilot).query(Input)}


def _said(pilot: Pilot[int]) -> str:
    return str(top(pilot).query_one(".note").render())


def _posts(proxy: Proxy) -> int:
    return sum(asked.method == "POST" and asked.path.strip("/") == "run" for asked in proxy.asked)


@pytest.mark.parametrize("size", SIZES)
async def test_a_folder_is_enough_and_the_new_run_is_shown(
    size: tuple[int, int], fresh_demo: DemoProcess, uploaded: Path
) -> None:
    with proxy_before(fresh_demo.v1) as proxy:
        source = acting_on(proxy.v1, fresh_demo.api_key)
        async with browsing(source, size=size) as pilot:
            await press(pilot, "P")
            await type_into(pilot, str(uploaded))
            await press(pilot, "enter")
            assert _values(pilot)["path-description"] == str(uploaded / "description.xml")
            assert _values(pilot)["path-predictions"] == str(uploaded / "predictions.arff")
            sees(pilot, "nothing is wrong with these", "enter publishes them")
            assert _posts(proxy) == 0
            await agree(pilot)
            await settle(pilot)
            assert is_main(pilot)
            assert _posts(proxy) == 1
            new = main_screen(pilot).pane.run_id
            assert new is not None and there(fresh_demo.v1, [new]) == {new}
            assert note(pilot) == f"published as run {new}"
            assert f"Run {new}" in detail_text(pilot)
            assert all(len(line) <= size[0] for line in screen_lines(pilot))


async def test_tab_completes_a_path_and_then_goes_to_the_next_field(
    demo: DemoProcess, uploaded: Path
) -> None:
    async with browsing(acting_on(demo.v1, demo.api_key)) as pilot:
        await press(pilot, "P")
        await type_into(pilot, str(uploaded / "descr"))
        field = pilot.app.screen.focused
        assert isinstance(field, Input)
        await waits(pilot, lambda: field._suggestion)
        await press(pilot, "tab")
        assert field.value == str(uploaded / "description.xml")
        await press(pilot, "tab")
        assert pilot.app.screen.focused is not field


@pytest.mark.parametrize("size", SIZES)
async def test_what_the_server_would_refuse_is_named_with_its_line_and_nothing_is_sent(
    size: tuple[int, int], demo: DemoProcess, tmp_path: Path
) -> None:
    (tmp_path / "description.xml").write_text(
        '<oml:run xmlns:oml="http://openml.org/openml">\n<oml:task_id>9101</oml:task_id>\n'
        "<oml:flow_id>x</oml:flow_id>\n<oml:tag>two words</oml:tag>\n</oml:run>\n"
    )
    with proxy_before(demo.v1) as proxy:
        async with browsing(acting_on(proxy.v1, demo.api_key), size=size) as pilot:
            await press(pilot, "P")
            await type_into(pilot, str(tmp_path / "description.xml"))
            await press(pilot, "enter", "enter", "enter")
            assert isinstance(top(pilot), PublishDialog)
            sees(pilot, "the server would refuse this:", "line 3", "flow_id", "line 4", "tag")
            assert _posts(proxy) == 0
            await press(pilot, "escape")
            assert is_main(pilot)


async def test_files_that_are_not_there_are_told(demo: DemoProcess, tmp_path: Path) -> None:
    async with browsing(acting_on(demo.v1, demo.api_key)) as pilot:
        await press(pilot, "P", "enter")
        assert "the description is wanted first" in _said(pilot)
        await type_into(pilot, str(tmp_path / "nothing.xml"))
        await press(pilot, "enter")
        assert "cannot be read: No such file or directory" in _said(pilot)


async def test_other_files_are_checked_anew_before_they_are_sent(
    fresh_demo: DemoProcess, uploaded: Path
) -> None:
    with proxy_before(fresh_demo.v1) as proxy:
        async with browsing(acting_on(proxy.v1, fresh_demo.api_key)) as pilot:
            await press(pilot, "P")
            await type_into(pilot, str(uploaded))
            await press(pilot, "enter")
            assert "enter publishes them" in _said(pilot)
            await press(pilot, "down", "x")
            assert "enter publishes" not in _said(pilot)
            await press(pilot, "enter")
            assert "cannot be read" in _said(pilot)
            assert _posts(proxy) == 0


async def test_a_refusal_is_told_in_the_servers_words_and_the_dialog_stays(
    fresh_demo: DemoProcess, uploaded: Path
) -> None:
    def fault(asked: Asked) -> Fault | None:
        is_it = asked.method == "POST" and asked.path.strip("/") == "run"
        return refused(206, "Flow does not exist") if is_it else None

    with proxy_before(fresh_demo.v1) as proxy:
        proxy.fault = fault
        async with browsing(acting_on(proxy.v1, fresh_demo.api_key), size=(80, 24)) as pilot:
            await press(pilot, "P")
            await type_into(pilot, str(uploaded))
            await press(pilot, "enter")
            await agree(pilot)
            await settle(pilot)
            assert isinstance(top(pilot), PublishDialog)
            sees(pilot, "Flow does not exist")
            assert _posts(proxy) == 1
            assert _values(pilot)["path-description"] == str(uploaded / "description.xml")
            await press(pilot, "escape")
            assert is_main(pilot)


async def test_how_far_the_upload_is_is_told_and_esc_asks_before_it_cuts_it_off(
    fresh_demo: DemoProcess, uploaded: Path
) -> None:
    with proxy_before(fresh_demo.v1) as proxy:
        gate = Gate("POST", path="run")
        async with browsing(acting_on(proxy.v1, fresh_demo.api_key), size=(80, 24)) as pilot:
            await press(pilot, "P")
            await type_into(pilot, str(uploaded))
            await press(pilot, "enter")
            proxy.fault = gate
            await agree(pilot)
            await waits(pilot, lambda: gate.held and "bytes have left" in _said(pilot))
            assert "waiting for the server's answer" in _said(pilot)
            await pilot.press("enter")  # once is enough
            await pilot.press("escape")
            await waits(pilot, lambda: "esc again cuts it off" in _said(pilot))
            assert isinstance(top(pilot), PublishDialog)
            gate.open()
            await settle(pilot)
            assert is_main(pilot)
            assert "published as run" in note(pilot)
            assert _posts(proxy) == 1


@pytest.mark.parametrize("keys", [["escape"], ["x", "escape"]], ids=" ".join)
async def test_esc_leaves_and_nothing_was_sent(keys: list[str], demo: DemoProcess) -> None:
    with proxy_before(demo.v1) as proxy:
        async with browsing(acting_on(proxy.v1, demo.api_key)) as pilot:
            await press(pilot, "P", *keys)
            assert is_main(pilot)
            assert _posts(proxy) == 0
