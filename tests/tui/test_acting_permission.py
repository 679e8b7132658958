"""Without a key, with a wrong one, with a read-only account: every key says why it does nothing."""

from __future__ import annotations

import threading

import pytest

from runbrowser import paths
from runbrowser.bulk import journal as journals
from runbrowser.demo.launch import DemoProcess
from runbrowser.errors import OpenMLServerError
from runbrowser.fields.filters import parse
from runbrowser.openml.base import RunSource
from tests.bulk.faulty import Proxy, proxy_before

from .deeds import READER_KEY, acting_on, is_main, sees
from .harness import PATIENCE, browser, browsing, note, press, settle, until, workspace

ACTS = ["t", "T", "D", "P"]
WRONG = "00000000000000000000000000000bad"


@pytest.mark.parametrize("size", [(60, 20), (140, 40)])
@pytest.mark.parametrize("key", ACTS)
async def test_without_a_key_nothing_opens_and_the_reason_is_said(
    key: str, size: tuple[int, int], demo: DemoProcess
) -> None:
    async with browsing(acting_on(demo.v1, None), parse("uploader:2"), size=size) as pilot:
        await press(pilot, key)
        assert is_main(pilot)
        sees(pilot, "Without an API key nothing can be changed: set OPENML_APIKEY.")


@pytest.mark.parametrize("key", ACTS)
async def test_a_session_that_only_reads_says_who_wants_it_so(key: str, demo: DemoProcess) -> None:
    why = "This session only reads (--read-only)."
    with proxy_before(demo.v1) as proxy:
        async with browsing(acting_on(proxy.v1, demo.api_key, why=why)) as pilot:
            await press(pilot, key)
            assert is_main(pilot)
            assert note(pilot) == why
            assert not [asked for asked in proxy.asked if asked.method != "GET"]


@pytest.mark.parametrize("key", ACTS)
@pytest.mark.parametrize(
    ("api_key", "word"), [(READER_KEY, "only read"), (WRONG, "key")], ids=["reader", "wrong"]
)
async def test_a_key_that_may_not_write_is_told_with_where_it_came_from(
    api_key: str, word: str, key: str, demo: DemoProcess
) -> None:
    with proxy_before(demo.v1) as proxy:
        source = acting_on(proxy.v1, api_key, user_id=None, key_origin="OPENML_APIKEY")
        async with browsing(source, parse("uploader:2")) as pilot:
            await pilot.press(key)
            await until(pilot, lambda: note(pilot) and browser(pilot).jobs.key_checked)
            await settle(pilot)
            assert is_main(pilot), "the dialog is gone: nothing could come of it"
            assert word in note(pilot)
            assert "OPENML_APIKEY" in note(pilot)
            assert api_key not in note(pilot)
            asked = _writes(proxy)
            for again in ACTS:
                await press(pilot, again)
                assert is_main(pilot)
            assert (
                len([a for a in proxy.asked if a.method == "POST" and "/list" not in a.path])
                == asked
                == 1
            )
            assert not journals.reports(paths.state_dir())


async def test_a_key_that_may_write_is_asked_about_once(fresh_demo: DemoProcess) -> None:
    with proxy_before(fresh_demo.v1) as proxy:
        source = acting_on(proxy.v1, fresh_demo.api_key)
        async with browsing(source, parse("uploader:2")) as pilot:
            for _ in range(3):
                await press(pilot, "t", "escape")
            posts = [a.path for a in proxy.asked if a.method == "POST" and "/list" not in a.path]
            assert posts == ["run/1"]
            assert not workspace(pilot).source.why_read_only  # type: ignore[union-attr]


async def test_before_there_is_a_connection_the_keys_say_so() -> None:
    over = threading.Event()

    def never_opened(tell: object) -> RunSource:
        over.wait(PATIENCE)
        raise OpenMLServerError("it took too long")

    try:
        async with browsing(never_opened, settled=False) as pilot:
            await pilot.press("P")
            assert is_main(pilot)
            assert note(pilot) == "there is no connection yet"
    finally:
        over.set()


def _writes(proxy: Proxy) -> int:
    """Writes that were sent; a list that takes the key in a form is none."""
    return len([a for a in proxy.asked if a.method == "POST" and "/list" not in a.path])
