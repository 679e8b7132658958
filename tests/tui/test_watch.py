"""Watching a page: new and changed runs appear, politely asked for, and nothing moves."""

import time
from dataclasses import replace

import httpx
import pytest

from runbrowser.fields.filters import parse
from runbrowser.models import RunRow, RunState
from runbrowser.openml.base import Facts, SourcePage
from runbrowser.tui.watch import CHANGED, NEW, Watch
from tests.openml.truth import listed_ids

from .counting import Counting, Reply
from .deeds import page_ids, waits
from .harness import browser, browsing, current_id, main_screen, note, press, settle, status_line

TASK = parse("task:9101")
NOW = time.strftime("%Y-%m-%d %H:%M:%S")


def row(run_id: int, error: str | None = None, at: str = "2026-01-01 00:00:00") -> RunRow:
    return RunRow(run_id, 1, 1, 1, 1, 1, at, error, None)


def page(*rows: RunRow, number: int = 0, last: bool = True) -> SourcePage:
    return SourcePage(rows, number, 10, last=last)


def watching(*rows: RunRow, facts: dict[int, Facts] | None = None, **how: object) -> Watch:
    watch = Watch(30)
    watch.begin(page(*rows, **how), facts or {})  # type: ignore[arg-type]
    return watch


def test_new_runs_come_after_those_that_are_there_which_keep_their_places() -> None:
    watch = watching(row(3), row(1))
    shown = watch.take_in(page(row(9, at=NOW), row(1), row(3)))
    assert [r.run_id for r in shown.rows] == [3, 1, 9]
    assert watch.signs == {9: NEW}


def test_a_run_that_only_moved_here_from_another_page_is_not_new() -> None:
    watch = watching(row(1), number=1, last=False)
    shown = watch.take_in(page(row(2), number=1, last=False))
    assert [r.run_id for r in shown.rows] == [1, 2]
    assert watch.signs == {}
    assert watch.gone == 0


def test_runs_that_are_gone_from_a_whole_list_are_counted_and_stay_in_their_places() -> None:
    watch = watching(row(1), row(2))
    assert [r.run_id for r in watch.take_in(page(row(2))).rows] == [1, 2]
    assert "1 gone" in watch.words


def test_a_row_and_a_state_that_differ_are_changes() -> None:
    watch = watching(row(1), row(2), facts={2: Facts(RunState.NOT_EVALUATED)})
    watch.take_in(page(row(1, "bad"), row(2)))
    watch.take_facts([row(2)], {2: Facts(RunState.OK, "kappa", 0.5)})
    assert watch.signs == {1: CHANGED, 2: CHANGED}
    assert watch.words.startswith("2 changed since ")


def test_what_is_first_told_of_a_run_is_no_change() -> None:
    watch = watching(row(1))
    watch.take_facts([row(1)], {1: Facts(RunState.OK)})
    assert watch.signs == {}
    assert watch.unsettled() == []


def test_after_failures_it_asks_less_often_and_as_the_server_wishes() -> None:
    watch = watching(row(1))
    assert watch.pause(local=False) == 30
    watch.failures = 3
    assert watch.pause(local=False) == 240
    assert watch.pause(local=False, retry_after=3_600) == 3_600
    watch.failures = 50
    assert watch.pause(local=False) == 900
    assert "no answer since" in watch.words


def test_a_filter_that_costs_many_requests_is_asked_about_less_often() -> None:
    assert watching(row(1)).pause(local=True) == 300


def test_the_words_change_once_a_minute_when_there_is_no_news() -> None:
    watch = watching(row(1))
    words = watch.words
    watch.answered = watch.answered - watch.answered % 60 + 59
    first = watch.words
    watch.answered -= 58
    assert watch.words == first
    assert words.startswith("nothing new since ")


async def _look(pilot) -> None:  # type: ignore[no-untyped-def]
    """What the watch does when its time has come."""
    browser(pilot).watch.poll()
    await settle(pilot)


def _list_with(v1: str, extra: str) -> Reply:
    """The server's list of the task with one more run at its front."""
    reply = httpx.get(f"{v1}run/list/limit/1000/task/9101/show_errors/true", timeout=60)
    body = reply.text.replace("<oml:run>", f"{extra}<oml:run>", 1)
    return Reply(200, "text/xml", body.encode())


RUN = f"""<oml:run><oml:run_id>990001</oml:run_id><oml:task_id>9101</oml:task_id>
<oml:task_type_id>1</oml:task_type_id><oml:setup_id>1</oml:setup_id><oml:flow_id>9201</oml:flow_id>
<oml:uploader>2</oml:uploader><oml:upload_time>{NOW}</oml:upload_time>
<oml:error_message>out of memory</oml:error_message></oml:run>"""


async def test_a_new_run_appears_marked_and_the_cursor_stays_where_it_is(counted: Counting) -> None:
    async with browsing(counted.v1, TASK) as pilot:
        before = page_ids(pilot)
        await press(pilot, "j", "j", "w")
        assert "watching this page, every 30 s" in note(pilot)
        await _look(pilot)
        assert "nothing new since" in status_line(pilot)
        counted.answer("run/list/limit/1000/task/9101", _list_with(counted.upstream, RUN))
        await _look(pilot)
        shown = main_screen(pilot).table.runs
        assert [r.run_id for r in shown][: len(before)] == before
        assert shown[-1].run_id == 990001
        assert current_id(pilot) == before[2]
        table = main_screen(pilot).table
        assert str(table.get_row_at(len(before))[0]) == "+990001"
        assert "1 new since" in status_line(pilot)
        await press(pilot, "G", "enter")
        assert main_screen(pilot).pane.run_id == 990001
        await press(pilot, "escape", "w")
        assert "since" not in status_line(pilot)
        assert note(pilot) == "no longer watching"
        assert str(table.get_row_at(len(before))[0]) == "990001"


async def test_a_failed_look_is_told_and_the_watch_goes_on(counted: Counting) -> None:
    async with browsing(counted.v1, TASK) as pilot:
        ids = page_ids(pilot)
        await press(pilot, "w")
        counted.answer("run/list/limit/1000/task/9101", Reply(500, "text/html", b""))
        await _look(pilot)
        assert note(pilot).startswith("watch: ")
        assert "Asked again in 60 s" in note(pilot)
        assert "no answer since" in status_line(pilot)
        assert page_ids(pilot) == ids
        counted.answer("run/list/limit/1000/task/9101", None)
        await _look(pilot)
        assert "nothing new since" in status_line(pilot)
        assert "no answer" not in status_line(pilot)


async def test_nothing_is_asked_before_w_nor_after_it_nor_behind_a_dialog(
    counted: Counting,
) -> None:
    async with browsing(counted.v1, TASK) as pilot:
        lists = counted.count("run/list/limit/1000/task/9101")
        await press(pilot, "w")
        await press(pilot, "question_mark")
        await _look(pilot)
        assert counted.count("run/list/limit/1000/task/9101") == lists
        await press(pilot, "escape")
        await _look(pilot)
        assert counted.count("run/list/limit/1000/task/9101/show_errors") == 2
        await press(pilot, "w")
        await _look(pilot)
        assert counted.count("run/list/limit/1000/task/9101/show_errors") == 2


@pytest.mark.parametrize(
    ("text", "most"),
    [
        ("task:9101", 3),  # the list; states that may still come: their measures, the list again
        ("task:9101 state:failed", 1),  # a state that cannot change is not asked for
        ("", 5),  # where the newest are is asked first, by two or three
    ],
)
async def test_a_look_costs_the_same_few_requests_every_time(
    text: str, most: int, counted: Counting
) -> None:
    async with browsing(counted.v1, parse(text), page_size=100) as pilot:
        await press(pilot, "w")
        costs = []
        for _ in range(3):
            before = len(counted.asked)
            await _look(pilot)
            costs.append(len(counted.asked) - before)
        assert all(1 <= cost <= most for cost in costs)


async def test_it_looks_by_itself_when_the_time_has_come(counted: Counting) -> None:
    async with browsing(counted.v1, TASK) as pilot:
        browser(pilot).watch.seconds = 0.05
        lists = counted.count("run/list/limit/1000/task/9101/show")
        await pilot.press("w")  # from now on it never rests
        await waits(pilot, lambda: counted.count("run/list/limit/1000/task/9101/show") > lists + 2)
        await pilot.press("w")
        await waits(pilot, lambda: "no longer watching" in note(pilot))


async def test_another_page_is_watched_from_what_is_on_it(counted: Counting) -> None:
    async with browsing(counted.v1, TASK) as pilot:
        await press(pilot, "w", "n")
        await _look(pilot)
        assert "nothing new since" in status_line(pilot)
        assert "page 2" in status_line(pilot)
        every = listed_ids(counted.upstream, "task/9101/limit/10000/show_errors/true")
        assert set(page_ids(pilot)) <= set(every)


def test_a_page_keeps_what_else_is_told_of_it() -> None:
    watch = watching(row(1))
    found = replace(page(row(1), row(2)), unread=3)
    assert watch.take_in(found).unread == 3
