"""What the clients do on a real socket, blocking and async alike."""

from __future__ import annotations

import asyncio
import gzip
import socket
import threading
import time
import traceback
from collections.abc import Callable
from urllib.parse import quote

import httpx
import pytest

from runbrowser.client.call import Call
from runbrowser.client.calls import v1 as calls
from runbrowser.client.http import AsyncHTTPClient, HTTPClient
from runbrowser.errors import (
    AnswerError,
    OpenMLAuthenticationError,
    OpenMLConnectionError,
    OpenMLServerError,
    OpenMLServerException,
    UsageError,
)
from runbrowser.models import RunFilter
from runbrowser.secret import ApiKey

from .pages import page_of, run_row
from .recorded import v1
from .servers import KEY, Driver, Reply, Request, Server, serving, unused_port

Connect = Callable[..., Driver]

LIST = calls.list_runs(RunFilter(task=(59,)), 10)
READ = Call("try it", "GET", "thing", lambda answer: answer.body)
PAGE = page_of([run_row(1, "a & b"), run_row(2)])


def recording(name: str) -> Reply:
    """A recorded reply of V1, as it travelled."""
    case = v1(name)
    headers = {k: v for k, v in case.headers.items() if k != "content-length"}
    return Reply(case.status, case.sent, headers)


def rendered(error: BaseException) -> str:
    """Everything that a crash report could show of an error, with the variables of all frames."""
    report = traceback.TracebackException.from_exception(error, capture_locals=True)
    parts = ["".join(report.format()), str(error), repr(error), repr(vars(error))]
    seen: set[int] = set()
    chain: list[BaseException | None] = [error]
    while chain:
        link = chain.pop()
        if link is None or id(link) in seen:
            continue
        seen.add(id(link))
        chain += [link.__cause__, link.__context__]
        tb = link.__traceback__
        while tb is not None:
            parts += [repr(value) for value in tb.tb_frame.f_locals.values()]
            tb = tb.tb_next
    return "\n".join(parts)


def assert_says(error: OpenMLServerError, *words: str) -> None:
    """The error is one sentence for a person, and nothing of it holds the key."""
    for word in words:
        assert word in str(error)
    assert str(error).startswith("Could not ")
    assert str(error).endswith(".")
    assert KEY not in error.url
    # The test's own frame knows the key only through the module, not as a variable.
    assert KEY not in rendered(error)


def test_a_page_is_fetched_and_read(connect: Connect) -> None:
    with serving(Reply(body=PAGE)) as server:
        page = connect(server.base).send(LIST)
    assert [row.run_id for row in page] == [1, 2]
    (request,) = server.requests
    assert (request.method, request.path) == (
        "GET",
        "/api/v1/xml/run/list/limit/10/task/59/show_errors/true",
    )
    assert request.headers["accept-encoding"] == "gzip"
    assert request.headers["user-agent"].startswith("runbrowser/")


def test_recorded_replies_are_read_over_the_wire(connect: Connect) -> None:
    names = ["run_list_gzip", "run_list_s01", "run_list_no_result", "run_list_limit_10000"]
    with serving(lambda request: recording(names[len(server.requests) - 1])) as server:
        driver = connect(server.base)
        pages = [driver.send(calls.list_runs(RunFilter(), 10_000)) for _ in names]
    assert [len(page) for page in pages] == [1000, 1, 0, 10_000]


def test_compressed_replies_are_unpacked(connect: Connect) -> None:
    packed = Reply(body=gzip.compress(PAGE.encode()), headers={"content-encoding": "gzip"})
    with serving(packed) as server:
        assert len(connect(server.base).send(LIST)) == 2


def test_what_cannot_be_unpacked_is_told_in_words(connect: Connect) -> None:
    with (
        serving(Reply(body=b"no gzip", headers={"content-encoding": "gzip"})) as server,
        pytest.raises(OpenMLConnectionError) as caught,
    ):
        connect(server.base, KEY).send(LIST)
    assert_says(caught.value, "Could not list runs", "cannot be unpacked", "Try again.")


def test_connections_are_kept_and_used_again(connect: Connect) -> None:
    with serving(Reply(body=PAGE)) as server:
        driver = connect(server.base)
        for _ in range(5):
            driver.send(LIST)
    assert [request.connection for request in server.requests] == [1] * 5


def test_a_connection_that_the_server_closed_while_idle_is_replaced(connect: Connect) -> None:
    with serving(Reply(body=PAGE), idle=0.2) as server:
        driver = connect(server.base)
        driver.send(LIST)
        deadline = time.monotonic() + 10
        while server._open and time.monotonic() < deadline:
            time.sleep(0.01)
        assert len(driver.send(LIST)) == 2
    assert [request.connection for request in server.requests] == [1, 2]


def test_a_write_never_leaves_on_a_connection_that_lay_idle(connect: Connect) -> None:
    with serving(recording("w_tag_ok_second")) as server:
        driver = connect(server.base, KEY)
        for _ in range(3):
            driver.send(calls.tag(5, "x"))
    assert [request.connection for request in server.requests] == [1, 2, 3]


def test_no_cookie_is_ever_sent_back(connect: Connect) -> None:
    cookie = {"set-cookie": "ci_session=abc; path=/; HttpOnly", "set-cookie2": "x=y"}
    with serving(Reply(body=PAGE, headers=cookie)) as server:
        driver = connect(server.base)
        driver.send(LIST)
        driver.send(LIST)
    assert all("cookie" not in request.headers for request in server.requests)


def test_a_read_carries_no_key(connect: Connect) -> None:
    with serving(Reply(body=PAGE)) as server:
        connect(server.base, KEY).send(LIST)
    (request,) = server.requests
    assert KEY not in request.target + str(request.headers) + request.body.decode()


def test_a_delete_carries_the_key_in_the_query_alone(connect: Connect) -> None:
    with serving(recording("w_delete_ok")) as server:
        assert connect(server.base, KEY).send(calls.delete(900060)) is True
    (request,) = server.requests
    assert (request.method, request.path) == ("DELETE", "/api/v1/xml/run/900060")
    assert request.query == {"api_key": [KEY]}
    assert request.body == b""
    assert KEY not in str(request.headers)


def test_a_tag_carries_the_key_in_the_form_alone(connect: Connect) -> None:
    with serving(recording("w_tag_ok_second")) as server:
        tags = connect(server.base, ApiKey(KEY)).send(calls.tag(900052, "another.tag-2"))
    assert tags == ["another.tag-2", "mytag"]
    (request,) = server.requests
    assert (request.method, request.path, request.query) == ("POST", "/api/v1/xml/run/tag", {})
    assert request.form == {"run_id": ["900052"], "tag": ["another.tag-2"], "api_key": [KEY]}


def test_a_run_is_published_as_a_form_with_files(connect: Connect) -> None:
    files = {
        "description": ("description.xml", b"<oml:run/>", "text/xml"),
        "predictions": ("predictions.arff", b"@relation x"),
    }
    with serving(recording("w_upload_ok")) as server:
        assert connect(server.base, KEY).send(calls.publish("run", files)) == 10500408
    (request,) = server.requests
    assert request.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert request.query == {}
    for part in (
        b'name="api_key"\r\n\r\n' + KEY.encode(),
        b'name="description"; filename="description.xml"',
        b'name="predictions"; filename="predictions.arff"',
        b"<oml:run/>",
    ):
        assert part in request.body


@pytest.mark.parametrize("call", [calls.tag(1, "x"), calls.delete(1), calls.publish("run", None)])
def test_a_write_without_a_key_is_refused_before_anything_is_sent(
    connect: Connect, call: Call[object]
) -> None:
    with serving(Reply()) as server, pytest.raises(OpenMLAuthenticationError) as caught:
        connect(server.base).send(call)
    assert server.connections == 0
    assert_says(caught.value, "there is no API key", "OPENML_APIKEY")


@pytest.mark.parametrize("name", ["w_delete_notowned", "run_list_key_bad", "w_tag_already"])
def test_a_refusal_never_shows_the_key(connect: Connect, name: str) -> None:
    for call in (calls.delete(1), calls.tag(1, "x")):
        with serving(recording(name)) as server, pytest.raises(OpenMLServerException) as caught:
            connect(server.base, KEY).send(call)
        assert_says(caught.value, "[code ")


def test_a_server_that_quotes_the_key_is_not_quoted(connect: Connect) -> None:
    """A proxy's error page that repeats the address it was asked for."""

    def quoting(request: Request) -> Reply:
        page = f"<html><title>Bad address {request.target}</title></html>"
        return Reply(502, page, {"content-type": "text/html"})

    with serving(quoting) as server, pytest.raises(OpenMLServerError) as caught:
        connect(server.base, KEY).send(calls.delete(1))
    assert "Bad address /api/v1/xml/run/1?api_key=****" in str(caught.value)
    assert_says(caught.value)


def test_a_refused_connection_is_told_in_words(connect: Connect) -> None:
    port = unused_port()
    for call in (LIST, calls.delete(1), calls.tag(1, "x")):
        with pytest.raises(OpenMLConnectionError) as caught:
            connect(f"http://127.0.0.1:{port}/api/v1/xml/", KEY).send(call)
        assert_says(caught.value, f"http://127.0.0.1:{port} cannot be reached", "Check the address")
        assert not caught.value.sent


def test_a_host_name_that_does_not_exist_is_told_in_words(connect: Connect) -> None:
    with pytest.raises(OpenMLConnectionError) as caught:
        connect("http://no-such-host.invalid/api/v1/xml/", KEY).send(LIST)
    assert_says(caught.value, "no-such-host.invalid cannot be reached")
    assert not caught.value.sent


def test_a_server_that_takes_no_connection_is_given_up_after_the_connect_timeout(
    connect: Connect,
) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(4)]  # fill the queue that nobody empties
        try:
            for one in waiting:
                one.setblocking(False)
                one.connect_ex(listener.getsockname())
            base = f"http://127.0.0.1:{listener.getsockname()[1]}/"
            with pytest.raises(OpenMLConnectionError) as caught:
                connect(base, KEY, timeout=httpx.Timeout(5, connect=0.3)).send(LIST)
        finally:
            for one in waiting:
                one.close()
    assert_says(caught.value, "does not answer", "Check the address")
    assert not caught.value.sent


@pytest.mark.parametrize("call", [LIST, calls.delete(1)], ids=["read", "write"])
def test_a_server_that_stalls_is_given_up_after_the_read_timeout(
    connect: Connect, call: Call[object]
) -> None:
    release = threading.Event()

    def stall(_: Request) -> Reply:
        release.wait(20)
        return Reply(close=True)

    with serving(stall) as server:
        try:
            with pytest.raises(OpenMLConnectionError) as caught:
                connect(server.base, KEY, timeout=0.3).send(call)
        finally:
            release.set()
    assert_says(caught.value, "took too long")
    assert caught.value.sent
    if call.repeatable:
        assert "Try again, or ask for less" in str(caught.value)
    else:
        assert "look at the run before trying again" in str(caught.value)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(raw=b"", close=True),
        Reply(raw=b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort", close=True),
        Reply(raw=b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab", close=True),
        Reply(raw=b"SSH-2.0-OpenSSH_9.2\r\n", close=True),
    ],
    ids=["nothing", "short", "chunk", "no HTTP"],
)
@pytest.mark.parametrize("call", [LIST, calls.delete(1)], ids=["read", "write"])
def test_a_connection_cut_off_is_told_in_words(
    connect: Connect, reply: Reply, call: Call[object]
) -> None:
    with serving(reply) as server, pytest.raises(OpenMLConnectionError) as caught:
        connect(server.base, KEY).send(call)
    assert_says(caught.value, "cut the connection")
    assert caught.value.sent
    assert len(server.requests) == 1


def test_a_web_page_with_status_200_is_an_answer_error(connect: Connect) -> None:
    page = "<!DOCTYPE html><html><head><title>Page Not Found</title></head></html>"
    with (
        serving(Reply(body=page, headers={"content-type": "text/html"})) as server,
        pytest.raises(AnswerError) as caught,
    ):
        connect(server.base).send(LIST)
    assert_says(caught.value, "web page", "Page Not Found", "V1 ends in /api/v1/xml/")
    assert isinstance(caught.value, ValueError)


def test_an_empty_answer_is_an_answer_error(connect: Connect) -> None:
    with serving(Reply(body=b"")) as server, pytest.raises(AnswerError) as caught:
        connect(server.base).send(LIST)
    assert_says(caught.value, "empty")


def test_a_read_follows_redirects(connect: Connect) -> None:
    def handler(request: Request) -> Reply:
        if request.path.startswith("/api/"):
            return Reply(301, headers={"location": f"{server.origin}/new{request.target}"})
        return Reply(body=PAGE)

    with serving(handler) as server:
        assert len(connect(server.base).send(LIST)) == 2
    assert [request.path.split("/")[1] for request in server.requests] == ["api", "new"]


KEYED_READ = Call("read it with a key", "GET", "thing", lambda answer: answer.body, key="query")


def test_a_redirect_to_another_host_loses_the_key(connect: Connect) -> None:
    with serving(Reply(body="there")) as other:

        def elsewhere(request: Request) -> Reply:
            location = f"{other.origin}/x?api_key={request.query['api_key'][0]}&a=b"
            return Reply(302, headers={"location": location})

        with serving(elsewhere) as server:
            assert connect(server.base, KEY).send(KEYED_READ) == b"there"
    assert server.requests[0].query["api_key"] == [KEY]
    assert other.requests[0].query == {"a": ["b"]}
    assert KEY not in str(other.requests)


def test_a_redirect_on_the_same_host_keeps_what_the_server_wrote(connect: Connect) -> None:
    def handler(request: Request) -> Reply:
        if request.path.endswith("thing"):
            return Reply(307, headers={"location": f"/moved?{request.target.partition('?')[2]}"})
        return Reply(body="here")

    with serving(handler) as server:
        assert connect(server.base, KEY).send(KEYED_READ) == b"here"
    assert server.requests[1].query == {"api_key": [KEY]}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_write_is_never_sent_on(connect: Connect, status: int) -> None:
    def elsewhere(_: Request) -> Reply:
        return Reply(status, headers={"location": f"{other.origin}/run/1?api_key={KEY}"})

    with serving(Reply(body="x")) as other:
        for call in (calls.delete(1), calls.tag(1, "x")):
            with (
                serving(elsewhere) as server,
                pytest.raises(OpenMLServerError) as caught,
            ):
                connect(server.base, KEY).send(call)
            assert_says(caught.value, "sends requests on to", "--server")
            assert len(server.requests) == 1
    assert other.requests == []


def test_redirects_in_a_circle_end(connect: Connect) -> None:
    with (
        serving(Reply(302, headers={"location": "/again"})) as server,
        pytest.raises(OpenMLServerError) as caught,
    ):
        connect(server.base, KEY).send(LIST)
    assert_says(caught.value, "in circles")
    assert len(server.requests) <= 10


@pytest.mark.parametrize("location", ["", "ftp://x/y", "http://[", "http://\x7f/", "file:///etc"])
def test_a_redirect_that_leads_nowhere_is_told_in_words(connect: Connect, location: str) -> None:
    with (
        serving(Reply(302, headers={"location": location})) as server,
        pytest.raises(OpenMLServerError) as caught,
    ):
        connect(server.base, KEY).send(LIST)
    assert_says(caught.value)


def test_the_key_is_never_sent_to_another_host_by_a_call(connect: Connect) -> None:
    with serving(Reply(body="x")) as other, serving(Reply(body="y")) as server:
        call = Call("try it", "GET", f"{other.origin}/x", lambda a: a.body, key="query")
        with pytest.raises(UsageError) as caught:
            connect(server.base, KEY).send(call)
        assert KEY not in rendered(caught.value)
        file = Call("fetch it", "GET", f"{other.origin}/x?api_key={KEY}", lambda a: a.body)
        assert connect(server.base, KEY).send(file) == b"x"
    assert [request.query for request in other.requests] == [{}]


@pytest.mark.parametrize(
    "server",
    [
        "",
        "openml.org",
        "ftp://openml.org/",
        "http://",
        "http://host:99999/",
        "http://host:x/",
        f"http://host/?api_key={KEY}",
        "http://host/#x",
        "http://[::1/",
    ],
)
def test_what_is_no_server_url_is_refused_in_words(connect: Connect, server: str) -> None:
    with pytest.raises(UsageError, match="no server URL") as caught:
        connect(server, "none of it")
    assert KEY not in str(caught.value)


def test_a_password_in_the_address_is_sent_and_not_shown(connect: Connect) -> None:
    with serving(Reply(412, "no")) as server:
        base = server.base.replace("//", "//me:hush@")
        driver = connect(base)
        assert "hush" not in driver.client.host
        with pytest.raises(OpenMLServerError) as caught:
            driver.send(LIST)
    assert server.requests[0].headers["authorization"].startswith("Basic ")
    assert "hush" not in str(caught.value) + caught.value.url


def test_foreign_text_in_a_message_is_harmless_to_a_terminal(connect: Connect) -> None:
    with (
        serving(Reply(500, "<html><title>\x1b[2J\u202eevil</title></html>")) as server,
        pytest.raises(OpenMLServerError) as caught,
    ):
        connect(server.base).send(LIST)
    assert "\x1b" not in str(caught.value)
    assert "\u202e" not in str(caught.value)


def test_a_tag_with_odd_characters_is_encoded_in_the_path(connect: Connect) -> None:
    tag = "a b@c[d]%;?#"
    with serving(Reply(body=PAGE)) as server:
        connect(server.base).send(calls.list_runs(RunFilter(tag=tag), 5))
    assert server.requests[0].target.endswith(f"/tag/{quote(tag, safe='')}")


def test_many_threads_may_share_a_client() -> None:
    with serving(Reply(body=PAGE)) as server, HTTPClient(server.base) as client:
        results: list[int] = []
        threads = [
            threading.Thread(target=lambda: results.append(len(client.send(LIST))))
            for _ in range(20)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
    assert results == [2] * 20
    assert server.connections <= 8


async def test_cancelling_an_async_request_closes_its_connection_at_once() -> None:
    asked, release = threading.Event(), threading.Event()

    def stall(_: Request) -> Reply:
        asked.set()
        release.wait(20)
        return Reply(close=True)

    with serving(stall) as server:
        try:
            async with AsyncHTTPClient(server.base, timeout=60) as client:
                task = asyncio.create_task(client.send(LIST))
                assert await asyncio.to_thread(asked.wait, 20)
                connection = next(iter(server._open))
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                # the server's end reads the end of the stream although nothing was answered
                connection.settimeout(20)
                assert await asyncio.to_thread(connection.recv, 1, socket.MSG_PEEK) == b""
        finally:
            release.set()


async def test_a_large_page_does_not_stop_the_event_loop() -> None:
    """A page of 10,000 rows is read in another thread: the loop turns while it is."""
    turns_while_reading = 0
    reading = threading.Event()

    def read(answer: object) -> str:
        reading.set()
        time.sleep(0.3)
        reading.clear()
        return "read"

    async def turn() -> None:
        nonlocal turns_while_reading
        while True:
            turns_while_reading += reading.is_set()
            await asyncio.sleep(0.005)

    with serving(Reply(body=b"<oml:x>" + b"x" * 200_000)) as server:
        async with AsyncHTTPClient(server.base) as client:
            turning = asyncio.create_task(turn())
            result = await client.send(Call("read a large page", "GET", "x", read))
            turning.cancel()
    assert result == "read"
    assert turns_while_reading >= 3


def test_sixteen_requests_at_once_use_at_most_eight_connections() -> None:
    async def ask(server: Server) -> list[int]:
        async with AsyncHTTPClient(server.base) as client:
            return [len(page) for page in await asyncio.gather(*map(client.send, [LIST] * 16))]

    with serving(Reply(body=PAGE)) as server:
        assert asyncio.run(ask(server)) == [2] * 16
    assert server.connections <= 8
