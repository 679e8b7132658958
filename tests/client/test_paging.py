"""Walking over any number of runs: each once, a few requests at once, to be taken up again."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runbrowser.client.calls import v1 as calls
from runbrowser.client.http import AsyncHTTPClient
from runbrowser.client.resources.paging import (
    Position,
    Seen,
    Walked,
    pages,
    pages_async,
    split,
)
from runbrowser.client.resources.runs import AsyncRunV1API, RunV1API
from runbrowser.errors import OpenMLServerError, UsageError
from runbrowser.models import RunFilter, RunPage

from .pages import page_of, run_row
from .recorded import v1
from .servers import Blocking, Driver, Reply, Request, Server, serving

Connect = Callable[..., Driver]

NO_RESULT = Reply(412, v1("run_list_no_result").sent)


class Runs:
    """Answers run/list as V1 does: a filter on ids, a limit, an offset, 512 when nothing is left.

    ``twice`` are run ids that two engines evaluated; ``broken`` offsets are answered with 504.
    """

    def __init__(self, total: int, twice: tuple[int, ...] = (), delay: float = 0.0) -> None:
        self.sequence = [n for run in range(1, total + 1) for n in [run] * (1 + (run in twice))]
        self.broken: set[int] = set()
        self.delay = delay
        self.at_once = self.most_at_once = 0
        self.asked: list[tuple[int, int]] = []
        self._lock = threading.Lock()

    def __call__(self, request: Request) -> Reply:
        with self._lock:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        time.sleep(self.delay)
        try:
            return self._answer(request)
        finally:
            with self._lock:
                self.at_once -= 1

    def _answer(self, request: Request) -> Reply:
        segments = request.path.partition("/run/list/")[2].split("/")
        told = dict(zip(segments[::2], segments[1::2], strict=True))
        limit, offset = int(told["limit"]), int(told.get("offset", 0))
        self.asked.append((offset, limit))
        if offset in self.broken:
            return Reply(504, "")
        rows = self.sequence
        if "run" in told:
            wanted = set(map(int, told["run"].split(",")))
            rows = [run for run in rows if run in wanted]
        rows = rows[offset : offset + limit]
        return Reply(body=page_of(map(run_row, rows))) if rows else NO_RESULT


def walk(driver: Driver, filter: RunFilter, **options: Any) -> list[RunPage]:
    if isinstance(driver, Blocking):
        return list(pages(RunV1API(driver.client), filter, **options))

    async def collect() -> list[RunPage]:
        api = AsyncRunV1API(driver.client)  # type: ignore[arg-type]
        return [page async for page in pages_async(api, filter, **options)]

    return driver.run(collect())  # type: ignore[no-any-return]


def ids_of(found: list[RunPage]) -> list[int]:
    return [row.run_id for page in found for row in page]


@pytest.mark.parametrize("total", [0, 1, 9, 10, 11, 40, 95, 100])
def test_every_run_comes_once_and_in_the_servers_order(connect: Connect, total: int) -> None:
    with serving(Runs(total)) as server:
        found = walk(connect(server.base), RunFilter(), page_size=10)
    assert ids_of(found) == list(range(1, total + 1))


def test_a_run_that_is_sent_twice_comes_once_and_no_run_is_lost(connect: Connect) -> None:
    runs = Runs(100, twice=tuple(range(3, 100, 7)))
    with serving(runs) as server:
        found = walk(connect(server.base), RunFilter(), page_size=10)
    assert ids_of(found) == list(range(1, 101))
    assert sum(page.received for page in found) == len(runs.sequence)


def test_one_page_is_one_request(connect: Connect) -> None:
    runs = Runs(9)
    with serving(runs) as server:
        walk(connect(server.base), RunFilter(), page_size=10)
    assert runs.asked == [(0, 10)]


def test_at_most_four_requests_are_under_way(connect: Connect) -> None:
    runs = Runs(300, delay=0.02)
    with serving(runs) as server:
        found = walk(connect(server.base), RunFilter(), page_size=10, at_once=100)
    assert ids_of(found) == list(range(1, 301))
    assert 2 <= runs.most_at_once <= 4
    assert len(runs.asked) <= 31 + 4


def test_one_after_the_other_if_so_wanted(connect: Connect) -> None:
    runs = Runs(50)
    with serving(runs) as server:
        walk(connect(server.base), RunFilter(), page_size=10, at_once=1)
    assert runs.most_at_once == 1
    assert [offset for offset, _ in runs.asked] == [0, 10, 20, 30, 40, 50]


@pytest.mark.parametrize("limit", [0, 1, 10, 15, 99, 1000])
def test_a_limit_is_kept(connect: Connect, limit: int) -> None:
    runs = Runs(100)
    with serving(runs) as server:
        found = walk(connect(server.base), RunFilter(), page_size=10, limit=limit)
    assert ids_of(found) == list(range(1, min(limit, 100) + 1))
    assert len(runs.asked) <= limit // 10 + 5


def test_progress_is_told_after_each_page_and_says_where_to_go_on(connect: Connect) -> None:
    told: list[Walked] = []
    with serving(Runs(25, twice=(3,))) as server:
        walk(connect(server.base), RunFilter(), page_size=10, progress=told.append)
    assert [(w.runs, w.rows, w.part, w.parts) for w in told] == [
        (9, 10, 1, 1),
        (19, 20, 1, 1),
        (25, 26, 1, 1),
    ]
    assert [w.next for w in told] == [Position(0, 10), Position(0, 20), Position(1, 0)]


def test_a_walk_that_broke_off_is_taken_up_where_it_was(connect: Connect) -> None:
    runs = Runs(95)
    runs.broken = {50}
    told: list[Walked] = []
    had: list[int] = []
    with serving(runs) as server:
        driver = connect(server.base)
        with pytest.raises(OpenMLServerError):
            walk(driver, RunFilter(), page_size=10, progress=told.append)
        had = list(range(1, told[-1].runs + 1))
        assert told[-1].next == Position(0, 50)
        runs.broken = set()
        rest = walk(driver, RunFilter(), page_size=10, start=told[-1].next)
    assert had + ids_of(rest) == list(range(1, 96))


def test_an_error_past_the_end_is_no_error(connect: Connect) -> None:
    runs = Runs(25)
    runs.broken = {30, 40, 50}
    with serving(runs) as server:
        found = walk(connect(server.base), RunFilter(), page_size=10)
    assert ids_of(found) == list(range(1, 26))


def test_long_lists_of_ids_are_asked_for_in_parts(connect: Connect) -> None:
    runs = Runs(3000, twice=(10, 2000))
    wanted = tuple(range(1, 5000, 2))
    with serving(runs) as server:
        found = walk(connect(server.base), RunFilter(ids=wanted), page_size=1000)
        assert all(len(request.target) <= 4000 for request in server.requests)
    assert ids_of(found) == list(range(1, 3001, 2))
    assert 3 <= len(server.requests) <= 12


def test_ids_that_are_named_twice_come_once(connect: Connect) -> None:
    with serving(Runs(10)) as server:
        found = walk(connect(server.base), RunFilter(ids=(5, 3, 5, 3)))
    assert sorted(ids_of(found)) == [3, 5]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.integers(0, 10**9), max_size=1500, unique=True),
    st.lists(st.integers(0, 10**9), max_size=800, unique=True),
)
def test_parts_are_short_enough_and_together_match_the_whole(
    ids: list[int], tasks: list[int]
) -> None:
    whole = RunFilter(ids=tuple(ids), task=tuple(tasks), tag="x y", study=5)
    parts = split(whole)
    pairs = [
        (run, task) for part in parts for run in part.ids or [-1] for task in part.task or [-1]
    ]
    assert len(pairs) == len(set(pairs)) == max(len(ids), 1) * max(len(tasks), 1)
    for part in parts:
        assert len(calls.list_runs(part, 10_000, 10**9).path) <= 4000
        assert (part.tag, part.study, part.show_errors) == ("x y", 5, True)


def test_a_filter_that_no_splitting_makes_short_enough_is_refused() -> None:
    with pytest.raises(UsageError, match="too long"):
        split(RunFilter(tag="x" * 5000))


@pytest.mark.parametrize("size", [0, 10_001])
def test_a_page_size_that_the_server_refuses_is_refused_before(connect: Connect, size: int) -> None:
    with pytest.raises(UsageError, match="10,000"):
        walk(connect("http://127.0.0.1:9/"), RunFilter(), page_size=size)


@given(st.lists(st.integers(0, 2**40)))
def test_ids_are_new_once(ids: list[int]) -> None:
    seen = Seen()
    assert [number for number in ids if seen.add(number)] == list(dict.fromkeys(ids))
    assert seen.count == len(set(ids))


def test_a_walk_holds_no_more_than_the_pages_under_way() -> None:
    """Counted: pages that were made and not yet given back, while a long walk goes on."""
    alive = most = 0
    lock = threading.Lock()

    class Counted(RunPage):
        __slots__ = ()

        def __del__(self) -> None:
            nonlocal alive
            with lock:
                alive -= 1

    class Api:
        def page(self, filter: RunFilter, limit: int | None, offset: int = 0) -> RunPage:
            nonlocal alive, most
            with lock:
                alive += 1
                most = max(most, alive)
            count = 10 if offset < 2000 else 0
            numbers = list(range(offset, offset + count))
            return Counted([numbers, *[[None] * count] * 8], limit=limit, offset=offset)

    assert sum(len(page) for page in pages(Api(), RunFilter(), page_size=10)) == 2000
    assert most <= 7


async def test_leaving_an_async_walk_cancels_what_is_under_way() -> None:
    runs = Runs(1000, delay=0.05)
    server: Server
    with serving(runs) as server:
        async with AsyncHTTPClient(server.base) as client:
            walked = pages_async(AsyncRunV1API(client), RunFilter(), page_size=10)
            async for _ in walked:
                break
            await walked.aclose()  # type: ignore[attr-defined]
            asked = len(server.requests)
            await asyncio.sleep(0.2)
            assert len(server.requests) == asked
            others = asyncio.all_tasks() - {asyncio.current_task()}
            assert not others
