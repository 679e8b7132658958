"""Makes the pictures that the README shows, from the browser on the embedded demo.

``python scripts/screenshots.py [NAME ...]`` writes screenshots/NAME.svg; every picture is a real
run of the browser, driven by keys. ``--check`` writes nothing and names the pictures that do not
show any more what the browser does. Needs the ``demo`` extra.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
os.environ.setdefault("COLORTERM", "truecolor")

from runbrowser.demo import DEMO_USER_ID
from runbrowser.demo.launch import DemoProcess, start
from runbrowser.fields.filters import parse
from runbrowser.openml.base import RunSource
from runbrowser.tui.app import RunBrowser

_FONT = re.compile(r"@font-face\s*{[^}]*}")  # fetched from elsewhere; the reader's own will do
FOLDER = Path(__file__).parent.parent / "screenshots"


@dataclass(frozen=True)
class Picture:
    """A size in cells, a filter to start with, and the keys that lead to the picture."""

    size: tuple[int, int]
    filter: str = ""
    keys: tuple[str, ...] = ()


PICTURES = {
    "browse": Picture((140, 40)),
    "failed": Picture((140, 40), "task:9101 state:failed", ("enter",)),
    "read": Picture((140, 40), "task:9102", ("j", "j", "j", "enter")),
    "errors": Picture((140, 40), "", ("E",)),
    "flows": Picture((140, 40), "", ("E", "b")),
    "best": Picture((120, 34), "task:9101", ("L",)),
    "predictions": Picture((140, 40), "task:9102", ("j", "j", "j", "enter", "i")),
    "compare": Picture((140, 40), "task:9101", ("L", "equals_sign")),
    "filter": Picture((100, 30), "task:9101", ("slash", *"tag:op")),
    "help": Picture((100, 30), "", ("question_mark",)),
    "narrow": Picture((80, 24)),
    "narrow-read": Picture((80, 24), "state:failed", ("enter",)),
    "tiny": Picture((60, 20)),
}


async def settled(app: RunBrowser, pause: float = 0.4) -> None:
    """Waits until no worker is busy and the last news is drawn."""
    for _ in range(3):
        await app.workers.wait_for_complete()
        await asyncio.sleep(pause)


async def drawn(picture: Picture, server: DemoProcess) -> str:
    """One picture as SVG."""
    from runbrowser.client.http import AsyncHTTPClient
    from runbrowser.openml.live import LiveSource

    def open_source(tell: object) -> RunSource:
        http = AsyncHTTPClient(server.v1, server.api_key)
        source = LiveSource(http, user_id=DEMO_USER_ID)
        source.label = "demo, V1 127.0.0.1"
        return source

    app = RunBrowser(open_source, parse(picture.filter))
    async with app.run_test(size=picture.size) as pilot:
        await pilot.pause()
        await settled(app)
        for key in picture.keys:
            await pilot.press(key)
            await pilot.pause()
        await settled(app)
        await pilot.pause()
        return _FONT.sub("", app.export_screenshot(title="runbrowser"))


def shown(svg: str) -> list[str]:
    """The texts of a picture; its colours and the names of its styles may differ."""
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def main() -> int:
    """All pictures, or those named; how many are out of date, when that is asked."""
    check = "--check" in sys.argv[1:]
    names = [name for name in sys.argv[1:] if name != "--check"] or list(PICTURES)
    FOLDER.mkdir(exist_ok=True)
    stale = 0
    with start() as server:
        for name in names:
            svg = asyncio.run(drawn(PICTURES[name], server))
            file = FOLDER / f"{name}.svg"
            if not check:
                file.write_text(svg, encoding="utf-8")
                print(f"screenshots/{name}.svg")
            elif not file.exists() or shown(file.read_text("utf-8")) != shown(svg):
                stale += 1
                print(f"screenshots/{name}.svg shows another browser than this one")
    return min(stale, 1)


if __name__ == "__main__":
    sys.exit(main())
