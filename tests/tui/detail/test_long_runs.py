"""A run with 100,000 parameters, 100,000 tags or 10,000 files: no more is made than is seen."""

from __future__ import annotations

import re
import threading
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from runbrowser.demo.launch import DemoProcess
from runbrowser.fields.filters import parse
from runbrowser.pages.lines import Each
from runbrowser.tui.widgets import page_view

from ..counting import Counting, Reply, counting
from ..harness import browsing, main_screen, press, settle

RUN = 903201
MANY = 2_000
"""Things from which on no part of a page is laid out on the event loop."""

LISTS = {
    "parameters": (
        100_000,
        "<oml:parameter_setting><oml:name>p{0}</oml:name><oml:value>{0}</oml:value>"
        "<oml:component>9201</oml:component></oml:parameter_setting>",
        "<oml:parameter_setting>",
    ),
    "tags": (100_000, "<oml:tag>tag-{0}</oml:tag>", "<oml:tag>"),
    "tags with blanks": (100_000, "<oml:tag>tag {0}</oml:tag>", "<oml:tag>"),
    "files": (
        10_000,
        "<oml:file><oml:did>-1</oml:did><oml:file_id>{0}</oml:file_id><oml:name>f{0}</oml:name>"
        "<oml:url>http://127.0.0.1/data/download/{0}/f{0}</oml:url></oml:file>",
        "<oml:file>",
    ),
}
"""How many of them, one of them, and before what they stand in a description."""


@dataclass
class Made:
    """What was made of pages."""

    lines: int = 0  # of lists of things
    rows: int = 0  # drawn
    laid_out_by: set[str] = field(default_factory=set)  # threads, where there were many things

    def since(self) -> tuple[int, int]:
        """Lines and rows since the last time."""
        lines, rows = self.lines, self.rows
        self.lines = self.rows = 0
        return lines, rows


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Made:
    made = Made()
    begin, drawn, to_content = Each.__init__, Each._drawn, page_view.line_content

    def count_things(self: Any, things: Any, *more: Any) -> None:
        if len(things) > MANY:
            made.laid_out_by.add(threading.current_thread().name)
        begin(self, things, *more)

    def count_lines(self: Any, start: int, stop: int) -> Iterator[Any]:
        for line in drawn(self, start, stop):
            made.lines += 1
            yield line

    def count_rows(*line: Any, **options: Any) -> Any:
        made.rows += 1
        return to_content(*line, **options)

    monkeypatch.setattr(Each, "__init__", count_things)
    monkeypatch.setattr(Each, "_drawn", count_lines)
    monkeypatch.setattr(page_view, "line_content", count_rows)
    return made


@pytest.fixture
def served(request: pytest.FixtureRequest, demo: DemoProcess) -> Iterator[Counting]:
    """The demo server, with one run that has many of something."""
    number, one, before = LISTS[request.param]
    with counting(demo.v1) as counted:
        with urllib.request.urlopen(f"{demo.v1}run/{RUN}") as answer:
            text = answer.read().decode()
        many = "".join(one.format(n) for n in range(number))
        text = re.sub(before, lambda found: many + found[0], text, count=1)
        counted.answer(f"run/{RUN}$", Reply(200, "text/xml", text.encode()))
        yield counted


@pytest.mark.parametrize("served", LISTS, indirect=True)
async def test_only_what_is_seen_of_a_long_run_is_made(served: Counting, made: Made) -> None:
    screens = 6 * 40  # a key may draw a screen more than once; never all of 10,000 lines
    async with browsing(served.v1, parse(f"run:{RUN}")) as pilot:
        made.since()
        await press(pilot, "enter")
        opened = made.since()
        page = main_screen(pilot).pane.page
        assert len(page.rows) > 9_000
        keys = {}
        for key in ("G", "k", "pageup", "g", "j"):
            await press(pilot, key)
            keys[key] = made.since()
        await pilot.resize_terminal(100, 30)
        await settle(pilot)
        keys["resize"] = made.since()
        await press(pilot, "G")
        assert page.scroll_y == page.max_scroll_y > 9_000
        made.since()
        await pilot.press("q")
        keys["q"] = made.since()
    assert pilot.app.return_code == 0
    assert max(opened) < screens, opened
    assert all(max(counts) < screens for counts in keys.values()), keys
    assert made.laid_out_by == {"work"}
