"""The browser ends while a key is still followed: nothing goes on behind it that fails unseen."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from textual import events
from textual.pilot import Pilot

from runbrowser.demo.launch import DemoProcess

from .harness import app_on, settle

_ENDS_WITHIN = 30.0


def _recorded(loop: asyncio.AbstractEventLoop) -> list[asyncio.Task[Any]]:
    """Every task that begins on the loop from now on."""
    tasks: list[asyncio.Task[Any]] = []

    def make(
        loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, Any], **options: Any
    ) -> asyncio.Task[Any]:
        task = asyncio.Task(work, loop=loop, **options)
        tasks.append(task)
        return task

    loop.set_task_factory(make)
    return tasks


async def test_an_end_while_a_choice_is_carried_out_leaves_no_failed_task(
    demo: DemoProcess,
) -> None:
    """A task whose exception nobody takes writes a traceback over the shell's prompt."""
    app = app_on(demo.v1)

    async def choose(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        app.keystrokes.hold()  # as when a command is chosen, such as the one that quits
        await app.typeahead.add(events.Key("j", "j"))
        app.exit()

    loop = asyncio.get_running_loop()
    tasks = _recorded(loop)
    try:
        await app.run_async(headless=True, size=(140, 40), auto_pilot=choose)
        app.keystrokes.release()
        done, at_work = await asyncio.wait(tasks, timeout=_ENDS_WITHIN)
    finally:
        loop.set_task_factory(None)
    assert at_work == set()
    assert [task.exception() for task in done if not task.cancelled() and task.exception()] == []
