"""Where the API key goes: into the request that needs it, in a form where V1 reads one, and into
nothing else; not into what the libraries below us log, either.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

import pytest

from runbrowser.client.call import Call
from runbrowser.client.calls import v1, v2
from runbrowser.errors import OpenMLServerError
from runbrowser.models import RunFilter

from .pages import page_of, run_row
from .recorded import v1 as recorded
from .servers import KEY, Driver, Reply, Request, serving

Connect = Callable[..., Driver]
MINE = RunFilter(uploader=(2,))
REFUSED = {
    code: recorded(name).body
    for code, name in ((102, "w_delete_nokey"), (103, "run_list_key_bad"), (104, "w_tag_readonly"))
}


class Heard(logging.Handler):
    """All that is logged, as a handler would write it."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.name} {self.format(record)}")


@pytest.fixture
def heard() -> Iterator[Heard]:
    """Everything from DEBUG on, of every library."""
    handler, root = Heard(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler
    root.removeHandler(handler)
    root.setLevel(level)


CALLS: dict[str, Call] = {
    "list": v1.list_runs(MINE, 10),
    "list all": v1.list_runs(RunFilter(), 10),
    "get": v1.get_run(5),
    "trace": v1.get_trace(5),
    "evaluations": v1.list_evaluations(MINE, "f_measure"),
    "users": v1.list_users([1]),
    "tasks": v1.list_tasks([1]),
    "flow": v1.get_flow(1),
    "measures": v1.list_measures(),
    "tags": v1.list_run_tags(),
    "tag": v1.tag(5, "x"),
    "untag": v1.untag(5, "x"),
    "delete": v1.delete(5),
    "publish": v1.publish("run", {"description": ("d.xml", b"<x/>")}),
    "get v2": v2.get_run(5),
    "trace v2": v2.get_trace(5),
}


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("status", [200, 302, 412, 500])
def test_no_library_below_us_logs_the_key(
    connect: Connect, heard: Heard, name: str, status: int
) -> None:
    def handler(request: Request) -> Reply:
        quoted = {"location": f"/x?api_key={KEY}", "x-said": KEY.upper()}
        return Reply(status, f"<oml:error> {KEY}", quoted)

    with serving(handler) as server:
        driver = connect(server.base, KEY)
        with pytest.raises(OpenMLServerError) as caught:
            driver.send(CALLS[name])
        assert server.requests
    assert KEY not in str(caught.value) + str(caught.value.url)
    assert any(line.startswith("httpx") for line in heard.lines)
    assert any(line.startswith("httpcore") for line in heard.lines)
    assert not [line for line in heard.lines if KEY in line.lower()]


def test_loggers_that_exist_only_later_are_covered_by_the_next_client(heard: Heard) -> None:
    from runbrowser.client.http import HTTPClient

    logger = logging.getLogger("urllib3.something.new")
    HTTPClient("http://127.0.0.1:1/api/v1/xml/", KEY).close()
    logger.debug("GET %s", f"http://h/x?api_key={'0' * 32}&y=1")
    logger.debug("%s", [(b":path", f"/run/5?api_key={KEY}".encode())])
    assert heard.lines == [
        "urllib3.something.new GET http://h/x?api_key=****&y=1",
        "urllib3.something.new [(b':path', b'/run/5?api_key=****')]",
    ]


@pytest.mark.parametrize("name", ["list", "evaluations"])
def test_own_lists_are_asked_for_with_the_key_in_a_form(connect: Connect, name: str) -> None:
    call = CALLS[name]
    with serving(Reply(412, recorded("run_list_offset_past_end").body)) as server:
        connect(server.base, KEY).send(v1.list_runs(MINE, 10))
        connect(server.base).send(v1.list_runs(MINE, 10))
        connect(server.base, KEY).send(v1.list_runs(RunFilter(task=(59,)), 10))
        own, without, others = server.requests
    assert (own.method, own.form, own.query) == ("POST", {"api_key": [KEY]}, {})
    assert own.path == without.path
    assert (without.method, others.method) == ("GET", "GET")
    assert call.with_key().repeatable
    assert KEY not in str([request.target for request in server.requests])


@pytest.mark.parametrize("code", [103, 104])
def test_a_key_that_may_not_ask_by_post_costs_one_request_and_no_list(
    connect: Connect, code: int
) -> None:
    """An account that only reads is refused every POST, a wrong key everything."""
    rows = [run_row(1)]

    def handler(request: Request) -> Reply:
        if request.method == "POST":
            return Reply(412, REFUSED[code])
        return Reply(body=page_of(rows))

    with serving(handler) as server:
        driver = connect(server.base, KEY)
        for _ in range(3):
            assert list(driver.send(v1.list_runs(MINE, 10))) == rows
    assert [request.method for request in server.requests] == ["POST", "GET", "GET", "GET"]


@pytest.mark.parametrize("status", [302, 308, 405])
def test_a_list_with_the_key_is_not_sent_on_but_asked_for_without(
    connect: Connect, status: int
) -> None:
    """As to a server whose address became https: a GET is sent on, without the key."""
    rows = [run_row(1)]

    def handler(request: Request) -> Reply:
        if request.method == "POST" or status < 400:
            return Reply(status, headers={"location": f"{other.origin}{request.path}"})
        return Reply(body=page_of(rows))

    with serving(Reply(body=page_of(rows))) as other, serving(handler) as server:
        assert list(connect(server.base, KEY).send(v1.list_runs(MINE, 10))) == rows
        assert [request.method for request in server.requests] == ["POST", "GET"]
        assert all(request.method == "GET" for request in other.requests)
        assert KEY not in str(other.requests)
