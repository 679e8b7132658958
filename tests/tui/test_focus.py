"""Whatever way a run was opened in, every key acts on the run that is shown."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from textual.pilot import Pilot

from runbrowser.demo.launch import DemoProcess
from runbrowser.fields import filters
from runbrowser.tui.workspace import RunFocus, row_of_run, unknown_row

from .deeds import acting_on, is_main, top
from .harness import (
    browsing,
    main_screen,
    note,
    open_run,
    press,
    screen_text,
    settle,
    status_line,
    until,
    workspace,
)

ELSEWHERE = 902350  # a run of the demo's user that is on no page shown here

Way = Callable[[Pilot[int]], Awaitable[int]]


async def by_number(pilot: Pilot[int]) -> int:
    """# and its id: it is no row of the page."""
    await open_run(pilot, ELSEWHERE)
    return ELSEWHERE


async def by_row(pilot: Pilot[int]) -> int:
    """Enter on a row."""
    await press(pilot, "j", "enter")
    return opened(pilot)


async def by_leaderboard(pilot: Pilot[int]) -> int:
    """L, then Enter on a line of it."""
    await press(pilot, "L")
    await press(pilot, "j", "j")
    await press(pilot, "enter")
    await until(pilot, lambda: is_main(pilot))
    await settle(pilot)
    return opened(pilot)


async def by_comparison(pilot: Pilot[int]) -> int:
    """= on two marked runs, Enter on one of them; then the marks are taken away."""
    await press(pilot, "space", "j", "space", "g", "equals_sign")
    await press(pilot, "right", "enter")
    await until(pilot, lambda: is_main(pilot))
    main_screen(pilot).actions["clear_marks"].run()
    await settle(pilot)
    return opened(pilot)


async def cursor_with_open_pane(pilot: Pilot[int]) -> int:
    """The pane is open, the keys are the table's: the row under the cursor."""
    await press(pilot, "enter", "tab", "j", "j")
    await settle(pilot)
    row = main_screen(pilot).table.current
    assert row is not None
    return row.run_id


async def back_in_the_table(pilot: Pilot[int]) -> int:
    """A run from elsewhere is open, but the keys are the table's again."""
    await open_run(pilot, ELSEWHERE)
    await press(pilot, "tab")
    row = main_screen(pilot).table.current
    assert row is not None
    return row.run_id


def opened(pilot: Pilot[int]) -> int:
    run_id = main_screen(pilot).pane.run_id
    assert run_id is not None
    return run_id


WAYS = (
    by_number,
    by_row,
    by_leaderboard,
    by_comparison,
    cursor_with_open_pane,
    back_in_the_table,
)


async def deletes(pilot: Pilot[int]) -> str:
    await press(pilot, "D")
    return screen_text(pilot) if not is_main(pilot) else note(pilot)


async def tags(pilot: Pilot[int]) -> str:
    await press(pilot, "t")
    return screen_text(pilot)


async def untags(pilot: Pilot[int]) -> str:
    await press(pilot, "T")
    return screen_text(pilot)


async def copies_its_id(pilot: Pilot[int]) -> str:
    await press(pilot, "y")
    return note(pilot)


async def offers_copies(pilot: Pilot[int]) -> str:
    await press(pilot, "Y")
    return screen_text(pilot)


async def opens_its_page(pilot: Pilot[int]) -> str:
    await press(pilot, "o")
    return note(pilot)


async def copies_a_value(pilot: Pilot[int]) -> str:
    await press(pilot, "C")
    return screen_text(pilot)


async def marks(pilot: Pilot[int]) -> str:
    await press(pilot, "space")
    return f"run {workspace(pilot).marks.ids}"


KEYS = (
    deletes,
    tags,
    untags,
    copies_its_id,
    offers_copies,
    opens_its_page,
    copies_a_value,
    marks,
)


@asynccontextmanager
async def own_runs(demo: DemoProcess, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Pilot[int]]:
    """The browser on the runs of the demo's user, a page that lacks the run from elsewhere."""
    monkeypatch.setenv("SSH_CONNECTION", "1")  # an address is copied, no browser is started
    mine = filters.parse("uploader:2")
    async with browsing(acting_on(demo.v1, demo.api_key), mine, page_size=20) as pilot:
        yield pilot


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
async def test_every_key_acts_on_the_run_that_is_shown(
    demo: DemoProcess, monkeypatch: pytest.MonkeyPatch, way: Way
) -> None:
    async with own_runs(demo, monkeypatch) as pilot:
        run_id = await way(pilot)
        others = {row.run_id for row in main_screen(pilot).table.runs} | {ELSEWHERE, opened(pilot)}
        others -= {run_id}
        for key in KEYS:
            words = await key(pilot)
            while not is_main(pilot):
                before = top(pilot)
                named = {int(found) for found in re.findall(r"run (\d{6})", _dialog(words))}
                assert not named & others, f"{way.__name__}, {key.__name__}: {words}"
                await press(pilot, "escape")
                assert top(pilot) is not before
            assert str(run_id) in words, f"{way.__name__}, {key.__name__}:\n{words}"


def _dialog(words: str) -> str:
    """What a dialog says, without the page beside it."""
    return "\n".join(re.findall(r"[\u2502\u258a\u2590](.*)[\u2502\u258e\u258c]", words))


async def test_the_status_line_says_so_when_keys_act_on_another_run_than_the_cursors(
    demo: DemoProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with own_runs(demo, monkeypatch) as pilot:
        assert "keys act on" not in status_line(pilot)
        await open_run(pilot, ELSEWHERE)
        assert f"keys act on run {ELSEWHERE}" in status_line(pilot)
        await press(pilot, "tab")
        assert "keys act on" not in status_line(pilot)
        await press(pilot, "shift+tab")
        assert f"keys act on run {ELSEWHERE}" in status_line(pilot)
        await press(pilot, "escape")
        assert "keys act on" not in status_line(pilot)


def test_the_pane_has_the_focus_only_while_it_is_open_and_has_the_keys() -> None:
    row = unknown_row(5)
    assert RunFocus(row, None, in_pane=True).run_id == 5
    assert RunFocus(row, 7, in_pane=False).run_id == 5
    assert RunFocus(row, 7, in_pane=True).run_id == 7
    assert RunFocus(None, 7, in_pane=True).is_elsewhere
    assert RunFocus(None, None).run_id is None
    assert row_of_run.__doc__
