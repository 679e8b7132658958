"""What a session leaves behind: nothing grows with how often something was opened and left."""

from __future__ import annotations

import asyncio
import gc
import warnings
from collections import Counter

import pytest
from textual._styles_cache import StylesCache
from textual.message_pump import MessagePump
from textual.pilot import Pilot
from textual.strip import Strip
from textual.timer import Timer
from textual.worker import Worker

from runbrowser.client.http import AsyncHTTPClient
from runbrowser.demo.launch import DemoProcess
from runbrowser.models import Run, RunFilter
from runbrowser.openml.pager import Pager

from .harness import browsing, main_screen, press, settle, until, workspace

ROUND = (
    *("enter", "escape"),  # a run
    *("question_mark", "escape"),
    *("colon", "escape"),
    *("E", "escape"),
    *("L", "escape"),
    *("x", "escape"),
    *("c", "escape"),
    *("s", "escape"),
    *("T", "escape"),
    *("number_sign", "escape"),
    *("space", "j", "space", "equals_sign", "escape", "escape", "g"),
)
ROUNDS = 2
KINDS = (MessagePump, StylesCache, Worker, Timer, asyncio.Task, Run, Pager, AsyncHTTPClient)
"""What must be gone with what it was made for; values are kept by caches of a fixed size."""


def census() -> Counter[str]:
    """How many objects of those kinds there are, by class."""
    gc.collect()
    return Counter(type(one).__qualname__ for one in gc.get_objects() if isinstance(one, KINDS))


async def go_round(pilot: Pilot[int]) -> None:
    for key in ROUND:
        await press(pilot, key)
    await until(pilot, lambda: pilot.app.screen is main_screen(pilot))
    await settle(pilot)


async def test_what_was_opened_and_left_leaves_no_object_behind(demo: DemoProcess) -> None:
    async with browsing(demo.v1) as pilot:
        await go_round(pilot)
        before = census()
        for _ in range(ROUNDS):
            await go_round(pilot)

        def more() -> dict[str, int]:
            return {
                kind: count - before[kind]
                for kind, count in census().items()
                if count - before[kind] >= ROUNDS
            }

        await until(pilot, lambda: not more())


async def test_what_was_drawn_of_a_screen_that_was_left_is_not_kept(demo: DemoProcess) -> None:
    def strips() -> int:
        gc.collect()
        return sum(isinstance(one, Strip) for one in gc.get_objects())

    async with browsing(demo.v1) as pilot:
        await press(pilot, "question_mark")
        await press(pilot, "escape")
        before = strips()
        for _ in range(5):
            await press(pilot, "question_mark")
            await press(pilot, "escape")
        height = pilot.app.size.height
        await until(pilot, lambda: strips() <= before + height)


@pytest.mark.filterwarnings("always")
async def test_work_that_is_called_off_before_it_began_leaves_no_coroutine(
    demo: DemoProcess,
) -> None:
    async with browsing(demo.v1) as pilot:
        with warnings.catch_warnings(record=True) as seen:
            for number in (9101, 9102, 9101):  # in one go, before any is asked for
                workspace(pilot).selection.show(RunFilter(task=(number,)))
            await settle(pilot)
            gc.collect()
        assert [str(one.message) for one in seen if one.category is RuntimeWarning] == []
