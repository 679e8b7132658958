"""Whatever is typed, at whatever speed and size, the browser goes on."""

from __future__ import annotations

import asyncio
import os
import random
from pathlib import Path

import pytest
from textual.widgets import Input

from runbrowser.demo.launch import DemoProcess
from runbrowser.tui.dialogs.destroy import DestroyDialog

from .deeds import acting_on, agree, is_main, page_ids, sees, there, top, type_into, waits
from .harness import browsing, main_screen, press, screen_text, settle
from .monkey import PLAIN, give, key_name, play
from .pty_harness import plain_environ, terminal

KEYS = int(os.environ.get("RUNBROWSER_KEYS", "600"))


@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", [8, 9])
async def test_a_monkey_breaks_nothing(
    seed: int, fresh_demo: DemoProcess, own_folders: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)  # exports go there
    monkeypatch.setenv("SSH_CONNECTION", "1 2 3 4")  # no web browser is opened
    open_source = acting_on(fresh_demo.v1, fresh_demo.api_key)
    typed, _ = await play(open_source, own_folders / "runbrowser.log", seed, KEYS)
    assert typed >= KEYS


def test_a_monkey_at_a_real_terminal_breaks_nothing(
    fresh_demo: DemoProcess, tmp_path: Path
) -> None:
    chance = random.Random(8)
    environ = plain_environ(tmp_path, OPENML_APIKEY=fresh_demo.api_key, SSH_CONNECTION="1 2 3 4")
    bits = [":\r\r", "#900118\r\r", "C\r\r", "M\r\r", "s\r\r", "Y\r\r", "c\r\r", "tfast\r\r",
            "T\r\r", "L\r\r", "E\r\r", ":theme\r\r", ":save view\r\r", ":trash\r\r", "f\r\r",
            "\x1b[200~run:900101\nrun:900102\x1b[201~", "\x1b[6~", ":\x1b[6~", *PLAIN]  # fmt: skip
    bits = [bit for bit in bits if "q" not in bit]
    with terminal(["--server", fresh_demo.v1], environ) as screen:
        screen.wait(lambda text: "page 1" in text)
        for _ in range(120):
            screen.press("".join(chance.choices(bits, k=chance.randint(1, 4))))
            if chance.random() < 0.1:
                screen.process.setwinsize(*chance.choice([(36, 120), (1, 1), (3, 5), (24, 80)]))
            assert screen.read(), screen.text
        screen.process.setwinsize(36, 120)
        for _ in range(20):
            screen.press("\x1b")
            screen.rest()
            if "page " in screen.text and "commands" in screen.text:
                break
        screen.press("q")
        assert screen.end() == 0, screen.text
    assert b"stopped" not in screen.raw


@pytest.mark.parametrize(
    "keys",
    [":\r\r", "#900118\r\r\r", "M\r\r", "Y\r\r", "s\r\r", "C\r\r", "t\r\r", "T\r\r", "L\r\r",
     "E\r\r", "c\r\r", ":theme\r\r", ":save view\r\r", ":trash\r\r", "f\r\r", "tfine\r\r",
     "?\r\r", "D\r\r", "P\r\r", "x\r\r", "i\r\r", "a\r\r", ":\x1b\x1b"],
)  # fmt: skip
async def test_a_key_that_comes_twice_in_one_write_counts_once(
    keys: str, fresh_demo: DemoProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with browsing(acting_on(fresh_demo.v1, fresh_demo.api_key)) as pilot:
        for _ in range(2):
            await _at_once(pilot, keys)
            await settle(pilot)
            for _ in range(6):
                await press(pilot, "escape")
            assert is_main(pilot)


async def _at_once(pilot: object, keys: str) -> None:
    names = {"\r": "enter", "\x1b": "escape"}
    await give(pilot, [names.get(key, key_name(key)) for key in keys])  # type: ignore[arg-type]
    await asyncio.sleep(0.3)


async def test_a_second_enter_does_not_confirm_what_the_first_one_opened(
    fresh_demo: DemoProcess,
) -> None:
    async with browsing(acting_on(fresh_demo.v1, fresh_demo.api_key)) as pilot:
        run_id = page_ids(pilot)[0]
        await press(pilot, "colon")
        await _at_once(pilot, "publish\r\r\r")
        await waits(pilot, lambda: "enter checks" in screen_text(pilot))
        await press(pilot, "escape")
        await press(pilot, "colon")
        await _at_once(pilot, "delete\r\r\r")
        await settle(pilot)
        assert isinstance(top(pilot), DestroyDialog) or is_main(pilot)
        assert there(fresh_demo.v1, [run_id]) == {run_id}


async def test_an_enter_after_the_answer_does_not_open_the_run_below(demo: DemoProcess) -> None:
    async with browsing(demo.v1) as pilot:
        here = page_ids(pilot)
        await press(pilot, "number_sign")
        await _at_once(pilot, f"{here[5]}\r\r")
        await settle(pilot)
        assert main_screen(pilot).pane.run_id == here[5]


@pytest.mark.parametrize("gap", [0.0, 0.02, 0.06])
async def test_a_doubled_or_held_enter_replaces_no_file(
    gap: float, fresh_demo: DemoProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "mine.csv"
    path.write_text("mine")
    async with browsing(acting_on(fresh_demo.v1, fresh_demo.api_key)) as pilot:
        await press(pilot, "x")
        top(pilot).query_one(Input).focus()
        await press(pilot, "ctrl+u")
        await type_into(pilot, str(path))
        for _ in range(12):
            await give(pilot, ["enter"])
            await asyncio.sleep(gap)
        await asyncio.sleep(0.3)
        await settle(pilot)
        sees(pilot, "is there already")
        assert path.read_text() == "mine"
        await agree(pilot)
        await settle(pilot)
        assert path.read_text() != "mine"
