"""What is sent again, how often and when; waits are shortened, servers are real."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from runbrowser.client import retry
from runbrowser.client.call import Call
from runbrowser.client.calls import v1 as calls
from runbrowser.client.http import HTTPClient
from runbrowser.client.retry import HUMAN, NONE, ROBOT, Judge, RetryPolicy, may_repeat, policy_of
from runbrowser.errors import (
    OpenMLConnectionError,
    OpenMLServerError,
    OpenMLServerException,
    UsageError,
)

from .pages import page_of, run_row
from .recorded import v1
from .servers import KEY, Driver, Reply, Request, serving, unused_port
from .test_http import LIST, recording

Connect = Callable[..., Driver]

PAGE = Reply(body=page_of([run_row(1)]))
QUICK = replace(HUMAN, wait=lambda n: 0.01 * n)
DATABASE_DOWN = Reply(412, v1("w_db_down_list").sent)
WRITES = [calls.tag(5, "x"), calls.untag(5, "x"), calls.delete(5), calls.publish("run", None)]
DONE = {
    "run/tag": recording("w_tag_ok_second"),
    "run/untag": recording("w_untag_ok"),
    "run/5": recording("w_delete_ok"),
    "run": recording("w_upload_ok"),
}


def first(replies: list[Reply], then: Reply) -> Callable[[Request], Reply]:
    """Answers with these replies one after the other, then always the same."""
    left: Iterator[Reply] = iter(replies)
    return lambda _: next(left, then)


def test_the_policies_wait_as_openml_pythons_do() -> None:
    assert [HUMAN.wait(n) for n in (1, 2, 3, 4)] == [1, 2, 3, 4]
    assert (HUMAN.attempts, ROBOT.attempts, NONE.attempts) == (5, 50, 1)
    for attempt, seconds in ((1, 1.8), (2, 2.9), (3, 4.6), (4, 7.2), (5, 11.0), (30, 60.0)):
        waits = [ROBOT.wait(attempt) for _ in range(400)]
        assert sum(waits) / len(waits) == pytest.approx(seconds, rel=0.05)
        assert min(waits) >= 1.0
        assert len(set(waits)) > 100 or seconds < 2, "no noise"


def test_a_policy_is_named_given_or_human() -> None:
    assert policy_of(None) is HUMAN
    assert policy_of("robot") is ROBOT
    assert policy_of(QUICK) is QUICK
    assert policy_of("robot", attempts=3).attempts == 3
    assert policy_of("human", attempts=0).attempts == 1
    with pytest.raises(UsageError, match="human, robot, none"):
        policy_of("impatient")


@pytest.mark.parametrize(
    "bad",
    [
        DATABASE_DOWN,
        Reply(503, "<html><title>503</title></html>", {"content-type": "text/html"}),
        Reply(502, ""),
        Reply(504, "<html></html>"),
        Reply(429, "slow down", {"retry-after": "0"}),
        Reply(raw=b"", close=True),
        Reply(raw=b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx", close=True),
    ],
    ids=["107", "503", "502", "504", "429", "cut off", "cut short"],
)
def test_a_read_is_repeated_until_it_gets_through(connect: Connect, bad: Reply) -> None:
    with serving(first([bad, bad], PAGE)) as server:
        assert len(connect(server.base, retry=QUICK).send(LIST)) == 1
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    "reply",
    [
        recording("run_list_key_bad"),
        recording("run_list_too_many"),
        Reply(500, ""),
        Reply(404, "<html></html>"),
        Reply(200, "<html></html>", {"content-type": "text/html"}),
        Reply(200, "<oml:other/>"),
    ],
    ids=["103", "513", "500", "404", "page", "other"],
)
def test_a_read_that_would_fail_again_is_not_repeated(connect: Connect, reply: Reply) -> None:
    with serving(reply) as server, pytest.raises(OpenMLServerError):
        connect(server.base, retry=QUICK).send(LIST)
    assert len(server.requests) == 1


def test_an_empty_list_is_an_answer_and_not_repeated(connect: Connect) -> None:
    with serving(recording("run_list_no_result")) as server:
        assert len(connect(server.base, retry=QUICK).send(LIST)) == 0
    assert len(server.requests) == 1


def test_a_read_is_given_up_after_the_policys_attempts_with_the_last_error(
    connect: Connect,
) -> None:
    with (
        serving(first([Reply(503, "")] * 4, DATABASE_DOWN)) as server,
        pytest.raises(OpenMLServerException) as caught,
    ):
        connect(server.base, retry=QUICK).send(LIST)
    assert caught.value.code == 107
    assert len(server.requests) == 5


def test_a_server_that_cannot_be_reached_is_tried_twice(connect: Connect) -> None:
    told: list[int] = []
    driver = connect(
        f"http://127.0.0.1:{unused_port()}/",
        retry=QUICK,
        on_retry=lambda call, attempt, wait, error: told.append(attempt),
    )
    with pytest.raises(OpenMLConnectionError):
        driver.send(LIST)
    assert told == [1]


@pytest.mark.parametrize("call", WRITES, ids=lambda call: call.purpose)
def test_a_write_is_repeated_only_after_107(connect: Connect, call: Call[object]) -> None:
    with serving(first([DATABASE_DOWN] * 2, DONE[call.path])) as server:
        connect(server.base, KEY, retry=QUICK).send(call)
    assert len(server.requests) == 3


@pytest.mark.parametrize("call", WRITES, ids=lambda call: call.purpose)
@pytest.mark.parametrize(
    "reply",
    [
        Reply(503, "", {"retry-after": "0"}),
        Reply(502, ""),
        Reply(504, ""),
        Reply(429, "", {"retry-after": "0"}),
        Reply(500, ""),
        recording("w_es_down_tag"),
        Reply(raw=b"", close=True),
        Reply(200, "<html></html>"),
    ],
    ids=["503", "502", "504", "429", "500", "105", "cut off", "page"],
)
def test_a_write_is_sent_once(connect: Connect, call: Call[object], reply: Reply) -> None:
    with serving(reply) as server:
        driver = connect(server.base, KEY, retry=QUICK)
        try:
            assert driver.send(call) is False  # a delete that is not confirmed
        except OpenMLServerError as error:
            assert KEY not in str(error)
    assert len(server.requests) == 1


def test_a_write_that_never_left_is_repeated(connect: Connect) -> None:
    """The server starts to listen while the client waits for its second attempt."""
    servers = []
    port = unused_port()

    def start(call: object, attempt: int, wait: float, error: OpenMLServerError) -> None:
        import socketserver

        class Handler(socketserver.StreamRequestHandler):
            timeout = 20

            def handle(self) -> None:
                while self.rfile.readline() not in (b"\r\n", b""):
                    pass
                self.wfile.write(recording("w_delete_ok").encoded())

        import threading

        socketserver.TCPServer.allow_reuse_address = True
        server = socketserver.TCPServer(("127.0.0.1", port), Handler)
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        servers.append((server, thread))

    driver = connect(f"http://127.0.0.1:{port}/api/v1/xml/", KEY, retry=QUICK, on_retry=start)
    try:
        assert driver.send(calls.delete(5)) is True
    finally:
        for server, thread in servers:
            thread.join(20)
            server.server_close()
    assert len(servers) == 1


def test_whoever_waits_is_told_of_every_repetition(connect: Connect) -> None:
    told: list[tuple[str, int, float, int | None]] = []

    def on_retry(call: Call[object], attempt: int, wait: float, error: OpenMLServerError) -> None:
        told.append((call.purpose, attempt, wait, error.status))

    with serving(first([Reply(503, ""), DATABASE_DOWN], PAGE)) as server:
        connect(server.base, retry=QUICK, on_retry=on_retry).send(LIST)
    assert told == [("list runs", 1, 0.01, 503), ("list runs", 2, 0.02, 412)]


def test_retry_after_is_waited_for_even_if_the_policy_would_wait_less(connect: Connect) -> None:
    waits: list[float] = []
    busy = Reply(503, "", {"retry-after": "0.2"})
    with serving(first([busy], PAGE)) as server:
        connect(server.base, retry=QUICK, on_retry=lambda c, n, w, e: waits.append(w)).send(LIST)
    assert waits == [0.2]


def test_a_server_that_asks_to_wait_too_long_is_not_waited_for(connect: Connect) -> None:
    with (
        serving(Reply(503, "", {"retry-after": "3600"})) as server,
        pytest.raises(OpenMLServerError) as caught,
    ):
        connect(server.base, retry="human").send(LIST)
    assert len(server.requests) == 1
    assert caught.value.retry_after == 3600


def test_repeating_ends_when_the_time_is_up() -> None:
    now = [0.0]
    policy = RetryPolicy("test", attempts=50, unreachable=50, total=60, wait=lambda n: 10.0)
    judge = Judge(policy, LIST, clock=lambda: now[0])
    error = OpenMLServerError("busy", status=503)
    for _ in range(5):
        assert judge(error) == 10.0
        now[0] += 11.0
    assert judge(error) is False


def test_the_rules_hold_for_every_kind_of_error() -> None:
    unsent = OpenMLConnectionError("x", sent=False)
    lost = OpenMLConnectionError("x", sent=True)
    write = calls.delete(1)
    assert may_repeat(LIST, unsent)
    assert may_repeat(LIST, lost)
    assert may_repeat(write, unsent)
    assert not may_repeat(write, lost)
    assert may_repeat(write, OpenMLServerException("x", 107, status=412))
    assert not may_repeat(write, OpenMLServerException("x", 105, status=412))
    assert not may_repeat(LIST, OpenMLServerException("x", 473, status=503))
    assert not may_repeat(LIST, ValueError("x"))
    assert not may_repeat(LIST, KeyboardInterrupt())


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("5", 5.0), ("-5", 0.0), ("soon", None), ("", None), ("nan", None), ("1e400", 1e9)],
)
def test_retry_after_is_read_tolerantly(header: str, seconds: float | None) -> None:
    with (
        serving(Reply(503, "", {"retry-after": header})) as server,
        HTTPClient(server.base, retry="none") as client,
        pytest.raises(OpenMLServerError) as caught,
    ):
        client.send(LIST)
    assert caught.value.retry_after == seconds


def test_retry_after_may_be_a_date() -> None:
    with (
        serving(Reply(503, "", {"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"})) as server,
        HTTPClient(server.base, retry="none") as client,
        pytest.raises(OpenMLServerError) as caught,
    ):
        client.send(LIST)
    assert caught.value.retry_after == 0.0


def test_repeating_writes_nothing_to_stderr(capfd: pytest.CaptureFixture[str]) -> None:
    assert any(isinstance(h, logging.NullHandler) for h in logging.getLogger("stamina").handlers)
    with (
        serving(first([Reply(503, "")], PAGE)) as server,
        HTTPClient(server.base, retry=QUICK) as client,
    ):
        client.send(LIST)
    assert capfd.readouterr().err == ""


def test_the_client_repeats_as_a_human_unless_told_otherwise() -> None:
    with HTTPClient("http://127.0.0.1/") as client:
        assert client.policy is retry.HUMAN
