"""Marks: one run, a range, a page, the same error, all that match; kept whatever is shown."""

from __future__ import annotations

import re

from runbrowser.demo.launch import DemoProcess
from runbrowser.fields.filters import parse
from runbrowser.models import RunFilter, RunRow
from runbrowser.triage.signatures import signature
from runbrowser.tui.marks import Marks
from runbrowser.views.arrangement import Arrangement
from tests.openml.truth import listed

from .counting import counting
from .deeds import FAILED, command, page_ids
from .harness import (
    browsing,
    current_id,
    main_screen,
    note,
    press,
    screen_text,
    shown_ids,
    status_line,
    until,
    workspace,
)


def _row(run_id: int) -> RunRow:
    return RunRow(run_id, *[None] * (len(RunRow._fields) - 1))


def _marked(text: str) -> set[int]:
    """The runs that are drawn with a mark."""
    return set(map(int, re.findall(r"●(\d{6})", text)))


def test_marks_keep_the_order_of_marking_and_count_what_is_new() -> None:
    marks = Marks()
    assert marks.toggle(_row(3))
    assert marks.add([_row(1), _row(3), _row(2)]) == 2
    assert marks.ids == [3, 1, 2]
    assert 1 in marks
    assert marks.whole([_row(1), _row(2)])
    assert not marks.whole([_row(1), _row(9)])
    assert not marks.toggle(_row(1))
    assert marks.ids == [3, 2]
    marks.remove([2, 77])
    assert [row.run_id for row in marks] == [3]
    marks.clear()
    assert len(marks) == 0


async def test_space_marks_goes_on_and_takes_back(demo: DemoProcess) -> None:
    async with browsing(demo.v1) as pilot:
        first, second, third = page_ids(pilot)[:3]
        await press(pilot, "space", "space")
        assert workspace(pilot).marks.ids == [first, second]
        assert current_id(pilot) == third
        assert _marked(screen_text(pilot)) == {first, second}
        assert "● 2 marked" in status_line(pilot)
        await press(pilot, "k", "space")
        assert workspace(pilot).marks.ids == [first]
        assert "● 1 marked" in status_line(pilot)


async def test_marks_stay_over_pages_filters_and_refreshes(demo: DemoProcess) -> None:
    async with browsing(demo.v1, page_size=10) as pilot:
        first = page_ids(pilot)
        await press(pilot, "space", "n", "space")
        second = page_ids(pilot)
        wanted = {first[0], second[0]}
        await press(pilot, "p")
        assert _marked(screen_text(pilot)) == {first[0]}
        await press(pilot, "e")
        assert set(workspace(pilot).marks.ids) == wanted
        assert "● 2 marked" in status_line(pilot)
        await press(pilot, "e", "e", "r")
        assert set(workspace(pilot).marks.ids) == wanted
        assert _marked(screen_text(pilot)) == {first[0]}


async def test_a_range_is_marked_from_either_end(demo: DemoProcess) -> None:
    async with browsing(demo.v1) as pilot:
        ids = page_ids(pilot)
        await press(pilot, "j", "v", "j", "j", "v")
        assert workspace(pilot).marks.ids == ids[1:4]
        await press(pilot, "j", "j", "j", "j", "v", "k", "k", "space")
        assert workspace(pilot).marks.ids == [*ids[1:4], *ids[5:8]]
        assert note(pilot) == "3 more marked"


async def test_esc_leaves_a_range_before_anything_else(demo: DemoProcess) -> None:
    async with browsing(demo.v1, parse("task:9101")) as pilot:
        await press(pilot, "space", "v", "escape", "j", "space")
        assert len(workspace(pilot).marks) == 2
        assert not main_screen(pilot).selection.filter.empty


async def test_a_range_does_not_run_over_the_edge_of_a_page(demo: DemoProcess) -> None:
    async with browsing(demo.v1, page_size=10) as pilot:
        await press(pilot, "v", "n", "j", "j", "v")
        assert len(workspace(pilot).marks) == 0
        assert "a range is of one page; now it begins here" in note(pilot)
        here = page_ids(pilot).index(current_id(pilot) or 0)
        await press(pilot, "j", "v")
        assert workspace(pilot).marks.ids == page_ids(pilot)[here : here + 2]


async def test_a_range_follows_its_first_run_when_the_rows_are_ordered_anew(
    demo: DemoProcess,
) -> None:
    async with browsing(demo.v1, page_size=10) as pilot:
        begun = current_id(pilot)
        await press(pilot, "v")
        main_screen(pilot).selection.arrange(Arrangement(sort="run_id", reverse=True))
        await press(pilot, "g", "v")
        ids = page_ids(pilot)
        assert ids == sorted(ids, reverse=True)
        assert workspace(pilot).marks.ids == ids[: ids.index(begun or 0) + 1]


async def test_the_page_is_marked_whole_and_then_unmarked(demo: DemoProcess) -> None:
    async with browsing(demo.v1, page_size=10) as pilot:
        await press(pilot, "space", "asterisk")
        assert set(workspace(pilot).marks.ids) == set(page_ids(pilot))
        assert "mark all" in note(pilot)
        await press(pilot, "n", "asterisk")
        assert "marked" in status_line(pilot)
        both = len(workspace(pilot).marks)
        await press(pilot, "asterisk")
        assert len(workspace(pilot).marks) == both - len(page_ids(pilot))


async def test_comma_marks_the_same_error_on_all_pages_seen(demo: DemoProcess) -> None:
    truth = {
        run_id: error for run_id, error in listed(demo.v1, "task/9101/show_errors/true") if error
    }
    async with browsing(demo.v1, parse("task:9101 state:failed"), page_size=8) as pilot:
        seen: list[int] = []
        while True:
            seen += page_ids(pilot)
            page = workspace(pilot).page
            if page is None or page.last:
                break
            await press(pilot, "n")
        assert len(seen) > 16
        by_sign: dict[str, set[int]] = {}
        for run_id in seen:
            by_sign.setdefault(signature(truth[run_id]), set()).add(run_id)
        sign = signature(truth[current_id(pilot) or 0])
        await press(pilot, "comma")
        assert set(workspace(pilot).marks.ids) == by_sign[sign]
        assert f"{len(by_sign[sign])} runs on the pages seen say this" in note(pilot)
        largest = max(by_sign, key=lambda each: len(by_sign[each]))
        assert len(by_sign[largest]) > 1
        await command(pilot, "clear_marks")
        example = next(iter(by_sign[largest]))
        while example not in page_ids(pilot):
            await press(pilot, "p")
        await press(pilot, "g", *["j"] * page_ids(pilot).index(example), "comma")
        assert set(workspace(pilot).marks.ids) == by_sign[largest]


async def test_comma_on_a_run_without_an_error_says_so(demo: DemoProcess) -> None:
    async with browsing(demo.v1, parse("task:9101 state:ok")) as pilot:
        await press(pilot, "comma")
        assert note(pilot) == "this run reported no error"
        assert len(workspace(pilot).marks) == 0


async def test_all_that_match_are_fetched_counted_and_marked(demo: DemoProcess) -> None:
    truth = {run_id for run_id, _ in listed(demo.v1, "uploader/4/show_errors/true/limit/10000")}
    async with browsing(demo.v1, parse("uploader:4"), page_size=10) as pilot:
        await command(pilot, "mark_all")
        assert set(workspace(pilot).marks.ids) == truth
        assert note(pilot) == f"{len(truth)} runs match; {len(truth)} more marked"
        assert f"● {len(truth)} marked" in status_line(pilot)
        await press(pilot, "n")
        assert _marked(screen_text(pilot)) == set(page_ids(pilot))


async def test_all_that_match_obeys_a_filter_that_only_the_rows_can_tell(
    demo: DemoProcess,
) -> None:
    every = listed(demo.v1, "uploader/2/show_errors/true/limit/10000")
    truth = {run_id for run_id, error in every if error}
    async with browsing(demo.v1, parse(FAILED), page_size=10) as pilot:
        await command(pilot, "mark_all")
        assert set(workspace(pilot).marks.ids) == truth


async def test_esc_stops_the_search_for_all_that_match_and_marks_nothing(
    demo: DemoProcess,
) -> None:
    with counting(demo.v1) as server:
        held = server.hold(r"run/list/limit/10000/")
        long = RunFilter(task_type=(1,))  # of which the first thousand rows are shown meanwhile
        async with browsing(server.v1, long, page_size=10, settled=False) as pilot:
            await until(pilot, lambda: shown_ids(pilot))
            await pilot.app.run_action("app.do('mark_all')")
            await until(pilot, lambda: server.count(r"run/list/limit/10000/") > 1)
            await until(pilot, lambda: "esc stops" in note(pilot))
            await press(pilot, "escape")
            held.set()
            await press(pilot, "j")
            assert len(workspace(pilot).marks) == 0
            assert note(pilot) == "stopped"


async def test_esc_takes_the_marks_away_before_the_filter(demo: DemoProcess) -> None:
    async with browsing(demo.v1, parse("task:9101")) as pilot:
        await press(pilot, "asterisk", "escape", "escape")
        assert len(workspace(pilot).marks) == 0
        assert not main_screen(pilot).selection.filter.empty
        await press(pilot, "escape")
        assert main_screen(pilot).selection.filter.empty


async def test_on_an_empty_page_no_key_marks_anything(demo: DemoProcess) -> None:
    async with browsing(demo.v1, parse("uploader:99")) as pilot:
        await press(pilot, "space", "v", "v", "comma", "asterisk")
        assert len(workspace(pilot).marks) == 0
        assert pilot.app.is_running
