"""A mirror equals the server, whatever happened on the way."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time

import pytest

from runbrowser.errors import OpenMLServerError, UsageError
from runbrowser.mirror import engine
from runbrowser.mirror.folder import MirrorError
from runbrowser.mirror.reading import Mirror
from runbrowser.models import RunFilter

from .conftest import World, unsettled

_MOMENTS = int(os.environ.get("RUNBROWSER_MOMENTS", "3"))


def test_the_first_sync_copies_every_run(world: World) -> None:
    result = world.sync()
    assert result.runs == result.new == 24_000
    assert world.mirrored() == world.rows()
    assert not unsettled(world.folder)
    with Mirror(world.folder) as mirror:
        assert mirror.measures() == ["predictive_accuracy"]
        assert not mirror.gaps()
        best, _ = mirror.page(RunFilter(), 1)
        assert mirror.count(RunFilter()) == 24_000
        assert best[0].run_id == world.rows()[-1][0]


def test_names_come_in_bulk(world: World) -> None:
    result = world.sync()
    # the list in 3 blocks, scores in at most 7, how long it is, flows, tasks and users
    assert result.requests <= 16
    with (
        Mirror(world.folder) as mirror,
        mirror.query(
            "SELECT count(*), count(flow), count(data), count(uploader_name) FROM all_runs"
        ) as (_, pieces),
    ):
        assert set(next(pieces)[0]) == {24_000}


def test_a_server_that_times_out_on_far_offsets_is_copied_by_tasks(deep_world: World) -> None:
    result = deep_world.sync()
    assert deep_world.mirrored() == deep_world.rows()
    assert not result.gaps


def test_what_is_new_changed_or_deleted_is_found_by_few_requests(world: World) -> None:
    world.sync()
    ids = [row[0] for row in world.rows()]
    changed, gone = ids[-3_000::60], ids[-2_995::120]
    top = ids[-1]
    world.change(
        *(f"UPDATE run SET error_message = 'changed {i}' WHERE id = {i}" for i in changed),
        *(f"DELETE FROM evaluation WHERE run_id = {i}" for i in gone),
        *(f"DELETE FROM run_evaluated WHERE run_id = {i}" for i in gone),
        *(f"DELETE FROM run_tag WHERE run_id = {i}" for i in gone),
        *(f"DELETE FROM run WHERE id = {i}" for i in gone),
        f"""INSERT INTO run (id, uploader, setup_id, task_id, upload_time)
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
            SELECT {top} + i * 2, uploader, setup_id, task_id, '2026-11-25 10:00:00'
            FROM n JOIN run ON run.id = (SELECT min(id) FROM run) + 0""",
    )
    result = world.sync()
    assert world.mirrored() == world.rows()
    assert (result.new, result.gone) == (1_000, len(gone))
    assert not unsettled(world.folder)
    assert result.requests <= 30


def test_a_mirror_with_the_tables_of_other_code_is_made_anew(world: World) -> None:
    world.sync()
    current = world.folder.current()
    assert current is not None
    older = engine.connect(current, read_only=False)
    for statement in (
        "UPDATE meta SET value = '2' WHERE name = 'schema'",
        "DROP VIEW all_runs",
        "ALTER TABLE runs DROP COLUMN has_score",
        "ALTER TABLE flows DROP COLUMN place",
    ):
        older.execute(statement).fetchall()
    older.close()
    with pytest.raises(MirrorError, match="`runbrowser sync` makes it anew"):
        Mirror(world.folder)
    result = world.sync()
    assert result.whole and world.mirrored() == world.rows()
    assert not unsettled(world.folder)


def test_an_old_run_that_was_deleted_is_told_and_found_by_a_full_sync(world: World) -> None:
    world.sync()
    first = world.rows()[0][0]
    world.change(
        *(f"DELETE FROM {table} WHERE run_id = {first}" for table in
          ("evaluation", "run_evaluated", "run_tag")),
        f"DELETE FROM run WHERE id = {first}",
    )  # fmt: skip
    result = world.sync()
    assert result.server_rows is not None and result.server_rows < result.runs
    world.sync(whole=True)
    assert world.mirrored() == world.rows()


_PROGRAM = """
import sys
from pathlib import Path
from runbrowser.client.http import HTTPClient
from runbrowser.mirror.folder import MirrorFolder
from runbrowser.mirror.sync import Sync
from runbrowser.models import RunFilter
with HTTPClient(sys.argv[1]) as http:
    Sync(MirrorFolder(Path(sys.argv[2]), sys.argv[1]), http, RunFilter()).run()
"""


def test_killed_at_any_moment_the_next_sync_completes(world: World) -> None:
    data = world.folder.path.parents[1]
    chance = random.Random(12)
    command = [sys.executable, "-c", _PROGRAM, world.server.v1, str(data)]
    for _ in range(_MOMENTS):
        with subprocess.Popen(command) as process:
            time.sleep(chance.uniform(0.3, 4))
            process.send_signal(signal.SIGKILL)
        assert world.folder.current() is None or world.mirrored() == world.rows()
    world.sync()
    assert world.mirrored() == world.rows()


def test_a_reader_keeps_its_version_while_the_next_one_is_made(world: World) -> None:
    world.sync()
    with Mirror(world.folder) as reader:
        world.change(f"UPDATE run SET error_message = 'x' WHERE id = {world.rows()[-1][0]}")
        world.sync()
        assert not reader.is_current
        assert reader.page(RunFilter(), 1)[0][0].error_message != "x"
        with Mirror(world.folder) as other:
            assert other.page(RunFilter(), 1)[0][0].error_message == "x"


def test_two_syncs_at_once_are_refused(world: World) -> None:
    with world.folder.syncing(), pytest.raises(UsageError, match="Another sync"):
        world.sync()


def test_another_filter_than_the_mirrors_is_refused_with_a_way_out(world: World) -> None:
    task = world.rows()[0][1]
    world.sync(RunFilter(task=(int(str(task)),)))
    with pytest.raises(UsageError, match="mirror purge"):
        world.sync(RunFilter(flow=(1,)))
    with pytest.raises(UsageError, match="mirror purge"):
        world.sync()
    assert {row[1] for row in world.mirrored()} == {task}


def test_a_server_that_is_gone_leaves_the_mirror_as_it_was(world: World) -> None:
    world.sync()
    before = world.mirrored()
    world.server.stop()
    with pytest.raises(OpenMLServerError):
        world.sync()
    assert world.mirrored() == before
