"""After a doubt the run is looked at again, and what became of the write is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from runbrowser.client.resources import settle
from runbrowser.client.resources.runs import AsyncRunV1API, RunV1API
from runbrowser.errors import (
    OpenMLConnectionError,
    OpenMLNotAuthorizedError,
    OpenMLServerError,
    OpenMLServerException,
)

from .recorded import v1
from .servers import KEY, Blocking, Driver, Reply, Request, serving
from .test_http import recording
from .test_run_descriptions import description

Connect = Callable[..., Driver]

INDEX_DOWN = recording("w_es_down_tag")
LOST = Reply(raw=b"", close=True)
DOUBTS = {
    "105": INDEX_DOWN,
    "lost": LOST,
    "500": Reply(500, ""),
    "504": Reply(504, "<html></html>", {"content-type": "text/html"}),
    "page": Reply(200, "<html><title>Hello</title></html>", {"content-type": "text/html"}),
    "other": Reply(200, "<oml:other/>"),
}
GONE = recording("run_get_notfound")


def act(driver: Driver, what: str, *arguments: Any) -> Any:
    """The settled action over the driver's kind of API."""
    if isinstance(driver, Blocking):
        return getattr(settle, what)(RunV1API(driver.client), *arguments)  # type: ignore[arg-type]
    api = AsyncRunV1API(driver.client)  # type: ignore[arg-type]
    return driver.run(getattr(settle, f"{what}_async")(api, *arguments))


def answers(write: Reply, read: Reply) -> Callable[[Request], Reply]:
    return lambda request: read if request.method == "GET" else write


def methods(server: Any) -> list[str]:
    return [request.method for request in server.requests]


@pytest.mark.parametrize("doubt", DOUBTS)
def test_a_tag_that_is_there_after_a_doubt_was_set(connect: Connect, doubt: str) -> None:
    read = Reply(body=description(tag="mine"))
    with serving(answers(DOUBTS[doubt], read)) as server:
        assert act(connect(server.base, KEY), "tag", 5, "mine") == ["mine", "last"]
    assert methods(server) == ["POST", "GET"]


@pytest.mark.parametrize("doubt", DOUBTS)
def test_a_tag_that_is_not_there_after_a_doubt_was_not_set(connect: Connect, doubt: str) -> None:
    with (
        serving(answers(DOUBTS[doubt], Reply(body=description(tag="other")))) as server,
        pytest.raises(OpenMLServerError) as caught,
    ):
        act(connect(server.base, KEY), "tag", 5, "mine")
    assert "looked at again: it does not have the tag. Try again." in str(caught.value)
    assert "was done" not in str(caught.value)
    assert methods(server) == ["POST", "GET"]


@pytest.mark.parametrize("doubt", DOUBTS)
def test_a_tag_that_is_gone_after_a_doubt_was_taken_off(connect: Connect, doubt: str) -> None:
    with serving(answers(DOUBTS[doubt], Reply(body=description(tag="other")))) as server:
        assert act(connect(server.base, KEY), "untag", 5, "mine") == ["other", "last"]


@pytest.mark.parametrize("doubt", DOUBTS)
def test_a_tag_that_is_still_there_was_not_taken_off(connect: Connect, doubt: str) -> None:
    with (
        serving(answers(DOUBTS[doubt], Reply(body=description(tag="mine")))) as server,
        pytest.raises(OpenMLServerError, match="it still has the tag"),
    ):
        act(connect(server.base, KEY), "untag", 5, "mine")


@pytest.mark.parametrize("doubt", DOUBTS)
def test_a_run_that_is_gone_after_a_doubt_was_deleted(connect: Connect, doubt: str) -> None:
    with serving(answers(DOUBTS[doubt], GONE)) as server:
        assert act(connect(server.base, KEY), "delete", 5) is True
    assert methods(server) == ["DELETE", "GET"]


@pytest.mark.parametrize("doubt", DOUBTS)
def test_a_run_that_is_still_there_was_not_deleted(connect: Connect, doubt: str) -> None:
    with (
        serving(answers(DOUBTS[doubt], Reply(body=description()))) as server,
        pytest.raises(OpenMLServerError, match=r"the run is still there\. Try again"),
    ):
        act(connect(server.base, KEY), "delete", 5)
    assert methods(server) == ["DELETE", "GET"]


@pytest.mark.parametrize("what", ["tag", "untag", "delete"])
def test_when_the_run_cannot_be_looked_at_nobody_knows(connect: Connect, what: str) -> None:
    arguments = (5,) if what == "delete" else (5, "mine")
    with (
        serving(answers(LOST, Reply(503, ""))) as server,
        pytest.raises(settle.UnsettledError) as caught,
    ):
        act(connect(server.base, KEY), what, *arguments)
    assert "Whether it was done is not known" in str(caught.value)
    assert "Look at it before trying again" in str(caught.value)
    assert methods(server)[1:] == ["GET"]


@pytest.mark.parametrize(
    ("what", "case", "kind"),
    [
        ("tag", "w_tag_already", OpenMLServerException),
        ("tag", "w_tag_badchars", OpenMLServerException),
        ("untag", "w_untag_notowned", OpenMLNotAuthorizedError),
        ("delete", "w_delete_notowned", OpenMLNotAuthorizedError),
        ("delete", "w_delete_notfound", OpenMLServerException),
    ],
)
def test_a_refusal_is_no_doubt(
    connect: Connect, what: str, case: str, kind: type[Exception]
) -> None:
    arguments = (5,) if what == "delete" else (5, "mine")
    with serving(recording(case)) as server, pytest.raises(kind) as caught:
        act(connect(server.base, KEY), what, *arguments)
    assert f"[code {v1(case).body.partition(b'code>')[2][:3].decode()}]" in str(caught.value)
    assert len(server.requests) == 1


def test_without_a_doubt_nothing_is_read_again(connect: Connect) -> None:
    with serving(recording("w_tag_ok_second")) as server:
        assert act(connect(server.base, KEY), "tag", 5, "x") == ["another.tag-2", "mytag"]
    assert methods(server) == ["POST"]


def test_a_tag_on_a_run_that_vanished_meanwhile_is_told_as_such(connect: Connect) -> None:
    with (
        serving(answers(LOST, GONE)) as server,
        pytest.raises(OpenMLServerException) as caught,
    ):
        act(connect(server.base, KEY), "tag", 5, "x")
    assert caught.value.code == 236


def test_a_write_that_never_left_leaves_no_doubt() -> None:
    assert not settle.doubtful(OpenMLConnectionError("x", sent=False))
    assert settle.doubtful(OpenMLConnectionError("x", sent=True))
