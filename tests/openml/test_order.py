"""One order over all runs of a list that was read whole, and what it costs."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

import pytest

from runbrowser.client.http import AsyncHTTPClient
from runbrowser.fields.filters import parse
from runbrowser.models import RunFilter, RunRow, RunState
from runbrowser.openml.live import LiveSource
from runbrowser.openml.order import Order
from runbrowser.openml.pager import Pager
from tests.tui.counting import Counting, recorded

from .truth import listed_ids

CLASSIFICATION = RunFilter(task_type=(1,))


@pytest.fixture
async def source(counted: Counting) -> AsyncIterator[LiveSource]:
    opened = LiveSource(AsyncHTTPClient(counted.v1, retry="none"))
    yield opened
    await opened.close()


async def _until(happened: Callable[[], object]) -> None:
    for _ in range(6_000):
        if happened():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come to pass")


def _by_error(rows: Sequence[RunRow]) -> list[RunRow]:
    return sorted(rows, key=lambda row: (row.error_message or "~", row.run_id))


async def _shown(pager: Pager, number: int = 0) -> list[int]:
    """The page as the screen comes to show it."""
    pager.learn(await pager.page(number))
    await _until(lambda: not pager.busy)
    return [row.run_id for row in (await pager.page(number)).rows]


async def test_all_rows_are_in_order_and_none_is_asked_for_again(
    counted: Counting, source: LiveSource
) -> None:
    pager = Pager(source, CLASSIFICATION, 100)
    reordered: list[None] = []
    pager.reordered = lambda: reordered.append(None)
    newest = await _shown(pager)
    await _until(lambda: reordered)
    whole = source.whole(CLASSIFICATION)
    assert whole is not None
    lists = counted.count("run/list/limit")
    assert pager.arrange(Order("error", _by_error))
    await _until(lambda: pager.is_ordered)
    expected = [row.run_id for row in _by_error(whole)]
    assert len(reordered) == 2
    shown = [run_id for number in range(3) for run_id in await _shown(pager, number)]
    assert shown == expected[:300]
    assert (await pager.page(0)).total == len(whole)
    last = await pager.page(len(whole) // 100)
    assert (last.last, [row.run_id for row in last.rows]) == (True, expected[-len(last.rows) :])
    assert not pager.arrange(None)
    assert await _shown(pager) == newest
    again = await pager.read_again(0)
    assert [row.run_id for row in again.rows] == newest
    assert counted.count(r"run/list/limit/\d+/show_errors/true/task_type") <= lists + 2


async def test_an_order_by_score_asks_by_lists_for_the_scores_of_all(
    counted: Counting, source: LiveSource
) -> None:
    filter = parse("task:9101")
    ids = listed_ids(counted.upstream, "task/9101/limit/10000/show_errors/true")
    pager = Pager(source, filter, 50)
    await _shown(pager)
    asked = len(counted.asked)

    def best_first(rows: Sequence[RunRow]) -> list[RunRow]:
        return sorted(rows, key=lambda row: -(pager.facts[row.run_id].score or 0))

    pager.arrange(Order("score", best_first, facts=True))
    await _until(lambda: pager.is_ordered)
    assert len(counted.asked) - asked <= 6
    rows = source.whole(filter)
    assert rows is not None
    assert {row.run_id for row in rows} == set(ids)
    scores = [pager.facts[row.run_id].score or 0 for row in best_first(rows)]
    assert scores == sorted(scores, reverse=True)
    assert any(pager.facts[row.run_id].state is RunState.OK for row in rows[50:])
    assert await _shown(pager) == [row.run_id for row in best_first(rows)[:50]]


async def test_where_the_scores_cannot_be_had_the_order_stays_and_it_is_told(
    counted: Counting, source: LiveSource
) -> None:
    pager = Pager(source, parse("task:9101"), 20)
    newest = await _shown(pager)
    told: list[str] = []
    pager.trouble = told.append
    counted.answer("evaluation/list", recorded("w_db_down_list"))
    assert pager.arrange(Order("score", _by_error, facts=True))
    await _until(lambda: told)
    assert not pager.is_ordered
    assert [row.run_id for row in (await pager.page(0)).rows] == newest


async def test_a_list_that_was_not_read_whole_stays_as_it_is(source: LiveSource) -> None:
    pager = Pager(source, CLASSIFICATION, 100)
    await pager.page(0)
    assert not pager.arrange(Order("error", _by_error))
    assert not pager.is_ordered
