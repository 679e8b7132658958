"""Several processes on one mirror, and a full disk: nobody is locked out, nothing is lost."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from runbrowser.mirror.changes import Changes
from runbrowser.mirror.reading import Mirror
from runbrowser.models import RunFilter

from .conftest import World

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
