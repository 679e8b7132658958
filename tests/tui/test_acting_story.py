"""Thirty failed runs from mark to trash and back, in a real terminal, the database watched."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from runbrowser.bulk.trash import Trash
from runbrowser.demo import DEMO_USER_ID
from runbrowser.demo.launch import DemoProcess, start
from tests.bulk.faulty import proxy_before

from .deeds import Gate
from .pty_harness import Terminal, plain_environ, terminal, until

PAGES, PAGE_SIZE = 3, 10
ALL = PAGES * PAGE_SIZE
GOES_THROUGH = 8  # deletes before the server is slow


class Database:
    """What the demo's database holds, asked of the file itself."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def _ids(self, sql: str, *values: object) -> set[int]:
        with closing(sqlite3.connect(f"file:{self._path}?mode=ro", uri=True)) as database:
            return {row[0] for row in database.execute(sql, values)}

    def own(self) -> set[int]:
        """The demo user's runs."""
        return self._ids("SELECT id FROM run WHERE uploader = ?", DEMO_USER_ID)

    def tagged(self, tag: str) -> set[int]:
        """The runs with a tag."""
        return self._ids("SELECT run_id FROM run_tag WHERE tag = ?", tag)


@pytest.fixture
def world(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[DemoProcess, Database]]:
    """A demo that outlives the browser, and its database."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with start() as demo:
        (path,) = tmp_path.glob("runbrowser-demo-*/*.db")
        yield demo, Database(path)


def _shown(text: str) -> set[int]:
    return set(map(int, re.findall(r"(\d{6})  ✗ failed", text)))


def _mark_page(screen: Terminal, number: int, before: set[int]) -> set[int]:
    """Marks a page whole; the runs on it."""

    def is_there(text: str) -> bool:
        return f"page {number}" in text and len(_shown(text) - before) == PAGE_SIZE

    rows = _shown(screen.wait(is_there))
    screen.press("*")
    screen.wait(lambda text: f"● {number * PAGE_SIZE} marked" in text)
    return rows


def _mark_pages(screen: Terminal) -> set[int]:
    """Marks three pages whole; the runs on them."""
    marked = _mark_page(screen, 1, set())
    for number in range(2, PAGES + 1):
        screen.press("n")
        marked |= _mark_page(screen, number, marked)
    return marked


@pytest.mark.timeout(300)
def test_thirty_runs_are_tagged_untagged_deleted_half_way_taken_up_and_restored(
    world: tuple[DemoProcess, Database], tmp_path: Path
) -> None:
    demo, database = world
    home = tmp_path / "home"
    state = tmp_path / "state"
    home.mkdir()
    environ = plain_environ(home, OPENML_APIKEY=demo.api_key, RUNBROWSER_STATE_DIR=str(state))
    environ["RUNBROWSER_USER_ID"] = str(DEMO_USER_ID)
    before = database.own()
    with proxy_before(demo.v1) as proxy:
        gate = Gate("DELETE", passes=GOES_THROUGH)
        proxy.fault = gate
        words = ["--server", proxy.v1, "--no-fallback", "--page-size", str(PAGE_SIZE)]
        words += ["uploader:me state:failed"]
        with terminal(words, environ, columns=140, lines=40) as screen:
            wanted = _mark_pages(screen)
            assert len(wanted) == ALL and wanted <= before

            screen.press("t")
            screen.wait(lambda text: f"for {ALL} runs" in text)
            screen.press("story")
            screen.wait(lambda text: f"Tag {ALL} runs with story" in text)
            screen.press("\r")
            screen.wait(lambda text: f"tagged {ALL} runs (story); z undoes" in text)
            assert database.tagged("story") == wanted

            screen.press("z")
            screen.wait(lambda text: f"untagged {ALL} runs (story)" in text)
            assert database.tagged("story") == set()

            screen.press("D")
            screen.wait(lambda text: f"type {ALL} to delete" in text)
            assert database.own() == before
            screen.press(f"{ALL}\r")
            assert until(lambda: screen.read() and gate.held)
            screen.wait(lambda text: f"{GOES_THROUGH} of {ALL}; X stops" in text)
            assert len(before - database.own()) == GOES_THROUGH
            screen.press("X")
            screen.wait(lambda text: f"{GOES_THROUGH} of {ALL}; stopping" in text)
            gate.open()
            screen.wait(lambda text: re.search(rf"deleted \d+ of {ALL} runs", text))
            gone = before - database.own()
            assert GOES_THROUGH <= len(gone) < ALL and gone <= wanted
            screen.press("q")
            assert screen.end() == 0
        assert before - database.own() == gone
        assert {entry.run_id for entry in Trash(state).entries()} == gone

        with terminal(words, environ, columns=140, lines=40) as screen:
            screen.wait(lambda text: f"Broke off: delete {ALL} runs" in text)
            screen.press("\r")
            screen.wait(lambda text: re.search(rf"deleted (\d+ of )?{ALL} runs", text))
            assert before - database.own() == wanted
            assert sorted(entry.run_id for entry in Trash(state).entries()) == sorted(wanted)
            sent = [asked.path for asked in proxy.asked if asked.method == "DELETE"]
            assert sorted(sent) == sorted(f"run/{run_id}" for run_id in wanted)  # each once

            screen.press(":")
            screen.wait(lambda text: "Search for commands" in text)
            screen.press("trash")
            screen.wait(lambda text: "Trash: runs deleted here" in text)
            screen.press("\r")
            screen.wait(lambda text: f"Trash   {ALL} copies" in text)
            screen.press("*")
            screen.wait(lambda text: f"● {ALL} marked" in text)
            screen.press("r")
            screen.wait(lambda text: f"restored {ALL} runs" in text)
            entries = Trash(state).entries()
            new = {entry.restored_as for entry in entries}
            assert len(new) == ALL and database.own() == (before - wanted) | new
            screen.press("q")
            assert screen.end() == 0
