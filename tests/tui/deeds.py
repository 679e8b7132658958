"""What tests of acting in the browser share: the demo's accounts, what its server has."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable, Iterable

import httpx
from textual.pilot import Pilot
from textual.screen import Screen

from runbrowser.client.http import AsyncHTTPClient
from runbrowser.demo import DEMO_USER_ID
from runbrowser.openml.base import RunSource
from runbrowser.openml.live import LiveSource
from runbrowser.tui.keystrokes import DOUBLED
from runbrowser.tui.opening import OpenSource
from tests.bulk.faulty import Asked, Fault
from tests.openml.truth import get

from .harness import LABEL, main_screen, press, screen_lines, screen_text, settle, until

ADMIN_KEY = "ad00000000000000000000000000ad01"
READER_KEY = "0ead0000000000000000000000000e08"
OTHERS_KEY = "f0000000000000000000000000000f03"  # of forest-lab, user 3
FAILED = "uploader:2 state:failed"


def acting_on(
    v1: str,
    key: str | None,
    *,
    user_id: int | None = DEMO_USER_ID,
    key_origin: str = "",
    why: str = "",
) -> OpenSource:
    """What opens a source that may write with a key; ``why``: it may not."""

    def open_source(tell: object) -> RunSource:
        http = AsyncHTTPClient(v1, key, retry="none")
        source = LiveSource(http, user_id=user_id, why_read_only=why, key_origin=key_origin)
        source.label = LABEL
        return source

    return open_source


def tags_of(v1: str, run_id: int) -> list[str]:
    """The tags of a run as its server has them."""
    return re.findall(r"<oml:tag>(.*?)</oml:tag>", get(v1, f"run/{run_id}"))


EMBARGOED = (902_135,)
"""Runs of the demo's own user that no list without a key tells."""


def tagged(v1: str, tag: str) -> set[int]:
    """The runs with a tag, embargoed ones too."""
    reply = get(v1, f"run/list/tag/{tag}/show_errors/true/limit/10000")
    found = set(map(int, re.findall(r"<oml:run_id>(\d+)<", reply)))
    own = {i for i in EMBARGOED if f"<oml:tag>{tag}</oml:tag>" in get(v1, f"run/{i}")}
    return found | own


def there(v1: str, run_ids: Iterable[int]) -> set[int]:
    """Those of the runs that the server still has, embargoed ones too, which no list tells."""
    return {run_id for run_id in run_ids if get(v1, f"run/{run_id}")}


def tag_as(v1: str, key: str, run_id: int, tag: str) -> None:
    """Somebody tags a run, past the browser."""
    form = {"run_id": str(run_id), "tag": tag, "api_key": key}
    httpx.post(f"{v1}run/tag", data=form, timeout=60).raise_for_status()


def page_ids(pilot: Pilot[int]) -> list[int]:
    """Run ids of the page, marked or not, read out of the cells, top to bottom."""
    table = main_screen(pilot).table
    cells = [str(table.get_row_at(place)[0]) for place in range(table.row_count)]
    return [int(cell.lstrip("\u25cf ")) for cell in cells]


def top(pilot: Pilot[int]) -> Screen[object]:
    """The screen or dialog that has the keys."""
    return pilot.app.screen


def is_main(pilot: Pilot[int]) -> bool:
    """Whether no dialog is open."""
    return pilot.app.screen is main_screen(pilot)


async def type_into(pilot: Pilot[int], text: str) -> None:
    """Puts a text into the field that has the keys, as if it were pasted."""
    field = pilot.app.screen.focused
    assert field is not None
    field.insert_text_at_cursor(text)  # type: ignore[attr-defined]
    await settle(pilot)


async def agree(pilot: Pilot[int]) -> None:
    """A second Enter: pressed on its own, once the question could be read."""
    await asyncio.sleep(1.5 * DOUBLED)
    await pilot.press("enter")
    await asyncio.sleep(1.5 * DOUBLED)


async def command(pilot: Pilot[int], name: str) -> None:
    """Runs an action of the main screen that has no key, as the palette does."""
    await pilot.app.run_action(f"app.do('{name}')")
    await settle(pilot)


class Gate:
    """Lets some requests through a proxy and holds the others until it is opened."""

    def __init__(self, method: str, passes: int = 0, path: str = "run/") -> None:
        self._method = method
        self._path = path
        self._left = passes
        self._lock = threading.Lock()
        self._open = threading.Event()
        self.held = 0

    def __call__(self, asked: Asked) -> Fault | None:
        if asked.method != self._method or not asked.path.startswith(self._path):
            return None
        if "/list" in asked.path:  # a list that takes the key in a form is no write
            return None
        with self._lock:
            self._left -= 1
            if self._left >= 0:
                return None
            self.held += 1
        self._open.wait(60)
        return None

    def open(self) -> None:
        """Everything passes from now on."""
        self._open.set()


async def waits(pilot: Pilot[int], happened: Callable[[], object]) -> None:
    """Waits until something holds while a job goes on, which :func:`settle` would wait for."""
    await until(pilot, happened)
    await pilot.pause()


def sees(pilot: Pilot[int], *words: str) -> None:
    """Fails unless all words are on the screen or in its dialog, wherever lines are broken."""
    lines = screen_lines(pilot)
    for dialog in pilot.app.screen.query(".dialog"):
        x, y, width, height = dialog.region
        lines = [line.ljust(x + width)[x : x + width] for line in lines[y : y + height]]
    shown = re.sub(r"[\s│]+", " ", " ".join(lines))
    for word in words:
        assert word in shown, f"{word!r} is not on the screen:\n{screen_text(pilot)}"


async def delete(pilot: Pilot[int], *keys: str) -> None:
    """Opens the dialog for deleting, waits until it has read the runs, and answers with keys."""
    await press(pilot, "D")
    await press(pilot, *keys)
