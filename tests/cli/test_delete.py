"""The command line deletes runs, keeps them in the trash, takes up what broke off, restores."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from runbrowser.client.http import HTTPClient
from runbrowser.client.resources.runs import RunV1API
from runbrowser.demo import DEMO_USER_ID
from runbrowser.demo.launch import DemoProcess
from runbrowser.errors import OpenMLServerException
from tests.bulk.faulty import LOST_REQUEST, Asked, Fault, proxy_before
from tests.cli.conftest import Cli
from tests.support.demos import start

READER_KEY = "0ead0000000000000000000000000e08"


@pytest.fixture
def own(catalogue: sqlite3.Connection) -> list[int]:
    """Ids of the demo user's runs."""
    rows = catalogue.execute(
        "SELECT id FROM run WHERE uploader = ? AND id NOT IN (SELECT run_id FROM study_run)"
        " ORDER BY id",
        (DEMO_USER_ID,),
    )
    return [run_id for (run_id,) in rows]


@pytest.fixture
def theirs(catalogue: sqlite3.Connection) -> int:
    (run_id,) = catalogue.execute("SELECT min(id) FROM run WHERE uploader = 3").fetchone()
    return int(run_id)


@pytest.fixture
def api(fresh_demo: DemoProcess) -> Iterator[RunV1API]:
    with HTTPClient(fresh_demo.v1, fresh_demo.api_key, retry="none") as http:
        yield RunV1API(http)


def is_there(api: RunV1API, run_id: int) -> bool:
    try:
        return api.get(run_id, reset_cache=True).run_id == run_id
    except OpenMLServerException as error:
        assert error.code == 236
        return False


def env(demo: DemoProcess, **more: str) -> dict[str, str]:
    return {"OPENML_APIKEY": demo.api_key, "OPENML_SERVER": demo.v1, **more}


def test_deleted_runs_are_in_the_trash_and_come_back(
    cli: Cli, fresh_demo: DemoProcess, api: RunV1API, own: list[int]
) -> None:
    ids = [str(i) for i in own[:3]]
    before = api.get(own[0])
    done = cli("delete", *ids, "--yes", env=env(fresh_demo))
    assert done.code == 0, done.err
    assert [line.split()[:2] for line in done.out.splitlines()] == [[i, "done"] for i in ids]
    assert not any(is_there(api, i) for i in own[:3])
    listed = json.loads(cli("trash", "list", "--format", "json").out)
    assert {entry["run_id"] for entry in listed} == set(own[:3])
    shown = cli("trash", "show", ids[0])
    assert shown.code == 0 and "predictions" in shown.out and ids[0] in shown.out
    back = cli("trash", "restore", ids[0], "--format", "json", env=env(fresh_demo))
    assert back.code == 0, back.err
    (outcome,) = json.loads(back.out)["runs"]
    after = api.get(outcome["new_id"])
    assert (after.task_id, after.setup_id, set(after.tags)) == (
        before.task_id, before.setup_id, set(before.tags)
    )  # fmt: skip
    again = cli("trash", "restore", ids[0], env=env(fresh_demo))
    assert again.code == 0 and f"as run {outcome['new_id']}" in again.out


def test_a_part_that_fails_is_told_line_by_line_with_exit_code_5(
    cli: Cli, fresh_demo: DemoProcess, api: RunV1API, own: list[int], theirs: int
) -> None:
    words = ["delete", str(own[0]), str(theirs), "1", "--yes"]
    done = cli(*words, env=env(fresh_demo))
    assert done.code == 5
    lines = {line.split()[0]: line for line in done.out.splitlines()}
    assert set(lines) == {str(own[0]), str(theirs), "1"}
    assert "not yours" in lines[str(theirs)] and "not there" in lines["1"]
    assert not is_there(api, own[0]) and is_there(api, theirs)


@pytest.mark.parametrize("known", [False, True])
def test_a_single_run_of_somebody_else_is_not_allowed(
    cli: Cli, fresh_demo: DemoProcess, theirs: int, known: bool
) -> None:
    more = {"RUNBROWSER_USER_ID": str(DEMO_USER_ID)} if known else {}
    done = cli("delete", str(theirs), "--yes", env=env(fresh_demo, **more))
    assert done.code == 4
    assert "not yours" in done.out or "not by you" in done.out


def test_a_single_run_that_is_not_there_is_not_found(cli: Cli, fresh_demo: DemoProcess) -> None:
    assert cli("delete", "1", "--yes", env=env(fresh_demo)).code == 3


def test_nothing_is_deleted_without_a_yes_or_somebody_to_ask(
    cli: Cli, fresh_demo: DemoProcess, api: RunV1API, own: list[int]
) -> None:
    done = cli("delete", str(own[0]), env=env(fresh_demo))
    assert done.code == 2 and "--yes" in done.err and str(own[0]) in done.err
    assert is_there(api, own[0])


@pytest.mark.parametrize(
    ("key", "more", "code"),
    [("", (), 4), ("f" * 32, (), 4), (READER_KEY, (), 4), (None, ("--read-only",), 2)],
    ids=["no key", "wrong key", "read-only account", "--read-only"],
)
def test_who_may_not_write_deletes_nothing(
    cli: Cli,
    fresh_demo: DemoProcess,
    api: RunV1API,
    own: list[int],
    key: str | None,
    more: tuple[str, ...],
    code: int,
) -> None:
    given = env(fresh_demo) if key is None else env(fresh_demo, OPENML_APIKEY=key)
    done = cli("delete", str(own[0]), str(own[1]), "--yes", *more, env=given)
    assert done.code == code
    assert len(done.err.strip().splitlines()) <= 3
    assert is_there(api, own[0]) and is_there(api, own[1])
    assert not list((cli.home / "state").rglob("manifest.json"))
    assert not key or key not in done.out + done.err


def test_without_trash_no_copy_is_kept(
    cli: Cli, fresh_demo: DemoProcess, api: RunV1API, own: list[int]
) -> None:
    done = cli("delete", str(own[0]), "--yes", "--no-trash", env=env(fresh_demo))
    assert done.code == 0
    assert not is_there(api, own[0])
    assert json.loads(cli("trash", "list", "--format", "json").out) == []


def test_purging_takes_copies_away_only_when_asked(
    cli: Cli, fresh_demo: DemoProcess, own: list[int]
) -> None:
    ids = [str(i) for i in own[:3]]
    assert cli("delete", *ids, "--yes", env=env(fresh_demo)).code == 0
    assert cli("trash", "purge").code == 2
    assert cli("trash", "purge", ids[0]).code == 2  # nobody to ask
    assert cli("trash", "purge", "--due", "--yes").code == 0
    assert len(cli("trash", "list").out.splitlines()) == 4
    assert cli("trash", "purge", ids[0], "--yes").code == 0
    assert len(cli("trash", "list").out.splitlines()) == 3
    assert cli("trash", "purge", "--all", "--yes").code == 0
    assert cli("trash", "list").out == ""
    assert cli("trash", "show", ids[0]).code == 2


def test_a_delete_that_was_killed_goes_on_with_the_same_command_or_resume(
    cli: Cli, catalogue: sqlite3.Connection, own: list[int]
) -> None:
    moments = random.Random(7)
    with start(delay=0.01) as demo:
        environ = cli.environ | env(demo)
        with HTTPClient(demo.v1, demo.api_key, retry="none") as http:
            api = RunV1API(http)
            for batch, again in ((own[:10], None), (own[10:20], "--resume")):
                words = ["delete", *map(str, batch), "--yes"]
                assert killed(words, environ, cli.home, moments) == -signal.SIGKILL
                assert any(is_there(api, run_id) for run_id in batch)
                more = ["delete", again, "--yes"] if again else words
                ended = cli(*more, env=env(demo))
                assert ended.code == 0, ended.out + ended.err
                assert not any(is_there(api, run_id) for run_id in batch)
                assert {int(line.split()[0]) for line in ended.out.splitlines()} == set(batch)
        listed = json.loads(cli("trash", "list", "--format", "json").out)
    assert sorted(entry["run_id"] for entry in listed) == own[:20]


def killed(words: list[str], environ: dict[str, str], home: Path, moments: random.Random) -> int:
    """The exit code of a delete that is killed once it has deleted a few runs."""
    few = moments.randrange(1, 6)
    with subprocess.Popen(
        [sys.executable, "-m", "runbrowser", *words],
        env=environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        while process.poll() is None:
            texts = [path.read_text() for path in (home / "state" / "actions").glob("*.jsonl")]
            under_way = "".join(text for text in texts if '"step":"end"' not in text)
            if under_way.count('"step":"done"') >= few:
                os.kill(process.pid, signal.SIGKILL)
                break
            time.sleep(0.002)
        return process.wait()


def test_interrupted_once_it_ends_with_a_report_of_what_was_done(cli: Cli, own: list[int]) -> None:
    with start(delay=0.02) as demo:
        words = ["delete", *map(str, own[:40]), "--yes"]
        with subprocess.Popen(
            [sys.executable, "-m", "runbrowser", *words],
            env=cli.environ | env(demo),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            folder = cli.home / "state" / "actions"
            while process.poll() is None and not any(
                '"step":"done"' in path.read_text() for path in folder.glob("*.jsonl")
            ):
                time.sleep(0.002)
            os.kill(process.pid, signal.SIGINT)
            out, err = process.communicate(timeout=60)
    assert process.returncode == 5, err
    states = [line.split()[1] for line in out.splitlines()]
    assert len(states) == 40 and "done" in states and "not" in states
    assert "Stopped" in err


def test_a_server_that_goes_in_the_middle_leaves_all_that_was_not_done_to_resume(
    cli: Cli, fresh_demo: DemoProcess, api: RunV1API, own: list[int]
) -> None:
    ids = own[:40]
    deletes = 0

    def fault(asked: Asked) -> Fault | None:
        nonlocal deletes
        deletes += asked.method == "DELETE"
        if deletes > 5:
            proxy.closed = True
        return LOST_REQUEST if proxy.closed else None

    with proxy_before(fresh_demo.v1) as proxy:
        environ = env(fresh_demo) | {"OPENML_SERVER": proxy.v1, "RUNBROWSER_RETRIES": "0"}
        proxy.fault = fault
        done = cli("delete", *map(str, ids), "--yes", env=environ)
        assert done.code == 5, done.err
        gone = [i for i in ids if not is_there(api, i)]
        assert 0 < len(gone) < 40
        assert "runbrowser delete --resume" in done.err
        proxy.closed, deletes = False, -1000
        told = cli("delete", "--resume", env=environ)  # nobody to ask
        assert told.code == 2 and f" {len(gone)} done" in told.err
        ended = cli("delete", "--resume", "--yes", env=environ)
        assert ended.code == 0, ended.out + ended.err
        assert [line.split()[1] for line in ended.out.splitlines()] == ["done"] * 40
        assert not any(is_there(api, i) for i in ids)
        again = cli("delete", "--resume", env=environ)
        assert again.code == 0 and "no delete has broken off" in again.err
