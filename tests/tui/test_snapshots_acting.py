"""Pictures of acting on runs, at three sizes, as they were when somebody last looked at them.

After a change that is meant: ``pytest tests/tui/test_snapshots_acting.py --snapshot-update``, then
look.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from runbrowser.demo.launch import DemoProcess
from runbrowser.fields.filters import parse
from runbrowser.pages import trash
from tests.bulk.faulty import Asked, Fault, Proxy, proxy_before, refused
from tests.openml.truth import listed

from .deeds import FAILED, Gate, acting_on, command, type_into, waits
from .harness import app_on, note, press, settle
from .test_snapshots import SIZES, Compare, _size_name

Steps = Callable[[Pilot[int]], Awaitable[None]]
sized = pytest.mark.parametrize("size", SIZES, ids=_size_name)


async def _tag(pilot: Pilot[int]) -> None:
    await press(pilot, "space", "space", "space", "t")
    await type_into(pilot, "known-bug")


async def _wrong_tag(pilot: Pilot[int]) -> None:
    await press(pilot, "t")
    await type_into(pilot, "two words")


async def _untag(pilot: Pilot[int]) -> None:
    await press(pilot, "T")


async def _delete_one(pilot: Pilot[int]) -> None:
    await press(pilot, "D")


async def _delete_several(pilot: Pilot[int]) -> None:
    await press(pilot, *["space"] * 5, "D")
    await press(pilot, "5")


async def _groups(pilot: Pilot[int]) -> None:
    await press(pilot, "E")
    await press(pilot, "space", "space")


async def _publish(pilot: Pilot[int]) -> None:
    await press(pilot, "P")


def _compare(
    snap_compare: Compare, demo: DemoProcess, v1: str, size: tuple[int, int], steps: Steps
) -> bool:
    async def before(pilot: Pilot[int]) -> None:
        await settle(pilot)
        await steps(pilot)

    app = app_on(acting_on(v1, demo.api_key), parse(FAILED), page_size=30)
    return snap_compare(app, terminal_size=size, run_before=before)


@sized
@pytest.mark.parametrize(
    "steps",
    [_tag, _wrong_tag, _untag, _delete_one, _delete_several, _groups, _publish],
    ids=lambda steps: steps.__name__.strip("_"),
)
def test_the_dialogs_that_ask(
    steps: Steps, size: tuple[int, int], demo: DemoProcess, snap_compare: Compare
) -> None:
    assert _compare(snap_compare, demo, demo.v1, size, steps)


@sized
def test_what_is_wrong_with_a_description(
    size: tuple[int, int],
    demo: DemoProcess,
    snap_compare: Compare,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "run.xml").write_text(
        '<oml:run xmlns:oml="http://openml.org/openml">\n<oml:task_id>9101</oml:task_id>\n'
        "<oml:flow_id>x</oml:flow_id>\n<oml:tag>two words</oml:tag>\n</oml:run>\n"
    )
    monkeypatch.chdir(tmp_path)

    async def check(pilot: Pilot[int]) -> None:
        await press(pilot, "P")
        await type_into(pilot, "run.xml")
        await press(pilot, "enter")

    assert _compare(snap_compare, demo, demo.v1, size, check)


@sized
def test_the_trash(
    size: tuple[int, int],
    fresh_demo: DemoProcess,
    snap_compare: Compare,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def delete_some(pilot: Pilot[int]) -> None:
        for _ in range(3):  # one by one: several at once are kept in any order
            await press(pilot, "D")
            await press(pilot, "y")
        await command(pilot, "trash")
        await press(pilot, "space")

    monkeypatch.setattr(trash, "age", lambda then: "2 days ago")  # told by the clock otherwise
    # The copies hold the server's address, of which the port is another every time.
    monkeypatch.setattr(trash, "size_words", lambda size: f"{round(size, -3) // 1000} kB")
    assert _compare(snap_compare, fresh_demo, fresh_demo.v1, size, delete_some)


@sized
def test_the_report_of_an_action_of_which_a_part_failed(
    size: tuple[int, int], fresh_demo: DemoProcess, snap_compare: Compare
) -> None:
    failing: list[str] = []
    own = listed(fresh_demo.v1, "limit/10000/uploader/2/show_errors/true")
    third = sorted((run_id for run_id, error in own if error), reverse=True)[2]

    def fault(asked: Asked) -> Fault | None:
        if asked.path != "run/tag" or asked.form["run_id"] != [str(third)]:
            return None
        failing.append(asked.path)
        return refused(472, "Entity not found")

    async def tag_some(pilot: Pilot[int]) -> None:
        await press(pilot, *["space"] * 5, "t")
        await type_into(pilot, "known-bug")
        await press(pilot, "enter")  # the job is waited for
        await press(pilot, "exclamation_mark")

    with proxy_before(fresh_demo.v1) as proxy:
        proxy.fault = fault
        assert _compare(snap_compare, fresh_demo, proxy.v1, size, tag_some)
    assert failing


@sized
def test_an_action_under_way(
    size: tuple[int, int], fresh_demo: DemoProcess, snap_compare: Compare
) -> None:
    gate = Gate("POST", passes=12, path="run/tag")

    async def tag_slowly(pilot: Pilot[int]) -> None:
        await press(pilot, "asterisk", "t")
        await type_into(pilot, "known-bug")
        await pilot.press("enter")
        await waits(pilot, lambda: "12 of 30" in note(pilot))

    def run(proxy: Proxy) -> bool:
        try:
            return _compare(snap_compare, fresh_demo, proxy.v1, size, tag_slowly)
        finally:
            gate.open()

    with proxy_before(fresh_demo.v1) as proxy:
        proxy.fault = gate
        assert run(proxy)
