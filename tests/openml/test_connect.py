"""``connect``: the settings of the command line, for the library."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from runbrowser import (
    AsyncFallbackRunAPI,
    AsyncRunV1API,
    FallbackRunAPI,
    HTTPClient,
    OpenMLAuthenticationError,
    OpenMLServerError,
    RunV1API,
    RunV2API,
    UsageError,
    connect,
    connect_async,
)
from runbrowser.secret import ApiKey
from tests.client.servers import KEY, serving
from tests.client.test_http import recording

OTHER = "f" * 32
OWN = ("RUNBROWSER_", "OPENML_", "XDG_")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without settings."""
    import os

    for name in list(os.environ):
        if name.startswith(OWN):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("config", "cache", "state"):
        monkeypatch.setenv(f"RUNBROWSER_{name.upper()}_DIR", str(tmp_path / name))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    return tmp_path


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_the_arguments_decide_which_api_it_is() -> None:
    with connect("http://127.0.0.1:9/api/v1/xml/") as api:
        assert isinstance(api, RunV1API)
    with connect(server_v2="http://127.0.0.1:9/", api_version="v2", fallback=False) as api:
        assert isinstance(api, RunV2API)
    with connect(server_v2="http://127.0.0.1:9/", api_version="v2", api_key=KEY) as api:
        assert isinstance(api, FallbackRunAPI)
        new, old = api.apis
        assert (type(new), type(old)) == (RunV2API, RunV1API)
        assert new._http.api_key is None
        assert old._http.api_key is not None
        assert old._http.server == "https://www.openml.org/api/v1/xml/"
    with pytest.raises(UsageError, match="no V2 server"):
        connect(api_version="v2")
    with pytest.raises(UsageError, match=r"api_version \(argument\): 'v3' is not v1 or v2"):
        connect(api_version="v3")
    with pytest.raises(UsageError, match=r"server \(argument\): 'nonsense' is no server URL"):
        connect("nonsense")
    with pytest.raises(TypeError, match=r"connect.*'servr'"):
        connect(servr="x")  # type: ignore[call-arg]


async def test_connect_async_gives_the_twins() -> None:
    async with connect_async("http://127.0.0.1:9/", retry="none") as api:
        assert isinstance(api, AsyncRunV1API)
        with pytest.raises(OpenMLServerError):
            await api.get(1)
    both = connect_async(server_v2="http://127.0.0.1:9/", api_version="v2")
    assert isinstance(both, AsyncFallbackRunAPI)
    await both.close()
    with pytest.raises(UsageError):
        connect_async(api_version="v2")


def http_of(api: Any) -> HTTPClient:
    http: HTTPClient = api._http
    return http


def test_settings_come_from_where_the_command_line_has_them(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(home / "xdg/openml/config", f"apikey = {KEY}\nserver = test\nretry_policy = robot\n")
    write(home / "config/config.toml", "timeout = 7\n")
    with connect() as api:
        http = http_of(api)
        assert http.server == "https://test.openml.org/api/v1/xml/"
        assert http.api_key is not None and http.api_key.reveal() == KEY
        assert http.policy.name == "robot"
        assert http._timeout == 7.0
        assert http.cache is not None and http.cache.folder == home / "cache"
    monkeypatch.setenv("OPENML_APIKEY", OTHER)
    monkeypatch.setenv("RUNBROWSER_TIMEOUT", "9")
    with connect(cache=False, retry="none") as api:
        http = http_of(api)
        assert http.api_key is not None and http.api_key.reveal() == OTHER
        assert (http._timeout, http.cache, http.policy.name) == (9.0, None, "none")
    with connect(api_key=ApiKey(KEY), timeout=3.0) as api:
        http = http_of(api)
        assert http.api_key is not None and http.api_key.reveal() == KEY
        assert http._timeout == 3.0
    monkeypatch.delenv("OPENML_APIKEY")
    with connect("production") as api:
        assert http_of(api).api_key is None, "a key from a file goes to its own server alone"


def test_a_reply_is_kept_where_the_command_line_finds_it(home: Path) -> None:
    with serving(recording("run_get_s19")) as server:
        with connect(server.base) as api:
            first = api.get(900019)
        with connect(server.base) as api:
            again = api.get(900019)
    assert first == again
    assert again.kept_at is not None
    assert len(server.requests) == 1
    assert list((home / "cache").rglob("body.xml"))


def test_the_file_that_openml_configure_writes_sets_nothing(home: Path) -> None:
    names = (
        "apikey",
        "server",
        "cachedir",
        "avoid_duplicate_runs",
        "retry_policy",
        "connection_n_retries",
        "show_progress",
    )
    write(home / "xdg/openml/config", "".join(f"{name} = {name}\n" for name in names))
    with connect() as api:
        http = http_of(api)
        assert (http.api_key, http.server) == (None, "https://www.openml.org/api/v1/xml/")
        assert http.cache is not None and http.cache.folder == home / "cache"


def test_the_error_without_a_key_says_which_way_in_takes_it_from_where(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with (
        RunV1API(HTTPClient("http://127.0.0.1:9/")) as api,
        pytest.raises(OpenMLAuthenticationError, match=r"Give the client an api_key.*connect\(\)"),
    ):
        api.tag(1, "x")
    with (
        connect("http://127.0.0.1:9/") as settled,
        pytest.raises(OpenMLAuthenticationError, match="Set OPENML_APIKEY, or apikey in OpenML's"),
    ):
        settled.tag(1, "x")


def test_settings_that_only_read_write_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNBROWSER_READ_ONLY", "yes")
    with serving(recording("run_get_s19")) as server:
        with connect(server.base, api_key=KEY) as api:
            assert api.get(900019).run_id == 900019
            for write_it in (
                lambda: api.tag(900019, "x"),
                lambda: api.delete(900019),
                lambda: api.publish("run", {"description": b"<oml:run/>"}),
            ):
                with pytest.raises(UsageError, match=r"only reads .RUNBROWSER_READ_ONLY"):
                    write_it()
        assert [request.method for request in server.requests] == ["GET"]


def test_what_is_odd_about_the_settings_is_a_warning(home: Path) -> None:
    write(home / "xdg/openml/config", "retry_policy = sometimes\n")
    with pytest.warns(UserWarning, match="retry_policy in"):
        connect().close()
