"""How many requests each act of the browser costs, on a large server of many flows and tasks."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from runbrowser.client.http import AsyncHTTPClient
from runbrowser.fields.filters import parse
from runbrowser.models import RunFilter, RunRow
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
    ("text", "to_turn"),
    [
        ("", 2),
        ("task:10001", 2),
        ("flow:20001", 2),
        ("state:failed", 2),
        ("state:ok", 5),  # told by evaluations alone, which are looked at for 400 runs at a time
        ("state:not-evaluated", 5),
    ],
)
async def test_opening_turning_and_turning_back_are_bounded(
    text: str, to_turn: int, large: Counting, source: LiveSource
) -> None:
    await source.page(RunFilter(), 0, 1)  # the newest run is known from an earlier session
    pager = Pager(source, parse(text), 100)
    asked = len(large.asked)
    await _shown(pager, 0)
    assert len(large.asked) - asked <= 6
    if (await pager.page(0)).stopped:
        return
    for number in range(1, 7):
        asked = len(large.asked)
        await _shown(pager, number)
        assert len(large.asked) - asked <= to_turn, number
    asked = len(large.asked)
    await _shown(pager, 3)
    assert len(large.asked) == asked


@pytest.mark.parametrize(
    ("text", "more"),
    [("state:failed", 2), ("", 3)],  # what was read for the failed page is not read again
)
async def test_grouping_and_ranking_grow_with_the_rows_alone(
    text: str, more: int, large: Counting, source: LiveSource
) -> None:
    await _shown(Pager(source, parse(text), 100), 0)
    asked, failed = len(large.asked), list[RunRow]()
    async for rows in source.walk(parse("state:failed")):
        failed += rows
    await source.learn_names(failed)
    assert len(failed) == len({row.run_id for row in failed}) > 5_000
    assert len(large.asked) - asked <= more + RUNS // 10_000
    asked = len(large.asked)
    await source.best(10_001, "predictive_accuracy", highest_first=True, limit=200)
    assert len(large.asked) - asked <= 2
