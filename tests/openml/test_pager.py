"""Pager over a real server: pages are asked for once, ahead, and kept within bounds."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from runbrowser.client.http import AsyncHTTPClient
from runbrowser.demo.launch import DemoProcess
from runbrowser.errors import OpenMLServerException
from runbrowser.fields.filters import parse
from runbrowser.models import RunFilter, RunState
from runbrowser.openml import listing
from runbrowser.openml import pager as pager_module
from runbrowser.openml.live import LiveSource
from runbrowser.openml.pager import Pager
from tests.tui.counting import Counting, recorded

from .truth import listed_ids

PATIENCE = 30.0
ON_ONE_TASK = RunFilter(task=(9101,))


@pytest.fixture
async def source(counted: Counting) -> AsyncIterator[LiveSource]:
    """A LiveSource before a counting server."""
    opened = LiveSource(AsyncHTTPClient(counted.v1, retry="none"))
    yield opened
    await opened.close()


async def _until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not happened():
            await asyncio.sleep(0.005)


async def test_no_page_is_asked_for_twice(counted: Counting, source: LiveSource) -> None:
    pager = Pager(source, ON_ONE_TASK, 50)
    pages = [await pager.page(number) for number in (0, 1, 0, 1, 2, 0)]
    assert pages[0] is pages[2] is pages[5]
    assert len(counted.asked) == 1  # the list is read whole


async def test_a_page_that_is_looked_at_for_longer_is_learned_to_its_end(
    counted: Counting, source: LiveSource
) -> None:
    pager = Pager(source, RunFilter(), 100)
    seen = []
    for number in (0, 1, 2):  # of several measures each: turning to a page sends two requests
        page = await pager.page(number)
        pager.learn(page)
        await _until(lambda: not pager.busy)
        if page.provisional:
            page = await pager.page(number)
            pager.learn(page)
            await _until(lambda: not pager.busy)
        before = len(counted.asked)
        pager.linger(page)
        await _until(lambda: not pager.busy)
        seen.append(len(counted.asked) - before)
        states = {row.run_id: pager.facts[row.run_id].state for row in page.rows}
        assert RunState.UNKNOWN not in states.values(), (number, states)
        pager.linger(page)
        assert not pager.busy
    assert max(seen) <= 4, seen
    assert sum(seen) > 0  # else this test would show nothing


@pytest.mark.parametrize(
    "filter", [RunFilter(state=RunState.FAILED), RunFilter(error="n_neighbors")]
)
async def test_a_search_has_the_names_of_its_rows_once_it_is_looked_at_for_longer(
    filter: RunFilter, counted: Counting, source: LiveSource
) -> None:
    pager = Pager(source, filter, 20)
    page = await pager.page(0)
    pager.learn(page)
    await _until(lambda: not pager.busy)
    before = len(counted.asked)
    pager.linger(page)
    await _until(lambda: not pager.busy)
    flows = {row.flow_id for row in page.rows}
    assert flows and flows <= set(source.names.flows)
    assert len(counted.asked) - before <= 3
    pager.linger(page)
    assert not pager.busy


async def test_two_who_wait_for_a_page_share_one_request(
    counted: Counting, source: LiveSource
) -> None:
    gate = counted.hold("run/list")
    pager = Pager(source, ON_ONE_TASK, 50)
    waiters = [asyncio.create_task(pager.page(0)) for _ in range(5)]
    await _until(lambda: counted.count("run/list") == 1)
    gate.set()
    pages = await asyncio.gather(*waiters)
    assert all(page is pages[0] for page in pages)
    assert counted.count("run/list") == 1


async def test_a_waiter_that_is_cancelled_does_not_end_the_request(
    counted: Counting, source: LiveSource
) -> None:
    gate = counted.hold("run/list")
    pager = Pager(source, ON_ONE_TASK, 50)
    waiter = asyncio.create_task(pager.page(0))
    await _until(lambda: counted.count("run/list") == 1)
    waiter.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiter
    assert pager.at_hand(0) is None
    gate.set()
    await _until(lambda: pager.at_hand(0) is not None)
    assert (await pager.page(0)).rows
    assert counted.count("run/list") == 1


async def test_stop_ends_what_is_under_way(counted: Counting, source: LiveSource) -> None:
    counted.hold("run/list")
    pager = Pager(source, ON_ONE_TASK, 50)
    waiter = asyncio.create_task(pager.page(0))
    await _until(lambda: counted.count("run/list") == 1)
    pager.stop()
    with pytest.raises(asyncio.CancelledError):
        await waiter
    assert pager.at_hand(0) is None


async def test_of_a_pager_that_is_closed_nobody_hears_any_more(
    counted: Counting, source: LiveSource
) -> None:
    heard: list[str] = []
    pager = Pager(source, ON_ONE_TASK, 50)
    pager.news = lambda: heard.append("news")
    pager.reordered = lambda: heard.append("order")
    pager.trouble = heard.append
    pager.fault = lambda error: heard.append(repr(error))
    page = await pager.page(0)
    gate = counted.hold("evaluation/list")
    pager.learn(page)
    await _until(lambda: counted.count("evaluation/list") == 1)
    heard.clear()
    pager.close()
    gate.set()
    await _until(lambda: not pager.busy)
    await pager.learn_again(page.rows[:1])  # as a watch does that has not heard yet
    assert heard == []


async def test_a_page_that_failed_is_asked_for_again(counted: Counting, source: LiveSource) -> None:
    counted.answer("run/list", recorded("w_db_down_list"))
    pager = Pager(source, ON_ONE_TASK, 50)
    with pytest.raises(OpenMLServerException, match="database"):
        await pager.page(0)
    counted.answer("run/list", None)
    assert (await pager.page(0)).rows


async def test_only_so_many_pages_are_kept_and_no_facts_of_others(
    counted: Counting, source: LiveSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pager_module, "_KEPT_PAGES", 5)
    pager = Pager(source, RunFilter(), 10)
    for number in range(60):
        pager.learn(await pager.page(number))
        await _until(lambda: not pager.busy)
    kept = [number for number in range(60) if pager.at_hand(number) is not None]
    assert kept == [55, 56, 57, 58, 59]
    shown = {row.run_id for number in kept for row in (await pager.page(number)).rows}
    assert shown <= set(pager.facts)
    assert pager.find(next(iter(shown))) is not None
    gone = max(listed_ids(counted.v1, "limit/10000/show_errors/true"))
    assert pager.find(gone) is None
    assert gone not in pager.facts
    before = counted.count("run/list/limit")
    assert {row.run_id for row in (await pager.page(0)).rows} >= {gone}
    assert counted.count("run/list/limit") == before  # rows of a list read whole are at hand


async def test_a_page_looked_at_again_stays_longer(
    source: LiveSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pager_module, "_KEPT_PAGES", 3)
    pager = Pager(source, RunFilter(), 10)
    for number in (0, 1, 2):
        await pager.page(number)
    assert pager.at_hand(0) is not None
    await pager.page(3)
    assert [pager.at_hand(number) is not None for number in range(4)] == [True, False, True, True]


async def test_facts_are_learned_once_and_told_as_they_come(
    counted: Counting, source: LiveSource
) -> None:
    pager = Pager(source, ON_ONE_TASK, 50)
    heard: list[int] = []
    pager.news = lambda: heard.append(len(pager.facts))
    page = await pager.page(0)
    for _ in range(3):
        pager.learn(page)
    await _until(lambda: not pager.busy)
    assert set(pager.facts) >= {row.run_id for row in page.rows}
    assert heard[-1] == len(pager.facts)
    asked = len(counted.asked)
    assert len(set(counted.asked)) == asked
    pager.learn(page)
    assert not pager.busy
    assert len(counted.asked) == asked


async def test_facts_that_could_not_be_learned_are_told_and_asked_for_again(
    counted: Counting, source: LiveSource
) -> None:
    counted.answer("evaluation/list", recorded("w_db_down_list"))
    pager = Pager(source, ON_ONE_TASK, 50)
    words: list[str] = []
    pager.trouble = words.append
    page = await pager.page(0)
    pager.learn(page)
    await _until(lambda: bool(words) and not pager.busy)
    assert "database" in words[0]
    counted.answer("evaluation/list", None)
    pager.learn(page)
    await _until(lambda: not pager.busy)
    assert set(pager.facts) >= {row.run_id for row in page.rows}
    assert len(words) == 1


async def test_facts_of_pages_left_behind_are_given_up(
    counted: Counting, source: LiveSource
) -> None:
    gate = counted.hold("evaluation/list")
    pager = Pager(source, RunFilter(), 20)
    pages = [await pager.page(number) for number in range(4)]
    pager.learn(pages[0])
    await _until(lambda: counted.count("evaluation/list") == 1)
    pager.learn(pages[3])
    await _until(lambda: counted.count("evaluation/list") == 2)
    gate.set()
    await _until(lambda: not pager.busy)
    assert {row.run_id for row in pages[3].rows} <= set(pager.facts)
    pager.stop()
    await _until(lambda: not pager.busy)


async def test_a_search_that_stopped_goes_on_when_it_is_asked_for_again(
    source: LiveSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    for limit in ("FIRST", "MAX_LIMIT", "SEARCH_MOST"):
        monkeypatch.setattr(listing, limit, 100)
    pager = Pager(source, parse("state:failed"), 1000)
    looked = [(await pager.page(0)).looked_at for _ in range(3)]
    assert looked == [100, 200, 300]


async def test_a_run_that_was_read_has_the_last_word_on_its_state(
    hostile: DemoProcess,
) -> None:
    """Lists do not tell that engine 1 failed where engine 2 did not, nor that a run was evaluated
    without any value.
    """
    source = LiveSource(AsyncHTTPClient(hostile.v1, retry="none"))
    pager = Pager(source, RunFilter(ids=(900046, 59826)), 10)
    page = await pager.page(0)
    runs = [await source.run(row.run_id) for row in page.rows]
    pager.note_run(runs[0])  # before anything is known of its row
    pager.learn(page)
    await _until(lambda: not pager.busy)
    heard: list[RunState] = []
    pager.news = lambda: heard.append(pager.facts[runs[1].run_id].state)
    pager.note_run(runs[1])
    states = {run.run_id: run.state for run in runs}
    assert states == {900046: RunState.EVALUATION_FAILED, 59826: RunState.OK}
    assert {run_id: fact.state for run_id, fact in pager.facts.items()} == states
    assert heard == [states[runs[1].run_id]]
    await pager.learn_again(page.rows)
    assert {run_id: fact.state for run_id, fact in pager.facts.items()} == states
    await source.close()
