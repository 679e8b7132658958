"""Objects from an S3 store: a real server (moto's) in a process of its own."""

from __future__ import annotations

import asyncio
import hashlib
import io
import subprocess
import sys
import traceback
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest

from runbrowser.client.http import HTTPClient
from runbrowser.client.minio import MinIOClient
from runbrowser.client.resources.runs import RunV1API
from runbrowser.client.retry import HUMAN
from runbrowser.config import load
from runbrowser.errors import (
    OpenMLConnectionError,
    OpenMLHashException,
    OpenMLServerException,
    UsageError,
)
from runbrowser.models import OutputFile, Run
from runbrowser.openml.connect import connect
from runbrowser.openml.opening import live_source

from ..cli.conftest import clean_environment
from .servers import Reply, Request, serving, unused_port

SECRET = "s3cr3t-s3cr3t-s3cr3t"
CONTENT = bytes(range(256)) * 4000  # 1 MB
QUICK = replace(HUMAN, wait=lambda n: 0.01)
STORE = """
import sys, threading
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def store() -> Iterator[str]:
    """The address of a store with ``datasets/0061/iris.pq`` and an empty object."""
    if find_spec("moto") is None or find_spec("flask") is None:
        pytest.skip("moto's server is not installed: pip install 'moto[server]'")
    from minio import Minio

    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", STORE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        client = Minio(
            f"127.0.0.1:{port}",
            access_key="me",
            secret_key=SECRET,
            secure=False,
            region="us-east-1",
        )
        client.make_bucket("datasets")
        client.put_object("datasets", "0061/iris.pq", io.BytesIO(CONTENT), len(CONTENT))
        client.put_object("datasets", "empty", io.BytesIO(b""), 0)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.communicate(timeout=20)


def client_of(server: str) -> MinIOClient:
    return MinIOClient(server, "me", SECRET, region="us-east-1", retry="none", timeout=20)


def test_an_object_is_fetched_whole_with_progress(store: str, tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    target = tmp_path / "new" / "iris.pq"
    size = client_of(store).download(
        "datasets", "0061/iris.pq", target, progress=lambda n, total: told.append((n, total))
    )
    assert size == len(CONTENT)
    assert target.read_bytes() == CONTENT
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert [path.name for path in target.parent.iterdir()] == ["iris.pq"]


def test_an_object_is_found_by_its_address(store: str, tmp_path: Path) -> None:
    client_of(store).download_url(f"{store}/datasets/0061/iris.pq", tmp_path / "f")
    assert (tmp_path / "f").read_bytes() == CONTENT
    for url in ("http://example.org/datasets/x", f"{store}/datasets", "x"):
        with pytest.raises(UsageError, match="no object of"):
            client_of(store).download_url(url, tmp_path / "f")


def test_an_empty_object_is_a_file(store: str, tmp_path: Path) -> None:
    assert client_of(store).download("datasets", "empty", tmp_path / "f") == 0
    assert (tmp_path / "f").read_bytes() == b""


def test_a_part_that_came_before_is_gone_on_with(store: str, tmp_path: Path) -> None:
    class StoppedError(Exception):
        pass

    def stop(had: int, total: int | None) -> None:
        if had >= 500_000:
            raise StoppedError

    client = client_of(store)
    with pytest.raises(StoppedError):
        client.download("datasets", "0061/iris.pq", tmp_path / "f", progress=stop)
    assert not (tmp_path / "f").exists()
    (part,) = tmp_path.glob(".f.*.part")
    had = part.stat().st_size
    assert had >= 500_000
    told: list[int] = []
    client.download(
        "datasets", "0061/iris.pq", tmp_path / "f", progress=lambda n, total: told.append(n)
    )
    assert told[0] > had
    assert (tmp_path / "f").read_bytes() == CONTENT


def test_the_stores_own_checksum_is_checked(store: str, tmp_path: Path) -> None:
    client = client_of(store)

    def stop(had: int, total: int | None) -> None:
        raise KeyError

    with pytest.raises(KeyError):
        client.download("datasets", "0061/iris.pq", tmp_path / "f", progress=stop)
    (part,) = tmp_path.glob(".f.*.part")
    part.write_bytes(b"x" * part.stat().st_size)
    with pytest.raises(OpenMLHashException, match="not those promised"):
        client.download("datasets", "0061/iris.pq", tmp_path / "f")
    assert list(tmp_path.iterdir()) == []


def test_a_checksum_that_is_given_is_checked(store: str, tmp_path: Path) -> None:
    client = client_of(store)
    digest = hashlib.sha256(CONTENT).hexdigest()
    name = "0061/iris.pq"
    client.download("datasets", name, tmp_path / "f", checksum=f"sha256:{digest}")
    with pytest.raises(OpenMLHashException):
        client.download("datasets", name, tmp_path / "g", checksum=f"sha256:{'0' * 64}")
    assert [path.name for path in tmp_path.iterdir()] == ["f"]


@pytest.mark.parametrize(("bucket", "name"), [("datasets", "none"), ("no-bucket", "x")])
def test_what_is_not_there_is_told_in_words(
    store: str, tmp_path: Path, bucket: str, name: str
) -> None:
    with pytest.raises(OpenMLServerException, match=f"Could not fetch {bucket}/{name}") as caught:
        client_of(store).download(bucket, name, tmp_path / "f")
    assert caught.value.status == 404
    assert list(tmp_path.iterdir()) == []


def test_names_that_s3_does_not_allow_are_told_in_words(store: str, tmp_path: Path) -> None:
    with pytest.raises(OpenMLServerException, match="Check the names"):
        client_of(store).download("X", "y", tmp_path / "f")


def test_a_store_that_cannot_be_reached_is_told_in_words(tmp_path: Path) -> None:
    client = client_of(f"http://127.0.0.1:{unused_port()}")
    with pytest.raises(OpenMLConnectionError, match="cannot be reached") as caught:
        client.download("datasets", "x", tmp_path / "f")
    assert not caught.value.sent
    report = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    assert SECRET not in "".join(report.format())
    assert SECRET not in repr(vars(client))


def test_a_transfer_that_breaks_off_goes_on_where_it_was(tmp_path: Path) -> None:
    etag = {"etag": f'"{hashlib.md5(CONTENT).hexdigest()}"', "accept-ranges": "bytes"}
    size = {"content-length": str(len(CONTENT))}
    modified = {"last-modified": "Wed, 21 Oct 2015 07:28:00 GMT"}

    def handler(request: Request) -> Reply:
        if request.method == "HEAD":
            return Reply(200, "", etag | size | modified)
        if "range" not in request.headers:
            broken = Reply(200, CONTENT[:600_000], etag | size)
            return Reply(raw=broken.encoded(), close=True)
        start = int(request.headers["range"].removeprefix("bytes=").rstrip("-"))
        return Reply(206, CONTENT[start:], etag)

    with serving(handler) as server:
        client = MinIOClient(server.origin, retry=QUICK, region="us-east-1")
        client.download("datasets", "x", tmp_path / "f")
    assert (tmp_path / "f").read_bytes() == CONTENT
    assert [request.method for request in server.requests] == ["HEAD", "GET", "HEAD", "GET"]
    assert all("authorization" not in request.headers for request in server.requests)


@pytest.mark.parametrize("server", ["", "data.openml.org", "ftp://x", "https://x/bucket"])
def test_what_is_no_store_is_refused(server: str) -> None:
    with pytest.raises(UsageError, match="is no store"):
        MinIOClient(server)


ARFF = b"@relation p\n@attribute row_id numeric\n@attribute prediction {a,b}\n@data\n7,a\n"


def test_a_file_of_a_run_in_object_storage_comes_from_there(store: str, tmp_path: Path) -> None:
    """And one that lies elsewhere does not."""
    from minio import Minio

    address = store.removeprefix("http://")
    inside = Minio(address, "me", SECRET, secure=False, region="us-east-1")
    inside.put_object("datasets", "runs/7/predictions.arff", io.BytesIO(ARFF), len(ARFF))
    run = Run(
        7,
        *[None] * 7,  # type: ignore[arg-type]
        files=(OutputFile("predictions", 5, f"{store}/datasets/runs/7/predictions.arff"),),
    )
    elsewhere = Reply(body=b"elsewhere", headers={"content-type": "text/plain"})
    with (
        serving(lambda request: elsewhere) as server,
        RunV1API(HTTPClient(server.base, retry="none"), client_of(store)) as api,
    ):
        assert api.predictions(run)["prediction"].tolist() == ["a"]
        size = api.download_file(f"{store}/datasets/0061/iris.pq", tmp_path / "iris.pq")
        assert size == len(CONTENT)
        assert server.requests == []
        assert api.download_text_file(api.file_id_to_url(5)) == "elsewhere"
        assert len(server.requests) == 1


# The settings name a store.


def run_with_file(url: str) -> str:
    """V1's description of run 7 with one file at an address."""
    return (
        '<oml:run xmlns:oml="http://openml.org/openml"><oml:run_id>7</oml:run_id>'
        "<oml:uploader>1</oml:uploader><oml:task_id>59</oml:task_id><oml:flow_id>1</oml:flow_id>"
        "<oml:setup_id>1</oml:setup_id><oml:output_data><oml:file><oml:did>-1</oml:did>"
        "<oml:file_id>5</oml:file_id><oml:name>predictions</oml:name>"
        f"<oml:url>{url}</oml:url></oml:file></oml:output_data></oml:run>"
    )


@pytest.fixture
def described(store: str) -> Iterator[str]:
    """A server whose run 7 has a file in the store, for those who have its keys."""
    from minio import Minio

    inside = Minio(store.removeprefix("http://"), "me", SECRET, secure=False, region="us-east-1")
    inside.put_object("datasets", "runs/7/predictions.arff", io.BytesIO(ARFF), len(ARFF))
    text = run_with_file(f"{store}/datasets/runs/7/predictions.arff")
    with serving(lambda request: Reply(body=text)) as server:
        yield server.base


def store_variables(store: str) -> dict[str, str]:
    return {
        "RUNBROWSER_MINIO_SERVER": store,
        "RUNBROWSER_MINIO_ACCESS_KEY": "me",
        "RUNBROWSER_MINIO_SECRET_KEY": SECRET,
    }


def test_download_takes_a_runs_file_from_the_store_of_the_settings(
    described: str, store: str, tmp_path: Path
) -> None:
    environ = clean_environment(tmp_path) | store_variables(store)
    words = [sys.executable, "-m", "runbrowser", "download", "7", "--server", described]

    def download(*more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*words, *more], env=environ, cwd=tmp_path, capture_output=True, text=True, timeout=60
        )

    done = download()
    assert (done.returncode, done.stdout) == (0, "run_7/predictions.arff\n"), done.stderr
    file = tmp_path / "run_7" / "predictions.arff"
    assert file.read_bytes() == ARFF
    file.write_text("mine")
    assert download().returncode == 2
    assert file.read_text() == "mine"
    assert download("--force").returncode == 0
    assert file.read_bytes() == ARFF


def test_the_keys_of_a_store_are_shown_to_nobody(store: str, tmp_path: Path) -> None:
    environ = clean_environment(tmp_path) | store_variables(store)
    words = [sys.executable, "-m", "runbrowser", "config", "show"]
    done = subprocess.run(words, env=environ, capture_output=True, text=True, timeout=60)
    assert store in done.stdout
    assert SECRET not in done.stdout + done.stderr


def test_keys_of_a_store_in_a_file_go_to_the_store_of_that_file_alone(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(
        'minio_server = "https://one.example"\nminio_access_key = "me"\n'
        f'minio_secret_key = "{SECRET}"\n'
    )
    environ = {"RUNBROWSER_CONFIG_DIR": str(tmp_path), "HOME": str(tmp_path)}
    own = load(environ=environ)
    assert own.minio_secret_key is not None
    assert SECRET not in repr(own)
    other = load(environ=environ | {"RUNBROWSER_MINIO_SERVER": "https://two.example"})
    assert (other.minio_access_key, other.minio_secret_key) == (None, None)
    assert any("not sent" in note for note in other.notes)
    with pytest.raises(UsageError, match="no address of a store"):
        load(environ=environ | {"RUNBROWSER_MINIO_SERVER": "https://two.example/bucket"})


def test_library_and_browser_take_files_from_the_store_of_the_settings(
    described: str, store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in store_variables(store).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("RUNBROWSER_CONFIG_DIR", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    with connect(described, cache=False) as api:
        assert api.predictions(7)["prediction"].tolist() == ["a"]

    async def browser() -> None:
        source = live_source(load({"server": described}), keep=False)
        run = await source.run(7)
        await source.download_file(run.predictions_url or "", tmp_path / "p.arff")
        await source.close()

    asyncio.run(browser())
    assert (tmp_path / "p.arff").read_bytes() == ARFF
