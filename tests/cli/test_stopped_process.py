"""Every lock there is held by a process that was stopped: the verbs and the browser go on."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from pathlib import Path

import pytest

from runbrowser.demo import DEMO_USER_ID
from runbrowser.demo.launch import DemoProcess
from tests.cli.conftest import Cli
from tests.support.holders import stopped_holder
from tests.tui.pty_harness import terminal

HOLD_ALL = """
from runbrowser.locks import Lock, locked_folder
for name in ("session.json", "views.toml", "newest.json"):
    globals()[name] = Lock(folder / "state" / name)
cache = locked_folder(folder / "cache")
cache.__enter__()
"""
HOLD_A_JOURNAL = """
from runbrowser.bulk.journal import Journal
from runbrowser.bulk.operations import TAG
from runbrowser.bulk.plan import Item
held = Journal.create(folder / "state", TAG.plan([Item({run_id})], "held"), "{server}")
"""
HOLD_THE_TRASH = """
from runbrowser.bulk.trash import Trash
def files():
    yield {{"file": "files/1", "kind": "file", "name": "f"}}, b"x"
    wait()
Trash(folder / "state").store("{server}", {{"run_id": {run_id}}}, files())
"""


@pytest.fixture
def run_id(catalogue: sqlite3.Connection) -> int:
    """A run of the demo's user that no study lists."""
    (run_id,) = catalogue.execute(
        "SELECT min(id) FROM run WHERE uploader = ? AND id NOT IN (SELECT run_id FROM study_run)",
        (DEMO_USER_ID,),
    ).fetchone()
    return int(run_id)


def test_verbs_end_while_stopped_processes_hold_every_lock(
    cli: Cli, fresh_demo: DemoProcess, run_id: int
) -> None:
    env = {"OPENML_SERVER": fresh_demo.v1, "OPENML_APIKEY": fresh_demo.api_key}
    run, about = str(run_id), {"run_id": run_id, "server": fresh_demo.v1}
    codes = (HOLD_ALL, HOLD_A_JOURNAL.format(**about), HOLD_THE_TRASH.format(**about))
    with contextlib.ExitStack() as holders:
        for code in codes:
            holders.enter_context(stopped_holder(cli.home, code))
        for words in (
            ["get", run],
            ["list", "--id", run],
            ["tag", "held", run],
            ["untag", "held", run],
            ["delete", "--yes", run],
        ):
            done = cli(*words, env=env)
            assert done.code == 0, (words, done.err)
        (entry,) = json.loads(cli("trash", "list", "--format", "json").out)
        assert entry["run_id"] == run_id
        done = cli("trash", "restore", run, env=env)
        assert done.code == 0, done.err
        cleared = cli("config", "cache", "--clear")
        assert cleared.code == 2 and "another process is at work on the kept" in cleared.err


def test_the_browser_opens_and_is_left_while_a_stopped_process_holds_the_locks(
    cli: Cli, demo: DemoProcess, tmp_path: Path
) -> None:
    with (
        stopped_holder(tmp_path, HOLD_ALL),
        terminal(["--server", demo.v1, "task:9101"], cli.environ) as screen,
    ):
        screen.wait(lambda text: "page 1" in text)
        screen.press("q")
        assert screen.end() == 0
