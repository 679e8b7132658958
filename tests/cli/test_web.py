"""``runbrowser web``: a real server, asked as a web browser asks it."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

import aiohttp
import pyte
import pytest

from runbrowser.demo.launch import DemoProcess
from tests.tui.harness import PATIENCE

from .conftest import Cli, clean_environment


@dataclass
class Serving:
    """A server that runs, its address without and with its token."""

    origin: str
    address: str
    process: subprocess.Popen[str]


@pytest.fixture
def serving(demo: DemoProcess, cli: Cli, request: pytest.FixtureRequest) -> Iterator[Serving]:
    words = getattr(request, "param", ["task:9101"])
    process = subprocess.Popen(
        [sys.executable, "-m", "runbrowser", "web", "--server", demo.v1, *words],
        env=clean_environment(cli.home) | {"OPENML_APIKEY": demo.api_key},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    try:
        address = process.stderr.readline().strip()
        found = re.fullmatch(r"(http://127\.0\.0\.1:\d+)/\?token=[\w-]{32}", address)
        assert found, address
        yield Serving(found[1], address, process)
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
        process.stderr.close()


@dataclass
class Page:
    """The screen that a page of a web browser shows, drawn from what comes over its socket."""

    socket: aiohttp.ClientWebSocketResponse
    screen: pyte.Screen = field(default_factory=lambda: pyte.Screen(100, 30))

    def __post_init__(self) -> None:
        self.stream = pyte.ByteStream(self.screen)

    @property
    def text(self) -> str:
        return "\n".join(self.screen.display)

    async def until(self, words: str) -> None:
        while words not in self.text:
            message = await self.socket.receive(timeout=PATIENCE)
            assert message.type in (aiohttp.WSMsgType.BINARY, aiohttp.WSMsgType.TEXT), self.text
            if message.type is aiohttp.WSMsgType.BINARY:
                self.stream.feed(message.data)

    async def type(self, text: str) -> None:
        await self.socket.send_str(json.dumps(["stdin", text]))


async def test_a_page_shows_rows_filters_reads_and_takes_another_size(serving: Serving) -> None:
    jar = aiohttp.CookieJar(unsafe=True)  # cookies of an address that is a number
    async with aiohttp.ClientSession(cookie_jar=jar) as session:
        async with session.get(serving.address) as answer:
            assert (answer.status, str(answer.url)) == (200, f"{serving.origin}/")
            assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
            assert "textual-terminal" in await answer.text()
        at = f"{serving.origin}/ws?width=100&height=30"
        async with session.ws_connect(at, origin=serving.origin) as socket:
            page = Page(socket)
            await page.until("task:9101")
            await page.until("LogisticRegression")
            await page.type("e")
            await page.until("state:failed")
            await page.type("t")
            await page.until("only reads")  # a page writes only where that was asked for
            page.screen.resize(24, 80)
            await socket.send_str(json.dumps(["resize", {"width": 80, "height": 24}]))
            await page.type("?")
            await page.until("Next run")


async def test_without_the_token_nothing_is_answered(serving: Serving) -> None:
    wrong = serving.address[:-1] + ("x" if serving.address[-1] != "x" else "y")
    async with aiohttp.ClientSession() as session:
        for address in (serving.origin, f"{serving.origin}/static/js/textual.js", wrong,
                        f"{serving.origin}/ws?width=80&height=24",
                        f"{serving.origin}/download/x"):  # fmt: skip
            async with session.get(address) as answer:
                assert answer.status == 403, address
                assert serving.address.partition("=")[2] not in await answer.text()


@pytest.mark.parametrize(
    "headers", [{"Host": "evil.example"}, {"Origin": "http://evil.example"}, {"Origin": "null"}]
)
async def test_other_names_and_other_pages_are_refused_even_with_the_token(
    serving: Serving, headers: dict[str, str]
) -> None:
    token = serving.address.partition("=")[2]
    async with aiohttp.ClientSession(cookies={"runbrowser_token": token}) as session:
        for address in (serving.address, f"{serving.origin}/ws?width=80&height=24"):
            async with session.get(address, headers=headers, allow_redirects=False) as answer:
                assert answer.status == 403


def test_a_port_that_is_taken_is_told_in_words(serving: Serving, cli: Cli) -> None:
    done = cli("web", "--port", serving.origin.rpartition(":")[2])
    assert (done.code, done.out) == (1, "")
    assert "in use" in done.err and "Traceback" not in done.err
