"""What became of an action stays until the next one or until it is dismissed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual.pilot import Pilot

from runbrowser.demo.launch import DemoProcess
from runbrowser.fields.filters import parse
from runbrowser.tui.dialogs.goto import Goal, GoToDialog, read_goal

from .deeds import FAILED, acting_on, page_ids
from .harness import browsing, detail_text, press, screen_lines, screen_text, write

SIZES = [(140, 40), (80, 24)]


@asynccontextmanager
async def _tagged(
    demo: DemoProcess, size: tuple[int, int] = (140, 40)
) -> AsyncIterator[Pilot[int]]:
    source = acting_on(demo.v1, demo.api_key)
    async with browsing(source, parse(FAILED), page_size=5, size=size) as pilot:
        await press(pilot, "t")
        await write(pilot, "look-at-this")
        await press(pilot, "enter")
        assert "z undoes" in _foot(pilot)
        yield pilot


def _foot(pilot: Pilot[int]) -> str:
    return " ".join(screen_lines(pilot)[-4:])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "keys",
    [("n",), ("p",), ("r",), ("y",), ("asterisk",), ("s", "escape"), ("S",), ("j", "enter"),
     ("n", "n", "p"), ("w",), ("comma",), ("X",)],
    ids="-".join,
)  # fmt: skip
async def test_no_notice_pushes_an_outcome_away(
    fresh_demo: DemoProcess, keys: tuple[str, ...], size: tuple[int, int]
) -> None:
    async with _tagged(fresh_demo, size) as pilot:
        for key in keys:
            await press(pilot, key)
        assert "z undoes" in _foot(pilot)


async def test_esc_dismisses_the_notice_then_the_outcome(fresh_demo: DemoProcess) -> None:
    async with _tagged(fresh_demo) as pilot:
        await press(pilot, "p")
        assert "this is the first page" in _foot(pilot)
        await press(pilot, "escape")
        assert "this is the first page" not in _foot(pilot)
        assert "z undoes" in _foot(pilot)
        await press(pilot, "escape")
        assert "z undoes" not in _foot(pilot)


async def test_the_next_action_takes_its_place(fresh_demo: DemoProcess) -> None:
    async with _tagged(fresh_demo) as pilot:
        first = page_ids(pilot)[0]
        await press(pilot, "z")
        assert f"run {first} untagged" in _foot(pilot)
        assert f"run {first} tagged" not in _foot(pilot)


def test_a_goal_may_be_an_address() -> None:
    assert read_goal("https://www.openml.org/api/v1/xml/run/900118") == Goal(run_id=900118)
    assert read_goal("https://www.openml.org/t/59") is None


async def test_number_sign_takes_the_address_of_a_run(demo: DemoProcess) -> None:
    async with browsing(demo.v1) as pilot:
        wanted = page_ids(pilot)[3]
        await pilot.press("number_sign")
        await write(pilot, f"https://www.openml.org/r/{wanted}")
        await press(pilot, "enter")
        assert detail_text(pilot).startswith(f"Run {wanted}  ")


async def test_number_sign_says_what_to_do_with_the_address_of_a_task(demo: DemoProcess) -> None:
    async with browsing(demo.v1) as pilot:
        await pilot.press("number_sign")
        await write(pilot, "https://www.openml.org/t/59")
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, GoToDialog)
        assert "task 59 is no run: / takes its address" in screen_text(pilot)
