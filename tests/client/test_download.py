"""Files come whole or not at all, and what came is not asked for twice."""

from __future__ import annotations

import hashlib
import re
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from runbrowser.client.download import download, download_async
from runbrowser.client.retry import HUMAN
from runbrowser.errors import (
    AnswerError,
    OpenMLConnectionError,
    OpenMLHashException,
    OpenMLServerError,
    OpenMLServerException,
    UsageError,
)

from .recorded import v1
from .servers import KEY, Blocking, Driver, Reply, Request, serving
from .test_http import recording

Connect = Callable[..., Driver]

CONTENT = bytes(range(256)) * 2000  # 512 kB
QUICK = replace(HUMAN, wait=lambda n: 0.01)


def fetch(driver: Driver, url: str, target: Path, **options: Any) -> int:
    if isinstance(driver, Blocking):
        return download(driver.client, url, target, **options)
    return driver.run(download_async(driver.client, url, target, **options))  # type: ignore[no-any-return, arg-type]


class Files:
    """Serves CONTENT as Apache does, ranges and ETag included; ``cut`` breaks replies off after so
    many bytes. Without ``versions`` it names none, as a script that streams a file.
    """

    def __init__(
        self, content: bytes = CONTENT, cut: int | None = None, *, versions: bool = True
    ) -> None:
        self.content = content
        self.cut = cut
        self.versions = versions

    def __call__(self, request: Request) -> Reply:
        start, status = 0, 200
        headers = {"content-type": "text/plain"}
        version = f'"{hashlib.md5(self.content).hexdigest()}"'
        if self.versions:
            headers["etag"] = version
        if request.headers.get("if-range", version) != version:
            request.headers.pop("range")
        if match := re.match(r"bytes=(\d+)-\Z", request.headers.get("range", "")):
            start, status = int(match[1]), 206
            if start >= len(self.content):
                return Reply(416, "", {"content-range": f"bytes */{len(self.content)}"})
            last = len(self.content) - 1
            headers["content-range"] = f"bytes {start}-{last}/{len(self.content)}"
        body = self.content[start:]
        if self.cut is None or len(body) <= self.cut:
            return Reply(status, body, headers)
        headers["content-length"] = str(len(body))
        whole = Reply(status, body[: self.cut], headers)
        return Reply(raw=whole.encoded(), close=True)


def test_a_recorded_file_arrives_byte_for_byte(connect: Connect, tmp_path: Path) -> None:
    target = tmp_path / "new" / "predictions.arff"
    with serving(recording("w_upload_file_1")) as server:
        driver = connect(server.base, KEY)
        size = fetch(driver, f"{server.origin}/data/download/56168/predictions.arff", target)
    assert target.read_bytes() == v1("w_upload_file_1").body
    assert size == len(v1("w_upload_file_1").body)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert KEY not in str(server.requests)
    assert [path.name for path in target.parent.iterdir()] == ["predictions.arff"]


def test_progress_is_told_piece_by_piece(connect: Connect, tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    with serving(Files()) as server:
        fetch(
            connect(server.base), "file", tmp_path / "f", progress=lambda n, t: told.append((n, t))
        )
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert len(told) > 4
    assert [n for n, _ in told] == sorted({n for n, _ in told})


def test_a_transfer_that_breaks_off_goes_on_where_it_was(connect: Connect, tmp_path: Path) -> None:
    with serving(Files(cut=200_000)) as server:
        size = fetch(connect(server.base, retry=QUICK), "file", tmp_path / "f")
    assert size == len(CONTENT)
    assert (tmp_path / "f").read_bytes() == CONTENT
    asked = [request.headers.get("range") for request in server.requests]
    assert asked == [None, "bytes=200000-", "bytes=400000-"]


def test_the_next_call_goes_on_where_the_last_one_gave_up(connect: Connect, tmp_path: Path) -> None:
    files = Files(cut=300_000)
    target = tmp_path / "f"
    with serving(files) as server:
        driver = connect(server.base)
        with pytest.raises(OpenMLConnectionError):
            fetch(driver, "file", target)
        assert not target.exists()
        files.cut = None
        fetch(driver, "file", target, checksum=f"sha256:{hashlib.sha256(CONTENT).hexdigest()}")
    assert target.read_bytes() == CONTENT
    assert server.requests[1].headers["range"] == "bytes=300000-"


def test_a_server_without_ranges_sends_it_all_again(connect: Connect, tmp_path: Path) -> None:
    files = Files(cut=300_000)

    def handler(request: Request) -> Reply:
        request.headers.pop("range", None)
        return files(request)

    with serving(handler) as server:
        driver = connect(server.base)
        with pytest.raises(OpenMLConnectionError):
            fetch(driver, "file", tmp_path / "f")
        files.cut = None
        fetch(driver, "file", tmp_path / "f")
    assert (tmp_path / "f").read_bytes() == CONTENT


def test_a_part_that_does_not_fit_is_thrown_away(connect: Connect, tmp_path: Path) -> None:
    files = Files(cut=300_000)
    with serving(files) as server:
        driver = connect(server.base, retry=QUICK)
        with pytest.raises(OpenMLConnectionError):
            fetch(connect(server.base), "file", tmp_path / "f")
        files.content, files.cut = b"now it is short", None
        fetch(driver, "file", tmp_path / "f")
    assert (tmp_path / "f").read_bytes() == b"now it is short"


def test_a_part_that_is_all_there_only_gets_its_name(connect: Connect, tmp_path: Path) -> None:
    files = Files(cut=300_000)
    with serving(files) as server:
        driver = connect(server.base)
        with pytest.raises(OpenMLConnectionError):
            fetch(driver, "file", tmp_path / "f")
        (part,) = tmp_path.glob(".f.*.part")
        part.write_bytes(CONTENT)
        assert fetch(driver, "file", tmp_path / "f") == len(CONTENT)
    assert (tmp_path / "f").read_bytes() == CONTENT


@pytest.mark.parametrize("kind", ["md5", "sha256"])
def test_other_bytes_than_promised_are_not_kept(
    connect: Connect, tmp_path: Path, kind: str
) -> None:
    target = tmp_path / "f"
    target.write_bytes(b"what was there before")
    digest = hashlib.new(kind, CONTENT).hexdigest()
    with serving(Files()) as server:
        driver = connect(server.base)
        with pytest.raises(OpenMLHashException, match="not those promised"):
            fetch(driver, "file", target, checksum=f"{kind}:{'0' * len(digest)}")
        assert target.read_bytes() == b"what was there before"
        assert [path.name for path in tmp_path.iterdir()] == ["f"]
        fetch(driver, "file", target, checksum=f"{kind}:{digest.upper()}")
    assert target.read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (recording("run_get_notfound"), OpenMLServerException),
        (Reply(404, "<html><title>Not Found</title></html>"), OpenMLServerError),
        (Reply(200, "<html>", {"content-type": "text/html"}), AnswerError),
        (Reply(302, headers={"location": "/again"}), OpenMLServerError),
    ],
    ids=["236", "404", "page", "circle"],
)
def test_what_is_no_file_is_told_and_not_kept(
    connect: Connect, tmp_path: Path, reply: Reply, kind: type[OpenMLServerError]
) -> None:
    with serving(reply) as server, pytest.raises(kind, match="Could not fetch f"):
        fetch(connect(server.base), "file", tmp_path / "f")
    assert list(tmp_path.iterdir()) == []


def test_redirects_are_followed(connect: Connect, tmp_path: Path) -> None:
    def handler(request: Request) -> Reply:
        if request.path.endswith("file"):
            return Reply(302, headers={"location": "/elsewhere"})
        return Files()(request)

    with serving(handler) as server:
        fetch(connect(server.base), "file", tmp_path / "f")
    assert (tmp_path / "f").read_bytes() == CONTENT


def test_an_empty_file_is_a_file(connect: Connect, tmp_path: Path) -> None:
    with serving(Files(b"")) as server:
        assert fetch(connect(server.base), "file", tmp_path / "f") == 0
    assert (tmp_path / "f").read_bytes() == b""


@pytest.mark.parametrize("checksum", ["", "abc", "crc32:00", "md5:xyz", "md5:"])
def test_what_is_no_checksum_is_refused_before_anything_is_sent(
    connect: Connect, tmp_path: Path, checksum: str
) -> None:
    with serving(Files()) as server, pytest.raises(UsageError, match="no checksum"):
        fetch(connect(server.base), "file", tmp_path / "f", checksum=checksum)
    assert server.connections == 0


def test_without_a_version_a_transfer_begins_anew_and_leaves_no_part(
    connect: Connect, tmp_path: Path
) -> None:
    files = Files(cut=300_000, versions=False)
    with serving(files) as server:
        driver = connect(server.base)
        with pytest.raises(OpenMLConnectionError):
            fetch(driver, "file", tmp_path / "f")
        assert list(tmp_path.iterdir()) == []
        files.cut = None
        fetch(driver, "file", tmp_path / "f")
    assert (tmp_path / "f").read_bytes() == CONTENT
    assert [request.headers.get("range") for request in server.requests] == [None, None]


def test_a_part_of_another_version_is_not_gone_on_with(connect: Connect, tmp_path: Path) -> None:
    files = Files(cut=300_000)
    with serving(files) as server:
        driver = connect(server.base)
        with pytest.raises(OpenMLConnectionError):
            fetch(driver, "file", tmp_path / "f")
        files.content, files.cut = CONTENT[::-1], None
        fetch(driver, "file", tmp_path / "f")
    assert (tmp_path / "f").read_bytes() == CONTENT[::-1]
    assert [path.name for path in tmp_path.iterdir()] == ["f"]


@pytest.mark.parametrize("planted", ["link", "hard link", "stale part"])
def test_nothing_that_lies_where_a_part_would_is_written_to_or_trusted(
    connect: Connect, tmp_path: Path, planted: str
) -> None:
    victim, folder = tmp_path / "victim", tmp_path / "folder"
    folder.mkdir()
    victim.write_bytes(b"precious")
    files = Files(cut=300_000)
    with serving(files) as server:
        driver = connect(server.base)
        with pytest.raises(OpenMLConnectionError):
            fetch(driver, "file", folder / "f")
        (part,) = folder.glob(".f.*.part")
        old = hashlib.sha256(f"{server.base}file".encode()).hexdigest()[:12]
        for name in (part.name, f".f.{old}.part"):  # today's name and that of former versions
            path = folder / name
            path.unlink(missing_ok=True)
            if planted == "link":
                path.symlink_to(victim)
            elif planted == "hard link":
                path.hardlink_to(victim)
            elif name != part.name:
                path.write_bytes(b"stale")
        files.cut = None
        fetch(driver, "file", folder / "f")
    assert (folder / "f").read_bytes() == CONTENT
    assert not (folder / "f").is_symlink()
    assert victim.read_bytes() == b"precious"


@pytest.mark.parametrize("there", ["other bytes", "the same bytes", "a link", "a dead link"])
def test_a_file_of_that_name_stays_where_it_is_not_to_be_overwritten(
    connect: Connect, tmp_path: Path, there: str
) -> None:
    target, elsewhere = tmp_path / "f", tmp_path / "elsewhere"
    if there == "the same bytes":
        target.write_bytes(CONTENT)
    elif there == "other bytes":
        target.write_bytes(b"mine")
    else:
        if there == "a link":
            elsewhere.write_bytes(b"mine")
        target.symlink_to(elsewhere)
    before = sorted(path.name for path in tmp_path.iterdir())
    with serving(Files()) as server:
        if there == "the same bytes":
            assert fetch(connect(server.base), "file", target, overwrite=False) == len(CONTENT)
        else:
            with pytest.raises(FileExistsError):
                fetch(connect(server.base), "file", target, overwrite=False)
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    assert there == "the same bytes" or target.is_symlink() or target.read_bytes() == b"mine"
    assert there != "a link" or elsewhere.read_bytes() == b"mine"
