"""A disk that fills up in the middle of an action: words, nothing lost, nothing sent unnoted.

The limit is one of the system (RLIMIT_FSIZE): from some byte on no file of the command grows any
more, as on a disk that is full.
"""

from __future__ import annotations

import json
import os
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from runbrowser.bulk import journal as journals
from runbrowser.bulk.trash import Trash
from runbrowser.client.http import HTTPClient
from runbrowser.client.resources.runs import RunV1API
from runbrowser.demo import DEMO_USER_ID
from runbrowser.demo.launch import DemoProcess
from runbrowser.errors import OpenMLServerException
from tests.bulk.faulty import Asked, Fault, Proxy, proxy_before
from tests.cli.conftest import Cli

MOMENTS = int(os.environ.get("RUNBROWSER_MOMENTS", "1"))
NUMBER = 4  # runs of one action


@dataclass
class Disk:
    """Commands on a disk that takes ``room`` bytes a file, and what they sent."""

    cli: Cli
    proxy: Proxy
    demo: DemoProcess
    unnoted: list[str] = field(default_factory=list)  # writes that no journal knew of

    @property
    def state(self) -> Path:
        return self.cli.home / "state"

    def __call__(self, *words: str, room: int | None = None) -> subprocess.CompletedProcess[str]:
        def limit() -> None:
            if room is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

        self.proxy.fault = self._watch
        return subprocess.run(
            [sys.executable, "-m", "runbrowser", *words],
            env=self.cli.environ
            | {"OPENML_SERVER": self.proxy.v1, "OPENML_APIKEY": self.demo.api_key},
            capture_output=True, text=True, preexec_fn=limit, timeout=100,
        )  # fmt: skip

    def _watch(self, asked: Asked) -> Fault | None:
        """Each write must stand in a journal before it arrives."""
        run_id = ""
        if asked.method == "DELETE":
            run_id = asked.path.rpartition("/")[2]
        elif asked.path in ("run/tag", "run/untag"):
            (run_id,) = asked.form["run_id"]
        if run_id and f'"step":"sent","run_id":{run_id}' not in self.noted():
            self.unnoted.append(asked.path)
        return None

    @property
    def published(self) -> list[Asked]:
        """Uploads of runs that the server took."""
        return [a for a in self.proxy.asked if (a.method, a.path, a.status) == ("POST", "run", 200)]

    def noted(self) -> str:
        """All journals."""
        paths = journals.folder_of(self.state).glob("*.jsonl")
        return "".join(path.read_text() for path in paths)

    def sizes(self) -> tuple[int, int]:
        """Bytes of the newest journal's plan, and of the whole."""
        path = max(journals.folder_of(self.state).glob("[!.]*.jsonl"), key=lambda p: p.name)
        content = path.read_bytes()
        return content.index(b"\n") + 1, len(content)


@pytest.fixture
def disk(cli: Cli, fresh_demo: DemoProcess) -> Iterator[Disk]:
    with proxy_before(fresh_demo.v1) as proxy:
        yield Disk(cli, proxy, fresh_demo)


@pytest.fixture
def ids(catalogue: sqlite3.Connection) -> list[str]:
    """The demo user's runs."""
    rows = catalogue.execute(
        "SELECT id FROM run WHERE uploader = ? AND id NOT IN (SELECT run_id FROM study_run)"
        " ORDER BY id",
        (DEMO_USER_ID,),
    )
    return [str(run_id) for (run_id,) in rows]


def tagged(api: RunV1API, tag: str) -> set[str]:
    try:
        return {str(i) for i in api.list(100, 0, tag=tag).index}
    except OpenMLServerException:
        return set()


def there(api: RunV1API, ids: list[str]) -> set[str]:
    return {str(i) for i in api.list(100, 0, ids=[int(i) for i in ids]).index}


def states(text: str) -> dict[str, str]:
    """What became of each run, by the report in JSON; nothing where there is none."""
    return {str(r["run_id"]): r["state"] for r in json.loads(text)["runs"]} if text else {}


def moments(first: int, whole: int) -> Iterator[int]:
    """Sizes at which the journal cannot grow: in the middle of what is done; more on demand, from
    a plan that is not whole.
    """
    if MOMENTS > 1:
        yield first - 1
    for number in range(1, MOMENTS + 1):
        yield first + (whole - first) * number // (MOMENTS + 1)


def check_words(done: subprocess.CompletedProcess[str]) -> None:
    outcomes = set(states(done.stdout).values())
    assert done.returncode in ((0,) if outcomes == {"done"} else (1, 2, 5)), done.stderr
    assert "File too large" in done.stderr + done.stdout and "Traceback" not in done.stderr
    assert "went wrong inside" not in done.stderr


@pytest.mark.parametrize("verb", ["tag", "untag"])
def test_tags_on_a_disk_that_fills_up(disk: Disk, ids: list[str], verb: str) -> None:
    ids = ids[:NUMBER]
    with HTTPClient(disk.proxy.v1, disk.demo.api_key, retry="none") as http:
        api = RunV1API(http)
        assert disk("tag", "full-x", *ids).returncode == 0
        if verb == "untag":
            assert disk("untag", "full-x", *ids).returncode == 0
        for number, room in enumerate(moments(*disk.sizes())):
            tag = f"full-{number}"
            before = set[str]()
            if verb == "untag":
                assert disk("tag", tag, *ids).returncode == 0
                before = set(ids)
            done = disk(verb, tag, *ids, "--format", "json", room=room)
            check_words(done)
            outcomes = states(done.stdout)
            changed = {i for i, state in outcomes.items() if state == "done"}
            unsure = {i for i, state in outcomes.items() if state == "doubtful"}
            assert (tagged(api, tag) ^ before) - unsure == changed - unsure
            again = disk(verb, tag, *ids)
            assert again.returncode == 0, again.stdout + again.stderr
            assert tagged(api, tag) == (set(ids) if verb == "tag" else set())
            assert journals.unfinished(disk.state) == []
    assert disk.unnoted == []


@pytest.mark.parametrize("kept", [True, False])
def test_deletes_on_a_disk_that_fills_up(disk: Disk, ids: list[str], kept: bool) -> None:
    words = ["--yes", "--format", "json", *([] if kept else ["--no-trash"])]
    first, ids = ids[:NUMBER], ids[NUMBER:]
    assert disk("delete", *first, *words).returncode == 0
    with HTTPClient(disk.proxy.v1, disk.demo.api_key, retry="none") as http:
        api = RunV1API(http)
        for room in moments(*disk.sizes()):
            mine, ids = ids[:NUMBER], ids[NUMBER:]
            if len(mine) < NUMBER:
                break
            done = disk("delete", *mine, *words, room=room)
            check_words(done)
            gone = set(mine) - there(api, mine)
            outcomes = states(done.stdout)
            assert gone == {i for i, state in outcomes.items() if state == "done"}
            if kept:  # no copy fits, so nothing may go
                assert gone == set()
            disk("delete", *mine, *words)  # ends what broke off, with what failed in it
            disk("delete", *mine, *words)
            assert there(api, mine) == set()
            assert journals.unfinished(disk.state) == []
    assert disk.unnoted == []
    deleted = disk.proxy.sent("DELETE")
    assert len(deleted) == len(set(deleted))  # each once


def test_a_restore_on_a_disk_that_fills_up_publishes_a_run_once(disk: Disk, ids: list[str]) -> None:
    restore = ["trash", "restore", "--format", "json"]
    assert disk("delete", *ids[: MOMENTS + 3], "--yes").returncode == 0
    assert disk(*restore, ids[0]).returncode == 0
    for run_id, room in zip(ids[1:], (0, *moments(*disk.sizes())), strict=False):
        published = len(disk.published)
        done = disk(*restore, run_id, room=room)
        check_words(done)
        if not room:
            assert len(disk.published) == published
        back = disk(*restore, run_id)
        assert back.returncode == 0, back.stderr
        assert len(disk.published) == published + 1


SMALL_DISK = """
mount -t tmpfs -o size="$SIZE" tmpfs "$RUNBROWSER_STATE_DIR" || exit 99
"$@"
code=$?
cp -a "$RUNBROWSER_STATE_DIR/." "$AFTERWARDS"
exit $code
"""


def test_a_delete_ends_when_the_disk_of_the_trash_is_full_and_goes_on_when_there_is_room(
    disk: Disk, ids: list[str]
) -> None:
    """A file system of its own for the state folder, too small for the copies of all runs."""
    space = ["unshare", "--user", "--map-root-user", "--mount"]
    if subprocess.run([*space, "true"], capture_output=True).returncode:
        pytest.skip("this system mounts nothing for tests")
    afterwards = disk.cli.home / "afterwards"
    afterwards.mkdir(), disk.state.mkdir()
    ids = ids[:12]
    disk.proxy.fault = lambda asked: None
    environ = disk.cli.environ | {
        "SIZE": "128k", "AFTERWARDS": str(afterwards),
        "OPENML_SERVER": disk.proxy.v1, "OPENML_APIKEY": disk.demo.api_key,
    }  # fmt: skip
    words = [sys.executable, "-m", "runbrowser", "delete", *ids, "--yes", "--format", "json"]
    done = subprocess.run(
        [*space, "sh", "-c", SMALL_DISK, "sh", *words],
        env=environ, capture_output=True, text=True, timeout=100,
    )  # fmt: skip
    assert done.returncode == 5, done.stderr
    assert "No space left on device" in done.stderr and "RUNBROWSER_STATE_DIR" in done.stderr
    assert "Traceback" not in done.stderr
    disk.state.rmdir()
    afterwards.rename(disk.state)
    with HTTPClient(disk.proxy.v1, disk.demo.api_key, retry="none") as http:
        api = RunV1API(http)
        gone = set(ids) - there(api, ids)
        outcomes = states(done.stdout)
        assert gone == {i for i, state in outcomes.items() if state == "done"}
        assert len(gone) < len(ids)
        trash = Trash(disk.state)
        assert {str(entry.run_id) for entry in trash.entries()} >= gone and not trash.damaged()
        fetched = {
            a.path.rpartition("/")[2] for a in disk.proxy.asked if a.path.startswith("run/9")
        }
        assert len(fetched) <= len(gone) + 3  # no more runs are begun than are worked on at once
        again = disk("delete", *ids, "--yes")
        assert again.returncode == 0, again.stdout + again.stderr
        assert there(api, ids) == set()
    assert {str(entry.run_id) for entry in trash.entries()} == set(ids)
    assert all(entry.damage() == [] for entry in trash.entries())
