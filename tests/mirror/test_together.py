"""Several processes on one mirror, and a full disk: nobody is locked out, nothing is lost."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from runbrowser.mirror.changes import Changes
from runbrowser.mirror.reading import Mirror
from runbrowser.models import RunFilter

from .conftest import World

_BROWSE = """
import asyncio, json, sys
from pathlib import Path
from runbrowser.client.http import AsyncHTTPClient
from runbrowser.mirror.folder import MirrorFolder
from runbrowser.mirror.source import MirrorSource
from runbrowser.models import RunFilter
from runbrowser.openml.base import Sort
from runbrowser.openml.live import LiveSource

async def main():
    folder = MirrorFolder(Path(sys.argv[2]), sys.argv[1])
    source = MirrorSource(folder, LiveSource(AsyncHTTPClient(sys.argv[1])))
    number, ids = 0, []
    while not Path(sys.argv[3]).exists():
        page = await source.page(RunFilter(), number, 50)
        ids += [row.run_id for row in page.rows]
        assert ids == sorted(set(ids), reverse=True), "each run once, the newest first"
        best = await source.page(RunFilter(), 0, 50, sort=Sort("score"))
        assert len(page.rows) == len(best.rows) == 50
        print(page.total, flush=True)
        number = (number + 1) % 100
        ids = ids if number else []
        await asyncio.sleep(0.05)
    following = await source.page(RunFilter(), number, 50)
    first = await source.page(RunFilter(), 0, 50)
    print(json.dumps([following.total, first.rows[0].run_id]))
    await source.close()

asyncio.run(main())
"""

_SYNC = """
import resource, sys
from pathlib import Path
from runbrowser.client.http import HTTPClient
from runbrowser.errors import RunbrowserError
from runbrowser.mirror.folder import MirrorFolder
from runbrowser.mirror.sync import Sync
from runbrowser.models import RunFilter
if len(sys.argv) > 3:
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
try:
    with HTTPClient(sys.argv[1]) as http:
        Sync(MirrorFolder(Path(sys.argv[2]), sys.argv[1]), http, RunFilter(), whole=True).run()
except RunbrowserError as error:
    print(error)
    sys.exit(1)
"""


def _data(world: World) -> Path:
    return world.folder.path.parents[1]


def test_two_browsers_go_on_while_a_sync_makes_the_version_that_they_take_next(
    world: World, tmp_path: Path
) -> None:
    world.sync()
    top = world.rows()[-1][0]
    world.change(
        f"""INSERT INTO run (id, uploader, setup_id, task_id, upload_time)
            SELECT {top} + 2, uploader, setup_id, task_id, '2026-11-25 10:00:00'
            FROM run WHERE id = {top}"""
    )
    stop = tmp_path / "stop"
    program = [sys.executable, "-c", _BROWSE, world.server.v1, str(_data(world)), str(stop)]
    with (
        subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as one,
        subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as two,
    ):
        browsers = (one, two)
        try:
            for browser in browsers:
                assert browser.stdout is not None and browser.stdout.readline() == "24000\n"
            world.sync()
        finally:
            stop.touch()
        outputs = [browser.communicate()[0].splitlines() for browser in browsers]
    for browser, lines in zip(browsers, outputs, strict=True):
        assert browser.returncode == 0, "no page failed"
        assert json.loads(lines[-1]) == [24_001, int(str(top)) + 2]
    assert world.mirrored() == world.rows()
    current = world.folder.current()
    assert list(world.folder.path.glob("runs-*.duckdb")) == [current], "older versions are gone"


def test_changes_of_several_browsers_are_kept_until_a_sync_has_looked_at_them(
    world: World, tmp_path: Path
) -> None:
    world.sync()
    ids = [row[0] for row in world.rows()][:20]
    program = (
        "import sys; from pathlib import Path; from runbrowser.mirror.changes import Changes\n"
        "[Changes(Path(sys.argv[1])).add([int(i)], [int(i)]) for i in sys.argv[2:]]"
    )
    path = str(world.folder.path / "changes.jsonl")
    with (
        subprocess.Popen([sys.executable, "-c", program, path, *map(str, ids[:10])]) as one,
        subprocess.Popen([sys.executable, "-c", program, path, *map(str, ids[10:])]) as two,
    ):
        pass
    assert one.returncode == two.returncode == 0
    assert set(world.folder.changes.gone()) == set(ids)
    with Mirror(world.folder) as mirror:
        assert mirror.count(RunFilter()) == 24_000 - 20
    _, content = world.folder.changes.pending()
    world.folder.changes.add([1], [1])
    world.folder.changes.settle(content)
    assert world.folder.changes.pending()[0] == {1}, "what was noted meanwhile stays"
    world.sync()  # the server still has them all
    assert world.folder.changes.pending()[0] == set()
    assert world.mirrored() == world.rows()


def test_a_file_of_changes_that_is_damaged_hides_nothing(tmp_path: Path) -> None:
    path = tmp_path / "changes.jsonl"
    path.write_bytes(
        b'{"run": 1, "gone": true}\n{"run": "x"}\n[]\n\xff\n{"run": 2, "gone": 1}\n{"ru'
    )
    assert Changes(path).gone() == (1,)


def test_a_disk_that_is_full_is_told_and_leaves_the_mirror_as_it_was(world: World) -> None:
    world.sync()
    before, current = world.mirrored(), world.folder.current()
    assert current is not None
    room = str(current.stat().st_size // 2)
    command = [sys.executable, "-c", _SYNC, world.server.v1, str(_data(world)), room]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    assert "full" in done.stdout and "make room" in done.stdout, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert world.mirrored() == before and world.folder.current() == current
    world.sync()
    assert world.mirrored() == world.rows()
