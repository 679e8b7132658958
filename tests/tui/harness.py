"""Opens the browser on a real server and reads its screen as a person would."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from textual import events
from textual.pilot import Pilot
from textual.widgets import Static

from runbrowser.client.http import AsyncHTTPClient
from runbrowser.models import RunFilter
from runbrowser.openml.base import RunSource
from runbrowser.openml.live import LiveSource
from runbrowser.pages.status import Note
from runbrowser.tui.app import RunBrowser
from runbrowser.tui.features.browsing import Browsing
from runbrowser.tui.keystrokes import DOUBLED, Keystrokes
from runbrowser.tui.opening import OpenSource
from runbrowser.tui.screens.main import MainScreen
from runbrowser.tui.workspace import Workspace

PATIENCE = 30.0
"""Seconds after which a test that waits for something gives up; nothing is measured by it."""

_LOOKS_EVERY = 0.005  # seconds between two looks whether something holds
_ROUNDS = 50  # times that what was drawn may ask for something else to be drawn

LABEL = "V1 openml"


def live(
    v1: str, *, key: str | None = None, user_id: int | None = None, v2: str | None = None
) -> OpenSource:
    """What opens a LiveSource, named the same whatever port it is on."""

    def open_source(tell: object) -> RunSource:
        http_v2 = AsyncHTTPClient(v2) if v2 else None
        http = AsyncHTTPClient(v1, key, retry="none")  # a failure is told at once
        source = LiveSource(http, http_v2, prefer_v2=v2 is not None, user_id=user_id)
        source.label = LABEL
        return source

    return open_source


def app_on(
    open_source: OpenSource | str, filter: RunFilter | None = None, *, page_size: int = 30
) -> RunBrowser:
    """The browser on a source, or on the server with V1 at a URL."""
    if isinstance(open_source, str):
        open_source = live(open_source)
    return RunBrowser(open_source, filter, page_size=page_size)


@asynccontextmanager
async def browsing(
    open_source: OpenSource | str,
    filter: RunFilter | None = None,
    *,
    size: tuple[int, int] = (140, 40),
    page_size: int = 30,
    settled: bool = True,
) -> AsyncIterator[Pilot[int]]:
    """The browser, drawn and settled; ``settled=False`` gives it as soon as it runs."""
    app = app_on(open_source, filter, page_size=page_size)
    async with app.run_test(size=size) as pilot:
        if settled:
            await settle(pilot)
        yield pilot


def main_screen(pilot: Pilot[int]) -> MainScreen:
    """The main screen, whatever lies over it."""
    screen = pilot.app.screen_stack[0]
    assert isinstance(screen, MainScreen)
    return screen


def browser(pilot: Pilot[int]) -> Browsing:
    """The features of the main screen that need a source."""
    browsing = main_screen(pilot).browsing
    assert browsing is not None
    return browsing


def workspace(pilot: Pilot[int]) -> Workspace:
    """What is being browsed."""
    return browser(pilot).workspace


def _busy(pilot: Pilot[int]) -> bool:
    screen = main_screen(pilot)
    features = screen.browsing
    return (
        any(not worker.is_finished for worker in pilot.app.workers)
        or (features is not None and _busy_features(features))
        or not screen.query("#sidebar-note")
        or not pilot.app.typeahead.is_idle  # type: ignore[attr-defined]
    )


def _busy_features(features: Browsing) -> bool:
    pager = features.workspace.pager
    return pager.busy or features.pages.news_waiting or features.detail.is_resting


async def eventually(happened: Callable[[], object]) -> None:
    """Waits until something holds where there is no browser any more."""
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline, "it did not come to pass"
        await asyncio.sleep(_LOOKS_EVERY)


async def until(pilot: Pilot[int], happened: Callable[[], object]) -> None:
    """Waits until something holds; fails when it does not come to pass."""
    if happened():
        return
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline, "it did not come to pass:\n" + screen_text(pilot)
        await asyncio.sleep(_LOOKS_EVERY)
    await drawn(pilot)  # at the end only: to draw every half picture takes most of the time


def _is_drawn(pilot: Pilot[int]) -> bool:
    """Whether no widget has a message to handle, and nothing waits to be laid out or drawn."""
    screen = pilot.app.screen
    widgets = list(screen.walk_children(with_self=True))
    return (
        not any(pump.message_queue_size for pump in (pilot.app, *widgets))
        and not any(pump._next_callbacks for pump in (pilot.app, *widgets))
        and not any(widget._layout_required or widget._repaint_required for widget in widgets)
        and not (screen._dirty_widgets or screen._callbacks or screen._scroll_required)
        and not (pilot.app.animator._animations or pilot.app.animator._scheduled)
    )


async def drawn(pilot: Pilot[int]) -> None:
    """Waits until all that was sent to widgets is handled and drawn, however slow the machine is.
    Textual's own pause ends when little of the processor was used, as on one that others use, too.
    """
    for _ in range(_ROUNDS):
        await pilot.pause(0)
        if _is_drawn(pilot):
            return


async def settle(pilot: Pilot[int]) -> None:
    """Waits until no worker runs, no news waits to be drawn, and all that was drawn is there."""
    while True:
        await until(pilot, lambda: not _busy(pilot))
        await pilot.pause()
        await drawn(pilot)
        if not _busy(pilot):
            return


async def press(pilot: Pilot[int], *keys: str) -> None:
    """Presses keys and waits until what they started is done. An Enter after another one comes
    as from somebody who has read what that one brought.
    """
    if keys[:1] == ("enter",):
        keystrokes: Keystrokes = pilot.app.keystrokes  # type: ignore[attr-defined]
        await asyncio.sleep(max(0.0, keystrokes.enter + 1.5 * DOUBLED - time.monotonic()))
    await pilot.press(*keys)
    await settle(pilot)


async def steps(pilot: Pilot[int], *keys: str) -> None:
    """Presses keys as somebody does who waits for what each of them brings."""
    for key in keys:
        await press(pilot, key)


async def hold_key(pilot: Pilot[int], key: str, times: int) -> None:
    """A key that repeats faster than anything is drawn."""
    for _ in range(times):
        pilot.app.post_message(events.Key(key, key))
        await asyncio.sleep(0)
    await pilot.pause()


async def write(pilot: Pilot[int], text: str) -> None:
    """Types a text, character by character."""
    names = {" ": "space", "\t": "tab"}
    await pilot.press(*(names.get(char, char) for char in text))


def screen_lines(pilot: Pilot[int]) -> list[str]:
    """The lines of the screen as they are drawn, blanks at the end cut off."""
    strips = pilot.app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip).rstrip() for strip in strips]


def screen_text(pilot: Pilot[int]) -> str:
    """The screen as one text."""
    return "\n".join(screen_lines(pilot))


def raw_text(pilot: Pilot[int]) -> str:
    """Every character that is drawn, as it goes to the terminal."""
    strips = pilot.app.screen._compositor.render_strips()
    return "".join(segment.text for strip in strips for segment in strip)


def picture(pilot: Pilot[int]) -> list[tuple[str, str]]:
    """The screen with its colours: every piece of text that is drawn, and its style."""
    strips = pilot.app.screen._compositor.render_strips()
    return [(segment.text, str(segment.style)) for strip in strips for segment in strip]


def status_line(pilot: Pilot[int]) -> str:
    """The upper status line: what is shown, filter, states, source."""
    return str(main_screen(pilot).status.render()).partition("\n")[0]


def note(pilot: Pilot[int]) -> str:
    """What the browser says last, else what became of the last action; '' when it shows the key
    hints.
    """
    status = main_screen(pilot).status
    told = status.note or status.outcome
    return told.text if isinstance(told, Note) else ""


def notice(pilot: Pilot[int]) -> str:
    """What stands in place of rows; '' when there are rows."""
    widget = main_screen(pilot).query_one("#notice", Static)
    return str(widget.render()) if widget.display else ""


def shown_ids(pilot: Pilot[int]) -> list[int]:
    """Run ids of the page, read out of the cells of the table, top to bottom."""
    table = main_screen(pilot).table
    return [int(str(table.get_row_at(place)[0])) for place in range(table.row_count)]


def cell(pilot: Pilot[int], run_id: int, column: str) -> str:
    """The text of one cell of the table."""
    table = main_screen(pilot).table
    place = shown_ids(pilot).index(run_id)
    return str(table.get_cell(str(place), column))


def detail_text(pilot: Pilot[int]) -> str:
    """The whole page of the detail pane, scrolled out of sight or not."""
    return main_screen(pilot).pane.page.text


def current_id(pilot: Pilot[int]) -> int | None:
    """The run under the cursor."""
    row = main_screen(pilot).table.current
    return None if row is None else row.run_id


async def open_run(pilot: Pilot[int], run_id: int) -> None:
    """Reads a run by its number, as a person does with '#'."""
    await pilot.press("number_sign")
    await write(pilot, str(run_id))
    await press(pilot, "enter")
