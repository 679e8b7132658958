"""openml-python's tests of its HTTP client."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from runbrowser.client.cache import ReplyCache
from runbrowser.client.call import Call
from runbrowser.client.download import download, download_async
from runbrowser.demo.launch import DemoProcess
from runbrowser.errors import (
    AnswerError,
    OpenMLAuthenticationError,
    OpenMLConnectionError,
    OpenMLHashException,
    OpenMLServerException,
)

from ..chaos import Fault, Proxy, as_it_came, before, message
from ..servers import Blocking, Driver
from ..test_resources import of_v1
from .common import Connect


def test_a_reply_lies_under_the_parts_of_its_address(
    connect: Connect, demo: DemoProcess, proxy: Proxy, tmp_path: Path
) -> None:
    driver = connect(proxy.base(demo.v1), demo.api_key, cache=ReplyCache(tmp_path))
    call = Call(
        "try it", "GET", "run/900113?some=1&more=a%20b", lambda a: a.text, key="query", keep=True
    )
    text = driver.send(call)
    assert proxy.asked[0].query == {"some": ["1"], "more": ["a b"], "api_key": [demo.api_key]}
    port = proxy.origin.rpartition(":")[2]
    path = tmp_path.joinpath(f"1_{port}", "0", "0", "127", "api", "v1", "xml", "run", "900113")
    (entry,) = (found for found in path.iterdir() if found.is_dir())
    assert {file.name for file in entry.iterdir()} == {"meta.json", "headers.json", "body.xml"}
    assert (entry / "body.xml").read_text() == text
    assert json.loads((entry / "headers.json").read_text())["Content-Type"].startswith("text/xml")
    meta = json.loads((entry / "meta.json").read_text())
    assert (meta["status_code"], meta["request"]["method"]) == (200, "GET")
    assert not any(
        demo.api_key in str(found) or demo.api_key.encode() in found.read_bytes()
        for found in tmp_path.rglob("*")
        if found.is_file()
    )
    other = Call("try it", "GET", "run/900113?some=2", lambda a: a.text, keep=True)
    driver.send(other)
    assert len(proxy.asked) == 2, "another parameter is another reply"
    assert driver.send(call) == text
    assert len(proxy.asked) == 2


def test_a_kept_run_needs_no_network(connect: Connect, demo: DemoProcess, tmp_path: Path) -> None:
    with before(demo.v1) as proxy:
        driver = connect(proxy.base(demo.v1), cache=ReplyCache(tmp_path))
        fetched = driver.run(of_v1(driver).get(900113))
    assert driver.run(of_v1(driver).get(900113)) == fetched
    with pytest.raises(OpenMLConnectionError):
        driver.run(of_v1(driver).get(900110))


def test_refreshing_asks_again_and_rewrites_what_is_kept(
    connect: Connect, demo: DemoProcess, proxy: Proxy, tmp_path: Path
) -> None:
    driver = connect(proxy.base(demo.v1), cache=ReplyCache(tmp_path))
    driver.run(of_v1(driver).get(900113))
    (meta,) = tmp_path.rglob("meta.json")
    kept = json.loads(meta.read_text())["created_at"]
    body = meta.with_name("body.xml")
    body.write_text("something else")
    driver.run(of_v1(driver).get(900113, reset_cache=True))
    assert len(proxy.asked) == 2
    assert json.loads(meta.read_text())["created_at"] > kept
    assert b"<oml:run_id>900113<" in body.read_bytes()


def test_the_key_is_sent_only_where_it_is_asked_for(
    connect: Connect, demo: DemoProcess, proxy: Proxy
) -> None:
    driver = connect(proxy.base(demo.v1), demo.api_key)
    api = of_v1(driver)
    driver.run(api.get(900113))
    driver.run(api.list(5, 0))
    with pytest.raises(OpenMLServerException):
        driver.run(api.trace(900113))
    for asked in proxy.asked:
        assert demo.api_key not in f"{asked.target} {asked.headers} {asked.body!r}"
    driver.send(Call("try it", "GET", "run/900113", lambda answer: answer.body, key="query"))
    assert proxy.asked[-1].query == {"api_key": [demo.api_key]}


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("publish", ("run", {"description": b"<oml:run/>"})),
        ("tag", (900113, "x")),
        ("untag", (900113, "x")),
        ("delete", (900113,)),
    ],
)
def test_without_a_key_no_write_leaves(
    connect: Connect, demo: DemoProcess, proxy: Proxy, method: str, arguments: tuple[Any, ...]
) -> None:
    driver = connect(proxy.base(demo.v1))
    with pytest.raises(OpenMLAuthenticationError, match="no API key"):
        driver.run(getattr(of_v1(driver), method)(*arguments))
    assert proxy.asked == []


def fetch(driver: Driver, url: str, target: Path, **options: Any) -> int:
    if isinstance(driver, Blocking):
        return download(driver.client, url, target, **options)  # type: ignore[arg-type]
    return int(driver.run(download_async(driver.client, url, target, **options)))  # type: ignore[arg-type]


def test_a_download_is_written_checked_and_begun_again(
    connect: Connect, demo: DemoProcess, proxy: Proxy, tmp_path: Path
) -> None:
    driver = connect(proxy.base(demo.v1))
    run = driver.run(of_v1(driver).get(900113))
    direct = connect(demo.v1)
    whole = direct.send(Call("try it", "GET", run.predictions_url, lambda answer: answer.body))
    url = run.predictions_url.replace(demo.v1.partition("/api")[0], proxy.origin)
    md5 = f"md5:{hashlib.md5(whole).hexdigest()}"
    target = tmp_path / "predictions.arff"

    cut = len(whole) // 3
    proxy.fault = lambda asked: Fault(
        raw=lambda answered: as_it_came(answered)[: -len(whole) + cut], then="close"
    )
    with pytest.raises(OpenMLConnectionError):
        fetch(driver, url, target)
    assert not target.exists()

    proxy.forget()
    proxy.fault = lambda asked: Fault()
    assert fetch(driver, url, target, checksum=md5) == len(whole)
    # V1 names no version of a file: nothing tells whether its rest still fits
    assert [asked.headers.get("range") for asked in proxy.asked] == [None]
    assert target.read_bytes() == whole
    assert not any("api_key" in asked.target for asked in proxy.asked)

    wrong = tmp_path / "wrong.arff"
    with pytest.raises(OpenMLHashException):
        fetch(driver, url, wrong, checksum=f"md5:{'0' * 32}")
    assert not wrong.exists()
    assert list(tmp_path.iterdir()) == [target]


def test_a_post_is_a_form_and_a_delete_is_an_address(
    connect: Connect, writable: DemoProcess, writing: Proxy
) -> None:
    driver = connect(writing.base(writable.v1), writable.api_key)
    api = of_v1(driver)
    for method, arguments in (("tag", (1, "x")), ("untag", (1, "x")), ("delete", (1,))):
        with pytest.raises(OpenMLServerException):
            driver.run(getattr(api, method)(*arguments))
    tag, untag, delete = writing.asked
    form = {"run_id": ["1"], "tag": ["x"], "api_key": [writable.api_key]}
    for asked, name in ((tag, "tag"), (untag, "untag")):
        assert (asked.method, asked.target) == ("POST", f"/api/v1/xml/run/{name}")
        assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
        assert asked.form == form
    assert (delete.method, delete.target) == (
        "DELETE", f"/api/v1/xml/run/1?api_key={writable.api_key}"
    )  # fmt: skip
    assert delete.body == b""
    assert "content-type" not in delete.headers


def test_an_answer_that_is_no_run_list_is_a_value_error(
    connect: Connect, demo: DemoProcess, proxy: Proxy
) -> None:
    other = message(200, b"<oml:runs></oml:runs>", ("content-type", "text/xml"))
    proxy.fault = lambda asked: Fault(raw=lambda answered: other)
    driver = connect(proxy.base(demo.v1))
    with pytest.raises(ValueError) as caught:
        driver.run(of_v1(driver).list(5, 0))
    assert isinstance(caught.value, AnswerError)
