"""How many requests each act of the browser costs, on a large server of many flows and tasks."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest

from runbrowser.client.http import AsyncHTTPClient
from runbrowser.fields.filters import parse
from runbrowser.models import RunFilter, RunRow, RunState
from runbrowser.openml.base import Tally
from runbrowser.openml.live import LiveSource
from runbrowser.openml.memory import NewestMemory
from runbrowser.openml.pager import Pager
from tests.support.demos import start
from tests.tui.counting import Counting, counting

RUNS = 150_000


@pytest.fixture(scope="module")
def large() -> Iterator[Counting]:
    """A counting server before synthetic runs of 400 flows on 400 tasks."""
    with start(synthetic=f"runs={RUNS},flows=400,tasks=400") as demo, counting(demo.v1) as server:
        yield server


@pytest.fixture(scope="module")
def memory() -> NewestMemory:
    """What is remembered of the server from one session to the next."""
    return NewestMemory("large")


@pytest.fixture
async def source(large: Counting, memory: NewestMemory) -> AsyncIterator[LiveSource]:
    opened = LiveSource(AsyncHTTPClient(large.v1, retry="none"), memory=memory)
    yield opened
    await opened.close()


async def _shown(pager: Pager, number: int) -> None:
    """What the screen does with a page, until nothing more is asked for."""
    ordered = asyncio.Event()
    pager.reordered = ordered.set
    page = await pager.page(number)
    pager.learn(page)
    if page.provisional:
        await ordered.wait()
        pager.learn(await pager.page(number))
    while pager.busy:
        await asyncio.sleep(0.01)


async def test_the_first_time_the_newest_run_is_found_by_at_most_twenty_requests_more(
    large: Counting, source: LiveSource
) -> None:
    before = len(large.asked)
    await _shown(Pager(source, RunFilter(), 100), 0)
    assert len(large.asked) - before <= 20 + 6


@pytest.mark.parametrize(
    "text",
    [
        "",
        "task:10001",
        "flow:20001",
        "state:failed",
        "state:ok",
        "state:not-evaluated",
        "state:eval-failed",
        "-state:ok",
        "type:2 state:ok",
        "task:10001 state:not-evaluated",
    ],
)
async def test_opening_turning_and_turning_back_are_bounded(
    text: str, large: Counting, source: LiveSource
) -> None:
    await source.page(RunFilter(), 0, 1)  # the newest run is known from an earlier session
    pager = Pager(source, parse(text), 100)
    asked = len(large.asked)
    await _shown(pager, 0)
    assert len(large.asked) - asked <= 6
    number, shown = 0, set[int]()
    for _ in range(7):  # turns, or looks further where a search was stopped
        asked = len(large.asked)
        page = pager.at_hand(number)
        if page is not None and page.last:
            break
        number += page is not None
        await _shown(pager, number)
        assert len(large.asked) - asked <= 2, (number, large.asked[asked:])
    for before in range(number):
        asked = len(large.asked)
        await _shown(pager, before)
        assert len(large.asked) == asked
        page = await pager.page(before)
        assert len(page.rows) == 100
        ids = {row.run_id for row in page.rows}
        assert not ids & shown
        shown |= ids


@pytest.mark.parametrize("word", ["ok", "not-evaluated", "eval-failed"])
async def test_a_search_by_state_finds_what_a_walk_finds_in_few_requests_a_look(
    word: str, large: Counting, source: LiveSource
) -> None:
    filter = parse(f"task:10002 state:{word}")
    pager = Pager(source, filter, 1_000)
    found: list[RunRow] = []
    for number in range(20):
        while True:
            asked = len(large.asked)
            page = await pager.page(number)
            assert len(large.asked) - asked <= (5 if asked == 0 or number == 0 else 2)
            if not page.stopped:
                break
        found += page.rows
        if page.last:
            break
    assert page.last
    walked = [row.run_id async for rows in source.walk(filter) for row in rows]
    ids = [row.run_id for row in found]
    assert sorted(ids) == sorted(walked)
    assert len(ids) == len(set(ids)) > 50
    assert set(pager.facts) >= set(ids)  # what was found out is not asked for again
    assert {pager.facts[run_id].state for run_id in ids} == {filter.state}


async def test_a_list_of_a_single_page_opens_within_the_same_bound(
    large: Counting, source: LiveSource
) -> None:
    """Of runs in every state, of several types, whose tasks, flows and users are not known yet."""
    ids = [row.run_id for row in await _sample(source)]
    fresh = LiveSource(AsyncHTTPClient(large.v1, retry="none"))
    pager = Pager(fresh, RunFilter(ids=tuple(ids)), 100)
    asked = len(large.asked)
    await _shown(pager, 0)
    assert len(large.asked) - asked <= 6, large.asked[asked:]
    page, names = await pager.page(0), fresh.names
    assert page.last
    assert len({pager.facts[row.run_id].state for row in page.rows}) == 4
    assert len({pager.facts[row.run_id].measure for row in page.rows}) > 2
    for row in page.rows:
        assert row.flow_id in names.flows
        assert row.uploader in names.users
        assert row.task_id in names.tasks
    await fresh.close()


async def _sample(source: LiveSource) -> list[RunRow]:
    """A page of runs in every state."""
    rows: list[RunRow] = []
    for word in ("failed", "not-evaluated", "eval-failed", "ok"):
        page = await source.page(parse(f"state:{word}"), 0, 100)
        while page.stopped and len(page.rows) < 8:
            page = await source.page(parse(f"state:{word}"), 0, 100)
        rows += page.rows[: 100 - len(rows) if word == "ok" else 8]
    return rows


@pytest.mark.parametrize("text", ["state:failed", "", "task:10001", "type:2"])
async def test_grouping_and_ranking_grow_with_the_rows_alone(
    text: str, large: Counting, source: LiveSource
) -> None:
    """What was read for the page is not read again."""
    await _shown(Pager(source, parse(text), 100), 0)
    asked, failed, tally = len(large.asked), list[RunRow](), Tally()
    async for rows in source.walk(replace(parse(text), state=RunState.FAILED), tally=tally):
        failed += rows
    await source.learn_names(failed)
    assert len(failed) == len({row.run_id for row in failed}) > 300
    blocks = -(-tally.looked_at // 10_000)
    # a last block that is full gives no sign of the end: another is asked for
    blocks += tally.looked_at % 10_000 == 0
    assert len(large.asked) - asked <= 2 + blocks
    if text in ("", "state:failed"):
        assert tally.looked_at == RUNS
    asked = len(large.asked)
    await source.best(10_001, "predictive_accuracy", highest_first=True, limit=200)
    assert len(large.asked) - asked <= 2
