"""Which way a request goes: proxies and certificates of the environment, and words without them."""

from __future__ import annotations

import importlib.util
import ssl
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from runbrowser.client.calls import v1
from runbrowser.client.certificates import trusted
from runbrowser.client.retry import HUMAN, may_repeat
from runbrowser.client.routes import Routes, UnusableProxyError
from runbrowser.errors import OpenMLConnectionError, OpenMLProxyError, exit_code
from runbrowser.models import RunFilter

from .pages import page_of, run_row
from .servers import Driver, Reply, Request, serving, unused_port

Connect = Callable[..., Driver]
LIST = v1.list_runs(RunFilter(), 10)
VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
CASES = Path(__file__).parent.parent / "data" / "cases"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


UNUSABLE = {
    "ALL_PROXY": ["socks5://127.0.0.1:9", "socks5h://127.0.0.1:9", "socks://127.0.0.1:9"],
    "all_proxy": ["socks4://h:9"],
    "HTTP_PROXY": ["ftp://h:1", "http://", "http://h:99999999", "://", "http://[::1"],
}
UNUSABLE_PAIRS = [(name, value) for name, values in UNUSABLE.items() for value in values]


@pytest.mark.parametrize(("variable", "value"), UNUSABLE_PAIRS)
def test_a_host_on_this_machine_is_asked_without_a_proxy(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    monkeypatch.setenv("NO_PROXY", "[::1]")
    with serving(Reply(body=page_of([run_row(1)]))) as server:
        assert len(connect(server.base).send(LIST)) == 1
        assert len(connect(server.base.replace("127.0.0.1", "localhost")).send(LIST)) == 1


@pytest.mark.parametrize(("variable", "value"), UNUSABLE_PAIRS)
def test_a_proxy_that_cannot_be_used_is_named_with_what_to_do(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setenv(variable, value)
    with pytest.raises(OpenMLProxyError) as caught:
        connect("http://openml.example/api/v1/xml/", retry=HUMAN).send(LIST)
    words = str(caught.value)
    assert words.startswith("Could not list runs: ")
    assert variable in words and words.endswith(f"unset {variable}.")
    assert ("pip install 'runbrowser[socks]'" in words) is ("socks" in value)
    assert exit_code(caught.value) == 1
    assert not may_repeat(LIST, caught.value)


def test_the_public_case_is_told_in_one_sentence(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    name, _, value = (CASES / "socks-proxy" / "environment").read_text().strip().partition("=")
    monkeypatch.setenv(name, value)
    with pytest.raises(OpenMLConnectionError, match="ALL_PROXY names a SOCKS proxy"):
        connect("https://openml.example/api/v1/xml/").send(LIST)


def test_a_proxy_that_works_is_used_and_a_failing_one_is_named(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [run_row(1)]
    with serving(Reply(body=page_of(rows))) as proxy:
        monkeypatch.setenv("http_proxy", f"127.0.0.1:{proxy.port}")
        assert list(connect("http://openml.example/api/v1/xml/").send(LIST)) == rows
        assert proxy.requests[0].target.startswith("http://openml.example/api/v1/xml/run/list")
    monkeypatch.setenv("http_proxy", f"http://user:word@127.0.0.1:{unused_port()}")
    with pytest.raises(OpenMLConnectionError) as caught:
        connect("http://openml.example/api/v1/xml/").send(LIST)
    assert "the proxy that http_proxy names" in str(caught.value)
    assert "word" not in str(caught.value)


@pytest.mark.parametrize(
    ("direct", "url", "straight"),
    [
        ("", "http://openml.org/", False),
        ("*", "http://openml.org/", True),
        ("openml.org", "http://openml.org/", True),
        (".openml.org", "http://www.openml.org/", True),
        ("*.openml.org", "http://www.openml.org/", True),
        ("openml.org", "http://notopenml.org/", False),
        ("openml.org:8080", "http://openml.org/", False),
        ("openml.org:8080", "http://openml.org:8080/", True),
        ("10.0.0.0/8", "http://10.1.2.3/", True),
        ("10.0.0.0/8", "http://11.1.2.3/", False),
        ("[fd00::1]", "http://[fd00::1]/", True),
        ("[fd00::1]:80", "http://[fd00::1]:81/", False),
        ("fd00::/8", "http://[fd00::2]:81/", True),
        (" x , openml.org ", "http://openml.org/", True),
        ("[", "http://openml.org/", False),
        ("http://openml.org", "http://openml.org/", True),
        ("", "http://[::1]:5/", True),
        ("", "http://127.8.9.1/", True),
        ("", "http://demo.localhost/", True),
    ],
)
def test_hosts_that_want_no_proxy(direct: str, url: str, straight: bool) -> None:
    routes = Routes({"ALL_PROXY": "http://proxy:3128", "NO_PROXY": direct})
    assert (routes.proxy(httpx.URL(url)) is None) is straight


def test_socks_is_used_where_its_package_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    routes = Routes({"ALL_PROXY": "socks5h://proxy:1080"})
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    assert routes.proxy(httpx.URL("https://openml.org/")) == "socks5h://proxy:1080"
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UnusableProxyError):
        routes.proxy(httpx.URL("https://openml.org/"))


def test_the_certificates_of_requests_are_trusted_as_those_of_openssl(tmp_path: Path) -> None:
    certifi = pytest.importorskip("certifi")
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        assert trusted({name: certifi.where()}).cert_store_stats()["x509_ca"] > 10
        with pytest.raises(ssl.SSLError, match=f"{name} names certificates that cannot be read"):
            trusted({name: str(tmp_path / "gone")})
    (tmp_path / "empty").touch()
    with pytest.raises(ssl.SSLError):
        trusted({"REQUESTS_CA_BUNDLE": str(tmp_path / "empty")})
    assert trusted({"SSL_CERT_DIR": str(tmp_path)}).verify_mode is ssl.CERT_REQUIRED


def test_a_request_through_a_proxy_is_refused_in_the_proxys_words(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    def handler(request: Request) -> Reply:
        return Reply(407, "<html><title>Who are you</title></html>", {"content-type": "text/html"})

    with serving(handler) as proxy:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
        with pytest.raises(Exception, match=r"HTTP 407.*Who are you"):
            connect("http://openml.example/api/v1/xml/").send(LIST)
