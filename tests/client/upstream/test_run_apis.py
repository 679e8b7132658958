"""openml-python's tests of its run APIs."""

from __future__ import annotations

import email
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from runbrowser.client.cache import ReplyCache
from runbrowser.demo import DEMO_USER_ID
from runbrowser.demo.launch import DemoProcess
from runbrowser.errors import (
    OpenMLNotAuthorizedError,
    OpenMLNotSupportedError,
    OpenMLServerException,
)

from ..chaos import Answered, Fault, Proxy, message
from ..servers import Blocking
from ..test_resources import COLUMNS, of_v1, of_v2
from .common import FIXTURE, Connect, description, ids


def test_a_run_has_its_ids(connect: Connect, demo: DemoProcess, proxy: Proxy) -> None:
    driver = connect(proxy.base(demo.v1))
    run = driver.run(of_v1(driver).get(900113))
    assert (run.run_id, run.task_id) == (900113, 9101)
    assert type(run.run_id) is type(run.task_id) is int
    assert [(a.method, a.target, a.body) for a in proxy.asked] == [
        ("GET", "/api/v1/xml/run/900113", b"")
    ]


def test_the_fixture_of_openml_python_is_read_from_its_cache(
    connect: Connect, demo: DemoProcess, proxy: Proxy, tmp_path: Path
) -> None:
    """Its file for run 1 holds the description of run 100."""
    port = proxy.origin.rpartition(":")[2]
    old = tmp_path / "theirs" / f"1:{port}" / "0" / "0" / "127" / "runs" / "1" / "description.xml"
    old.parent.mkdir(parents=True)
    old.write_bytes(FIXTURE.read_bytes())
    cache = ReplyCache(tmp_path / "ours", also_read=[tmp_path / "theirs"])
    driver = connect(proxy.base(demo.v1), cache=cache)
    run = driver.run(of_v1(driver).get(1))
    assert type(run.run_id) is int and run.run_id > 0
    assert type(run.task_id) is int
    assert len(run.evaluation_list) == 199
    assert proxy.asked == []


def test_a_list_of_five_has_five_rows(
    connect: Connect, demo: DemoProcess, catalogue: sqlite3.Connection
) -> None:
    """Of a setup none of whose runs two engines evaluated: those take two of the server's rows."""
    (setup,) = catalogue.execute(
        "SELECT setup_id FROM run JOIN run_evaluated ON run_id = id WHERE task_id <> 9109 AND"
        " ifnull(error, '') = '' GROUP BY 1 HAVING count(*) > 5 AND count(*) = count(DISTINCT id)"
    ).fetchone()
    driver = connect(demo.v1)
    frame = driver.run(of_v1(driver).list(5, 0, setup=[setup]))
    assert frame.shape == (5, 8)
    assert list(frame.columns) == COLUMNS
    assert (frame[["run_id", "task_id", "setup_id", "flow_id"]] > 0).all(axis=None)


def test_publishing_posts_the_files_with_the_key_in_the_form(
    connect: Connect, writable: DemoProcess, writing: Proxy
) -> None:
    driver = connect(writing.base(writable.v1), writable.api_key)
    files = {
        "description": ("description.xml", description(), "text/xml"),
        "notes": ("notes.txt", b"as it is \xff\x00", "text/plain"),
    }
    run_id = driver.run(of_v1(driver).publish("run", files))
    (asked,) = writing.asked
    assert (asked.method, asked.target) == ("POST", "/api/v1/xml/run")
    assert asked.headers["user-agent"].startswith("runbrowser/")
    parts = {
        part.get_param("name", header="content-disposition"): part
        for part in email.message_from_bytes(
            f"content-type: {asked.headers['content-type']}\r\n\r\n".encode() + asked.body
        ).get_payload()
    }
    assert set(parts) == {"api_key", "description", "notes"}
    assert parts["api_key"].get_payload(decode=True) == writable.api_key.encode()
    assert parts["description"].get_payload(decode=True) == description()
    assert parts["description"].get_filename() == "description.xml"
    assert parts["notes"].get_payload(decode=True) == b"as it is \xff\x00"
    assert asked.answered is not None
    assert f"<oml:run_id>{run_id}</oml:run_id>".encode() in asked.answered.plain
    assert driver.run(of_v1(driver).get(run_id)).uploader == DEMO_USER_ID


def test_publishing_falls_back_to_the_id(
    connect: Connect, writable: DemoProcess, writing: Proxy
) -> None:
    told: list[int] = []

    def id_alone(answered: Answered) -> bytes:
        body = answered.plain.replace(b"oml:run_id>", b"oml:id>")
        told.append(int(body.partition(b"<oml:id>")[2].partition(b"<")[0]))
        return message(200, body, ("content-type", "text/xml"))

    writing.fault = lambda asked: Fault(raw=id_alone)
    driver = connect(writing.base(writable.v1), writable.api_key)
    files = {"description": ("description.xml", description(), "text/xml")}
    assert driver.run(of_v1(driver).publish("run", files)) == told[0]


def test_an_answer_to_publishing_without_an_id_is_a_value_error(
    connect: Connect, writable: DemoProcess, writing: Proxy
) -> None:
    """Nor is an id taken from a document that is no answer to an upload."""
    driver = connect(writing.base(writable.v1), writable.api_key)
    files = {"description": ("description.xml", description(), "text/xml")}
    namespace = 'xmlns:oml="http://openml.org/openml"'
    for body in (
        f"<oml:upload_run {namespace}></oml:upload_run>",
        f"<oml:runs {namespace}><oml:run><oml:run_id>5</oml:run_id></oml:run></oml:runs>",
    ):
        raw = message(200, body.encode(), ("content-type", "text/xml"))
        writing.fault = lambda asked, raw=raw: Fault(raw=lambda answered: raw)
        with pytest.raises(ValueError, match="no id of the new run"):
            driver.run(of_v1(driver).publish("run", files))


def test_deleting_your_own_run(
    connect: Connect, writable: DemoProcess, writing: Proxy, catalogue: sqlite3.Connection
) -> None:
    driver = connect(writing.base(writable.v1), writable.api_key)
    mine = ids(catalogue, "uploader = ?", DEMO_USER_ID)[isinstance(driver, Blocking)]
    assert driver.run(of_v1(driver).delete(mine)) is True
    (asked,) = writing.asked
    assert (asked.method, asked.path) == ("DELETE", f"run/{mine}")
    assert asked.query == {"api_key": [writable.api_key]}
    assert asked.body == b""
    with pytest.raises(OpenMLServerException) as caught:
        driver.run(of_v1(driver).get(mine))
    assert caught.value.code == 236


def test_deleting_strangers_runs_is_not_authorized(
    connect: Connect, writable: DemoProcess, writing: Proxy, catalogue: sqlite3.Connection
) -> None:
    driver = connect(writing.base(writable.v1), writable.api_key)
    theirs = ids(catalogue, "uploader = 3")[0]
    with pytest.raises(OpenMLNotAuthorizedError) as caught:
        driver.run(of_v1(driver).delete(theirs))
    assert caught.value.code == 393
    assert caught.value.url == f"{writing.base(writable.v1)}run/{theirs}"
    assert writable.api_key not in str(caught.value)
    assert [(a.method, a.path, list(a.query)) for a in writing.asked] == [
        ("DELETE", f"run/{theirs}", ["api_key"])
    ]
    assert driver.run(of_v1(driver).get(theirs)).run_id == theirs


def test_deleting_a_run_that_does_not_exist_is_code_392(
    connect: Connect, writable: DemoProcess, writing: Proxy
) -> None:
    driver = connect(writing.base(writable.v1), writable.api_key)
    with pytest.raises(OpenMLServerException) as caught:
        driver.run(of_v1(driver).delete(9_999_999))
    assert type(caught.value) is OpenMLServerException
    assert caught.value.code == 392
    assert [(a.method, a.path, list(a.query)) for a in writing.asked] == [
        ("DELETE", "run/9999999", ["api_key"])
    ]


def test_v2_gets_runs_and_traces(
    connect: Connect, demo: DemoProcess, proxy: Proxy, catalogue: sqlite3.Connection
) -> None:
    traced = ids(catalogue, "id IN (SELECT run_id FROM trace)")[0]
    old, new = connect(demo.v1), connect(proxy.base(demo.v2))
    run, trace = (new.run(getattr(of_v2(new), what)(traced)) for what in ("get", "trace"))
    assert (run.api, run.run_id, run.setup_id) == (
        "v2", traced, old.run(of_v1(old).get(traced)).setup_id
    )  # fmt: skip
    assert trace.iterations == old.run(of_v1(old).trace(traced)).iterations
    assert len(trace.iterations) > 1
    assert [a.target for a in proxy.asked] == [f"/v2/run/{traced}", f"/v2/run/trace/{traced}"]
    assert not any(a.query for a in proxy.asked)


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("list", (5, 0)),
        ("publish", ("run", {"description": b"<oml:run/>"})),
        ("tag", (900113, "x")),
        ("untag", (900113, "x")),
        ("delete", (900113,)),
    ],
)
def test_what_v2_does_not_have_is_refused_in_upstreams_words(
    connect: Connect, demo: DemoProcess, proxy: Proxy, method: str, arguments: tuple[Any, ...]
) -> None:
    driver = connect(proxy.base(demo.v2), demo.api_key)
    with pytest.raises(OpenMLNotSupportedError) as caught:
        driver.run(getattr(of_v2(driver), method)(*arguments))
    name = type(of_v2(driver)).__name__
    assert str(caught.value) == f"{name}: v2 API does not support `{method}` for resource `run`"
    assert name == ("RunV2API" if isinstance(driver, Blocking) else "AsyncRunV2API")
    assert proxy.asked == []
