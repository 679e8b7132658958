"""Replies that come too slowly or are too large are given up, in words; so are closed clients."""

import gzip
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from runbrowser.client import sender
from runbrowser.client.calls import v1 as calls
from runbrowser.errors import AnswerError, OpenMLConnectionError
from runbrowser.models import RunFilter

from .servers import Driver, Reply, serving

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


def test_a_reply_that_would_fill_the_memory_is_given_up(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "LARGEST_REPLY", 2**20)
    packed = gzip.compress(bytes(2**26))
    head = f"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {len(packed)}\r\n\r\n"
    reply = Reply(raw=head.encode() + packed, close=True)
    with serving(reply) as server, pytest.raises(AnswerError) as caught:
        connect(server.base).send(LIST)
    assert str(caught.value).endswith("larger than 256 MB. Ask for less at once.")
    assert len(server.requests) == 1


def test_a_closed_client_says_so_and_sends_nothing(connect: Connect) -> None:
    with serving(Reply()) as server:
        driver = connect(server.base)
        driver.close()
        with pytest.raises(OpenMLConnectionError) as caught:
            driver.send(LIST)
    assert "was closed here" in str(caught.value) and not caught.value.sent
    assert not server.requests
