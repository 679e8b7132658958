"""Replies that come too slowly or are too large are given up, in words; so are closed clients."""

import asyncio
import gzip
import socket
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runbrowser.client import download, intake, sender
from runbrowser.client.calls import v1 as calls
from runbrowser.client.http import AsyncHTTPClient
from runbrowser.errors import AnswerError, OpenMLConnectionError, OpenMLServerError
from runbrowser.models import RunFilter

from .pages import page_of, run_row
from .servers import Driver, Reply, serving
from .test_download import fetch

Connect = Callable[..., Driver]
LIST = calls.list_runs(RunFilter(), 10, 0)


@pytest.fixture
def dripping() -> Iterator[str]:
    """A server that sends a byte of its reply every 50 ms, for as long as somebody listens."""
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while not ended.is_set():
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65_536)
                    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
                    try:
                        while not ended.wait(0.05):
                            connection.sendall(b" ")
                    except OSError:
                        continue

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/api/v1/xml/"
        ended.set()
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(10)


def test_a_reply_that_drips_is_given_up_after_ten_times_the_limit(
    connect: Connect, dripping: str
) -> None:
    with pytest.raises(OpenMLConnectionError) as caught:
        connect(dripping, timeout=0.2).send(LIST)
    assert "took too long. Try again, or ask for less at once." in str(caught.value)
    assert caught.value.sent


def packed_reply(body: bytes, encoding: str = "gzip", status: int = 200) -> Reply:
    head = (
        f"HTTP/1.1 {status} X\r\ncontent-encoding: {encoding}\r\ncontent-type: text/xml\r\n"
        f"content-length: {len(body)}\r\n\r\n"
    )
    return Reply(raw=head.encode() + body, close=True)


def test_a_reply_that_would_fill_the_memory_is_given_up(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "LARGEST_DOCUMENT", 2**20)
    with serving(packed_reply(gzip.compress(bytes(2**26)))) as server:
        with pytest.raises(AnswerError) as caught:
            connect(server.base).send(LIST)
        assert str(caught.value).endswith("larger than 1 MB. Ask for less at once.")
        assert len(server.requests) == 1


def test_a_document_takes_at_most_64_mb_and_little_more_while_it_comes(connect: Connect) -> None:
    """As tracemalloc counts it: 4 GB in a few kilobytes once took 4 GB."""
    bomb = gzip.compress(bytes(2**28))
    tracemalloc.start()
    try:
        with serving(packed_reply(bomb)) as server, pytest.raises(AnswerError):
            connect(server.base).send(LIST)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < intake.LARGEST_DOCUMENT + 8 * 2**20


@pytest.mark.parametrize("encoding", ["gzip, gzip", "br", "deflate", "zstd", "gzip,identity"])
def test_no_packing_is_undone_but_the_one_that_was_asked_for(
    connect: Connect, encoding: str
) -> None:
    body = gzip.compress(gzip.compress(page_of([run_row(1)]).encode()))
    with serving(packed_reply(body, encoding)) as server, pytest.raises(AnswerError) as caught:
        connect(server.base).send(LIST)
    assert f"packed its reply ({encoding})" in str(caught.value)


def test_a_packed_page_is_read_and_one_that_breaks_off_is_not(connect: Connect) -> None:
    rows = [run_row(number, "x" * 100) for number in range(1, 500)]
    body = gzip.compress(page_of(rows).encode())
    with serving(packed_reply(body)) as server:
        assert list(connect(server.base).send(LIST)) == rows
    for cut in (body[:-9], body[: len(body) // 2]):
        with serving(packed_reply(cut)) as server:
            with pytest.raises(OpenMLConnectionError) as caught:
                connect(server.base).send(LIST)
            assert "sent what cannot be unpacked (it ends before its end)" in str(caught.value)


def test_of_a_refusal_no_more_than_its_beginning_is_taken(connect: Connect, tmp_path: Path) -> None:
    page = b"<html><title>Down</title>" + bytes(2**26)
    tracemalloc.start()
    try:
        with (
            serving(packed_reply(gzip.compress(page), status=500)) as server,
            pytest.raises(OpenMLServerError, match='titled "Down"'),
        ):
            connect(server.base).send(LIST)
        with (
            serving(packed_reply(gzip.compress(page), status=503)) as server,
            pytest.raises(OpenMLServerError, match='titled "Down"'),
        ):
            fetch(connect(server.base), "file", tmp_path / "f")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 16 * 2**20
    assert list(tmp_path.iterdir()) == []


def test_a_packed_download_does_not_fill_the_disk(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(download, "LARGEST_UNPACKED", 2**22)
    head = (
        "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-type: text/plain\r\n"
        "content-length: {}\r\n\r\n"
    )
    for size, fits in ((2**22, True), (2**25, False)):
        body = gzip.compress(bytes(size))
        reply = Reply(raw=head.format(len(body)).encode() + body, close=True)
        with serving(reply) as server:
            driver = connect(server.base)
            if fits:
                assert fetch(driver, "file", tmp_path / "f") == size
                continue
            with pytest.raises(AnswerError, match="unpacks to more than 4 MB"):
                fetch(driver, "file", tmp_path / "g")
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 2**23


def test_the_event_loop_goes_on_while_a_large_reply_is_unpacked() -> None:
    """Unpacked on the loop, 64 MB held it up for the length of it; here it turns many times."""
    bomb = gzip.compress(bytes(2**27))

    async def ask(base: str) -> int:
        turns = 0

        async def turn() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        async with AsyncHTTPClient(base, retry="none") as client:
            turning = asyncio.create_task(turn())
            before = intake.Packing.unpacked
            seen: list[int] = []

            def counted(self: intake.Packing, piece: bytes) -> Iterator[bytes]:
                seen.append(threading.get_ident())
                return before(self, piece)

            intake.Packing.unpacked = counted  # type: ignore[method-assign]
            try:
                with pytest.raises(AnswerError):
                    await client.send(LIST)
            finally:
                intake.Packing.unpacked = before  # type: ignore[method-assign]
                turning.cancel()
            assert seen and threading.get_ident() not in seen
        return turns

    with serving(packed_reply(bomb)) as server:
        assert asyncio.run(ask(server.base)) > 10


def test_a_closed_client_says_so_and_sends_nothing(connect: Connect) -> None:
    with serving(Reply()) as server:
        driver = connect(server.base)
        driver.close()
        with pytest.raises(OpenMLConnectionError) as caught:
            driver.send(LIST)
    assert "was closed here" in str(caught.value) and not caught.value.sent
    assert not server.requests
