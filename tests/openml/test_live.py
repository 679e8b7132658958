"""LiveSource against real servers: pages, searches in the rows, single runs."""

import asyncio
import re
from dataclasses import replace
from itertools import chain
from xml.dom import minidom
from xml.parsers.expat import ExpatError

import pytest

from runbrowser.client.http import AsyncHTTPClient
from runbrowser.demo import DEMO_USER_ID
from runbrowser.demo.launch import DemoProcess
from runbrowser.errors import OpenMLServerError, OpenMLServerException, UsageError
from runbrowser.fields.filters import parse
from runbrowser.models import RunFilter, RunState
from runbrowser.openml import listing
from runbrowser.openml.base import SourcePage
from runbrowser.openml.live import LiveSource
from tests.tui.counting import Counting, Reply, recorded

from .truth import get, listed, listed_ids, state

EVERY = "limit/10000/show_errors/true"


def _source(v1: str, *, user_id: int | None = None) -> LiveSource:
    return LiveSource(AsyncHTTPClient(v1, retry="none"), user_id=user_id)


def _ids(pages: list[list[int]]) -> list[int]:
    return list(chain.from_iterable(pages))


async def _filled(source: LiveSource, filter: RunFilter, number: int, size: int) -> SourcePage:
    """A page; a search that was stopped is gone on with until it has filled it."""
    while (page := await source.page(filter, number, size)).stopped:
        pass
    return page


async def _all_pages(source: LiveSource, filter: RunFilter, size: int) -> list[list[int]]:
    pages = []
    for number in range(100):
        page = await _filled(source, filter, number, size)
        assert (page.number, page.size) == (number, size)
        pages.append([row.run_id for row in page.rows])
        if page.last:
            return pages
    raise AssertionError("the last page never came")


async def test_pages_hold_every_run_once_the_newest_first(demo: DemoProcess) -> None:
    source = _source(demo.v1)
    every = sorted(listed_ids(demo.v1, EVERY), reverse=True)
    assert _ids(await _all_pages(source, RunFilter(), 500)) == every
    oldest = await source.page(RunFilter(), 0, 500, oldest_first=True)
    assert [row.run_id for row in oldest.rows] == every[::-1][:500]
    await source.close()


async def test_the_total_counts_runs_and_not_rows_that_were_sent(demo: DemoProcess) -> None:
    rows = listed(demo.v1, EVERY)
    source = _source(demo.v1)
    page = await source.page(RunFilter(), 0, 100)
    assert page.looked_at == len(rows)
    assert page.repeated == len(rows) - page.total > 0
    assert page.total == len({run_id for run_id, _ in rows})
    await source.close()


async def test_a_list_of_more_than_a_thousand_rows_is_read_whole_in_the_background(
    counted: Counting,
) -> None:
    source = _source(counted.v1)
    filter = RunFilter(task_type=(1,))
    truth = sorted(listed_ids(counted.upstream, "task_type/1/" + EVERY), reverse=True)
    assert len(truth) > 1000
    first = await source.page(filter, 0, 100)
    assert (len(first.rows), first.provisional, first.total) == (100, True, None)
    assert source.whole(filter) is None
    await source.finish(filter)
    again = await source.page(filter, 0, 100)
    assert (again.provisional, again.total, again.newest_first) == (False, len(truth), True)
    assert [row.run_id for row in again.rows] == truth[:100]
    whole = source.whole(filter)
    assert whole is not None
    assert [row.run_id for row in whole] == truth
    assert len(counted.asked) == 2
    walked = [row.run_id async for rows in source.walk(filter) for row in rows]
    assert walked == truth
    assert len(counted.asked) == 2
    await source.close()


@pytest.mark.parametrize("text", ["error~a", "state:failed", "state:ok", "state:eval-failed"])
async def test_a_list_that_was_read_whole_is_looked_through_without_being_read_again(
    text: str, counted: Counting
) -> None:
    source = _source(counted.v1)
    lists = "run/list/.*task_type"
    base = RunFilter(task_type=(1,))
    await source.page(base, 0, 100)
    await source.finish(base)
    filter = parse(f"type:1 {text}")
    asked = len(counted.asked)
    assert counted.count(lists) == 2
    await source.page(filter, 0, 50, fresh=True)
    page = await _filled(source, filter, 0, 50)
    walked = [row.run_id async for rows in source.walk(filter) for row in rows]
    assert [row.run_id for row in page.rows] == walked[:50]
    assert walked == sorted(walked, reverse=True)
    assert counted.count(lists) == 2
    if filter.state in (None, RunState.FAILED):
        assert len(counted.asked) == asked
        assert page.total == len(walked) > 50
    again = _source(counted.v1)
    assert set(walked) == {row.run_id async for rows in again.walk(filter) for row in rows}
    await again.close()
    before = counted.count(lists)  # asked for again, nothing that was read before is trusted
    if not page.stopped:
        await source.page(filter, 0, 50, fresh=True)
        assert counted.count(lists) > before
    await source.close()


async def test_the_filters_that_v1_knows_are_left_to_v1(counted: Counting) -> None:
    source = _source(counted.v1)
    page = await source.page(parse("task:9101 uploader:2"), 0, 100)
    assert page.rows
    assert {(row.task_id, row.uploader) for row in page.rows} == {(9101, 2)}
    assert counted.asked == ["run/list/limit/1000/task/9101/uploader/2/show_errors/true"]
    await source.close()


async def test_nothing_found_is_an_empty_last_page(demo: DemoProcess) -> None:
    source = _source(demo.v1)
    page = await source.page(parse("task:1"), 0, 100)
    assert (page.rows, page.last) == ((), True)
    beyond = await source.page(RunFilter(), 1000, 100)
    assert (beyond.rows, beyond.last) == ((), True)
    await source.close()


async def test_state_failed_is_looked_for_in_the_rows_of_several_server_pages(
    counted: Counting, states: dict[RunState, list[int]]
) -> None:
    source = _source(counted.v1)
    pages = await _all_pages(source, parse("state:failed"), 100)
    assert sorted(_ids(pages)) == states[RunState.FAILED]
    assert [len(page) for page in pages[:-1]] == [100] * (len(pages) - 1)
    assert len(pages) == -(-len(states[RunState.FAILED]) // 100)
    assert counted.count("run/list/limit/1000/") == 1
    assert counted.count("run/list/limit/10000/offset/1000/") == 1
    assert counted.count("run/list") == counted.count("run/list/limit/1000")
    await source.close()


@pytest.mark.parametrize("word", ["eval-failed", "ok"])
async def test_other_states_are_told_by_evaluations(
    word: str, demo: DemoProcess, states: dict[RunState, list[int]]
) -> None:
    source = _source(demo.v1)
    filter = parse(f"task:9101 state:{word}")
    wanted = {"eval-failed": RunState.EVALUATION_FAILED, "ok": RunState.OK}[word]
    on_task = set(listed_ids(demo.v1, "task/9101/show_errors/true/limit/10000"))
    pages = await _all_pages(source, filter, 200)
    assert sorted(_ids(pages)) == sorted(set(states[wanted]) & on_task)
    await source.close()


async def test_not_evaluated_runs_are_found(
    demo: DemoProcess, states: dict[RunState, list[int]]
) -> None:
    source = _source(demo.v1)
    ids = tuple(chain.from_iterable(runs[:3] for runs in states.values()))
    page = await _filled(source, RunFilter(ids=ids, state=RunState.NOT_EVALUATED), 0, 100)
    found = [row.run_id for row in page.rows]
    assert sorted(found) == sorted(states[RunState.NOT_EVALUATED][:3])
    assert {state(demo.v1, run_id) for run_id in found} == {RunState.NOT_EVALUATED}
    await source.close()


async def test_error_text_is_found_whatever_its_case(demo: DemoProcess) -> None:
    source = _source(demo.v1)
    truth = {run for run, error in listed(demo.v1, EVERY) if "valueerror" in error.lower()}
    assert truth
    for written in ("ValueError", "VALUEERROR"):
        pages = await _all_pages(source, RunFilter(error=written), 100)
        assert set(_ids(pages)) == truth
        assert len(_ids(pages)) == len(truth)
    await source.close()


async def test_going_back_in_a_search_asks_for_nothing(counted: Counting) -> None:
    source = _source(counted.v1)
    filter = parse("state:failed")
    first = await source.page(filter, 0, 50)
    second = await source.page(filter, 1, 50)
    before = len(counted.asked)
    assert await source.page(filter, 1, 50) == second
    assert len(counted.asked) == before
    assert not {row.run_id for row in first.rows} & {row.run_id for row in second.rows}
    await source.close()


async def test_a_search_stops_when_it_has_looked_long_enough_and_goes_on_when_asked(
    demo: DemoProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "FIRST", 200)
    monkeypatch.setattr(listing, "MAX_LIMIT", 200)
    monkeypatch.setattr(listing, "SEARCH_MOST", 400)
    rare = next(error for _, error in reversed(listed(demo.v1, EVERY)) if error)
    truth = {run for run, error in listed(demo.v1, EVERY) if rare.lower() in error.lower()}
    source = _source(demo.v1)
    told: list[str] = []
    page = await source.page(RunFilter(error=rare), 0, 1000, told.append)
    assert page.stopped
    assert not page.last
    assert page.looked_at == 400
    assert told == [
        f"looked at 200 runs, found {told[0].split()[-1]}",
        f"looked at 400 runs, found {len(page.rows)}",
    ]
    found, looked = {row.run_id for row in page.rows}, [page.looked_at]
    for _ in range(50):
        page = await source.page(RunFilter(error=rare), 0, 1000)
        looked.append(page.looked_at)
        if page.last:
            break
    assert page.last
    assert found <= {row.run_id for row in page.rows} == truth
    assert looked == sorted(set(looked))
    await source.close()


@pytest.mark.parametrize("text", ["state:failed", "state:ok"])
async def test_a_search_ends_where_the_last_block_is_full(
    text: str, counted: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "FIRST", 50)
    monkeypatch.setattr(listing, "MAX_LIMIT", 50)
    rows = listed(counted.v1, "task/9101/show_errors/true/limit/100")
    repeated = {run for run, _ in rows if [other for other, _ in rows].count(run) > 1}
    ids = tuple(run_id for run_id, _ in rows if run_id not in repeated)[:50]
    assert len(ids) == 50
    source = _source(counted.v1)
    filter = replace(parse(text), ids=ids)
    found = _ids(await _all_pages(source, filter, 30))
    assert found
    other = _source(counted.v1)
    assert set(found) == {row.run_id async for rows in other.walk(filter) for row in rows}
    asked = len(counted.asked)
    await _filled(source, filter, 9, 30)
    assert len(counted.asked) == asked
    await source.close()
    await other.close()


async def test_a_cancelled_search_can_be_asked_again(counted: Counting) -> None:
    source = _source(counted.v1)
    gate = counted.hold("run/list/limit/10000/offset/")
    waiting = asyncio.create_task(source.page(parse("state:failed"), 0, 1000))
    while not counted.count("run/list/limit/10000/offset/"):
        await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    gate.set()
    page = await source.page(parse("state:failed"), 0, 1000)
    truth = {run for run, error in listed(counted.v1, EVERY) if error}
    assert {row.run_id for row in page.rows} == truth
    assert counted.count("run/list/limit/1000/show") == 1  # what was found before is kept
    await source.close()


async def test_a_search_cancelled_while_states_are_asked_for_loses_no_run(
    counted: Counting,
) -> None:
    filter = parse("task:9101 state:ok")
    source = _source(counted.v1)
    gate = counted.hold("evaluation/list")
    waiting = asyncio.create_task(source.page(filter, 0, 1000))
    while not counted.count("evaluation/list"):
        await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    gate.set()
    again = await _filled(source, filter, 0, 1000)
    other = _source(counted.v1)
    assert [r.run_id for r in again.rows] == [
        r.run_id for r in (await _filled(other, filter, 0, 1000)).rows
    ]
    assert again.rows
    await source.close()
    await other.close()


async def test_asking_for_the_first_page_anew_looks_anew(counted: Counting) -> None:
    source = _source(counted.v1)
    for _ in range(2):
        await source.page(parse("state:failed"), 0, 50, fresh=True)
    assert counted.count("run/list/limit/1000/show") == 2
    await source.close()


async def test_uploader_me_is_the_user_of_the_settings(demo: DemoProcess) -> None:
    source = _source(demo.v1, user_id=DEMO_USER_ID)
    page = await source.page(parse("uploader:me"), 0, 100)
    assert {row.uploader for row in page.rows} == {DEMO_USER_ID}
    both = await source.page(parse("uploader:me,3"), 0, 1000)
    assert {row.uploader for row in both.rows} == {DEMO_USER_ID, 3}
    await source.close()


async def test_uploader_me_without_a_user_is_refused_in_words_and_asks_nothing(
    counted: Counting,
) -> None:
    source = _source(counted.v1)
    with pytest.raises(UsageError, match="user_id"):
        await source.page(parse("uploader:me"), 0, 100)
    assert counted.asked == []
    await source.close()


@pytest.mark.parametrize(
    ("case", "kind", "words"),
    [
        ("w_db_down_list", OpenMLServerException, "database"),
        ("run_list_disallowed_uri_char", OpenMLServerError, "400"),
        ("run_list_study_alias", OpenMLServerException, "Ids are whole numbers"),
    ],
)
async def test_a_refused_list_is_an_error_in_words(
    case: str, kind: type[Exception], words: str, counted: Counting
) -> None:
    counted.answer("run/list", recorded(case))
    source = _source(counted.v1)
    with pytest.raises(kind, match=words) as caught:
        await source.page(RunFilter(), 0, 100)
    assert "list runs" in str(caught.value)
    assert "<" not in str(caught.value)
    await source.close()


async def test_a_run_is_read_over_v2_when_that_is_preferred(
    demo: DemoProcess, states: dict[RunState, list[int]]
) -> None:
    source = LiveSource(AsyncHTTPClient(demo.v1), AsyncHTTPClient(demo.v2), prefer_v2=True)
    run_id = states[RunState.OK][0]
    run = await source.run(run_id)
    assert (run.run_id, run.api, run.state) == (run_id, "v2", RunState.OK)
    with pytest.raises(OpenMLServerException):
        await source.run(1)
    await source.close()


async def test_v1_is_asked_when_v2_fails_inside_and_only_then(counted: Counting) -> None:
    # what V2 says of a run without uploader (PROTOCOL 7)
    counted.answer("/v2/run/", Reply(500, "text/plain; charset=utf-8", b"Internal Server Error"))
    run_id = listed_ids(counted.v1, "limit/1/show_errors/true")[0]
    for fallback in (True, False):
        source = LiveSource(
            AsyncHTTPClient(counted.v1, retry="none"),
            AsyncHTTPClient(counted.v2, retry="none"),
            prefer_v2=True,
            fallback=fallback,
        )
        if fallback:
            run = await source.run(run_id)
            assert run.api == "v1"
            assert [words.partition(",")[0] for words in run.notices] == ["V2 failed"]
        else:
            with pytest.raises(OpenMLServerError):
                await source.run(run_id)
        await source.close()
    assert counted.count(f"run/{run_id}") == 1


@pytest.mark.parametrize("state", [state for state in RunState if state is not RunState.UNKNOWN])
async def test_a_run_has_the_same_state_over_both_apis(
    state: RunState, demo: DemoProcess, states: dict[RunState, list[int]]
) -> None:
    both = LiveSource(AsyncHTTPClient(demo.v1), AsyncHTTPClient(demo.v2), prefer_v2=True)
    alone = LiveSource(
        AsyncHTTPClient(demo.v1), AsyncHTTPClient(demo.v2), prefer_v2=True, fallback=False
    )
    for run_id in states[state][:3]:
        assert (await both.run(run_id)).state is state
        assert (await alone.run(run_id)).state in (state, RunState.UNKNOWN)
    await both.close()
    await alone.close()


async def test_a_state_that_neither_api_tells_stays_unknown_and_it_is_said(
    demo: DemoProcess, counted: Counting, states: dict[RunState, list[int]]
) -> None:
    told: list[str] = []
    source = LiveSource(
        AsyncHTTPClient(counted.v1, retry="none"),
        AsyncHTTPClient(demo.v2, retry="none"),
        prefer_v2=True,
        tell=told.append,
    )
    counted.answer("run/", recorded("w_db_down_list"))
    run = await source.run(states[RunState.EVALUATION_FAILED][0])
    assert (run.api, run.state) == ("v2", RunState.UNKNOWN)
    assert run.notices == tuple(told)
    assert told[0].startswith("V1, which knows whether the run was evaluated, failed.")
    await source.close()


async def test_every_row_of_a_page_that_is_no_xml_is_there(hostile: DemoProcess) -> None:
    ids = ",".join(map(str, range(900_001, 900_080)))
    text = get(hostile.v1, f"run/list/run/{ids}/show_errors/true")
    with pytest.raises(ExpatError):
        minidom.parseString(text)
    rows = re.findall(r"<oml:run_id>(\d+)</oml:run_id>", text)
    source = _source(hostile.v1)
    page = await source.page(parse(f"run:{ids}"), 0, 10_000)
    assert len(page.rows) + page.repeated + page.unread == len(rows)
    assert page.unread == 0
    assert {row.run_id for row in page.rows} == set(map(int, rows))
    await source.close()
