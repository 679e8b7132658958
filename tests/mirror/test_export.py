"""A mirror as Parquet files in folders, here and in an object store."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import duckdb
import pytest

from runbrowser.client.http import HTTPClient
from runbrowser.demo.launch import DemoProcess
from runbrowser.errors import RunbrowserError, UsageError
from runbrowser.mirror.export import LABEL, export
from runbrowser.mirror.folder import MirrorFolder
from runbrowser.mirror.reading import Mirror
from runbrowser.mirror.sync import Sync
from runbrowser.models import RunFilter

_STORE = """
import sys
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
"""
_RUNS = "SELECT * EXCLUDE (year) FROM read_parquet('{}', hive_partitioning = true) ORDER BY run_id"
_SCORES = (
    "SELECT measure, run_id, value FROM read_parquet('{}', hive_partitioning = true) "
    "ORDER BY measure, run_id"
)


@pytest.fixture(scope="module")
def mirror(demo: DemoProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mirror]:
    """A mirror of the demo's runs with two measures; only read from."""
    folder = MirrorFolder(tmp_path_factory.mktemp("data"), demo.v1)
    measures = ("predictive_accuracy", "area_under_roc_curve")
    with HTTPClient(demo.v1, demo.api_key) as http:
        Sync(folder, http, RunFilter(), measures=measures).run()
    with Mirror(folder) as opened:
        yield opened


@pytest.fixture(scope="module")
def store() -> Iterator[str]:
    """The address of an S3 store with a bucket, in a process of its own."""
    if find_spec("moto") is None or find_spec("flask") is None:
        pytest.skip("moto's server is not installed: pip install 'moto[server]'")
    from minio import Minio

    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", _STORE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        address = f"127.0.0.1:{int(process.stdout.readline())}"
        client = Minio(address, access_key="me", secret_key="key", secure=False, region="us-east-1")
        client.make_bucket("mirrors")
        yield f"http://{address}"
    finally:
        process.communicate(timeout=60)


def _same(mirror: Mirror, folder: Path) -> None:
    """What DuckDB reads in a folder is what the mirror holds."""
    here = duckdb.connect()
    for sql, of, files in (
        (_RUNS, "SELECT * FROM all_runs ORDER BY run_id", folder / "runs" / "*" / "*.parquet"),
        (
            _SCORES,
            "SELECT measure, run_id, value FROM all_scores ORDER BY measure, run_id",
            folder / "scores" / "*" / "*.parquet",
        ),
    ):
        with mirror.batches(of, 10_000) as batches:
            expected = batches.read_all()
        found = here.sql(sql.format(files)).to_arrow_table()
        assert found.column_names == expected.column_names
        assert found.to_pylist() == expected.to_pylist() != []
    label = json.loads((folder / LABEL).read_text())
    assert label["complete"] and label["runs"] == mirror.count(RunFilter())
    assert label["server"] == mirror.folder.server


def test_an_export_is_read_in_place_and_replaced_by_the_next(
    mirror: Mirror, tmp_path: Path
) -> None:
    target = tmp_path / "folder" / "runs of OpenML"
    assert export(mirror, str(target)) == mirror.count(RunFilter())
    _same(mirror, target)
    years = sorted(path.name for path in (target / "runs").iterdir())
    assert years and all(name.startswith("year=") for name in years)
    shutil.copytree(target / "runs" / years[0], target / "runs" / "year=1900")
    label = json.loads((target / LABEL).read_text())
    (target / LABEL).write_text(json.dumps({**label, "complete": False}))  # as when cut off
    export(mirror, str(target))
    _same(mirror, target)


def test_an_export_to_an_object_store_holds_the_same(
    mirror: Mirror, store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from minio import Minio

    for name, value in (
        ("AWS_ACCESS_KEY_ID", "me"),
        ("AWS_SECRET_ACCESS_KEY", "key"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ENDPOINT_URL", store),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ):
        monkeypatch.setenv(name, value)
    for _ in range(2):  # the second replaces the first
        export(mirror, "s3://mirrors/openml/2026")
    client = Minio(store.split("//")[1], access_key="me", secret_key="key", secure=False)
    for found in client.list_objects("mirrors", "openml/2026/", recursive=True):
        name = str(found.object_name)
        if not found.is_dir and not name.endswith("/"):
            client.fget_object("mirrors", name, str(tmp_path / name))
    _same(mirror, tmp_path / "openml" / "2026")
    with pytest.raises(RunbrowserError, match="could not be written"):
        export(mirror, "s3://no-such-bucket/openml")


@pytest.mark.parametrize(
    "target, words",
    [
        ("s3://", "Say where"),
        ("nothing://a/b", "Nothing can be written there|needs fsspec"),
    ],
)
def test_a_place_that_is_not_understood_is_told(target: str, words: str, mirror: Mirror) -> None:
    with pytest.raises(UsageError, match=words):
        export(mirror, target)


def test_a_folder_with_something_else_in_it_is_left_alone(mirror: Mirror, tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="something else"):
        export(mirror, str(tmp_path))
    assert [path.name for path in tmp_path.rglob("*")] == ["runs", "mine.txt"]


def test_a_file_where_the_folder_should_be_is_told(mirror: Mirror, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(RunbrowserError, match="could not be written"):
        export(mirror, str(tmp_path / "file" / "export"))
    assert (tmp_path / "file").read_text() == "mine"
