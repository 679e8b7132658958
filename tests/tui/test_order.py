"""s orders all runs of a list that was read whole, and says so."""

from runbrowser.fields.filters import parse
from tests.openml.truth import listed_ids

from .counting import Counting
from .harness import browsing, current_id, main_screen, note, press, settle, shown_ids, workspace

LISTS = r"run/list/limit/\d+/task"


async def _order_by(pilot, column: str) -> None:  # type: ignore[no-untyped-def]
    await press(pilot, "s")
    order = [value for value, _, _ in main_screen(pilot).app.screen._choices]  # type: ignore[attr-defined]
    at = order.index(main_screen(pilot).selection.arrangement.sort)
    await press(pilot, *["j"] * (order.index(column) - at), "enter")
    await settle(pilot)


async def test_all_runs_of_a_task_are_ordered_and_paged_in_that_order(counted: Counting) -> None:
    oldest = sorted(listed_ids(counted.upstream, "task/9101/limit/10000/show_errors/true"))
    async with browsing(counted.v1, parse("task:9101"), page_size=20) as pilot:
        assert shown_ids(pilot) == oldest[::-1][:20]
        await press(pilot, "n")
        lists = counted.count(LISTS)
        await _order_by(pilot, "run_id")
        assert shown_ids(pilot) == oldest[:20]
        assert current_id(pilot) == oldest[0]
        assert f"by run, all {len(oldest):,} runs" in note(pilot)
        await press(pilot, "n")
        assert shown_ids(pilot) == oldest[20:40]
        assert counted.count(LISTS) == lists
        await press(pilot, "S")
        assert shown_ids(pilot) == oldest[::-1][:20]
        await _order_by(pilot, "score")
        pager = workspace(pilot).pager
        scores = [pager.facts[run_id].score for run_id in shown_ids(pilot)]
        every = [fact.score for fact in pager.facts.values() if fact.score is not None]
        assert scores == sorted(every, reverse=True)[:20]
        await press(pilot, "r")
        assert [pager.facts[run_id].score for run_id in shown_ids(pilot)] == scores
